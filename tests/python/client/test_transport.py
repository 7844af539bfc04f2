"""The way to a host, with hosts that misbehave; each listens on a real port."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from tornado import httpserver, netutil, web, websocket

from dasklab.client.transport import HttpTransport
from dasklab.errors import ClusterGone, DasklabError, HostUnreachable
from dasklab.model.record import Endpoint


def with_host(
    routes: list[Any], test: Callable[[Endpoint], Awaitable[None]], token: str = "t"
) -> None:
    """Run a test with a server that stands for a host."""

    async def main() -> None:
        sockets = netutil.bind_sockets(0, "127.0.0.1")
        server = httpserver.HTTPServer(web.Application(routes))
        server.add_sockets(sockets)
        try:
            await test(Endpoint("127.0.0.1", sockets[0].getsockname()[1], token))
        finally:
            server.stop()
            await asyncio.wait_for(server.close_all_connections(), 5)

    asyncio.run(main())


def answering(body: str, status: int = 200, **headers: str) -> Any:
    class Handler(web.RequestHandler):
        def get(self) -> None:
            self.set_status(status)
            for name, value in headers.items():
                self.set_header(name, value)
            self.finish(body)

        post = get

    return [(r"/.*", Handler)]


async def status(endpoint: Endpoint, timeout: float = 5.0) -> dict[str, Any]:
    return await HttpTransport().request(endpoint, "status", None, timeout)


def test_error_of_the_host_is_raised_as_it_is() -> None:
    error = ClusterGone("It has gone.", "Look elsewhere.", details={"x": 1})

    async def test(endpoint: Endpoint) -> None:
        with pytest.raises(ClusterGone) as caught:
            await status(endpoint)
        assert caught.value.to_wire() == error.to_wire()

    with_host(answering(json.dumps({"error": error.to_wire()}), 410), test)


@pytest.mark.parametrize("body", ["<html>", "[1]", "7", "null", "{", "\x00"])
@pytest.mark.parametrize("code", [200, 500])
def test_nonsense_is_no_answer(body: str, code: int) -> None:
    async def test(endpoint: Endpoint) -> None:
        with pytest.raises(HostUnreachable):
            await status(endpoint)

    with_host(answering(body, code), test)


def test_error_that_is_none() -> None:
    async def test(endpoint: Endpoint) -> None:
        with pytest.raises(DasklabError):
            await status(endpoint)

    with_host(answering('{"error": 5}', 500), test)


def test_nobody_listens() -> None:
    async def main() -> None:
        with pytest.raises(HostUnreachable, match="does not answer"):
            await status(Endpoint("127.0.0.1", 1, "t"))
        with pytest.raises(HostUnreachable, match="does not answer"):
            async for _ in HttpTransport().watch(Endpoint("127.0.0.1", 1, "t")):
                pass

    asyncio.run(main())


def test_no_answer_in_time() -> None:
    class Slow(web.RequestHandler):
        async def get(self) -> None:
            await asyncio.sleep(3)

    async def test(endpoint: Endpoint) -> None:
        with pytest.raises(HostUnreachable):
            await status(endpoint, timeout=0.2)

    with_host([(r"/.*", Slow)], test)


def test_redirects_take_the_token_nowhere() -> None:
    asked = []

    class Elsewhere(web.RequestHandler):
        def get(self) -> None:
            asked.append(self.request.headers.get("Authorization"))

    async def test(endpoint: Endpoint) -> None:
        with pytest.raises(HostUnreachable):
            await status(endpoint)

    routes = [(r"/elsewhere", Elsewhere), *answering("", 302, Location="/elsewhere")]
    with_host(routes, test)
    assert asked == []


def test_request_is_what_the_host_expects() -> None:
    seen: dict[str, Any] = {}

    class Handler(web.RequestHandler):
        def post(self) -> None:
            seen.update(headers=dict(self.request.headers), body=json.loads(self.request.body))
            self.finish({"ok": True})

    async def test(endpoint: Endpoint) -> None:
        answer = await HttpTransport().request(endpoint, "scale", {"workers": 2}, 5)
        assert answer == {"ok": True}
        assert seen["headers"]["Authorization"] == "Bearer secret"
        assert seen["headers"]["Host"] == f"127.0.0.1:{endpoint.port}"

    with_host([(r"/scale", Handler)], test, token="secret")
    assert seen["body"] == {"workers": 2}


class Watched(websocket.WebSocketHandler):
    """A host's ``/watch``: lets in when it may, says a few things, hears of the end."""

    may = asyncio.Event()
    begun = asyncio.Event()
    ended = asyncio.Event()
    say: tuple[str, ...] = ()

    async def prepare(self) -> None:
        type(self).begun.set()
        await type(self).may.wait()

    def open(self, *_: str, **__: str) -> None:
        for text in type(self).say:
            self.write_message(text)

    def on_close(self) -> None:
        type(self).ended.set()


def watched(*say: str) -> type[Watched]:
    events = {name: asyncio.Event() for name in ("may", "begun", "ended")}
    return type("One", (Watched,), {**events, "say": say})


def test_giving_up_while_connecting_leaves_no_connection() -> None:
    """Who waits for a moment only must not leave a socket, and a watcher in the host, behind."""
    handler = watched()

    async def test(endpoint: Endpoint) -> None:
        async def follow() -> None:
            async for _ in HttpTransport().watch(endpoint):
                pass

        task = asyncio.get_running_loop().create_task(follow())
        await asyncio.wait_for(handler.begun.wait(), 5)
        task.cancel()
        await asyncio.wait({task})
        handler.may.set()
        await asyncio.wait_for(handler.ended.wait(), 5)

    with_host([(r"/watch", handler)], test)


def test_giving_up_while_watching_leaves_no_connection() -> None:
    handler = watched('{"n": 1}', "[]", "7", '{"n": 2}')
    handler.may.set()
    seen = []

    async def test(endpoint: Endpoint) -> None:
        stream = HttpTransport().watch(endpoint)
        async for data in stream:
            seen.append(data)
            if data == {"n": 2}:
                break
        await stream.aclose()  # type: ignore[attr-defined]
        await asyncio.wait_for(handler.ended.wait(), 5)

    with_host([(r"/watch", handler)], test)
    assert seen == [{"n": 1}, {"n": 2}], "what is no object is passed over"


def test_watch_that_speaks_nonsense_is_unreachable() -> None:
    handler = watched("{nonsense")
    handler.may.set()

    async def test(endpoint: Endpoint) -> None:
        with pytest.raises(HostUnreachable):
            async for _ in HttpTransport().watch(endpoint):
                pass

    with_host([(r"/watch", handler)], test)
