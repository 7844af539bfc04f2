"""Telemetry through the Jupyter server: who may see it, and that it comes through whole."""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from tornado import web, websocket
from tornado.httpclient import HTTPClientError
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets

from dasklab.client.columns import gather
from dasklab.model.record import Endpoint, Phase
from dasklab.registry import Registry
from dasklab.telemetry.frames import decode, split

from ...support import kill
from ..conftest import BASE, Ask

RUN = Path(__file__).parents[3] / "fixtures" / "telemetry" / "run.frames"
FRAMES = list(split(RUN.read_bytes()))


class HostDouble:
    """A host's control API that sends frames of the fixture, and keeps what it hears."""

    def __init__(self) -> None:
        double = self
        self.headers: list[Any] = []
        self.heard: list[Any] = []
        self.sent = 0
        self.frames = FRAMES
        self.close_with: tuple[int, str] | None = (1000, "")
        self.closed = asyncio.Event()

        class Telemetry(websocket.WebSocketHandler):
            def open(self) -> None:
                double.headers.append(dict(self.request.headers))

            async def on_message(self, message: str | bytes) -> None:
                double.heard.append(json.loads(message))
                if "hello" in double.heard[-1]:
                    for frame in double.frames:
                        await self.write_message(frame, binary=True)
                        double.sent += 1
                    if double.close_with is not None:
                        self.close(*double.close_with)

            def on_close(self) -> None:
                double.closed.set()

        sockets = bind_sockets(0, "127.0.0.1")
        self.server = HTTPServer(web.Application([("/telemetry", Telemetry)]))
        self.server.add_sockets(sockets)
        self.endpoint = Endpoint("127.0.0.1", sockets[0].getsockname()[1], "host-token")

    async def close(self) -> None:
        """Stop."""
        self.server.stop()
        await self.server.close_all_connections()


@pytest.fixture
def double(jp_asyncio_loop: Any) -> Any:
    async def begin() -> HostDouble:
        return HostDouble()

    made = jp_asyncio_loop.run_until_complete(begin())
    yield made
    jp_asyncio_loop.run_until_complete(made.close())


@pytest.fixture
def path(double: HostDouble, registered: Any) -> str:
    """The address of the double's telemetry."""
    record = registered(control=double.endpoint)
    return f"{BASE}dasklab/api/clusters/{record.id}/telemetry"


@pytest.fixture
def mine(token: str) -> dict[str, str]:
    return {"Authorization": f"token {token}"}


async def read(socket: Any, count: int = 10**6) -> list[bytes]:
    """Messages until the end, or so many."""
    found = []
    async with asyncio.timeout(20):
        while len(found) < count and (frame := await socket.read_message()) is not None:
            found.append(frame)
    return found


async def test_frames_come_through_as_the_host_sent_them(
    connect: Any, path: str, mine: dict[str, str], double: HostDouble
) -> None:
    socket = await connect(path, mine)
    await socket.write_message('{"hello": {"tables": ["tasks"]}}')

    assert await read(socket) == FRAMES
    assert socket.close_code == 1000
    assert double.heard == [{"hello": {"tables": ["tasks"]}}]


async def test_credits_reach_the_host(
    connect: Any, path: str, mine: dict[str, str], double: HostDouble
) -> None:
    double.close_with = None
    socket = await connect(path, mine)
    await socket.write_message('{"hello": {}}')
    await read(socket, len(FRAMES))
    await socket.write_message('{"credit": 3}')
    async with asyncio.timeout(20):
        while len(double.heard) < 2:
            await asyncio.sleep(0.01)

    assert double.heard[1] == {"credit": 3}
    socket.close()
    await asyncio.wait_for(double.closed.wait(), 20)  # the host is not left with nobody


async def test_the_host_learns_nothing_of_the_browser(
    connect: Any, path: str, mine: dict[str, str], double: HostDouble
) -> None:
    socket = await connect(path, {**mine, "Cookie": "secret=1", "X-XSRFToken": "secret"})
    await socket.write_message('{"hello": {}}')
    await read(socket)

    (headers,) = double.headers
    assert headers["Authorization"] == "Bearer host-token"
    assert "secret" not in str(headers)
    assert {"Cookie", "Origin", "X-Xsrftoken"}.isdisjoint(headers)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "token wrong"},
        {"Cookie": "username-localhost-8888=forged"},
    ],
)
async def test_nobody_without_a_login(
    connect: Any, path: str, headers: dict[str, str], double: HostDouble
) -> None:
    with pytest.raises(HTTPClientError) as raised:
        await connect(path, headers)

    assert raised.value.code == 403
    assert double.headers == []


@pytest.mark.parametrize("fetch_site", [None, "same-origin", "none"])
@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://127.0.0.1:1", "file://", "http://127.0.0.1"]
)
async def test_no_page_of_another_origin(
    connect: Any,
    path: str,
    token: str,
    double: HostDouble,
    origin: str,
    fetch_site: str | None,
    http_server_port: Any,
    jp_serverapp: Any,
) -> None:
    """Also where its browser, or a proxy, says that it is the same site."""
    headers = {"Origin": origin, **({"Sec-Fetch-Site": fetch_site} if fetch_site else {})}
    login = await logged_in(jp_serverapp, http_server_port, token)
    with pytest.raises(HTTPClientError) as raised:
        await connect(path, {**headers, "Cookie": login})

    assert raised.value.code == 403
    assert double.headers == []


async def logged_in(app: Any, port: Any, token: str) -> str:
    """The cookie of a browser in which somebody has logged in."""
    from tornado.httpclient import AsyncHTTPClient

    response = await AsyncHTTPClient().fetch(
        f"http://127.0.0.1:{port[1]}{BASE}lab?token={token}",
        raise_error=False,
        follow_redirects=False,
    )
    cookies = [text.partition(";")[0] for text in response.headers.get_list("Set-Cookie")]
    return "; ".join(cookies)


async def test_a_page_of_this_server(
    connect: Any,
    path: str,
    token: str,
    http_server_port: Any,
    jp_serverapp: Any,
) -> None:
    login = await logged_in(jp_serverapp, http_server_port, token)
    origin = f"http://127.0.0.1:{http_server_port[1]}"
    socket = await connect(path, {"Cookie": login, "Origin": origin})
    await socket.write_message('{"hello": {}}')

    assert len(await read(socket)) == len(FRAMES)


@pytest.mark.parametrize("dasklab_config", [{"read_only": True}])
async def test_looking_is_allowed_where_nothing_may_be_changed(
    connect: Any, path: str, mine: dict[str, str]
) -> None:
    socket = await connect(path, mine)
    await socket.write_message('{"hello": {}}')

    assert len(await read(socket)) == len(FRAMES)


async def test_an_unknown_cluster_closes_with_the_reason(
    connect: Any, mine: dict[str, str]
) -> None:
    socket = await connect(f"{BASE}dasklab/api/clusters/{'b' * 32}/telemetry", mine)

    assert await read(socket) == []
    assert socket.close_code == 4410
    assert "no cluster" in socket.close_reason


async def test_a_host_that_does_not_answer_is_worth_another_try(
    connect: Any, registered: Any, mine: dict[str, str]
) -> None:
    record = registered(control=Endpoint("127.0.0.1", 1, "t"))
    socket = await connect(f"{BASE}dasklab/api/clusters/{record.id}/telemetry", mine)

    assert await read(socket) == []
    assert socket.close_code == 4502


async def test_a_host_that_refuses_says_why(
    connect: Any, path: str, mine: dict[str, str], double: HostDouble
) -> None:
    double.frames = []
    double.close_with = (1003, "A hello is an object.")
    socket = await connect(path, mine)
    await socket.write_message('{"hello": 3}')

    assert await read(socket) == []
    assert (socket.close_code, socket.close_reason) == (1003, "A hello is an object.")


@pytest.mark.parametrize("message", [b"binary", "x" * 100_000])
async def test_what_no_browser_of_ours_says_ends_the_socket(
    connect: Any, path: str, mine: dict[str, str], message: Any
) -> None:
    socket = await connect(path, mine)
    await socket.write_message(message, binary=isinstance(message, bytes))

    assert await read(socket) == []
    assert socket.close_code == 1008


async def test_a_cluster_that_has_ended_is_replayed(
    connect: Any, path: str, mine: dict[str, str], registry: Registry
) -> None:
    record = registry.records()[0][0]
    registry.write(record.ended_as(Phase.STOPPED, None, 2_000.0))
    shutil.copy(RUN, registry.recording(record.id))
    socket = await connect(path, mine)
    await socket.write_message('{"hello": {}}')

    found, kept = gather(await read(socket)), gather(FRAMES)
    assert found.columns["tasks"] == kept.columns["tasks"]
    assert (found.names, found.events, found.end) == (kept.names, kept.events, kept.end)
    assert socket.close_code == 1000


async def test_watching_is_no_activity(
    connect: Any, path: str, mine: dict[str, str], jp_serverapp: Any
) -> None:
    settings = jp_serverapp.web_app.settings
    before = (settings.get("api_last_activity"), jp_serverapp.web_app.last_activity())
    socket = await connect(path, mine)
    await socket.write_message('{"hello": {}}')
    await read(socket)

    assert (settings.get("api_last_activity"), jp_serverapp.web_app.last_activity()) == before


async def test_there_is_an_end_to_open_websockets(
    connect: Any, path: str, mine: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dasklab.server.relay.MOST", 2)
    open_ones = [await connect(path, mine) for _ in range(2)]
    with pytest.raises(HTTPClientError) as raised:
        await connect(path, mine)
    assert raised.value.code == 403

    open_ones[0].close()
    async with asyncio.timeout(20):
        while True:
            try:
                await connect(path, mine)
            except HTTPClientError:
                await asyncio.sleep(0.01)
            else:
                return


async def test_a_host_that_dies_while_it_is_watched(
    connect: Any, running: Any, reaches: Any, registry: Registry, mine: dict[str, str]
) -> None:
    """The stream ends; who asks again is told why there is no more, and need not ask again."""
    cluster = (await running())["id"]
    path = f"{BASE}dasklab/api/clusters/{cluster}/telemetry"
    socket = await connect(path, mine)
    await socket.write_message('{"hello": {}}')
    assert decode((await read(socket, 1))[0])[0]["end"] is None
    host = registry.get(cluster).host
    assert host is not None
    kill(host.pid)
    await read(socket)
    await reaches(cluster, "lost")

    socket = await connect(path, mine)
    await socket.write_message('{"hello": {}}')
    assert await read(socket) == []
    assert socket.close_code == 4410
    assert "has ended" in socket.close_reason


# -- windows and keys, of a real host ----------------------------------------------------------------
async def test_a_window_and_keys_of_a_real_cluster(api: Ask, fetch: Ask, running: Any) -> None:
    cluster = (await running())["id"]
    window = await fetch("GET", f"{BASE}dasklab/api/clusters/{cluster}/telemetry/window?width=800")
    keys = await api("GET", f"clusters/{cluster}/telemetry/tasks?from=0&rows=2")

    assert window.code == 200
    assert window.headers["Content-Type"] == "application/octet-stream"
    assert decode(next(iter(split(window.body))))[0]["window"]["rows"] == 0
    assert keys.json == {"cursor": 0, "keys": [None, None]}

    profile = await api("GET", f"clusters/{cluster}/telemetry/profile?since=0&prefix=inc")
    graph = await api("GET", f"clusters/{cluster}/telemetry/graph?known=nothing")
    assert profile.json == {"samples": 0, "nodes": [], "left_out": 0, "interval": 0.01}
    assert (graph.json["kind"], graph.json["nodes"], graph.json["states"]) == ("tasks", [], "")
    for query in (f"profile?prefix={'x' * 1_001}", f"graph?known={'x' * 1_001}"):
        refused = await api("GET", f"clusters/{cluster}/telemetry/{query}")
        assert refused.error["code"] == "request.malformed"


@pytest.mark.parametrize(
    "query",
    [
        "telemetry/window?width=0",
        "telemetry/window?width=x",
        "telemetry/window?width=99999999999999999999",
        "telemetry/window?since=soon",
        "telemetry/window?until=nan",
        "telemetry/window?since=inf",
        "telemetry/tasks",
        "telemetry/tasks?from=-1",
        "telemetry/tasks?from=0&rows=1001",
        "telemetry/tasks?from=0&rows=0",
        "telemetry/profile?since=soon",
    ],
)
async def test_nonsense_is_refused(fetch: Ask, path: str, query: str) -> None:
    answer = await fetch("GET", f"{path.removesuffix('/telemetry')}/{query}")

    assert answer.code == 400
    assert answer.error["code"] == "request.malformed"


@pytest.mark.parametrize(
    "query",
    [
        "telemetry/window",
        "telemetry/tasks?from=0",
        "telemetry/profile",
        "telemetry/graph",
    ],
)
async def test_unknown_clusters_and_unknown_users(fetch: Ask, query: str) -> None:
    unknown = f"{BASE}dasklab/api/clusters/{'b' * 32}/{query}"

    assert (await fetch("GET", unknown)).error["code"] == "cluster.unknown"
    assert (await fetch("GET", unknown, anonymous=True)).code == 403
