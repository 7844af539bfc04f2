"""A view: one reader's way through a history, frame by frame.

First all there is (or all since where the reader was before), then what is new; for who wants to
see the end of a long history at once, that first. A view holds nothing but numbers: whoever reads
slowly costs no memory, and finds everything that the history still has when it comes back. Making
a frame is a few copies of memory, never on a scheduler's loop.
"""

from __future__ import annotations

import math
import time
from typing import Any

from .frames import FRAME_ROWS, encode
from .history import Block, History, Rows

__all__ = ("PARTS", "Hello", "View", "read_hello")

NAMES_BYTES = 400_000
"""Bytes of JSON for names in one frame: a frame is to stay below a megabyte."""

EVENTS_AT_ONCE = 500
"""Events of one frame."""

SAMPLES_AT_ONCE = 8_192
"""Rows of samples in one frame."""

RECENT_ROWS = 200_000
"""Most rows that come before what is older: a page puts those behind it once more."""

TABLES = ("tasks", "workers", "cluster", "transfers")
PARTS = (*TABLES, "progress", "groups", "events")


class Hello:
    """What a reader wants.

    Parameters
    ----------
    tables
        Of :data:`PARTS`.
    since
        Where it was: ``run``, the number of the next row by table, ``events``, ``dictionaries``.
    seconds
        How far back the first frames go, where it comes for the first time.
    recent
        So many seconds first, where it comes for the first time, and then what is older.
    """

    def __init__(
        self,
        tables: tuple[str, ...] = PARTS,
        since: dict[str, Any] | None = None,
        seconds: float | None = None,
        recent: float | None = None,
    ) -> None:
        self.tables = tables
        self.since = since
        self.seconds = seconds
        self.recent = recent


def read_hello(data: Any) -> Hello:
    """From a message.

    Raises
    ------
    ValueError
        It is none.
    """
    if not isinstance(data, dict):
        raise ValueError("A hello is an object.")
    names = data.get("tables") or PARTS
    if not isinstance(names, (list, tuple)) or not all(isinstance(name, str) for name in names):
        raise ValueError("tables is not a list of names.")
    since = data.get("since")
    if since is not None and not isinstance(since, dict):
        raise ValueError("since is not an object.")
    seconds, recent = _seconds(data, "seconds"), _seconds(data, "recent")
    return Hello(tuple(name for name in PARTS if name in names), since, seconds, recent)


def _seconds(data: dict[str, Any], name: str) -> float | None:
    value = data.get(name)
    if value is not None and not (
        isinstance(value, (int, float)) and math.isfinite(value) and value >= 0
    ):
        raise ValueError(f"{name} is not a number from 0.")
    return value


def _count(value: Any) -> int:
    """A number that a reader sent."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError("since has something else than whole numbers from 0.")
    return value


class View:
    """Frames for one reader.

    Parameters
    ----------
    run
        What the history is called, where it is not itself.
    left
        When the history was left by its host (epoch s), if it was: that is its present.

    Raises
    ------
    ValueError
        ``hello.since`` is not what a reader may say.
    """

    def __init__(
        self, history: History, hello: Hello, *, run: str | None = None, left: float | None = None
    ) -> None:
        self._history = history
        self._run = run or history.run
        self._left = left
        self._tables = hello.tables
        self._seq = 0
        self._snapshot = True
        self._version: Any = None
        self._change = 0
        self._ended = False
        self._older: dict[str, tuple[int, int]] = {}
        """By table, from which row to which one it goes on, behind all that is newer."""
        since = hello.since if (hello.since or {}).get("run") == history.run else None
        if since is not None:
            names = since.get("dictionaries") or {}
            self._cursors = {name: _count(since.get(name, 0)) for name in TABLES}
            self._names = {name: _count(names.get(name, 0)) for name in history.dictionaries}
            self._events = _count(since.get("events", 0))
            self._snapshot = False
        else:
            self._cursors = dict.fromkeys(TABLES, 0)
            self._names = dict.fromkeys(history.dictionaries, 0)
            self._events = 0
            if hello.seconds is not None:
                self._go_back(hello.seconds)
            elif hello.recent is not None:
                self._go_back(hello.recent)
                for name in hello.tables:
                    if name in TABLES:
                        self._leave_older(name)

    def _go_back(self, seconds: float) -> None:
        """Begin with the first block that reaches into the last seconds."""
        horizon = self._now() - seconds
        for name in TABLES:
            rows = self._history.tables[name]
            for block in rows:
                if block.high >= horizon:
                    self._cursors[name] = block.first
                    break
            else:
                self._cursors[name] = rows.end

    def _leave_older(self, name: str) -> None:
        rows = self._history.tables[name]
        begin = self._cursors[name] = max(self._cursors[name], rows.end - RECENT_ROWS)
        if begin > rows.first:
            self._older[name] = (0, begin)

    def _now(self) -> float:
        return time.time() if self._left is None else self._left

    @property
    def ended(self) -> bool:
        """Whether the last frame has been made."""
        return self._ended

    def next(self) -> bytes | None:
        """The next frame; ``None`` when there is nothing new."""
        history = self._history
        version = (history.version, history.end is not None)
        if (version == self._version and not self._older) or self._ended:
            return None
        header: dict[str, Any] = {
            "run": self._run,
            "seq": self._seq,
            "time": self._now(),
            "snapshot": self._snapshot,
        }
        names, behind = self._new_names()
        header["dictionaries"] = names
        header["events"] = []
        tables: dict[str, Any] = {}
        header["tables"] = {}
        more = behind
        if not behind:
            for name in TABLES:
                if name in self._tables:
                    more |= self._new_rows(name, header["tables"], tables)
            more |= self._new_events(header)
        header["more"] = more
        if self._older:
            if not more:
                self._add_older(header["tables"], tables)
            header["older"] = {name: end for name, (_, end) in self._older.items()}
        header["totals"] = history.totals
        header["progress"], header["groups"] = self._new_progress() if not more else ({}, None)
        left = more or bool(self._older)
        header["end"] = None if left else history.end
        if not more:
            self._version = version
            self._snapshot = False
        self._ended = not left and history.end is not None
        self._seq += 1
        return encode(header, tables)

    def _new_names(self) -> tuple[dict[str, Any], bool]:
        found: dict[str, Any] = {}
        room = NAMES_BYTES
        behind = False
        for name, dictionary in self._history.dictionaries.items():
            begin = end = min(self._names[name], len(dictionary.items))
            while end < len(dictionary.items) and room > 0:
                room -= dictionary.sizes[end]
                end += 1
            if end > begin or self._seq == 0:
                found[name] = {"from": begin, "items": dictionary.items[begin:end]}
            self._names[name] = end
            behind |= end < len(dictionary.items)
        return found, behind

    def _new_rows(self, name: str, entries: dict[str, Any], tables: dict[str, Any]) -> bool:
        """Add the next rows of one table; whether there are more."""
        rows = self._history.tables[name]
        cursor, block, begin, end = rows.find(self._cursors[name], _limit(name))
        gone = max(cursor - self._cursors[name], 0)
        if block is None and not gone and self._seq:
            return False
        _put(name, rows, (cursor, block, begin, end), entries, tables)
        self._cursors[name] = cursor + end - begin
        return self._cursors[name] < rows.end

    def _add_older(self, entries: dict[str, Any], tables: dict[str, Any]) -> None:
        """Add older rows of the tables of which there are no new ones."""
        for name, (begin_at, end_at) in list(self._older.items()):
            if entries.get(name, {}).get("rows"):
                continue
            rows = self._history.tables[name]
            cursor, block, begin, end = rows.find(begin_at, _limit(name))
            end = min(end, begin + end_at - cursor)
            if block is None or end <= begin:  # they have gone meanwhile
                del self._older[name]
                continue
            _put(name, rows, (cursor, block, begin, end), entries, tables)
            self._older[name] = (cursor + end - begin, end_at)
            if self._older[name][0] >= end_at:
                del self._older[name]

    def _new_events(self, header: dict[str, Any]) -> bool:
        history = self._history
        if "events" not in self._tables:
            return False
        begin = max(self._events, history.events_first)
        place = begin - history.events_first
        header["events"] = history.events[place : place + EVENTS_AT_ONCE]
        header["events_from"] = begin
        self._events = begin + len(header["events"])
        return self._events < history.events_first + len(history.events)

    def _new_progress(self) -> tuple[dict[str, Any], dict[str, Any] | None]:
        """How prefixes and groups stand, where that has changed.

        Groups that are gone are null; after ``whole`` there are no others than these.
        """
        history = self._history
        before, self._change = self._change, history.changes
        prefixes, groups = {}, None
        if "progress" in self._tables:
            prefixes = {name: how for name, (at, how) in history.progress.items() if at > before}
        if "groups" in self._tables:
            whole = before <= history.groups_forgotten
            items = {
                name: how
                for name, (at, how) in history.groups.items()
                if (how is not None if whole else at > before)
            }
            if whole or items:
                groups = {"whole": whole, "items": items}
        return prefixes, groups


def _limit(name: str) -> int:
    """Rows of a table in one frame."""
    return FRAME_ROWS if name == "tasks" else SAMPLES_AT_ONCE


def _put(
    name: str,
    rows: Rows,
    found: tuple[int, Block | None, int, int],
    entries: dict[str, Any],
    tables: dict[str, Any],
) -> None:
    """Into a frame: rows of one block, as they were found; an entry also where there are none."""
    cursor, block, begin, end = found
    entries[name] = {"rows": end - begin, "cursor": cursor, "dropped": rows.first}
    if name == "tasks":
        entries[name]["base"] = block.base if block is not None else 0.0
    # Copied here: the history goes on growing, and an array that is looked at must not.
    columns = block.columns if block is not None else [()] * len(rows.table.columns)
    tables[name] = [column[begin:end] or b"" for column in columns]
