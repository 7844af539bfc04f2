"""Slurm's words, in the format that is asked for; the real one is asked in the contract tests."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from dasklab.deployments.queues.runner import Answer
from dasklab.deployments.queues.slurm import SlurmQueue
from dasklab.model.explanation import Job

from .doubles import Recorded

SQUEUE = """\
11|RUNNING|None|1795367733|1795367700|1795371333|node[1-2]|dask-0123456789
12|PENDING|Resources|1795369999|1795367701|N/A||dask-0123456789
13|PENDING|ReqNodeNotAvail, UnavailableNodes:node[3-9]|N/A|1795367702|N/A||dask-0123456789
14|TIMEOUT|TimeLimit|1795367000|1795366000|1795367900|node1|dask-0123456789
15|CONFIGURING|None|1795367733|1795367700|1795371333|node3|other|name
16|OUT_OF_MEMORY|OutOfMemory|1795367000|1795366000|1795367900|node1|dask-x
17|COMPLETING|NonZeroExitCode|1795367000|1795366000|1795367900|node1|dask-x
"""
NO_ACCOUNTING = Answer(1, "", "Slurm accounting storage is disabled\n")


def ask(*ids: str, sacct: Any = NO_ACCOUNTING) -> dict[str, Job]:
    queue = SlurmQueue(Recorded({"squeue": SQUEUE, "sacct": sacct}))
    return {job.id: job for job in asyncio.run(queue.jobs(ids))}


def test_every_job_has_its_state_node_and_times() -> None:
    jobs = ask("11", "12", "15", "17", "99")

    assert jobs["11"] == Job("11", "running", node="node[1-2]", since=1795367733.0)
    assert jobs["12"] == Job(
        "12",
        "pending",
        "Resources",
        "Waits until enough cores and memory are free.",
        since=1795367701.0,
        expected=1795369999.0,
    )
    assert (jobs["15"].state, jobs["15"].text) == ("running", "Is configuring.")
    assert jobs["17"].state == "ended", "its processes are being ended"
    assert jobs["99"].state == "ended"


def test_reasons_with_details_are_known_by_their_beginning() -> None:
    assert ask("13")["13"].text == "Waits for nodes that are down, drained or reserved."


def test_ends_are_said_in_words() -> None:
    jobs = ask("14", "16")

    assert jobs["14"].text == "Was ended by the queue at its wall time."
    assert jobs["14"].since == 1795367900.0
    assert jobs["16"].text.startswith("Was killed because it used more memory")


def test_accounting_knows_what_squeue_has_forgotten() -> None:
    said = "7|CANCELLED by 1000|0:15|1795360000|node2\n8|FAILED|127:0|1795360001|node2\n"
    jobs = ask("7", "8", sacct=said)

    assert (jobs["7"].text, jobs["7"].since) == ("Was cancelled.", 1795360000.0)
    assert (jobs["8"].text, jobs["8"].reason) == ("Failed.", "FAILED ExitCode 127:0")


def test_where_there_is_no_accounting_it_is_asked_once() -> None:
    runner = Recorded({"squeue": SQUEUE, "sacct": NO_ACCOUNTING})
    queue = SlurmQueue(runner)
    for _ in range(3):
        asyncio.run(queue.jobs(["99"]))

    assert len([line for line in runner.asked if line.startswith("sacct")]) == 1


@pytest.mark.parametrize(
    ("word", "code", "severity"),
    [
        ("None", "queue.submitted", "note"),
        ("Priority", "queue.priority", "note"),
        ("PartitionTimeLimit", "queue.walltime", "error"),
        ("PartitionConfig", "queue.impossible", "error"),
        ("JobHeldUser", "queue.held", "warning"),
        ("InvalidAccount", "queue.account", "error"),
        ("AssocMaxWallDurationPerJobLimit", "queue.walltime", "error"),
        ("QOSMaxMemoryPerJob", "queue.impossible", "error"),
        ("QOSMinCpuNotSatisfied", "queue.impossible", "error"),
        ("QOSMaxCpuPerUserLimit", "queue.share", "note"),
        ("AssocGrpCpuLimit", "queue.share", "note"),
        ("Nodes required for job are DOWN, DRAINED or reserved", "queue.nodes", "warning"),
        ("SomethingOfALaterSlurm", "queue.waiting", "note"),
    ],
)
def test_reasons_mean(word: str, code: str, severity: str) -> None:
    line = f"5|PENDING|{word}|N/A|1795367702|N/A||dask-x\n"
    queue = SlurmQueue(Recorded({"squeue": line}))
    jobs = asyncio.run(queue.jobs(["5"]))

    (advice,) = asyncio.run(queue.explain(jobs))

    assert (advice.code, advice.severity) == (code, severity)
    assert advice.message == f"A job {jobs[0].text[:1].lower()}{jobs[0].text[1:]}"


def test_jobs_of_one_reason_are_one_finding() -> None:
    line = "{}|PENDING|Resources|N/A|1795367702|N/A||dask-x\n"
    queue = SlurmQueue(Recorded({"squeue": line.format(1) + line.format(2) + line.format(3)}))

    (advice,) = asyncio.run(queue.explain(asyncio.run(queue.jobs(["1", "2", "3"]))))

    assert advice.message == "Each of 3 jobs waits until enough cores and memory are free."
    assert advice.evidence == tuple(f"{i} pending Resources" for i in (1, 2, 3))


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("sbatch: error: invalid partition specified: nope", "queue.unknown"),
        (
            (
                "sbatch: error: Memory specification can not be satisfied\n"
                "sbatch: error: Batch job submission failed: Requested node configuration is not available"
            ),
            "queue.impossible",
        ),
        (
            (
                "sbatch: error: Batch job submission failed: Requested time limit is invalid "
                "(missing or exceeds some limit)"
            ),
            "queue.walltime",
        ),
        (
            (
                "sbatch: error: Batch job submission failed: Invalid account or account/partition "
                "combination specified"
            ),
            "queue.account",
        ),
        ("sbatch: error: something of a later Slurm", "queue.refused"),
    ],
)
def test_refusals_are_said_in_words(said: str, code: str) -> None:
    advice = SlurmQueue(Recorded({})).rejection(said)

    assert (advice.code, advice.severity) == (code, "error")
    assert advice.evidence[-1] == said.splitlines()[-1]


def test_a_partition_says_what_it_allows() -> None:
    told = "short|1:00:00|0:30:00|64000+|16\nmain*|2-00:00:00|n/a|64000|16\nmain*|2-00:00:00|n/a|256000+|64\n"
    limits = asyncio.run(SlurmQueue(Recorded({"sinfo": told})).limits({}))

    assert limits is not None
    assert (limits.queue, limits.walltime, limits.default_walltime) == ("main", 172_800.0, None)
    assert (limits.memory, limits.cores) == (256_000 * 2**20, 64)
    short = asyncio.run(
        SlurmQueue(Recorded({"sinfo -h -e -p short": told.splitlines()[0]})).limits(
            {"queue": "short"}
        )
    )
    assert short is not None
    assert (short.walltime, short.default_walltime) == (3_600.0, 1_800.0)


def test_of_several_partitions_the_most_generous_counts() -> None:
    """Slurm starts the job in the one that allows it."""
    told = "short|1:00:00|0:30:00|64000|16\nlong|7-00:00:00|1:00:00|256000|64\n"
    queue = SlurmQueue(Recorded({"sinfo -h -e -p short,long": told}))
    limits = asyncio.run(queue.limits({"queue": "short,long"}))

    assert limits is not None
    assert (limits.queue, limits.walltime, limits.cores) == ("short,long", 604_800.0, 64)
    assert limits.default_walltime is None, "it depends on where it starts"
    queue = SlurmQueue(Recorded({"sinfo": told.replace("1:00:00|0", "infinite|0")}))
    limits = asyncio.run(queue.limits({"queue": "short,long"}))
    assert limits is not None
    assert limits.walltime is None


def test_jobs_that_have_ended_are_cancelled_enough() -> None:
    """One that is gone makes scancel fail; what lives is cancelled all the same."""
    said = Answer(1, "", "scancel: error: Kill job error on job id 14: Job/step already completing")
    runner = Recorded({"squeue": SQUEUE, "sacct": NO_ACCOUNTING, "scancel": said, "scancel 11": ""})
    runner.answers["scancel 11 14"] = said

    assert asyncio.run(SlurmQueue(runner).cancel(["11", "14"])) == []
    assert runner.asked[-1] != "scancel 11 14"
    assert "scancel 11" in runner.asked


def test_what_cannot_be_cancelled_is_returned() -> None:
    said = Answer(1, "", "scancel: error: Kill job error on job id 11: Access/permission denied")
    runner = Recorded({"squeue": SQUEUE, "scancel": said})

    assert asyncio.run(SlurmQueue(runner).cancel(["11", "12"])) == ["11", "12"]
