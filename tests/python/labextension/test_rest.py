"""The REST API of dask-labextension, asked of its own server and of ours: the same good answers."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

import pytest
from distributed import Client

from ..support import wait_for
from .conftest import LabServer

pytestmark = [
    pytest.mark.usefixtures("theirs", "ours"),  # before what each test has of its own
    pytest.mark.timeout(240),  # two servers start within the first
]

KINDS = {
    "id": str,
    "name": str,
    "scheduler_address": str,
    "dashboard_link": str,
    "workers": int,
    "memory": str,
    "cores": int,
}


@pytest.fixture(params=["theirs", "ours"])
def server(request: pytest.FixtureRequest) -> Iterator[LabServer]:
    """One server, then the other; without clusters after each test."""
    found = request.getfixturevalue(request.param)
    yield found
    for model in found.clusters():
        found.ask("DELETE", f"dask/clusters/{model['id']}")


@pytest.fixture
def mine(ours: LabServer) -> Iterator[LabServer]:
    """Ours, where its own fails."""
    yield ours
    for model in ours.clusters():
        ours.ask("DELETE", f"dask/clusters/{model['id']}")


def shape(model: dict[str, Any]) -> dict[str, type]:
    return {name: type(value) for name, value in model.items()}


def reaches(server: LabServer, cluster_id: str, **wanted: Any) -> dict[str, Any]:
    """Its model, once it is so."""

    def look() -> dict[str, Any] | None:
        model = dict(server.ask("GET", f"dask/clusters/{cluster_id}").json)
        return model if wanted.items() <= model.items() else None

    return dict(wait_for(look, 30))  # type: ignore[arg-type]


# -- what both do ----------------------------------------------------------------------------------
def test_the_life_of_a_cluster(server: LabServer) -> None:
    made = server.ask("PUT", "dask/clusters")
    assert made.status == 200
    assert made.headers["Content-Type"].startswith("application/json")
    model = made.json
    assert shape(model) == KINDS
    assert str(uuid.UUID(model["id"])) == model["id"]
    assert (model["workers"], model["cores"], model["memory"]) == (1, 1, "1.00 GiB")
    where = f"dask/clusters/{model['id']}"
    assert server.ask("GET", where).json == model
    for path in ("dask/clusters", "dask/clusters/", "dask/clusters?1595927028221"):
        assert server.ask("GET", path).json == [model]
    with Client(model["scheduler_address"], set_as_default=False) as client:
        assert client.submit(sum, [1, 2]).result(timeout=20) == 3

    # What its scaling dialog sends: all of the model.
    answer = server.ask("PATCH", where, {**model, "workers": 2, "adapt": None})
    assert (answer.status, shape(answer.json)) == (200, KINDS)
    assert reaches(server, model["id"], workers=2)["memory"] == "2.00 GiB"

    adapt = {"minimum": 1, "maximum": 2}
    answer = server.ask("PATCH", where, {**model, "adapt": adapt})
    assert answer.status == 200
    assert answer.json["adapt"] == adapt
    assert reaches(server, model["id"], adapt=adapt)

    answer = server.ask("PATCH", where, {"workers": 1})
    assert "adapt" not in answer.json
    assert "adapt" not in reaches(server, model["id"], workers=1)

    gone = server.ask("DELETE", where)
    assert (gone.status, gone.body) == (204, b"")
    assert server.clusters() == []
    assert server.ask("GET", where).status == 404


def test_an_id_chosen_by_the_program(server: LabServer) -> None:
    chosen = str(uuid.uuid4())
    made = server.ask("PUT", f"dask/clusters/{chosen}")
    again = server.ask("PUT", f"dask/clusters/{chosen}")

    assert (made.status, made.json["id"]) == (200, chosen)
    assert again.status == 403
    assert again.message
    assert [model["id"] for model in server.clusters()] == [chosen]
    server.ask("DELETE", f"dask/clusters/{chosen}")
    assert server.ask("PUT", f"dask/clusters/{chosen}").status == 200, "an id is free again"


def test_what_is_not_there_or_not_allowed(server: LabServer) -> None:
    unknown = f"dask/clusters/{uuid.uuid4()}"

    answer = server.ask("GET", unknown)
    assert answer.status == 404
    assert answer.message
    assert server.ask("GET", "dask/clusters", token=None).status == 403
    assert server.ask("POST", "dask/clusters", {}).status == 405
    for url in ("http://127.0.0.1:1/status", "http://[", "nothing", "http://169.254.169.254/"):
        answer = server.ask("GET", f"dask/dashboard-check/{quote(url, safe='')}")
        assert answer.status == 200
        assert answer.json["isActive"] is False
        assert answer.json["plots"] == {}


def test_the_dashboard(server: LabServer) -> None:
    cluster_id = server.ask("PUT", "dask/clusters").json["id"]
    where = f"dask/dashboard/{cluster_id}"

    plots = server.ask("GET", f"{where}/individual-plots.json").json
    assert plots["Individual Task Stream"] == "/individual-task-stream"
    assert len(plots) > 20
    assert all(title.startswith("Individual ") for title in plots)
    page = server.ask("GET", f"{where}/individual-task-stream")
    assert page.status == 200
    assert b"<script" in page.body
    assert server.ask("GET", f"{where}/status").status == 200
    assert server.ask("GET", f"dask/dashboard/{uuid.uuid4()}/status").status == 404


# -- what only ours does ---------------------------------------------------------------------------
def test_the_pages_of_a_dashboard_are_the_same(theirs: LabServer, mine: LabServer) -> None:
    found = []
    for server in (theirs, mine):
        model = server.ask("PUT", "dask/clusters").json
        path = f"dask/dashboard/{model['id']}/individual-plots.json"
        found.append(set(server.ask("GET", path).json.values()))
        server.ask("DELETE", f"dask/clusters/{model['id']}")
    assert found[0] == found[1]


BAD_BODIES = [
    (b"garbage", "not JSON"),
    (b"", "Neither workers nor adapt is given."),
    (b"null", "not a JSON object"),
    (b"[]", "not a JSON object"),
    (b'"x"', "not a JSON object"),
    (b"{}", "Neither workers nor adapt is given."),
    (b'{"workers": null}', "is nothing, not a number"),
    (b'{"workers": "abc"}', "workers is text, not a number."),
    (b'{"workers": "3"}', "workers is text, not a number."),
    (b'{"workers": []}', "workers is a list, not a number."),
    (b'{"workers": 2.5}', "no fractions of workers"),
    (b'{"workers": true}', "is true, which is not a number"),
    (b'{"workers": NaN}', "not JSON"),
    (b'{"workers": -5}', "cannot be fewer than 0"),
    (b'{"workers": 1000000000}', "more than the"),
    (b'{"adapt": {"minimum": 6, "maximum": 3}}', "is above the greatest"),
    (b'{"adapt": {"minimum": -3, "maximum": -1}}', "cannot be fewer than 0"),
    (b'{"adapt": {}}', "adapt is not a minimum and a maximum."),
    (b'{"adapt": 3}', "adapt is not a minimum and a maximum."),
    (b'{"adapt": {"minimum": "a", "maximum": "b"}}', "minimum is text, not a number."),
]


def test_each_bad_body_is_refused_in_a_sentence(mine: LabServer) -> None:
    """Its own: 500 with a traceback in the log, or 200 and another number of workers."""
    model = mine.ask("PUT", "dask/clusters").json
    where = f"dask/clusters/{model['id']}"
    for body, says in BAD_BODIES:
        answer = mine.ask("PATCH", where, body)

        assert answer.status == 400, body
        assert says in answer.message, body
        assert mine.ask("GET", where).json == model, body
    assert "Traceback" not in mine.log


def test_what_does_not_exist_is_404(mine: LabServer) -> None:
    unknown = f"dask/clusters/{uuid.uuid4()}"

    assert mine.ask("PATCH", unknown, {"workers": 1}).status == 404
    assert mine.ask("DELETE", unknown).status == 404
    assert "There is no cluster" in mine.ask("DELETE", unknown).message
    assert mine.ask("PUT", "dask/clusters/nonsense%20id").status == 400
    assert mine.ask("PUT", "dask/clusters", b"garbage").status == 400
    assert mine.ask("PUT", "dask/clusters", {"workers": -1}).status == 400
    assert mine.clusters() == []


def at_once(asking: Callable[[], Any]) -> list[Any]:
    with ThreadPoolExecutor(2) as pool:
        return [future.result() for future in [pool.submit(asking) for _ in range(2)]]


def test_two_requests_at_once(mine: LabServer) -> None:
    where = f"dask/clusters/{uuid.uuid4()}"

    assert sorted(one.status for one in at_once(lambda: mine.ask("PUT", where))) == [200, 403]
    assert len(mine.clusters()) == 1
    assert len([r for r in mine.records() if r["phase"] == "running"]) == 1
    assert {one.status for one in at_once(lambda: mine.ask("DELETE", where))} <= {204, 404}
    assert mine.clusters() == []


def test_a_configuration_in_the_body(mine: LabServer) -> None:
    """Its own ignores it; programs for its forks send one, with fields of their own."""
    body = {"name": "My Big Cluster", "adapt": {"minimum": 1, "maximum": 2}, "factoryName": "x"}
    first = mine.ask("PUT", "dask/clusters", body).json
    second = mine.ask("PUT", "dask/clusters", {"name": "My Big Cluster", "workers": 0}).json

    assert (first["name"], first["adapt"]) == ("My-Big-Cluster", body["adapt"])
    assert (second["name"], second["workers"]) == ("My-Big-Cluster-2", 0)


def test_one_list_for_all(mine: LabServer) -> None:
    """Its list has what was started elsewhere, ours what was started through it."""
    record = mine.ask("POST", "dasklab/api/clusters", {"workers": 0, "name": "elsewhere"}).json
    wait_for(lambda: "elsewhere" in [model["name"] for model in mine.clusters()], 30)
    made = mine.ask("PUT", "dask/clusters").json

    assert {made["id"], record["id"]} <= {each["id"] for each in mine.records()}
    assert mine.ask("PATCH", f"dask/clusters/{record['id']}", {"workers": 1}).status == 200
    reaches(mine, record["id"], workers=1)
    link = mine.ask("GET", made["dashboard_link"].removeprefix(mine.base))
    assert link.status == 200, "the link of the model works where Jupyter does"


def test_its_magnifying_glass_in_a_notebook_with_our_magics(mine: LabServer) -> None:
    """It takes the link of the notebook's client up to "status", and looks for the pages there."""
    cluster_id = mine.ask("PUT", "dask/clusters").json["id"]
    where = f"dasklab/dashboard/{cluster_id}"

    plots = mine.ask("GET", f"{where}/individual-plots.json").json
    assert plots["Individual Task Stream"] == "/individual-task-stream"
    assert mine.ask("GET", where + plots["Individual Task Stream"]).status == 200


def test_addresses_that_are_dashboards_of_ours(mine: LabServer) -> None:
    cluster_id = mine.ask("PUT", "dask/clusters").json["id"]
    with Client(mine.clusters()[0]["scheduler_address"], set_as_default=False) as client:
        port = client.scheduler_info()["services"]["dashboard"]
    ours = f"dask/dashboard/{cluster_id}"

    for url in (f"http://127.0.0.1:{port}/status", f"http://localhost:{port}", ours, f"/{ours}/"):
        found = mine.ask("GET", f"dask/dashboard-check/{quote(url, safe='')}").json
        assert found["isActive"] is True, url
        assert found["effectiveUrl"] == f"{mine.base}{ours}"
        assert found["plots"]["Individual Progress"] == "/individual-progress"
    for url in (f"http://elsewhere.example/{ours}", f"http://10.0.0.1:{port}/status"):
        found = mine.ask("GET", f"dask/dashboard-check/{quote(url, safe='')}").json
        assert found == {"url": url, "isActive": False, "plots": {}}
