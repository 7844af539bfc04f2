"""What is left of a cluster on AWS, found and removed by the cluster's id.

dask-cloudprovider removes what it made when its object is closed; nothing does when the process
died, and Fargate leaves its ECS cluster behind in any case. Works with a checkpoint alone.
"""

from __future__ import annotations

import contextlib
from typing import Any

__all__ = ("TAG", "end_instances", "end_tasks")

TAG = "dasklab-cluster"
"""Of everything that a cluster's launch makes; its value is the cluster's id."""

LIVING = ["pending", "running", "stopping", "stopped"]


def _session() -> Any:
    from aiobotocore.session import get_session

    return get_session()


async def end_instances(cluster_id: str, region: str | None) -> list[str]:
    """Terminate the EC2 instances of a cluster; their ids."""
    async with _session().create_client("ec2", region_name=region) as ec2:
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
        return found


async def end_tasks(name: str, region: str | None) -> int:
    """Stop the tasks of an ECS cluster and delete it and its task definitions; how many tasks."""
    async with _session().create_client("ecs", region_name=region) as ecs:
        described = await ecs.describe_clusters(clusters=[name])
        if not [one for one in described["clusters"] if one["status"] == "ACTIVE"]:
            return 0
        tasks: list[str] = []
        async for page in ecs.get_paginator("list_tasks").paginate(cluster=name):
            tasks += page["taskArns"]
        definitions = set()
        if tasks:
            for start in range(0, len(tasks), 100):
                part = await ecs.describe_tasks(cluster=name, tasks=tasks[start : start + 100])
                definitions |= {task["taskDefinitionArn"] for task in part["tasks"]}
        for task in tasks:
            await ecs.stop_task(cluster=name, task=task, reason="The cluster was stopped.")
        for definition in definitions:
            await ecs.deregister_task_definition(taskDefinition=definition)
        # Tasks that are still stopping keep a cluster; AWS refuses then, and it costs nothing.
        with contextlib.suppress(ecs.exceptions.ClusterContainsTasksException):
            await ecs.delete_cluster(cluster=name)
        return len(tasks)
