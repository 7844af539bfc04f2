"""Telemetry for programs: frames put together to columns, and to DataFrames where pandas is.

Columns are dicts of lists. Times are epoch seconds in columns and UTC timestamps in DataFrames.
"""

from __future__ import annotations

import importlib.util
from array import array
from collections.abc import Iterable, Mapping
from typing import Any

from ..telemetry.frames import decode
from ..telemetry.tables import ACTIONS, ERRED, RETRIED, STATUSES, TABLES

__all__ = ("Tables", "frame_of", "gather")

NAMES = {"lanes": ("name", "worker", "thread"), "kinds": ("prefix", "group", "span", "cell")}

STATES = (
    "released",
    "waiting",
    "processing",
    "queued",
    "memory",
    "erred",
    "no_worker",
    "forgotten",
)
"""Of tasks, as telemetry calls them."""


class Tables:
    """What some frames say, put together."""

    def __init__(self) -> None:
        self.columns: dict[str, dict[str, Any]] = {
            name: {column: array("d" if column == "start" else code) for column, code in pairs}
            for name, table in TABLES.items()
            if (pairs := [(column.name, column.code) for column in table.columns])
        }
        self.names: dict[str, list[dict[str, Any]]] = {"lanes": [], "kinds": [], "workers": []}
        self.events: list[dict[str, Any]] = []
        self.totals: dict[str, Any] = {}
        self.progress: dict[str, dict[str, Any]] = {}
        self.groups: dict[str, dict[str, Any]] = {}
        self.end: dict[str, Any] | None = None
        self.cursor: int | None = None
        """The number of the first row of tasks."""
        self.header: dict[str, Any] = {}
        self.next: dict[str, int] = {}
        """By table, the number of the row that would come next."""

    def add(self, frame: bytes) -> dict[str, Any]:
        """Take in one frame; its header."""
        return self.take(*decode(frame))

    def take(self, header: dict[str, Any], tables: Mapping[str, Any]) -> dict[str, Any]:
        """The same of a frame that has been decoded."""
        for name, found in header.get("dictionaries", {}).items():
            self.names[name][found["from"] :] = found["items"]
        for name, columns in tables.items():
            entry = header["tables"][name]
            for column, values in columns.items():
                if column == "start":
                    base = float(entry["base"])
                    values = array("d", [base + value for value in values])
                self.columns[name][column].extend(values)
            if name == "tasks" and self.cursor is None:
                self.cursor = int(entry["cursor"])
            self.next[name] = int(entry["cursor"]) + int(entry["rows"])
        self.events += header.get("events", [])
        if "events_from" in header:
            self.next["events"] = int(header["events_from"]) + len(header["events"])
        self.totals = header.get("totals") or self.totals
        _merge(self.progress, header.get("progress") or {})
        groups = header.get("groups") or {}
        if groups.get("whole"):
            self.groups.clear()
        _merge(self.groups, groups.get("items") or {})
        self.end = header.get("end")
        self.header = header
        return header

    def place(self) -> dict[str, Any] | None:
        """Where a stream is to go on; ``None`` where nothing has come yet."""
        if not self.header:
            return None
        names = {name: len(items) for name, items in self.names.items()}
        return {"run": self.header["run"], **self.next, "dictionaries": names}

    def tasks(self, since: float, until: float) -> dict[str, list[Any]]:
        """Rows that reach into a time, with what they refer to written out."""
        found = self.columns["tasks"]
        starts, durations = found["start"], found["duration"]
        chosen = [
            place
            for place, (start, took) in enumerate(zip(starts, durations, strict=True))
            if start <= until and start + took >= since
        ]
        first = self.cursor or 0
        columns: dict[str, list[Any]] = {
            "row": [first + place for place in chosen],
            "start": [starts[place] for place in chosen],
            "duration": [durations[place] for place in chosen],
            "action": [ACTIONS[min(found["what"][place] & 15, 5)] for place in chosen],
        }
        for index, table in (("kind", "kinds"), ("lane", "lanes")):
            for name in NAMES[table]:
                texts = [item[name] for item in self.names[table]]
                columns[name] = [texts[found[index][place]] for place in chosen]
        columns["nbytes"] = [int(found["nbytes"][place]) for place in chosen]
        columns["erred"] = [bool(found["what"][place] & ERRED) for place in chosen]
        columns["retried"] = [bool(found["what"][place] & RETRIED) for place in chosen]
        return columns

    def samples(self, table: str, since: float, until: float) -> dict[str, list[Any]]:
        """Rows of ``workers``, ``cluster`` or ``transfers`` of a time."""
        found = self.columns[table]
        chosen = [place for place, at in enumerate(found["time"]) if since <= at <= until]
        columns = {name: [values[place] for place in chosen] for name, values in found.items()}
        if table == "workers":
            people = self.names["workers"]
            columns["name"] = [people[number]["name"] for number in columns["worker"]]
            columns["limit"] = [people[number]["limit"] for number in columns["worker"]]
            columns["worker"] = [people[number]["address"] for number in columns["worker"]]
            columns["status"] = [STATUSES[number] for number in columns["status"]]
        if table == "transfers":
            people = self.names["workers"]
            for column in ("sender", "receiver"):
                numbers = columns[column]
                columns[f"{column}_name"] = [people[number]["name"] for number in numbers]
                columns[column] = [people[number]["address"] for number in numbers]
            columns["nbytes"] = [int(value) for value in columns["nbytes"]]
        return columns

    def standing(self, by: str) -> dict[str, list[Any]]:
        """How many tasks of each ``prefix`` or ``group`` are in which state."""
        items = self.groups if by == "group" else self.progress
        columns: dict[str, list[Any]] = {
            "name": list(items),
            "prefix": [entry.get("prefix", name) for name, entry in items.items()],
        }
        for state in STATES:
            columns[state] = [int(entry.get(state) or 0) for entry in items.values()]
        columns["duration"] = [entry.get("duration") for entry in items.values()]
        return columns


def _merge(into: dict[str, dict[str, Any]], items: dict[str, dict[str, Any] | None]) -> None:
    """Take over what has changed; what is gone is null."""
    for name, entry in items.items():
        if entry is None:
            into.pop(name, None)
        else:
            into[name] = entry


def gather(frames: Iterable[bytes]) -> Tables:
    """Put frames together."""
    tables = Tables()
    for frame in frames:
        tables.add(frame)
    return tables


def frame_of(columns: dict[str, list[Any]]) -> Any:
    """A DataFrame where pandas is installed, else the columns as they are."""
    if importlib.util.find_spec("pandas") is None:
        return columns
    import pandas as pd

    frame = pd.DataFrame(columns)
    for name in ("time", "start"):
        if name in frame:
            frame[name] = pd.to_datetime(frame[name], unit="s", utc=True)
    return frame
