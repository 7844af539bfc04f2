"""A scheduler alone: real, with workers that only say what workers say.

What a plugin costs is a few microseconds of a task; among workers, sockets and serialization that
cannot be told from noise. Here a task is created, finished and forgotten by the scheduler's own
methods, nothing else runs in the process, and CPU time is what is measured.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from typing import Any

from tests.python.telemetry.silent import SilentComm, join

__all__ = ("LoneScheduler",)

METRICS = {
    "memory": 200_000_000,
    "cpu": 90.0,
    "managed_bytes": 0,
    "bandwidth": {"total": 1e8, "workers": {}, "types": {}},
    "spilled_bytes": {"memory": 0, "disk": 0},
    "task_counts": {"executing": 1, "ready": 3},
    "event_loop_interval": 0.02,
    "host_net_io": {"read_bps": 1e3, "write_bps": 1e3},
    "host_disk_io": {"read_bps": 1e3, "write_bps": 1e3},
    "digests_total_since_heartbeat": {},
    "transfer": {"incoming_bytes": 0},
    "time": 0.0,
}


class LoneScheduler:
    """Use as ``async with LoneScheduler(workers=8) as lone``."""

    def __init__(self, workers: int) -> None:
        self._numbers = itertools.count()
        self._comms = [SilentComm() for _ in range(workers)]
        self._tasks: list[asyncio.Task[Any]] = []
        self.scheduler: Any = None

    async def __aenter__(self) -> LoneScheduler:
        from distributed import Scheduler

        self.scheduler = await Scheduler(
            host="127.0.0.1", port=0, dashboard=False, dashboard_address="127.0.0.1:0"
        )
        for number, comm in enumerate(self._comms):
            _, task = await join(
                self.scheduler,
                comm,
                number,
                METRICS,
                name=str(number),
                threads=4,
                memory_limit=2**31,
            )
            self._tasks.append(task)
        return self

    async def __aexit__(self, *_: object) -> None:
        for comm in self._comms:
            comm.abort()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.scheduler.close()

    def beat(self) -> None:
        """Every worker's heartbeat."""
        for address in self.scheduler.workers:
            self.scheduler.heartbeat_worker(
                address=address,
                resolve_address=False,
                now=time.time(),
                resources={},
                host_info=None,
                metrics=dict(METRICS),
                executing={},
            )

    def run(self, count: int) -> None:
        """Create so many tasks, have them finish, forget them."""
        scheduler = self.scheduler
        stimulus = "bench"
        names = [f"inc-{next(self._numbers):032x}" for _ in range(count)]
        for name in names:
            task = scheduler.new_task(name, None, "released")
            task.run_spec = _spec(name)
            task.priority = (0, 0, 0)
            task.annotations = {}
        scheduler.transitions(dict.fromkeys(names, "waiting"), stimulus)
        left = set(names)
        while left:
            for name in list(left):
                task = scheduler.tasks[name]
                if task.state != "processing":
                    continue
                left.discard(name)
                self._finish(task, stimulus)
        scheduler.transitions(dict.fromkeys(names, "forgotten"), stimulus)

    def _finish(self, task: Any, stimulus: str) -> None:
        scheduler = self.scheduler
        now = time.time()
        recommendations, client_msgs, worker_msgs = scheduler.stimulus_task_finished(
            worker=task.processing_on.address,
            stimulus_id=stimulus,
            key=task.key,
            run_id=task.run_id,
            metadata={},
            nbytes=28,
            type=b"",
            typename="int",
            thread=140_000_000_000_000,
            startstops=[{"action": "compute", "start": now, "stop": now + 0.001}],
        )
        scheduler._transitions(recommendations, client_msgs, worker_msgs, stimulus)
        scheduler.stimulus_queue_slots_maybe_opened(stimulus_id=stimulus)
        scheduler.send_all(client_msgs, worker_msgs)


def _spec(name: str) -> Any:
    from dask.task_spec import Task

    return Task(name, int)
