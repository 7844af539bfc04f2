"""The collector: a plugin that lives in the scheduler and is asked what is new.

Where the scheduler is in the same process it is simply added; elsewhere it travels there by
cloudpickle (with the modules beside it, by value: see ``shipping``) and is asked over the comm
that exists, by a handler that it adds. Nothing is pushed, so that nobody who went away costs
anything: whoever wants to know says where it was, several may, and what nobody fetches is
overwritten. This file imports the standard library and distributed.
"""

from __future__ import annotations

import time
import uuid
from collections import deque
from typing import Any

from distributed.diagnostics.plugin import SchedulerPlugin

from .origins import Origins
from .ring import Ring, short, text_of
from .sampling import Sampler
from .task_graph import task_graph
from .transfers import Transfers

__all__ = ("GRAPH", "HANDLER", "PLUGIN", "Collector")

PLUGIN = "dasklab-telemetry-1"
HANDLER = "dasklab_telemetry_1"
GRAPH = "dasklab_graph_1"
"""With the version of what it answers: hosts of two versions may watch one scheduler."""

ROWS_LIMIT = 20_000
"""Rows of one answer: half a megabyte, and a millisecond of the scheduler's."""

NAMES_AT_ONCE = 2_000
"""Entries of a dictionary in one answer."""

SAMPLES = 256
"""Samples that are kept for whoever comes a little later."""

EVENTS = 2_000
"""Events that are kept."""

LEAVING = {
    "retire": "It was retired.",
    "close": "It was closed.",
    "nanny": "Its nanny closed it.",
    "worker-close": "It closed.",
    "handle-worker-cleanup": "The connection to it was lost.",
    "worker-send-comm-fail": "The connection to it was lost.",
    "send-all-comm-fail": "The connection to it was lost.",
    "check-worker-ttl": "It was not heard of for too long.",
    "restart": "All workers restart.",
}
"""Why a worker left, by the beginning of Dask's own word for what made it."""


class Collector(SchedulerPlugin):  # type: ignore[misc]
    """Collects what telemetry's tables are made of.

    Parameters
    ----------
    install, uninstall
        Pickled functions that have workers tell of their transfers, and no longer.
    """

    name = PLUGIN
    idempotent = True

    def __init__(self, install: bytes = b"", uninstall: bytes = b"") -> None:
        self.id = uuid.uuid4().hex
        self._functions = (install, uninstall)
        self._ready = False

    async def start(self, scheduler: Any) -> None:
        """Begin, in the scheduler that it is for."""
        self._scheduler = scheduler
        self._events: deque[dict[str, Any]] = deque(maxlen=EVENTS)
        self._told = 0
        self._samples: deque[tuple[list[bytes], list[Any]]] = deque(maxlen=SAMPLES)
        self._sampled = 0
        self._ring = Ring(scheduler, self._tell)
        self._transfers = Transfers(scheduler, *self._functions)
        self._sampler = Sampler(scheduler, self._tell, self._transfers)
        self.transition = self._ring.transition  # the closure itself: no look-up of a method
        self._origins = Origins(scheduler)
        self._handlers = {HANDLER: self.answer, GRAPH: self.graph}
        scheduler.handlers.update(self._handlers)
        self._ready = True
        for address in scheduler.workers:
            self.add_worker(scheduler, address)

    async def close(self) -> None:
        """The scheduler ends, or it is taken out."""
        if self._ready:
            self._leave()

    def _leave(self) -> None:
        """Leave scheduler and workers as they were."""
        self._origins.restore()
        for name, handler in self._handlers.items():
            if self._scheduler.handlers.get(name) == handler:
                del self._scheduler.handlers[name]
        if getattr(self._scheduler.status, "name", "") == "running":
            self._transfers.restore()
        else:
            self._transfers.close()

    # -- events ------------------------------------------------------------------------------
    def _tell(self, kind: str, text: str, worker: str | None = None) -> None:
        self._told += 1
        event = {"time": time.time(), "kind": kind, "text": text}
        if worker:
            event["worker"] = text_of(worker)
        self._events.append(event)

    def add_worker(self, scheduler: Any, worker: str, **_: Any) -> None:
        """One came."""
        state = scheduler.workers.get(worker)
        threads = getattr(state, "nthreads", 0)
        name = self._ring.names[worker] = text_of(getattr(state, "name", worker))
        self._tell("worker-added", f"{name}, {threads} threads.", worker)

    def remove_worker(self, scheduler: Any, worker: str, **how: Any) -> None:
        """One left."""
        stimulus = str(how.get("stimulus_id", ""))
        why = next((LEAVING[word] for word in LEAVING if stimulus.startswith(word)), "It left.")
        self._tell("worker-removed", why, worker)
        self._ring.left(worker)

    def restart(self, scheduler: Any, **_: Any) -> None:
        """All tasks and data are forgotten."""
        self._ring.write()
        self._ring.interrupted.clear()
        self._tell("restart", "All workers restart; tasks and data are forgotten.")

    # -- what is asked -----------------------------------------------------------------------
    def answer(self, since: dict[str, Any] | None = None) -> dict[str, Any] | None:
        """What is new, as it can travel: the handler for schedulers elsewhere.

        Nothing, once it has been taken out: whoever asks ships another one.
        """
        if self._scheduler.plugins.get(PLUGIN) is not self:
            self._leave()
            return None
        found = self.collect(since)
        return {**found, "keys": short(found["keys"])}

    def graph(self, known: str | None = None) -> dict[str, Any]:
        """The current computation's task graph: the handler for schedulers elsewhere."""
        return task_graph(self._scheduler, known)

    def news(self, since: dict[str, Any] | None) -> bool:
        """Whether it is worth asking, for the process that the scheduler is in; from any thread."""
        return (
            not since
            or bool(since.get("fresh"))
            or since["id"] != self.id
            or self._ring.news(since["tasks"])
            or since["events"] != self._told
            or since["samples"] != self._sampled
            or self._sampler.due(time.monotonic())
        )

    def collect(self, since: dict[str, Any] | None = None) -> dict[str, Any]:
        """What is new.

        Parameters
        ----------
        since
            The ``next`` of the last answer; nothing, or that of another collector, for all there
            is. With ``fresh``, workers and progress are looked at although that is not due.
        """
        fresh = bool(since and since.get("fresh"))
        if not since or since.get("id") != self.id:
            since = {}
        ring, sampler = self._ring, self._sampler
        if fresh or sampler.due(time.monotonic()):
            sampler.count(fresh=fresh)
            self._samples.append(sampler.sample())
            self._sampled += 1
        first, rows, keys = ring.read(int(since.get("tasks", 0)), ROWS_LIMIT)
        names = {}
        tables = {"lanes": ring.lanes, "kinds": ring.kinds, "workers": sampler.workers}
        for name, table in tables.items():
            begin = int(since.get(name, 0))
            names[name] = table.items[begin : begin + NAMES_AT_ONCE]
        # Rows go only with the names that they use.
        whole = all(
            int(since.get(name, 0)) + len(names[name]) >= len(table.items)
            for name, table in tables.items()
        )
        if not whole:
            rows, keys = b"", []
        events = list(self._events)[
            max(int(since.get("events", 0)) - self._told, -EVENTS) or None :
        ]
        if int(since.get("events", 0)) >= self._told:
            events = []
        missing = self._sampled - int(since.get("samples", 0))
        samples = list(self._samples)[-missing:] if missing > 0 and whole else []
        moved = self._transfers.new(int(since.get("transfers", 0))) if whole else []
        return {
            "id": self.id,
            "time": time.time(),
            "first": first,
            "rows": rows,
            "keys": keys,
            "names": names,
            "samples": [list(sample) for sample in samples],
            "transfers": [list(row) for row in moved],
            "progress": sampler.progress,
            "groups": sampler.groups,
            "events": events,
            "totals": self._totals(),
            "more": not whole or ring.news(first + len(keys)),
            "next": {
                "id": self.id,
                "tasks": first + len(keys),
                "events": self._told,
                "samples": self._sampled if whole else int(since.get("samples", 0)),
                "transfers": self._transfers.told if whole else int(since.get("transfers", 0)),
                **{name: int(since.get(name, 0)) + len(items) for name, items in names.items()},
            },
        }

    def _totals(self) -> dict[str, Any]:
        ring = self._ring
        compute, transfer, read, write, deserialize, other = ring.seconds
        return {
            "tasks": ring.ended,
            "compute": compute,
            "transfer": transfer,
            "disk": read + write,
            "deserialize": deserialize,
            "other": other,
            "erred": ring.erred,
            "retried": ring.retried,
            "nbytes": ring.nbytes,
            **self._transfers.totals,
        }
