"""Pages, views and lasting links, with a real scheduler's real Bokeh pages."""

from __future__ import annotations

from typing import Any

import pytest

from dasklab.model.record import Phase
from dasklab.registry import Registry

from ..conftest import BASE, Ask


async def test_a_page_of_a_real_dashboard_from_list_to_websocket(
    api: Ask, fetch: Ask, running: Any, connect: Any, token: str
) -> None:
    cluster = await running()
    path = f"clusters/{cluster['id']}"
    pages = (await api("GET", f"{path}/pages")).json["pages"]
    names = [page["name"] for page in pages]
    assert names[:8] == [
        "status", "workers", "tasks", "system", "profile", "graph", "groups", "info",
    ]  # fmt: skip
    assert {"name": "individual-task-stream", "title": "Task Stream"} in pages
    assert {"name": "individual-cpu", "title": "CPU"} in pages

    made = await api("POST", f"{path}/view", {"page": "individual-task-stream"})
    assert made.code == 200
    url = made.json["url"]
    assert url.startswith(f"{BASE}dasklab/view/")
    assert url.endswith("/individual-task-stream")
    # From here on nobody is logged in: that is how a sandboxed frame asks.
    page = await fetch("GET", url, anonymous=True)
    assert page.code == 200
    assert b"bokeh" in page.body
    view = url.rpartition("/")[0]
    script = await fetch("GET", f"{view}/static/js/bokeh.min.js", anonymous=True)
    assert (script.code, script.headers["Content-Type"]) == (200, "text/javascript")

    session = page.body.decode().partition('"token":"')[2].partition('"')[0]
    socket = await connect(f"{url}/ws", {"Origin": "null"}, subprotocols=["bokeh", session])
    assert socket.selected_subprotocol == "bokeh"
    first = await socket.read_message()
    assert first is not None
    assert "msgtype" in first
    socket.close()

    for page_path in ("info/main/workers.html", "status?theme=dark"):
        assert (await fetch("GET", f"{view}/{page_path}", anonymous=True)).code == 200
    moved = await fetch("GET", f"{view}/info", anonymous=True)
    assert moved.headers["Location"] == f"{view}/info/main/workers.html"

    unknown = await api("POST", f"{path}/view", {"page": "individual-task-strem"})
    assert (unknown.code, unknown.error["code"]) == (404, "page.unknown")
    assert "individual-task-stream" in unknown.error["hint"]
    for bad in (3, None, ["status"]):
        answer = await api("POST", f"{path}/view", {"page": bad})
        assert answer.error["code"] == "request.malformed"
    for bad in ("../status", "//evil.example", "proxy/8787/localhost", "", "a\\b", "x" * 5000):
        answer = await api("POST", f"{path}/view", {"page": bad})
        assert answer.error["code"] == "page.unknown", bad

    link = f"{BASE}dasklab/dashboard/{cluster['id']}"
    for tail, end in (
        (f"/status?token={token}&theme=dark&TOKEN={token}", "/status?theme=dark"),
        ("", "/status"),
        ("/", "/status"),
        ("/workers", "/workers"),
    ):
        answer = await fetch("GET", link + tail)
        assert answer.code == 302
        assert answer.headers["Location"].startswith(f"{BASE}dasklab/view/")
        assert answer.headers["Location"].endswith(end)
    assert (await fetch("GET", f"{link}/nonsense")).code == 404


async def test_a_lasting_link_asks_to_log_in(fetch: Ask, registered: Any) -> None:
    record = registered()
    link = f"{BASE}dasklab/dashboard/{record.id}/status"
    answer = await fetch("GET", link, anonymous=True)
    assert answer.code == 302
    assert answer.headers["Location"].startswith(f"{BASE}login")
    answer = await fetch("POST", link, {}, anonymous=True)
    assert answer.code == 403


@pytest.mark.parametrize("name", ["nobody", "%3Cscript%3Ealert(1)%3C%2Fscript%3E"])
async def test_a_lasting_link_to_nothing_says_so_and_echoes_nothing(fetch: Ask, name: str) -> None:
    answer = await fetch("GET", f"{BASE}dasklab/dashboard/{name}/status")
    assert answer.headers["Content-Security-Policy"] == "sandbox; frame-ancestors 'self'"
    assert (answer.code, answer.headers["Content-Type"]) == (404, "text/html; charset=utf-8")
    assert b"There is no cluster" in answer.body
    assert b"<script" not in answer.body


async def test_the_dashboard_of_a_cluster_that_has_ended(
    api: Ask, fetch: Ask, registered: Any
) -> None:
    record = registered(phase=Phase.STOPPED)
    for method, path in (("GET", "pages"), ("POST", "view")):
        answer = await api(method, f"clusters/{record.id}/{path}", {} if method == "POST" else None)
        assert (answer.code, answer.error["code"]) == (410, "cluster.gone")
    answer = await fetch("GET", f"{BASE}dasklab/dashboard/{record.id}/status")
    assert answer.code == 410
    assert b"is stopped" in answer.body


async def test_forgetting_a_cluster_ends_its_views(
    api: Ask, extension: Any, registered: Any, registry: Registry
) -> None:
    record = registered(phase=Phase.STOPPED)
    extension.capabilities.mint(record.id)
    assert (await api("DELETE", f"clusters/{record.id}")).code == 204
    assert len(extension.capabilities) == 0
