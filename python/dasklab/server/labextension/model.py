"""dask-labextension's picture of a cluster, and what its requests mean. Pure functions."""

from __future__ import annotations

from typing import Any

from ...errors import WorkersInvalid
from ..state import Wire

__all__ = ("cluster_model", "format_bytes", "is_shown", "wanted_of")

UNITS = (("PiB", 50), ("TiB", 40), ("GiB", 30), ("MiB", 20), ("kiB", 10))


def format_bytes(count: int) -> str:
    """As :func:`dask.utils.format_bytes`, which would bring Dask into the server."""
    for unit, power in UNITS:
        if count >= 2**power * 0.9:
            return f"{count / 2**power:.2f} {unit}"
    return f"{count} B"


def is_shown(wire: Wire) -> bool:
    """Whether it is one that can be connected to: its programs expect no other in the list."""
    address = (wire.get("scheduler") or {}).get("address")
    return bool(address) and wire["phase"] in ("waiting", "running", "stopping")


def cluster_model(wire: Wire, dashboard: str) -> dict[str, Any]:
    """The model of one cluster.

    Parameters
    ----------
    wire
        The cluster's JSON.
    dashboard
        Path of its dashboard on this server. Its own has the scheduler's address there, which
        leads nowhere for who is not on this machine.
    """
    workers = wire["workers"]
    model = {
        "id": wire["id"],
        "name": wire["name"],
        "scheduler_address": str((wire.get("scheduler") or {}).get("address") or ""),
        "dashboard_link": dashboard if "dashboard" in wire.get("can", ()) else "",
        "workers": int(workers.get("running") or 0),
        "memory": format_bytes(int((wire.get("memory") or {}).get("limit") or 0)),
        "cores": int(wire.get("cores") or 0),
    }
    if workers.get("maximum") is not None:
        model["adapt"] = {"minimum": workers["minimum"], "maximum": workers["maximum"]}
    return model


def wanted_of(data: dict[str, Any]) -> object:
    """The workers that a PATCH asks for: a range if ``adapt`` is there, else a number.

    Raises
    ------
    WorkersInvalid
        Neither is, or it is text. Other bad numbers are refused with all others.
    """
    adapt = data.get("adapt")
    if adapt is None:
        if "workers" not in data:
            raise WorkersInvalid(
                "Neither workers nor adapt is given.",
                'Send {"workers": 2} or {"adapt": {"minimum": 1, "maximum": 8}}.',
            )
        return _number("workers", data["workers"])
    if not isinstance(adapt, dict) or not {"minimum", "maximum"} <= adapt.keys():
        raise WorkersInvalid(
            "adapt is not a minimum and a maximum.", 'Send {"adapt": {"minimum": 1, "maximum": 8}}.'
        )
    return {name: _number(name, adapt[name]) for name in ("minimum", "maximum")}


def _number(name: str, value: object) -> object:
    if isinstance(value, str | list | dict):
        kind = {str: "text", list: "a list", dict: "an object"}[type(value)]
        raise WorkersInvalid(f"{name} is {kind}, not a number.", "Send a whole number such as 4.")
    return value
