"""dasklab: Dask clusters as part of the notebook.

Public names only, each imported when it is first used: ``%load_ext dasklab``, and hosts that run
this package by path, pay for nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .client import (
        AsyncCluster,
        Cluster,
        FoundCluster,
        clusters,
        connect,
        discover,
        find,
        launch,
        launch_async,
        profiles,
        remove_profile,
        save_profile,
    )
    from .errors import DasklabError
    from .host.notebook import publish
    from .widgets import progress
    from .widgets.reporting import report

__all__ = (
    "AsyncCluster",
    "Cluster",
    "DasklabError",
    "FoundCluster",
    "__version__",
    "clusters",
    "connect",
    "discover",
    "find",
    "launch",
    "launch_async",
    "load_ipython_extension",
    "profiles",
    "progress",
    "publish",
    "remove_profile",
    "report",
    "save_profile",
    "unload_ipython_extension",
)

_HOMES = {
    "AsyncCluster": "client",
    "Cluster": "client",
    "DasklabError": "errors",
    "FoundCluster": "client",
    "clusters": "client",
    "connect": "client",
    "discover": "client",
    "find": "client",
    "launch": "client",
    "launch_async": "client",
    "profiles": "client",
    "progress": "widgets",
    "publish": "host.notebook",
    "remove_profile": "client",
    "report": "widgets.reporting",
    "save_profile": "client",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        from importlib import import_module

        value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
        globals()[name] = value
        return value
    if name == "__version__":
        try:
            from ._version import __version__  # type: ignore[import-not-found,unused-ignore]
        except ImportError:  # run from a checkout that was never built
            return "0"
        return __version__
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)


def load_ipython_extension(shell: Any) -> None:
    """``%load_ext dasklab``: the ``%dask`` magic, and clusters of plain Dask code in the list."""
    from .imports import after_import
    from .magics import register

    register(shell)
    after_import("distributed", _watch_plain_dask)


def unload_ipython_extension(shell: Any) -> None:
    """``%unload_ext dasklab``: tasks are named after cells no longer."""
    from .magics import unregister

    unregister(shell)


def _watch_plain_dask(_module: object) -> None:
    from .host.plain import watch_plain_dask

    watch_plain_dask()


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    """Where ``jupyter labextension develop`` finds the built front end, seen from this package."""
    return [{"src": "../../labextension/dist", "dest": "dasklab"}]


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    """The server extension."""
    from .server import _jupyter_server_extension_points as points

    return points()
