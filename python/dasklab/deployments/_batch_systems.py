"""What the batch systems beside Slurm have in common, and what their options differ in."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar

from ._batch import BatchDeployment
from ._batch_options import BATCH, JOB
from ._batch_request import Request

__all__ = (
    "ACCOUNT",
    "PROJECT",
    "RESOURCE_SPEC",
    "JobsDeployment",
    "changed_jobs",
    "hours_and_minutes",
    "options",
)

ACCOUNT: dict[str, Any] = {"account": BATCH["properties"]["account"]}

PROJECT: dict[str, Any] = {
    "project": {**BATCH["properties"]["account"], "title": "Project"},
}

RESOURCE_SPEC: dict[str, Any] = {
    "resource_spec": {
        "type": "string",
        "title": "Resources",
        "x-group": JOB,
        "description": "",
        "minLength": 1,
    },
}


def options(*more: dict[str, Any], without: tuple[str, ...] = (), **said: str) -> dict[str, Any]:
    """The options of all batch systems, less those of Slurm alone, and with others.

    Parameters
    ----------
    more
        Further options.
    without
        Names of options that this system does not have.
    said
        Descriptions of options that are other ones here.
    """
    left_out = {"account", *without}
    properties = {name: rule for name, rule in BATCH["properties"].items() if name not in left_out}
    for some in more:
        properties.update(some)
    for name, description in said.items():
        properties[name] = {**properties[name], "description": description}
    return {**BATCH, "properties": properties}


def hours_and_minutes(seconds: float) -> str:
    """``HH:MM``, rounded up: nobody's last minute is cut off."""
    hours, minutes = divmod(-(-round(seconds) // 60), 60)
    return f"{hours:02}:{minutes:02}"


def changed_jobs(base: type[Any], change: Callable[[Any], None]) -> type[Any]:
    """A subclass of one of dask-jobqueue's clusters, whose jobs are changed when they are made."""

    class Job(base.job_cls):  # type: ignore[misc, name-defined]
        def __init__(self, *args: Any, **keywords: Any) -> None:
            super().__init__(*args, **keywords)
            change(self)

    class Cluster(base):  # type: ignore[misc]
        job_cls = Job

    return Cluster


class JobsDeployment(BatchDeployment):
    """A batch system that takes a wall time in one notation, and tells no folder of its jobs."""

    options: ClassVar[dict[str, Any]] = options()

    @classmethod
    def requests(cls, options: dict[str, Any], python: str = sys.executable) -> dict[str, Request]:
        return {
            name: cls.adapted(request)
            for name, request in super().requests(options, python).items()
        }

    @classmethod
    def adapted(cls, request: Request) -> Request:
        """A request as this system takes it."""
        if request.walltime is None or "walltime" not in request.keywords:
            return request
        time = cls.write_time(request.walltime)  # as given, it may be in days
        return replace(request, keywords={**request.keywords, "walltime": time})

    def _make(self) -> Any:
        self.queue.folder = self.keywords("")["log_directory"]
        return super()._make()
