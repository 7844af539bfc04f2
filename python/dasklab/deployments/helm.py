"""A release of the ``dask`` chart: a scheduler and workers that Helm has installed in Kubernetes.

Found, attached to and scaled. Installing, upgrading and uninstalling it is Helm's: what would be
changed here beyond the number of workers, the next ``helm upgrade`` would change back.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any, ClassVar

from ..errors import DasklabError, StartFailed
from ..model.explanation import Explanation, Job
from ..model.scaling import Scaling
from .base import Checkpoint
from .kubernetes import before
from .kubernetes.explaining import explain
from .kubernetes.options import OPTIONS, configured, with_site_defaults
from .kubernetes.pool import DEFAULT
from .kubernetes.reaching import Reached
from .kubernetes.release import Releases, Replicas, SchedulerOfARelease, chart_of
from .kubernetes.seeing import see

__all__ = ("Helm",)

INSTALLING = 300.0
"""Seconds for what the chart's containers do before Dask begins (``EXTRA_PIP_PACKAGES``): without a
probe, which the chart has none of, their pods count as ready meanwhile."""

PLACE = ("namespace", "context", "connect")


class Helm(Reached):
    """A release, driven through Kubernetes' API."""

    name = "helm"
    title = "Helm release"
    description = "Attach to a release of the dask chart that is installed in Kubernetes."
    options: ClassVar[dict[str, Any]] = {
        "type": "object",
        "additionalProperties": False,
        "required": ["release"],
        "properties": {
            "release": {
                "type": "string",
                "title": "Release",
                "description": "Such as analysis; what helm list calls it. Detached, it goes on as "
                "it is; stopped, without workers: only helm uninstall removes it.",
                "pattern": r"^[a-z0-9]([-a-z0-9.]{0,51}[a-z0-9])?$",
                "examples": ["analysis"],
            },
            **{name: OPTIONS["properties"][name] for name in PLACE},
        },
    }
    can = (*Reached.can, "detach")
    stop_patience = 15.0

    @classmethod
    def availability(cls) -> DasklabError | None:
        return before.availability()

    @classmethod
    def schema(cls) -> dict[str, Any]:
        place = with_site_defaults()["properties"]
        properties = {**cls.options["properties"], **{name: place[name] for name in PLACE}}
        return {**cls.options, "properties": properties}

    @classmethod
    def preview(cls, options: dict[str, Any], scaling: Scaling | None) -> str:
        place = options.get("namespace")
        where = f"the namespace {place}" if place else "the context's own namespace"
        text = f"# Nothing is created: connects to the release {options['release']} in {where}.\n"
        if scaling is not None and scaling.adaptive:
            text += f"# Then {scaling.minimum} to {scaling.maximum} workers, by load.\n"
        elif scaling is not None:
            text += f"# Then its Deployment of workers has {scaling.wanted} replicas.\n"
        return text

    @classmethod
    async def discover(cls) -> list[dict[str, Any]]:
        """Releases in the namespace, by the labels that the chart gives to what it makes."""
        if cls.availability() is not None:
            return []
        try:
            api = await Releases.connect(configured("namespace"), None)
        except StartFailed:
            return []  # no Kubernetes is configured here: there is nothing to ask
        try:
            schedulers = await api.all()
        finally:
            await api.close()
        found = []
        for item in schedulers:
            name = item["metadata"]["labels"]["release"]
            text = f"Release of the dask chart {chart_of(item)} in {api.namespace}"
            up = item.get("status", {}).get("readyReplicas")
            options = {"release": name, "namespace": api.namespace}
            text += "." if up else ", whose scheduler is not ready."
            found.append({"name": name, "text": text, "options": options})
        return found

    # -- one release -----------------------------------------------------------------------------
    async def start(self) -> AsyncIterator[Checkpoint]:
        yield Checkpoint("api", "Asking Kubernetes")
        self._name = name = self.given["release"]
        namespace = self.given.get("namespace") or configured("namespace")
        self._api = api = await Releases.connect(namespace, self.given.get("context"))
        known = {"name": name, "namespace": api.namespace, "adopted": True}
        scheduler = next(iter(await api.of("Deployment", name, "scheduler")), None)
        if scheduler is None:
            raise StartFailed(
                f"There is no release {name} of the dask chart in the namespace {api.namespace}.",
                "%dask discover lists those that there are; helm install --repo "
                f"https://helm.dask.org {name} dask makes one.",
            )
        service = str(scheduler["metadata"]["name"])
        self._pool = Replicas(api, name, f"{service.removesuffix('-scheduler')}-worker")
        async for checkpoint in self._until_ready(SchedulerOfARelease(api, name), known):
            yield checkpoint
        yield Checkpoint("connect", "Connecting to the scheduler", known, pending=True)
        await self._reach(service, await api.ports(service), INSTALLING)
        await self.pool.look()
        if self.context.scaling is not None:
            yield Checkpoint("workers", "Asking for workers", known)
            await self.scale(self.context.scaling)

    async def _is_there(self) -> bool:
        return bool(await self.api.of("Deployment", self._name, "scheduler"))

    async def explain(self) -> Explanation:
        await self.pool.look()
        found = explain(await see(self.api, self._name, "worker"))
        return replace(found, jobs=tuple(map(self._in_its_group, found.jobs)))

    def _in_its_group(self, job: Job) -> Job:
        """A pod's job: the chart names its Deployments by groups, and its workers not at all."""
        deployment = job.workers[0] if job.workers else job.id
        group = self.pool.group_of(deployment)
        return replace(job, workers=(), group="" if group == DEFAULT else group)

    # -- the end ---------------------------------------------------------------------------------
    async def stop(self, checkpoint: dict[str, Any] | None) -> None:
        """Take its workers away; nothing of it is ours to remove.

        From another process it is let be: then nobody has asked for its end.
        """
        if self.cluster is not None:
            await self.pool.look()
            await asyncio.gather(*(self.pool.set(group, 0) for group in self.pool.wanted))
            self.context.note(
                "release",
                f"Its workers are taken away; the scheduler of the release {self._name} goes on "
                f"until helm uninstall {self._name}.",
            )
        await self.detach()
