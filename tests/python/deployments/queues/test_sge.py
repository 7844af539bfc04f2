"""Grid Engine's words, as a real Son of Grid Engine 8.1.9 has said them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from dasklab.deployments.queues.runner import Answer
from dasklab.deployments.queues.sge import GridEngineQueue
from dasklab.errors import QueueError

from .doubles import Recorded, text

MISSING = Answer(1, "", "error: job id 99 not found")
ANSWERS: dict[str, Any] = {
    "qstat -u": text("sge_qstat.xml"),
    "qstat -j": text("sge_qstat_j.txt"),
    "qalter -w v 19": Answer(1, text("sge_qalter_19.txt"), ""),
    "qalter -w v 20": Answer(1, text("sge_qalter_20.txt"), ""),
    "qalter": "verification: found suitable queue(s)\n",
    "qacct -j 11": text("sge_qacct_failed.txt"),
    "qacct -j 15": text("sge_qacct_wall.txt"),
    "qacct -j 1": text("sge_qacct_deleted.txt"),
    "qacct": MISSING,
}


def jobs(queue: GridEngineQueue, *ids: str) -> list[Any]:
    return asyncio.run(queue.jobs(ids))


def test_every_job_has_its_state_and_its_reason_in_words() -> None:
    queue = GridEngineQueue(Recorded(ANSWERS))
    ids = ("17", "19", "20", "21", "22", "27")

    running, long, much, held, broken, waiting = jobs(queue, *ids)

    assert (running.state, running.node, running.text) == ("running", "node1", "")
    assert running.since
    assert {job.state for job in (long, much, held, broken, waiting)} == {"pending"}
    assert long.text == "Asks for more than any queue allows, such as its wall time."
    assert "-l h_rt=172800" in long.reason
    assert held.text == "Is held."
    assert broken.text.startswith("Could not be started by its machine")
    assert 'can\'t open output file "/nonexist/"' in broken.reason
    assert waiting.text == "Waits for a free slot."
    assert much.text.startswith("Waits for"), "what machines measure may change: not impossible"


def test_what_can_never_run_is_an_error_and_comes_first() -> None:
    queue = GridEngineQueue(Recorded(ANSWERS))

    advice = asyncio.run(queue.explain(jobs(queue, "19", "27", "21", "22")))

    assert [one.severity for one in advice] == ["error", "error", "warning", "note"]
    assert [one.code for one in advice] == [
        "queue.walltime", "queue.launch", "queue.held", "queue.resources",
    ]  # fmt: skip
    assert "shorter wall time" in advice[0].hint
    assert advice[0].evidence[0].startswith("19 pending unsatisfiable: Job 19")


@pytest.mark.parametrize(
    ("job_id", "words"),
    [
        ("11", "Failed."),
        ("15", "Was ended by the queue at its wall time."),
        ("1", "Was killed by its machine, or cancelled."),
        ("99", "The queue does not know it any more."),
    ],
)
def test_the_accounting_says_how_a_job_ended(job_id: str, words: str) -> None:
    found = jobs(GridEngineQueue(Recorded(ANSWERS)), job_id)

    assert [(job.id, job.state, job.text) for job in found] == [(job_id, "ended", words)]


def test_a_job_is_verified_once_and_accounted_once() -> None:
    runner = Recorded(ANSWERS)
    queue = GridEngineQueue(runner)
    for _ in range(3):
        jobs(queue, "19", "11")

    assert runner.asked.count("qalter -w v 19") == 1
    assert runner.asked.count("qacct -j 11") == 1


def test_names_are_found_in_full() -> None:
    """``qstat`` without -xml cuts them off after ten characters."""
    queue = GridEngineQueue(Recorded(ANSWERS))

    assert asyncio.run(queue.find("dask-0123456789")) == ["17", "26", "27"]
    assert asyncio.run(queue.find("dask-01234567890")) == []


def test_a_queue_says_its_wall_time() -> None:
    queue = GridEngineQueue(Recorded({"qconf -sq all.q": text("sge_queue.txt")}))

    limits = asyncio.run(queue.limits({"queue": "all.q"}))

    assert limits is not None
    assert (limits.queue, limits.walltime, limits.memory) == ("all.q", 86_400.0, None)
    assert asyncio.run(queue.limits({})) is None


@pytest.mark.parametrize(
    ("line", "code"), [(0, "queue.unknown"), (2, "queue.impossible"), (4, "queue.account")]
)
def test_refusals_are_said_in_words(line: int, code: str) -> None:
    said = "\n".join(text("sge_refused.txt").splitlines()[line : line + 2])

    advice = GridEngineQueue(Recorded({})).rejection(said)

    assert (advice.code, advice.severity) == (code, "error")
    assert advice.message.startswith("The batch system refused the job: it ")
    assert advice.evidence[0] == said.splitlines()[0]


def test_a_master_that_is_gone_is_an_error_with_what_it_said() -> None:
    said = (
        "error: commlib error: got select error (Connection refused)\nerror: unable to send message"
    )
    queue = GridEngineQueue(Recorded({"qstat": Answer(1, "", said)}))

    with pytest.raises(QueueError, match=r"qstat failed: error: commlib error"):
        jobs(queue, "1")
