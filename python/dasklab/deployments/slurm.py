"""Workers in jobs of Slurm."""

from __future__ import annotations

from ._batch import BatchDeployment
from .queues.slurm import SlurmQueue

__all__ = ("Slurm",)


class Slurm(BatchDeployment):
    """dask-jobqueue's ``SLURMCluster``."""

    name = "slurm"
    title = "Slurm"
    description = "Workers in jobs that are submitted to Slurm."
    cluster_class = "SLURMCluster"
    section = "slurm"
    commands = ("sbatch", "squeue", "scancel", "scontrol", "sinfo")
    queue_class = SlurmQueue
