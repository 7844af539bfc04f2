"""The rows of finished tasks, in the scheduler, at the least cost that a transition can have.

Shipped by value to schedulers that do not have dasklab: standard library only, and no module of
ours but those beside it that travel with it (see ``collector``). What happens in
:meth:`Ring.transition` happens seven times a task, on the loop that everybody waits for. Between
two tasks a scheduler does so much else that whatever runs then runs on cold caches, and costs a
multiple of what it does in a loop: so the end of a task is only put aside, as one tuple, and the
rows of some hundred are made together (in a loop, each by one ``struct.pack_into``; columns made at
once by ``array`` and ``zip`` were not quicker). ``benchmarks/telemetry.py`` has what it comes to.
"""

from __future__ import annotations

import struct
import time
from collections.abc import Callable, Hashable
from typing import Any

__all__ = ("KEY_LIMIT", "NAMES_LIMIT", "ROW", "ROWS", "Names", "Ring", "short", "text_of")

ROW = "<dffHHBxxx"
"""A row in the ring: start (epoch s), duration, nbytes, lane, kind, what. 24 bytes."""

ROWS = 2**15
"""Rows that are kept for whoever collects, once a second or oftener: three seconds of a scheduler's
10,000 tasks a second. 0.8 MB, and a pointer a row to its key; a larger one is cold whenever it is
written to, and costs half a microsecond more a task."""

AT_ONCE = 256
"""Rows that are put aside until there are so many, or somebody asks: what is held of them meanwhile
stays in a processor's own cache."""

KEY_LIMIT = 200
"""Characters that are kept of a key or name, which may have a million."""

NAMES_LIMIT = 65_000
"""Most entries of a dictionary: rows have 16 bits for it. All further ones share the last."""

GROUPS_LIMIT = 200
"""Groups that are told apart below one prefix and cell: some programs make one for each task."""

FAILURES_LIMIT = 1_000
"""Failures that are told as events; all are counted."""

INTERRUPTED_LIMIT = 100_000
"""Tasks remembered as having been on a worker without a result."""

ACTIONS = {"compute": 0, "transfer": 1, "disk-read": 2, "disk-write": 3, "deserialize": 4}
OTHER, ERRED, RETRIED, LAST = 5, 16, 32, 64  # as in tables.py, which does not travel


def text_of(value: Any, limit: int = KEY_LIMIT) -> str:
    """A key or name as text of bounded length."""
    if not isinstance(value, str):
        # Of a tuple only the beginning is written out: its parts may be as long as they like.
        value = (
            f"({', '.join(text_of(part, limit) for part in value[:8])})"
            if isinstance(value, tuple)
            else str(value)
        )
    return value if len(value) <= limit else f"{value[: limit - 1]}…"


def short(keys: list[Any]) -> list[str]:
    """Keys as texts of bounded length; most are already."""
    return [key if type(key) is str and len(key) <= KEY_LIMIT else text_of(key) for key in keys]


class Names:
    """A dictionary of what rows name by number, which only grows.

    Parameters
    ----------
    other
        The entry that stands for all for which there is no room.
    """

    def __init__(self, other: dict[str, Any], limit: int = NAMES_LIMIT) -> None:
        self.items: list[dict[str, Any]] = []
        self.limit = limit
        self._numbers: dict[Hashable, int] = {}
        self._other = other

    def number(self, key: Hashable, make: Callable[[], dict[str, Any]]) -> int:
        """The number of an entry, made when it is new."""
        found = self._numbers.get(key)
        if found is not None:
            return found
        if len(self.items) >= self.limit - 1:
            if len(self.items) < self.limit:
                self.items.append(self._other)
            return self.limit - 1
        self._numbers[key] = len(self.items)
        self.items.append(make())
        return len(self.items) - 1


class Ring:
    """Rows of finished tasks, the dictionaries they refer to, and exact totals.

    Parameters
    ----------
    scheduler
        Whose tasks they are.
    tell
        Adds an event: kind and text.
    rows
        A power of two.
    """

    def __init__(self, scheduler: Any, tell: Callable[..., None], rows: int = ROWS) -> None:
        self._scheduler = scheduler
        self._tell = tell
        self.rows = rows
        self.lanes = Names({"worker": "", "thread": 0, "name": "other threads"})
        self.kinds = Names({"prefix": "other tasks", "group": None, "span": None, "cell": None})
        self.seconds = [0.0] * 6
        """Spent, by action."""
        self.erred = 0
        """Tasks that failed."""
        self.retried = 0
        """Tasks that had been on a worker before, without a result."""
        self.interrupted: set[Any] = set()
        self._interrupted_at = 1
        self._unplaced = 0
        self._placed = 0
        self._nbytes = 0
        self._row = 0
        self._fresh: list[tuple[Any, ...]] = []
        self.names: dict[str, str] = {}
        """Of the workers that there are, by address."""
        self._groups: dict[Hashable, int] = {}
        self._kind_of: dict[Any, int] = {}
        self._prune_at = 1_000
        self._lane_of: dict[Any, int] = {}
        self._threads: dict[str, int] = {}
        self._row_of = struct.Struct(ROW)
        self._buffer = bytearray(rows * self._row_of.size)
        self._keys: list[Any] = [None] * rows
        self.transition = self._make()

    # -- the hot path ------------------------------------------------------------------------
    def _make(self) -> Callable[..., None]:
        """The plugin's ``transition``: a closure, with everything bound."""
        tasks, fresh, aside, write = self._scheduler.tasks, self._fresh, self._aside, self.write
        put = fresh.append

        def transition(
            key: Any,
            start: str,
            finish: str,
            /,
            stimulus_id: Any = None,
            worker: Any = None,
            thread: Any = None,
            startstops: Any = None,
            nbytes: Any = 0,
            # Not used, but named: for what has no name Python makes an entry of a dictionary.
            metadata: Any = None,
            typename: Any = None,
            type: Any = None,
            **more: Any,
        ) -> None:
            if start != "processing":
                return  # six of seven end here
            if finish == "memory":
                if not startstops:
                    return
                what = LAST
            else:
                write()  # what ended before this knows nothing of it
                what = aside(key, finish, worker, more)
                if what < 0:
                    return
                nbytes = 0
                startstops = startstops or _instant()
            task = tasks[key]
            notes = task.annotations
            cell = notes.get("dasklab_cell") if notes else None
            # Nothing that holds the task: the user's data may hang on it. And not ``startstops``:
            # for lists and dictionaries that live on Python takes new memory the next time.
            if len(startstops) == 1:  # as a rule: nothing had to be fetched
                step = startstops[0]
                begin, end, action = step["start"], step["stop"], step["action"]
                put((key, task.group, cell, worker, thread, begin, end, nbytes, what, action))
            else:
                last = startstops[-1]
                for step in startstops:
                    begin, end, action = step["start"], step["stop"], step["action"]
                    which = what if step is last else what & ~LAST
                    put((key, task.group, cell, worker, thread, begin, end, nbytes, which, action))
            if len(fresh) >= AT_ONCE:
                write()

        return transition

    def write(self) -> None:
        """Make the rows of the tasks that were put aside."""
        if not self._fresh:
            return
        pack, width = self._row_of.pack_into, self._row_of.size
        buffer, keys, mask, row = self._buffer, self._keys, self.rows - 1, self._row
        lane_of, kind_of, interrupted = self._lane_of, self._kind_of, self.interrupted
        actions, seconds = ACTIONS, self.seconds
        entries = self._fresh[:]
        self._fresh.clear()
        placed = size = 0
        for key, group, cell, worker, thread, begin, end, nbytes, what, step in entries:
            try:
                kind_key = group if cell is None else (group, str(cell))
                try:
                    kind = kind_of[kind_key]
                except KeyError:
                    kind = self._new_kind(kind_key)
                try:
                    lane = lane_of[worker, thread]
                except KeyError:
                    lane = self._new_lane(worker, thread)
                action = actions.get(step, OTHER)
                took = end - begin
                if not 0.0 <= took < 1e9:
                    took = 0.0  # a clock that was put back meanwhile
                again = RETRIED if interrupted and key in interrupted else 0
                held = 0.0 if action else nbytes or 0
                place = (row & mask) * width
                pack(buffer, place, begin, took, held, lane, kind, what | action | again)
                if what & LAST:
                    size += nbytes or 0
                    placed += 1
            except (TypeError, ValueError, ArithmeticError, struct.error):
                continue  # a worker said what Dask's do not: the others have their rows
            keys[row & mask] = key
            row += 1
            seconds[action] += took
            if again and what & LAST:
                interrupted.discard(key)
                self.retried += 1
        self._row = row
        self._placed += placed
        self._nbytes += size

    def _aside(self, key: Any, finish: str, worker: Any, more: dict[str, Any]) -> int:
        """What seldom happens: a task leaves a worker without a result. -1: no row for it."""
        if finish != "erred":
            if finish in ("waiting", "released", "queued", "no-worker"):
                if len(self.interrupted) >= INTERRUPTED_LIMIT:
                    self.interrupted.clear()
                self.interrupted.add(key)
            return -1
        self.erred += 1
        if self.erred <= FAILURES_LIMIT:
            why = more.get("exception_text")
            if not why:
                why = "it was on workers that died, too often" if not worker else "it failed"
            self._tell("failure", f"{text_of(key, 100)}: {text_of(why)}", worker)
        if not worker:  # no worker computed it: there is no row to draw
            self._unplaced += 1
            return -1
        return ERRED | LAST

    def _new_lane(self, worker: Any, thread: Any) -> int:
        address = text_of(worker)
        if len(self._lane_of) >= 4 * NAMES_LIMIT:
            self._lane_of.clear()

        def make() -> dict[str, Any]:
            number = self._threads.get(address, 0)
            self._threads[address] = number + 1
            return {"worker": address, "thread": number, "name": self.names.get(worker, address)}

        number = self._lane_of[worker, thread] = self.lanes.number((worker, thread), make)
        return number

    def _new_kind(self, key: Any) -> int:
        group, cell = key if isinstance(key, tuple) else (key, None)
        span, from_span = self._span(group)
        cell = text_of(cell) if cell is not None else from_span
        prefix, name = text_of(group.prefix.name), text_of(group.name)
        family = (prefix, span, cell)
        entry: dict[str, Any] = {"prefix": prefix, "group": name, "span": span, "cell": cell}
        if self._groups.get(family, 0) >= GROUPS_LIMIT:
            entry["group"] = None
        before = len(self.kinds.items)
        number = self.kinds.number(tuple(entry.values()), lambda: entry)
        if len(self.kinds.items) > before and len(self._groups) < NAMES_LIMIT:
            self._groups[family] = self._groups.get(family, 0) + 1
        self._kind_of[key] = number
        return number

    def _span(self, group: Any) -> tuple[str | None, str | None]:
        """The span that a group of tasks belongs to, and the notebook cell that its tags name."""
        found = (self._scheduler.extensions.get("spans"), getattr(group, "span_id", None))
        if found[0] is None or found[1] is None:
            return None, None
        span = found[0].spans.get(found[1])
        tags = [str(tag) for tag in span.name] if span is not None else []
        cells = [tag[5:] for tag in tags if tag.startswith("cell:")]
        rest = [tag for tag in tags if not tag.startswith("cell:")]
        if rest == ["default"]:
            rest = []
        return text_of("/".join(rest)) if rest else None, text_of(cells[-1]) if cells else None

    @property
    def ended(self) -> int:
        """Tasks that have ended."""
        self.write()
        return self._placed + self._unplaced

    @property
    def nbytes(self) -> int:
        """Bytes of all results."""
        self.write()
        return self._nbytes

    def left(self, worker: str) -> None:
        """A worker is gone, and its name is needed no more."""
        self.write()
        self.names.pop(worker, None)

    # -- what is read ------------------------------------------------------------------------
    def news(self, cursor: int) -> bool:
        """Whether there is anything from a number on; from any thread."""
        return bool(self._fresh) or cursor != self._row

    def read(self, cursor: int, limit: int) -> tuple[int, bytes, list[Any]]:
        """Rows from a number on: the number of the first that is still here, rows, their keys.

        The keys are the scheduler's own objects; see :func:`short`.
        """
        self.write()
        size, end = self._row_of.size, self._row
        first = min(max(cursor, end - self.rows, 0), end)
        last = min(end, first + limit)
        begin, stop = first % self.rows, first % self.rows + (last - first)
        view = memoryview(self._buffer)
        data, keys = b"", []
        for low, high in ((begin, min(stop, self.rows)), (0, stop - self.rows)):
            if low < high:
                data += view[low * size : high * size]
                keys += self._keys[low:high]
        self._prune()
        return first, data, keys

    def _prune(self) -> None:
        """Let go of groups and tasks that the scheduler has forgotten."""
        if self.interrupted and len(self.interrupted) >= self._interrupted_at:
            tasks = self._scheduler.tasks
            self.interrupted.difference_update([k for k in self.interrupted if k not in tasks])
            # Few are looked through each time: a key that comes again is another task.
            self._interrupted_at = max(1, 2 * len(self.interrupted) - 1_000)
        if len(self._kind_of) < self._prune_at:
            return
        alive = self._scheduler.task_groups
        gone = [
            key
            for key in self._kind_of
            if (group := key[0] if isinstance(key, tuple) else key) is not alive.get(group.name)
        ]
        for key in gone:
            del self._kind_of[key]
        self._prune_at = max(1_000, 2 * len(self._kind_of))


def _instant() -> list[dict[str, Any]]:
    """For a task that failed before anything of it could be measured."""
    now = time.time()
    return [{"action": "compute", "start": now, "stop": now}]
