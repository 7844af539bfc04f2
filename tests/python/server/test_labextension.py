"""dask-labextension's addresses: who may ask, and what can be reached through them.

What they answer is tested against dask-labextension itself, in ``tests/python/labextension``.
"""

from __future__ import annotations

import asyncio
from types import ModuleType
from typing import Any
from urllib.parse import quote

import pytest
from dask.utils import format_bytes
from jupyter_server.auth.authorizer import Authorizer
from tornado.httpclient import HTTPClientError

from dasklab.errors import WorkersInvalid
from dasklab.model.record import Endpoint, Phase
from dasklab.server.labextension import model
from dasklab.server.labextension.loading import PLUGIN, replace_manager, show_panel, supersede

from .conftest import BASE, Ask
from .doubles import HostileDashboard

ID = "a" * 32
ON = pytest.mark.parametrize("dasklab_config", [{"labextension": True}])
PATHS = [
    ("GET", "dask/clusters"),
    ("PUT", "dask/clusters"),
    ("GET", f"dask/clusters/{ID}"),
    ("PUT", f"dask/clusters/{ID}"),
    ("PATCH", f"dask/clusters/{ID}"),
    ("DELETE", f"dask/clusters/{ID}"),
    ("GET", f"dask/dashboard/{ID}/individual-plots.json"),
    ("GET", f"dask/dashboard/{ID}/status"),
    ("HEAD", f"dask/dashboard/{ID}/status"),
    ("GET", "dask/dashboard-check/http%3A%2F%2F127.0.0.1%3A8787"),
]


# -- who may ask -----------------------------------------------------------------------------------
@pytest.mark.parametrize(("method", "path"), PATHS)
async def test_without_the_setting_there_is_nothing(fetch: Ask, method: str, path: str) -> None:
    assert (await fetch(method, BASE + path)).code == 404


@ON
@pytest.mark.parametrize(("method", "path"), PATHS)
async def test_nobody_without_a_login(
    fetch: Ask, method: str, path: str, registered: Any, dashboard: HostileDashboard
) -> None:
    registered(dashboard.endpoint, id=ID)
    answer = await fetch(method, BASE + path, anonymous=True)

    assert answer.code in (302, 403)
    assert "/login" in answer.headers.get("Location", "/login")
    assert ID.encode() not in answer.body
    assert dashboard.seen == []


@ON
@pytest.mark.parametrize(("method", "path"), PATHS)
async def test_nobody_whom_the_authorizer_refuses(
    fetch: Ask, jp_serverapp: Any, registered: Any, method: str, path: str
) -> None:
    asked = []

    class SaysNo(Authorizer):
        def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
            asked.append((action, resource))
            return False

    jp_serverapp.web_app.settings["authorizer"] = SaysNo()
    registered(id=ID)
    assert (await fetch(method, BASE + path)).code == 403
    assert asked == [("read" if method in ("GET", "HEAD") else "write", "dasklab")]


@pytest.mark.parametrize("dasklab_config", [{"labextension": True, "read_only": True}])
async def test_read_only(fetch: Ask, registered: Any) -> None:
    registered(id=ID)

    assert (await fetch("GET", f"{BASE}dask/clusters/{ID}")).code == 200
    for method, body in (("PUT", None), ("PATCH", {"workers": 1}), ("DELETE", None)):
        answer = await fetch(method, f"{BASE}dask/clusters/{ID}", body)
        assert answer.code == 403
        assert "can only be looked at" in answer.json["message"]


@pytest.mark.parametrize("dasklab_config", [{"labextension": True, "allow_launch": False}])
async def test_no_launch(fetch: Ask) -> None:
    answer = await fetch("PUT", f"{BASE}dask/clusters")

    assert answer.code == 403
    assert answer.json["message"] == "Launching is turned off on this server."


@ON
async def test_asking_is_no_activity(fetch: Ask, jp_serverapp: Any, running: Any) -> None:
    cluster = await running()
    before = jp_serverapp.web_app.last_activity()
    for path in [path for method, path in PATHS if method == "GET"]:
        assert (await fetch("GET", BASE + path.replace(ID, cluster["id"]))).code < 400
    assert jp_serverapp.web_app.last_activity() == before


# -- what can be reached ---------------------------------------------------------------------------
@ON
async def test_no_address_that_a_browser_names_is_fetched(
    fetch: Ask, dashboard: HostileDashboard, registered: Any
) -> None:
    registered(Endpoint("127.0.0.1", 1))
    place = f"http://127.0.0.1:{dashboard.endpoint.port}"
    for url in (
        place,
        f"{place}/status",
        f"{place}/x/dashboard/{ID}/",
        f"//{place[7:]}",
        "http://[",
    ):
        answer = await fetch("GET", f"{BASE}dask/dashboard-check/{quote(url, safe='')}")

        assert answer.code == 200
        assert answer.json == {"url": url, "isActive": False, "plots": {}}
        assert answer.headers["Content-Type"].startswith("application/json")
    assert dashboard.seen == []


@ON
async def test_a_dashboard_is_seen_in_the_sandbox(
    fetch: Ask, running: Any, connect: Any, token: str
) -> None:
    cluster = await running()
    where = f"{BASE}dask/dashboard/{cluster['id']}"

    for path in ("", "/", "/status", "/status/"):
        answer = await fetch("GET", where + path)
        assert answer.code == 302
        location = answer.headers["Location"]
        assert location.startswith(f"{BASE}dasklab/view/")
        assert location.endswith("/status")
        assert cluster["id"] not in location
    page = await fetch("GET", location, anonymous=True)
    assert page.code == 200
    assert page.headers["Content-Security-Policy"].startswith("sandbox allow-scripts;")
    head = await fetch("HEAD", f"{where}/individual-progress")
    assert (head.code, head.body) == (302, b"")
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert (await fetch(method, f"{where}/status", b"")).code == 405
    for path in ("/..%2f..%2fapi", "/%2e%2e/api", "//evil.example/", "/proxy/8888/x", "/a%5cb"):
        assert (await fetch("GET", where + path)).code == 404, path

    for headers in ({}, {"Authorization": f"token {token}"}):
        with pytest.raises(HTTPClientError) as refused:
            await connect(f"{where}/individual-progress/ws", headers, subprotocols=["bokeh"])
        assert refused.value.code in (302, 403)


@ON
async def test_the_query_loses_its_token(fetch: Ask, running: Any, token: str) -> None:
    cluster = await running()
    query = f"token={token}&theme=dark"
    answer = await fetch("GET", f"{BASE}dask/dashboard/{cluster['id']}/status?{query}")

    assert answer.headers["Location"].endswith("/status?theme=dark")


@ON
async def test_a_cluster_that_has_ended_is_none(fetch: Ask, registered: Any) -> None:
    registered(id=ID, phase=Phase.STOPPED)

    assert (await fetch("GET", f"{BASE}dask/clusters")).json == []
    for method, body in (("GET", None), ("PATCH", {"workers": 1}), ("DELETE", None)):
        answer = await fetch(method, f"{BASE}dask/clusters/{ID}", body)
        assert answer.code == 404
        assert answer.json == {
            "message": f"There is no cluster {ID!r}.",
            "reason": None,
        }


@ON
async def test_a_large_body_is_refused(fetch: Ask, registered: Any) -> None:
    registered(id=ID)
    answer = await fetch("PATCH", f"{BASE}dask/clusters/{ID}", b" " * 1_100_000)

    assert answer.code == 413
    assert answer.json == {"message": "The request is too large.", "reason": None}


@ON
async def test_without_the_package_its_panel_is_missed(
    extension: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extension.serverapp.log, "propagate", True)
    supersede(extension)

    assert "pip install 'dasklab[labextension]'" in caplog.text


# -- its front end and its manager -----------------------------------------------------------------
def test_the_panel_is_enabled_after_what_others_do_to_the_page() -> None:
    settings: dict[str, Any] = {}
    show_panel(settings)
    page = {"disabledExtensions": ["other", PLUGIN], "more": 1}
    assert settings["page_config_hook"](None, page) == {"disabledExtensions": ["other"], "more": 1}

    settings = {"page_config_hook": lambda handler, page: {**page, "hub": handler}}
    show_panel(settings)
    page = settings["page_config_hook"]("here", {"disabledExtensions": [PLUGIN]})
    assert page == {"disabledExtensions": [], "hub": "here"}


@ON
async def test_the_manager_for_programs_in_the_server(extension: Any, running: Any) -> None:
    """As its documentation and its tests use it."""
    initialized = extension.manager.initialized
    assert initialized is extension.manager.initialized
    await extension.initial.start()
    async with extension.manager as manager:
        assert await manager is manager
        assert await initialized is manager
        assert await manager.initialized is manager
        assert manager.list_clusters() == []
        assert manager.get_cluster("fake") is None
        assert await manager.close_cluster("fake") is None
        assert await manager.scale_cluster("fake", 1) is None
        assert manager.adapt_cluster("fake", 1, 2) is None
        other = await running(name="somebody-elses")
        made = await manager.start_cluster(configuration={"workers": 0, "name": "mine"})
        assert manager.get_cluster(made["id"]) == made
        assert {each["name"] for each in manager.list_clusters()} == {"somebody-elses", "mine"}

        adapted = manager.adapt_cluster(made["id"], 0, 3)
        assert adapted["adapt"] == {"minimum": 0, "maximum": 3}
        async with asyncio.timeout(20):
            while manager.get_cluster(made["id"]).get("adapt") != adapted["adapt"]:
                await asyncio.sleep(0.02)
        with pytest.raises(WorkersInvalid):
            manager.adapt_cluster(made["id"], 3, 1)
        scaled = await manager.scale_cluster(made["id"], 0)
        assert "adapt" not in scaled
    assert [each["id"] for each in manager.list_clusters()] == [other["id"]]


@pytest.mark.parametrize("dasklab_config", [{"labextension": True}, {"labextension": False}])
async def test_its_own_manager_starts_nothing_in_the_server(
    extension: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    import dask.config

    theirs = ModuleType("dask_labextension.manager")
    theirs.manager = before = object()  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, theirs.__name__, theirs)
    with dask.config.set({"labextension.initial": [{"name": "one", "workers": -1}]}):
        replace_manager(extension)
        assert dask.config.get("labextension.initial") == []
        await extension.initial.start()

    assert theirs.manager is (extension.manager if extension.labextension else before)
    assert "An initial cluster 'one' was not started" in str(extension.initial.problems[0])


# -- the picture of a cluster ----------------------------------------------------------------------
@pytest.mark.parametrize(
    "count", [0, 1, 999, 2**10, 2**20 - 1, 2**30, int(0.9 * 2**30), 5 * 2**40, 2**51, 12_345_678]
)
def test_bytes_as_dask_writes_them(count: int) -> None:
    assert model.format_bytes(count) == format_bytes(count)
