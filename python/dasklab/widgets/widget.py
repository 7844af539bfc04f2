"""Live plots over the kernel's own connection, for front ends where no server of ours is.

In VS Code, in Colab, in a Notebook whose server has no dasklab. It needs anywidget, which
``dasklab[widgets]`` brings; imported only where it is used, for ipywidgets is no light package.
"""

from __future__ import annotations

import asyncio
import contextvars
import math
import time
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from ..client import AsyncCluster
from ..errors import DasklabError
from .relay import Relay
from .watching import background_loop

__all__ = ("PlotsWidget",)

VIEW = "application/vnd.jupyter.widget-view+json"

STATIC = Path(__file__).parents[1] / "static"

ANSWER = 5.0
"""Seconds after which a page has loaded what it draws with, and says that it is there."""

BUSY = 2.0
"""Seconds between two frames, and some: a kernel that did nothing in between is busy."""

ASKED = ("keys", "profile", "graph")
"""What a page may ask for, beside frames."""


class PlotsWidget(anywidget.AnyWidget):
    """Some plots of a cluster, drawn by the page from the frames that are sent to it."""

    _esm = STATIC / "widget.js"
    _css = STATIC / "widget.css"
    cluster = traitlets.Unicode().tag(sync=True)
    plots = traitlets.List(traitlets.Unicode()).tag(sync=True)
    title = traitlets.Unicode().tag(sync=True)
    seconds = traitlets.Float().tag(sync=True)

    def __init__(self, cluster: AsyncCluster, plots: list[str], title: str, seconds: float) -> None:
        super().__init__(cluster=cluster.name, plots=plots, title=title, seconds=seconds)
        from tornado.ioloop import IOLoop

        self._of = cluster
        self._kernel = IOLoop.current()
        self._rested, self._since = time.monotonic(), math.inf
        self._relay: Relay | None = None
        self._answered = False
        self.on_msg(self._hear)
        self._elsewhere(self._begin)

    def close(self) -> None:
        """Send no more, and have the page forget it."""
        self._elsewhere(self._stop)
        self.layout.close()
        super().close()

    @property
    def unanswered(self) -> bool:
        """Whether a page that can show it would have said so by now."""
        return not self._answered and self._resting() > ANSWER

    def _resting(self) -> float:
        """Seconds for which the kernel has had time to hear a page."""
        late = time.monotonic() - self._rested > BUSY
        return 0.0 if late else max(self._rested - self._since, 0.0)

    @property
    def bundle(self) -> dict[str, Any]:
        """What an output holds for it."""
        return {VIEW: {"version_major": 2, "version_minor": 0, "model_id": self.model_id}}

    # -- on the background's loop ------------------------------------------------------------
    def _begin(self) -> None:
        self._relay = Relay(self._of.telemetry, self._say, self._resting, self.seconds)
        self._relay.begin()

    def _stop(self) -> None:
        if self._relay is not None:
            self._relay.stop()

    def _say(self, message: dict[str, Any], buffers: list[bytes]) -> None:
        # A callback that a kernel comes to says that it would have come to a page's words too.
        self._kernel.add_callback(self._rest, time.monotonic())
        # In an empty context, so that the kernel names the cell that runs now (see showing).
        contextvars.Context().run(self.send, message, buffers)

    async def _answer(self, ask: str, number: int, body: dict[str, Any]) -> None:
        try:
            message = {"answer": number, "value": await self._ask(ask, body)}
        except DasklabError as error:
            message = {"answer": number, "error": error.message}
        except (LookupError, OSError, TypeError, ValueError) as error:
            message = {"answer": number, "error": str(error)[:200]}
        self._say(message, [])

    async def _ask(self, ask: str, body: dict[str, Any]) -> Any:
        telemetry = self._of.telemetry
        if ask == "keys":
            return await telemetry.keys(int(body["from"]), int(body["rows"]))
        if ask == "profile":
            return await telemetry.profile(body.get("since"), body.get("until"))
        return await telemetry.graph(body.get("known"))

    # -- on the kernel's ------------------------------------------------------------------------
    def _rest(self, asked: float) -> None:
        self._rested = time.monotonic()
        if self._rested - asked > BUSY:
            self._since = math.inf
        elif self._since == math.inf:
            self._since = self._rested

    def _hear(self, _widget: Any, message: Any, _buffers: Any) -> None:
        relay = self._relay
        if not isinstance(message, dict) or relay is None:
            return
        self._answered = True
        hello, body = message.get("hello"), message.get("body")
        if isinstance(hello, dict):
            self._elsewhere(lambda: relay.begin(hello.get("since")))
        elif isinstance(message.get("credit"), int):
            self._elsewhere(lambda: relay.credit(message["credit"]))
        elif message.get("close"):
            self._elsewhere(relay.stop)
        elif message.get("ask") in ASKED and isinstance(body, dict):
            answer = self._answer(message["ask"], int(message.get("number", 0)), body)
            asyncio.run_coroutine_threadsafe(answer, background_loop())

    def _elsewhere(self, call: Any) -> None:
        background_loop().call_soon_threadsafe(call)
