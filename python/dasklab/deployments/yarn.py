"""Containers of Hadoop's YARN, for the day that dask-yarn works again; until then, what to do.

dask-yarn 0.9 of 2021, the last one, cannot be imported beside a distributed that dasklab works
with. Dask Gateway runs on YARN and is maintained: that is the way, and what users are told.
"""

from __future__ import annotations

import sys
from importlib import metadata
from typing import Any, ClassVar

from ..errors import DasklabError, InterpreterUnfit
from ..model.explanation import Advice
from ..model.scaling import Scaling
from ._cloud_options import number, options, text
from ._wrapped import Wrapped
from .base import ENVIRON

__all__ = ("Yarn",)

BROKEN = (0, 9)
"""The last release that there is, which needs a distributed of 2021."""


class Yarn(Wrapped):
    """A YARN application, started from an edge node."""

    name = "yarn"
    title = "Hadoop YARN"
    description = "Containers of a Hadoop cluster; today by a Dask Gateway server on it."
    factory = "dask_yarn:YarnCluster"
    needs = ("dask_yarn", "skein")
    requirement = "dask-yarn"
    section = "yarn"
    settings: ClassVar[dict[str, str]] = {
        "worker_vcores": "worker.vcores",
        "worker_memory": "worker.memory",
        "worker_restarts": "worker.restarts",
        "worker_env": "worker.env",
        "scheduler_vcores": "scheduler.vcores",
        "scheduler_memory": "scheduler.memory",
    }
    options: ClassVar[dict[str, Any]] = options(
        environment=text(
            "Environment",
            "Such as hdfs:///envs/mine.tar.gz; an archive by conda-pack or venv-pack, or "
            "python:///path of an interpreter that all nodes have.",
        ),
        worker_vcores=number("Cores per worker", "Such as 2; YARN's virtual cores.", default=1),
        worker_memory=text("Memory per worker", "Such as 8 GiB.", default="2 GiB"),
        queue=text("Queue", "Such as default; of YARN.", default="default"),
        worker_restarts={
            "type": "integer",
            "title": "Restarts",
            "description": "Such as 3; how often workers are started again. -1: always.",
            "minimum": -1,
            "x-group": "Workers",
        },
        worker_env={
            **ENVIRON,
            "description": "Such as OMP_NUM_THREADS=4; of workers.",
            "x-group": "Workers",
        },
        scheduler_vcores=number("Cores", "Such as 1; of the scheduler.", "Scheduler", default=1),
        scheduler_memory=text(
            "Memory", "Such as 4 GiB; of the scheduler.", "Scheduler", default="2 GiB"
        ),
        user=text("User", "Such as alice; in whose name. Unset: yours.", "Access"),
    )

    @classmethod
    def availability(cls) -> DasklabError | None:
        try:
            version = metadata.version("dask-yarn")
        except metadata.PackageNotFoundError:
            version = ""
        if version and _numbers(version) > BROKEN:
            return super().availability()
        return InterpreterUnfit(
            "dask-yarn 0.9, the last there is, does not work with the distributed of today.",
            "Have a Dask Gateway server set up on the Hadoop cluster (its YARN backend), install "
            f'its client ({sys.executable} -m pip install "dask-gateway") and choose gateway.',
        )

    @classmethod
    def keywords(cls, options: dict[str, Any], cluster_id: str) -> dict[str, Any]:
        return {**options, "name": f"dasklab-{cluster_id}"}

    @classmethod
    def warnings(cls, options: dict[str, Any], scaling: Scaling | None) -> list[Advice]:
        if options.get("environment") or cls.configured("environment"):
            return []
        return [
            Advice(
                "yarn.environment",
                "No environment is named: workers run whatever python the nodes have.",
                "Pack this one with conda-pack or venv-pack, put it on HDFS, and name it.",
            )
        ]


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
