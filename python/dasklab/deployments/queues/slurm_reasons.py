"""What Slurm's words mean: why a job waits, how it ended, why it was refused.

The words are those of ``job_reason_string`` and ``job_state_string`` of Slurm's sources.
"""

from __future__ import annotations

import re

from .base import Reason

__all__ = ("ENDINGS", "REJECTIONS", "meaning")

ASK_LESS = "Ask for less per job, or choose another queue."
LET_GO = "It comes by itself; fewer or smaller jobs start sooner."

NOTES = {
    "": Reason("queue.submitted", "has been submitted and not been looked at yet", ""),
    "Resources": Reason("queue.resources", "waits until enough cores and memory are free", LET_GO),
    "Priority": Reason("queue.priority", "waits behind jobs of a higher priority", LET_GO),
    "Dependency": Reason("queue.dependency", "waits for another job to end", ""),
    "BeginTime": Reason(
        "queue.later", "is not to start before a set time", "Which is that of --begin."
    ),
    "Licenses": Reason("queue.licenses", "waits for a licence to be free", ""),
    "Prolog": Reason("queue.starting", "is being prepared by its node", ""),
    "Cleaning": Reason("queue.starting", "was requeued and is being cleaned up", ""),
    "NodeDown": Reason("queue.nodes", "waits for a node that is down", ""),
    "Reservation": Reason("queue.reservation", "waits for its reservation to begin", ""),
    "QOSJobLimit": Reason("queue.share", "waits because the QOS runs all it may", LET_GO),
    "JobArrayTaskLimit": Reason("queue.share", "waits for others of its array", ""),
}

WARNINGS = {
    "JobHeldUser": Reason(
        "queue.held", "is held by its user", "Release them: scontrol release JOB.", "warning"
    ),
    "JobHeldAdmin": Reason("queue.held", "is held by an administrator", "Ask them why.", "warning"),
    "PartitionDown": Reason(
        "queue.down", "waits in a partition that is down", "Choose another queue.", "warning"
    ),
    "PartitionInactive": Reason(
        "queue.down", "waits in a partition that is inactive", "Choose another queue.", "warning"
    ),
    "ReqNodeNotAvail": Reason(
        "queue.nodes",
        "waits for nodes that are down, drained or reserved",
        "Maintenance may be near: a shorter wall time may fit before it.",
        "warning",
    ),
    "launch failed requeued held": Reason(
        "queue.launch",
        "could not be launched by its node and is held",
        "The node is at fault: tell your administrators, and launch again.",
        "warning",
    ),
    "MaxRequeue": Reason(
        "queue.launch", "was requeued too often and is held", "Launch again.", "warning"
    ),
    "DependencyNeverSatisfied": Reason(
        "queue.impossible",
        "waits for a job that failed, and so for ever",
        "Take the dependency out of the directives.",
        "error",
    ),
}

IMPOSSIBLE = {
    "PartitionTimeLimit": Reason(
        "queue.walltime",
        "asks for more wall time than the partition allows",
        "Set a shorter wall time, or choose a queue that allows it.",
        "error",
    ),
    "PartitionNodeLimit": Reason(
        "queue.impossible", "asks for more nodes than the partition allows", ASK_LESS, "error"
    ),
    "PartitionConfig": Reason(
        "queue.impossible", "asks for what no node of the partition has", ASK_LESS, "error"
    ),
    "BadConstraints": Reason(
        "queue.impossible",
        "asks for features that no node has together",
        "Check what the directives ask for (--constraint, --gres).",
        "error",
    ),
    "FrontEndDown": Reason("queue.down", "waits for a front end that is down", "", "warning"),
    "AccountNotAllowed": Reason(
        "queue.account",
        "uses an account that the partition does not take",
        "Choose another account or queue.",
        "error",
    ),
    "InvalidAccount": Reason(
        "queue.account",
        "uses an account that there is not",
        "Which are yours: sacctmgr show associations user=$USER.",
        "error",
    ),
    "InvalidQOS": Reason(
        "queue.account", "uses a QOS that there is not", "Choose another QOS.", "error"
    ),
    "QOSNotAllowed": Reason(
        "queue.account",
        "uses a QOS that its account or partition does not take",
        "Choose another QOS, account or queue.",
        "error",
    ),
    "AccountingPolicy": Reason(
        "queue.impossible", "asks for more than your account may have", ASK_LESS, "error"
    ),
    "ReservationDeleted": Reason(
        "queue.impossible",
        "waits for a reservation that was deleted",
        "Take the reservation out of the directives.",
        "error",
    ),
    "MaxMemPerLimit": Reason(
        "queue.impossible", "asks for more memory than is allowed", ASK_LESS, "error"
    ),
}

KNOWN = {**NOTES, **WARNINGS, **IMPOSSIBLE}


def meaning(word: str) -> Reason:
    """What a pending job's reason means; unknown words are passed on."""
    # "ReqNodeNotAvail, UnavailableNodes:node[1-3]", "Nodes required for job are DOWN, …"
    known = KNOWN.get(word) or KNOWN.get(re.split(r"[,(]", word)[0].strip())
    if known is not None:
        return known
    if word.startswith("Nodes required for job are DOWN"):
        return KNOWN["ReqNodeNotAvail"]
    if match := re.match(r"(Assoc|QOS)(Grp|Max|Min)(\w*)", word):
        return _limit(word, *match.groups())
    return Reason("queue.waiting", f"waits: the queue says {word!r}")


def _limit(word: str, whose: str, kind: str, rest: str) -> Reason:
    of = "account" if whose == "Assoc" else "QOS"
    if "Wall" in rest and kind == "Max":
        return Reason(
            "queue.walltime",
            f"asks for more wall time than your {of} allows ({word})",
            "Set a shorter wall time.",
            "error",
        )
    if kind == "Grp" or "PerUser" in rest or "PerAccount" in rest or rest == "JobsLimit":
        what = "all of you" if kind == "Grp" else "you"
        return Reason(
            "queue.share",
            f"waits because {what} already use what your {of} may have ({word})",
            "It starts as other jobs end.",
        )
    than = "less" if kind == "Min" else "more"
    return Reason(
        "queue.impossible",
        f"asks for {than} than your {of} allows ({word})",
        "Ask for more per job." if kind == "Min" else ASK_LESS,
        "error",
    )


ENDINGS = {
    "TIMEOUT": Reason(
        "job.walltime",
        "was ended by the queue at its wall time",
        "Set a longer wall time, or a lifetime below it, so that workers leave in time.",
        "warning",
    ),
    "DEADLINE": Reason("job.walltime", "was ended at its deadline", "", "warning"),
    "OUT_OF_MEMORY": Reason(
        "job.memory",
        "was killed because it used more memory than it had asked for",
        "Ask for more memory per job, or run fewer threads in it.",
        "warning",
    ),
    "FAILED": Reason(
        "job.failed", "failed", "What it wrote says why: %dask logs workers.", "warning"
    ),
    "BOOT_FAIL": Reason("job.node", "ended because its node did not boot", "", "warning"),
    "NODE_FAIL": Reason("job.node", "ended because its node failed", "", "warning"),
    "PREEMPTED": Reason(
        "job.preempted",
        "was ended to make room for jobs of a higher priority",
        "Another queue or QOS may not be preempted.",
        "warning",
    ),
    "REVOKED": Reason("job.cancelled", "was taken over by another cluster", ""),
    "CANCELLED": Reason("job.cancelled", "was cancelled", ""),
}

CHOOSE = "Which there are: sinfo -s."

REJECTIONS: tuple[tuple[str, Reason], ...] = (
    (
        r"invalid partition",
        Reason("queue.unknown", "asks for a partition that there is not", CHOOSE),
    ),
    (
        r"can ?not be satisfied|configuration is not available|More processors requested",
        Reason("queue.impossible", "asks for what no node of the partition has", ASK_LESS),
    ),
    (
        r"time limit is invalid|Requested time limit",
        Reason(
            "queue.walltime",
            "asks for more wall time than the partition allows",
            "Set a shorter wall time, or choose a queue that allows it.",
        ),
    ),
    (
        r"Invalid account|account/partition combination",
        Reason(
            "queue.account",
            "uses an account that it may not use there",
            "Which are yours: sacctmgr show associations user=$USER.",
        ),
    ),
    (
        r"Invalid qos",
        Reason("queue.account", "asks for a QOS that there is not", "Choose another QOS."),
    ),
    (
        r"Job violates accounting/QOS policy|AssocMaxSubmit|QOSMaxSubmit|JobLimit",
        Reason(
            "queue.share",
            "is more than its account or QOS allows",
            "Ask for fewer or smaller jobs.",
        ),
    ),
    (
        r"Unable to contact slurm controller|Connection refused|Socket timed out",
        Reason(
            "queue.down",
            "cannot be handed to Slurm's controller, which does not answer",
            "Try again later.",
        ),
    ),
)
