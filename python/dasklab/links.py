"""Links to dashboards that work where the notebook is read, under any prefix.

A kernel does not know the address in the user's browser, only (if at all) the path under which
its Jupyter server is served. So links are path-absolute: ``/user/ada/dasklab/dashboard/ID/status``
reaches the proxy of our server extension from any page of that server.

Imports nothing heavy: it is there from ``%load_ext dasklab`` on.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from .imports import after_import

if TYPE_CHECKING:
    from types import ModuleType

    from .model.record import Record
    from .registry import Registry

__all__ = (
    "base_url",
    "dashboard_path",
    "direct_link",
    "install_dask_links",
    "link_for",
    "record_at",
)

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1", "[::1]"})


def base_url(environ: Mapping[str, str] | None = None) -> str | None:
    """The path under which this kernel's Jupyter server is served, ``/`` at both ends.

    ``DASKLAB_BASE_URL`` (our server extension sets it for its kernels) says it for certain; else a
    hub's prefix; else what the server that started this kernel wrote into Jupyter's runtime
    folder. ``None`` where there is no server: a terminal, a script, VS Code.
    """
    environ = os.environ if environ is None else environ
    for name in ("DASKLAB_BASE_URL", "JUPYTERHUB_SERVICE_PREFIX"):
        if environ.get(name):
            return _tidy(environ[name])
    parent = environ.get("JPY_PARENT_PID", "")
    if not parent.isdigit():
        return None
    try:
        from jupyter_core.paths import jupyter_runtime_dir

        file = Path(jupyter_runtime_dir()) / f"jpserver-{parent}.json"
        return _tidy(str(json.loads(file.read_bytes())["base_url"]))
    except (ImportError, OSError, ValueError, KeyError, TypeError):
        return None


def _tidy(path: str) -> str:
    # One slash at the front: "//host/" would lead to another machine.
    inner = re.sub(r"/+", "/", path.strip()).strip("/")
    return f"/{quote(inner, safe='/%@~:+,')}/" if inner else "/"


def dashboard_path(base: str, cluster_id: str, page: str = "status") -> str:
    """The path of a cluster's dashboard page on the Jupyter server."""
    return f"{base}dasklab/dashboard/{quote(cluster_id, safe='')}/{quote(page, safe='/')}"


def direct_link(record: Record, page: str = "status") -> str | None:
    """The dashboard's own address: for terminals on the machine it runs on."""
    place = record.dashboard
    if place is None or record.phase.ended:
        return None
    return f"{place.scheme}://{place.host}:{place.port}/{quote(page, safe='/')}"


# -- Dask's own reprs -----------------------------------------------------------------------------
_registry: Registry | None = None


def link_for(host: str, port: int | str, base: str | None = None) -> str | None:
    """The proxied link to the live cluster whose dashboard listens there, if it is in the list.

    Parameters
    ----------
    host, port
        Where Dask thinks that the dashboard is.
    base
        The server's base URL; this process's by default.
    """
    global _registry
    base = base_url() if base is None else base
    if base is None:
        return None
    if _registry is None:
        from .registry import Registry

        _registry = Registry()
    record = record_at(host, port, _registry)
    return None if record is None else dashboard_path(base, record.id)


def record_at(host: str, port: int | str, registry: Registry) -> Record | None:
    """The live cluster whose dashboard listens there, if it is in the list."""
    for record in registry.records()[0]:
        place = record.dashboard
        if place is None or record.phase.ended or str(place.port) != str(port):
            continue
        address = str((record.scheduler or {}).get("address", ""))
        ours = {place.host, address.partition("://")[2].rpartition(":")[0]}
        if host in ours or (host in LOOPBACK and ours & LOOPBACK):
            return record
    return None


class _Link(str):
    """The value of ``distributed.dashboard.link``: Dask's template, that knows our clusters.

    It stays text for all who only read it: written as JSON or pickled it is the plain template,
    because the configuration travels to workers that may not have dasklab.
    """

    def format(self, *args: Any, **values: Any) -> str:
        found = None
        with contextlib.suppress(Exception):  # a repr must not fail for a link's sake
            found = link_for(str(values.get("host", "")), values.get("port", ""))
        return found if found is not None else super().format(*args, **values)

    def __reduce__(self) -> tuple[Any, ...]:
        return (str, (str.__str__(self),))


def install_dask_links() -> None:
    """Have Dask's own reprs link through the proxy, as soon as distributed is there."""
    after_import("distributed", _install)


def _install(_module: ModuleType) -> None:
    import dask.config

    template = dask.config.get("distributed.dashboard.link", None)
    if isinstance(template, str) and not isinstance(template, _Link) and base_url() is not None:
        dask.config.set({"distributed.dashboard.link": _Link(template)})
