"""PBS, LSF and Moab, in the formats and words that their documentation shows."""

from __future__ import annotations

import asyncio
import json

import pytest

from dasklab.deployments.queues.base import Queue
from dasklab.deployments.queues.lsf import LSFQueue
from dasklab.deployments.queues.moab import MoabQueue
from dasklab.deployments.queues.pbs import PBSQueue, clock, size
from dasklab.deployments.queues.runner import Answer
from dasklab.errors import QueueError
from dasklab.model.explanation import Job

from .doubles import Recorded

PBS = """\
Job Id: 12.server.site
    Job_Name = dask-0123456789
    Job_Owner = ada@login
    job_state = {state}
    queue = workq
    qtime = Sun Nov 22 17:15:09 2026
    Resource_List.walltime = 00:30:00
    {more}

"""


def pbs(state: str, more: str, *, version: str = "pbs_version = 23.06.06") -> tuple[Job, PBSQueue]:
    answers = {"qstat --version": version, "qstat": PBS.format(state=state, more=more)}
    queue = PBSQueue(Recorded(answers))
    (job,) = asyncio.run(queue.jobs(["12"]))
    return job, queue


@pytest.mark.parametrize(
    ("comment", "code", "severity"),
    [
        (
            "Can Never Run: Insufficient amount of resource: mem (R: 900gb A: 64gb T: 64gb)",
            "queue.impossible",
            "error",
        ),
        (
            "Not Running: Insufficient amount of resource: ncpus (R: 4 A: 0 T: 8)",
            "queue.resources",
            "note",
        ),
        ("Not Running: User has reached queue workq running job limit.", "queue.share", "note"),
        ("Not Running: Queue not started.", "queue.down", "warning"),
        ("Not Running: Job would cross dedicated time boundary", "queue.later", "note"),
        ("Not Running: Not enough free nodes available", "queue.resources", "note"),
        ("Not enough of the right type of nodes are available", "queue.resources", "note"),
        ("job held, too many failed attempts to run", "queue.launch", "error"),
        ("Not Running: something of a later PBS", "queue.waiting", "note"),
    ],
)
def test_comments_of_pbs_mean(comment: str, code: str, severity: str) -> None:
    job, queue = pbs("Q", f"comment = {comment}")

    (advice,) = asyncio.run(queue.explain([job]))

    assert job.reason == comment
    assert (advice.code, advice.severity) == (code, severity)


def test_long_lines_of_pbs_go_on_after_a_tab() -> None:
    job, _ = pbs(
        "Q",
        "comment = Can Never Run: Insufficient amount of resource: mem (R: 900gb A\n\t: 64gb T: 64gb)",
    )

    assert job.reason.endswith("mem (R: 900gb A: 64gb T: 64gb)")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ("Exit_status = -29", "Was ended by the queue at its wall time."),
        (
            "Exit_status = 271\n    resources_used.walltime = 00:30:12",
            "Was ended by the queue at its wall time.",
        ),
        ("Exit_status = 271\n    resources_used.walltime = 00:00:12", "Was cancelled."),
        ("Exit_status = -27", "Was killed because it used more memory than it had asked for."),
        ("Exit_status = 127", "Failed."),
        ("Exit_status = 0", ""),
    ],
)
def test_ends_of_pbs_mean(more: str, words: str) -> None:
    job, _ = pbs("F", more)

    assert (job.state, job.text) == ("ended", words)


def test_pbs_says_where_and_since_when() -> None:
    job, _ = pbs("R", "exec_host = node7/0*4+node8/0*4\n    stime = Sun Nov 22 17:16:09 2026")

    assert (job.state, job.node) == ("running", "node7")
    assert job.since
    waiting, _ = pbs("Q", "estimated.start_time = Sun Nov 22 18:15:09 2026")
    assert waiting.expected
    assert waiting.since
    assert waiting.expected - waiting.since == 3600
    assert waiting.text == "Has been submitted and not been looked at yet."
    held, _ = pbs("H", "Hold_Types = u")
    assert held.text == "Is held."


def test_torque_is_not_asked_for_xml() -> None:
    """Its ``-x`` is a format, not the history."""
    _, queue = pbs("R", "exec_host = node7/0", version="Version: 6.1.2")
    assert isinstance(queue.run, Recorded)
    assert queue.run.asked[-1] == "qstat -f 12"
    _, queue = pbs("R", "exec_host = node7/0")
    assert isinstance(queue.run, Recorded)
    assert queue.run.asked[-1] == "qstat -x -f 12"


def test_jobs_that_pbs_does_not_know_are_no_failure_and_a_server_that_is_gone_is() -> None:
    unknown = Answer(153, "", "qstat: Unknown Job Id 13.server")
    known = {"qstat --version": "pbs_version = 23", "qstat": unknown}
    assert [job.state for job in asyncio.run(PBSQueue(Recorded(known)).jobs(["13"]))] == ["ended"]
    gone = {
        **known,
        "qstat": Answer(255, "", "Connection refused\nqstat: cannot connect to server"),
    }
    with pytest.raises(QueueError, match="qstat failed: Connection refused"):
        asyncio.run(PBSQueue(Recorded(gone)).jobs(["13"]))


def test_queues_of_pbs_say_what_they_allow() -> None:
    answers = {
        "qstat -B -f": "Server: site\n    server_state = Active\n    default_queue = workq\n",
        "qstat -Q -f workq": "Queue: workq\n    resources_max.mem = 64gb\n    resources_max.ncpus = 32\n"
        "    resources_max.walltime = 24:00:00\n    resources_default.walltime = 01:00:00\n",
    }
    limits = asyncio.run(PBSQueue(Recorded(answers)).limits({}))

    assert limits is not None
    assert (limits.queue, limits.walltime, limits.default_walltime) == ("workq", 86_400, 3_600)
    assert (limits.memory, limits.cores) == (64 * 2**30, 32)


def test_times_and_sizes_of_pbs() -> None:
    assert [clock(text) for text in ("01:00:01", "02:03", "90", "x")] == [3601, 123, 90, None]
    assert [size(text) for text in ("1kb", "2mb", "3", "4w")] == [1024, 2 * 2**20, 3, None]


# -- LSF -------------------------------------------------------------------------------------------
def lsf(**fields: str) -> tuple[Job, LSFQueue]:
    record = {"JOBID": "22005", "STAT": "PEND", "JOB_NAME": "dask-0123456789", **fields}
    said = json.dumps({"COMMAND": "bjobs", "JOBS": 1, "RECORDS": [record]})
    queue = LSFQueue(Recorded({"bjobs": said}))
    (job,) = asyncio.run(queue.jobs(["22005"]))
    return job, queue


@pytest.mark.parametrize(
    ("reason", "code", "severity"),
    [
        ("New job is waiting for scheduling;", "queue.submitted", "note"),
        ("There are no suitable hosts for the job;", "queue.impossible", "error"),
        (
            (
                "Not specified in job submission: 40 hosts; Job requirements for reserving resource "
                "(mem) not satisfied: 2 hosts;"
            ),
            "queue.resources",
            "note",
        ),
        ("The user has reached his/her job slot limit;", "queue.share", "note"),
        ("Job dependency condition not satisfied;", "queue.dependency", "note"),
        ("The queue is inactivated by its time windows;", "queue.later", "note"),
        ("Load information unavailable: 9 hosts;", "queue.nodes", "warning"),
        ("The job was suspended by the user while pending;", "queue.held", "warning"),
        ("Not enough slots or resources for whole duration of the job;", "queue.resources", "note"),
        ("Something of a later LSF;", "queue.waiting", "note"),
    ],
)
def test_pending_reasons_of_lsf_mean(reason: str, code: str, severity: str) -> None:
    job, queue = lsf(PEND_REASON=reason)

    (advice,) = asyncio.run(queue.explain([job]))

    assert (advice.code, advice.severity) == (code, severity)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (
            {
                "EXIT_CODE": "140",
                "EXIT_REASON": "TERM_RUNLIMIT: job killed after reaching LSF run time limit",
            },
            "Was ended by the queue at its wall time.",
        ),
        (
            {
                "EXIT_CODE": "137",
                "EXIT_REASON": "TERM_MEMLIMIT: job killed after reaching LSF memory usage limit",
            },
            "Was killed because it used more memory than it had asked for.",
        ),
        ({"EXIT_CODE": "130", "EXIT_REASON": "TERM_OWNER: job killed by owner"}, "Was cancelled."),
        ({"EXIT_CODE": "127", "EXIT_REASON": ""}, "Failed."),
    ],
)
def test_ends_of_lsf_mean(fields: dict[str, str], words: str) -> None:
    job, _ = lsf(STAT="EXIT", **fields)

    assert (job.state, job.text) == ("ended", words)


def test_lsf_says_where_and_since_when() -> None:
    job, _ = lsf(STAT="RUN", EXEC_HOST="4*node7:2*node8", RUN_TIME="12 second(s)")

    assert (job.state, job.node) == ("running", "node7")
    assert job.since
    lost, _ = lsf(STAT="UNKWN", EXEC_HOST="node7", RUN_TIME="00:00:12")
    assert (lost.state, lost.text) == ("running", "Its machine does not answer.")


def test_no_job_is_an_answer_of_lsf_and_a_daemon_that_is_gone_is_a_failure() -> None:
    none = LSFQueue(Recorded({"bjobs": Answer(255, "", "No job found\n")}))
    assert [job.state for job in asyncio.run(none.jobs(["1"]))] == ["ended"]
    gone = LSFQueue(Recorded({"bjobs": Answer(255, "", "LSF is down. Please wait ...\n")}))
    with pytest.raises(QueueError, match="bjobs failed: LSF is down"):
        asyncio.run(gone.jobs(["1"]))


def test_queues_of_lsf_say_their_wall_time() -> None:
    said = (
        "QUEUE: normal\n\nDEFAULT LIMITS:\n RUNLIMIT\n 60.0 min of host1\n\n"
        "MAXIMUM LIMITS:\n RUNLIMIT\n 1440.0 min of host1\n MEMLIMIT\n   64 G\n"
    )
    answers = {"bparams": "Default Queues:  normal interactive\n", "bqueues -l normal": said}
    limits = asyncio.run(LSFQueue(Recorded(answers)).limits({}))

    assert limits is not None
    assert (limits.queue, limits.walltime, limits.default_walltime) == ("normal", 86_400, 3_600)


# -- Moab ------------------------------------------------------------------------------------------
SHOWQ = """\
active jobs------------------------
JOBID              USERNAME      STATE PROCS   REMAINING            STARTTIME

12                 {user}    Running     4    00:29:50  Sun Nov 22 17:15:09

eligible jobs----------------------
JOBID              USERNAME      STATE PROCS     WCLIMIT            QUEUETIME

Moab.13            {user}       Idle     4    00:30:00  Sun Nov 22 17:15:09
"""
CHECKJOB = """\
job 13

AName: dask-0123456789
State: Idle
WallTime:   00:00:00 of 00:30:00
  (Time Queued  Total: 00:01:05  Eligible: 00:01:05)

{note}
"""


def test_moab_says_states_and_reasons() -> None:
    import getpass

    note = "NOTE:  job cannot run in partition base (insufficient idle procs available: 0 < 4)"
    done = "job 14\n\nState: Completed\nCompletion Code: 1  Time: Sun Nov 22 17:20:00\n"
    answers = {
        "showq": SHOWQ.format(user=getpass.getuser()),
        "checkjob 13": CHECKJOB.format(note=note),
        "checkjob 14": done,
        "checkjob": Answer(1, "", "ERROR:  invalid job specified: '99'"),
    }
    queue = MoabQueue(Recorded(answers))
    running, waiting, ended, gone = asyncio.run(queue.jobs(["12", "13", "14", "99"]))

    assert (running.state, waiting.state, ended.state) == ("running", "pending", "ended")
    assert (waiting.text, ended.text) == ("Waits until enough is free.", "Failed.")
    assert waiting.since
    assert gone.state == "ended"


@pytest.mark.parametrize(
    ("queue", "said", "code"),
    [
        (PBSQueue, "qsub: Unknown queue", "queue.unknown"),
        (PBSQueue, "qsub: Job violates queue and/or server resource limits", "queue.impossible"),
        (PBSQueue, "qsub: Unauthorized Request", "queue.account"),
        (PBSQueue, "qsub: cannot connect to server pbs (errno=15010)", "queue.down"),
        (LSFQueue, "nope: No such queue. Job not submitted.", "queue.unknown"),
        (LSFQueue, "RUNLIMIT: Cannot exceed queue's hard limit(s). Job not submitted.", "queue.walltime"),
        (LSFQueue, "MEMLIMIT: Cannot exceed queue's hard limit(s). Job not submitted.", "queue.impossible"),
        (LSFQueue, "User cannot use the queue. Job not submitted.", "queue.account"),
        (MoabQueue, "ERROR:    cannot submit job - invalid class specified", "queue.unknown"),
    ],
)  # fmt: skip
def test_refusals_are_said_in_words(queue: type[Queue], said: str, code: str) -> None:
    advice = queue(Recorded({})).rejection(said)

    assert (advice.code, advice.severity) == (code, "error")
