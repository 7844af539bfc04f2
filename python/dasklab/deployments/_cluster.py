"""What can be done with any ``distributed.deploy.Cluster``: watch, scale without loss, restart.

Beneath ``local``, ``published`` and whatever else wraps a Cluster object of Dask's own.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import logging
import time
from inspect import isawaitable
from typing import Any
from urllib.parse import urlsplit

from ..errors import Unsupported
from ..model.record import Endpoint
from ..model.scaling import Scaling
from ..processes import strip_ansi
from ._adapting import moving_data
from ._collecting import collect, graph, news, profile
from ._elsewhere import ask_elsewhere
from ._logs import scheduler_lines, worker_lines
from ._reading import read_scheduler
from ._shrinking import planned, shrink
from .base import Context, Deployment, Sample

__all__ = ("ClusterDeployment", "root_cause")

logger = logging.getLogger(__name__)

ALREADY_CLOSED = 1.0
"""Seconds for the rest of a cluster whose scheduler is gone already."""


def root_cause(error: BaseException) -> BaseException:
    """The exception that started it: Dask wraps the reason in "Nanny failed to start."."""
    seen = set()
    while (cause := error.__cause__ or error.__context__) and id(cause) not in seen:
        seen.add(id(cause))
        error = cause
    return error


class ClusterDeployment(Deployment):
    """A deployment whose cluster is an object of Dask's deploy classes, held in :attr:`cluster`."""

    def __init__(self, options: dict[str, Any], context: Context) -> None:
        super().__init__(options, context)
        self.cluster: Any = None
        self._adaptive: tuple[int, int] | None = None
        self._scaling = asyncio.Lock()
        self._mounting = asyncio.Lock()
        self._leaving: set[str] = set()
        self._mounted = False
        self.closed_in_order = True
        self._reads: bool | None = None  # whether a scheduler elsewhere takes our reader

    # -- watching --------------------------------------------------------------------------
    @property
    def scheduler(self) -> Any:
        """The scheduler, if it lives in this process."""
        found = getattr(self.cluster, "scheduler", None)
        return found if hasattr(found, "workers") and hasattr(found, "task_groups") else None

    def watch_workers(self) -> None:
        """Hear at once of workers and clients that come and go (scheduler in this process)."""
        if self.scheduler is None:
            return
        from distributed.diagnostics.plugin import SchedulerPlugin

        deployment = self

        class Arrivals(SchedulerPlugin):  # type: ignore[misc]
            name = f"dasklab-arrivals-{id(deployment)}"
            # Called six times a task for nothing: that of the base class takes 2 µs a task, this
            # one, which takes any arguments as well, but is not Python, 0.7.
            transition = staticmethod("".format)

            def add_worker(self, scheduler: Any, worker: str) -> None:
                deployment.context.changed()

            def remove_worker(self, scheduler: Any, worker: str, **kwargs: Any) -> None:
                cause = str(kwargs.get("stimulus_id", ""))
                if worker in deployment._leaving:
                    deployment._leaving.discard(worker)
                elif cause.startswith(("worker-close-gracefully", "retire-workers")):
                    pass  # it has handed on what it held: its lifetime was over
                elif deployment.cluster.status.name == "running" and not deployment._adaptive:
                    deployment.context.note(
                        "worker-lost",
                        f"The worker {worker} was lost; what only it held is computed again.",
                    )
                deployment.context.changed()

            def restart(self, scheduler: Any) -> None:
                deployment._leaving.update(scheduler.workers)  # on purpose: none of them is lost

            def add_client(self, scheduler: Any, client: str) -> None:
                deployment.context.changed()

            def remove_client(self, scheduler: Any, client: str) -> None:
                deployment.context.changed()

        self.scheduler.add_plugin(Arrivals())

    @property
    def closed(self) -> bool:
        """Whether it ended without us: a client shut it down, a notebook closed it."""
        if self.cluster is None:
            return False
        ended = ("closing", "closed", "failed")
        scheduler = self.scheduler
        return self.cluster.status.name in ended or (
            scheduler is not None and scheduler.status.name in ended
        )

    async def sample(self) -> Sample:
        if self.scheduler is not None:
            seen = read_scheduler(self.scheduler)
        else:
            seen = await self._ask_scheduler()
        has_plan = hasattr(self.cluster, "worker_spec")
        wanted = planned(self.cluster) if has_plan else seen["running"]
        low, high = self._adaptive or (None, None)
        return Sample(wanted=wanted, minimum=low, maximum=high, **seen)

    async def _ask_scheduler(self) -> dict[str, Any]:
        """The same over the wire, from a scheduler elsewhere."""
        comm = self.cluster.scheduler_comm
        if self._reads is not False:
            try:
                found = await ask_elsewhere(comm, shipped=bool(self._reads))
            except OSError:
                raise
            except Exception:  # it takes no plugin, or runs another Python: what it tells all
                logger.info("The scheduler takes no plugins", exc_info=True)
                self._reads = False
            else:
                self._reads = True
                return found
        found = await identity(comm)
        workers = found.get("workers", {}).values()
        return {
            "address": str(found["address"]),
            "scheduler_id": str(found["id"]),
            "running": len(workers),
            "cores": sum(int(worker.get("nthreads", 0)) for worker in workers),
            "memory_used": sum(int(w.get("metrics", {}).get("memory", 0)) for w in workers),
            "memory_limit": sum(int(worker.get("memory_limit") or 0) for worker in workers),
            "cpu": sum(float(w.get("metrics", {}).get("cpu", 0)) for w in workers) / 100,
            "tasks": {
                "processing": sum(int(w.get("metrics", {}).get("executing", 0)) for w in workers),
                "waiting": sum(int(w.get("metrics", {}).get("ready", 0)) for w in workers),
                "memory": sum(int(w.get("metrics", {}).get("in_memory", 0)) for w in workers),
                "erred": 0,
            },
            "clients": 1,
        }

    async def collect(self, since: dict[str, Any] | None) -> dict[str, Any] | None:
        return await collect(self, since)

    def news(self, since: dict[str, Any] | None) -> bool:
        return news(self, since)

    async def profile(self, *which: Any) -> dict[str, Any]:
        return await profile(self, *which)

    async def graph(self, known: str | None) -> dict[str, Any]:
        return await graph(self, known)

    # -- scaling ---------------------------------------------------------------------------
    async def scale(self, scaling: Scaling) -> None:
        async with self._scaling:
            self._stop_adapting()
            self._tidy()
            if scaling.adaptive:
                assert scaling.minimum is not None
                assert scaling.maximum is not None
                self._adapt(scaling.minimum, scaling.maximum)
            elif not hasattr(self.cluster, "worker_spec"):
                result = self.cluster.scale(scaling.wanted)
                if isawaitable(result):
                    await result
            else:
                await shrink(self, scaling.wanted)
                if planned(self.cluster) < scaling.wanted:
                    self.cluster.scale(scaling.wanted)
                    await self.cluster._correct_state()
        self.context.changed()

    def _tidy(self) -> None:
        """Take out of the plan what will never come; called before a new number is planned."""

    def _stop_adapting(self) -> None:
        """Switch adaptive scaling off: forgetting the object would leave it running."""
        adaptive = getattr(self.cluster, "_adaptive", None)
        if adaptive is not None:
            adaptive.stop()
            self.cluster._adaptive = None
        self._adaptive = None

    def _adapt(self, minimum: int, maximum: int) -> None:
        if not hasattr(self.cluster, "adapt"):
            raise Unsupported(
                "This cluster cannot scale by itself.", "Give it a number of workers."
            )
        self.cluster.adapt(Adaptive=moving_data(self), minimum=minimum, maximum=maximum)
        self._adaptive = (minimum, maximum)

    async def arrived(self) -> dict[str, str]:
        """Addresses of the workers that the scheduler has, by their names."""
        if self.scheduler is not None:
            return {str(ws.name): ws.address for ws in self.scheduler.workers.values()}
        workers = (await identity(self.cluster.scheduler_comm))["workers"]
        return {str(info["name"]): address for address, info in workers.items()}

    # -- the rest ----------------------------------------------------------------------------
    async def restart(self) -> None:
        restart = self.cluster.scheduler_comm.restart
        how = {"timeout": 30, "wait_for_workers": False}
        try:
            await restart(**how, stimulus_id=f"dasklab-restart-{time.time()}")
        except TypeError:  # a distributed that does not ask for one
            await restart(**how)

    async def logs(self, source: str, lines: int) -> list[dict[str, Any]]:
        comm = self.cluster.scheduler_comm
        if source == "scheduler":
            return await scheduler_lines(comm, lines)
        return await worker_lines(comm, (await self.arrived()).values(), lines)

    async def dashboard(self) -> Endpoint:
        async with self._mounting:
            if self.scheduler is not None and not self._mounted:
                await self._mount()
            link = self.place()
        if link is None:
            raise Unsupported("This scheduler has no dashboard.", "It was started without one.")
        return link

    def place(self) -> Endpoint | None:
        if self.scheduler is not None:
            server = self.scheduler.http_server
            # Whatever it binds, ours is reached over loopback: it is this machine.
            return Endpoint("127.0.0.1", int(server.port)) if server is not None else None
        return _endpoint(self.cluster.scheduler_info)

    async def _mount(self) -> None:
        """Put Bokeh's pages onto the scheduler's HTTP server, once, when first asked for.

        Importing Bokeh takes half a second of CPU: a third of a cold start (see benchmarks).
        """
        scheduler = self.scheduler
        if any("bokeh" in type(app).__module__.lower() for app in _applications(scheduler)):
            self._mounted = True
            return
        try:
            module = await asyncio.to_thread(
                importlib.import_module, "distributed.dashboard.scheduler"
            )
        except ImportError as error:
            raise Unsupported(
                f"The dashboard needs Bokeh, which {self.context.python} does not have "
                f"({strip_ansi(str(error))[:300]}).",
                f'Run: {self.context.python} -m pip install "bokeh>=3.8.2"',
            ) from error
        module.connect(scheduler.http_application, scheduler.http_server, scheduler, prefix="")
        self._mounted = True

    async def stop(self, checkpoint: dict[str, Any] | None) -> None:
        if self.cluster is None:
            return
        self._stop_adapting()
        # To a scheduler that a client has shut down, Dask goes on talking for many seconds.
        gone = self.scheduler is not None and self.scheduler.status.name in ("closing", "closed")
        self.closed_in_order = False
        # SpecCluster._close asserts on workers that never came up; the warden ends those.
        with contextlib.suppress(AssertionError, asyncio.TimeoutError):
            result = self.cluster.close()
            if isawaitable(result):
                await asyncio.wait_for(result, ALREADY_CLOSED if gone else None)
            self.closed_in_order = True


async def identity(comm: Any) -> dict[str, Any]:
    """What a scheduler says of itself and all of its workers."""
    # Without n_workers=-1 some versions answer with five workers only (distributed #9065).
    try:
        return dict(await comm.identity(n_workers=-1))
    except TypeError:
        return dict(await comm.identity())


def _endpoint(identity: dict[str, Any]) -> Endpoint | None:
    """Where a scheduler's identity says that its HTTP server is."""
    port = (identity.get("services") or {}).get("dashboard")
    host = urlsplit(str(identity.get("address", ""))).hostname
    return Endpoint(host, int(port)) if port and host else None


def _applications(scheduler: Any) -> list[Any]:
    return list(getattr(scheduler.http_application, "applications", ()))
