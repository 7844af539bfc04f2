"""The methods of dask-labextension's manager, over hosts: for its REST API, and for programs that
import ``dask_labextension.manager.manager`` in the server.

Names, arguments and what is returned are its own. What it did wrong raises a ``DasklabError``.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import uuid
from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from ... import labextension
from ...client import AsyncCluster
from ...errors import ClusterUnknown, DasklabError, DeadlinePassed, Refused
from ...model.scaling import Scaling
from ..requests import launch_here
from .model import cluster_model, is_shown

if TYPE_CHECKING:
    from ..extension import DasklabServer
    from ..state import Wire

__all__ = ("HostManager",)

PATIENCE = 10.0
"""Seconds in which a start waits for workers, once the scheduler is there: those of this machine
come in one or two, those of a queue when their time has come."""

Model = dict[str, Any]


class HostManager:
    """Starts, scales and closes clusters; all of the user's are in its list, whoever made them.

    Parameters
    ----------
    dasklab
        The extension.
    """

    def __init__(self, dasklab: DasklabServer) -> None:
        self._dasklab = dasklab
        self._initialized: asyncio.Future[HostManager] | None = None
        self._starting: set[str] = set()
        self._started: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    # -- life ------------------------------------------------------------------------------------
    @property
    def initialized(self) -> asyncio.Future[HostManager]:
        """This manager, once the initial clusters have been asked for; always the same future."""
        if self._initialized is None:
            self._initialized = asyncio.get_running_loop().create_task(self._initialize())
        return self._initialized

    async def _initialize(self) -> HostManager:
        await self._dasklab.initial.done.wait()
        return self

    async def __aenter__(self) -> HostManager:  # noqa: PYI034  # Self is of Python 3.11
        return await self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def __await__(self) -> Generator[Any, None, HostManager]:
        return asyncio.shield(self.initialized).__await__()

    async def close(self) -> None:
        """Close the clusters that were started here; the rest belongs to others."""
        for cluster_id in sorted(self._started):
            await self.close_cluster(cluster_id)

    # -- looking ---------------------------------------------------------------------------------
    def get_cluster(self, cluster_id: str) -> Model | None:
        """The model of a cluster, or ``None``."""
        try:
            wire = self._dasklab.registry.get(cluster_id).to_wire()
        except ClusterUnknown:
            return None
        return self._model(wire) if is_shown(wire) else None

    def list_clusters(self) -> list[Model]:
        """The models of all clusters that can be connected to."""
        wires = [record.to_wire() for record in self._dasklab.registry.records()[0]]
        return [self._model(wire) for wire in wires if is_shown(wire)]

    async def models(self) -> list[Model]:
        """The same with what hosts have said since, read beside the event loop."""
        watcher = self._dasklab.watcher
        await watcher.start()
        wires = [watcher.state.now(record) for record in (await watcher.read())[0]]
        return [self._model(wire) for wire in wires if is_shown(wire)]

    async def model(self, cluster_id: str) -> Model:
        """The model of one cluster.

        Raises
        ------
        ClusterUnknown
        """
        cluster = await self._cluster(cluster_id)
        return self._model(self._dasklab.watcher.state.now(cluster.record))

    async def _cluster(self, cluster_id: str) -> AsyncCluster:
        """A cluster that has not ended: an ended one is none to its programs."""
        cluster = await self._dasklab.cluster(cluster_id)
        if not is_shown(cluster.record.to_wire()):
            raise ClusterUnknown(f"There is no cluster {cluster_id[:80]!r}.")
        return cluster

    def _model(self, wire: Wire) -> Model:
        base = self._dasklab.serverapp.base_url  # type: ignore[union-attr]
        return cluster_model(wire, f"{base}dask/dashboard/{wire['id']}/status")

    # -- changing --------------------------------------------------------------------------------
    async def start_cluster(
        self, cluster_id: str = "", configuration: dict[str, Any] | None = None
    ) -> Model:
        """Start a cluster; back when its scheduler is there, and as a rule its workers.

        Parameters
        ----------
        cluster_id
            Chosen by the caller; a new one by default.
        configuration
            ``name``, ``workers``, ``adapt``, as in ``labextension.initial``.

        Raises
        ------
        DasklabError
            Why it did not start.
        """
        cluster_id = cluster_id or str(uuid.uuid4())
        if cluster_id in self._starting:
            raise Refused(f"A cluster with the id {cluster_id[:80]!r} is being started.")
        self._starting.add(cluster_id)
        try:
            return await self._start(cluster_id, configuration or {})
        finally:
            self._starting.discard(cluster_id)

    async def _start(self, cluster_id: str, configuration: dict[str, Any]) -> Model:
        dasklab = self._dasklab
        await dasklab.watcher.start()
        with contextlib.suppress(ClusterUnknown):
            if not dasklab.registry.get(cluster_id).phase.ended:
                raise Refused(f"There is a cluster with the id {cluster_id[:80]!r} already.")
            await asyncio.to_thread(dasklab.registry.forget, cluster_id)
        fields = await asyncio.to_thread(self._fields, configuration)
        record = await launch_here({**fields, "id": cluster_id}, dasklab)
        self._started.add(cluster_id)
        cluster = AsyncCluster(record, registry=dasklab.registry)
        data = await cluster.wait(workers=0)
        with contextlib.suppress(DeadlinePassed):
            data = await cluster.wait(timeout=PATIENCE)
        dasklab.watcher.hear(data)
        return self._model(data)

    def _fields(self, configuration: dict[str, Any]) -> dict[str, Any]:
        """What to launch. Two clusters may have one name there; here the second gets a number."""
        fields = labextension.launch_fields(configuration)
        records = self._dasklab.registry.records()[0] if "name" in fields else []
        taken = {record.name for record in records if not record.phase.ended}
        numbered = (f"{fields.get('name')}-{number}" for number in itertools.count(2))
        if fields.get("name") in taken:
            fields["name"] = next(name for name in numbered if name not in taken)
        return fields

    async def close_cluster(self, cluster_id: str) -> Model | None:
        """Stop a cluster; its last model when it has ended, ``None`` if there is none."""
        try:
            cluster = await self._cluster(cluster_id)
        except ClusterUnknown:
            return None
        model = self._model(cluster.record.to_wire())
        await cluster.stop()
        self._started.discard(cluster_id)
        self._dasklab.capabilities.revoke(cluster_id)
        return model

    async def scale_cluster(self, cluster_id: str, n: object) -> Model | None:
        """Ask for a number of workers; ``None`` if there is no such cluster.

        Raises
        ------
        WorkersInvalid, Unsupported, HostUnreachable
        """
        try:
            cluster = await self._cluster(cluster_id)
        except ClusterUnknown:
            return None
        data = await cluster.scale(n)
        self._dasklab.watcher.hear(data)
        return self._model(data)

    def adapt_cluster(self, cluster_id: str, minimum: int, maximum: int) -> Model | None:
        """Ask for a range of workers; the model as it will be, the host is asked meanwhile.

        Raises
        ------
        WorkersInvalid
        """
        scaling = Scaling.parse((minimum, maximum), limit=10**9)
        model = self.get_cluster(cluster_id)
        if model is None:
            return None

        async def ask() -> None:
            try:
                await self.scale_cluster(cluster_id, scaling)
            except DasklabError as error:
                self._dasklab.log.warning("dasklab: %s was not scaled: %s", cluster_id, error)

        task = asyncio.get_running_loop().create_task(ask())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return {**model, "adapt": {"minimum": scaling.minimum, "maximum": scaling.maximum}}
