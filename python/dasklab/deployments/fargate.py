"""Containers of Amazon's Fargate, one for each worker: dask-cloudprovider's ``FargateCluster``."""

from __future__ import annotations

from typing import Any, ClassVar

from ..errors import StartFailed
from ..model.explanation import Advice
from ..model.scaling import Scaling
from ._amazon import Amazon
from ._aws import TAG, end_fargate, named, session
from ._aws_clusters import fargate_cluster
from ._aws_looking import Seen, see_tasks
from ._cloud_options import allow_from, environ, number, options, switch, text

__all__ = ("Fargate",)

CORES = {"enum": [256, 512, 1024, 2048, 4096, 8192, 16384], "x-unit": "1/1024 core"}
MEMORY = {"minimum": 512, "maximum": 122_880, "x-unit": "MiB"}


class Fargate(Amazon):
    """Tasks of ECS on Fargate."""

    name = "fargate"
    title = "Amazon Fargate"
    description = "Containers of Amazon Fargate, without machines of one's own."
    factory = "dask_cloudprovider.aws:FargateCluster"
    needs = ("dask_cloudprovider", "aiobotocore")
    requirement = "dask-cloudprovider[aws]"
    section = "cloudprovider.ecs"
    settings: ClassVar[dict[str, str]] = {"environ": "environment", "region": "region_name"}
    options: ClassVar[dict[str, Any]] = options(
        image=text(
            "Image", "Such as ghcr.io/dask/dask:2026.8.0; scheduler and workers run in it.",
            default="daskdev/dask:latest",
        ),
        worker_cpu={
            "type": "integer", "title": "Cores per worker",
            "description": "Such as 4096, which is 4 cores.", "default": 4096, **CORES,
        },
        worker_mem={
            "type": "integer", "title": "Memory per worker",
            "description": "Such as 16384, which is 16 GiB; Fargate knows some pairs of cores "
            "and memory only.", "default": 16384, **MEMORY,
        },
        region=text("Region", "Such as eu-central-1; unset: that of your AWS configuration."),
        scheduler_cpu={
            "type": "integer", "title": "Cores", "description": "Such as 1024, which is 1 core.",
            "default": 1024, "x-group": "Scheduler", **CORES,
        },
        scheduler_mem={
            "type": "integer", "title": "Memory", "description": "Such as 4096, which is 4 GiB.",
            "default": 4096, "x-group": "Scheduler", **MEMORY,
        },
        scheduler_timeout=text(
            "Idle timeout", "Such as 5 minutes; a scheduler that was idle for so long ends, and "
            "with it the workers, whoever started them.", "Scheduler", default="5 minutes",
        ),
        allow_from=allow_from(),
        vpc=text("VPC", "Such as vpc-0123; unset: the default one.", "Network"),
        subnets={
            "type": "array", "title": "Subnets",
            "description": "Such as subnet-0123; unset: all of the VPC.",
            "items": {"type": "string", "pattern": "^subnet-"}, "x-group": "Network",
        },
        security_groups={
            "type": "array", "title": "Security groups",
            "description": "Such as sg-0123; unset: one of the cluster's own, see Let in.",
            "items": {"type": "string", "pattern": "^sg-"}, "x-group": "Network",
        },
        fargate_use_private_ip=switch(
            "Private addresses", "Such as on, where this machine is in the same VPC.", "Network",
            default=False,
        ),
        environ=environ(),
        fargate_spot=switch(
            "Spot", "Such as on; workers are cheaper, and taken away when AWS needs them.",
            "Cost", default=False,
        ),
        worker_nthreads=number("Threads per worker", "Such as 4; unset: its cores.", "Software"),
        execution_role_arn=text("Execution role", "Such as arn:aws:iam::1:role/x.", "Access"),
        task_role_arn=text("Task role", "Such as arn:aws:iam::1:role/x; for S3.", "Access"),
    )  # fmt: skip

    @classmethod
    def keywords(cls, options: dict[str, Any], cluster_id: str) -> dict[str, Any]:
        names = {"environ": "environment", "region": "region_name"}
        given = {names.get(k, k): value for k, value in options.items() if k != "allow_from"}
        given["tags"] = {**(cls.configured("tags") or {}), TAG: cluster_id}
        given["cluster_name_template"] = given["name"] = named(cluster_id)
        # It would remove what other launches have begun, and their clusters have no tasks yet.
        given["skip_cleanup"] = True
        return given

    @classmethod
    def warnings(cls, options: dict[str, Any], scaling: Scaling | None) -> list[Advice]:
        """FargateCluster has no TLS of its own: it hands no certificates to its containers."""
        if not cls.guarded(options):
            return [cls._open()]
        return [
            Advice(
                "cloud.plain",
                "What the security group lets through to the scheduler's port can run code on "
                "its workers: it has no TLS and asks nobody who they are.",
                "Have it admit only the addresses of this machine and of each other (allow_from).",
            )
        ]

    @classmethod
    def _open(cls) -> Advice:
        """What becomes of it where nobody says whom to let in: dask-cloudprovider lets in all."""
        return Advice(
            "cloud.open",
            "It is not said who may reach the cluster, so its scheduler would be open to the whole "
            "internet; it has no TLS and asks nobody who they are.",
            "Give allow_from, such as 203.0.113.7/32 for this machine, or security_groups.",
            "error",
        )

    async def _prepare(self) -> None:
        if not self.guarded(self.given):  # also where nobody had the time to say so before
            found = self._open()
            raise StartFailed(found.message, found.hint)
        await super()._prepare()

    def _improved(self, found: Any) -> Any:
        return fargate_cluster(found, self._why_ended)

    async def _see(self) -> list[Seen]:
        return await see_tasks(session(), named(self.context.id), self._region)

    @classmethod
    def where(cls, options: dict[str, Any]) -> dict[str, Any]:
        return {"region": options.get("region") or cls.configured("region")}

    async def undo(self, checkpoint: dict[str, Any], fresh: bool) -> None:
        await end_fargate(named(checkpoint["cluster"]), checkpoint.get("region"))
