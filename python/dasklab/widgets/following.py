"""Following a cluster's telemetry in the background, at a bounded cost."""

from __future__ import annotations

import asyncio
import concurrent.futures
import threading
import time
from collections.abc import Callable
from contextlib import aclosing
from typing import Any

from ..client import AsyncCluster
from ..client.columns import Tables
from ..errors import ClusterGone, DasklabError, HostUnreachable
from ..telemetry.frames import decode
from .pending import Before
from .run import Run, cut, drop_before
from .sums import Earlier, Sum, add_up, merge, not_seen
from .watching import background_loop

__all__ = ("MOST_ROWS", "Following", "whole_life")

DRAW_EVERY = 0.2
"""Seconds between drawings, as between a host's frames: five messages a second."""

UNEVEN = 0.1
"""Seconds by which a frame may be early after one that was late, and is drawn all the same."""

SHARE = 8
"""Drawing takes at most one in so many seconds of the kernel."""

MOST_ROWS = 200_000
"""Rows of tasks that are kept in the kernel; older ones are added up."""

AGAIN = 0.2
"""Seconds after which a connection that was cut is made anew; twice as many each time."""

LATE = 0.3
"""Seconds after which a host that could not be asked knows what has happened."""

PATIENCE = 60.0
"""Seconds for which a host that lives, by its record, may be out of reach."""


class Following:
    """Tables that grow.

    Parameters
    ----------
    cluster
        Which.
    seconds
        How far back to begin.
    changed
        Called with nothing when there is something new to draw, on the background's thread.
    since
        When the run begins that this is followed for, in epoch seconds; ``None`` for the window of
        some last seconds.
    """

    def __init__(
        self,
        cluster: AsyncCluster,
        seconds: float | None,
        changed: Callable[[], None],
        since: Callable[[], float] | None = None,
    ) -> None:
        self.tables = Tables()
        self.lock = threading.RLock()
        """Whoever reads the tables holds it."""
        self.earlier = Earlier(since)
        """What has been dropped from the tables."""
        self.gone = 0
        """Rows that the host had no more when this began."""
        self.heard = 0.0
        """The host's time of the last frame."""
        self.why = ""
        """Why it has ended, when it has."""
        self.ready = threading.Event()
        self.ended = threading.Event()
        self._before: tuple[float, Before] | None = None
        self._news = threading.Condition()
        self._cluster, self._seconds, self._changed = cluster, seconds, changed
        self._since = since
        self._next = 0.0
        self._task = asyncio.run_coroutine_threadsafe(self._run(), background_loop())

    # -- reading -----------------------------------------------------------------------------
    async def _run(self) -> None:
        try:
            await self._follow()
            self.why = self._end()
        except DasklabError as error:
            self.why = error.message
        except OSError as error:
            self.why = f"The cluster cannot be reached: {str(error)[:200]}"
        finally:
            self.ready.set()
            self.ended.set()
            with self._news:
                self._news.notify_all()
        self._changed()

    async def _follow(self) -> None:
        """Until the cluster has ended; a connection that is cut before is made anew."""
        telemetry = self._cluster.telemetry
        pause, heard_at = AGAIN, time.monotonic()
        while self.tables.end is None:
            since = self.tables.place()
            seconds = self._seconds if since is None else None
            try:
                async with aclosing(telemetry.stream(since=since, seconds=seconds)) as stream:  # type: ignore[type-var]
                    async for frame in stream:
                        self._add(frame)
                        pause, heard_at = AGAIN, time.monotonic()
            except ClusterGone:
                async for frame in telemetry.recorded():
                    self._add(frame)
                return
            except HostUnreachable:
                if since is None:
                    raise
            if self.tables.end is None:
                if time.monotonic() - heard_at > PATIENCE:
                    raise HostUnreachable(f"The host of {self._cluster.name} sends nothing more.")
                await asyncio.sleep(pause)
                pause = min(2 * pause, 5.0)

    def _add(self, frame: bytes) -> None:
        with self.lock:
            header, columns = decode(frame)
            if self.tables.header and self.tables.header["run"] != header["run"]:
                # Another history: what a host left at its end comes whole.
                self.tables, self.earlier = Tables(), Earlier(self._since)
            first = self.tables.cursor is None
            self.tables.take(header, columns)
            if first:
                self.gone = self.tables.cursor or 0
            drop_before(self.tables, MOST_ROWS, self.earlier)
            if self._before is None and not header["more"]:
                self._before = (self._sampled(), Before(self.tables.groups))
        if header["more"] or header["end"]:
            return  # who waits is told when all is known, of the end why
        self.ready.set()
        with self._news:
            self.heard = float(header["time"])
            self._news.notify_all()
        began = time.monotonic()
        if began >= self._next:
            self._changed()
            due = max(self._next, began - UNEVEN) + DRAW_EVERY
            self._next = max(due, began + SHARE * (time.monotonic() - began))

    def _sampled(self) -> float:
        """When the scheduler last said how everything stands."""
        times = self.tables.columns["cluster"]["time"]
        return float(times[-1]) if len(times) else float("inf")

    def _end(self) -> str:
        end: dict[str, Any] | None = self.tables.end
        if end is None:
            return "The host of the cluster has gone."
        reason = str(end.get("reason") or "")
        if end.get("phase") == "off":
            return reason
        name = self._cluster.name
        return f"{name} is {end.get('phase')}." + (f" {reason}" if reason else "")

    # -- what there is -------------------------------------------------------------------------
    def cut(
        self, since: float, until: float, cell: str | None = None, submitted: float | None = None
    ) -> Run:
        """The run of a time.

        Parameters
        ----------
        cell
            See :func:`.run.cut`.
        submitted
            When the cell first gave the cluster work: what was pending before is others'.
        """
        with self.lock:
            before = None
            if self._before is not None and (submitted is None or self._before[0] < submitted):
                before = self._before[1]
            return cut(self.tables, since, until, cell, self.earlier, before)

    def wait_for(self, moment: float, timeout: float) -> bool:
        """Wait until all that happened before a moment has been heard of."""
        deadline = time.monotonic() + timeout
        with self._news:
            while self.heard < moment and not self.ended.is_set():
                left = deadline - time.monotonic()
                if left <= 0:
                    return False
                self._news.wait(left)
        return True

    def catch_up(self, timeout: float) -> bool:
        """Wait until all that has happened by now is known; the host is asked to look at once."""
        deadline = time.monotonic() + timeout
        asked = asyncio.run_coroutine_threadsafe(self._cluster.ask("now", {}), background_loop())
        try:
            moment = float(asked.result(timeout)["time"])
        except (DasklabError, OSError, KeyError, concurrent.futures.TimeoutError):
            asked.cancel()
            moment = time.time() + LATE
        return self.wait_for(moment, max(deadline - time.monotonic(), 0.0))

    def stop(self) -> None:
        """Follow no longer."""
        self._task.cancel()


def whole_life(following: Following, until: float) -> Run:
    """All that a cluster did: what its host has no rows of any more is taken from its totals."""
    with following.lock:
        tables, earlier = following.tables, following.earlier
        starts, times = tables.columns["tasks"]["start"], tables.columns["cluster"]["time"]
        run = following.cut(min([earlier.first, *starts, *times[:1], until]), until)
        if following.gone:
            kinds: dict[int, Sum] = {}
            add_up(run.rows, run.since, until, kinds)
            seen = [*run.earlier.values(), *kinds.values()]
            other = run.earlier.setdefault("other tasks", Sum())
            merge(other, not_seen(tables.totals, seen))
            run.left_out += following.gone
            run.moved = int(tables.totals.get("transferred") or 0) or run.moved
    return run
