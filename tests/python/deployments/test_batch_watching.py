"""Jobs that are slow to be taken, and jobs that die, with doubles of a cluster and of its queue."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest

from dasklab.deployments import _batch_scaling
from dasklab.deployments._batch_request import Request
from dasklab.deployments._batch_watching import JobWatching
from dasklab.deployments.base import Checkpoint, Context
from dasklab.deployments.queues.base import Queue, Reason, Runner
from dasklab.deployments.queues.slurm_reasons import ENDINGS
from dasklab.errors import QueueSilent
from dasklab.model.explanation import Job
from dasklab.model.scaling import Scaling

from ..support import on_a_loop


class QueueDouble(Queue):
    """Says of jobs what a test has put there; those it was not told of run."""

    name = "double"
    cancelling: ClassVar[tuple[str, ...]] = ("cancel",)

    def __init__(self) -> None:
        super().__init__(Runner())
        self.ended: dict[str, str] = {}
        self.wrote: dict[str, list[str]] = {}
        self.taken: list[str] = []
        self.cancelled: list[str] = []

    async def jobs(self, ids: Sequence[str]) -> list[Job]:
        return [
            Job(i, "ended", self.ended[i], self.told(self.ended[i]))
            if i in self.ended
            else Job(i, "running")
            for i in ids
        ]

    def told(self, word: str) -> str:
        return ENDINGS[word].sentence if word in ENDINGS else ""

    async def find(self, name: str) -> list[str]:
        return [i for i in self.taken if i not in self.cancelled]

    def reason(self, job: Job) -> Reason | None:
        return ENDINGS.get(job.reason)

    async def cancel(self, ids: Sequence[str]) -> list[str]:
        self.cancelled += ids
        return []

    async def output(self, job_id: str) -> list[str]:
        return self.wrote.get(job_id, [])


class ClusterDouble:
    """As SpecCluster: opens what it is to have and has not, when the queue lets it."""

    job_cls = object

    def __init__(self, queue: QueueDouble) -> None:
        self.worker_spec: dict[str, Any] = {}
        self.workers: dict[str, Any] = {}
        self._job_kwargs: dict[str, Any] = {}
        self.scheduler = SimpleNamespace(workers={}, task_groups={})
        self.open = asyncio.Event()
        self.open.set()
        self.silent = False
        self.queue = queue
        self.submitted: Any = None

    async def _correct_state(self) -> None:
        opening = [name for name in self.worker_spec if name not in self.workers]
        await self.open.wait()
        for name in opening:
            self.workers[name] = object()
            self.queue.taken.append(str(len(self.queue.taken) + 1))
            if self.silent:
                raise QueueSilent("sbatch has not answered within 30 seconds.")
            self.submitted(name, self.queue.taken[-1])


class Jobs(JobWatching):
    """Two jobs of one worker each."""

    name = title = "jobs"
    options: ClassVar[dict[str, Any]] = {"type": "object"}

    def __init__(self) -> None:
        self.notes: list[tuple[str, str]] = []
        note = lambda kind, text: self.notes.append((kind, text))  # noqa: E731
        super().__init__({}, Context("x", None, "", "", note=note))
        self.line = self.queue = QueueDouble()
        self.job_name = "dask-x"
        self.requests_of = {"": Request(1, 10**9, 1, python="/py")}
        self.cluster = ClusterDouble(self.line)
        self.cluster.submitted = self.submitted

    def keywords(self, group: str) -> dict[str, Any]:
        return {}

    async def start(self) -> AsyncIterator[Checkpoint]:
        yield Checkpoint("x", "X")

    @property
    def told(self) -> list[str]:
        """What was said of jobs that have ended."""
        return [text for kind, text in self.notes if kind == "job-ended"]


# -- a queue that is slow to take jobs -------------------------------------------------------------
@on_a_loop
async def test_a_look_that_is_given_up_cuts_no_submission_off() -> None:
    """Else the cluster would think of jobs as submitted that are not, or submit them twice."""
    jobs = Jobs()
    jobs.cluster.open.clear()
    jobs.wanted[""] = 2
    for _ in range(2):
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(jobs.look(), 0.05)
    jobs.cluster.open.set()
    await jobs.look()

    assert sorted(job.id for job in jobs.known.values()) == jobs.line.taken == ["1", "2"]
    assert len(jobs.cluster.worker_spec) == 2
    assert ("submitted", "2 jobs (1, 2) were submitted.") in jobs.notes


@on_a_loop
async def test_a_look_goes_on_while_jobs_are_submitted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_batch_scaling, "REFILLING", 0.01)
    jobs = Jobs()
    await jobs.scale(Scaling(1))
    jobs.cluster.open.clear()
    jobs.wanted[""] = 2
    found = await asyncio.wait_for(jobs.look(), 10)
    assert [job.id for job in found.jobs] == ["1"]
    jobs.cluster.open.set()
    await jobs.look()
    assert len(jobs.known) == 2


@on_a_loop
async def test_what_was_taken_without_an_answer_is_cancelled_before_it_is_tried_again() -> None:
    jobs = Jobs()
    jobs.cluster.silent = True
    await jobs.scale(Scaling(1))
    assert [advice.code for advice in (await jobs.look()).advice] == ["queue.submit"]
    assert jobs.line.taken == ["1"], "it is there, and nobody was told"
    jobs.cluster.silent, jobs._hold = False, 0.0
    await jobs.look()

    assert jobs.line.cancelled == ["1"]
    assert [job.id for job in jobs.known.values()] == ["2"]
    assert ("cancelled", "Job 1 was taken late, and cancelled.") in jobs.notes


# -- jobs that die ---------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("word", "wrote", "code", "change"),
    [
        ("TIMEOUT", [], "job.walltime", "Set a longer wall time"),
        ("OUT_OF_MEMORY", [], "job.memory", "Ask for more memory per job"),
        ("", ["slurmstepd: error: Detected 1 oom_kill event"], "job.memory", "Ask for more memory"),
        ("FAILED", ["No module named 'dask'"], "worker.import", "Install it in that environment"),
        ("FAILED", [], "job.failed", "%dask logs workers"),
    ],
)
@pytest.mark.parametrize("lived", [0.0, 600.0])
def test_the_first_that_ends_says_what_to_change(
    word: str, wrote: list[str], code: str, change: str, lived: float
) -> None:
    @on_a_loop
    async def test() -> None:
        jobs = Jobs()
        await jobs.scale(Scaling(2))
        first = jobs.known["x-0"]
        first.at -= 3600.0
        if lived:
            first.met = first.at + 3000.0
        jobs.line.ended["1"], jobs.line.wrote["1"] = word, wrote
        found = await jobs.look()

        assert [job.id for job in found.jobs] == ["2"]
        assert sorted(job.id for job in jobs.known.values()) == ["2", "3"], "replaced"
        [told] = jobs.told
        assert told.startswith("Job 1 has ended" if lived else "Job 1 has ended without a worker.")
        assert change in told
        advice = {one.code: one for one in found.advice}
        assert change in advice[code].hint
        assert [one.code for one in found.advice].count(code) == 1
        # It is still said when another one has taken its place, and what it wrote is kept.
        assert code in [one.code for one in (await jobs.look()).advice]
        assert [(grave.job.id, grave.output) for grave in jobs.dead] == [("1", wrote)]
        await jobs.scale(Scaling(2))
        assert (await jobs.look()).advice == (), "the user has begun anew"

    test()


@on_a_loop
async def test_a_worker_that_has_left_in_time_is_nothing_to_mend() -> None:
    jobs = Jobs()
    await jobs.scale(Scaling(1))
    record = jobs.known["x-0"]
    record.met = record.at = record.at - 3600.0
    jobs.line.ended["1"] = "COMPLETED"
    jobs.line.wrote["1"] = [
        "Worker exceeded 95% memory budget. Restarting",
        "Closing worker gracefully: tcp://x. Reason: worker-lifetime-reached",
    ]
    found = await jobs.look()

    assert jobs.told == ["Job 1 has ended."]
    assert found.advice == ()


@on_a_loop
async def test_only_the_last_of_the_dead_are_kept() -> None:
    jobs = Jobs()
    await jobs.scale(Scaling(8))
    for job in list(jobs.known.values()):
        jobs.line.ended[job.id] = "FAILED"
        jobs.line.wrote[job.id] = [f"I am {job.id}"]
    await jobs.look()

    assert [grave.output for grave in jobs.dead] == [[f"I am {n}"] for n in range(4, 9)]
    assert len(jobs.told) == 8
