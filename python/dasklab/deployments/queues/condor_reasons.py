"""What HTCondor's words mean: why a job is idle or held, how it ended, why it was refused.

Idle jobs have no word of their own: :mod:`.condor` compares them with the pool, and puts
``asks for`` or ``no machine`` there.
"""

from __future__ import annotations

from .base import Reason

__all__ = ("ENDINGS", "REJECTIONS", "UNKNOWN", "WAITING")

ASK_LESS = "Ask for less per job; what there is: condor_status."

WAITING: tuple[tuple[str, Reason], ...] = (
    (
        r"^held.*(memory|disk).*(exceed|over|limit)|^held.*exceed.*(memory|disk)",
        Reason(
            "job.memory",
            "was stopped because it used more memory or disk than it had asked for, and is held",
            "Ask for more per job, or run fewer threads in it.",
            "error",
        ),
    ),
    (
        r"^held.*(user's request|via condor_hold)",
        Reason("queue.held", "is held", "Release it: condor_release JOB.", "warning"),
    ),
    (
        r"^held",
        Reason(
            "queue.launch",
            "could not be started, and is held",
            "Often a folder or program that is not there on that machine.",
            "error",
        ),
    ),
    (r"^asks for", Reason("queue.impossible", "asks for what no machine has", ASK_LESS, "error")),
    (
        r"^no machine",
        Reason(
            "queue.impossible",
            "asks for a kind of machine that there is not",
            "Check what the directives require; which there are: condor_status.",
            "error",
        ),
    ),
    (
        r"no match found",
        Reason(
            "queue.resources",
            "waits until enough is free",
            "It comes by itself; fewer or smaller jobs start sooner.",
        ),
    ),
    (
        r"priority|limit|quota",
        Reason("queue.share", "waits because others come first", "It starts as other jobs end."),
    ),
)

UNKNOWN = Reason("queue.submitted", "has been submitted and not been looked at yet")

ENDINGS: tuple[tuple[str, Reason], ...] = (
    (
        r"removed.*(periodic|policy|system_periodic|time|limit)",
        Reason(
            "job.walltime",
            "was removed by a rule of the job or the pool, such as a time limit",
            "The rule is in its own words above.",
            "warning",
        ),
    ),
    (r"removed", Reason("job.cancelled", "was cancelled")),
    (
        r"signal",
        Reason("job.killed", "was killed", "What it wrote may say why.", "warning"),
    ),
    (
        r"exit [1-9]",
        Reason("job.failed", "failed", "What it wrote says why: %dask logs workers.", "warning"),
    ),
)

REJECTIONS: tuple[tuple[str, Reason], ...] = (
    (
        r"can't find address|failed to connect|unable to connect",
        Reason("queue.down", "cannot be handed to the scheduler, which does not answer"),
    ),
    (
        r"not authorized|permission|not allowed|root",
        Reason("queue.account", "may not be submitted by this user here"),
    ),
    (
        r"MAX_JOBS|number of jobs",
        Reason("queue.share", "is more than you may have in the queue", "Ask for fewer jobs."),
    ),
)
