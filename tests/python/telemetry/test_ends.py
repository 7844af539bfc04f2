"""With a real scheduler: no end of a task is missed, and nothing of the collector stays."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from distributed import Client, Worker

from dasklab.telemetry.collector import GRAPH, HANDLER, PLUGIN
from dasklab.telemetry.history import History
from dasklab.telemetry.shipping import ask_here
from dasklab.telemetry.tables import ERRED, LAST, RETRIED
from dasklab.telemetry.worker_log import METRIC

from .clusters import run_threaded


class Watched:
    """A scheduler in this process, with what is told of it."""

    def __init__(self, scheduler: Any, client: Client) -> None:
        self.scheduler, self.client = scheduler, client
        self.history = History()

    async def ask(self) -> dict[str, Any]:
        """Fetch what is new; the totals."""
        self.history.take(await ask_here(self.scheduler, self.history.since))
        return self.history.totals

    @property
    def what(self) -> list[int]:
        """The column of that name."""
        return [value for block in self.history.tasks for value in block.columns[5]]


def watched(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run a test with a cluster of threads."""

    def run(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        async def inside(scheduler: Any, client: Client) -> None:
            found = Watched(scheduler, client)
            found.path, found.patch = tmp_path / "once", monkeypatch  # type: ignore[attr-defined]
            await test(found)

        STARTED.clear()
        run_threaded(inside, GO, workers=2, threads=1)

    run.__name__ = test.__name__
    return run


def add(*numbers: int) -> int:
    return sum(numbers)


def fail(*_: Any) -> None:
    raise ValueError("no")


def second_time(path: str) -> int:
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return 1
    raise ValueError("the first time")


GO, STARTED = threading.Event(), threading.Event()


def wait(_: int) -> int:
    STARTED.set()
    GO.wait(60)
    return 1


@watched
async def test_results_failures_and_what_depends_on_them(w: Watched) -> None:
    await w.ask()
    good = w.client.map(add, range(10))
    bad = w.client.submit(fail, good)
    never = w.client.submit(add, bad)
    await w.client.gather([*good, bad, never], errors="skip")
    totals = await w.ask()

    assert (totals["tasks"], totals["erred"], totals["retried"]) == (11, 1, 0)
    assert sum(1 for what in w.what if what & LAST) == 11
    assert sum(1 for what in w.what if what & ERRED and what & LAST) == 1


@watched
async def test_a_task_that_is_tried_again_ends_once(w: Any) -> None:
    await w.ask()
    assert await w.client.submit(second_time, str(w.path), retries=2) == 1
    totals = await w.ask()

    assert (totals["tasks"], totals["erred"], totals["retried"]) == (1, 0, 1)
    assert [what & RETRIED for what in w.what] == [RETRIED]


@watched
async def test_a_worker_that_is_lost_takes_its_tasks_along(w: Watched) -> None:
    await w.ask()
    task = w.client.submit(wait, 1, key="wait-1")
    await asyncio.to_thread(STARTED.wait, 60)
    address = w.scheduler.tasks["wait-1"].processing_on.address
    await w.scheduler.remove_worker(address, stimulus_id="test", close=False)
    GO.set()
    assert await task == 1
    totals = await w.ask()

    assert (totals["tasks"], totals["retried"]) == (1, 1)


@watched
async def test_a_task_that_kills_its_workers_is_a_failure(w: Watched) -> None:
    w.scheduler.allowed_failures = 0
    await w.ask()
    task = w.client.submit(wait, 1, key="wait-1")
    await asyncio.to_thread(STARTED.wait, 60)
    address = w.scheduler.tasks["wait-1"].processing_on.address
    await w.scheduler.remove_worker(address, stimulus_id="test", close=False)
    with pytest.raises(Exception, match="Attempted to run task"):
        await task
    GO.set()
    totals = await w.ask()

    assert (totals["tasks"], totals["erred"]) == (1, 1)
    assert w.what == [ERRED | LAST]  # an instant, on the worker that is gone
    assert "failure" in [event["kind"] for event in w.history.events]


@watched
async def test_work_that_is_stolen_is_counted_where_it_was_done(w: Watched) -> None:
    await w.ask()
    first = next(iter(w.scheduler.workers))
    tasks = [
        w.client.submit(wait, number, workers=[first], allow_other_workers=True)
        for number in range(6)
    ]
    GO.set()
    await w.client.gather(tasks)
    totals = await w.ask()

    assert totals["tasks"] == 6
    assert sum(1 for what in w.what if what & LAST) == 6


@watched
async def test_taken_out_it_leaves_everything_as_it_was(w: Watched) -> None:
    await w.ask()
    a, b = w.scheduler.workers
    data = w.client.submit(bytes, 1_000, workers=[a])
    await w.client.submit(len, data, workers=[b])
    workers = [worker for worker in Worker._instances if worker.address in (a, b)]
    while not any(METRIC in worker.metrics for worker in workers):
        await asyncio.sleep(0.05)
        w.scheduler.plugins[PLUGIN]._sampler._next = 0.0
        w.scheduler.plugins[PLUGIN]._sampler._pause = 0.0
        await w.ask()
    ask = w.scheduler.handlers[HANDLER]
    w.scheduler.remove_plugin(name=PLUGIN)
    await w.client.submit(add, 1, 2)

    assert ask() is None, "who asks is told, and ships another one"
    assert not {HANDLER, GRAPH} & w.scheduler.handlers.keys()
    while any(METRIC in worker.metrics for worker in workers):
        await asyncio.sleep(0.05)

    await w.ask()  # and again
    await w.client.submit(add, 3, 4)
    assert (await w.ask())["tasks"] == 3
