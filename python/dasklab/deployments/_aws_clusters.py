"""dask-cloudprovider's classes for AWS, put right where they are wrong. Beneath ec2 and fargate.

Made when they are used, because their package is imported then. What each of them changes, and why,
stands with it; everything else is the package's own.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from ..errors import DasklabError
from ._vm_clusters import LOOK, until_it_listens, vm_cluster

__all__ = ("ec2_cluster", "fargate_cluster")

Ended = Callable[[str], Awaitable[DasklabError | None]]
"""Why the machine or task of this id has ended, if it has."""

BOOTING = ("PROVISIONING", "PENDING", "ACTIVATING")


def ec2_cluster(base: Any, cluster_id: str, ended: Ended, tell: Callable[[str], None]) -> Any:
    """``EC2Cluster`` that hears of machines which end, and closes also what never began."""

    class Machine:
        instance: Any

        async def look_after(self) -> None:
            """The class waits for ever for a scheduler whose machine has ended."""
            await _raise_if(ended, self.instance["InstanceId"])

        async def destroy_vm(self) -> None:
            """What was refused cannot be ended: the class asks for the id that it never got."""
            if self.instance is not None:
                await super().destroy_vm()  # type: ignore[misc]

    return vm_cluster(base, cluster_id, tell, Machine)


def fargate_cluster(base: Any, ended: Ended) -> Any:
    """``FargateCluster`` whose containers run in images of today, and which says why they end."""
    ecs = sys.modules[base.__module__]

    class Task:
        task: Any
        task_id: str
        task_type: str
        _overrides: dict[str, Any]

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            """``dask-scheduler`` and ``dask-worker`` are gone since distributed 2026.6."""
            super().__init__(*args, **kwargs)
            first, *others = self._overrides["command"]
            if first in ("dask-scheduler", "dask-worker"):
                self._overrides["command"] = [*first.split("-"), *others]

        async def _update_task(self) -> None:
            """The class asks without a pause, and takes ACTIVATING for a failure."""
            await super()._update_task()  # type: ignore[misc]
            while self.task["lastStatus"] in BOOTING:
                await asyncio.sleep(LOOK)
                await super()._update_task()  # type: ignore[misc]

        async def start(self) -> None:
            try:
                await super().start()  # type: ignore[misc]
            except RuntimeError as error:
                why = await ended(self.task_id) if self.task else None
                raise why or error from error
            if self.task_type == "scheduler":
                # It runs, and may not listen yet, or end before it does: the class would only say
                # that the connection was refused.
                await until_it_listens(self, partial(_raise_if, ended, self.task_id))

    theirs = (ecs.Scheduler, ecs.Worker)
    ours = {one: type(one.__name__, (Task, one), {}) for one in theirs}

    class FargateCluster(base):  # type: ignore[misc]
        """It names its classes of tasks in the middle of its start."""

        def __setattr__(self, name: str, value: Any) -> None:
            if name in ("scheduler_spec", "new_spec") and value is not None:
                value = {**value, "cls": ours.get(value["cls"], value["cls"])}
            super().__setattr__(name, value)

        def _check_scheduler_tls_config(self) -> None:
            """It compares None with False, and warns of every cluster."""
            if self.security.require_encryption:
                super()._check_scheduler_tls_config()

        def sync(self, *args: Any, **kwargs: Any) -> Any:
            """It has itself called at the end of the process, for a clean-up: the loop is gone."""
            if not self.loop.asyncio_loop.is_running():
                return None
            return super().sync(*args, **kwargs)

    return FargateCluster


async def _raise_if(ended: Ended, job_id: str) -> None:
    """Raise why it has ended, if it has."""
    error = await ended(job_id)
    if error is not None:
        raise error
