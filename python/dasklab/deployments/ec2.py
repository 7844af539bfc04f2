"""Machines of Amazon EC2, one for each worker: dask-cloudprovider's ``EC2Cluster``."""

from __future__ import annotations

from typing import Any, ClassVar

from ..errors import StartFailed
from ..model.explanation import Advice
from ..model.scaling import Scaling
from ._amazon import Amazon
from ._aws import TAG, end_instances, session
from ._aws_clusters import ec2_cluster
from ._aws_looking import Seen, see_instances
from ._aws_network import has_default_group
from ._cloud_options import allow_from, environ, number, options, switch, text

__all__ = ("EC2",)

OURS = ("environ", "allow_from")
"""Options that the class has not, or by another name."""


class EC2(Amazon):
    """EC2 instances."""

    name = "ec2"
    title = "Amazon EC2"
    description = "Machines of Amazon EC2, one for each worker."
    factory = "dask_cloudprovider.aws:EC2Cluster"
    needs = ("dask_cloudprovider", "aiobotocore")
    requirement = "dask-cloudprovider[aws]"
    section = "cloudprovider.ec2"
    settings: ClassVar[dict[str, str]] = {"environ": "env_vars"}
    options: ClassVar[dict[str, Any]] = options(
        worker_instance_type=text(
            "Machine of a worker", "Such as m6i.xlarge; an EC2 instance type.", default="t2.micro"
        ),
        scheduler_instance_type=text(
            "Machine of the scheduler", "Such as m6i.large; an EC2 instance type.",
            default="t2.micro",
        ),
        region=text("Region", "Such as eu-central-1; unset: that of your AWS configuration."),
        security_groups={
            "type": "array",
            "title": "Security groups",
            "description": "Such as sg-0123; they must open 8786 and 8787 to this machine only.",
            "items": {"type": "string", "pattern": "^sg-"},
            "x-group": "Network",
        },
        allow_from=allow_from(),
        vpc=text("VPC", "Such as vpc-0123; unset: the default one.", "Network"),
        subnet_id=text("Subnet", "Such as subnet-0123; unset: any of the VPC.", "Network"),
        use_private_ip=switch(
            "Private addresses", "Such as on, where this machine is in the same VPC.", "Network",
            default=False,
        ),
        availability_zone=text("Zone", "Such as eu-central-1a; unset: any.", "Network"),
        docker_image=text(
            "Image", "Such as ghcr.io/dask/dask:2026.8.0; scheduler and workers run in it.",
            "Software", default="daskdev/dask:latest",
        ),
        ami=text("Machine image", "Such as ami-0123; unset: the newest Ubuntu.", "Software"),
        bootstrap=switch(
            "Install Docker", "Such as off, for a machine image that has it.", "Software",
            default=True,
        ),
        environ=environ(),
        spot=switch(
            "Spot", "Such as on; cheaper, and taken away when AWS needs them.", "Cost",
            default=False,
        ),
        filesystem_size=number(
            "Disk", "Such as 100; of each machine.", "Cost", default=40, **{"x-unit": "GB"}
        ),
        iam_instance_profile={
            "type": "object",
            "title": "Role",
            "description": "Such as Name=my-role; an instance profile, for access to S3.",
            "additionalProperties": {"type": "string"},
            "x-group": "Access",
        },
        key_name=text("SSH key", "Such as my-key; its name in EC2.", "Access"),
    )  # fmt: skip

    @classmethod
    def keywords(cls, options: dict[str, Any], cluster_id: str) -> dict[str, Any]:
        given = {key: value for key, value in options.items() if key not in OURS}
        if options.get("environ"):
            given["env_vars"] = options["environ"]
        given["instance_tags"] = {
            **(cls.configured("instance_tags") or {"createdBy": "dask-cloudprovider"}),
            TAG: cluster_id,
        }
        return given

    @classmethod
    def warnings(cls, options: dict[str, Any], scaling: Scaling | None) -> list[Advice]:
        if cls.guarded(options):
            return []
        return [
            Advice(
                "cloud.security-group",
                "It is not said who may reach the cluster, and dask-cloudprovider fails to make a "
                "security group (its issue 481): that works only where dask-default is there.",
                "Give allow_from, such as 203.0.113.7/32 for this machine, or security_groups.",
            )
        ]

    def _improved(self, found: Any) -> Any:
        return ec2_cluster(found, self.context.id, self._why_ended, self._tell)

    async def _prepare(self) -> None:
        await super()._prepare()
        if not self.guarded(self.given) and not await has_default_group(session(), self._region):
            raise StartFailed(
                "It is not said who may reach the cluster, and without that there is no security "
                "group for it.",
                "Give the addresses of this machine (--allow-from 203.0.113.7/32), or groups that "
                "are there (--security-groups).",
            )

    async def _see(self) -> list[Seen]:
        return await see_instances(session(), TAG, self.context.id, self._region)

    @classmethod
    def where(cls, options: dict[str, Any]) -> dict[str, Any]:
        return {"region": options.get("region") or cls.configured("region")}

    async def undo(self, checkpoint: dict[str, Any], fresh: bool) -> None:
        await end_instances(str(checkpoint["cluster"]), checkpoint.get("region"))
