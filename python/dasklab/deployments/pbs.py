"""Workers in jobs of PBS or Torque."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any, ClassVar

from ..errors import DasklabError, LaunchError
from ._batch_systems import ACCOUNT, RESOURCE_SPEC, JobsDeployment, options
from .queues.pbs import PBSQueue

__all__ = ("PBS", "PBS_OPTIONS")

PBS_OPTIONS = options(
    ACCOUNT,
    RESOURCE_SPEC,
    resource_spec="Such as select=1:ncpus=8:mem=30gb, or for Torque nodes=1:ppn=8,mem=30gb. Unset: "
    "select, with the cores and the memory of a job.",
    job_extra_directives="Such as -l place=excl; each a line at the head of the job script.",
    job_directives_skip="Such as -A, where a site refuses it.",
)


class PBS(JobsDeployment):
    """dask-jobqueue's ``PBSCluster``."""

    name = "pbs"
    title = "PBS"
    description = "Workers in jobs that are submitted to PBS Professional, OpenPBS or Torque."
    options: ClassVar[dict[str, Any]] = PBS_OPTIONS
    cluster_class = "PBSCluster"
    section = "pbs"
    commands = ("qsub", "qstat", "qdel", "qselect")
    queue_class = PBSQueue

    @classmethod
    def availability(cls) -> DasklabError | None:
        missing = super().availability()
        if missing is None and Path(shutil.which("qsub") or "").with_name("qconf").exists():
            return LaunchError(
                "The qsub of this machine is Grid Engine's.", "Use the deployment sge instead."
            )
        return missing
