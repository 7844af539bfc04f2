"""What dask-labextension was configured to do, read for whoever comes from it.

Its section of Dask's configuration, ``labextension``, says how a cluster is made (``factory``), how
many workers it gets (``default``) and which clusters are there from the beginning (``initial``).
Here that becomes a profile and requests to launch. Nothing is judged: what is wrong in it is said
by the launch, in the words that everything else gets.
"""

from __future__ import annotations

import os
import re
import site
import sys
import uuid
from collections import Counter
from pathlib import Path
from typing import Any

from .errors import InputError

__all__ = ("PROFILE", "configured", "initial", "launch_fields", "profiles")

PROFILE = "labextension"
"""The profile that stands for its factory and its default number of workers."""

PLAIN = ("dask.distributed", "distributed")
"""Modules of the LocalCluster that it makes when nothing is configured."""

NAMESPACE = uuid.UUID("5c9b0d0e-5a0b-4a57-8f0e-0d4f3f1c6b11")
"""Namespace of the ids of initial clusters."""


SECTION = re.compile(rb"""^[\s{,"']*labextension["']?\s*:""", re.MULTILINE)


def configured() -> bool:
    """Whether there may be something of it in Dask's configuration, found without importing Dask.

    A server looks at each start: the import would take longer than everything else it does.
    """
    if any(name.upper().startswith("DASK_LABEXTENSION__") for name in os.environ):
        return True
    if "dask.config" in sys.modules:
        return bool(sys.modules["dask.config"].get("labextension", None))
    return any(_mentions(file) for folder in _folders() for file in _files(folder))


def _folders() -> list[Path]:
    """Where Dask looks for its configuration (its documentation lists these)."""
    prefixes = [Path(prefix, "etc", "dask") for prefix in (sys.prefix, *site.PREFIXES)]
    found = [Path(os.environ.get("DASK_ROOT_CONFIG", "/etc/dask")), *prefixes]
    found.append(Path.home() / ".config" / "dask")
    if "DASK_CONFIG" in os.environ:
        found.append(Path(os.environ["DASK_CONFIG"]))
    return found


def _files(folder: Path) -> list[Path]:
    try:
        inside = sorted(folder.iterdir()) if folder.is_dir() else [folder]
    except OSError:
        return []
    return [file for file in inside if file.suffix.lower() in (".yaml", ".yml", ".json")]


def _mentions(file: Path) -> bool:
    """Whether a file has the section; the one that dask-labextension itself writes has comments."""
    try:
        return SECTION.search(file.read_bytes()) is not None
    except OSError:
        return False


def _section() -> dict[str, Any]:
    import dask.config

    found = dask.config.get("labextension", None) or {}
    if not isinstance(found, dict):
        raise InputError(
            "labextension is not a section in Dask's configuration.",
            "Write it as dask-labextension's documentation shows, or remove it.",
        )
    return found


def _part(name: str) -> dict[str, Any]:
    found = _section().get(name) or {}
    if not isinstance(found, dict):
        raise InputError(
            f"labextension.{name} is not a section in Dask's configuration.",
            "Write it as dask-labextension's documentation shows, or remove it.",
        )
    return found


def profiles() -> dict[str, dict[str, Any]]:
    """The profile that its factory and its default amount to; empty where nothing is configured.

    Raises
    ------
    InputError
        The configuration has something else where a section should be.
    """
    factory, workers = _part("factory"), _workers(_part("default"))
    module, name = factory.get("module", PLAIN[0]), factory.get("class", "LocalCluster")
    options = {
        "cluster_class": f"{module}:{name}",
        **({"args": factory["args"]} if factory.get("args") else {}),
        **({"kwargs": factory["kwargs"]} if factory.get("kwargs") else {}),
    }
    if module in PLAIN and name == "LocalCluster" and len(options) == 1:
        profile = {"deployment": "local", "workers": workers}
        return {} if workers is None else {PROFILE: profile}
    return {PROFILE: {"deployment": "class", "options": options, "workers": workers}}


def _workers(configuration: dict[str, Any]) -> object:
    """A number or a range; ``None`` leaves it to the class. How often Adaptive looks is ours."""
    adapt = configuration.get("adapt")
    if adapt is None:
        return configuration.get("workers")
    if not isinstance(adapt, dict):
        return adapt
    return {name: adapt[name] for name in ("minimum", "maximum") if name in adapt}


def launch_fields(configuration: dict[str, Any]) -> dict[str, Any]:
    """What to launch for one of its cluster configurations.

    Parameters
    ----------
    configuration
        ``name``, ``workers`` and ``adapt``, as in ``labextension.initial``.

    Raises
    ------
    InputError
    """
    fields: dict[str, Any] = {"deployment": PROFILE if PROFILE in profiles() else "local"}
    workers = _workers(configuration)
    if workers is not None:
        fields["workers"] = workers
    # Its names are any text, ours can stand in a command line: "My Big Cluster", My-Big-Cluster.
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", str(configuration.get("name") or "")).strip("-._")
    if name:
        fields["name"] = name[:60]
    return fields


def initial() -> list[dict[str, Any] | InputError]:
    """What to launch when a server starts, each with an id of its own; or why one cannot be.

    The ids are the same at each start: the clusters outlive the server.

    Raises
    ------
    InputError
    """
    entries = _section().get("initial") or []
    if not isinstance(entries, list | tuple):
        raise InputError(
            "labextension.initial is not a list in Dask's configuration.",
            'Write it as - name: "My Big Cluster", with workers or adapt beneath.',
        )
    found: list[dict[str, Any] | InputError] = []
    seen: Counter[str] = Counter()
    for number, entry in enumerate(entries, 1):
        if not isinstance(entry, dict):
            found.append(
                InputError(
                    f"Entry {number} of labextension.initial is {str(entry)[:40]!r}.",
                    'Write it as - name: "My Big Cluster", with workers or adapt beneath.',
                )
            )
            continue
        fields = launch_fields(entry)
        name = str(fields.get("name", ""))
        seen[name] += 1
        fields["id"] = uuid.uuid5(NAMESPACE, f"{name}/{seen[name]}").hex
        if name and seen[name] > 1:
            fields["name"] = f"{name}-{seen[name]}"
        found.append(fields)
    return found
