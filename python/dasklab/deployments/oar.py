"""Workers in jobs of OAR."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

from ..model.explanation import Advice
from ..model.scaling import Scaling
from ._batch_options import JOB
from ._batch_request import Request
from ._batch_systems import PROJECT, RESOURCE_SPEC, JobsDeployment, changed_jobs, options
from .queues.oar import OARQueue

__all__ = ("OAR",)

NO_MEMORY = "not_applicable"
"""dask-jobqueue's own word for a site whose nodes have no property for memory."""


class OAR(JobsDeployment):
    """dask-jobqueue's ``OARCluster``, with the output of jobs where the others have it."""

    name = "oar"
    title = "OAR"
    description = "Workers in jobs that are submitted to OAR."
    options: ClassVar[dict[str, Any]] = options(
        PROJECT,
        RESOURCE_SPEC,
        {
            "memory_per_core_property_name": {
                "type": "string",
                "title": "Property for memory",
                "x-group": JOB,
                "description": "Such as memcore; the property of nodes that says how much memory a "
                "core has. Unset: no memory is asked for.",
                "minLength": 1,
            },
        },
        resource_spec="Such as /nodes=1/core=8; without the wall time. Unset: so, with the cores "
        "of a job.",
        job_extra_directives="Such as -t besteffort; each an option of oarsub.",
        job_directives_skip="Such as -q, where a site refuses it.",
    )
    cluster_class = "OARCluster"
    section = "oar"
    commands = ("oarsub", "oarstat", "oardel")
    queue_class = OARQueue
    two = (3600, 60)

    @classmethod
    def adapted(cls, request: Request) -> Request:
        import dask

        request = super().adapted(request)
        name = "memory_per_core_property_name"
        if request.keywords.get(name) or dask.config.get(
            "jobqueue.oar.memory-per-core-property-name", None
        ):
            return request
        return replace(request, keywords={**request.keywords, name: NO_MEMORY})

    @classmethod
    def base_class(cls) -> Any:
        return changed_jobs(super().base_class(), _say_where_output_goes)

    @classmethod
    def warnings(cls, options: dict[str, Any], scaling: Scaling | None) -> list[Advice]:
        found = super().warnings(options, scaling)
        request = cls.requests(options)[""]
        if request.keywords.get("memory_per_core_property_name") == NO_MEMORY:
            found.append(
                Advice(
                    "memory.unasked",
                    "A job asks for no memory: OAR may put it where there is too little.",
                    "Name the property that says how much memory a core has "
                    "(--memory-per-core-property-name; which there are: oarnodes).",
                    "note",
                )
            )
        return found


def _say_where_output_goes(job: Any) -> None:
    """Into the log directory, which dask-jobqueue forgets for OAR."""
    for option, kind in (("-O", "out"), ("-E", "err")):
        job.job_header += f"\n#OAR {option} {job.log_directory}/{job.job_name}-%jobid%.{kind}"
