"""Asking a cluster's scheduler for telemetry, wherever it runs, on the cluster's own loop."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from ..errors import Unsupported

if TYPE_CHECKING:
    from ._cluster import ClusterDeployment

__all__ = ("collect", "graph", "news", "profile")


async def collect(deployment: ClusterDeployment, since: dict[str, Any] | None) -> dict[str, Any]:
    """What is new since an earlier answer."""
    # Not at the top: deployments are also asked what is missing where there is no distributed.
    from ..telemetry.shipping import ask_elsewhere, ask_here

    scheduler = deployment.scheduler
    if scheduler is not None:
        answer = await ask_here(scheduler, since)
    else:
        answer = await ask_elsewhere(deployment.cluster.scheduler_comm, since)
    seen = float((since or {}).get("decided", time.time()))
    decisions = _decisions(deployment.cluster, seen)
    answer["events"] = [*answer["events"], *decisions]
    answer["next"]["decided"] = max([seen, *(event["time"] for event in decisions)])
    return answer


def news(deployment: ClusterDeployment, since: dict[str, Any] | None) -> bool:
    """Whether it is worth asking; a scheduler elsewhere is asked to find out."""
    from ..telemetry.collector import PLUGIN

    scheduler = deployment.scheduler
    collector = scheduler.plugins.get(PLUGIN) if scheduler is not None else None
    return collector is None or bool(collector.news(since))


async def profile(
    deployment: ClusterDeployment, since: float | None, until: float | None, prefix: str | None
) -> dict[str, Any]:
    """The call tree of what workers saw their tasks do."""
    scheduler = deployment.scheduler
    which = {"start": since, "stop": until, "key": prefix}
    if scheduler is not None:
        found = await scheduler.get_profile(**which)
    else:
        found = await deployment.cluster.scheduler_comm.profile(**which)
    return dict(found)


async def graph(deployment: ClusterDeployment, known: str | None) -> dict[str, Any]:
    """The task graph of the current computation.

    Raises
    ------
    Unsupported
        The collector is not in that scheduler.
    """
    from ..telemetry.collector import GRAPH
    from ..telemetry.task_graph import task_graph

    scheduler = deployment.scheduler
    if scheduler is not None:
        return task_graph(scheduler, known)
    answer = await getattr(deployment.cluster.scheduler_comm, GRAPH)(known=known)
    if not isinstance(answer, dict):
        raise Unsupported(
            "The scheduler tells no task graph.",
            "Telemetry has to run there: see its events, and dasklab.telemetry.enabled.",
        )
    return answer


def _decisions(cluster: Any, seen: float) -> list[dict[str, Any]]:
    """What adaptive scaling decided since."""
    found = []
    for entry in reversed(getattr(getattr(cluster, "_adaptive", None), "log", ())):
        when, decision = entry
        if when <= seen:
            break
        status = decision.get("status")
        if status == "up":
            text = f"By load: up to {decision.get('n')} workers."
        elif status == "down":
            text = f"By load: {len(decision.get('workers', ()))} workers fewer."
        else:
            continue
        found.append({"time": float(when), "kind": "scale", "text": text})
    return found[::-1]
