"""The task graph of a real scheduler, as it is told to who looks at it."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from dask import delayed
from distributed import Client
from distributed import wait as wait_all

from dasklab.telemetry import task_graph as module
from dasklab.telemetry.task_graph import STATES, task_graph

from .clusters import run_threaded


def with_cluster(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Give a test a client and the scheduler of a cluster in this process."""

    def run(monkeypatch: pytest.MonkeyPatch) -> None:
        run_threaded(
            lambda scheduler, client: test(client, scheduler, monkeypatch), GO, workers=1, threads=2
        )

    run.__name__ = test.__name__
    return run


def add(*numbers: int) -> int:
    return sum(numbers)


GO = threading.Event()


def wait() -> int:
    GO.wait(60)
    return 1


def sums(name: str, count: int) -> list[Any]:
    """So many tasks and one that needs them all, of one computation."""
    maps = [delayed(add)(number, dask_key_name=f"{name}-{number}") for number in range(count)]
    return [*maps, delayed(add)(*maps, dask_key_name="total-1")]


def pairs(graph: dict[str, Any]) -> set[tuple[str, str]]:
    """Its edges, by name."""
    names, edges = [node["name"] for node in graph["nodes"]], graph["edges"]
    return {(names[edges[place]], names[edges[place + 1]]) for place in range(0, len(edges), 2)}


@with_cluster
async def test_tasks_with_their_states_and_what_they_need(
    client: Client, scheduler: Any, patch: Any
) -> None:
    first = delayed(add)(1, dask_key_name="first-1")
    waiting = delayed(wait)(dask_key_name="wait-1")
    last = delayed(add)(first, waiting, dask_key_name="last-1")
    futures = client.compute([first, waiting, last])
    await futures[0]
    while scheduler.tasks["wait-1"].state != "processing":
        await asyncio.sleep(0.01)
    graph = task_graph(scheduler)
    states = {
        node["name"]: STATES[int(digit)]
        for node, digit in zip(graph["nodes"], graph["states"], strict=True)
    }

    assert (graph["kind"], graph["tasks"], graph["left_out"]) == ("tasks", 3, 0)
    assert states == {"first-1": "memory", "wait-1": "processing", "last-1": "waiting"}
    assert pairs(graph) == {("first-1", "last-1"), ("wait-1", "last-1")}
    assert {node["prefix"] for node in graph["nodes"]} == {"first", "wait", "last"}

    GO.set()
    await client.gather(futures)
    later = task_graph(scheduler, known=graph["id"])
    assert later["id"] == graph["id"]
    assert later["nodes"] is later["edges"] is None
    assert later["states"] == str(STATES.index("memory")) * 3
    json.dumps(later)


@with_cluster
async def test_only_the_computation_that_was_begun_last(
    client: Client, scheduler: Any, patch: Any
) -> None:
    before = await client.submit(add, 1, key="before-1")
    kept = client.submit(add, before, key="kept-1")
    await kept
    now = client.submit(add, kept, key="now-1")
    await now

    graph = task_graph(scheduler)
    assert [node["name"] for node in graph["nodes"]] == ["now-1"]
    del now
    while "now-1" in scheduler.tasks:
        await asyncio.sleep(0.01)
    assert task_graph(scheduler)["nodes"] == []
    assert task_graph(scheduler, known=graph["id"])["nodes"] == []


@with_cluster
async def test_tasks_of_a_name_that_was_there_before(
    client: Client, scheduler: Any, patch: Any
) -> None:
    """Dask puts them into the group that it has, which is of the computation before."""
    first = client.map(add, range(3), pure=False)
    await wait_all(first)
    again = client.map(add, range(4), pure=False)
    await wait_all(again)
    assert not scheduler.computations[-1].groups
    assert len(task_graph(scheduler)["nodes"]) == 7


@with_cluster
async def test_many_tasks_go_by_group(client: Client, scheduler: Any, patch: Any) -> None:
    patch.setattr(module, "TASKS", 50)
    futures = client.compute(sums("map", 60))
    await client.gather(futures)
    graph = task_graph(scheduler)
    counts = {
        node["name"]: dict(zip(STATES, numbers, strict=True))
        for node, numbers in zip(graph["nodes"], graph["counts"], strict=True)
    }

    assert (graph["kind"], graph["tasks"], graph["states"]) == ("groups", 61, None)
    assert counts["map"]["memory"] == 60
    assert pairs(graph) == {("map", "total")}
    assert task_graph(scheduler, known=graph["id"])["edges"] is None


@with_cluster
async def test_a_small_computation_beside_many_tasks(
    client: Client, scheduler: Any, patch: Any
) -> None:
    patch.setattr(module, "LOOKED_AT", 50)
    before = client.map(add, range(60), key="before")
    await client.gather(before)
    now = client.compute(sums("now", 5))
    await client.gather(now)
    graph = task_graph(scheduler)

    assert (graph["kind"], graph["tasks"]) == ("tasks", 6)
    assert {node["prefix"] for node in graph["nodes"]} == {"now", "total"}
    assert len(pairs(graph)) == 5

    patch.setattr(module, "LOOKED_AT", 3)
    assert task_graph(scheduler)["kind"] == "groups", "not all of them could be found"


@with_cluster
async def test_never_more_than_can_be_told(client: Client, scheduler: Any, patch: Any) -> None:
    patch.setattr(module, "TASKS", 5)
    patch.setattr(module, "GROUPS", 10)
    graph = {f"prefix{number}-x": (add, number) for number in range(30)}
    futures = client.get(graph, list(graph), sync=False)
    await client.gather(futures)
    found = task_graph(scheduler)

    assert len(found["nodes"]) == len(found["counts"]) == 10
    assert found["left_out"] == 20

    patch.setattr(module, "TASKS", 500)
    patch.setattr(module, "EDGES", 25)
    futures = client.compute(sums("many", 40))
    await client.gather(futures)
    found = task_graph(scheduler)
    assert len(found["edges"]) == 50
    assert found["left_out"] == 15


@with_cluster
async def test_a_long_key_is_told_short(client: Client, scheduler: Any, patch: Any) -> None:
    await client.submit(add, 1, key="x" * 1_000_000)
    (node,) = task_graph(scheduler)["nodes"]

    assert len(node["name"]) <= 200
    assert len(node["prefix"]) <= 200
