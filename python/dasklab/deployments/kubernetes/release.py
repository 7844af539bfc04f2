"""A release of the ``dask`` chart, as Helm leaves it in Kubernetes.

Two kinds of Deployments, found by the chart's labels: one of the scheduler, and one for each group
of workers with as many pods as are wanted. Their names begin with one that the release's values may
change, so it is read from the scheduler's.

What is asked for keeps to the rights that the chart gives to its own Jupyter: it may read and
change Deployments, and read pods. Neither services nor subresources are among them.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from typing import Any

from ...errors import Refused, StartFailed
from .api import Api
from .explaining import owner_of
from .pool import DEFAULT, Pool
from .seeing import Waiting

__all__ = ("Releases", "Replicas", "SchedulerOfARelease", "chart_of")

COST = "controller.kubernetes.io/pod-deletion-cost"
FIRST, LIKE_OTHERS = "-2147483648", None
"""Of several pods that run, Kubernetes ends those that cost least when there are to be fewer."""


class Releases(Api):
    """The API, asked by the labels of the chart."""

    async def of(self, kind: str, cluster: str, part: str = "") -> list[dict[str, Any]]:
        found = await self.find(kind, f"release={cluster}" + (f",component={part}" if part else ""))
        # A pod has fewer labels than what Helm has made: not that of the chart.
        return [item for item in found if kind == "Pod" or chart_of(item)]

    async def all(self) -> list[dict[str, Any]]:
        """The schedulers' Deployments of all releases."""
        found = await self.find("Deployment", "component=scheduler,heritage=Helm,release")
        return [item for item in found if chart_of(item)]

    async def ports(self, service: str) -> tuple[int, int]:
        """Of a scheduler's service, for clients and for pages; where it is silent, the chart's."""
        try:
            found = await self.get("Service", service) or {}
        except Refused:
            found = {}
        ports = {one["targetPort"]: one["port"] for one in found.get("spec", {}).get("ports", ())}
        return int(ports.get(8786, 8786)), int(ports.get(8787, 80))


def chart_of(item: dict[str, Any]) -> str:
    """The version of the ``dask`` chart that made an object; empty if another one did."""
    found = re.fullmatch(r"dask-(\d.*)", str(item["metadata"].get("labels", {}).get("chart", "")))
    return found[1] if found else ""


class SchedulerOfARelease(Waiting):
    """The wait for it: it may just be moved to another node, or have been switched off."""

    async def nothing(self) -> str:
        for item in await self._api.of("Deployment", self._cluster, "scheduler"):
            if item["spec"].get("replicas", 1) == 0 or self.long:
                name = item["metadata"]["name"]
                raise StartFailed(
                    f"The scheduler of the release {self._cluster} has no pod.",
                    f"kubectl scale deployment {name} --replicas 1 asks for one, and kubectl "
                    f"describe deployment {name} says why there is none.",
                )
        return "Kubernetes makes it"


class Replicas(Pool):
    """The workers of a release: pods of Deployments, which have as many as is asked for.

    Kubernetes chooses which pods end when there are to be fewer, so those whose data moves are
    marked before.

    Parameters
    ----------
    release
        Its name.
    prefix
        That of its workers' Deployments.
    """

    def __init__(self, api: Api, release: str, prefix: str) -> None:
        super().__init__(api, release)
        self._prefix = prefix
        self._leaving: set[str] = set()  # pods that are not asked for any more, and still there
        self._marked: set[str] = set()

    async def look(self) -> None:
        deployments = await self._api.of("Deployment", self._cluster, "worker")
        self.wanted = {
            self.group_of(item["metadata"]["name"]): int(item["spec"].get("replicas", 1))
            for item in deployments
        }
        there: dict[str, set[str]] = {group: set() for group in self.wanted}
        for pod in await self._api.of("Pod", self._cluster, "worker"):
            ended = pod.get("status", {}).get("phase") in ("Succeeded", "Failed")
            if not ended and not pod["metadata"].get("deletionTimestamp"):
                there.setdefault(self.group_of(owner_of(pod)), set()).add(pod["metadata"]["name"])
        for group, names in there.items():
            if len(names) <= self.wanted.get(group, 0):
                self._leaving -= names  # Kubernetes has done what it was asked for
        self._leaving &= set().union(*there.values())
        self.names = {group: names - self._leaving for group, names in there.items()}

    def _name_of(self, pod: dict[str, Any]) -> str:
        return str(pod["metadata"]["name"])

    def group_of(self, name: str) -> str:
        """The group whose name in Kubernetes is this."""
        return name.removeprefix(self._prefix).removeprefix("-") or DEFAULT

    async def set(self, group: str, count: int) -> None:
        name = self._prefix if group == DEFAULT else f"{self._prefix}-{group}"
        await self._api.patch("Deployment", name, {"spec": {"replicas": count}})
        self.wanted[group] = count

    async def prepare(self, names: list[str]) -> None:
        """Mark pods as those to end, while nothing has been done to them yet: it may be refused."""
        await self._mark(names, FIRST)

    async def remove(self, names: list[str]) -> None:
        async with self._changing:
            await self._mark(self._marked.difference(names), LIKE_OTHERS)
            for group, there in self.names.items():
                leaving = there.intersection(names)
                if leaving:
                    self._leaving |= leaving
                    there -= leaving
                    await self.set(group, max(self.wanted[group] - len(leaving), 0))
            self._marked.clear()

    async def _mark(self, names: Iterable[str], cost: str | None) -> None:
        change = {"metadata": {"annotations": {COST: cost}}}
        self._marked.update(names)
        try:
            await asyncio.gather(*(self._api.patch("Pod", name, change) for name in names))
        except Refused as error:
            raise Refused(
                f"Fewer workers would lose data, for Kubernetes cannot be told which. "
                f"{error.message}",
                "Have the role allow patch of pods; without it there can be more, or none.",
            ) from error
