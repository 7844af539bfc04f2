"""Looks at a cluster's jobs: why they wait, which have died, what is to take their place.

Asked by the host every two seconds while something is missing. Beneath ``_batch``.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass, field, replace

from ..errors import QueueError
from ..model.explanation import Advice, Explanation, Job
from ..model.scaling import Scaling
from ._batch_scaling import JobScaling, Submitted
from ._guard import QUICK
from .signatures import recognise

__all__ = ("JobWatching",)

UNSEEN = 10.0
"""Seconds in which a job that was submitted may not be known to the commands that ask."""

SILENT = 20.0
"""Seconds after which a job that runs should have a worker: importing Dask takes two to ten."""


RETIRED = "lifetime-reached"
"""What a worker writes that has left in time, and of which nothing else matters then."""

KEPT = 5
"""Jobs that have ended whose output is kept."""

REMEMBERED = 600.0
"""Seconds in which the end of a job is among the reasons why workers are missing."""


@dataclass(frozen=True)
class Grave:
    """A job that has ended without being asked to.

    Parameters
    ----------
    at
        When that was seen (epoch seconds).
    output
        What it wrote last.
    advice
        What that means.
    """

    job: Job
    at: float
    output: list[str]
    advice: list[Advice] = field(default_factory=list)


class JobWatching(JobScaling):
    """A cluster of jobs that says what becomes of them."""

    dead: tuple[Grave, ...] = ()
    """The last that have ended, oldest first."""

    _launching = True
    _shown = ""
    _asked = 0.0

    async def scale(self, scaling: Scaling) -> None:
        self._asked = time.time()  # a new beginning: what died before is no reason any more
        await super().scale(scaling)

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
            return Explanation(advice=(*await self._own_advice(), _trouble(error)))
        jobs = [self._described(known[job.id], job) for job in found]
        dead = [job for job in jobs if job.state == "ended" and self._is_dead(known[job.id])]
        if dead:
            await self._bury(dead, known)
        await self.refill()
        advice = [
            *await self._own_advice(),
            *await self.queue.explain([j for j in jobs if j not in dead]),
        ]
        advice += await self._silent(jobs, known)
        living = tuple(job for job in jobs if job not in dead)
        self._tell(living)
        return Explanation(living, tuple(advice))

    async def _own_advice(self) -> list[Advice]:
        """What is known without the living: a refusal, the guard's, how the last jobs died."""
        found = [self.refused] if self.refused else []
        found += recognise(self.guard.output, self.requests_of[""].python)
        found += self.guard.advice("%dask scale N")
        since = max(time.time() - REMEMBERED, self._asked)
        dead = [grave for grave in self.dead if grave.at > since]
        found += [advice for grave in dead for advice in grave.advice]
        telling = [grave.job for grave in dead if not grave.advice or self._queue_knows(grave.job)]
        found += await self.queue.explain(telling)
        once: dict[str, Advice] = {}
        for advice in found:
            once.setdefault(advice.code, advice)
        return list(once.values())

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
        last = [job.id for job in dead[-KEPT:]]
        outputs = await asyncio.gather(*map(self._output, last))
        written = dict(zip(last, outputs, strict=True))
        quick = []
        for job in dead:
            record = known[job.id]
            lived = None if record.met is None else (job.since or now) - record.met
            request = self.requests_of[record.group]
            asked = request.lifetime is not None and now - record.at > 0.5 * request.lifetime
            output = written.get(job.id, [])
            grave = Grave(job, now, output)
            if lived is None or (lived < QUICK and not asked):
                quick.append(grave)
                how = "without a worker" if lived is None else f"after {max(lived, 0):.0f} s"
                text = f"Job {job.id} has ended {how}."
            else:
                self.guard.lived()
                text = f"Job {job.id} has ended."
            if not any(RETIRED in line for line in output):
                grave = replace(grave, advice=recognise(output, request.python))
            self.dead = (*self.dead, grave)[-KEPT:]
            self.context.note("job-ended", f"{text} {self._cause(grave)}".rstrip())
        if quick:
            said = [grave.job.text for grave in quick if grave.job.text][-1:]
            self.guard.died([grave.job.id for grave in quick], quick[-1].output or said)
        self.drop(known[job.id].name for job in dead)

    async def _output(self, job_id: str) -> list[str]:
        with contextlib.suppress(QueueError):
            return await self.queue.output(job_id)
        return []

    def _queue_knows(self, job: Job) -> bool:
        """Whether the queue says why a job has ended, and not only that it failed."""
        reason = self.queue.reason(job)
        return reason is not None and bool(reason.hint) and reason.code != "job.failed"

    def _cause(self, grave: Grave) -> str:
        """How a job ended and what to change: by what it wrote, unless the queue knows better."""
        reason = self.queue.reason(grave.job)
        said, hint = grave.job.text, reason.hint if reason is not None else ""
        if grave.advice and not self._queue_knows(grave.job):
            said, hint = f"{said} {grave.advice[0].message}", grave.advice[0].hint
        return f"{said} {hint}".strip()

    async def _silent(self, jobs: list[Job], known: dict[str, Submitted]) -> list[Advice]:
        """What jobs write that run and have no worker."""
        now = time.time()
        for job in jobs:
            late = job.state == "running" and now - (job.since or known[job.id].at) > SILENT
            if late and not self._here(known[job.id]):
                output = await self._output(job.id)
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
