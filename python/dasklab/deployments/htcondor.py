"""Workers in jobs of HTCondor."""

from __future__ import annotations

from typing import Any, ClassVar

from ..model.explanation import Advice
from ..model.scaling import Scaling
from ._batch_options import JOB, MEMORY
from ._batch_systems import JobsDeployment, changed_jobs, options
from .queues.condor import CondorQueue

__all__ = ("HTCondor",)

WORDS: dict[str, Any] = {
    "type": "array",
    "x-group": JOB,
    "items": {"type": "string", "minLength": 1},
}


class HTCondor(JobsDeployment):
    """dask-jobqueue's ``HTCondorCluster``; its jobs have neither queue nor wall time."""

    name = "htcondor"
    title = "HTCondor"
    description = "Workers in jobs that are submitted to an HTCondor pool."
    options: ClassVar[dict[str, Any]] = options(
        {
            "disk": {
                "type": "string",
                "title": "Disk per job",
                "description": "Such as 4GB; HTCondor asks for it.",
                "examples": ["4GB"],
                "pattern": MEMORY,
            },
            "job_extra_directives": {
                "type": "object",
                "title": "Further directives",
                "x-group": JOB,
                "description": 'Such as Requirements=(Arch == "X86_64"); each a line of the submit '
                "description.",
                "additionalProperties": {"type": "string"},
            },
            "submit_command_extra": {
                **WORDS,
                "title": "Arguments of condor_submit",
                "description": "Such as -spool.",
            },
            "cancel_command_extra": {
                **WORDS,
                "title": "Arguments of condor_rm",
                "description": "Such as -forcex.",
            },
        },
        without=("queue", "walltime"),
        job_directives_skip="Such as RequestDisk, where a pool refuses it.",
        job_script_prologue="Commands that the job runs first, such as source venv/bin/activate.",
        lifetime="Such as 55m; after it a worker hands its data on and leaves, and another job "
        "follows. auto and none: it stays.",
    ) | {"required": ["memory", "disk"]}
    cluster_class = "HTCondorCluster"
    section = "htcondor"
    commands = ("condor_submit", "condor_q", "condor_rm")
    queue_class = CondorQueue

    @classmethod
    def base_class(cls) -> Any:
        return changed_jobs(super().base_class(), _name)

    @classmethod
    def warnings(cls, options: dict[str, Any], scaling: Scaling | None) -> list[Advice]:
        found = super().warnings(options, scaling)
        return [advice for advice in found if not advice.code.startswith("walltime.")]


def _name(job: Any) -> None:
    """As the cluster's other jobs: by their name they are found and cancelled."""
    job.job_header_dict["batch_name"] = job.job_name
