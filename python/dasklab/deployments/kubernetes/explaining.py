"""Why pods do not run, in words: from their states, their events and what they wrote last.

Pure: what was asked of the API comes in, findings go out. The words that Kubernetes uses are those
of its API reference (``status.containerStatuses``, ``status.conditions``, events).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from ...model.explanation import Advice, Explanation, Job
from ..signatures import recognise
from .manifest import GROUP_LABEL

__all__ = (
    "Seen",
    "container_of",
    "crashed",
    "explain",
    "group_of",
    "is_ready",
    "owner_of",
    "seconds",
    "silent",
    "state_of",
)

PULL = ("ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull")
CRASH = ("CrashLoopBackOff", "RunContainerError", "StartError", "Error")
CONFIG = ("CreateContainerConfigError", "CreateContainerError")
EVIDENCE = 12
"""Lines of a log that are shown: a traceback's end and its reason."""

SIGNATURES = (
    # What a worker or scheduler wrote, what that means, and what to change.
    (
        r"(?:ModuleNotFound|Import)Error: (.+)",
        "{0} in the image.",
        "Choose an image that has it; workers need what the notebook imports.",
    ),
    (
        r"executable file not found",
        "The command is not in the image.",
        "Choose an image with distributed, or another worker command; dask-worker is no more.",
    ),
    (
        r"(?:Timed out trying to connect to|Waiting to connect to:?|Failed to connect to)\s+(\S+)",
        "It cannot reach the scheduler at {0}.",
        "A network policy may close port 8786 between pods of this namespace.",
    ),
    (
        r"(?:No such option|Error: .*option.*): ?(\S+)",
        "The command does not know the option {0}.",
        "The image's distributed is older or newer than the worker command expects.",
    ),
)


@dataclass(frozen=True)
class Seen:
    """What was asked of the API for one cluster.

    ``logs`` by pod, of those that crashed and of the ``silent``, which run without a worker.
    """

    pods: list[dict[str, Any]]
    deployments: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    logs: dict[str, list[str]] = field(default_factory=dict)
    silent: tuple[str, ...] = ()


def container_of(pod: dict[str, Any]) -> dict[str, Any]:
    """The container's status: the one that has something to say, of several."""
    statuses = pod.get("status", {}).get("containerStatuses") or ()
    waiting = [one for one in statuses if "waiting" in one.get("state", {})]
    return dict(next(iter([*waiting, *statuses]), {}))


def state_of(pod: dict[str, Any]) -> tuple[str, str, str]:
    """A pod's state as of :class:`Job`, Kubernetes' word for it, and its sentence."""
    status = pod.get("status", {})
    container = container_of(pod)
    state = container.get("state", {})
    if pod["metadata"].get("deletionTimestamp"):
        return "ended", "Terminating", "It is being removed."
    if status.get("phase") in ("Failed", "Succeeded"):
        why = status.get("reason") or status["phase"]
        return "ended", why, status.get("message", "")
    if waiting := state.get("waiting"):
        return "pending", waiting.get("reason", "Waiting"), waiting.get("message", "")
    if "terminated" in state:
        return "pending", state["terminated"].get("reason", "Error"), ""
    for condition in status.get("conditions") or ():
        if condition.get("type") == "PodScheduled" and condition.get("status") == "False":
            return "pending", condition.get("reason", "Unschedulable"), condition.get("message", "")
    if status.get("phase") == "Running":
        return "running", "", ""
    return "pending", status.get("phase", "Pending"), ""


def crashed(pods: Iterable[dict[str, Any]]) -> list[str]:
    """Pods whose last words are worth asking for: at most three, all of a group die alike."""
    return [pod["metadata"]["name"] for pod in pods if state_of(pod)[1] in CRASH][:3]


def silent(pods: Iterable[dict[str, Any]], arrived: Collection[str], before: float) -> list[str]:
    """Pods that have run since before that moment, and of whose Deployments no worker has come."""
    found = []
    for pod in pods:
        running = container_of(pod).get("state", {}).get("running") or {}
        since = seconds(running.get("startedAt") or pod.get("status", {}).get("startTime"))
        late = state_of(pod)[0] == "running" and since is not None and since < before
        if late and owner_of(pod) not in arrived:
            found.append(pod["metadata"]["name"])
    return found[:3]


def explain(seen: Seen) -> Explanation:
    """Jobs and advice of a cluster's worker pods, most important advice first."""
    jobs = [_job(pod) for pod in seen.pods]
    jobs += [
        Job(f"{item['metadata']['name']}", "pending", "FailedCreate", text, group=group_of(item))
        for item in seen.deployments
        if (text := _not_created(item))
    ]
    findings = [one for pod in seen.pods if (one := _finding(pod, seen))]
    findings += [_about_creation(text) for item in seen.deployments if (text := _not_created(item))]
    order = {"error": 0, "warning": 1, "note": 2}
    advice = sorted(_together(findings), key=lambda one: order[one.severity])
    return Explanation(tuple(jobs), tuple(advice))


def group_of(item: dict[str, Any]) -> str:
    """The worker group that a pod or Deployment is of; empty for the default one."""
    name = str(item["metadata"].get("labels", {}).get(GROUP_LABEL, ""))
    return "" if name.endswith("-default") else name.rpartition("-")[2]


def is_ready(pod: dict[str, Any]) -> bool:
    """Whether its containers run, and are not about to be ended."""
    conditions = pod.get("status", {}).get("conditions") or ()
    return not pod["metadata"].get("deletionTimestamp") and any(
        one.get("type") == "Ready" and one.get("status") == "True" for one in conditions
    )


def owner_of(pod: dict[str, Any]) -> str:
    """The Deployment that a worker's pod is of."""
    for owner in pod["metadata"].get("ownerReferences") or ():
        name = str(owner["name"])
        return name.rpartition("-")[0] if owner["kind"] == "ReplicaSet" else name
    for container in pod.get("spec", {}).get("containers", ()):
        for item in container.get("env") or ():
            if item["name"] == "DASK_WORKER_NAME" and item.get("value"):
                return str(item["value"])
    return str(pod["metadata"]["name"]).rsplit("-", 2)[0]


def _job(pod: dict[str, Any]) -> Job:
    meta, (state, reason, text) = pod["metadata"], state_of(pod)
    owner = owner_of(pod)
    return Job(
        meta["name"],
        state,
        reason,
        text,
        (owner,),
        group_of(pod),
        pod.get("spec", {}).get("nodeName", ""),
        seconds(pod.get("status", {}).get("startTime") or meta.get("creationTimestamp")),
    )


def seconds(text: str | None) -> float | None:
    """A moment of Kubernetes as epoch seconds."""
    if not text:
        return None
    try:
        moment = datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ")
    except ValueError:
        return None
    return moment.replace(tzinfo=timezone.utc).timestamp()


def _not_created(deployment: dict[str, Any]) -> str:
    """Why a Deployment could make no pod."""
    for condition in deployment.get("status", {}).get("conditions") or ():
        if condition.get("type") == "ReplicaFailure" and condition.get("status") == "True":
            return str(condition.get("message", "It could make no pod."))
    return ""


def _about_creation(text: str) -> Advice:
    if "exceeded quota" in text:
        return Advice(
            "pod.quota",
            "The namespace's quota allows no more pods of this size.",
            "Ask for fewer or smaller workers, end what else runs there, or have the quota raised.",
            "error",
            (text,),
        )
    return Advice(
        "pod.refused",
        "Kubernetes refuses to make the pods.",
        "The message names the rule; an administrator may change it.",
        "error",
        (text,),
    )


def _finding(pod: dict[str, Any], seen: Seen) -> Advice | None:
    state, reason, text = state_of(pod)
    name = pod["metadata"]["name"]
    container = container_of(pod)
    said = [
        str(event.get("message", ""))
        for event in seen.events
        if event.get("involvedObject", {}).get("name") == name and event.get("type") == "Warning"
    ]
    evidence = tuple(dict.fromkeys(line for line in [text, *said[-3:]] if line))
    if reason in PULL:
        image = pod["spec"]["containers"][0].get("image", "?")
        return Advice(
            "pod.image",
            f"The image {image} cannot be pulled.",
            "Check its name and tag; a private one needs an image pull secret.",
            "error",
            evidence,
        )
    last = container.get("lastState", {}).get("terminated", {})
    if "OOMKilled" in (last.get("reason"), reason):
        return Advice(
            "pod.memory",
            "Workers are ended for using more memory than they may.",
            "Give them more memory, or fewer threads.",
            "error" if reason in CRASH else "warning",
            (f"{name}: OOMKilled, {container.get('restartCount', 0)} restarts",),
        )
    if reason in CRASH or (state == "running" and last and not container.get("ready")):
        return _about_crash(name, last, seen)
    if reason in CONFIG:
        return Advice(
            "pod.config", f"A container cannot be made: {text}.",
            "What it names (a secret, a config map, a volume) must be in this namespace.",
            "error", evidence,
        )  # fmt: skip
    if reason in ("Unschedulable", "SchedulerError"):
        return Advice(
            "pod.unschedulable",
            "No node has room for the pods.",
            "They start when a node is added or freed, where nodes can be as large; else ask for "
            "less per worker, or for other node labels.",
            "warning",
            evidence,
        )
    if state == "ended" and reason == "Evicted":
        return Advice("pod.evicted", "A node was short of something and evicted its pods.",
                      "Ask for as much memory as workers use.", "warning", evidence)  # fmt: skip
    if name in seen.silent:
        return _about_silence(name, seen)
    if state == "pending":
        return Advice("pod.starting", "Pods are being started.", "", "note", evidence)
    return None


def _about_silence(name: str, seen: Seen) -> Advice:
    lines = [line for line in seen.logs.get(name, ()) if line.strip()]
    meaning = _meaning(lines)
    if meaning is not None:
        return Advice("pod.silent", f"A pod runs, and its worker has not connected. {meaning[0]}",
                      meaning[1], "error", tuple(lines[-EVIDENCE:]))  # fmt: skip
    return Advice(
        "pod.silent",
        "A pod runs, and its worker has not connected yet.",
        "If it does not come within a minute, see its log: %dask logs workers",
        "note",
        tuple(lines[-EVIDENCE:]),
    )


def _meaning(lines: list[str]) -> tuple[str, str] | None:
    """What a container has written means, and what to change: as said of pods, or of any worker."""
    for pattern, meaning, change in SIGNATURES:
        for line in reversed(lines):
            if found := re.search(pattern, line):
                return meaning.format(*(found.groups() or ("",))), change
    known = recognise(lines)
    return (known[0].message, known[0].hint) if known else None


def _about_crash(name: str, last: dict[str, Any], seen: Seen) -> Advice:
    lines = [line for line in seen.logs.get(name, ()) if line.strip()][-EVIDENCE:]
    lines += [str(last["message"])] if last.get("message") and not lines else []
    code = last.get("exitCode")
    message = "A container ends as soon as it starts" + (f" (exit code {code})." if code else ".")
    hint = "Its last lines say why."
    if (known := _meaning(lines)) is not None:
        return Advice("pod.crash", f"{message} {known[0]}", known[1], "error", tuple(lines))
    return Advice("pod.crash", message, hint, "error", tuple(lines))


def _together(findings: list[Advice]) -> list[Advice]:
    """One for each cause: pods of one group fail alike."""
    found: dict[tuple[str, str], Advice] = {}
    for one in findings:
        found.setdefault((one.code, one.message), one)
    return list(found.values())
