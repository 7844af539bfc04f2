"""A cluster of threads in the test's own process and on its own loop, with a client."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from distributed import Client, LocalCluster

__all__ = ("run_threaded",)


@asynccontextmanager
async def _threaded(workers: int, threads: int) -> AsyncIterator[tuple[Any, Client]]:
    """Its scheduler and its client."""
    async with (
        LocalCluster(
            n_workers=workers,
            threads_per_worker=threads,
            processes=False,
            dashboard_address="127.0.0.1:0",
            asynchronous=True,
            silence_logs=50,
        ) as cluster,
        Client(cluster, asynchronous=True) as client,
    ):
        yield cluster.scheduler, client


def run_threaded(
    test: Callable[[Any, Client], Awaitable[None]],
    go: threading.Event,
    *,
    workers: int,
    threads: int,
) -> None:
    """Run a test with the scheduler and a client of a cluster of threads.

    ``go`` is what its tasks wait for: set at the end whatever happened, or they would stay.
    """

    async def inside() -> None:
        async with _threaded(workers=workers, threads=threads) as (scheduler, client):
            await asyncio.wait_for(test(scheduler, client), 90)

    go.clear()
    try:
        asyncio.run(inside())
    finally:
        go.set()
