"""Tasks that tasks submit are of the same cell, as far as that is known."""

from __future__ import annotations

import asyncio
import threading
from types import SimpleNamespace
from typing import Any

import dask
from distributed import Client, get_client, worker_client

from dasklab.telemetry.collector import PLUGIN
from dasklab.telemetry.origins import CELL, GRAPH, Origins
from dasklab.telemetry.shipping import ask_here

from .clusters import run_threaded

GO = threading.Event()


def grandchild(number: int) -> int:
    return number + 1


def child(number: int) -> int:
    with worker_client() as client:
        return int(client.submit(grandchild, number, pure=False).result())


def parent(number: int) -> int:
    GO.wait(60)  # parents of all cells are at work on the same workers by then
    with worker_client() as client:
        return sum(client.gather(client.map(child, range(3), pure=False)))


def alone(number: int) -> int:
    GO.wait(60)
    return int(get_client().submit(grandchild, number, key=f"of_nobody-{number}").result())


def test_what_tasks_of_two_cells_submit_at_the_same_time_is_told_apart() -> None:
    async def check(scheduler: Any, client: Client) -> None:
        dasks = scheduler.stream_handlers[GRAPH]
        await ask_here(scheduler, None)
        futures = []
        for cell in ("k:one", "k:two"):
            with dask.annotate(**{CELL: cell}):
                futures.append(client.submit(parent, 1, key=f"parent-{cell}"))
        futures.append(client.submit(alone, 1))
        while len(scheduler.workers) < 2 or sum(
            task.state == "processing" for task in scheduler.tasks.values()
        ) < len(futures):
            await asyncio.sleep(0.01)
        GO.set()
        assert await client.gather(futures) == [6, 6, 2]
        answer = await ask_here(scheduler, None)
        rows, kinds = memoryview(answer["rows"]).cast("H")[9::12], answer["names"]["kinds"]
        found: dict[str, list[str | None]] = {}
        for kind in rows:
            found.setdefault(kinds[kind]["prefix"], []).append(kinds[kind]["cell"])
        assert {name: sorted(map(str, cells)) for name, cells in found.items()} == {
            "parent": ["k:one", "k:two"],
            "child": ["k:one"] * 3 + ["k:two"] * 3,
            "grandchild": ["k:one"] * 3 + ["k:two"] * 3,
            "alone": ["None"],
            "of_nobody": ["None"],
        }
        collector = scheduler.plugins[PLUGIN]
        await scheduler.unregister_scheduler_plugin(PLUGIN)
        assert collector.answer() is None
        assert scheduler.stream_handlers[GRAPH] is dasks

    run_threaded(check, GO, workers=2, threads=4)


def test_what_is_not_known_is_not_guessed() -> None:
    taken: list[dict[str, Any]] = []

    async def take(**message: Any) -> None:
        taken.append(message)

    task = SimpleNamespace(annotations={CELL: "k:one"})
    unnamed = SimpleNamespace(annotations={})
    scheduler = SimpleNamespace(
        stream_handlers={GRAPH: take}, tasks={"known": task, "unnamed": unnamed}
    )
    origins = Origins(scheduler)

    def cell(submitter: str | None, **notes: Any) -> Any:
        message = {"submitting_task": submitter, "annotations": notes}
        asyncio.run(scheduler.stream_handlers[GRAPH](**message))
        return taken[-1]["annotations"].get(CELL)

    assert cell("known") == "k:one"
    assert cell("forgotten") is None
    # What the client of a worker in a kernel says is of the cell that made the cluster.
    assert cell("known", **{CELL: "k:made-it"}) == "k:one"
    assert cell("forgotten", **{CELL: "k:made-it"}) is None
    assert cell("unnamed", **{CELL: "k:made-it"}) is None
    assert cell(None, **{CELL: "k:two"}) == "k:two"
    asyncio.run(scheduler.stream_handlers[GRAPH](submitting_task="known", annotations=None))

    # A second one takes the place of the first, instead of standing before it.
    second = Origins(scheduler)
    origins.restore()
    second.restore()
    assert scheduler.stream_handlers[GRAPH] is take
    origins = Origins(scheduler)
    another = object()
    scheduler.stream_handlers[GRAPH] = another
    origins.restore()
    assert scheduler.stream_handlers[GRAPH] is another
