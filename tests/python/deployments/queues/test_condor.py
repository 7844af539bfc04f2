"""HTCondor's words, as a real HTCondor 23.9 has said them."""

from __future__ import annotations

import asyncio
from typing import Any

from dasklab.deployments.queues.condor import CondorQueue
from dasklab.deployments.queues.runner import Answer

from .doubles import Recorded, text

ANSWERS: dict[str, Any] = {
    "condor_q": text("condor_q.json"),
    "condor_q -better-analyze": text("condor_analyze_memory.txt"),
    "condor_status": text("condor_status.json"),
    "condor_history 5.0": text("condor_history_5.json"),
    "condor_history 3.0": text("condor_history_3.json"),
    "condor_history": "",
}


def ask(*ids: str, **answers: Any) -> dict[str, Any]:
    queue = CondorQueue(Recorded({**ANSWERS, **answers}))
    return {job.id: job for job in asyncio.run(queue.jobs(ids))}


def test_every_job_has_its_state_and_its_reason_in_words() -> None:
    jobs = ask("1.0", "2.0", "3.0", "4.0", "5.0", "7.0", "99.0")

    assert {i: (job.state, job.text) for i, job in jobs.items()} == {
        "1.0": ("running", ""),
        "2.0": ("pending", "Asks for what no machine has."),
        "3.0": ("ended", "Was cancelled."),
        "4.0": ("pending", "Could not be started, and is held."),
        "5.0": ("ended", "Failed."),
        "7.0": ("pending", "Asks for what no machine has."),
        "99.0": ("ended", "The queue does not know it any more."),
    }
    assert jobs["1.0"].node == "node1"
    assert jobs["2.0"].reason == ("asks for 921600 MiB of memory, the largest machine has 16000")
    assert jobs["7.0"].reason == "asks for 64 cores, the largest machine has 8", "by expressions"
    assert "errno=2: 'No such file or directory'" in jobs["4.0"].reason


def test_a_condition_that_no_machine_meets_is_named() -> None:
    answers = {
        "condor_q 6.0": "[" + text("condor_q.json").split("\n,\n")[-2] + "]",
        "condor_q -better-analyze 6.0": text("condor_analyze.txt"),
    }
    job = ask("6.0", **answers)["6.0"]

    assert job.reason == 'no machine meets TARGET.Arch == "ppc64le"'
    assert job.text == "Asks for a kind of machine that there is not."


def test_machines_that_are_only_busy_are_nothing_impossible() -> None:
    """Of a machine in use, ``-better-analyze`` counts what is left of it."""
    answers = {
        "condor_status": text("condor_status.json").replace("16000", "1000000"),
        "condor_q 2.0": "[" + text("condor_q.json").split("\n,\n")[1] + "]",
    }
    job = ask("2.0", **answers)["2.0"]

    assert job.text == "Waits until enough is free."


def test_the_largest_machine_is_the_limit() -> None:
    limits = asyncio.run(CondorQueue(Recorded(ANSWERS)).limits({}))

    assert limits is not None
    assert (limits.memory, limits.cores, limits.walltime) == (16_000 * 2**20, 8, None)


def test_jobs_are_found_by_their_batch_name() -> None:
    found = asyncio.run(CondorQueue(Recorded(ANSWERS)).find("dasklab-abc"))

    assert set(found) == {"1.0", "2.0", "4.0", "6.0", "7.0"}, "not the one that was removed"


def test_without_a_history_a_job_has_ended_all_the_same() -> None:
    """A pool may keep none, and its file is away while it is turned over."""
    silent = Answer(1, "", "Error: can't open history file")
    answers = {name: silent for name in ANSWERS if name.startswith("condor_history")}
    jobs = ask("1.0", "5.0", **answers)

    assert (jobs["1.0"].state, jobs["5.0"].state) == ("running", "ended")
    queue = CondorQueue(Recorded({**ANSWERS, **answers}), "/nowhere")
    assert asyncio.run(queue.output("5.0")) == []
