"""The host's control API: HTTP and two websockets on loopback, for whoever holds the token.

The token is in the record, which only its owner can read. Every request names it, and the address
it was sent to: a page in a browser that resolves some name to 127.0.0.1 gets neither right.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import json
import secrets
from collections.abc import Awaitable, Callable
from typing import Any

from tornado import httpserver, httputil, netutil, web, websocket

from ..errors import NotFound, Refused, RequestMalformed
from ..model.logs import check_lines, check_source
from ..model.record import Endpoint
from .host import Host
from .looking import Graph, Profile
from .requests import Request
from .streaming import Keys, Now, Stream, Window

__all__ = ("Control",)

BODY_LIMIT = 16_000_000
"""Bytes of a request: a spec carries a configuration and an environment."""

Launch = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]


class Control:
    """The server.

    Parameters
    ----------
    launch
        What a standby does with a spec; ``None`` for a host that has its cluster.
    """

    def __init__(self, launch: Launch | None = None) -> None:
        self.launch = launch
        self._host: Host | None = None
        self._hosting = asyncio.Event()
        self._token = secrets.token_urlsafe(32)
        self._sockets = netutil.bind_sockets(0, "127.0.0.1")
        port = self._sockets[0].getsockname()[1]
        self.endpoint = Endpoint("127.0.0.1", port, self._token)
        self._server = httpserver.HTTPServer(
            web.Application(
                [
                    (r"/status", _Status, {"control": self}),
                    (r"/watch", _Watch, {"control": self}),
                    (r"/telemetry", Stream, {"control": self}),
                    (r"/window", Window, {"control": self}),
                    (r"/keys", Keys, {"control": self}),
                    (r"/now", Now, {"control": self}),
                    (r"/profile", Profile, {"control": self}),
                    (r"/graph", Graph, {"control": self}),
                    (r"/launch", _Launch, {"control": self}),
                    (
                        r"/(scale|restart|stop|detach|keep|why|logs|dashboard)",
                        _Action,
                        {"control": self},
                    ),
                ],
                default_handler_class=_Unknown,
                default_handler_args={"control": self},
                log_function=lambda handler: None,
                websocket_ping_interval=30,
            ),
            max_body_size=BODY_LIMIT,
        )

    def serve(self, host: Host) -> None:
        """Answer for this cluster from now on."""
        self._host = host
        self._hosting.set()

    async def host(self) -> Host:
        """The host that is answered for.

        The record names this API a moment before its host is there: who asks then, waits.

        Raises
        ------
        NotFound
            No cluster runs here.
        """
        try:
            await asyncio.wait_for(self._hosting.wait(), 5.0)
        except asyncio.TimeoutError:
            raise NotFound("No cluster runs here yet.") from None
        assert self._host is not None
        return self._host

    def open(self) -> None:
        """Begin to listen."""
        self._server.add_sockets(self._sockets)

    async def close(self) -> None:
        """Stop listening and drop connections."""
        self._server.stop()
        for listening in self._sockets:  # those of one that was never opened are ours alone
            listening.close()
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._server.close_all_connections(), 1.0)

    def admits(self, headers: httputil.HTTPHeaders) -> bool:
        """Whether a request names the token and this very address, and is not a page's.

        Tornado 6.6 asks a websocket's ``check_origin`` no more where Origin and Host are alike.
        """
        given = headers.get("Authorization", "").encode()
        return (
            hmac.compare_digest(given, f"Bearer {self._token}".encode())
            and headers.get("Host", "") == f"127.0.0.1:{self.endpoint.port}"
            and "Origin" not in headers
        )


class _Unknown(Request):
    def prepare(self) -> None:
        super().prepare()
        raise NotFound("There is no such request.")


class _Status(Request):
    async def get(self) -> None:
        host = await self.control.host()
        self.finish(host.record.to_wire())


class _Launch(Request):
    async def post(self) -> None:
        if self.control.launch is None:
            raise Refused("This host has its cluster already.")
        self.finish(await self.control.launch(self.body()))


class _Action(Request):
    async def post(self, action: str) -> None:
        host, body = await self.control.host(), self.body()
        if action == "scale":
            await host.scale(body.get("workers"))
        elif action == "restart":
            await host.restart()
        elif action == "stop":
            await host.stop()
        elif action == "detach":
            await host.detach()
        elif action == "why":
            await host.why()
        elif action == "keep":
            pinned = body.get("pinned", True)
            if not isinstance(pinned, bool):
                raise RequestMalformed("pinned is not true or false.")
            await host.keep(pinned)
        elif action == "dashboard":
            endpoint = await host.dashboard()
            named = ("scheme", "host", "port", "ca", "path")
            self.finish({name: getattr(endpoint, name) for name in named})
            return
        else:
            self.finish({"lines": await self._logs(host, body)})
            return
        self.finish(host.record.to_wire())

    async def _logs(self, host: Host, body: dict[str, Any]) -> list[dict[str, Any]]:
        source = check_source(body.get("source", "host"))
        return await host.logs(source, check_lines(body.get("lines", 200)))


class _Watch(websocket.WebSocketHandler):
    """Sends the cluster's JSON at once and after each change, the newest only.

    Who waits for workers says so (``?for=workers``): no lease ends the cluster meanwhile.
    """

    def initialize(self, control: Control) -> None:
        self.control = control
        self._task: asyncio.Task[None] | None = None

    def prepare(self) -> None:
        if not self.control.admits(self.request.headers):
            raise web.HTTPError(403)

    def check_origin(self, origin: str) -> bool:
        """No page of a browser has business here."""
        return False

    def open(self, *args: str, **kwargs: str) -> None:
        self._task = asyncio.get_running_loop().create_task(self._follow())

    def on_close(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _follow(self) -> None:
        host = await self.control.host()
        with contextlib.ExitStack() as stack:
            changed = stack.enter_context(host.keeper.watch())
            stack.enter_context(contextlib.suppress(websocket.WebSocketClosedError))
            if self.get_query_argument("for", "") == "workers":
                stack.enter_context(host.awaited())
            while True:
                changed.clear()
                # Awaited: a slow reader gets fewer messages, never a longer queue.
                await self.write_message(json.dumps(host.record.to_wire()))
                # What comes within the pause goes out together; what comes after it, at once.
                await asyncio.sleep(0.05)
                await changed.wait()
