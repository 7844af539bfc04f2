"""Workers in jobs of IBM Spectrum LSF."""

from __future__ import annotations

from typing import Any, ClassVar

from ._batch_options import JOB
from ._batch_systems import PROJECT, JobsDeployment, hours_and_minutes, options
from .queues.lsf import LSFQueue

__all__ = ("LSF",)


class LSF(JobsDeployment):
    """dask-jobqueue's ``LSFCluster``; a time of two parts is hours and minutes here."""

    name = "lsf"
    title = "LSF"
    description = "Workers in jobs that are submitted to IBM Spectrum LSF."
    options: ClassVar[dict[str, Any]] = options(
        PROJECT,
        {
            "ncpus": {
                "type": "integer",
                "title": "Slots",
                "x-group": JOB,
                "description": "What a job asks for by -n. Unset: its cores.",
                "minimum": 1,
                "maximum": 4096,
            },
            "lsf_units": {
                "title": "Unit of memory",
                "x-group": JOB,
                "description": "What this LSF counts memory in (LSF_UNIT_FOR_LIMITS). Unset: as "
                "lsf.conf says, or KB.",
                "enum": ["kb", "mb", "gb", "tb"],
            },
            "use_stdin": {
                "type": "boolean",
                "title": "Script on standard input",
                "x-group": JOB,
                "description": "bsub < script instead of bsub script; which one works depends on "
                "the site.",
                "default": True,
            },
        },
        walltime="Such as 4h or 04:00 (hours and minutes); when it is over, LSF ends the job.",
        job_extra_directives='Such as -R "rusage[mem=8GB]"; each a line at the head of the script.',
        job_directives_skip="Such as -M, where a site refuses it.",
    )
    cluster_class = "LSFCluster"
    section = "lsf"
    commands = ("bsub", "bjobs", "bkill")
    queue_class = LSFQueue
    two = (3600, 60)

    @classmethod
    def write_time(cls, seconds: float) -> str:
        return hours_and_minutes(seconds)
