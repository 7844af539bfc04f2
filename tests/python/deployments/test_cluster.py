"""What can be done with any cluster of Dask's, on one whose workers are threads of the test."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from dasklab.deployments import _logs
from dasklab.deployments.base import Context
from dasklab.deployments.published import PublishedCluster
from dasklab.model.scaling import Scaling

from ..support import on_a_loop


@asynccontextmanager
async def local(workers: int) -> AsyncIterator[tuple[Any, PublishedCluster]]:
    """A cluster, and the deployment that wraps it; what adapts does so only when told."""
    import dask
    from distributed import LocalCluster

    with dask.config.set({"distributed.adaptive.interval": "1h"}):
        async with LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=False,
            protocol="inproc",
            dashboard_address=None,
            asynchronous=True,
        ) as cluster:
            context = Context("x", None, "", "", changed=lambda: None, note=lambda *_: None)
            yield cluster, PublishedCluster(cluster, context)


async def until(check: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not check():
        assert time.monotonic() < deadline, "it did not happen"
        await asyncio.sleep(0.01)


def running(cluster: Any) -> int:
    return len(cluster.scheduler.workers)


# -- adaptive --------------------------------------------------------------------------------------
@on_a_loop
async def test_number_given_while_data_moves_is_what_there_is_in_the_end() -> None:
    async with local(3) as (cluster, deployment):
        moving, moved = asyncio.Event(), asyncio.Event()
        retire = cluster.scheduler.retire_workers

        async def slow(**keywords: Any) -> Any:
            moving.set()
            await moved.wait()
            return await retire(**keywords)

        cluster.scheduler.handlers["retire_workers"] = slow
        await deployment.scale(Scaling(1, 1, 3))
        shrinking = asyncio.ensure_future(cluster._adaptive.scale_down([1, 2]))
        await moving.wait()
        scaling = asyncio.ensure_future(deployment.scale(Scaling(3)))
        await asyncio.wait([scaling], timeout=0.2)  # it may be done with that, or wait its turn
        moved.set()
        await asyncio.gather(shrinking, scaling)

        assert len(cluster.worker_spec) == 3
        await until(lambda: running(cluster) == 3)


@on_a_loop
async def test_what_was_decided_before_it_was_switched_off_is_not_done() -> None:
    async with local(2) as (cluster, deployment):
        await deployment.scale(Scaling(1, 1, 3))
        before = cluster._adaptive
        await deployment.scale(Scaling(2))
        await before.scale_down([1])
        await before.scale_up(3)

        assert len(cluster.worker_spec) == 2
        assert running(cluster) == 2


@on_a_loop
async def test_another_range_replaces_the_first() -> None:
    async with local(2) as (cluster, deployment):
        await deployment.scale(Scaling(1, 1, 3))
        before = cluster._adaptive
        await deployment.scale(Scaling(2, 2, 3))
        await before.scale_down([1])
        assert running(cluster) == 2

        await cluster._adaptive.scale_up(3)
        await until(lambda: running(cluster) == 3)


@on_a_loop
async def test_workers_that_have_not_come_are_cancelled() -> None:
    """As jobs in a queue: the scheduler has never heard of them."""
    from distributed.deploy.spec import ProcessInterface

    class Queued(ProcessInterface):  # type: ignore[misc]
        def __init__(self, *_: Any, **__: Any) -> None:
            super().__init__()

    async with local(1) as (cluster, deployment):
        cluster.worker_spec["job"] = {"cls": Queued, "options": {}}
        await cluster._correct_state()
        queued = cluster.workers["job"]
        assert (running(cluster), len(cluster.plan)) == (1, 2)

        await deployment.scale(Scaling(0, 0, 3))
        await cluster._adaptive.scale_down(["job"])
        assert queued.status.name == "closed"
        assert list(cluster.worker_spec) == [0]
        assert running(cluster) == 1, "nobody else has gone"


# -- jobs with several workers ---------------------------------------------------------------------
@asynccontextmanager
async def pairs(jobs: int) -> AsyncIterator[tuple[Any, PublishedCluster]]:
    """As ``local``, of jobs with two workers each, as dask-jobqueue's with two processes."""
    from distributed import Worker
    from distributed.deploy.spec import ProcessInterface

    class Pair(ProcessInterface):  # type: ignore[misc]
        def __init__(self, scheduler: str, name: Any) -> None:
            super().__init__(scheduler, name)
            self.workers = [Worker(scheduler, name=f"{name}-{i}", nthreads=1) for i in range(2)]

        async def start(self) -> None:
            await asyncio.gather(*self.workers)
            await super().start()

        async def close(self, **_: Any) -> None:
            await asyncio.gather(*(worker.close() for worker in self.workers))
            await super().close()

    async with local(0) as (cluster, deployment):
        for number in range(jobs):
            name = f"job{number}"
            spec = {"cls": Pair, "options": {"name": name}, "group": ["-0", "-1"]}
            cluster.worker_spec[name] = spec
        await cluster._correct_state()
        await until(lambda: running(cluster) == 2 * jobs)
        yield cluster, deployment


@on_a_loop
async def test_jobs_close_as_a_whole_and_their_data_moves() -> None:
    from distributed import Client

    async with pairs(3) as (cluster, deployment), Client(cluster, asynchronous=True) as client:
        held = await client.scatter(list(range(12)), hash=False)
        assert (await deployment.sample()).wanted == 6
        await deployment.scale(Scaling(2))

        assert len(cluster.worker_spec) == 1
        assert running(cluster) == 2
        assert await client.gather(held) == list(range(12))
        assert (await deployment.sample()).wanted == 2


@on_a_loop
async def test_adaptive_closes_no_job_for_the_sake_of_one_worker() -> None:
    async with pairs(2) as (cluster, deployment):
        await deployment.scale(Scaling(2, 2, 4))
        await cluster._adaptive.scale_down(["job0-0"])
        assert running(cluster) == 4
        assert {ws.status.name for ws in cluster.scheduler.workers.values()} == {"running"}

        leaving = await cluster._adaptive.workers_to_close(2)
        assert len({name.split("-")[0] for name in leaving}) == 1
        await cluster._adaptive.scale_down(leaving)
        assert running(cluster) == 2


# -- logs ------------------------------------------------------------------------------------------
@on_a_loop
async def test_silent_worker_is_named_and_hides_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_logs, "PATIENCE", 0.3)
    forever = asyncio.Event()

    async def silence(**_: Any) -> None:
        await forever.wait()

    async with local(3) as (cluster, deployment):
        silent = cluster.workers[1]
        silent.handlers["get_logs"] = silence
        logging.getLogger("distributed.worker").warning("All of them have this line.")
        lines = await deployment.logs("workers", 50)
        forever.set()

        others = {worker.address for worker in cluster.workers.values()} - {silent.address}
        assert {line["source"] for line in lines[:-1]} == others
        assert lines[-1]["text"].startswith(f"One worker does not answer ({silent.address}): ")
        assert await deployment.logs("scheduler", 50)
