"""A cluster of threads in the test's own process and on its own loop, with a client."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from distributed import Client, LocalCluster

__all__ = ("threaded",)


@asynccontextmanager
async def threaded(workers: int, threads: int) -> AsyncIterator[tuple[Any, Client]]:
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
