"""The workers of a DaskCluster: Deployments of one pod each, in groups.

More of them are made by the operator, when a group's number is raised. Fewer are made here: a
worker's Deployment is deleted by its name, and the group's number lowered to what is left, so that
the operator has nothing to choose (its last resort is the newest ones, whatever they hold).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from .._elsewhere import Elsewhere
from .api import Api
from .manifest import GROUP_LABEL

__all__ = ("DEFAULT", "Pods", "Pool")

DEFAULT = "default"
SETTLING = 10.0
"""Seconds in which the operator makes what it was asked for, before something else is asked."""


class Pool:
    """Names of workers that there are, and how many are wanted, by group."""

    def __init__(self, api: Api, cluster: str) -> None:
        self._api = api
        self._cluster = cluster
        self._changing = asyncio.Lock()
        self.wanted: dict[str, int] = {}
        self.names: dict[str, set[str]] = {}

    @property
    def total(self) -> int:
        return sum(self.wanted.values())

    async def look(self) -> None:
        """Ask for groups and workers as they are."""
        groups = await self._api.find("DaskWorkerGroup")
        own = [item for item in groups if item["spec"].get("cluster") == self._cluster]
        self.wanted = {
            self._short(item["metadata"]["name"]): int(item["spec"]["worker"].get("replicas") or 0)
            for item in own
        }
        self.names = {group: set() for group in self.wanted}
        for item in await self._api.of("Deployment", self._cluster, "worker"):
            if item["metadata"].get("deletionTimestamp"):
                continue
            group = self._short(item["metadata"]["labels"].get(GROUP_LABEL, ""))
            self.names.setdefault(group, set()).add(item["metadata"]["name"])

    def _short(self, name: str) -> str:
        return name.removeprefix(f"{self._cluster}-")

    async def settle(self) -> None:
        """Wait until the operator has made what it was asked for, for a while."""
        end = time.monotonic() + SETTLING
        while True:
            await self.look()
            behind = [g for g, count in self.wanted.items() if len(self.names[g]) != count]
            if not behind or time.monotonic() > end:
                return
            await asyncio.sleep(0.2)

    async def set(self, group: str, count: int) -> None:
        """Have the operator make a group's workers up to a number."""
        change = {"spec": {"worker": {"replicas": count}}}
        await self._api.patch("DaskWorkerGroup", f"{self._cluster}-{group}", change)
        self.wanted[group] = count

    async def remove(self, names: list[str]) -> None:
        """Remove workers, whose data has moved."""
        async with self._changing:
            for group, there in self.names.items():
                leaving = there.intersection(names)
                await asyncio.gather(*(self._api.delete("Deployment", name) for name in leaving))
                if leaving:
                    there -= leaving
                    await self.set(group, max(self.wanted[group] - len(leaving), 0))


class Pods(Elsewhere):
    """The scheduler in its pod, with what Adaptive wants of a cluster."""

    def __init__(self, address: str, changed: Callable[[], None], pool: Pool) -> None:
        super().__init__(address, None, changed)
        self._pool = pool
        self._adaptive: Any = None

    @property
    def loop(self) -> Any:
        from tornado.ioloop import IOLoop

        return IOLoop.current()

    @property
    def status(self) -> Any:
        from distributed.core import Status

        return Status.running if self.connected else Status.closed

    @property
    def plan(self) -> set[str]:
        return set(self._pool.names.get(DEFAULT, ()))

    @property
    def requested(self) -> set[str]:
        return self.plan

    @property
    def observed(self) -> set[str]:
        names = {str(info["name"]) for info in self.scheduler_info["workers"].values()}
        return names & self.plan

    def adapt(self, Adaptive: Any, **options: Any) -> None:  # noqa: N803 - as Cluster has it
        """Scale by load from now on."""
        self._adaptive = Adaptive(self, **options)

    async def scale(self, n: int) -> None:
        await self._pool.look()
        if n > self._pool.wanted.get(DEFAULT, 0):
            await self._pool.set(DEFAULT, n)

    async def scale_down(self, names: Any) -> None:
        await self._pool.look()
        await self._pool.remove([str(name) for name in names])
