"""What AWS says of a cluster's machines and tasks, as jobs, and why some of them have ended.

``see_*`` ask, with the cluster's id alone; what follows is pure. Those that were ended on purpose
are left out.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ..errors import DasklabError, StartFailed
from ..model.explanation import Advice, Explanation, Job
from .signatures import recognise

__all__ = ("Seen", "ended", "explain", "see_instances", "see_tasks")

LINES = 60
MOST = 5
"""Of those that have ended, which are told of."""

ON_PURPOSE = ("Client.UserInitiatedShutdown", "UserInitiated", "The cluster was stopped.")
STATES = {
    "pending": "pending", "running": "running",
    "PROVISIONING": "pending", "PENDING": "pending", "ACTIVATING": "pending", "RUNNING": "running",
}  # fmt: skip

SLOW = {
    "machine": "to boot, to install Docker and to pull the image takes two to five minutes",
    "container": "to pull the image takes a minute or two",
}

REASONS = (
    (
        r"Server\.Spot|SpotInterruption|Your Spot Task was interrupted",
        "AWS has taken a spot machine back.",
        "%dask scale asks for another one; without spot they stay.",
        "warning",
    ),
    (
        r"InsufficientInstanceCapacity|Capacity is unavailable",
        "AWS has no machine of this kind left there at the moment.",
        "Try again later, another zone, or another kind of machine.",
        "error",
    ),
    (
        r"OutOfMemory",
        "A container was ended because it used more memory than it has.",
        "Ask for more memory per worker.",
        "error",
    ),
    (
        r"ResourceInitializationError",
        "A container could not be prepared: it reaches neither registry nor logs, or may not.",
        "It needs a public address or a way out of its subnet, and an execution role.",
        "error",
    ),
)


@dataclass(frozen=True)
class Seen:
    """One machine or task.

    Parameters
    ----------
    job
        With the worker's name; none for the scheduler's.
    said
        The last lines of its output, asked only where it matters.
    """

    job: Job
    said: list[str] = field(default_factory=list)

    @property
    def state(self) -> str:
        return self.job.state


async def see_instances(session: Any, tag: str, cluster_id: str, region: str | None) -> list[Seen]:
    """The EC2 instances of a cluster; an hour later AWS has forgotten those that ended."""
    async with session.create_client("ec2", region_name=region) as ec2:
        filters = [{"Name": f"tag:{tag}", "Values": [cluster_id]}]
        pages = ec2.get_paginator("describe_instances").paginate(Filters=filters)
        found = [
            _instance(one)
            async for page in pages
            for reservation in page["Reservations"]
            for one in reservation["Instances"]
        ]
        told = []
        for job in _worth_telling(found):
            said: list[str] = []
            if job.state == "ended":
                output = await ec2.get_console_output(InstanceId=job.id)
                said = str(output.get("Output", "")).splitlines()[-LINES:]
            told.append(Seen(job, said))
        return told


def _instance(one: dict[str, Any]) -> Job:
    state = STATES.get(one["State"]["Name"], "ended")
    reason = one.get("StateReason") or {}
    tags = {tag["Key"]: tag["Value"] for tag in one.get("Tags", ())}
    name = tags.get("Name", "")
    address = one.get("PublicIpAddress") or one.get("PrivateIpAddress") or ""
    return Job(
        id=one["InstanceId"],
        state=state,
        reason=str(reason.get("Code", "")) if state == "ended" else "",
        text=str(reason.get("Message", "")) if state == "ended" else "",
        workers=(name,) if "-worker-" in name else (),
        node=address if state == "running" else "",
    )


async def see_tasks(session: Any, cluster: str, region: str | None) -> list[Seen]:
    """The tasks of an ECS cluster; an hour later AWS has forgotten those that ended."""
    async with session.create_client("ecs", region_name=region) as ecs:
        known = await ecs.describe_clusters(clusters=[cluster])
        if not [one for one in known["clusters"] if one["status"] == "ACTIVE"]:
            return []
        found = []
        for status in ("RUNNING", "STOPPED"):
            pages = ecs.get_paginator("list_tasks").paginate(cluster=cluster, desiredStatus=status)
            async for page in pages:
                if page["taskArns"]:
                    asked = await ecs.describe_tasks(cluster=cluster, tasks=page["taskArns"])
                    found += [(_task(one), one) for one in asked["tasks"]]
        raw = {job.id: one for job, one in found}
        told = []
        for job in _worth_telling([job for job, _ in found]):
            said: list[str] = []
            if job.state == "ended":
                said = await _output(session, ecs, raw[job.id], region)
            told.append(Seen(job, said))
        return told


def _task(one: dict[str, Any]) -> Job:
    state = STATES.get(one["lastStatus"], "ended")
    [override] = one.get("overrides", {}).get("containerOverrides") or [{}]
    command = override.get("command", [])
    name = command[command.index("--name") + 1] if "--name" in command else ""
    reasons = [one.get("stoppedReason", "")]
    reasons += [part.get("reason", "") for part in one.get("containers", ())]
    details = {
        item["name"]: item.get("value", "")
        for part in one.get("attachments", ())
        for item in part.get("details", ())
    }
    return Job(
        id=one["taskArn"].rpartition("/")[2],
        state=state,
        reason=str(one.get("stopCode", "")) if state == "ended" else "",
        text=" ".join(filter(None, reasons)) if state == "ended" else "",
        workers=(name,) if name else (),
        node=details.get("privateIPv4Address", "") if state == "running" else "",
    )


async def _output(session: Any, ecs: Any, one: dict[str, Any], region: str | None) -> list[str]:
    """The last lines of a container, from CloudWatch."""
    definition = await ecs.describe_task_definition(taskDefinition=one["taskDefinitionArn"])
    container = definition["taskDefinition"]["containerDefinitions"][0]
    options = (container.get("logConfiguration") or {}).get("options") or {}
    if not options.get("awslogs-group"):
        return []
    stream = "/".join(
        (options["awslogs-stream-prefix"], container["name"], one["taskArn"].rpartition("/")[2])
    )
    async with session.create_client("logs", region_name=region) as logs:
        with contextlib.suppress(logs.exceptions.ResourceNotFoundException):  # it said nothing
            found = await logs.get_log_events(
                logGroupName=options["awslogs-group"], logStreamName=stream,
                limit=LINES, startFromHead=False,
            )  # fmt: skip
            return [str(event["message"]) for event in found["events"]]
    return []


def _worth_telling(jobs: Iterable[Job]) -> list[Job]:
    """Those that live, and the last that ended by themselves."""
    jobs = list(jobs)
    living = [job for job in jobs if job.state != "ended"]
    gone = [
        job
        for job in jobs
        if job.state == "ended" and not (job.reason or job.text).startswith(ON_PURPOSE)
    ]
    return living + gone[-MOST:]


# -- what it means -----------------------------------------------------------------------------
def ended(seen: Iterable[Seen], job_id: str) -> DasklabError | None:
    """Why this machine or task has ended, if it has."""
    for one in seen:
        if one.job.id == job_id and one.state == "ended":
            first = _why(one)[0]
            text = f"{first.message} {' '.join(first.evidence)}".strip()
            return StartFailed(f"The scheduler's {_kind(one.job)} has ended. {text}", first.hint)
    return None


def explain(seen: Iterable[Seen], arrived: Iterable[str]) -> Explanation:
    """Jobs of the workers, and what keeps those that have not come."""
    here, found, jobs = set(arrived), [], []
    for one in seen:
        if not one.job.workers:
            continue
        jobs.append(one.job)
        if one.state == "ended":
            found += _why(one)
    away = [job for job in jobs if job.state != "ended" and not here.intersection(job.workers)]
    if away:
        found.append(
            Advice(
                "cloud.booting",
                f"{len(away)} of the workers' {_kind(away[0])}s run or are about to, and their "
                f"workers have not come yet: {SLOW[_kind(away[0])]}.",
                "",
                "note",
            )
        )
    once = {advice.code: advice for advice in reversed(found)}
    order = ("error", "warning", "note")
    return Explanation(
        tuple(jobs), tuple(sorted(once.values(), key=lambda one: order.index(one.severity)))
    )


def _kind(job: Job) -> str:
    return "machine" if job.id.startswith("i-") else "container"


def _why(one: Seen) -> list[Advice]:
    said = f"{one.job.reason} {one.job.text}".strip()
    known = recognise([*one.said, said])
    for pattern, message, hint, severity in REASONS:
        if re.search(pattern, said):
            again = "%dask scale" in hint
            known.insert(0, Advice("cloud.ended", message, hint, severity, (said,), again))
            break
    if known:
        return known
    evidence = tuple(line.strip()[:500] for line in one.said[-3:])
    return [
        Advice(
            "cloud.ended",
            f"The {_kind(one.job)} {one.job.id} has ended by itself ({said}).",
            "Its last lines may say why; %dask scale asks for another one.",
            "error",
            evidence,
            again=True,
        )
    ]
