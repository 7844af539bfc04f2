"""Looking at workers, in the scheduler: only at what heartbeats brought, without a message.

Shipped by value with ``collector``: standard library only, no module of ours but those beside it.
"""

from __future__ import annotations

import itertools
import math
import time
from array import array
from collections.abc import Callable
from typing import Any

from .ring import Names, text_of
from .transfers import Transfers

__all__ = ("GROUPS", "PREFIXES", "Sampler")

PREFIXES = 200
"""Prefixes whose progress is told apart: those with tasks that are not done with, then the newest.
Tasks of further ones are counted together."""

GROUPS = 200
"""Groups, the newest ones, whose progress is told; one is gone when its tasks are forgotten."""

SHARE = 50
"""A look that took a millisecond is not repeated for fifty: the scheduler has better to do."""

WORKER_CODES = "dHfffffffffffHHB"
"""Types of the columns of ``workers``, as in tables.py, which does not travel."""

STATES = {
    "released": "released",
    "waiting": "waiting",
    "processing": "processing",
    "queued": "queued",
    "memory": "memory",
    "erred": "erred",
    "no-worker": "no_worker",
    "forgotten": "forgotten",
}

LIVE = ("processing", "waiting", "queued", "no-worker", "memory", "erred")
"""States of tasks that somebody may be waiting for, or looking at."""


def interval(workers: int) -> float:
    """Seconds between samples: those between a worker's heartbeats, as Dask sets them."""
    if workers <= 10:
        return 0.5
    if workers < 50:
        return 1.0
    if workers < 200:
        return 2.0
    return workers / 200 + 1


def number(value: Any) -> float:
    """A measured number, 0 where there is none."""
    return float(value) if isinstance(value, (int, float)) and math.isfinite(value) else 0.0


def whole(value: Any, most: int = 65_535) -> int:
    """A count that fits."""
    return int(min(max(number(value), 0), most))


class Sampler:
    """Samples the workers, the cluster, and the progress of prefixes and groups.

    Parameters
    ----------
    tell
        Adds an event: kind, text, worker.
    transfers
        Takes what heartbeats say of transfers.
    """

    def __init__(self, scheduler: Any, tell: Callable[..., None], transfers: Transfers) -> None:
        self._scheduler = scheduler
        self._tell = tell
        self._transfers = transfers
        self.workers = Names(
            {"address": "", "name": "other workers", "host": "", "threads": 0, "limit": 0}
        )
        self.progress: dict[str, dict[str, Any]] = {}
        self.groups: dict[str, dict[str, Any]] = {}
        self._sums = dict.fromkeys(STATES.values(), 0)
        self._next = self._pause = 0.0
        self._ran = -1
        self._counted = -1
        self._count_next = 0.0
        self._seen: dict[str, Any] = {}
        self._calmest: dict[str, float] = {}
        self._status: dict[str, int] = {}
        self._spilled: dict[str, float] = {}

    def due(self, now: float) -> bool:
        """Whether it is time for a sample; while nothing runs, half as often is enough."""
        idle = self._scheduler.transition_counter == self._ran
        return now >= (self._next + self._pause if idle else self._next)

    def sample(self) -> tuple[list[bytes], list[Any]]:
        """Columns of ``workers``, as bytes, and a row of ``cluster``."""
        began = time.perf_counter()
        now = time.time()
        scheduler = self._scheduler
        states = list(scheduler.workers.values())
        columns = [array(code) for code in WORKER_CODES]
        sums = [0.0] * 6  # used, limit, managed, unmanaged, spilled, cpu
        processing = 0
        for state in states:
            memory, metrics = _memory(state), state.metrics
            for place, value in enumerate((*memory[:2], memory[4], memory[3])):
                sums[(0, 2, 3, 4)[place]] += value
            sums[1] += number(state.memory_limit)
            sums[5] += number(metrics.get("cpu")) / 100
            processing += len(state.processing)
            if self._seen.get(state.address) != state.last_seen:
                self._seen[state.address] = state.last_seen
                self._worker(state, memory, now, columns)
        for address in self._seen.keys() - scheduler.workers.keys():
            for known in (self._seen, self._calmest, self._status, self._spilled):
                known.pop(address, None)
        self._transfers.forget(scheduler.workers)
        lag = self._lag("", getattr(scheduler, "_tick_interval_observed", 0.0))
        counted = self._sums
        row = [
            now,
            processing,
            counted["waiting"],
            len(getattr(scheduler, "queued", ())),
            len(scheduler.unrunnable),
            counted["memory"],
            counted["erred"],
            number(scheduler.total_occupancy),
            whole(len(states)),
            whole(sum(state.nthreads for state in states)),
            *sums,
            lag,
        ]
        took = time.perf_counter() - began
        self._ran = scheduler.transition_counter
        self._pause = max(interval(len(states)), SHARE * took)
        self._next = time.monotonic() + self._pause
        return [column.tobytes() for column in columns], row

    def _worker(self, state: Any, memory: list[float], now: float, columns: list[Any]) -> None:
        """Add the row of one worker; say what has become of it."""
        metrics, address = state.metrics, state.address
        tasks = metrics.get("task_counts") or metrics
        network = metrics.get("host_net_io") or {}
        disk = metrics.get("host_disk_io") or {}
        gil = metrics.get("gil_contention")
        status = _status(state)
        values = (
            now,
            self.workers.number(address, lambda: _person(state)),
            memory[0],
            memory[1],
            memory[2],
            memory[3],
            number(metrics.get("cpu")) / 100,
            number(network.get("read_bps")),
            number(network.get("write_bps")),
            number(disk.get("read_bps")),
            number(disk.get("write_bps")),
            self._lag(address, metrics.get("event_loop_interval")),
            math.nan if gil is None else number(gil),
            whole(tasks.get("executing")),
            whole(tasks.get("ready")),
            status,
        )
        for column, value in zip(columns, values, strict=True):
            column.append(value)
        self._transfers.take(state, self._number)
        before = self._status.get(address)
        self._status[address] = status
        if status == 1 and before != 1:
            self._tell("worker-paused", "It is short of memory and takes no more tasks.", address)
        elif before == 1 and status == 0:
            self._tell("worker-resumed", "It takes tasks again.", address)
        spilled = self._spilled.get(address, 0.0)
        self._spilled[address] = memory[3]
        if memory[3] > 0 and spilled == 0:
            self._tell("spill", "It began to write data to disk.", address)

    def _number(self, address: Any) -> int:
        """Of a worker that may have left by now; without an address, of several."""
        state = self._scheduler.workers.get(address)
        if state is not None:
            return self.workers.number(address, lambda: _person(state))
        name = text_of(address)
        entry = {"address": name, "name": name, "host": "", "threads": 0, "limit": 0}
        return self.workers.number(
            address, lambda: entry if name else {**entry, "name": "other workers"}
        )

    def _lag(self, address: str, observed: Any) -> float:
        """How much later an event loop is than it was at its calmest."""
        seen = number(observed)
        calmest = min(self._calmest.get(address, seen), seen)
        self._calmest[address] = calmest
        return seen - calmest

    def count(self, *, fresh: bool = False) -> None:
        """Look how far prefixes and groups are, if that has changed and is not too dear (or must
        be ``fresh``: somebody waits for it)."""
        scheduler = self._scheduler
        began = time.monotonic()
        if scheduler.transition_counter == self._counted or (
            began < self._count_next and not fresh
        ):
            return
        self._counted = scheduler.transition_counter
        sums = dict.fromkeys(STATES.values(), 0)
        progress: dict[str, dict[str, Any]] = {}
        rest: dict[str, Any] | None = None
        told = _told(scheduler.task_prefixes)
        for prefix in list(scheduler.task_prefixes.values()):
            states = prefix.states
            if told is None or prefix.name in told:
                entry = _standing(states)
                average = number(prefix.duration_average)
                entry["duration"] = average if average >= 0 else None
                progress[text_of(prefix.name)] = entry
                continue
            if rest is None:
                rest = {**dict.fromkeys(STATES.values(), 0), "duration": None}
            for theirs, count in states.items():
                if count and theirs in STATES:
                    rest[STATES[theirs]] += int(count)
        if rest is not None:
            progress["other tasks"] = rest
        for entry in progress.values():
            for name in sums:
                sums[name] += entry[name]
        self.progress, self._sums = progress, sums
        newest = list(itertools.islice(reversed(scheduler.task_groups.values()), GROUPS))
        self.groups = {text_of(group.name): _group(group) for group in reversed(newest)}
        self._count_next = began + SHARE * (time.monotonic() - began)


def _told(prefixes: dict[str, Any]) -> set[str] | None:
    """The prefixes that are told apart, ``None`` for all: those with work to do, then the newest.

    A scheduler never forgets a prefix; of one that has lived long the oldest are long done with.
    """
    if len(prefixes) <= PREFIXES:
        return None
    live = (name for name in reversed(prefixes) if any(map(prefixes[name].states.get, LIVE)))
    found = set(itertools.islice(live, PREFIXES))
    newest = (name for name in reversed(prefixes) if name not in found)
    return found | set(itertools.islice(newest, PREFIXES - len(found)))


def _memory(state: Any) -> list[float]:
    """process, managed, recent unmanaged, spilled, unmanaged."""
    try:
        memory = state.memory
        return [
            number(memory.process),
            number(memory.managed),
            number(memory.unmanaged_recent),
            number(memory.spilled),
            number(memory.unmanaged),
        ]
    except (KeyError, AttributeError, TypeError):  # before its first heartbeat, or an older Dask
        used = number(state.metrics.get("memory"))
        managed = min(number(state.nbytes), used)
        return [used, managed, 0.0, 0.0, used - managed]


def _standing(states: Any) -> dict[str, Any]:
    return {ours: int(states.get(theirs, 0)) for theirs, ours in STATES.items()}


def _group(group: Any) -> dict[str, Any]:
    """Of a group also its prefix, and the mean of those that have computed."""
    states = group.states
    done = sum(int(states.get(name, 0)) for name in ("memory", "released", "erred", "forgotten"))
    seconds = number(group.all_durations.get("compute"))
    return {
        **_standing(states),
        "prefix": text_of(group.prefix.name),
        "duration": seconds / done if done and seconds else None,
    }


def _status(state: Any) -> int:
    name = str(getattr(state.status, "name", state.status))
    return {"running": 0, "paused": 1, "closing": 2, "closing_gracefully": 2}.get(name, 3)


def _person(state: Any) -> dict[str, Any]:
    return {
        "address": text_of(state.address),
        "name": text_of(state.name),
        "host": text_of(getattr(state, "host", "")),
        "threads": whole(state.nthreads),
        "limit": int(number(state.memory_limit)),
    }
