"""Websockets for tests that are not asynchronous: opened, read, refused."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

__all__ = ("connected", "refused", "talk")


@asynccontextmanager
async def connected(
    url: str, headers: dict[str, str] | None = None, subprotocols: list[str] | None = None
) -> AsyncIterator[WebSocketClientConnection]:
    """A websocket at an ``http`` address, closed for good in the end."""
    request = HTTPRequest(url.replace("http", "ws", 1), headers=headers, connect_timeout=20)
    socket = await websocket_connect(request, subprotocols=subprotocols)
    assert socket.protocol is not None
    stream = socket.protocol.stream
    try:
        yield socket
    finally:
        socket.close()
        while not stream.closed():  # what is not read yet stands before the other side's farewell
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(socket.read_message(), 0.05)


def talk(url: str, headers: dict[str, str], until: Callable[[str], Any]) -> str:
    """The first message for which ``until`` is true."""

    async def listen() -> str:
        async with connected(url, headers) as socket:
            while (message := await socket.read_message()) is not None:
                if until(str(message)):
                    return str(message)
            raise AssertionError("the server closed the websocket")

    return asyncio.run(asyncio.wait_for(listen(), 30))


def refused(url: str, headers: dict[str, str] | None = None) -> int:
    """The status with which a websocket is refused; 101 if it is not."""

    async def attempt() -> int:
        try:
            async with connected(url, headers):
                return 101
        except HTTPClientError as error:
            return error.code

    return asyncio.run(asyncio.wait_for(attempt(), 30))
