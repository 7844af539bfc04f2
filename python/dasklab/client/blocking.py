"""Clusters for notebooks and scripts: the asynchronous API, waited for.

Written out by hand, so that types and help are right. One daemon thread runs the event loop of
all of them, made on first use.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ..errors import ClusterGone, ClusterUnknown, InputError, Unsupported
from ..launching import LaunchRequest
from ..launching import launch as start_host
from ..model.record import Record
from ..processes import identify
from ..registry import Registry
from .asynchronous import AsyncCluster
from .blocking_telemetry import Telemetry
from .connecting import complete
from .loop import LOOP
from .pages import ask_pages
from .software import compare, install
from .waiting import warn_of_kept

if TYPE_CHECKING:
    from distributed import Client

__all__ = ("Cluster", "clusters", "connect", "find", "launch")


class Cluster:
    """One cluster, wherever it runs and whoever started it.

    Get one from :func:`dasklab.launch` or :func:`dasklab.clusters`.
    """

    def __init__(self, record: Record, *, registry: Registry | None = None) -> None:
        self._cluster = AsyncCluster(record, registry=registry)

    def __repr__(self) -> str:
        record = self._cluster.record
        running = record.workers.get("running", 0)
        return f"<Cluster {record.name!r}: {record.phase.value}, {running} workers>"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        from .render import card_html, card_text

        info = self.info
        return {"text/html": card_html(info), "text/plain": card_text(info)}

    @property
    def id(self) -> str:
        """The cluster's id."""
        return self._cluster.id

    @property
    def name(self) -> str:
        """The cluster's name."""
        return self._cluster.name

    @property
    def record(self) -> Record:
        """The record, read now."""
        return self._cluster.refresh()

    @property
    def info(self) -> dict[str, Any]:
        """All that is known of it, as JSON data; see :class:`dasklab.model.record.Record`."""
        return LOOP.run(self._cluster.status())

    @property
    def phase(self) -> str:
        """Where it is in its life; see :class:`dasklab.model.record.Phase`."""
        return self.record.phase.value

    @property
    def scheduler_address(self) -> str | None:
        """Where the scheduler listens; ``None`` while it does not."""
        return (self.record.scheduler or {}).get("address")

    def scale(
        self,
        workers: int | str | tuple[int, int] | None = None,
        *,
        wait: bool = False,
        timeout: float | None = None,
        **amounts: int | str | None,
    ) -> None:
        """Have that many workers, or as many as ``jobs=``, ``cores=`` or ``memory="100GB"`` take.

        A range such as ``(1, 8)`` or ``"1:8"`` scales by load.

        Parameters
        ----------
        wait
            Come back only when they are there (and, for fewer, when their data has moved), or
            after ``timeout`` seconds.

        Raises
        ------
        WorkersInvalid, Unsupported, ClusterGone, StartFailed, DeadlinePassed
        """
        LOOP.run(self._cluster.scale(workers, **amounts))
        if wait:
            warn_of_kept(LOOP.run(self._cluster.settle(timeout=timeout)))

    def restart(self) -> None:
        """Restart all workers; tasks and data are forgotten."""
        LOOP.run(self._cluster.restart())

    def keep(self, pinned: bool = True) -> None:
        """Pin the cluster, so that no lease ends it; ``False`` lets the lease count again."""
        LOOP.run(self._cluster.keep(pinned))

    def why(self) -> dict[str, Any]:
        """Why there are fewer workers than wanted, asked of the queue or whatever starts them.

        Returns
        -------
        dict
            ``jobs`` (``id``, ``state``, ``reason``, ``text``, ``workers``, ``group``, ``node``,
            ``since`` and ``expected`` in epoch seconds) and ``advice`` (``code``, ``message``,
            ``hint``, ``severity``, ``evidence``), most important first.
        """
        info = LOOP.run(self._cluster.why())
        return {"jobs": info["jobs"], "advice": info["advice"]}

    def stop(
        self, *, wait: bool = True, timeout: float | None = None, detach: bool = False
    ) -> None:
        """End the cluster and all that belongs to it; ``detach``: let go of one that was found."""
        if wait:
            LOOP.run(self._cluster.stop(timeout, detach=detach))
        else:
            LOOP.run(self._cluster.request_stop(detach=detach))

    def detach(self) -> None:
        """Let go of a cluster that was found running and attached to: it goes on without us."""
        LOOP.run(self._cluster.detach())

    def forget(self) -> None:
        """Remove the record of a cluster that has ended."""
        self._cluster.forget()

    def logs(self, source: str = "host", lines: int = 200) -> list[dict[str, Any]]:
        """Log lines of ``"scheduler"``, ``"workers"`` or ``"host"``, oldest first.

        Each is ``{"source", "at", "level", "text"}``.
        """
        return LOOP.run(self._cluster.logs(source, lines))

    @property
    def telemetry(self) -> Telemetry:
        """What ran on it and what it used, as DataFrames; also when it has ended."""
        return Telemetry(self._cluster.telemetry)

    def wait(
        self,
        workers: int | None = None,
        *,
        timeout: float | None = None,
        seen: Callable[[dict[str, Any]], None] | None = None,
    ) -> dict[str, Any]:
        """Wait until the scheduler is up and workers (all that are wanted) are there.

        Parameters
        ----------
        workers
            How many are enough.
        timeout
            Seconds.
        seen
            Told of each change meanwhile, from another thread.

        Raises
        ------
        DasklabError
            Why it did not come up.
        """
        return LOOP.run(self._cluster.wait(workers, timeout=timeout, seen=seen))

    def mount_dashboard(self) -> str:
        """Make the dashboard ready; its address on the machine it runs on."""
        endpoint = LOOP.run(self._cluster.dashboard())
        return endpoint.url

    def pages(self) -> dict[str, str]:
        """The dashboard's pages, made ready: path and title of each."""
        endpoint = LOOP.run(self._cluster.dashboard())
        return ask_pages(endpoint.url, endpoint.ca)

    def client(self, **keywords: Any) -> Client:
        """A ready ``distributed.Client``; waits for the scheduler, not for workers.

        Parameters
        ----------
        keywords
            Given to ``distributed.Client``.
        """
        self.wait(0)
        record = self.record
        if record.scheduler is None:
            raise ClusterGone(f"The cluster {self.name!r} is {record.phase.value}.")
        address = str(record.scheduler["address"])
        if address.startswith("inproc://") and record.host != identify():
            raise Unsupported(
                f"{self.name} runs on threads of another notebook's kernel and cannot be reached.",
                "Use it in that notebook, or start one that others can use: %dask start local",
            )
        from distributed import Client

        from ..links import install_dask_links

        install_dask_links()  # also where the magics are not loaded
        return Client(address, **complete(record.scheduler, keywords))

    def versions(self) -> dict[str, Any]:
        """How all packages that anybody has imported differ between here, scheduler and workers.

        See :func:`dasklab.client.software.compare` for what is in it.
        """
        with self.client(set_as_default=False) as client:
            return compare(client)

    def install(self, *packages: str, pip_options: Sequence[str] = ()) -> None:
        """Install packages with pip on the scheduler, all workers, and all that come later.

        Raises
        ------
        InputError, LaunchError
            With what pip says.
        """
        with self.client(set_as_default=False) as client:
            install(client, packages, pip_options)


def launch(
    deployment: str = "local",
    *,
    workers: int | str | tuple[int, int] | dict[str, int] | None = None,
    name: str | None = None,
    environment: str | None = None,
    wait: bool = True,
    timeout: float | None = None,
    cwd: str | None = None,
    id: str | None = None,
    **options: Any,
) -> Cluster:
    """Start a cluster in a host of its own: it outlives this kernel.

    Parameters
    ----------
    deployment
        A way to run Dask (``"local"``) or a profile of yours.
    workers
        A number, or a range for adaptive scaling: ``(1, 8)``, ``"1:8"``.
    name
        ``DEPLOYMENT-N`` by default.
    environment
        Kernelspec or path of an interpreter; this one by default.
    wait
        Come back when the workers are there.
    timeout
        Seconds to wait at the most; the cluster goes on starting after it.
    cwd
        Working folder of the workers.
    id
        Repeating a call with the same id gives the same cluster.
    **options
        Options of the deployment, such as ``threads_per_worker=2``.

    Raises
    ------
    InputError, ClusterExists, LaunchError, DeadlinePassed
    """
    request = LaunchRequest(
        deployment=deployment,
        workers=workers,
        name=name,
        environment=environment,
        options=options,
        cwd=cwd,
        id=id,
    )
    cluster = Cluster(start_host(request))
    if wait:
        try:
            cluster.wait(timeout=timeout)
        except KeyboardInterrupt:
            if cluster.phase == "starting":
                cluster.stop()  # an interrupted start leaves nothing half-made
            raise
    return cluster


def clusters(*, ended: bool = False) -> list[Cluster]:
    """All clusters of this user, newest first; with ``ended`` also those of the last day."""
    registry = Registry()
    return [
        Cluster(record, registry=registry)
        for record in registry.records()[0]
        if ended or not record.phase.ended
    ]


def find(cluster: str | None = None) -> Cluster:
    """One cluster by name, id or scheduler address; the newest live one by default.

    Raises
    ------
    ClusterUnknown
    """
    registry = Registry()
    if cluster is None:
        live = clusters()
        if not live:
            raise ClusterUnknown("There is no cluster.", "Start one: %dask start local -n 2")
        return live[0]
    if not isinstance(cluster, str):
        raise InputError(f"A cluster's name is text, not {type(cluster).__name__}.")
    return Cluster(registry.find(cluster), registry=registry)


def connect(cluster: str | None = None, **keywords: Any) -> Client:
    """A ready ``distributed.Client``.

    Parameters
    ----------
    cluster
        Name, id or scheduler address; the newest live cluster by default. An address that is in
        no list is connected to as it is.
    keywords
        Given to ``distributed.Client``.

    Raises
    ------
    ClusterUnknown, ClusterGone
    """
    try:
        return find(cluster).client(**keywords)
    except ClusterUnknown:
        if cluster is None or "://" not in cluster:
            raise
    from distributed import Client

    return Client(cluster, **keywords)
