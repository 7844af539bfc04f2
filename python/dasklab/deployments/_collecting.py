"""Asking a cluster's scheduler for telemetry, wherever it runs, on the cluster's own loop."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from ..telemetry.shipping import ask_elsewhere, ask_here

if TYPE_CHECKING:
    from ._cluster import ClusterDeployment

__all__ = ("collect",)


async def collect(deployment: ClusterDeployment, since: dict[str, Any] | None) -> dict[str, Any]:
    """What is new since an earlier answer."""
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
