"""What EC2 and Fargate leave on Amazon is found by the cluster's id, and nothing else is touched.

Against moto, a stand-in that runs nothing. The process that stops has only the checkpoint.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import pytest

from dasklab.deployments._wrapped import Wrapped
from dasklab.deployments.base import Context
from dasklab.deployments.ec2 import EC2
from dasklab.deployments.fargate import Fargate

from ..backends.amazon import REGION, _moto, amazon, client  # noqa: F401

pytestmark = pytest.mark.usefixtures("amazon")


def undo(cls: type[Wrapped], cluster: str) -> None:
    fresh = cls({}, Context("other", None, "", sys.executable))
    asyncio.run(fresh.stop({"cluster": cluster, "region": REGION}))


def instance(ec2: Any, cluster: str) -> str:
    """A machine as a launch of that cluster asks for it; its id."""
    tags = EC2.keywords({}, cluster)["instance_tags"]
    said = [{"Key": key, "Value": value} for key, value in tags.items()]
    found = ec2.run_instances(
        ImageId="ami-12c6146b",
        MinCount=1,
        MaxCount=1,
        TagSpecifications=[{"ResourceType": "instance", "Tags": said}],
    )
    return str(found["Instances"][0]["InstanceId"])


def test_instances_of_the_cluster_and_no_others_are_terminated() -> None:
    ec2 = client("ec2")
    ours = {instance(ec2, "abc"), instance(ec2, "abc")}
    theirs = instance(ec2, "other")
    undo(EC2, "abc")
    undo(EC2, "abc")

    states = {
        one["InstanceId"]: one["State"]["Name"]
        for reservation in ec2.describe_instances()["Reservations"]
        for one in reservation["Instances"]
    }
    assert {states[one] for one in ours} == {"terminated"}
    assert states[theirs] == "running"
    ec2.close()


def task(ecs: Any, cluster: str) -> str:
    """A task as a launch of that cluster starts it; the name of its ECS cluster."""
    name = str(Fargate.keywords({}, cluster)["cluster_name_template"])
    if not ecs.describe_clusters(clusters=[name])["clusters"]:
        ecs.create_cluster(clusterName=name)
        container = {"name": "dask-scheduler", "image": "x", "memory": 512}
        for part in ("scheduler", "worker"):
            ecs.register_task_definition(
                family=f"dask-{name}-{part}", networkMode="awsvpc", containerDefinitions=[container]
            )
    ec2 = client("ec2")
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    group = ec2.describe_security_groups()["SecurityGroups"][0]["GroupId"]
    ec2.close()
    ecs.run_task(
        cluster=name,
        taskDefinition=f"dask-{name}-worker",
        launchType="FARGATE",
        networkConfiguration={
            "awsvpcConfiguration": {"subnets": [subnet], "securityGroups": [group]}
        },
    )
    return name


def test_tasks_and_the_ecs_cluster_of_a_fargate_cluster_are_removed() -> None:
    ecs = client("ecs")
    ours, theirs = task(ecs, "abc"), task(ecs, "other")
    task(ecs, "abc")
    assert len(ecs.list_tasks(cluster=ours)["taskArns"]) == 2
    undo(Fargate, "abc")
    undo(Fargate, "abc")

    described = ecs.describe_clusters(clusters=[ours, theirs])["clusters"]
    assert [one["status"] for one in described] == ["INACTIVE", "ACTIVE"]
    families = ecs.list_task_definitions(status="ACTIVE")["taskDefinitionArns"]
    assert ["other" in family for family in families] == [True, True]
    assert len(ecs.list_tasks(cluster=theirs)["taskArns"]) == 1
    ecs.close()


def test_roles_and_the_security_group_go_too() -> None:
    """Made by dask-cloudprovider's own code, which leaves them when its object is closed."""
    from aiobotocore.session import get_session
    from dask_cloudprovider.aws.ecs import ECSCluster

    class Cut(ECSCluster):  # type: ignore[misc]
        """One cut short when it has made these: no clean-up runs."""

        def __init__(self, cluster: str) -> None:
            self.session = get_session()
            self._aws_access_key_id = self._aws_secret_access_key = None
            self._region_name = REGION
            self._tags, self._task_role_policies = {}, []
            self.cluster_name = Fargate.keywords({}, cluster)["name"]
            self._cluster_info = {"name": self.cluster_name}

        def sync(self, *_: Any) -> None:
            """Called at the end of the process, for the clean-up."""

        async def make(self) -> None:
            async with self._client("ec2") as ec2:
                self._vpc = (await ec2.describe_vpcs())["Vpcs"][0]["VpcId"]
            await self._create_execution_role()
            await self._create_task_role()
            await self._create_security_groups()

    def left() -> list[str]:
        names = [role["RoleName"] for role in iam.list_roles()["Roles"]]
        groups = ec2.describe_security_groups()["SecurityGroups"]
        names += [group["GroupName"] for group in groups]
        return sorted(name for name in names if name.startswith("dask-"))

    iam, ec2 = client("iam"), client("ec2")
    asyncio.run(Cut("abc").make())
    asyncio.run(Cut("other").make())
    undo(Fargate, "abc")
    undo(Fargate, "abc")

    assert left() == [
        "dask-dasklab-other-execution-role",
        "dask-dasklab-other-security-group",
        "dask-dasklab-other-task-role",
    ]
    iam.close()
    ec2.close()
