"""Workers that take everything and only say what they are made to: doubles, in real schedulers.

For the tests of the collector, and for the benchmark that measures a scheduler alone.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

__all__ = ("SilentComm", "join")


class SilentComm:
    """A connection to a worker that never says a word."""

    name = peer_address = local_address = "tcp://127.0.0.1:1"

    def __init__(self) -> None:
        self._gone = asyncio.Event()

    async def write(self, *_: Any, **__: Any) -> int:
        return 1

    async def read(self, *_: Any, **__: Any) -> Any:
        from distributed.comm import CommClosedError

        await self._gone.wait()
        raise CommClosedError

    async def close(self) -> None:
        self.abort()

    def abort(self) -> None:
        self._gone.set()

    def closed(self) -> bool:
        return self._gone.is_set()


async def join(
    scheduler: Any,
    comm: SilentComm,
    number: int,
    metrics: dict[str, Any],
    *,
    name: str,
    threads: int,
    memory_limit: int,
    now: float | None = None,
) -> tuple[str, asyncio.Task[Any]]:
    """Have such a worker come; its address, and the task that lasts as long as it stays."""
    address = f"tcp://127.0.0.1:{50_000 + number}"
    joining = scheduler.add_worker(
        comm,
        address=address,
        status="running",
        server_id=f"worker-{name}",
        nthreads=threads,
        name=name,
        resolve_address=False,
        now=time.time() if now is None else now,
        resources={},
        memory_limit=memory_limit,
        metrics=dict(metrics),
        services={},
        local_directory="",
        versions={},
        nanny="",
        extra={},
        stimulus_id="join",
    )
    task = asyncio.create_task(joining)
    while address not in scheduler.workers:
        await asyncio.sleep(0)
    return address, task
