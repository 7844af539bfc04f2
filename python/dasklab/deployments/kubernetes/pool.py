"""The workers of a DaskCluster: Deployments of one pod each, in groups.

As a rule a pod runs one worker, which has the Deployment's name. A worker command may run several
of them, and a manifest may name them otherwise: those are found by their beginning, or by the pod's
address, for a Deployment that goes takes all that runs in it along.

More of them are made by the operator, when a group's number is raised. Fewer are made here: a
worker's Deployment is deleted by its name, and the group's number lowered to what is left, so that
the operator has nothing to choose (its last resort is the newest ones, whatever they hold).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from .._elsewhere import Elsewhere
from .api import Api
from .explaining import is_ready, owner_of
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
        self.ready: set[str] = set()
        self._places: dict[str, str] = {}  # of addresses (IP) of pods, their Deployments

    async def look(self) -> None:
        """Ask for groups and workers as they are."""
        groups = await self._api.find("DaskWorkerGroup")
        own = [item for item in groups if item["spec"].get("cluster") == self._cluster]
        self.wanted = {
            self.group_of(item["metadata"]["name"]): int(
                item["spec"]["worker"].get("replicas") or 0
            )
            for item in own
        }
        self.names = {group: set() for group in self.wanted}
        for item in await self._api.of("Deployment", self._cluster, "worker"):
            if item["metadata"].get("deletionTimestamp"):
                continue
            group = self.group_of(item["metadata"]["labels"].get(GROUP_LABEL, ""))
            self.names.setdefault(group, set()).add(item["metadata"]["name"])

    async def look_at_pods(self) -> None:
        """Ask for pods: where they are, and which are ready."""
        pods = await self._api.of("Pod", self._cluster, "worker")
        self.ready = {self._name_of(pod) for pod in pods if is_ready(pod)}
        found: dict[str, set[str]] = {}
        for pod in pods:
            for place in pod.get("status", {}).get("podIPs") or (
                {"ip": pod.get("status", {}).get("podIP")},
            ):
                found.setdefault(str(place["ip"]), set()).add(self._name_of(pod))
        # Pods of the node's own network share its address, which then tells nothing.
        self._places = {ip: names.pop() for ip, names in found.items() if len(names) == 1}

    def _name_of(self, pod: dict[str, Any]) -> str:
        """What :attr:`names` calls what the pod is of."""
        return owner_of(pod)

    def members(self, workers: Mapping[str, Any]) -> dict[str, list[str]]:
        """Addresses of workers (as a scheduler lists them) by Deployment; of nobody's under ``""``.

        Names are enough for most; pods count as they were at the last :meth:`look_at_pods`.
        """
        there = set().union(*self.names.values())
        found: dict[str, list[str]] = {}
        for address, info in workers.items():
            name = str(info.get("name", ""))
            owner = name if name in there else ""
            owner = owner or next((one for one in there if name.startswith(f"{one}-")), "")
            owner = owner or self._places.get(urlsplit(address).hostname or "", "")
            found.setdefault(owner if owner in there else "", []).append(address)
        return found

    def group_of(self, name: str) -> str:
        """The group whose name in Kubernetes is this."""
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

    async def prepare(self, names: list[str]) -> None:
        """Make sure that these can be removed, before their data moves."""

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

    def __init__(self, address: str, changed: Callable[[], None]) -> None:
        super().__init__(address, None, changed)
        self._adaptive: Any = None

    @property
    def loop(self) -> Any:
        from tornado.ioloop import IOLoop

        return IOLoop.current()

    @property
    def status(self) -> Any:
        from distributed.core import Status

        return Status.running if self.connected else Status.closed
