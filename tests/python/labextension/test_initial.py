"""``labextension.initial``: hosts that are there when the server is, and longer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ..support import wait_for
from .conftest import LabServer

INITIAL = [
    {"name": "My Big Cluster", "workers": 0},
    {"name": "wrong", "workers": -3},
    {"adapt": {"minimum": 0, "maximum": 2}},
    "nonsense",
]

pytestmark = pytest.mark.timeout(240)  # servers start, and start again

Serve = Callable[..., LabServer]


@pytest.fixture
def serve(package: Path) -> Iterator[Serve]:
    """Start a server with this ``labextension`` in Dask's configuration."""
    started: list[LabServer] = []

    def start(values: Any, *, also: bool = True, **config: Any) -> LabServer:
        extensions = {"dasklab": True, "dask_labextension": also}
        server = LabServer(package, extensions, {"labextension": values}, DasklabServer=config)
        started.append(server)
        server.start()
        return server

    yield start
    for server in started:
        server.stop()


def live(server: LabServer) -> dict[str, str]:
    """Names and ids of what runs."""
    running = [r for r in server.records() if r["phase"] == "running"]
    return {record["name"]: record["id"] for record in running}


def problems(server: LabServer) -> list[str]:
    """What the list of clusters says is wrong, shown in the panel."""
    found = server.ask("GET", "dasklab/api/clusters").json["problems"]
    return [f"{problem['message']} {problem['hint']}" for problem in found]


@pytest.mark.parametrize("also", [True, False], ids=["beside it", "without it"])
def test_they_start_with_the_server_and_outlive_it(serve: Serve, also: bool) -> None:
    server = serve({"initial": INITIAL}, also=also)
    names = wait_for(lambda: len(live(server)) == 2 and live(server), 60)
    assert set(names) == {"My-Big-Cluster", "local-1"}
    ranges = {r["name"]: r["workers"]["maximum"] for r in server.records()}
    assert ranges == {"My-Big-Cluster": None, "local-1": 2}
    said = wait_for(lambda: len(problems(server)) == 2 and problems(server))
    assert said[0].startswith("An initial cluster 'wrong' was not started: The number of workers")
    assert "Entry 4 of labextension.initial is 'nonsense'." in said[1]
    for sentence in said:
        assert sentence in server.log
    assert server.log.count("dask-labextension's configuration is read (4 initial clusters)") == 1

    server.stop()
    server.start()
    wait_for(lambda: len(problems(server)) == 2, 30)
    assert live(server) == names, "none is started twice"

    # One that has ended is there again with the next server, as it always was.
    server.ask("DELETE", f"dasklab/api/clusters/{names['My-Big-Cluster']}")
    wait_for(lambda: "My-Big-Cluster" not in live(server))
    server.stop()
    server.start()
    assert wait_for(lambda: len(live(server)) == 2 and live(server), 60) == names
    assert len(server.records()) == 2


def test_the_factory_and_its_failures_are_told(serve: Serve) -> None:
    values = {
        "factory": {"module": "dask_nosuch", "class": "Cluster"},
        "initial": [{"name": "one"}],
    }
    server = serve(values)

    def failed() -> Any:
        return [r for r in server.records() if r["phase"] == "failed"]

    (record,) = wait_for(failed, 60)
    assert "cannot import dask_nosuch" in record["reason"]["message"]
    assert (record["name"], record["profile"]) == ("one", "labextension")
    assert "%dask start labextension uses its factory" in server.log


@pytest.mark.parametrize("config", [{"allow_launch": False}, {"read_only": True}])
def test_a_server_that_may_start_none(serve: Serve, config: dict[str, Any]) -> None:
    server = serve({"initial": [{"name": "one"}]}, **config)

    (said,) = wait_for(lambda: problems(server), 30)
    assert "An initial cluster 'one' was not started" in said
    assert server.records() == []


@pytest.mark.parametrize("values", ["text", {"initial": "x"}, {"factory": [1]}])
def test_a_broken_section_keeps_no_server_from_starting(serve: Serve, values: Any) -> None:
    server = serve(values, also=False)

    (said,) = wait_for(lambda: problems(server), 30)
    assert "in Dask's configuration" in said
