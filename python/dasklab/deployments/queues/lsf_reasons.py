"""What LSF's words mean: why a job is pending, how it ended, why ``bsub`` refused it.

A job has several pending reasons at once, one for each kind of host; the tables are in the order
of what says most.
"""

from __future__ import annotations

from .base import Reason

__all__ = ("ENDINGS", "REJECTIONS", "UNKNOWN", "WAITING")

ASK_LESS = "Ask for less per job, or choose another queue."

WAITING: tuple[tuple[str, Reason], ...] = (
    (
        r"suspended by the user|suspended while pending|suspended by LSF admin",
        Reason("queue.held", "is held", "Release it: bresume JOB.", "warning"),
    ),
    (
        (
            r"no suitable hosts|resource requirements? .*not (be )?satisfied by any"
            r"|does not have enough (slots|processors)|no host .*(satisf|match)"
        ),
        Reason("queue.impossible", "asks for what no host has", ASK_LESS, "error"),
    ),
    (
        r"dependency condition (invalid|never)",
        Reason(
            "queue.impossible",
            "waits for a job that failed, and so for ever",
            "Take the dependency out of the directives.",
            "error",
        ),
    ),
    (r"dependency", Reason("queue.dependency", "waits for another job to end")),
    (
        r"pre-exec|unable to (access|determine|open|set)|execution initialization failed",
        Reason(
            "queue.launch",
            "could not be started by its host",
            "Often a folder or file that is not there on that host.",
            "error",
        ),
    ),
    (
        r"queue is inactivated by its time|run windows|dispatch windows?|time windows?",
        Reason("queue.later", "waits for the hours in which its queue runs jobs", ""),
    ),
    (
        r"queue is (inactivated|closed)|inactivated by the administrator",
        Reason("queue.down", "waits in a queue that is switched off", "Choose another.", "warning"),
    ),
    (
        (
            r"(user|group|queue|project|you)\b.*limit|reached (its|his|the).*limit"
            r"|resource .*limit defined"
        ),
        Reason(
            "queue.share",
            "waits because you, or all of its queue, already use what is allowed",
            "It starts as other jobs end.",
        ),
    ),
    (
        r"reserving resource \(mem\)|resource: mem|\bmem\b",
        Reason(
            "queue.resources",
            "waits for a host with as much free memory as it asks for",
            "It comes by itself if a host has so much; smaller jobs start sooner.",
        ),
    ),
    (
        (
            r"not enough|job slot limit reached|requirements? .*not satisfied|processors"
            r"|exclusive job|threshold"
        ),
        Reason(
            "queue.resources",
            "waits until enough is free",
            "It comes by itself; fewer or smaller jobs start sooner.",
        ),
    ),
    (
        r"new job is waiting|delayed|being scheduled",
        Reason("queue.submitted", "has been submitted and not been looked at yet"),
    ),
    (
        r"load information unavailable|unable to reach|closed by lsf admin|host is (closed|down)",
        Reason("queue.nodes", "waits for hosts that are closed or do not answer", "", "warning"),
    ),
    (r"priority|fairshare", Reason("queue.priority", "waits behind jobs of a higher priority")),
    (r"\w", Reason("queue.waiting", "waits")),
)

UNKNOWN = Reason("queue.submitted", "has been submitted and not been looked at yet")

ENDINGS: tuple[tuple[str, Reason], ...] = (
    (
        r"TERM_(RUNLIMIT|DEADLINE|WINDOW)|exit 140\b",
        Reason(
            "job.walltime",
            "was ended by the queue at its wall time",
            "Set a longer wall time, or a lifetime below it, so that workers leave in time.",
            "warning",
        ),
    ),
    (
        r"TERM_(MEMLIMIT|SWAP)",
        Reason(
            "job.memory",
            "was killed because it used more memory than it had asked for",
            "Ask for more memory per job, or run fewer threads in it.",
            "warning",
        ),
    ),
    (
        r"TERM_PREEMPT",
        Reason("job.preempted", "was ended to make room for other jobs", "", "warning"),
    ),
    (r"TERM_(OWNER|FORCE_OWNER)", Reason("job.cancelled", "was cancelled")),
    (
        r"TERM_(ADMIN|FORCE_ADMIN|REMOVE_HUNG_JOB|REQUEUE_ADMIN)",
        Reason("job.cancelled", "was ended by an administrator", "Ask them why.", "warning"),
    ),
    (
        r"TERM_(PROCESSLIMIT|THREADLIMIT|CPULIMIT|LOAD)",
        Reason("job.killed", "was ended because it went over a limit of its host", "", "warning"),
    ),
    (
        r"exit (13[0-9]|14[0-9])\b",
        Reason(
            "job.killed",
            "was ended by a signal",
            "Cancelled, or killed by its host: what it wrote may say more.",
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
        r"no such queue",
        Reason("queue.unknown", "asks for a queue that there is not", "Which there are: bqueues."),
    ),
    (
        r"RUNLIMIT|run ?limit",
        Reason(
            "queue.walltime",
            "asks for more wall time than the queue allows",
            "Set a shorter wall time, or choose a queue that allows it.",
        ),
    ),
    (
        r"MEMLIMIT|processors? limit|exceeds|bad resource requirement|too many processors",
        Reason("queue.impossible", "asks for more than the queue allows", ASK_LESS),
    ),
    (
        r"project|user cannot use the queue|not allowed|permission",
        Reason("queue.account", "may not use this queue or project", "Choose another."),
    ),
    (
        r"pending job (threshold|limit)",
        Reason("queue.share", "is more than you may have in the queue", "Ask for fewer jobs."),
    ),
    (
        r"LSF is down|daemon not responding|lim is down",
        Reason("queue.down", "cannot be handed to LSF, which does not answer"),
    ),
)
