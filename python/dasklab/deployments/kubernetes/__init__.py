"""Dask clusters on Kubernetes, made by the Dask operator from ``DaskCluster`` resources.

``KubeCluster`` is not used, only what it talks to: it hangs on an image that cannot be pulled,
blames the operator when a status is late (dask-kubernetes #968) and keeps its forwarded ports
open. Here readiness comes from the pods.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any, ClassVar

from ...errors import ClusterGone, DasklabError, Refused, StartFailed
from ...model.explanation import Advice, Explanation
from ...model.scaling import Scaling
from ..base import Checkpoint, Context, Sample
from . import before
from .api import Api
from .explaining import explain
from .job import RUNNER, Runner, WaitingBeside
from .manifest import manifests
from .options import OPTIONS, configured, with_site_defaults
from .pool import Pool
from .reaching import Reached
from .seeing import Waiting, see

__all__ = ("Kubernetes",)

AFTERTHOUGHT = 1.5
"""Seconds in which the operator ends what it has begun, also for a cluster that is deleted."""


class Kubernetes(Reached):
    """A DaskCluster, driven through Kubernetes' API."""

    name = "kubernetes"
    title = "Kubernetes"
    description = "Pods of a Kubernetes cluster that has the Dask operator."
    options: ClassVar[dict[str, Any]] = OPTIONS
    stop_patience = 15.0
    undone_anywhere = True

    # -- before a launch -------------------------------------------------------------------------
    @classmethod
    def availability(cls) -> DasklabError | None:
        return before.availability()

    @classmethod
    def schema(cls) -> dict[str, Any]:
        return with_site_defaults()

    @classmethod
    def preview(cls, options: dict[str, Any], scaling: Scaling | None) -> str:
        return before.preview(options, scaling)

    @classmethod
    def warnings(cls, options: dict[str, Any], scaling: Scaling | None) -> list[Advice]:
        return before.warnings(options, scaling)

    @classmethod
    async def discover(cls) -> list[dict[str, Any]]:
        """DaskClusters of the namespace that dasklab did not make, also those of DaskJobs."""
        if cls.availability() is not None:
            return []
        try:
            api = await Api.connect(configured("namespace"), None)
        except StartFailed:
            return []  # no Kubernetes is configured here: there is nothing to ask
        try:
            clusters = await api.find("DaskCluster")
        finally:
            await api.close()
        found = []
        for item in clusters:
            meta = item["metadata"]
            ours = meta.get("labels", {}).get("app.kubernetes.io/managed-by") == "dasklab"
            if ours or meta.get("deletionTimestamp"):
                continue
            job = [o["name"] for o in meta.get("ownerReferences", ()) if o["kind"] == "DaskJob"]
            phase = item.get("status", {}).get("phase", "not seen by the operator")
            text = f"DaskCluster in {api.namespace}, {phase.lower()}"
            text += f", of the DaskJob {job[0]}." if job else "."
            options = {"existing": meta["name"], "namespace": api.namespace}
            found.append({"name": meta["name"], "text": text, "options": options})
        return found

    # -- one cluster -----------------------------------------------------------------------------
    def __init__(self, options: dict[str, Any], context: Context) -> None:
        super().__init__(options, context)
        self.adopted = bool(options.get("existing"))
        self._name = options.get("existing") or before.name_of(context.name, context.id)
        self._runner: Runner | None = None  # of a job that the cluster is made for
        self._groups: list[dict[str, Any]] = []  # that are still to be created
        if self.adopted:
            self.can = (*type(self).can, "detach")

    async def start(self) -> AsyncIterator[Checkpoint]:
        yield Checkpoint("api", "Asking Kubernetes")
        place = {"context": self.given.get("context")}
        namespace = self.given.get("namespace") or configured("namespace")
        self._api = api = await Api.connect(namespace, place["context"])
        self._pool = Pool(api, self._name)
        known = {
            **place, "namespace": api.namespace, "name": self._name, "adopted": self.adopted,
        }  # fmt: skip
        waiting = Waiting(api, self._name)
        if self.adopted:
            if await api.get("DaskCluster", self._name) is None:
                raise StartFailed(
                    f"There is no DaskCluster {self._name} in the namespace {api.namespace}.",
                    "%dask discover lists those that there are.",
                )
        else:
            async for checkpoint in self._create(known):
                yield checkpoint
            if self._runner is not None:
                waiting = WaitingBeside(api, self._name, self._runner)
        async for checkpoint in self._until_ready(waiting, known):
            yield checkpoint
        yield Checkpoint("connect", "Connecting to the scheduler", known)
        try:
            await self._reach(f"{self._name}-scheduler")
        except DasklabError:
            if self._runner is not None and await self._runner.ended(now=True):
                raise ClusterGone("Its job has ended.") from None
            raise
        for manifest in self._groups:
            await api.create(manifest)
        await self.pool.look()
        scaling = self.context.scaling
        if scaling is not None and (self.adopted or scaling.adaptive):
            yield Checkpoint("workers", "Asking for workers", known)
            await self.scale(scaling)

        if self._runner is not None:
            self._runner.launched = True

    async def _create(self, known: dict[str, Any]) -> AsyncIterator[Checkpoint]:
        """Create what the manifests say; groups of a DaskJob's cluster when that is there."""
        namespace, scaling = self.api.namespace, self.context.scaling
        first, *groups = manifests(self._name, namespace, self.given, scaling)
        if first["kind"] == "DaskJob":
            self._runner = Runner(self.api, self._name, self.context)
            self._at_work = (RUNNER, *self._at_work)
            self._groups, groups = groups, []
            known["job"] = True
        title = f"Creating the {first['kind']} {self._name} in {namespace}"
        yield Checkpoint("create", title, known)
        try:
            await self.api.create(first)
        except (Refused, StartFailed):
            yield Checkpoint("create", title)  # nothing was made: there is nothing to undo
            raise
        for manifest in groups:
            await self.api.create(manifest)

    @property
    def end_reason(self) -> DasklabError | None:
        return self._runner.over if self._runner is not None else None

    async def sample(self) -> Sample:
        if self._runner is not None and await self._runner.ended():
            self._gone = True
            raise ClusterGone("Its job has ended.")
        return await super().sample()

    async def _is_there(self) -> bool:
        if self._runner is not None and await self._runner.ended(now=True):
            return False
        return await self.api.get("DaskCluster", self._name) is not None

    # -- what can be asked of it -----------------------------------------------------------------
    async def explain(self) -> Explanation:
        await self.pool.look()
        arrived = None
        if self.cluster is not None and self.cluster.connected:
            arrived = (await self._members()).keys()
        seen = await see(self.api, self._name, "worker", arrived)
        found = explain(seen)
        if self.adopted:  # whose pods are not ours to take away
            return found
        return replace(found, advice=(*await self.guard(seen), *found.advice))

    # -- the end ---------------------------------------------------------------------------------
    async def stop(self, checkpoint: dict[str, Any] | None) -> None:
        known = checkpoint or {}
        fresh = self._api is None
        if self.cluster is not None or self._forwards:
            await self.detach()
        if not known.get("name") or (fresh and known.get("adopted")):
            return  # nothing was made, or it was there before us
        api = self._api or await Api.connect(known.get("namespace"), known.get("context"))
        try:
            await self._delete(api, str(known["name"]), job=bool(known.get("job")))
        finally:
            await api.close()

    @staticmethod
    async def _delete(api: Api, name: str, job: bool) -> None:
        """Delete a cluster, and by their label what would go with it if the operator were there.

        Twice: an operator that was at it makes a cluster for a job that is gone by then, and a
        worker group for such a cluster.
        """
        first = ("DaskJob", "DaskCluster") if job else ("DaskCluster",)
        for pause in (0.0, AFTERTHOUGHT):
            await asyncio.sleep(pause)
            for kind in first:
                await api.delete(kind, name)
            for kind in ("DaskAutoscaler", "DaskWorkerGroup", "Deployment", "Service", "Pod"):
                await api.delete_of(kind, name)
