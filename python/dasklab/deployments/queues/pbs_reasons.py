"""What PBS' words mean: a job's ``comment``, its ``Exit_status``, and why ``qsub`` refuses.

Of PBS Professional and OpenPBS ("Not Running: …", "Can Never Run: …") and of Torque.
"""

from __future__ import annotations

from .base import Reason

__all__ = ("ENDINGS", "REJECTIONS", "UNKNOWN", "WAITING")

ASK_LESS = "Ask for less per job, or choose another queue."

WAITING: tuple[tuple[str, Reason], ...] = (
    (
        r"can never run.*walltime",
        Reason(
            "queue.walltime",
            "asks for more wall time than is allowed",
            "Set a shorter wall time, or choose a queue that allows it.",
            "error",
        ),
    ),
    (
        r"can never run",
        Reason("queue.impossible", "asks for what no node has", ASK_LESS, "error"),
    ),
    (
        r"too many failed attempts|rejected (the )?(request|job)|execution server rejected",
        Reason(
            "queue.launch",
            "could not be started by its node",
            "Often a folder that is not there on the node; then release it: qrls JOB.",
            "error",
        ),
    ),
    (r"^held", Reason("queue.held", "is held", "Release it: qrls JOB.", "warning")),
    (
        r"(queue not|is not) started|not enabled|queue .*stopped",
        Reason("queue.down", "waits in a queue that is stopped", "Choose another.", "warning"),
    ),
    (
        r"dedicated time|primetime|prime time|drain",
        Reason(
            "queue.later",
            "waits because it would run into a time that is kept for others",
            "A shorter wall time may fit before it.",
        ),
    ),
    (
        r"limit (has been |is )?reached|has reached|would exceed|running job lim|exceeds? .*limit",
        Reason(
            "queue.share",
            "waits because you, or all of its queue, already run what is allowed",
            "It starts as other jobs end.",
        ),
    ),
    (
        (
            r"insufficient amount of resource|not enough (of the right|free nodes)|no available"
            r"|insufficient"
        ),
        Reason(
            "queue.resources",
            "waits until enough cores and memory are free",
            "It comes by itself; fewer or smaller jobs start sooner.",
        ),
    ),
    (
        r"ineligible state|offline|node is down",
        Reason("queue.nodes", "waits for nodes that are down", "", "warning"),
    ),
    (r"dependen", Reason("queue.dependency", "waits for another job to end")),
    (r"reservation", Reason("queue.reservation", "waits for its reservation to begin")),
    (
        r"priority|fairshare|strict",
        Reason("queue.priority", "waits behind jobs of higher priority"),
    ),
    (r"not running", Reason("queue.waiting", "waits")),
)

UNKNOWN = Reason("queue.submitted", "has been submitted and not been looked at yet")

ENDINGS: tuple[tuple[str, Reason], ...] = (
    (
        r"walltime|exit -29\b|exit -11\b",
        Reason(
            "job.walltime",
            "was ended by the queue at its wall time",
            "Set a longer wall time, or a lifetime below it, so that workers leave in time.",
            "warning",
        ),
    ),
    (
        r"exit -2[67]\b|exit -10\b",
        Reason(
            "job.memory",
            "was killed because it used more memory than it had asked for",
            "Ask for more memory per job, or run fewer threads in it.",
            "warning",
        ),
    ),
    (
        r"exit -2[45]\b",
        Reason(
            "job.cores",
            "was killed because it used more cores than it had asked for",
            "Ask for as many cores as its workers have threads.",
            "warning",
        ),
    ),
    (r"exit -", Reason("job.node", "could not be run by its node", "", "warning")),
    (r"exit (271|143)\b", Reason("job.cancelled", "was cancelled")),
    (
        r"exit (265|137)\b",
        Reason(
            "job.killed",
            "was killed by its node, or cancelled",
            "Where nobody cancelled it, it is often the memory: ask for more per job.",
            "warning",
        ),
    ),
    (
        r"exit [1-9]",
        Reason("job.failed", "failed", "What it wrote says why: %dask logs workers.", "warning"),
    ),
)

REJECTIONS: tuple[tuple[str, Reason], ...] = (
    (
        r"unknown queue",
        Reason("queue.unknown", "asks for a queue that there is not", "Which there are: qstat -Q."),
    ),
    (
        r"walltime",
        Reason(
            "queue.walltime",
            "asks for more wall time than the queue allows",
            "Set a shorter wall time, or choose a queue that allows it.",
        ),
    ),
    (
        r"resource limits|feasible nodes|exceeds",
        Reason("queue.impossible", "asks for more than the queue allows", ASK_LESS),
    ),
    (
        r"invalid account|account",
        Reason("queue.account", "uses an account that it may not use", "Choose another account."),
    ),
    (
        r"unauthorized|access to queue|not allowed",
        Reason("queue.account", "may not use this queue", "Choose another queue."),
    ),
    (
        r"maximum number of jobs|would exceed",
        Reason("queue.share", "is more than you may have in the queue", "Ask for fewer jobs."),
    ),
    (
        r"unknown resource|illegal attribute",
        Reason(
            "queue.impossible",
            "asks for a resource that there is not, or in a way that is not understood",
            "Check the resources and directives.",
        ),
    ),
    (
        r"cannot connect|connection refused",
        Reason("queue.down", "cannot be handed to the server, which does not answer"),
    ),
)
