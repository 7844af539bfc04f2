"""Dask clusters on Kubernetes, made by the Dask operator from ``DaskCluster`` resources.

``KubeCluster`` is not used, only what it talks to: it hangs on an image that cannot be pulled,
blames the operator when a status is late (dask-kubernetes #968) and keeps its forwarded ports
open. Here readiness comes from the pods.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any, ClassVar
from urllib.parse import urlsplit

from ...errors import DasklabError, Refused, StartFailed
from ...model.explanation import Advice, Explanation
from ...model.record import Endpoint
from ...model.scaling import Scaling
from ..base import Checkpoint, Context, Sample
from . import before
from .api import Api
from .explaining import explain
from .manifest import manifests
from .options import OPTIONS, configured, with_site_defaults
from .pool import DEFAULT, Pods, Pool
from .scaling import PodScaling
from .seeing import Waiting, see

__all__ = ("Kubernetes",)

LOOK = 0.5
"""Seconds between two looks at pods that start."""

IN_A_POD = "/var/run/secrets/kubernetes.io/serviceaccount/token"

AFTERTHOUGHT = 1.5
"""Seconds in which the operator ends what it has begun, also for a cluster that is deleted."""

LOOK_AGAIN = 5.0
"""Seconds after which groups are asked for again: others may scale them (``kubectl scale``)."""


class Kubernetes(PodScaling):
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
        self._api: Api | None = None
        self._forwards: list[Any] = []
        self._address = ""
        self._pages: Endpoint | None = None
        self._gone = False
        self._looked = 0.0
        if self.adopted:
            self.can = (*type(self).can, "detach")

    @property
    def api(self) -> Api:
        assert self._api is not None
        return self._api

    async def start(self) -> AsyncIterator[Checkpoint]:
        yield Checkpoint("api", "Asking Kubernetes")
        place = {"context": self.given.get("context")}
        namespace = self.given.get("namespace") or configured("namespace")
        self._api = api = await Api.connect(namespace, place["context"])
        self._pool = Pool(api, self._name)
        known = {
            **place, "namespace": api.namespace, "name": self._name, "adopted": self.adopted,
        }  # fmt: skip
        if self.adopted:
            if await api.get("DaskCluster", self._name) is None:
                raise StartFailed(
                    f"There is no DaskCluster {self._name} in the namespace {api.namespace}.",
                    "%dask discover lists those that there are.",
                )
        else:
            title = f"Creating {self._name} in {api.namespace}"
            yield Checkpoint("create", title, known)
            first, *others = manifests(self._name, api.namespace, self.given, self.context.scaling)
            try:
                await api.create(first)
            except (Refused, StartFailed):
                yield Checkpoint("create", title)  # nothing was made: there is nothing to undo
                raise
            for manifest in others:
                await api.create(manifest)
        title = "Waiting for the scheduler's pod"
        yield Checkpoint("scheduler", title, known, pending=True)
        waiting, said = Waiting(api, self._name), ""
        while True:
            ready, what = await waiting.look()
            if ready:
                break
            if what != said:
                said = what
                yield Checkpoint("scheduler", f"{title}: {what}", known, pending=True)
            await asyncio.sleep(LOOK)
        yield Checkpoint("connect", "Connecting to the scheduler", known)
        await self._connect()
        await self.pool.look()
        scaling = self.context.scaling
        if scaling is not None and (self.adopted or scaling.adaptive):
            yield Checkpoint("workers", "Asking for workers", known)
            await self.scale(scaling)

    async def _connect(self) -> None:
        """Reach the scheduler: inside Kubernetes by its service, else through the API."""
        service = f"{self._name}-scheduler"
        how = self.given.get("connect", "auto")
        if how == "service" or (how == "auto" and inside()):
            host = f"{service}.{self.api.namespace}"
            self._address, self._pages = f"tcp://{host}:8786", Endpoint(host, 8787)
        else:
            ports = []
            for port in (8786, 8787):
                forward, local = await self.api.forward(service, port)
                self._forwards.append(forward)
                ports.append(local)
            self._address = f"tcp://127.0.0.1:{ports[0]}"
            self._pages = Endpoint("127.0.0.1", ports[1])
        pods = Pods(self._address, self.context.changed)
        try:
            await pods.connect()
        except (OSError, asyncio.TimeoutError) as error:
            host = urlsplit(self._address).netloc
            raise StartFailed(
                f"The scheduler runs, but {host} cannot be reached from here: {error}.",
                "Set connect to forward; a network policy may close the port.",
            ) from error
        self.cluster = pods
        self._reads = None

    @property
    def closed(self) -> bool:
        return self._gone

    async def sample(self) -> Sample:
        if not self.cluster.connected:
            await self._look()
        if self._adaptive is not None or time.monotonic() - self._looked > LOOK_AGAIN:
            self._looked = time.monotonic()
            await self.pool.look()
        seen = {**await self._ask_scheduler(), "address": self._address}
        low, high = self._adaptive or (None, None)
        wanted = self.wanted
        groups = {name: count for name, count in wanted.items() if name != DEFAULT}
        total = sum(wanted.values())
        return Sample(wanted=total, minimum=low, maximum=high, groups=groups, **seen)

    async def _look(self) -> None:
        """The connection has ended: is the cluster gone, or its scheduler in another pod?"""
        if await self.api.get("DaskCluster", self._name) is None:
            self._gone = True
            return
        adaptive = self._adaptive
        self._stop_adapting()
        await self.cluster.close()
        self._reads = None
        self._adaptive = adaptive  # for the next look, if there is none to connect to yet
        self.cluster = Pods(self._address, self.context.changed)
        await self.cluster.connect()
        if adaptive is not None:
            self._adapt(*adaptive)

    # -- what can be asked of it -----------------------------------------------------------------
    async def explain(self) -> Explanation:
        await self.pool.look()
        seen = await see(self.api, self._name, "worker")
        found = explain(seen)
        if self.adopted:  # whose pods are not ours to take away
            return found
        return replace(found, advice=(*await self.guard(seen), *found.advice))

    async def logs(self, source: str, lines: int) -> list[dict[str, Any]]:
        """Through the API, by pod: also of containers that have died."""
        part = "scheduler" if source == "scheduler" else "worker"
        found = []
        for pod in await self.api.of("Pod", self._name, part):
            name = pod["metadata"]["name"]
            text = await self.api.logs(name, lines) or await self.api.logs(
                name, lines, previous=True
            )
            found += [_line(name, line) for line in text]
        return found

    def place(self) -> Endpoint | None:
        return self._pages

    # -- the end ---------------------------------------------------------------------------------
    async def detach(self) -> None:
        """Let go of it; it goes on."""
        self._stop_adapting()
        if self.cluster is not None:
            await self.cluster.close()
        for forward in self._forwards:
            with contextlib.suppress(OSError):
                await forward.stop()
        self._forwards.clear()
        if self._api is not None:
            await self._api.close()

    async def stop(self, checkpoint: dict[str, Any] | None) -> None:
        known = checkpoint or {}
        fresh = self._api is None
        if self.cluster is not None or self._forwards:
            await self.detach()
        if not known.get("name") or (fresh and known.get("adopted")):
            return  # nothing was made, or it was there before us
        api = self._api or await Api.connect(known.get("namespace"), known.get("context"))
        try:
            await self._delete(api, str(known["name"]))
        finally:
            await api.close()

    @staticmethod
    async def _delete(api: Api, name: str) -> None:
        """Delete a cluster, and by their label what would go with it if the operator were there.

        Twice: an operator that was at it makes a worker group for a cluster that is gone by then.
        """
        await api.delete("DaskCluster", name)
        for pause in (0.0, AFTERTHOUGHT):
            await asyncio.sleep(pause)
            for kind in ("DaskAutoscaler", "DaskWorkerGroup", "Deployment", "Service", "Pod"):
                await api.delete_of(kind, name)


def inside() -> bool:
    """Whether this process runs in a pod, where services have names."""
    return os.path.exists(IN_A_POD)


def _line(source: str, text: str) -> dict[str, Any]:
    """A line of a pod's log; distributed's own has its level in it."""
    level = re.search(r" - (DEBUG|INFO|WARNING|ERROR|CRITICAL) - ", text)
    return {"source": source, "at": None, "level": level[1] if level else "", "text": text[:2_000]}
