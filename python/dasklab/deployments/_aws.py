"""What is left of a cluster on AWS, found and removed by the cluster's id.

dask-cloudprovider removes what it made when its object is closed; nothing does when the process
died, and Fargate leaves its ECS cluster, its roles and its security group behind in any case. Works
with a checkpoint alone.
"""

from __future__ import annotations

import contextlib
from typing import Any

from ._aws_network import delete_security_group

__all__ = ("TAG", "end_fargate", "end_instances", "named", "session")

TAG = "dasklab-cluster"
"""Of everything that a cluster's launch makes; its value is the cluster's id."""

LIVING = ["pending", "running", "stopping", "stopped"]


def named(cluster_id: str) -> str:
    """What a cluster is called at AWS."""
    return f"dasklab-{cluster_id}"


def session() -> Any:
    """A session of AWS' own client, which finds credentials and region by itself."""
    from aiobotocore.session import get_session

    return get_session()


async def end_instances(cluster_id: str, region: str | None) -> list[str]:
    """Terminate the EC2 instances of a cluster and remove its security group; their ids.

    Raises
    ------
    QueueError
        The security group is still in use, which machines that go may take a minute over.
    """
    async with session().create_client("ec2", region_name=region) as ec2:
        filters = [
            {"Name": f"tag:{TAG}", "Values": [cluster_id]},
            {"Name": "instance-state-name", "Values": LIVING},
        ]
        pages = ec2.get_paginator("describe_instances").paginate(Filters=filters)
        found = [
            instance["InstanceId"]
            async for page in pages
            for reservation in page["Reservations"]
            for instance in reservation["Instances"]
        ]
        if found:
            await ec2.terminate_instances(InstanceIds=found)
    await delete_security_group(session(), named(cluster_id), region)
    return found


async def end_fargate(name: str, region: str | None) -> int:
    """Remove what a Fargate cluster of this name has made; how many tasks there were.

    Not its log group: all of the account's Dask clusters share ``dask-ecs``, which forgets.

    Raises
    ------
    QueueError
        Its security group is still in use: tasks that have stopped hold it for about a minute.
    """
    tasks = await _end_tasks(name, region)
    for part in ("execution", "task"):
        await _delete_role(f"dask-{name}-{part}-role")
    await delete_security_group(session(), name, region)
    return tasks


async def _end_tasks(name: str, region: str | None) -> int:
    """Stop the tasks of an ECS cluster and delete it and its task definitions; how many tasks."""
    async with session().create_client("ecs", region_name=region) as ecs:
        tasks: list[str] = []
        definitions = set()
        for family in (f"dask-{name}-scheduler", f"dask-{name}-worker"):
            pages = ecs.get_paginator("list_task_definitions").paginate(familyPrefix=family)
            async for page in pages:
                definitions.update(page["taskDefinitionArns"])
        described = await ecs.describe_clusters(clusters=[name])
        if [one for one in described["clusters"] if one["status"] == "ACTIVE"]:
            async for page in ecs.get_paginator("list_tasks").paginate(cluster=name):
                tasks += page["taskArns"]
            for task in tasks:
                await ecs.stop_task(cluster=name, task=task, reason="The cluster was stopped.")
            # Tasks that are still stopping keep a cluster; AWS refuses then, and it costs nothing.
            with contextlib.suppress(ecs.exceptions.ClusterContainsTasksException):
                await ecs.delete_cluster(cluster=name)
        for definition in definitions:
            await ecs.deregister_task_definition(taskDefinition=definition)
        return len(tasks)


async def _delete_role(name: str) -> None:
    async with session().create_client("iam") as iam:
        try:
            attached = await iam.list_attached_role_policies(RoleName=name)
            for policy in attached["AttachedPolicies"]:
                await iam.detach_role_policy(RoleName=name, PolicyArn=policy["PolicyArn"])
            await iam.delete_role(RoleName=name)
        except iam.exceptions.ClientError as error:
            # Who may not ask for roles has made none: they were given.
            if error.response["Error"]["Code"] not in ("NoSuchEntity", "AccessDenied"):
                raise
