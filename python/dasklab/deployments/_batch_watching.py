"""Looks at a cluster's jobs: why they wait, which have died, what is to take their place.

Asked by the host every two seconds while something is missing. Beneath ``_batch``.
"""

from __future__ import annotations

import contextlib
import time
from dataclasses import replace

from ..errors import QueueError
from ..model.explanation import Advice, Explanation, Job
from ._batch_scaling import JobScaling, Submitted
from ._guard import QUICK
from .signatures import recognise

__all__ = ("JobWatching",)

UNSEEN = 10.0
"""Seconds in which a job that was submitted may not be known to the commands that ask."""

SILENT = 20.0
"""Seconds after which a job that runs should have a worker: importing Dask takes two to ten."""


class JobWatching(JobScaling):
    """A cluster of jobs that says what becomes of them."""

    _launching = True
    _shown = ""

    async def look(self) -> Explanation:
        """Ask the queue; bury the dead; submit what is missing; say what is known.

        Raises
        ------
        QueueError
            The queue cannot be asked.
        """
        known = {job.id: job for job in list(self.known.values())}
        try:
            found = await self.queue.jobs(list(known)) if known else []
        except QueueError as error:
            return Explanation(advice=(*self._own_advice(), _trouble(error)))
        jobs = [self._described(known[job.id], job) for job in found]
        dead = [job for job in jobs if job.state == "ended" and self._is_dead(known[job.id])]
        if dead:
            await self._bury(dead, known)
        async with self._scaling:
            await self.grow()
        advice = [
            *self._own_advice(),
            *await self.queue.explain([j for j in jobs if j not in dead]),
        ]
        advice += await self._silent(jobs, known)
        living = tuple(job for job in jobs if job not in dead)
        self._tell(living)
        return Explanation(living, tuple(advice))

    def _own_advice(self) -> list[Advice]:
        found = list(self.guard.advice("%dask scale N"))
        if found:
            found = [*recognise(self.guard.output, self.requests_of[""].python), *found]
        return [*([self.refused] if self.refused else []), *found]

    def _described(self, known: Submitted, job: Job) -> Job:
        """With its workers and its group; what the queue does not list yet is on its way."""
        new = time.time() - known.at < UNSEEN and job.since is None and not job.reason
        state = "pending" if job.state == "ended" and new else job.state
        workers = tuple(self.workers_of(known.name))
        return replace(job, state=state, workers=workers, group=known.group)

    def _here(self, known: Submitted) -> bool:
        """Whether a worker of it is connected."""
        here = {str(ws.name) for ws in self.scheduler.workers.values()}
        return not here.isdisjoint(self.workers_of(known.name))

    def _is_dead(self, known: Submitted) -> bool:
        return known.name in self.known and not self._here(known)

    async def _bury(self, dead: list[Job], known: dict[str, Submitted]) -> None:
        """Forget jobs that have ended, say so, and count those that did so at once."""
        now = time.time()
        quick = []
        for job in dead:
            record = known[job.id]
            lived = None if record.met is None else (job.since or now) - record.met
            lifetime = self.requests_of[record.group].lifetime
            asked = lifetime is not None and now - record.at > 0.5 * lifetime
            if lived is None or (lived < QUICK and not asked):
                quick.append(job)
                how = "without a worker" if lived is None else f"after {max(lived, 0):.0f} s"
                text = f"Job {job.id} has ended {how}."
            else:
                self.guard.lived()
                text = f"Job {job.id} has ended."
            self.context.note("job-ended", f"{text} {job.text}".rstrip())
        if quick:
            output: list[str] = []
            with contextlib.suppress(QueueError):
                output = await self.queue.output(quick[-1].id)
            said = [job.text for job in quick if job.text][-1:]
            self.guard.died([job.id for job in quick], output or said)
        self.drop(known[job.id].name for job in dead)

    async def _silent(self, jobs: list[Job], known: dict[str, Submitted]) -> list[Advice]:
        """What jobs write that run and have no worker."""
        now = time.time()
        for job in jobs:
            late = job.state == "running" and now - (job.since or known[job.id].at) > SILENT
            if late and not self._here(known[job.id]):
                output: list[str] = []
                with contextlib.suppress(QueueError):
                    output = await self.queue.output(job.id)
                found = recognise(output, self.requests_of[job.group].python)
                if found:
                    return found
                return [
                    Advice(
                        "worker.silent",
                        f"Job {job.id} runs, and its worker has not connected yet.",
                        "If it does not come within a minute, see its output: %dask logs workers",
                        "note",
                        tuple(output[-10:]),
                    )
                ]
        return []

    # -- the steps of a launch -------------------------------------------------------------------
    def launched(self) -> None:
        """A worker is there: what comes later is no step of the launch any more."""
        if self._launching:
            self._launching = False
            self.context.step(None, "")

    def _tell(self, jobs: tuple[Job, ...]) -> None:
        """Say where the first of the jobs is, until the first worker is there."""
        if not self._launching:
            return
        running = [job for job in jobs if job.state == "running"]
        if running:
            job = running[0]
            step = "started", f"Job {job.id} has started" + (f" on {job.node}" if job.node else "")
        elif jobs:
            why = f": {jobs[0].text}" if jobs[0].text else ""
            step = "pending", f"Job {jobs[0].id} waits in the queue{why}".rstrip(".")
        else:
            return
        if step[1] != self._shown:
            self._shown = step[1]
            self.context.step(*step)


def _trouble(error: QueueError) -> Advice:
    return Advice(error.code, error.message, error.hint)
