"""Workers in jobs of Moab (over Torque)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

from ._batch_request import Request
from ._batch_systems import JobsDeployment
from .pbs import PBS_OPTIONS
from .queues.moab import MoabQueue

__all__ = ("Moab",)


class Moab(JobsDeployment):
    """dask-jobqueue's ``MoabCluster``."""

    name = "moab"
    title = "Moab"
    description = "Workers in jobs that are submitted to Moab, or to Maui and Torque."
    options: ClassVar[dict[str, Any]] = PBS_OPTIONS
    cluster_class = "MoabCluster"
    section = "moab"
    commands = ("msub", "showq", "checkjob", "canceljob")
    queue_class = MoabQueue

    @classmethod
    def adapted(cls, request: Request) -> Request:
        """With resources as Torque reads them: dask-jobqueue's default is PBS Professional's."""
        import dask

        request = super().adapted(request)
        if request.keywords.get("resource_spec") or dask.config.get(
            "jobqueue.moab.resource-spec", None
        ):
            return request
        memory = -(-request.memory // 2**20)
        spec = f"nodes=1:ppn={request.cores},mem={memory}mb"
        return replace(request, keywords={**request.keywords, "resource_spec": spec})
