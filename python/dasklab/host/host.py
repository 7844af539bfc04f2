"""The host: one cluster's supervisor.

It drives one deployment through its life, keeps the record true, obeys the lease and does what
its control API is asked. It runs on an event loop of its own: the cluster, with its scheduler,
has another (a thread of this process, or the kernel's), because a scheduler that takes 100,000
tasks stands still for seconds and the host must answer meanwhile.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import time
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import fields, replace
from typing import Any

from ..deployments.base import Deployment, Sample
from ..errors import ClusterGone, DasklabError, Unsupported
from ..model.amounts import Size, in_workers
from ..model.explanation import Explanation
from ..model.record import Endpoint, Phase, Record
from ..model.scaling import Scaling
from ..processes import tail
from ..registry import Registry
from . import ends
from .crossing import Crossing, following
from .decisions import Decisions
from .explaining import Explainer, to_come
from .keeper import Keeper
from .lease import LeaseClock
from .minding import mind
from .patience import Patience
from .sampler import Sampler, changes, news
from .telemetry import NOTHING, Telemetry, read_settings

__all__ = ("Host",)

logger = logging.getLogger(__name__)


class Host:
    """One cluster's supervisor.

    Parameters
    ----------
    record
        The claimed record, phase ``starting``.
    make
        Makes the deployment, on the cluster's loop; given what its context's callbacks do.
    loop
        The cluster's event loop, running in another thread.
    lease
        ``None`` for a cluster whose life is its kernel's.
    limit
        Most workers that may be asked for.
    """

    def __init__(
        self,
        record: Record,
        registry: Registry,
        make: Callable[[Keeper, Callable[[], None]], Deployment],
        loop: asyncio.AbstractEventLoop,
        *,
        lease: LeaseClock | None,
        limit: int,
        deadline: float = 60.0,
    ) -> None:
        self.keeper = Keeper(record, registry)
        self._make = make
        self._cluster_loop = loop
        self._there = Crossing(loop)
        self.telemetry = Telemetry(registry.recording(record.id))
        self._sampler = Sampler(
            loop, self._sampled, self._closed_by_others, self.keeper.note_threadsafe
        )
        self._explainer = Explainer(self.keeper, self._ask_why)
        self._lease = lease
        self._limit = limit
        self._deadline = deadline
        self._loop = asyncio.get_running_loop()
        self._deployment: Deployment | None = None
        self._ending = asyncio.Event()
        self._end: tuple[Phase, dict[str, Any] | None] = (Phase.STOPPED, None)
        self._for_real = False  # whether also a cluster that was there before us shall end
        self._target: Scaling | None = None
        self._scaling = asyncio.Lock()  # of the cluster's loop
        self._explaining = False
        self._waiting = 0  # who waits for workers
        self._tasks: set[asyncio.Task[Any]] = set()
        self._sampled_at = 0.0
        self._activity = 0
        self._decisions = Decisions(functools.partial(self._tell, "scale"))

    @property
    def record(self) -> Record:
        """The cluster's record as it is now."""
        return self.keeper.record

    # -- life --------------------------------------------------------------------------------
    async def run(self) -> None:
        """Start the cluster, keep it, end it; returns when nothing of it is left."""
        writer = self._own(self.keeper.write_forever())
        self._own(self._sampler.watch_loop())
        start, ending = self._own(self._start()), self._own(self._ending.wait())
        lease = self._own(self._obey_lease())
        begun = time.monotonic()
        try:
            await asyncio.wait({start, ending}, return_when=asyncio.FIRST_COMPLETED)
            if start.done():
                self._look_at(start)
            await self._ending.wait()
            lease.cancel()
            begun = time.monotonic()
            if not start.done():
                start.cancel()
                await asyncio.wait({start}, timeout=Deployment.stop_patience / 3)
        finally:
            await self._close(begun, start.done())
            writer.cancel()
            for task in list(self._tasks):
                task.cancel()
            self.keeper.save()

    def _look_at(self, start: asyncio.Task[Any]) -> None:
        """What became of the start: failures end the cluster with their reason."""
        error = start.exception()
        if isinstance(error, ClusterGone):
            self._closed_by_others()
        elif error is not None:
            self.end(*ends.by_failure(error, self.record.log))

    async def _start(self) -> None:
        async def make() -> Deployment:
            return self._make(self.keeper, self._sampler.poke)

        patience = Patience(self._deadline)
        try:
            made = self._deployment = await patience.wait(self._there(make()))
            known = {name: getattr(made, name) for name in ("stop_patience", "undone_anywhere")}
            self.keeper.update(**known)
            patience = Patience(max(self._deadline, made.launch_patience))
            await patience.wait(mind(made, self.keeper))
            await self._take_steps(made, patience)
        except asyncio.TimeoutError:
            raise ends.too_late(self.record, patience.seconds) from None
        self._step(None)
        self._sampler.start(self._deployment)
        self._own(self.telemetry.run(self._collect, read_settings(self.keeper.note)))
        self._explain_from_now_on(self._deployment)

    def _explain_from_now_on(self, deployment: Deployment) -> None:
        if not self._explaining:
            self._explaining = True
            self._own(self._explainer.run(deployment))

    async def _ask_why(self) -> Explanation:
        assert self._deployment is not None
        return await self._there(self._deployment.explain())

    async def _collect(self, since: dict[str, Any] | None) -> dict[str, Any] | None:
        assert self._deployment is not None
        if not self._deployment.news(since):
            return NOTHING  # not worth waking the cluster's loop for
        return await self._there(self._deployment.collect(since))

    async def _take_steps(self, deployment: Deployment, patience: Patience) -> None:
        steps, counts = deployment.start(), True
        try:
            while True:
                step = patience.wait(self._there(following(steps)), counts=counts)
                if (checkpoint := await step) is None:
                    break
                self._step(checkpoint.step, checkpoint.title)
                self.keeper.update(checkpoint=checkpoint.data)
                # On disk before the step is taken: whatever fails now can be undone by others.
                await asyncio.to_thread(self.keeper.save)
                counts = not checkpoint.pending
                if checkpoint.pending:
                    self._explain_from_now_on(deployment)
            sample = await patience.wait(self._there(deployment.sample()))
        finally:
            with contextlib.suppress(Exception):
                await self._there(steps.aclose())  # type: ignore[attr-defined]
        self._sampled(sample, deployment.place())
        await asyncio.to_thread(self.keeper.save)  # up: who reads the record now must not miss it

    def _own(self, coroutine: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """A task that belongs to this host: it is cancelled with it."""
        task = self._loop.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def end(self, phase: Phase, reason: dict[str, Any] | None) -> None:
        """Begin to end, once; the first cause stands."""
        if self._ending.is_set():
            return
        self._end = (phase, reason)
        self._ending.set()
        steps = tuple(
            replace(step, state="failed", finished=time.time()) if step.state == "active" else step
            for step in self.record.steps
        )
        self.keeper.update(phase=Phase.STOPPING, reason=reason, steps=steps, can=())

    async def _close(self, begun: float, heard: bool) -> None:
        reachable = self._cluster_loop.is_running()  # a notebook's ends when it closes the cluster
        phase, reason = self._end
        text = str(reason["message"]) if reason else "It was stopped."
        if reachable:
            self._sampler.stop()
        self._decisions.flush()
        await self.telemetry.finish(self._collect if reachable else None, phase.value, text)
        if self._deployment is not None and reachable:
            try:
                ending = ends.of(self._deployment, self.record.checkpoint, self._for_real)
                # A loop that did not hear of the end of its start is blocked.
                left = (self._deployment if heard else Deployment).stop_patience + begun
                await asyncio.wait_for(self._there(ending), max(left - time.monotonic(), 1.0))
                self.keeper.update(checkpoint={})  # nothing is left that others would have to undo
            except asyncio.TimeoutError:
                logger.warning("The cluster did not close in time and is ended")
            except ClusterGone:
                pass  # it was about to
            except Exception:
                logger.exception("The cluster did not close in order")
        ended = self.record.ended_as(phase, reason, time.time())
        names = {f.name for f in fields(ended)} - {"updated"}
        self.keeper.update(**{name: getattr(ended, name) for name in names})
        self.keeper.note(phase.value, text)

    def _step(self, name: str | None, title: str = "") -> None:
        if not self._ending.is_set():
            self.keeper.step(name, title)

    # -- what becomes of it ----------------------------------------------------------------------
    def _closed_by_others(self) -> None:
        self.end(*ends.by_others(self.record, self._deployment))

    def _sampled(self, sample: Sample, place: Endpoint | None) -> None:
        self._sampled_at = now = time.time()
        if self._ending.is_set():
            return
        seen = changes(self.record, sample, self._target)
        # What ran and ended between two samples was work as well.
        worked = sample.busy or sample.activity != self._activity
        self._activity = sample.activity
        if self._lease is not None:
            awaited = bool(self._waiting) or to_come(replace(self.record, **seen))
            self._lease.observe(busy=worked, clients=sample.clients, now=now, awaited=awaited)
        if self._target is None:
            self._decisions.look(sample, time.monotonic())
        for kind, text in news(self.record, seen):
            self.keeper.note(kind, text)
        assert self._deployment is not None
        self.keeper.update(
            **seen,
            can=self._deployment.can,
            dashboard=place,
            lease=self._lease.to_wire() if self._lease is not None else {},
        )

    def _tell(self, kind: str, text: str) -> None:
        """An event, in the cluster's history and on the time axis of its plots."""
        self.keeper.note(kind, text)
        self.telemetry.note(kind, text)

    # -- the lease -------------------------------------------------------------------------------
    async def _obey_lease(self) -> None:
        if self._lease is not None:
            why = await self._lease.ended(lambda: self._sampled_at)
            self.end(*ends.by_lease(why, self._lease.sentence(why)))

    # -- what the control API asks ---------------------------------------------------------------
    def _require(self, what: str | None) -> Deployment:
        who = f"The cluster {self.record.name!r}"
        if self._ending.is_set():
            phase = self.record.phase.value
            raise ClusterGone(f"{who} is {phase}.", "Start another one with %dask start.")
        if self._deployment is None or not self.record.can:
            raise Unsupported(f"{who} is still starting.", "Wait until it runs.")
        if what and what not in self.record.can:
            raise Unsupported(f"{who} cannot {what}.")
        if what and self._lease is not None:
            self._lease.renew(time.time())
        return self._deployment

    async def look(self, question: Callable[[Deployment], Coroutine[Any, Any, Any]]) -> Any:
        """Ask the deployment something that changes nothing, nor keeps the cluster alive."""
        return await self._there(question(self._require(None)))

    def _in_background(self, coroutine: Coroutine[Any, Any, Any], what: str) -> None:
        async def run() -> None:
            try:
                await self._there(coroutine)
            except DasklabError as error:
                self.keeper.note(f"{what}-failed", str(error))
            except Exception as error:
                logger.exception("%s failed", what)
                self.keeper.note(f"{what}-failed", f"{type(error).__name__}: {error}")

        self._own(run())

    async def scale(self, workers: object) -> None:
        """Have that many workers, or a range; returns before they are there.

        Raises
        ------
        WorkersInvalid, Unsupported, ClusterGone
        """
        workers = in_workers(workers, self._size)
        scaling = Scaling.parse(workers, limit=self._limit).beside(self.record.workers)
        deployment = self._require("adapt" if scaling.adaptive else "scale")
        self._target = scaling
        self.keeper.update(workers={**scaling.to_wire(), "running": self.record.workers["running"]})
        self._tell("scale", scaling.sentence)

        async def apply() -> None:
            try:
                async with self._scaling:
                    if self._target is scaling:  # else another number is wanted by now
                        await deployment.scale(scaling)
            finally:
                self._loop.call_soon_threadsafe(self._applied, scaling)

        self._in_background(apply(), "scale")

    def _size(self) -> Size | None:
        said = self._deployment.size() if self._deployment is not None else None
        record = self.record
        there = (record.workers.get("running") or 0, record.cores, record.memory.get("limit", 0))
        return said or Size.of(*there)

    def _applied(self, scaling: Scaling) -> None:
        if self._target is scaling:
            self._target = None
            self._sampler.poke()

    async def why(self) -> None:
        """Find out why there are fewer workers than wanted; the record has it then."""
        if self._explaining and not self._ending.is_set():
            if self._lease is not None:
                self._lease.renew(time.time())
            await self._explainer.explain()

    @contextlib.contextmanager
    def awaited(self) -> Iterator[None]:
        """Somebody waits for workers while this lasts: it is not idle, nor alone."""
        self._waiting += 1
        try:
            yield
        finally:
            self._waiting -= 1

    async def restart(self) -> None:
        """Restart all workers; tasks and data are forgotten."""
        deployment = self._require("restart")
        self.keeper.note("restart", "All workers restart; tasks and data are forgotten.")
        self._in_background(deployment.restart(), "restart")

    async def stop(self) -> None:
        """End the cluster, also one that was there before; returns before it has ended.

        While it is only being attached to this cancels the attaching, and ends nothing else.
        """
        self._for_real = bool(self.record.can)
        self.end(Phase.STOPPED, None)

    async def detach(self) -> None:
        """Let go of a cluster that was there before; returns before the host has ended."""
        self._require("detach")
        self.end(*ends.detached())

    async def keep(self, pinned: bool) -> None:
        """Pin the cluster (no lease ends it), or let the lease count again."""
        if self._lease is None:
            raise Unsupported("This cluster has no lease: it lives as long as its kernel.")
        self._lease.pinned = pinned
        self._lease.renew(time.time())
        self.keeper.update(lease=self._lease.to_wire())
        self.keeper.note("keep", "Kept: no lease ends it." if pinned else "Its lease counts again.")

    async def logs(self, source: str, lines: int) -> list[dict[str, Any]]:
        """Log lines of the host, the scheduler or the workers."""
        if source == "host":
            found = tail(self.record.log, lines, limit=2_000_000)
            return [{"source": "host", "at": None, "level": "", "text": line} for line in found]
        return await self._there(self._require("logs").logs(source, lines))

    async def dashboard(self) -> Endpoint:
        """Where the dashboard listens, mounted if it was not; the record names it from now on."""
        endpoint = await self._there(self._require("dashboard").dashboard())
        if self.record.dashboard != endpoint:
            self.keeper.update(dashboard=endpoint)
            await asyncio.to_thread(self.keeper.save)
        return endpoint
