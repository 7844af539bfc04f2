"""The history of a cluster, in its host: columns that grow in blocks, up to a configured size.

Filled with a collector's answers, read by views (``views``), windows (``levels``) and questions
for keys. A row has a number for the life of the history; the oldest blocks go when there are too
many rows, and the number of the first that is left says how many are gone. Totals stay exact.

Must not: run on a scheduler's loop, know of sockets, need anything but the standard library.
"""

from __future__ import annotations

import json
import math
import time
import uuid
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from .keys import Keys
from .ring import short
from .tables import CLUSTER, TASKS, TRANSFERS, WORKERS, Table

__all__ = ("BLOCK_SPAN", "Block", "Dictionary", "History", "Rows", "Settings", "printable")

BLOCK_SPAN = 512.0
"""Seconds of a block's first start within which the others of it lie: a start is a float of four
bytes after it, exact to 0.03 ms then."""

SECONDS_AHEAD = 1.0
"""How far in the future a start may lie before it is taken for a worker's wrong clock."""

EVENTS = 10_000
"""Events that are kept."""

GONE = 500
"""Groups that are remembered though the scheduler has forgotten them, and prefixes that it tells
apart no more."""


@dataclass(frozen=True)
class Settings:
    """How much is kept; the section ``dasklab.telemetry`` of Dask's configuration."""

    enabled: bool = True
    tasks: int = 1_000_000
    """Rows of ``tasks``."""
    samples: int = 500_000
    """Rows of ``workers``, of ``cluster`` and of ``transfers``: a day of three workers."""
    keys: int = 16_000_000
    """Bytes of (compressed) keys."""
    age: float | None = None
    """Seconds after which rows go, also while there is room."""
    after: bool = True
    """Whether the history is kept in a file when the cluster has ended."""


@dataclass
class Block:
    """Some rows that lie together."""

    first: int
    base: float
    columns: list[array[Any]] = field(default_factory=list)
    low: float = math.inf
    """No row begins before (epoch s)."""
    high: float = -math.inf
    """No row ends after."""

    def __len__(self) -> int:
        return len(self.columns[0])


class Rows:
    """The rows of one table.

    Parameters
    ----------
    most
        Rows that are kept.
    """

    def __init__(self, table: Table, most: int, block: int = 32_768) -> None:
        self.table = table
        self.blocks: list[Block] = []
        self.end = 0
        """The number that the next row will have: how many there have been."""
        self._most = max(most, 1)
        self._block = max(min(block, most // 8), 64)

    @property
    def first(self) -> int:
        """The number of the oldest row that is left: how many are gone."""
        return self.blocks[0].first if self.blocks else self.end

    def __len__(self) -> int:
        return self.end - self.first

    def add(self, columns: list[Any], base: float = 0.0) -> None:
        """Add rows: one buffer or list a column; those of ``tasks`` start at ``base``."""
        count, done = len(columns[0]), 0
        while done < count:
            block = self._open(base)
            some = min(self._block - len(block), count - done)
            part = [values[done : done + some] for values in columns]
            for column, values in zip(block.columns, part, strict=True):
                column.extend(values)
            longest = max(part[1]) if self.table is TASKS else 0.0
            block.low = min(block.low, base + min(part[0]))
            block.high = max(block.high, base + max(part[0]) + longest)
            done += some
            self.end += some
            while len(self) > self._most and len(self.blocks) > 1:
                del self.blocks[0]

    def expire(self, before: float) -> None:
        """Drop the blocks of which everything had ended by then; never the one that is open."""
        while len(self.blocks) > 1 and self.blocks[0].high < before:
            del self.blocks[0]

    def _open(self, base: float) -> Block:
        """The block that rows are added to."""
        last = self.blocks[-1] if self.blocks else None
        if last is None or len(last) >= self._block or last.base != base:
            last = Block(self.end, base, [array(column.code) for column in self.table.columns])
            self.blocks.append(last)
        return last

    def find(self, cursor: int, limit: int) -> tuple[int, Block | None, int, int]:
        """Rows from a number on that lie in one block: number, block, begin, end."""
        cursor = min(max(cursor, self.first), self.end)
        for block in reversed(self.blocks):
            if block.first <= cursor < block.first + len(block):
                begin = cursor - block.first
                return cursor, block, begin, min(len(block), begin + limit)
        return cursor, None, 0, 0

    def __iter__(self) -> Iterator[Block]:
        return iter(list(self.blocks))


class Dictionary:
    """Names that rows refer to by number."""

    def __init__(self) -> None:
        self.items: list[dict[str, Any]] = []
        self.sizes: list[int] = []
        self.numbers: dict[Any, int] = {}

    def add(self, item: dict[str, Any]) -> int:
        """Add an entry, or find the same one."""
        key = tuple(item.values())
        found = self.numbers.get(key)
        if found is None:
            found = self.numbers[key] = min(len(self.items), 65_535)
            if len(self.items) < 65_536:
                self.items.append(item)
                self.sizes.append(len(json.dumps(item)))
        return found


class History:
    """What is known of one cluster's life."""

    def __init__(self, settings: Settings | None = None) -> None:
        settings = settings or Settings()
        self.run = uuid.uuid4().hex
        self.tasks = Rows(TASKS, settings.tasks)
        self.workers = Rows(WORKERS, settings.samples, 4_096)
        self.cluster = Rows(CLUSTER, settings.samples, 4_096)
        self.transfers = Rows(TRANSFERS, settings.samples, 4_096)
        self.keys = Keys(settings.keys)
        self.dictionaries = {name: Dictionary() for name in ("lanes", "kinds", "workers")}
        self.totals: dict[str, Any] = {}
        self.progress: dict[str, tuple[int, dict[str, Any] | None]] = {}
        """By prefix: the number of the change that it came with, and how it stands; of one that is
        told apart no more, nothing but that."""
        self.groups: dict[str, tuple[int, dict[str, Any] | None]] = {}
        """The same by group; of one that the scheduler has forgotten, nothing but that."""
        self.groups_forgotten = 0
        """The last change that is known no more: who has not seen it begins anew with groups."""
        self.changes = 0
        self.events: list[dict[str, Any]] = []
        self.events_first = 0
        self.end: dict[str, Any] | None = None
        self._since: dict[str, Any] | None = None
        self._maps: dict[str, list[int]] = {}
        self._same: dict[str, bool] = {}
        self._lost = 0
        self._age = settings.age
        self.changed = False
        """Whether the last answer had anything new."""
        self._base = -math.inf
        self._before: dict[str, Any] = {}

    @property
    def since(self) -> dict[str, Any] | None:
        """Where the next answer is to go on."""
        return self._since

    @property
    def tables(self) -> dict[str, Rows]:
        """All of them, by name."""
        rows = (self.tasks, self.workers, self.cluster, self.transfers)
        return {each.table.name: each for each in rows}

    @property
    def span(self) -> tuple[float, float]:
        """From when to when there are tasks, in epoch seconds; now where there are none."""
        now = time.time()
        lows = [block.low for block in self.tasks]
        return min(lows, default=now), max((block.high for block in self.tasks), default=now)

    # -- what comes in -----------------------------------------------------------------------
    def take(self, answer: dict[str, Any]) -> bool:
        """Take in a collector's answer; whether there is more to fetch at once."""
        if self._since is None or self._since["id"] != answer["id"]:
            self._begin()
        before = self.version
        for name, items in answer["names"].items():
            known = self._maps[name]
            for item in items:
                number = self.dictionaries[name].add({k: printable(v) for k, v in item.items()})
                self._same[name] &= number == len(known)
                known.append(number)
        lost = answer["first"] - int((self._since or {}).get("tasks", 0))
        if self._since is not None and lost > 0:
            self._lost += lost
            self.note(
                time.time(), "rows-lost", f"{lost} rows were overwritten before they were read."
            )
        self._take_tasks(bytes(answer["rows"]), short(answer["keys"]), float(answer["time"]))
        for columns, row in answer["samples"]:
            self._take_sample(columns, row)
        self._take_transfers(answer.get("transfers") or ())
        for event in answer["events"]:
            self.note(**event)
        self._take_progress(answer["progress"])
        self._take_groups(answer.get("groups", {}))
        if self._age is not None:
            for rows in self.tables.values():
                rows.expire(float(answer["time"]) - self._age)
        totals = {
            name: value + self._before.get(name, 0) for name, value in answer["totals"].items()
        }  # exact, whatever has become of the rows
        totals["lost"] = self._lost
        if totals != self.totals:
            self.totals = totals
            self.changes += 1
        self._since = dict(answer["next"])
        self.changed = self.version != before
        return bool(answer["more"])

    @property
    def version(self) -> tuple[int, ...]:
        """Differs when there is something new."""
        names = (len(found.items) for found in self.dictionaries.values())
        ends = (rows.end for rows in self.tables.values())
        return (self.changes, self.events_first + len(self.events), *ends, *names)

    def _begin(self) -> None:
        """A collector that has not been heard of before: it counts from nothing."""
        self._maps = {name: [] for name in self.dictionaries}
        self._same = dict.fromkeys(self.dictionaries, True)
        self._before = dict(self.totals)
        self._since = None

    def _take_tasks(self, rows: bytes, keys: list[str], now: float) -> None:
        if not keys:
            return
        view = memoryview(rows)
        floats, shorts = view.cast("f"), view.cast("H")
        starts = array("d", view.cast("d")[0::3].tobytes())
        durations, nbytes = array("f", floats[2::6].tobytes()), array("f", floats[3::6].tobytes())
        lanes, kinds = array("H", shorts[8::12].tobytes()), array("H", shorts[9::12].tobytes())
        what = array("B", view[20::24].tobytes())
        lanes, kinds = self._translate("lanes", lanes), self._translate("kinds", kinds)
        low, high = min(starts), max(starts)
        if not (math.isfinite(sum(starts)) and low > 0 and high <= now + SECONDS_AHEAD):
            # A worker's clock is wrong.
            pairs = zip(starts, durations, strict=True)
            starts = array("d", [_sound(start, took, now) for start, took in pairs])
            low, high = min(starts), max(starts)
        if abs(high - self._base) > BLOCK_SPAN:
            # Rows come about in the order of their ends. What began long before its neighbours
            # lies before the base, and lasted so long that nobody misses the microseconds.
            self._base = math.floor(max(low, high - BLOCK_SPAN / 2))
        base = self._base
        relative = array("f", [start - base for start in starts])
        self.tasks.add([relative, durations, nbytes, lanes, kinds, what], base)
        self.keys.add(keys)

    def _translate(self, name: str, numbers: array[int]) -> array[int]:
        """The collector's numbers in ours: the same, unless another one was there before."""
        if self._same[name]:
            return numbers
        known = self._maps[name]
        return array("H", [known[number] for number in numbers])

    def _take_sample(self, columns: list[bytes], row: list[Any]) -> None:
        arrays: list[Any] = []
        for column, data in zip(WORKERS.columns, columns, strict=True):
            values = array(column.code)
            values.frombytes(bytes(data))
            arrays.append(values)
        arrays[1] = self._translate("workers", arrays[1])
        self.workers.add(arrays)
        fits = [
            [max(int(value), 0) if column.code in "HI" else float(value)]
            for column, value in zip(CLUSTER.columns, row, strict=True)
        ]
        self.cluster.add(fits)

    def _take_transfers(self, rows: Sequence[Sequence[Any]]) -> None:
        if not rows:
            return
        columns: list[Any] = [
            array(column.code, values)
            for column, values in zip(TRANSFERS.columns, zip(*rows, strict=True), strict=True)
        ]
        for place in (1, 2):
            columns[place] = self._translate("workers", columns[place])
        self.transfers.add(columns)

    def _take_progress(self, progress: dict[str, dict[str, Any]]) -> None:
        """Prefixes make room for others; those that did are remembered until readers were told."""
        if not progress:
            return  # nobody has counted yet
        found: dict[str, dict[str, Any] | None] = {
            printable(name): dict(entry) for name, entry in progress.items()
        }
        gone = {name: None for name in self.progress if name not in found}
        changed = {
            name: entry
            for name, entry in {**found, **gone}.items()
            if name not in self.progress or self.progress[name][1] != entry
        }
        if changed:
            self.changes += 1
            self.progress.update({name: (self.changes, entry) for name, entry in changed.items()})
        if len(gone) > GONE:
            for name in gone:
                del self.progress[name]

    def _take_groups(self, groups: dict[str, dict[str, Any]]) -> None:
        """Groups come and go; those that are gone are remembered until every reader was told."""
        found: dict[str, dict[str, Any] | None] = {
            printable(name): {key: printable(value) for key, value in entry.items()}
            for name, entry in groups.items()
        }
        gone = {name: None for name in self.groups if name not in found}
        changed = {
            name: entry
            for name, entry in {**found, **gone}.items()
            if name not in self.groups or self.groups[name][1] != entry
        }
        if changed:
            self.changes += 1
            self.groups.update({name: (self.changes, entry) for name, entry in changed.items()})
        if len(gone) > GONE:
            for name in gone:
                change, _ = self.groups.pop(name)
                self.groups_forgotten = max(self.groups_forgotten, change)

    def note(self, time: float, kind: str, text: str, worker: str | None = None) -> None:
        """Add an event."""
        event: dict[str, Any] = {"time": time, "kind": kind, "text": printable(text)}
        if worker is not None:
            event["worker"] = printable(worker)
        self.events.append(event)
        if len(self.events) > EVENTS:
            del self.events[: EVENTS // 10]
            self.events_first += EVENTS // 10

    def finish(self, phase: str, reason: str) -> None:
        """Say that nothing more will come."""
        self.end = {"phase": phase, "reason": reason}
        self.changes += 1


def printable(value: Any) -> Any:
    """Text without what would not be seen or would turn the rest around; anything else as it is."""
    if not isinstance(value, str) or value.isprintable():
        return value
    return "".join(letter if letter.isprintable() else " " for letter in value)


def _sound(start: float, took: float, now: float) -> float:
    """A start that can be true: what is told now has ended by now."""
    if not 0 < start < now + SECONDS_AHEAD:
        return now - took
    return start
