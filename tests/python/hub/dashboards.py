"""A page of Dask's dashboard as a browser gets it: the HTML, then Bokeh's websocket."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tornado.websocket import WebSocketClientConnection

from .rig import User
from .sockets import connected

__all__ = ("first_message", "page_open")


def bokeh_token(page: str) -> str:
    """The token of the session that a page opens."""
    found = re.search(r'"token":\s*"([^"]+)"', page)
    assert found, page[:2000]
    return found[1]


@asynccontextmanager
async def page_open(user: User, path: str) -> AsyncIterator[WebSocketClientConnection]:
    """The websocket of a page whose path (with its capability) is known, as a sandbox opens it."""
    page = await asyncio.to_thread(user.nobody().fetch, path)
    url = f"{user.hub.origin}{path}/ws"
    async with connected(url, {"Origin": "null"}, ["bokeh", bokeh_token(page)]) as socket:
        yield socket


def first_message(user: User, path: str) -> str:
    """The type of the first message that Bokeh sends: ``ACK`` if the session is alive."""

    async def listen() -> str:
        async with page_open(user, path) as socket:
            header = await socket.read_message()
            assert header is not None, "the websocket was closed"
            return str(json.loads(header)["msgtype"])

    return asyncio.run(asyncio.wait_for(listen(), 30))
