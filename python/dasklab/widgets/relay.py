"""A cluster's frames on their way to a page by way of the kernel, as fast as the page reads them.

The page returns a credit for each frame, as over a websocket. A kernel that runs a cell hears none
of them until the cell is over, and that is when somebody watches. So frames go on without credit,
but slowly; and the stream begins anew now and then, with a first frame that stands for itself, for
a page that was not there yet when the last one was sent. How much may be on its way is bounded.
Knows nothing of widgets: of a page it knows how to send to it.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from typing import Any, NamedTuple

from ..client.telemetry import AsyncTelemetry
from ..errors import ClusterGone, DasklabError

__all__ = ("Relay",)

FRAMES = 8
"""Frames that are on their way before a credit is waited for."""

SLOW = 0.4
"""Seconds between frames without a credit: plots are never later than half a second."""

BYTES = 16_000_000
"""That are on their way at the most, as many as a million tasks take."""

ANEW = (1.0, 8.0)
"""Seconds without a credit after which the stream begins anew: the first time, and at the most."""

GONE_AFTER = 10.0
"""Seconds in which a kernel that rests hears from a page, if there is one."""

NORMAL, BROKEN, GONE = 1000, 1006, 4410
"""Why a stream ends, in the numbers of the websocket that it stands for."""

Send = Callable[[dict[str, Any], "list[bytes]"], None]


class _Sent(NamedTuple):
    """A frame on its way."""

    stream: int
    nbytes: int
    time: float


class Relay:
    """What is sent to one page; all of it happens on one event loop.

    Parameters
    ----------
    telemetry
        Of the cluster.
    send
        Sends a message and its buffers.
    resting
        For how many seconds the kernel has had time to hear a page.
    seconds
        How far back a stream begins.
    """

    def __init__(
        self, telemetry: AsyncTelemetry, send: Send, resting: Callable[[], float], seconds: float
    ) -> None:
        self._telemetry, self._send, self._resting = telemetry, send, resting
        self._seconds = seconds
        self._stream = 0
        self._underway: deque[_Sent] = deque()
        self._credited = asyncio.Event()
        self._heard = 0.0
        self._patience = ANEW[0]
        self._task: asyncio.Task[None] | None = None

    @property
    def underway(self) -> int:
        """Bytes for which there was no credit yet."""
        return sum(sent.nbytes for sent in self._underway)

    def begin(self, since: dict[str, Any] | None = None) -> None:
        """Send from the beginning, or what came after what a page has; instead of what was sent."""
        self.stop()
        self._heard = time.monotonic()
        self._task = asyncio.ensure_future(self._run(since))

    def credit(self, stream: int) -> None:
        """A page has read a frame of a stream."""
        while self._underway and self._underway[0].stream < stream:
            self._underway.popleft()
        if self._underway and self._underway[0].stream == stream:
            self._underway.popleft()
        self._heard, self._patience = time.monotonic(), ANEW[0]
        self._credited.set()

    def stop(self) -> None:
        """Send no more."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def _run(self, since: dict[str, Any] | None) -> None:
        code = BROKEN
        try:
            while await self._one(since):
                self._patience = min(2 * self._patience, ANEW[1])
                since = None
            code = NORMAL
        except ClusterGone:
            self._stream += 1
            code = GONE
            async for frame in self._telemetry.recorded():
                await self._pass_on(frame, code == GONE)
                code = NORMAL
        except (DasklabError, OSError):
            pass  # the page tries again, as with any connection
        self._send({"closed": code}, [])

    async def _one(self, since: dict[str, Any] | None) -> bool:
        """One stream; whether another is to follow."""
        self._stream += 1
        began, first = time.monotonic(), True
        async with aclosing(self._frames(since)) as frames:  # type: ignore[type-var]
            async for frame in frames:
                await self._pass_on(frame, first)
                first = False
                late = self._underway[0].time if self._underway else math.inf
                if time.monotonic() - max(late, began) > self._patience:
                    if self._resting() > GONE_AFTER < time.monotonic() - self._heard:
                        self._credited.clear()  # nobody is there, or has not read for long
                        await self._credited.wait()
                    return True
        return False

    def _frames(self, since: dict[str, Any] | None) -> AsyncIterator[bytes]:
        seconds = self._seconds if since is None else None
        return self._telemetry.stream(since=since, seconds=seconds)

    async def _pass_on(self, frame: bytes, first: bool) -> None:
        """Send a frame when there is room for it."""
        slow = time.monotonic() + SLOW
        while len(self._underway) >= FRAMES:
            self._credited.clear()
            full = self.underway + len(frame) > BYTES
            wait = None if full else slow - time.monotonic()
            if wait is not None and wait <= 0:
                break
            try:
                await asyncio.wait_for(self._credited.wait(), wait)
            except asyncio.TimeoutError:
                break
        self._underway.append(_Sent(self._stream, len(frame), time.monotonic()))
        self._send({"stream": self._stream, "first": first}, [frame])
