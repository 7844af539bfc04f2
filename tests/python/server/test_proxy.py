"""The dashboard proxy against dashboards, pages and strangers that mean harm."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket as sockets
from typing import Any

import pytest
from tornado.httpclient import HTTPClientError
from tornado.websocket import WebSocketClosedError

from dasklab.model.record import Endpoint, Phase
from dasklab.registry import Registry
from dasklab.server import capabilities
from dasklab.server import proxy as module

from ..support import AS_ROOT
from .conftest import BASE, Ask, until
from .doubles import HostileDashboard

SANDBOX = "sandbox allow-scripts; frame-ancestors 'self'"

SECRETS = {
    "Cookie": "username-localhost=secret",
    "Authorization": "token secret",
    "Proxy-Authorization": "secret",
    "X-XSRFToken": "secret",
    "Referer": "http://127.0.0.1/?token=secret",
    "X-Forwarded-For": "secret",
    "X-Forwarded-Host": "secret",
    "X-Real-IP": "secret",
    "Forwarded": "for=secret",
    "X-Anything": "secret",
}


def assert_safe(answer: Any) -> None:
    """What every answer below ``view`` must have and must not have."""
    headers = answer.headers
    assert headers.get_list("Content-Security-Policy") == [SANDBOX]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    for name in ("Set-Cookie", "Access-Control-Allow-Origin", "Refresh", "Clear-Site-Data"):
        assert name not in headers


# -- who may ask ---------------------------------------------------------------------------------
async def test_without_a_capability_there_is_one_sentence_and_nothing_else(
    fetch: Ask, view: str, dashboard: HostileDashboard
) -> None:
    for capability in ("x", "a" * 43, "", "%3Cscript%3E", "..%2f..%2f", "a/b/c"):
        path = f"{BASE}dasklab/view/{capability}/status"
        for method in ("GET", "HEAD"):
            # The user's token does not help: the path alone counts.
            for anonymous in (True, False):
                answer = await fetch(method, path, anonymous=anonymous)
                assert answer.code == 403
                assert_safe(answer)
                assert b"script" not in answer.body
                assert method == "HEAD" or b"has expired" in answer.body
    assert dashboard.seen == []


async def test_an_expired_capability_opens_nothing(
    fetch: Ask, view: str, connect: Any, extension: Any, dashboard: HostileDashboard
) -> None:
    assert (await fetch("GET", f"{view}/status", anonymous=True)).code == 200
    seen = len(dashboard.seen)
    extension.capabilities._clock = lambda: 1e12
    assert (await fetch("GET", f"{view}/status", anonymous=True)).code == 403
    with pytest.raises(HTTPClientError, match="403"):
        await connect(f"{view}/status/ws", {"Origin": "null"})
    assert len(dashboard.seen) == seen


async def test_a_websocket_needs_a_capability_also_with_a_token(
    connect: Any, view: str, token: str, dashboard: HostileDashboard
) -> None:
    for headers in ({"Origin": "null"}, {"Origin": "null", "Authorization": f"token {token}"}):
        with pytest.raises(HTTPClientError, match="403"):
            await connect(f"{BASE}dasklab/view/{'a' * 43}/status/ws", headers)
    assert dashboard.seen == []


async def test_a_capability_opens_one_cluster(
    fetch: Ask, view: str, extension: Any, registered: Any, dashboard: HostileDashboard
) -> None:
    other = HostileDashboard()
    other.answer = lambda handler: handler.write("the other")
    record = registered(other.endpoint, id="b" * 32, name="other")
    made = extension.url("view", extension.capabilities.mint(record.id).token)
    assert (await fetch("GET", f"{view}/status", anonymous=True)).body == b"fine"
    assert (await fetch("GET", f"{made}/status", anonymous=True)).body == b"the other"
    # Nothing in the path, the query or a header leads from one to the other.
    await fetch("GET", f"{view}/{other.endpoint.port}/?host=x&port={other.endpoint.port}")
    await fetch("GET", f"{view}/x", headers={"Host": f"127.0.0.1:{other.endpoint.port}"})
    assert len(other.seen) == 1
    await other.close()


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "http://127.0.0.1", "http://127.0.0.1:{port}.evil.example",
     "http://evil.example:{port}", "null.example", "NULL ", "http://x@127.0.0.1:{port}",
     "file://", "ftp://127.0.0.1:{port}", "", None],
)  # fmt: skip
async def test_a_websocket_of_another_origin_is_refused(
    connect: Any, view: str, dashboard: HostileDashboard, http_server_port: Any, origin: str | None
) -> None:
    headers = {} if origin is None else {"Origin": origin.format(port=http_server_port[1])}
    with pytest.raises(HTTPClientError, match="403"):
        await connect(f"{view}/status/ws", headers)
    assert dashboard.seen == []


@pytest.mark.parametrize("origin", ["null", "http://127.0.0.1:{port}", "https://127.0.0.1:{port}"])
async def test_a_websocket_of_a_sandboxed_page_or_of_this_server_is_relayed(
    connect: Any, view: str, http_server_port: Any, origin: str
) -> None:
    socket = await connect(f"{view}/status/ws", {"Origin": origin.format(port=http_server_port[1])})
    await socket.write_message("héllo")
    assert await socket.read_message() == "héllo"
    await socket.write_message(b"\x00\xff", binary=True)
    assert await socket.read_message() == b"\x00\xff"


async def test_a_host_name_from_elsewhere_is_refused_and_not_echoed(
    fetch: Ask, view: str, dashboard: HostileDashboard
) -> None:
    for host in ("evil.example", "<script>alert(1)</script>", "169.254.169.254"):
        answer = await fetch("GET", f"{view}/status", headers={"Host": host}, anonymous=True)
        assert answer.code in (400, 403)
        assert b"evil" not in answer.body
        assert b"<script" not in answer.body
        assert b"169.254" not in answer.body
    assert dashboard.seen == []


@AS_ROOT
async def test_the_record_of_another_user_is_not_used(
    fetch: Ask, view: str, connect: Any, registry: Registry, dashboard: HostileDashboard
) -> None:
    os.chown(registry.path("a" * 32), 12345, 12345)
    assert (await fetch("GET", f"{view}/status", anonymous=True)).code == 500
    with pytest.raises(HTTPClientError):
        await connect(f"{view}/status/ws", {"Origin": "null"})
    assert dashboard.seen == []


async def test_the_dashboard_of_a_cluster_that_has_ended_is_gone(
    fetch: Ask, view: str, registered: Any, dashboard: HostileDashboard
) -> None:
    # Its port may belong to another user's process by now.
    registered(dashboard.endpoint, phase=Phase.STOPPED)
    answer = await fetch("GET", f"{view}/status", anonymous=True)
    assert answer.code == 410
    assert_safe(answer)
    assert dashboard.seen == []


async def test_a_dashboard_that_is_not_ready(fetch: Ask, view: str, registered: Any) -> None:
    registered(None)
    assert (await fetch("GET", f"{view}/status", anonymous=True)).code == 502


# -- where a request goes ------------------------------------------------------------------------
async def test_nothing_but_get_and_head_goes_up(
    fetch: Ask, view: str, dashboard: HostileDashboard
) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"):
        answer = await fetch(method, f"{view}/api/v1/retire_workers", b"{}")
        assert answer.code == 405, method
        assert_safe(answer)
    assert dashboard.seen == []


async def test_head_is_asked_as_head(fetch: Ask, view: str, dashboard: HostileDashboard) -> None:
    answer = await fetch("HEAD", f"{view}/status", anonymous=True)
    assert (answer.code, answer.body, dashboard.last.method) == (200, b"", "HEAD")
    assert_safe(answer)


@pytest.mark.parametrize(
    ("path", "arrives"),
    [
        ("/", "/"),
        ("/status", "/status"),
        ("/@evil.example/x", "/@evil.example/x"),
        ("/%40evil.example/x", "/@evil.example/x"),
        ("/%2f%2fevil.example/x", "/%2F%2Fevil.example/x"),
        ("/info/worker/tcp%3A%2F%2F127.0.0.1%3A1.html", "/info/worker/tcp:%2F%2F127.0.0.1:1.html"),
        ("/x?next=http://evil.example&token=secret", "/x?next=http%3A%2F%2Fevil.example"),
        ("//evil.example/x", None),
        ("/../../api/contents", None),
        ("/%2e%2e/x", None),
        ("/..%2fx", None),
        ("/a//b", None),
        ("/proxy/80/169.254.169.254/latest", None),
        ("/jupyter/api/terminals", None),
    ],
)
async def test_a_path_leads_nowhere_but_to_the_dashboard(
    fetch: Ask, view: str, dashboard: HostileDashboard, path: str, arrives: str | None
) -> None:
    answer = await fetch("GET", view + path, anonymous=True)
    if arrives is None:
        assert answer.code == 404
        assert_safe(answer)
        assert dashboard.seen == []
    else:
        assert answer.code == 200
        assert dashboard.last.uri == arrives
        assert dashboard.last.headers["Host"] == f"127.0.0.1:{dashboard.endpoint.port}"


async def test_no_redirect_is_followed_and_none_leads_out(
    fetch: Ask, view: str, dashboard: HostileDashboard
) -> None:
    other = HostileDashboard()
    place = f"http://127.0.0.1:{other.endpoint.port}/"
    metadata = "http://169.254.169.254/latest/meta-data"
    for location, leads in (
        (metadata, None),
        (place, None),
        ("//evil.example/", None),
        ("javascript:alert(1)", None),
        ("/status?token=secret", f"{view}/status"),
        ("main/workers.html", f"{view}/info/main/workers.html"),
    ):

        def moved(handler: Any, to: str = location) -> None:
            handler.set_status(302)
            handler.set_header("Location", to)

        dashboard.answer = moved
        answer = await fetch("GET", f"{view}/info/x", anonymous=True)
        assert answer.code == 302
        assert answer.headers.get("Location") == leads
        assert_safe(answer)
    assert other.seen == []
    assert len(dashboard.seen) == 6
    await other.close()


async def test_a_websocket_follows_no_redirect(
    view: str, connect: Any, dashboard: HostileDashboard
) -> None:
    other = HostileDashboard()
    place = f"http://127.0.0.1:{other.endpoint.port}/x/ws"
    dashboard.answer = lambda handler: handler.redirect(place)
    socket = await connect(f"{view}/moved", {"Origin": "null"})
    assert await socket.read_message() is None
    assert socket.close_code == 1013
    assert len(dashboard.seen) == 1
    assert other.seen == []
    await other.close()


async def test_a_dashboard_on_another_machine_needs_the_administrators_word(
    fetch: Ask, connect: Any, extension: Any, registered: Any
) -> None:
    record = registered(Endpoint("10.255.255.1", 8787))
    view = extension.url("view", extension.capabilities.mint(record.id).token)
    answer = await fetch("GET", f"{view}/status", anonymous=True)
    assert answer.code == 403
    assert b"another machine" in answer.body
    assert b"10.255" not in answer.body
    with pytest.raises(HTTPClientError, match="403"):
        await connect(f"{view}/status/ws", {"Origin": "null"})


@pytest.mark.parametrize("dasklab_config", [{"allowed_dashboard_hosts": [".*"]}])
@pytest.mark.parametrize("host", ["169.254.169.254", "0.0.0.0", "::ffff:169.254.169.254"])
async def test_a_metadata_address_is_never_asked_whatever_is_allowed(
    fetch: Ask, extension: Any, registered: Any, host: str, dasklab_config: Any
) -> None:
    record = registered(Endpoint(host, 80))
    view = extension.url("view", extension.capabilities.mint(record.id).token)
    answer = await fetch("GET", f"{view}/latest/meta-data", anonymous=True)
    assert answer.code == 403
    assert b"never" in answer.body


@pytest.mark.parametrize("dasklab_config", [{"allowed_dashboard_hosts": [r"node\d+\.example"]}])
async def test_an_admitted_machine_is_asked_at_the_address_that_was_checked(
    fetch: Ask, connect: Any, extension: Any, registered: Any, monkeypatch: pytest.MonkeyPatch,
    dasklab_config: Any,
) -> None:  # fmt: skip
    # This machine's own address on its network stands for another machine.
    with sockets.socket(sockets.AF_INET, sockets.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))
        here = probe.getsockname()[0]
    assert not here.startswith("127."), "the tests need a network interface"
    remote = HostileDashboard(here)

    asked: list[str] = []

    async def getaddrinfo(loop: Any, host: Any, port: Any, **_: Any) -> list[Any]:
        # Who asks a second time, to connect, is sent elsewhere: DNS rebinding.
        if host == "node7.example":
            asked.append(host)
        address = here if len(asked) == 1 and host == "node7.example" else "127.0.0.1"
        return [(sockets.AF_INET, sockets.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", getaddrinfo)
    record = registered(Endpoint("node7.example", remote.endpoint.port))
    view = extension.url("view", extension.capabilities.mint(record.id).token)
    assert (await fetch("GET", f"{view}/status", anonymous=True)).body == b"fine"
    assert remote.last.headers["Host"] == f"node7.example:{remote.endpoint.port}"
    asked.clear()
    socket = await connect(f"{view}/status/ws", {"Origin": "null"})
    await socket.write_message("hello")
    assert await socket.read_message() == "hello"
    assert asked == ["node7.example"]
    socket.close()
    await remote.close()


# -- which headers pass --------------------------------------------------------------------------
@pytest.mark.parametrize("accept", ["*/*", "text/event-stream"])
async def test_no_secret_goes_up(
    fetch: Ask, view: str, dashboard: HostileDashboard, accept: str
) -> None:
    headers = {**SECRETS, "Accept": accept, "If-None-Match": '"x"'}
    answer = await fetch("GET", f"{view}/status?token=secret&theme=dark", headers=headers)
    assert answer.code == 200
    request = dashboard.last
    assert "secret" not in request.uri
    assert "secret" not in str(dict(request.headers))
    passed = {"Host", "Connection", "User-Agent", "Accept", "If-None-Match"}
    assert set(request.headers) == passed
    assert request.headers["User-Agent"].startswith("Tornado/"), "the server's own"


async def test_no_secret_goes_up_a_websocket_but_bokehs_session(
    connect: Any, view: str, dashboard: HostileDashboard
) -> None:
    await connect(
        f"{view}/status/ws?token=secret",
        {**SECRETS, "Origin": "null"},
        subprotocols=["bokeh", "a.session.token"],
    )
    await until(lambda: asyncio.sleep(0, dashboard.sockets))
    request = dashboard.last
    assert request.headers["Sec-WebSocket-Protocol"] == "bokeh,a.session.token"
    assert "Origin" not in request.headers
    assert "secret" not in request.uri
    assert "secret" not in str(dict(request.headers))


async def test_an_open_page_is_kept_open_without_asking_the_browser_for_anything(
    connect: Any, view: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LIFE", 0.01)
    socket = await connect(f"{view}/status/ws", {"Origin": "null"})
    life: list[bytes] = []
    asked: list[bytes] = []
    socket.on_pong, socket.on_ping = life.append, asked.append

    await until(lambda: asyncio.sleep(0, len(life) > 5))
    assert set(life) == {b""}
    # An answer would count as the user's activity on its way through a Hub's proxy.
    assert asked == []
    assert socket.protocol is not None


@pytest.mark.parametrize("accept", ["*/*", "text/event-stream"])
async def test_no_header_comes_back_that_could_reach_jupyter(
    fetch: Ask, view: str, dashboard: HostileDashboard, accept: str
) -> None:
    def hostile(handler: Any) -> None:
        for name in (
            "Set-Cookie", "Access-Control-Allow-Origin", "Access-Control-Allow-Credentials",
            "Content-Security-Policy", "Content-Security-Policy-Report-Only", "X-Frame-Options",
            "Refresh", "Clear-Site-Data", "Service-Worker-Allowed", "Link", "Set-Cookie2",
            "Strict-Transport-Security", "Referrer-Policy", "X-Content-Type-Options", "Server",
        ):  # fmt: skip
            handler.set_header(name, "hostile")
        handler.set_header("Content-Type", "text/html")
        handler.set_header("ETag", '"1"')
        handler.write("<script>parent.document</script>")

    dashboard.answer = hostile
    answer = await fetch("GET", f"{view}/status", headers={"Accept": accept}, anonymous=True)
    assert (answer.code, answer.body) == (200, b"<script>parent.document</script>")
    assert_safe(answer)
    assert "hostile" not in str(list(answer.headers.get_all()))
    assert set(answer.headers) <= {
        "Content-Type", "Etag", "Content-Length", "Connection",
        "Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy",
    }  # fmt: skip


CORS = {"allow_origin": "*", "allow_credentials": True}


@pytest.mark.parametrize("server_config", [CORS])
async def test_the_servers_cors_settings_do_not_open_the_proxy(
    fetch: Ask, view: str, connect: Any, server_config: Any
) -> None:
    answer = await fetch("GET", f"{view}/status", headers={"Origin": "https://evil.example"})
    assert_safe(answer)
    with pytest.raises(HTTPClientError, match="403"):
        await connect(f"{view}/status/ws", {"Origin": "https://evil.example"})


POLICY = "frame-ancestors 'self' https://portal.example; report-uri /x"
TORNADO = {"tornado_settings": {"headers": {"Content-Security-Policy": POLICY}}}


@pytest.mark.parametrize("server_config", [TORNADO])
async def test_the_administrators_frame_ancestors_are_kept_and_the_sandbox_too(
    fetch: Ask, view: str, server_config: Any
) -> None:
    answer = await fetch("GET", f"{view}/status", anonymous=True)
    assert answer.headers.get_list("Content-Security-Policy") == [
        "sandbox allow-scripts; frame-ancestors 'self' https://portal.example"
    ]


async def test_what_is_compressed_or_unchanged_passes_as_it_is(
    fetch: Ask, view: str, dashboard: HostileDashboard
) -> None:
    def packed(handler: Any) -> None:
        handler.set_header("Content-Encoding", "br")
        handler.write(b"\x00packed")

    dashboard.answer = packed
    answer = await fetch("GET", f"{view}/a.js", headers={"Accept-Encoding": "br"})
    assert (answer.headers["Content-Encoding"], answer.body) == ("br", b"\x00packed")
    assert dashboard.last.headers["Accept-Encoding"] == "br"
    for status in (204, 304, 404, 500):
        dashboard.answer = lambda handler, code=status: handler.set_status(code)
        answer = await fetch("GET", f"{view}/a.js", headers={"If-None-Match": '"x"'})
        assert answer.code == status
        assert_safe(answer)


# -- dashboards that fail ------------------------------------------------------------------------
async def test_a_dashboard_that_is_down(fetch: Ask, extension: Any, registered: Any) -> None:
    with sockets.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    record = registered(Endpoint("127.0.0.1", port))
    view = extension.url("view", extension.capabilities.mint(record.id).token)
    answer = await fetch("GET", f"{view}/status", anonymous=True)
    assert answer.code == 502
    assert b"does not answer" in answer.body
    assert str(port).encode() not in answer.body
    assert_safe(answer)


async def test_a_dashboard_that_never_stops_talking_is_cut_off(
    fetch: Ask, view: str, dashboard: HostileDashboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = 0

    async def endless(handler: Any) -> None:
        nonlocal sent
        while True:
            handler.write(b"data: x\n\n" * 10_000)
            await handler.flush()
            sent += 90_000

    dashboard.answer = endless
    monkeypatch.setattr(module, "BODY_LIMIT", 1_000_000)
    answer = await fetch("GET", f"{view}/x", headers={"Accept": "text/event-stream"})
    assert answer.code == 502
    assert sent < 20_000_000, "what fits into sockets and the limit, not more"


async def test_a_dashboard_that_never_answers_is_given_up(
    fetch: Ask, view: str, dashboard: HostileDashboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    forever = asyncio.Event()
    dashboard.answer = lambda handler: forever.wait()
    monkeypatch.setattr(module, "PATIENCE", 0.1)
    assert (await fetch("GET", f"{view}/x", anonymous=True)).code == 502
    forever.set()


# -- websockets ----------------------------------------------------------------------------------
async def test_either_end_closes_the_other_and_lets_go_of_the_capability(
    connect: Any, view: str, dashboard: HostileDashboard, extension: Any
) -> None:
    (capability,) = extension.capabilities._all.values()
    first = await connect(f"{view}/status/ws", {"Origin": "null"})
    upstream = await until(lambda: asyncio.sleep(0, dashboard.sockets and dashboard.sockets[0]))
    assert capability.sockets == 1
    first.close()
    await asyncio.wait_for(upstream.closed.wait(), 5)
    second = await connect(f"{view}/status/ws", {"Origin": "null"})
    await until(lambda: asyncio.sleep(0, len(dashboard.sockets) == 2))
    dashboard.sockets[1].close()
    assert await second.read_message() is None
    await until(lambda: asyncio.sleep(0, capability.sockets == 0))


async def test_a_large_message_passes_and_a_huge_one_does_not(
    connect: Any, view: str, dashboard: HostileDashboard
) -> None:
    limit = 20_000_000
    socket = await connect(f"{view}/status/ws", {"Origin": "null"}, max_message_size=limit)
    await socket.write_message(b"x" * 9_000_000, binary=True)
    assert len(await socket.read_message()) == 9_000_000
    arrived: list[int] = []
    dashboard.on_message = lambda _, message: arrived.append(len(message))
    with contextlib.suppress(WebSocketClosedError):
        await socket.write_message(b"x" * 12_000_000, binary=True)
    assert await socket.read_message() is None
    assert arrived == []
    dashboard.on_message = lambda upstream, _: upstream.write_message(b"x" * 12_000_000, True)
    socket = await connect(f"{view}/status/ws", {"Origin": "null"}, max_message_size=limit)
    await socket.write_message("send too much")
    assert await socket.read_message() is None


async def test_a_slow_reader_slows_the_dashboard_down(
    connect: Any, view: str, dashboard: HostileDashboard
) -> None:
    sent = 0

    async def flood(socket: Any, message: Any) -> None:
        nonlocal sent
        for _ in range(200):
            await socket.write_message(b"x" * 1_000_000, binary=True)
            sent += 1

    dashboard.on_message = flood
    socket = await connect(f"{view}/status/ws", {"Origin": "null"})
    await socket.write_message("go")

    async def stands_still() -> bool:
        before = sent
        await asyncio.sleep(0.3)
        return 0 < before == sent

    await until(stands_still)
    assert sent < 60, "200 MB were offered, and the reader has taken one message"


async def test_there_is_an_end_to_open_websockets(
    connect: Any, view: str, dashboard: HostileDashboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(capabilities, "SOCKETS", 2)
    kept = [await connect(f"{view}/status/ws", {"Origin": "null"}) for _ in range(2)]
    refused = await connect(f"{view}/status/ws", {"Origin": "null"})
    assert await refused.read_message() is None
    assert refused.close_code == 1013
    await kept[0].write_message("still there")
    assert await kept[0].read_message() == "still there"
    assert len(dashboard.seen) == 2


# -- what is remembered --------------------------------------------------------------------------
async def test_looking_at_a_dashboard_is_no_activity(
    fetch: Ask, connect: Any, view: str, jp_serverapp: Any
) -> None:
    before = jp_serverapp.web_app.last_activity()
    await fetch("GET", f"{view}/status")
    socket = await connect(f"{view}/status/ws", {"Origin": "null"})
    await socket.write_message("hello")
    await socket.read_message()
    assert jp_serverapp.web_app.last_activity() == before


async def test_no_capability_is_written_to_a_log(
    fetch: Ask, connect: Any, view: str, caplog: pytest.LogCaptureFixture, api: Ask,
    dashboard: HostileDashboard,
) -> None:  # fmt: skip
    token = view.rpartition("/")[2]
    for tail in ("/status", "/../x", "/moved", "//"):
        await fetch("GET", view + tail)
        await fetch("DELETE", view + tail)
    socket = await connect(f"{view}/status/ws", {"Origin": "null"})
    await socket.write_message("hello")
    await socket.read_message()
    assert "dasklab/view/[capability]/status" in caplog.text
    assert token not in caplog.text


@pytest.mark.parametrize("jp_base_url", ["/user/a.b+c%40d/"])
async def test_any_prefix(fetch: Ask, extension: Any, view: str, jp_base_url: str) -> None:
    assert view.startswith(f"{jp_base_url}dasklab/view/")
    assert (await fetch("GET", f"{view}/status", anonymous=True)).body == b"fine"
    answer = await fetch("GET", f"{jp_base_url}dasklab/api/clusters")
    assert len(answer.json["clusters"]) == 1
