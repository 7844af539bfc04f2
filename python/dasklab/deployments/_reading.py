"""What a scheduler knows of itself, read in the scheduler's own process.

Called where the scheduler is: by the host that has it, or sent to it by value (``_elsewhere``), so
this file imports the standard library and is complete in itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from distributed import Scheduler

__all__ = ("count_clients", "read_scheduler")

GROUPS_COUNTED = 5_000
"""Task groups whose states are summed for a sample, newest first: about 5 ms of the scheduler's
time at the most. Beyond it, counts are of the newest groups, where work happens."""


def _task_counts(scheduler: Scheduler) -> dict[str, int]:
    counts = {"processing": 0, "waiting": 0, "memory": 0, "erred": 0}
    groups: Iterable[Any] = scheduler.task_groups.values()
    if len(scheduler.task_groups) > GROUPS_COUNTED:
        groups = list(scheduler.task_groups.values())[-GROUPS_COUNTED:]
    for group in groups:
        states = group.states
        counts["memory"] += states["memory"]
        counts["erred"] += states["erred"]
        # "queued" and "no-worker" are ways of waiting; "released" is either done or not begun.
        counts["waiting"] += (
            states["waiting"] + states.get("queued", 0) + states.get("no-worker", 0)
        )
    counts["processing"] = sum(len(ws.processing) for ws in scheduler.workers.values())
    return counts


def count_clients(names: Iterable[str]) -> int:
    """Clients that belong to somebody: workers have clients too, and so has fire-and-forget."""
    return sum(
        name.startswith("Client-") and not name.startswith("Client-worker-") for name in names
    )


def read_scheduler(scheduler: Scheduler) -> dict[str, Any]:
    """The part of a :class:`Sample` that a scheduler in this process knows."""
    workers = list(scheduler.workers.values())
    return {
        "address": str(scheduler.address),
        "scheduler_id": str(scheduler.id),
        "running": len(workers),
        "cores": sum(ws.nthreads for ws in workers),
        "memory_used": sum(int(ws.metrics.get("memory", 0)) for ws in workers),
        "memory_limit": sum(int(ws.memory_limit or 0) for ws in workers),
        "cpu": sum(float(ws.metrics.get("cpu", 0.0)) for ws in workers) / 100,
        "tasks": _task_counts(scheduler),
        "clients": count_clients(scheduler.clients),
        "activity": int(scheduler.transition_counter),
    }
