"""What runs already and is in no list: asked of an environment's own packages, when asked for."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from ..environments import environ_for, resolve
from ..errors import ClusterUnknown, DasklabError, from_wire
from ..model.record import Record
from ..model.spec import NAME
from ..registry import Registry
from . import interpreter
from .planning import LaunchRequest, dask_config

__all__ = ("Discovery", "discover", "pick", "request_for")


@dataclass(frozen=True)
class Discovery:
    """What was found.

    Parameters
    ----------
    found
        A row for each cluster that is in no list of ours: ``deployment``, ``source``, ``name``,
        ``text``, the ``options`` with which a launch attaches to it, and ``label``, what to call
        it then.
    silent
        What could not be asked.
    """

    found: tuple[dict[str, Any], ...]
    silent: tuple[DasklabError, ...]


def discover(
    environment: str | None = None,
    *,
    cwd: str | None = None,
    inherit: bool = True,
    manager: Any = None,
    registry: Registry | None = None,
) -> Discovery:
    """Ask every deployment of an environment, and what its packages know of; takes some seconds.

    Parameters
    ----------
    environment
        Kernelspec or interpreter; this one by default.
    cwd
        Folder to look for scheduler files in; the current one by default.
    inherit
        Whether this process's Dask configuration counts (a kernel's, not a server's).
    manager
        A KernelSpecManager to find environments with.
    registry
        Whose clusters are known already; the user's by default.

    Raises
    ------
    DasklabError
        The environment cannot be asked at all.
    """
    registry = registry or Registry()
    resolved, variables = resolve(environment, manager)
    answer = interpreter.ask(
        resolved,
        {
            "mode": "discover",
            "registry": str(registry.folder),
            "cwd": cwd or os.getcwd(),
            "config": dask_config() if inherit and environment is None else {},
        },
        environ_for(resolved, variables),
    )
    live = [record for record in registry.records()[0] if not record.phase.ended]
    taken = {record.name for record in live}
    found = [
        {**row, "label": _label(row, taken)}
        for row in answer["found"]
        if not any(_is(record, row) for record in live)
    ]
    return Discovery(tuple(found), tuple(from_wire(error) for error in answer["silent"]))


def _label(row: dict[str, Any], taken: set[str]) -> str | None:
    """What to call it here: what it is, and the beginning of its name there."""
    label = f"{row['deployment']}-{str(row['name'])[:12]}".rstrip("-._")
    return label if NAME.fullmatch(label) and label not in taken else None


def _is(record: Record, row: dict[str, Any]) -> bool:
    """Whether a record is of the cluster that was found."""
    address = (record.scheduler or {}).get("address")
    if address and row.get("address"):
        return bool(address == row["address"])
    return record.deployment == row["deployment"] and (
        record.options == row["options"] or row["name"] in record.checkpoint.values()
    )


def pick(rows: tuple[dict[str, Any], ...], name: str) -> dict[str, Any]:
    """The cluster of that name, or the only one whose name begins so.

    Raises
    ------
    ClusterUnknown
    """
    exact = [row for row in rows if row["name"] == name]
    near = exact or [row for row in rows if len(name) >= 4 and row["name"].startswith(name)]
    if len(near) == 1:
        return near[0]
    several = ", ".join(str(row["name"])[:60] for row in near[:5])
    raise ClusterUnknown(
        f"There are several clusters {name[:60]!r}: {several}."
        if near
        else f"Nothing that runs is called {name[:60]!r}.",
        "See %dask list and %dask discover for what there is.",
    )


def request_for(row: dict[str, Any], environment: str | None = None, **more: Any) -> LaunchRequest:
    """The launch that attaches to a cluster that was found.

    Parameters
    ----------
    row
        One of :attr:`Discovery.found`.
    more
        Other fields of the request.
    """
    return LaunchRequest(
        deployment=row["deployment"],
        name=row["label"],
        environment=environment,
        options=dict(row["options"]),
        **more,
    )
