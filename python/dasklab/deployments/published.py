"""A cluster or client that a notebook made itself with plain Dask code.

Not launched and not in the catalogue: ``dasklab.publish`` wraps the object so that a host in the
kernel can list it, scale it and stop it like any other. Only weakly: being in a list must not keep
alive what the notebook has dropped.
"""

from __future__ import annotations

import weakref
from collections.abc import AsyncIterator
from dataclasses import replace
from inspect import isawaitable
from typing import Any, ClassVar

from ..errors import ClusterGone, Unsupported
from ..model.explanation import Explanation
from ..model.scaling import Scaling
from ..tls import files_of
from ._cluster import ClusterDeployment
from ._telling import Telling
from .base import Checkpoint, Context, Sample

__all__ = ("PublishedClient", "PublishedCluster")


class _Published(ClusterDeployment):
    """What both have in common: an object of the notebook's, held weakly."""

    name = "published"
    title = "Notebook"
    options: ClassVar[dict[str, Any]] = {"type": "object"}

    def __init__(self, obj: Any, context: Context) -> None:
        self._reference = weakref.ref(obj)
        super().__init__({}, context)

    def _object(self) -> Any:
        found = self._reference()
        if found is None:
            raise ClusterGone("The notebook has dropped this cluster.")
        return found

    async def sample(self) -> Sample:
        return replace(
            await super().sample(), security=files_of(getattr(self._object(), "security", None))
        )

    async def start(self) -> AsyncIterator[Checkpoint]:
        self.watch_workers()
        return
        yield  # type: ignore[unreachable]  # it is there already: no step to take


class PublishedCluster(_Published):
    """A ``Cluster`` object of the kernel's own."""

    description = "A cluster that a notebook made."
    can = ("scale", "adapt", "restart", "stop", "dashboard", "logs")

    def __init__(self, cluster: Any, context: Context) -> None:
        super().__init__(cluster, context)
        adaptive = getattr(cluster, "_adaptive", None)
        if adaptive is not None and getattr(adaptive, "state", "running") != "stopped":
            self._adaptive = (int(adaptive.minimum), int(min(adaptive.maximum, 10**6)))

    @property
    def cluster(self) -> Any:
        """The object."""
        return self._object()

    @cluster.setter
    def cluster(self, _: Any) -> None:
        """Given at the beginning, and not to be replaced."""

    @property
    def closed(self) -> bool:
        return self._reference() is None or super().closed

    async def stop(self, checkpoint: dict[str, Any] | None) -> None:
        if self._reference() is not None:
            await super().stop(checkpoint)


class PublishedClient(_Published):
    """A ``Client`` connected to a scheduler that somebody else runs.

    It can be watched, restarted, let go of and shut down; its workers are not ours to count.
    """

    description = "A scheduler that a notebook is connected to."
    can = ("restart", "stop", "detach", "dashboard", "logs")
    counted = False

    def __init__(self, client: Any, context: Context) -> None:
        super().__init__(client, context)
        self._telling = Telling()

    @property
    def cluster(self) -> Any:
        """What the base class needs of a cluster, from the client."""
        return _SchedulerOf(self._object())

    @cluster.setter
    def cluster(self, _: Any) -> None:
        """Given at the beginning, and not to be replaced."""

    @property
    def closed(self) -> bool:
        client = self._reference()
        return client is None or client.status in ("closed", "closing")

    async def sample(self) -> Sample:
        seen = await self._ask_scheduler()
        files = files_of(getattr(self._object(), "security", None))
        return Sample(wanted=seen["running"], minimum=None, maximum=None, security=files, **seen)

    async def explain(self) -> Explanation:
        return await self._telling.explain(self._object().scheduler)

    async def scale(self, scaling: Scaling) -> None:
        raise Unsupported(
            "The workers of this scheduler were started by somebody else.",
            "Scale it where it was started.",
        )

    async def detach(self) -> None:
        if not self.closed:
            await _done(self._object().close())

    async def stop(self, checkpoint: dict[str, Any] | None) -> None:
        if not self.closed:
            await _done(self._object().shutdown())


async def _done(result: Any) -> None:
    """Wait for what a client answers on its own loop."""
    if isawaitable(result):
        await result


class _SchedulerOf:
    """A client seen as a cluster."""

    def __init__(self, client: Any) -> None:
        self.scheduler_comm = client.scheduler
        self.scheduler_info = dict(client._scheduler_identity)
