"""What Grid Engine's words mean: why a job waits, how it ended, why it was refused.

The words are those of its scheduler's messages (``sge_schedd_text``); ``unsatisfiable``, ``failed``
and ``exit`` are put before them by :mod:`.sge`, which knows what was asked.
"""

from __future__ import annotations

from .base import Reason

__all__ = ("ENDINGS", "REJECTIONS", "UNKNOWN", "WAITING")

ASK_LESS = "Ask for less per job, or choose another queue."

WAITING: tuple[tuple[str, Reason], ...] = (
    (
        "^in error state",
        Reason(
            "queue.launch",
            "could not be started by its machine, and waits until somebody clears its error",
            "Often a folder that is not there on that machine; mended, it goes on with: "
            "qmod -cj JOB.",
            "error",
        ),
    ),
    (
        "^in hold state",
        Reason("queue.held", "is held", "Release it: qrls JOB.", "warning"),
    ),
    ("job dependencies", Reason("queue.dependency", "waits for another job to end")),
    (
        "no permission",
        Reason("queue.account", "may not use this queue", "Choose another queue.", "error"),
    ),
    (
        r"unsatisfiable.*because of cluster queue",
        Reason(
            "queue.walltime",
            "asks for more than any queue allows, such as its wall time",
            "Set a shorter wall time or ask for less; limits are shown by: qconf -sq QUEUE.",
            "error",
        ),
    ),
    (
        r"unsatisfiable",
        Reason("queue.impossible", "asks for what no queue here has", ASK_LESS, "error"),
    ),
    (
        r"exceeds limit|user limitations|maximum number of",
        Reason(
            "queue.share",
            "waits because you already use what you may have",
            "It starts as other jobs end.",
        ),
    ),
    (
        r"offers only \w+:mem|offers only \w+:\w*(vmem|virtual|memory)",
        Reason(
            "queue.resources",
            "waits for a machine with as much free memory as it asks for",
            "It comes by itself if a machine has so much; smaller jobs start sooner.",
        ),
    ),
    (
        r"offers only",
        Reason(
            "queue.resources", "waits until enough is free", "Fewer or smaller jobs start sooner."
        ),
    ),
    (
        r"dropped because it is (disabled|suspended)",
        Reason("queue.down", "waits for a queue that is switched off", "", "warning"),
    ),
    (
        r"because it is (in error|temporarily not available)|not available",
        Reason("queue.nodes", "waits for machines that do not answer", "", "warning"),
    ),
    (r"overloaded", Reason("queue.nodes", "waits for a machine with less load")),
    (
        r"is full|overload or full|because it only offers",
        Reason(
            "queue.resources", "waits for a free slot", "It comes by itself, as other jobs end."
        ),
    ),
)

UNKNOWN = Reason("queue.submitted", "has been submitted and not been looked at yet")

ENDINGS: tuple[tuple[str, Reason], ...] = (
    (
        r"h_rt|wall ?clock",
        Reason(
            "job.walltime",
            "was ended by the queue at its wall time",
            "Set a longer wall time, or a lifetime below it, so that workers leave in time.",
            "warning",
        ),
    ),
    (
        r"h_vmem|s_vmem|memory",
        Reason(
            "job.memory",
            "was killed because it used more memory than it had asked for",
            "Ask for more memory per job, or run fewer threads in it.",
            "warning",
        ),
    ),
    (
        r"failed [1-9]\d* : (?!assumedly)",
        Reason("job.node", "could not be run by its machine", "", "warning"),
    ),
    (
        r"exit 137",
        Reason(
            "job.killed",
            "was killed by its machine, or cancelled",
            "Where nobody cancelled it, it is often the memory: ask for more per job.",
            "warning",
        ),
    ),
    (
        r"exit (?!0\b)",
        Reason("job.failed", "failed", "What it wrote says why: %dask logs workers.", "warning"),
    ),
)

REJECTIONS: tuple[tuple[str, Reason], ...] = (
    (
        "unknown queue",
        Reason(
            "queue.unknown", "asks for a queue that there is not", "Which there are: qstat -g c."
        ),
    ),
    (
        r"project .* does not exist",
        Reason(
            "queue.account", "names a project that there is not", "Which there are: qconf -sprjl."
        ),
    ),
    (
        "unknown resource",
        Reason(
            "queue.impossible",
            "asks for a resource that there is not",
            "Which there are: qconf -sc.",
        ),
    ),
    (
        "no suitable queues|parallel environment",
        Reason("queue.impossible", "asks for what no queue here has", ASK_LESS),
    ),
    (
        "unable to (contact|send|receive)|cl_com|commlib",
        Reason("queue.down", "cannot be handed to the master, which does not answer"),
    ),
)
