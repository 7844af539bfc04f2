"""A history out of the frames that a host has left: what a cluster that has ended is read from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from .frames import decode
from .history import History, Settings

__all__ = ("restore",)

EVERYTHING = 2**53
"""Rows: what was kept is kept."""


def restore(frames: Iterable[bytes]) -> tuple[History, float]:
    """The history, and when it was left (epoch s); 0 where there are no frames.

    Raises
    ------
    FrameInvalid, KeyError
        Something else than frames that a host makes.
    """
    history = History(replace(Settings(), tasks=EVERYTHING, samples=EVERYTHING))
    left = 0.0
    for frame in frames:
        header, tables = decode(frame)
        history.run, left = str(header["run"]), float(header["time"])
        for name, found in header.get("dictionaries", {}).items():
            for item in found["items"]:
                history.dictionaries[name].add(item)
        for name, columns in tables.items():
            entry, rows = header["tables"][name], history.tables[name]
            if not rows.blocks:
                rows.end = int(entry["cursor"])
            if entry["rows"]:
                rows.add(list(columns.values()), float(entry.get("base", 0.0)))
        if not history.events:
            history.events_first = int(header.get("events_from", 0))
        history.events += header.get("events", [])
        history.totals = header.get("totals") or history.totals
        history.changes = 1
        history.progress |= {name: (1, how) for name, how in header.get("progress", {}).items()}
        groups = (header.get("groups") or {}).get("items", {})
        history.groups |= {name: (1, how) for name, how in groups.items()}
        history.end = header.get("end")
    return history, left
