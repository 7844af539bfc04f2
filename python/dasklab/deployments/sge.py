"""Workers in jobs of Grid Engine."""

from __future__ import annotations

from typing import Any, ClassVar

from ..model.explanation import Advice
from ..model.scaling import Scaling
from ._batch_systems import PROJECT, RESOURCE_SPEC, JobsDeployment, options
from .queues.sge import GridEngineQueue

__all__ = ("SGE",)


class SGE(JobsDeployment):
    """dask-jobqueue's ``SGECluster``."""

    name = "sge"
    title = "Grid Engine"
    description = "Workers in jobs that are submitted to Grid Engine (SGE, UGE, Altair)."
    options: ClassVar[dict[str, Any]] = options(
        PROJECT,
        RESOURCE_SPEC,
        resource_spec="Such as h_vmem=8G; what a job asks for by -l. Without it, no memory is "
        "asked for: which resource that is differs from site to site.",
        job_extra_directives="Such as -pe smp 4; each a line at the head of the job script.",
        job_directives_skip="Such as -P, where a site refuses it.",
    )
    cluster_class = "SGECluster"
    section = "sge"
    commands = ("qsub", "qstat", "qdel", "qconf")
    queue_class = GridEngineQueue

    @classmethod
    def warnings(cls, options: dict[str, Any], scaling: Scaling | None) -> list[Advice]:
        found = super().warnings(options, scaling)
        keywords = cls.job_script_of(options)
        if "-pe " not in keywords and int(options.get("cores") or 1) > 1:
            found.append(
                Advice(
                    "cores.unasked",
                    f"A job asks for one slot, and its workers use {options['cores']} cores.",
                    "Name a parallel environment of your site among the further directives, such "
                    f"as -pe smp {options['cores']} (there are: qconf -spl).",
                )
            )
        if "-l " not in keywords.replace("-l h_rt", ""):
            found.append(
                Advice(
                    "memory.unasked",
                    "A job asks for no memory: Grid Engine may put it where there is too little.",
                    "Give resources, such as --resource-spec h_vmem=8G.",
                    "note",
                )
            )
        return found

    @classmethod
    def job_script_of(cls, options: dict[str, Any]) -> str:
        """The head of the job script, with what the site has set."""
        request = cls.requests(options)[""]
        job = cls.base_class().job_cls("tcp://scheduler", name="worker", **request.keywords)
        return str(job.job_header)
