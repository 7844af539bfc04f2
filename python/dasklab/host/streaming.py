"""Telemetry over the control API: a stream of frames, windows of it, and the keys of rows."""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
from typing import TYPE_CHECKING, Any

from tornado import web, websocket

from ..errors import NotFound, RequestMalformed
from ..telemetry.frames import join
from ..telemetry.history import printable
from ..telemetry.levels import MOST_WIDTH, window
from ..telemetry.views import View, read_hello
from .requests import Request

if TYPE_CHECKING:
    from .control import Control

__all__ = ("Keys", "Now", "Stream", "Window", "read_time")

CREDIT = 4
"""Frames that are sent to a reader before it has said anything."""

CREDIT_MOST = 16
"""Most frames that may be on their way: the memory that a slow reader can cost, in megabytes."""

MESSAGE_LIMIT = 64_000
"""Bytes of a message from a reader."""

KEYS_MOST = 1_000
"""Keys of one answer."""


class Stream(websocket.WebSocketHandler):
    """Frames, as many as the reader has given credit for; what waits is merged, not queued."""

    def initialize(self, control: Control) -> None:
        """Called by tornado's constructor."""
        self.control = control
        self._credit = CREDIT
        self._may_send = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def prepare(self) -> None:
        """Nobody but who read the token in the record."""
        if not self.control.admits(self.request.headers):
            raise web.HTTPError(403)

    def check_origin(self, origin: str) -> bool:
        """No page of a browser has business here."""
        return False

    def on_message(self, message: str | bytes) -> None:
        """``{"hello": …}`` first, then ``{"credit": n}``."""
        try:
            data = json.loads(message) if len(message) <= MESSAGE_LIMIT else None
            if not isinstance(data, dict):
                raise ValueError("A message is a JSON object of bounded size.")
            if "credit" in data:
                credit = data["credit"]
                if isinstance(credit, bool) or not isinstance(credit, int) or credit < 0:
                    raise ValueError("credit is not a whole number from 0.")
                self._credit = min(self._credit + credit, CREDIT_MOST)
                self._may_send.set()
            elif self._task is None:
                hello = read_hello(data.get("hello"))
                self._task = asyncio.get_running_loop().create_task(self._send(hello))
        except (ValueError, RecursionError) as error:
            self.close(1003, str(error)[:100])

    def on_close(self) -> None:
        """The reader is gone."""
        if self._task is not None:
            self._task.cancel()

    async def _send(self, hello: Any) -> None:
        try:
            telemetry = (await self.control.host()).telemetry
            view = View(await telemetry.ready(), hello)
        except NotFound as error:  # a standby
            self.close(1013, error.message[:100])
            return
        except ValueError as error:
            self.close(1003, str(error)[:100])
            return
        with telemetry.watch() as changed, contextlib.suppress(websocket.WebSocketClosedError):
            while not view.ended:
                if self._credit == 0:
                    self._may_send.clear()
                    await self._may_send.wait()
                    continue
                changed.clear()
                frame = view.next()
                if frame is None:
                    await changed.wait()
                    continue
                self._credit -= 1
                await self.write_message(frame, binary=True)
            self.close(1000)


class Window(Request):
    """The tasks of a window of time, no finer than a width."""

    async def post(self) -> None:
        """``{"since", "until", "width"}`` → frames, each behind its length."""
        body = self.body()
        since, until = (read_time(body, name) for name in ("since", "until"))
        width = _whole(body, "width", 1_200, MOST_WIDTH)
        history = await (await self.control.host()).telemetry.ready()
        first, last = history.span
        frames = await window(
            history, first if since is None else since, last if until is None else until, width
        )
        self.set_header("Content-Type", "application/octet-stream")
        self.finish(join(frames))


class Now(Request):
    """All that has happened by now, for who ends to watch."""

    async def post(self) -> None:
        """``{}`` → ``{"time"}``: the stream's next frame was made later than that."""
        telemetry = (await self.control.host()).telemetry
        await telemetry.ready()
        self.finish({"time": await telemetry.now()})


class Keys(Request):
    """The keys of rows."""

    async def post(self) -> None:
        """``{"from", "rows"}`` → ``{"cursor", "keys"}``; ``null`` for what is kept no more."""
        body = self.body()
        cursor = _whole(body, "from", None, 2**53)
        rows = _whole(body, "rows", 1, KEYS_MOST)
        history = await (await self.control.host()).telemetry.ready()
        keys = [printable(key) for key in history.keys.find(cursor, rows)]
        self.finish({"cursor": cursor, "keys": keys})


def read_time(body: dict[str, Any], name: str) -> float | None:
    """A time in epoch seconds, where one is given.

    Raises
    ------
    RequestMalformed
    """
    value = body.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise RequestMalformed(f"{name} is not a time in seconds since 1970.")
    return float(value)


def _whole(body: dict[str, Any], name: str, default: int | None, most: int) -> int:
    value = body.get(name, default)
    least = 0 if name == "from" else 1
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise RequestMalformed(f"{name} is not a number from {least} to {most}.")
    return value
