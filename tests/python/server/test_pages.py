"""A dashboard's list of pages is foreign text."""

from __future__ import annotations

from typing import Any

import pytest

from dasklab.errors import HostUnreachable, PageUnknown, Refused
from dasklab.model.record import Endpoint
from dasklab.server import pages as module
from dasklab.server.pages import Pages

from .doubles import HostileDashboard


class Ready:
    """A cluster whose dashboard is where a test says."""

    id = "a" * 32

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint

    async def dashboard(self) -> Endpoint:
        return self.endpoint


@pytest.fixture
def cluster(dashboard: HostileDashboard) -> Any:
    return Ready(dashboard.endpoint)


async def test_only_names_that_can_be_names_are_taken(
    dashboard: HostileDashboard, cluster: Any
) -> None:
    dashboard.answer = lambda handler: handler.write({
        "Individual Task Stream": "/individual-task-stream",
        "Individual Gpu Memory": "/individual-gpu-memory",
        "Evil": "http://evil.example/",
        "Up": "/../x",
        "Script": "/<script>",
        "\x1b[1m" + "L" * 1000: "/individual-long",
        "Number": 3,
        "List": ["/x"],
        "Empty": "",
    })  # fmt: skip
    found = await Pages([]).of(cluster)
    assert {page["name"] for page in found[8:]} == {
        "individual-task-stream", "individual-gpu-memory", "individual-long", "3",
    }  # fmt: skip
    assert {"name": "individual-gpu-memory", "title": "GPU Memory"} in found
    for page in found:
        assert module.NAME.fullmatch(page["name"])
        assert len(page["title"]) <= 100
        assert "\x1b" not in page["title"]


async def test_a_scheduler_is_asked_once(dashboard: HostileDashboard, cluster: Any) -> None:
    dashboard.answer = lambda handler: handler.write({"Individual X": "/individual-x"})
    pages = Pages([])
    first = await pages.of(cluster)
    assert await pages.of(cluster) == first
    assert len(dashboard.seen) == 1
    assert await pages.find(cluster, "individual-x") == "individual-x"
    assert await pages.find(cluster, "info/main/workers.html") == "info/main/workers.html"
    with pytest.raises(PageUnknown):
        await pages.find(cluster, "individual-y")


async def test_without_bokeh_there_is_what_dask_itself_has(
    dashboard: HostileDashboard, cluster: Any
) -> None:
    dashboard.answer = lambda handler: handler.write({})
    assert await Pages([]).of(cluster) == [{"name": "info", "title": "Info"}]


@pytest.mark.parametrize("text", ["[]", "null", "3", '"x"'])
async def test_a_list_that_is_none(dashboard: HostileDashboard, cluster: Any, text: str) -> None:
    dashboard.answer = lambda handler: handler.write(text)
    assert [page["name"] for page in await Pages([]).of(cluster)] == ["info"]


@pytest.mark.parametrize("text", ["{", "[" * 100_000, '{"x": "' + "x" * 1_100_000 + '"}'])
async def test_an_answer_that_cannot_be_read(
    dashboard: HostileDashboard, cluster: Any, text: str
) -> None:
    dashboard.answer = lambda handler: handler.write(text)
    with pytest.raises(HostUnreachable):
        await Pages([]).of(cluster)


async def test_no_redirect_is_followed(dashboard: HostileDashboard, cluster: Any) -> None:
    dashboard.answer = lambda handler: handler.redirect("/elsewhere")
    await Pages([]).of(cluster)
    assert len(dashboard.seen) == 1


async def test_another_machine_is_not_asked() -> None:
    remote: Any = Ready(Endpoint("10.255.255.1", 80))
    with pytest.raises(Refused):
        await Pages([]).of(remote)
