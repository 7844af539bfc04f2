"""Doubles, named for what they do wrong. Hosts have none: they are real."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from tornado import httpserver, netutil, web, websocket

from dasklab.model.record import Endpoint


class HostileDashboard:
    """An HTTP server on loopback that answers whatever a test wants and keeps what it was sent.

    ``answer`` is called with the handler; ``seen`` has all requests, ``sockets`` the websockets.
    """

    def __init__(self, address: str = "127.0.0.1") -> None:
        self.seen: list[Any] = []
        self.sockets: list[_Socket] = []
        self.answer: Callable[[web.RequestHandler], Any] = lambda handler: handler.write("fine")
        self.on_message: Callable[[Any, Any], Any] = lambda socket, message: socket.write_message(
            message, binary=isinstance(message, bytes)
        )
        bound = netutil.bind_sockets(0, address)
        self.endpoint = Endpoint(address, bound[0].getsockname()[1])
        rules = [(r"/.*ws", _Socket, {"double": self}), (r".*", _Any, {"double": self})]
        app = web.Application(
            rules, log_function=lambda handler: None, websocket_max_message_size=10**9
        )
        self._server = httpserver.HTTPServer(app)
        self._server.add_sockets(bound)

    @property
    def last(self) -> Any:
        """The request that came last."""
        return self.seen[-1]

    async def close(self) -> None:
        """Stop, dropping everybody."""
        self._server.stop()
        await asyncio.wait_for(self._server.close_all_connections(), 5)


class _Any(web.RequestHandler):
    def initialize(self, double: HostileDashboard) -> None:
        self.double = double

    def prepare(self) -> None:
        self.double.seen.append(self.request)

    async def get(self) -> None:
        made = self.double.answer(self)
        if made is not None:
            await made

    head = post = put = patch = delete = options = get

    def compute_etag(self) -> None:
        """None: what a test sets is what is sent."""


class _Socket(websocket.WebSocketHandler):
    def initialize(self, double: HostileDashboard) -> None:
        self.double = double
        self.closed = asyncio.Event()

    def prepare(self) -> None:
        self.double.seen.append(self.request)

    def check_origin(self, origin: str) -> bool:
        return False

    def select_subprotocol(self, subprotocols: list[str]) -> str | None:
        return subprotocols[0] if subprotocols else None

    def open(self, *_: str) -> None:
        self.double.sockets.append(self)

    async def on_message(self, message: Any) -> None:
        made = self.double.on_message(self, message)
        if made is not None:
            await made

    def on_close(self) -> None:
        self.closed.set()
