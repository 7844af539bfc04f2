"""A security group of a cluster's own on AWS: made before it, removed after it.

dask-cloudprovider's EC2Cluster fails to make one (its issue 481), and that of its FargateCluster
lets the whole internet in. Ours lets in what the user names, or the VPC's own addresses where only
these lead to the cluster.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

from ..errors import QueueError, StartFailed

__all__ = ("delete_security_group", "group_name", "has_default_group", "make_security_group")

PORTS = (8786, 8787)
DEFAULT = "dask-default"
"""What EC2Cluster takes if it is there."""

TO_LET_GO = 40.0
"""Seconds that machines and tasks which end are waited for: they hold their group till then."""

LOOK = 2.0


def group_name(cluster: str) -> str:
    """As FargateCluster would call it, for the cluster's name at AWS."""
    return f"dask-{cluster}-security-group"


async def make_security_group(
    session: Any, cluster: str, tags: dict[str, str], **given: str | None
) -> str:
    """Make one, and return its id.

    Parameters
    ----------
    cluster
        The cluster's name at AWS.
    given
        ``vpc`` (the default one if there is none), ``allow_from`` (addresses as in ``10.0.0.0/8``;
        the VPC's if there are none) and ``region``.
    """
    async with session.create_client("ec2", region_name=given.get("region")) as ec2:
        found = await _vpc(ec2, given.get("vpc"))
        source = given.get("allow_from") or str(found["CidrBlock"])
        said = [{"Key": key, "Value": value} for key, value in tags.items() if value]
        made = await ec2.create_security_group(
            GroupName=group_name(cluster),
            Description="A Dask cluster of dasklab",
            VpcId=found["VpcId"],
            TagSpecifications=[{"ResourceType": "security-group", "Tags": said}],
        )
        ranges = (
            {"Ipv6Ranges": [{"CidrIpv6": source}]}
            if ":" in source
            else {"IpRanges": [{"CidrIp": source}]}
        )
        among = {"UserIdGroupPairs": [{"GroupId": made["GroupId"]}]}
        first, last = PORTS
        await ec2.authorize_security_group_ingress(
            GroupId=made["GroupId"],
            IpPermissions=[
                {"IpProtocol": "tcp", "FromPort": first, "ToPort": last, **ranges},
                {"IpProtocol": "tcp", "FromPort": 0, "ToPort": 65_535, **among},
            ],
        )
        return str(made["GroupId"])


async def _vpc(ec2: Any, vpc: str | None) -> dict[str, Any]:
    filters = [
        {"Name": "vpc-id", "Values": [vpc]} if vpc else {"Name": "is-default", "Values": ["true"]}
    ]
    found = (await ec2.describe_vpcs(Filters=filters))["Vpcs"]
    if not found:
        raise StartFailed(
            f"There is no VPC {vpc} in this region."
            if vpc
            else "This region has no default VPC any more.",
            "Give one (--vpc); aws ec2 describe-vpcs lists them.",
        )
    return dict(found[0])


async def has_default_group(session: Any, region: str | None) -> bool:
    """Whether there is the group that EC2Cluster takes where none was named."""
    async with session.create_client("ec2", region_name=region) as ec2:
        filters = [{"Name": "group-name", "Values": [DEFAULT]}]
        return bool((await ec2.describe_security_groups(Filters=filters))["SecurityGroups"])


async def delete_security_group(session: Any, cluster: str, region: str | None) -> None:
    """Delete the group of a cluster, once what ends has let go of it.

    Raises
    ------
    QueueError
        It is still in use.
    """
    name, late = group_name(cluster), time.monotonic() + TO_LET_GO
    async with session.create_client("ec2", region_name=region) as ec2:
        filters = [{"Name": "group-name", "Values": [name]}]
        found = await ec2.describe_security_groups(Filters=filters)
        for group in found["SecurityGroups"]:
            while True:
                try:
                    await ec2.delete_security_group(GroupId=group["GroupId"])
                    break
                except ec2.exceptions.ClientError as error:
                    if error.response["Error"]["Code"] != "DependencyViolation":
                        raise
                    if time.monotonic() > late:
                        raise QueueError(
                            f"The security group {name} is still in use by what is ending."
                        ) from error
                await asyncio.sleep(LOOK)
