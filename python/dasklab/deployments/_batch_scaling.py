"""Growing and shrinking by whole jobs, of which each may run several workers.

What is wanted is kept apart from what has been submitted: jobs that were refused or have died
leave a gap that is filled when there is reason to, and that everybody sees until then. Beneath
``_batch``.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from ..errors import OptionsInvalid, QueueError, WorkersInvalid
from ..model.explanation import Advice
from ..model.scaling import Scaling
from ._batch_request import Request
from ._cluster import ClusterDeployment
from ._guard import Guard
from ._jobs import Refusal
from .base import Context, Sample
from .queues.base import Queue

__all__ = ("JobScaling", "Submitted", "were")

logger = logging.getLogger(__name__)

AGAIN = 30.0
"""Seconds before jobs are submitted again after the command has failed for want of an answer."""


REFILLING = 5.0
"""Seconds for which a look at the queue waits for what is submitted meanwhile."""


def were(ids: list[str]) -> str:
    """Jobs as the subject of a sentence."""
    if len(ids) == 1:
        return f"Job {ids[0]} was"
    return f"{len(ids)} jobs ({', '.join(ids[:5])}{', …' if len(ids) > 5 else ''}) were"


@dataclass
class Submitted:
    """A job that has been submitted.

    Parameters
    ----------
    met
        When a worker of it was first seen (epoch seconds).
    """

    id: str
    name: str
    group: str
    at: float
    met: float | None = None


class JobScaling(ClusterDeployment):
    """A cluster whose workers are jobs."""

    queue: Queue
    job_name: str

    def __init__(self, options: dict[str, Any], context: Context) -> None:
        super().__init__(options, context)
        self.requests_of: dict[str, Request] = {}
        self.wanted: dict[str, int] = {}  # jobs, by group
        self.known: dict[str, Submitted] = {}  # by their names in the cluster
        self.guard = Guard()
        self.refused: Advice | None = None
        self.ending = False
        self.tls: dict[str, str] = {}
        self._hold = 0.0
        self._doubtful = False  # whether the queue may have taken a job without saying so
        self._refilling: asyncio.Task[None] | None = None
        self._groups: dict[str, str] = {}  # of names in the cluster

    def keywords(self, group: str) -> dict[str, Any]:
        """Arguments of a group's jobs."""
        raise NotImplementedError

    def jobs_for(self, group: str, workers: int) -> int:
        """How many jobs have at least so many workers."""
        return math.ceil(workers / self.requests_of[group].processes)

    def workers_of(self, name: str) -> list[str]:
        """Names of the workers of a job."""
        processes = self.requests_of[self._groups[name]].processes
        return [name] if processes == 1 else [f"{name}-{number}" for number in range(processes)]

    def names(self, group: str) -> list[str]:
        """Names of a group's jobs: submitted, or about to be."""
        return [name for name in self.cluster.worker_spec if self._groups.get(name) == group]

    def count(self, sample: Sample) -> Sample:
        """The sample with what is wanted, and jobs whose workers are there noted."""
        now = time.time()
        here = {str(ws.name) for ws in self.scheduler.workers.values()}
        for job in self.known.values():
            if job.met is None and here.intersection(self.workers_of(job.name)):
                job.met = now
        wanted = {
            group: jobs * self.requests_of[group].processes for group, jobs in self.wanted.items()
        }
        groups = {group: number for group, number in wanted.items() if group}
        return replace(
            sample,
            wanted=sum(wanted.values()),
            groups=groups,
            security=self.tls,
        )

    # -- scaling -------------------------------------------------------------------------------
    async def scale(self, scaling: Scaling) -> None:
        unknown = [name for name in scaling.groups if name not in self.requests_of or not name]
        if unknown:
            there = [name for name in self.requests_of if name]
            raise WorkersInvalid(
                f"There is no worker group {unknown[0][:60]!r}.",
                f"There are: {', '.join(there)}." if there else "The option groups names them.",
            )
        async with self._scaling:
            self.guard.again()
            self.refused, self._hold = None, 0.0
            self._stop_adapting()
            for group in self.requests_of:
                if group in scaling.groups:
                    self.wanted[group] = self.jobs_for(group, scaling.groups[group])
                elif group:
                    self.wanted.setdefault(group, 0)
            if scaling.adaptive:
                assert scaling.minimum is not None
                assert scaling.maximum is not None
                self.wanted[""] = len(self.names(""))
                self._adapt(scaling.minimum, scaling.maximum)
            else:
                self.wanted[""] = self.jobs_for("", scaling.wanted)
            for group, jobs in self.wanted.items():
                await self.shrink_to(group, jobs)
            await self.grow()
        self.context.changed()

    async def refill(self) -> None:
        """Submit what is missing in a task of its own, and wait for that a while.

        Who looks at the queue has less patience than a loaded one needs to take a job. Cut off in
        the middle of it, nobody would know whether there is one.
        """
        if self._refilling is None or self._refilling.done():
            self._refilling = asyncio.get_running_loop().create_task(self._refill())
        done, _ = await asyncio.wait({self._refilling}, timeout=REFILLING)
        for task in done:
            task.result()

    async def _refill(self) -> None:
        async with self._scaling:
            await self.grow()

    async def grow(self) -> None:
        """Submit what is missing, as far as the guard allows."""
        if self.ending or time.monotonic() < self._hold or not await self._certain():
            return
        missing = {group: jobs - len(self.names(group)) for group, jobs in self.wanted.items()}
        names = [
            self._plan(group)
            for group, number in missing.items()
            for _ in range(self.guard.allows(number))
        ]
        if not names:
            return
        try:
            await self.cluster._correct_state()
        except (Refusal, QueueError, ValueError, OSError) as error:
            self._not_submitted(error)
        ids = [self.known[name].id for name in names if name in self.known]
        if ids:
            self.context.note("submitted", f"{were(ids)} submitted.")

    async def _certain(self) -> bool:
        """Whether it is known what the queue has; cancels what it took without an answer."""
        if self._doubtful:
            known = {job.id for job in self.known.values()}
            try:
                strays = sorted(set(await self.queue.find(self.job_name)) - known)
                if strays:
                    await self.queue.cancel(strays)
                    self.context.note("cancelled", f"{were(strays)} taken late, and cancelled.")
            except QueueError:
                self._hold = time.monotonic() + AGAIN
                return False
            self._doubtful = False
        return True

    def _plan(self, group: str) -> str:
        """Have the cluster open one more job when it next corrects its state."""
        stem = f"{self.context.name}-{group}" if group else self.context.name
        number = 0
        while f"{stem}-{number}" in self._groups:  # never one twice: the scheduler remembers names
            number += 1
        name = f"{stem}-{number}"
        options = self.cluster._job_kwargs
        if group:
            options = {**options, **self.keywords(group)}
        self._groups[name] = group
        spec = {"cls": self.cluster.job_cls, "options": options}
        if self.requests_of[group].processes > 1:
            suffixes = range(self.requests_of[group].processes)
            spec["group"] = [f"-{number}" for number in suffixes]
        self.cluster.worker_spec[name] = spec
        return name

    def submitted(self, name: str, job_id: str) -> None:
        """Told by each job that has been submitted."""
        self.known[name] = Submitted(job_id, name, self._groups[name], time.time())

    def _not_submitted(self, error: Exception) -> None:
        """Forget jobs that the queue did not take; say why, and try again only if that may help."""
        for name in list(self.cluster.worker_spec):
            if name not in self.known:
                self.cluster.worker_spec.pop(name)
                self.cluster.workers.pop(name, None)
        if isinstance(error, (Refusal, ValueError)):  # or an answer that names no job
            self.refused = replace(self.queue.rejection(str(error)), again=True)
            self._hold = math.inf
        else:
            message = error.message if isinstance(error, QueueError) else str(error)
            self.refused = Advice("queue.submit", message, "It is tried again in a while.")
            self._hold, self._doubtful = time.monotonic() + AGAIN, True
        self.context.note("refused", f"{self.refused.message} {self.refused.hint}".rstrip())

    def drop(self, names: Iterable[str]) -> None:
        """Forget jobs that are no more."""
        for name in names:
            self.known.pop(name, None)
            self.cluster.worker_spec.pop(name, None)
            self.cluster.workers.pop(name, None)

    # -- shrinking -----------------------------------------------------------------------------
    async def shrink_to(self, group: str, jobs: int) -> None:
        """Close jobs down to a number: those without workers first, then what costs least."""
        surplus = len(self.names(group)) - jobs
        if surplus <= 0:
            return
        chosen = self.cheapest(group)[:surplus]
        closed = await self.release(chosen, force=not any(self.wanted.values()))
        if len(closed) < len(chosen):
            kept = len(chosen) - len(closed)
            self.wanted[group] += kept
            what = "jobs" if self.requests_of[group].processes > 1 else "workers"
            self.context.note(
                "kept", f"{kept} of {len(chosen)} {what} stay: their data finds no room elsewhere."
            )

    def cheapest(self, group: str) -> list[str]:
        """A group's jobs, in the order in which to close them."""
        states = {str(ws.name): ws for ws in self.scheduler.workers.values()}

        def cost(name: str) -> tuple[bool, int, int]:
            there = [states[worker] for worker in self.workers_of(name) if worker in states]
            return (
                bool(there),
                sum(len(ws.processing) for ws in there),
                sum(ws.nbytes for ws in there),
            )

        return sorted(self.names(group), key=cost)

    async def release(self, names: Iterable[str], *, force: bool = False) -> list[str]:
        """Close jobs whose data has found another place; the names of those.

        Parameters
        ----------
        force
            Nobody is left to take the data: none is wanted.
        """
        names = list(names)
        by_name = {str(ws.name): ws.address for ws in self.scheduler.workers.values()}
        addresses = {
            name: [by_name[worker] for worker in self.workers_of(name) if worker in by_name]
            for name in names
        }
        leaving = [address for found in addresses.values() for address in found]
        self._leaving.update(leaving)
        if leaving and not force:
            retired = await self.cluster.scheduler_comm.retire_workers(
                workers=leaving, remove=False, close_workers=False
            )
            stay = [name for name in names if not set(addresses[name]) <= set(retired)]
            for name in stay:
                names.remove(name)
                self._leaving.difference_update(addresses[name])
        for name in names:
            self.cluster.worker_spec.pop(name, None)
            self.known.pop(name, None)
        if names:
            await self.cluster._correct_state()
        return names

    # -- adaptive ------------------------------------------------------------------------------
    def _adapt(self, minimum: int, maximum: int) -> None:
        from distributed.deploy.adaptive import Adaptive

        deployment = self

        class ByJobs(Adaptive):  # type: ignore[misc]
            """Thinks in workers as Dask's own, and acts in jobs; named groups stay as they are.

            Dask's own closes a job, and all workers in it, for the sake of one of them.
            """

            @property
            def plan(self) -> set[Any]:
                return _workers(deployment.names(""))

            @property
            def requested(self) -> set[Any]:
                return _workers(name for name in deployment.names("") if name in deployment.known)

            @property
            def observed(self) -> set[Any]:
                here = {str(ws.name) for ws in deployment.scheduler.workers.values()}
                return here & self.plan

            async def recommendations(self, target: int) -> dict[str, Any]:
                # Without the base's wait for the cluster: jobs that were refused are no reason.
                found: dict[str, Any] = await super(Adaptive, self).recommendations(target)
                return found

            async def workers_to_close(self, target: int) -> list[str]:
                jobs = deployment.cheapest("")
                surplus = max(0, len(jobs) - deployment.jobs_for("", target))
                return sorted(_workers(jobs[:surplus]))

            async def scale_up(self, n: int) -> None:
                async with deployment._scaling:
                    if deployment._adaptive:
                        deployment.wanted[""] = deployment.jobs_for("", n)
                        await deployment.grow()

            async def scale_down(self, workers: Any) -> None:
                leaving = set(workers)
                async with deployment._scaling:
                    if self.cluster._adaptive is not self:
                        return  # a number was given meanwhile
                    jobs = [n for n in deployment.names("") if _workers([n]) <= leaving]
                    await deployment.release(jobs)
                    deployment.wanted[""] = len(deployment.names(""))

        def _workers(names: Iterable[str]) -> set[str]:
            return {worker for name in names for worker in deployment.workers_of(name)}

        if maximum < self.requests_of[""].processes:
            raise OptionsInvalid(
                f"A job has {self.requests_of[''].processes} workers, more than {maximum}.",
                "Give a greater maximum, or fewer processes.",
            )
        # Not through the class of dask-jobqueue: it rounds to jobs by itself.
        self.cluster._adaptive = ByJobs(self.cluster, minimum=minimum, maximum=maximum)
        self._adaptive = (minimum, maximum)
