"""Following a cluster's telemetry in the background, at a bounded cost."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from contextlib import aclosing
from typing import Any

from ..client import AsyncCluster
from ..client.columns import Tables
from ..errors import ClusterGone, DasklabError
from .run import drop_before
from .watching import background_loop

__all__ = ("Following",)

DRAW_EVERY = 0.15
"""Seconds between drawings: a host sends a frame every 0.2 s, and each is drawn."""

SHARE = 8
"""Drawing takes at most one in so many seconds of the kernel."""

MOST_ROWS = 200_000
"""Rows of tasks that are kept in the kernel."""


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
    """

    def __init__(
        self, cluster: AsyncCluster, seconds: float | None, changed: Callable[[], None]
    ) -> None:
        self.tables = Tables()
        self.lock = threading.RLock()
        """Whoever reads the tables holds it."""
        self.heard = 0.0
        """The host's time of the last frame."""
        self.why = ""
        """Why it has ended, when it has."""
        self.ready = threading.Event()
        self.ended = threading.Event()
        self._news = threading.Condition()
        self._cluster, self._seconds, self._changed = cluster, seconds, changed
        self._next = 0.0
        self._task = asyncio.run_coroutine_threadsafe(self._run(), background_loop())

    async def _run(self) -> None:
        try:
            telemetry = self._cluster.telemetry
            try:
                async with aclosing(telemetry.stream(seconds=self._seconds)) as stream:  # type: ignore[type-var]
                    async for frame in stream:
                        self._add(frame)
            except ClusterGone:
                async for frame in telemetry.recorded():
                    self._add(frame)
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

    def _add(self, frame: bytes) -> None:
        with self.lock:
            header = self.tables.add(frame)
            drop_before(self.tables, MOST_ROWS)
        if header["more"] or header["end"]:
            return  # who waits is told when all is known, of the end why
        self.ready.set()
        with self._news:
            self.heard = float(header["time"])
            self._news.notify_all()
        began = time.monotonic()
        if began >= self._next:
            self._changed()
            self._next = began + max(DRAW_EVERY, SHARE * (time.monotonic() - began))

    def _end(self) -> str:
        end: dict[str, Any] | None = self.tables.end
        if end is None:
            return "The host of the cluster has gone."
        reason = str(end.get("reason") or "")
        if end.get("phase") == "off":
            return reason
        name = self._cluster.name
        return f"{name} is {end.get('phase')}." + (f" {reason}" if reason else "")

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

    def stop(self) -> None:
        """Follow no longer."""
        self._task.cancel()
