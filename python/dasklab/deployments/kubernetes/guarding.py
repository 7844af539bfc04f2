"""Keeps containers that end at once from being started for ever.

Kubernetes starts them again with a growing pause and never gives up, while nodes are paid for and
the scheduler's log fills. Plain logic: pods in, names of Deployments out.
"""

from __future__ import annotations

import time
from typing import Any

from ...model.explanation import Advice
from .._guard import QUICK, Guard
from .explaining import Seen, container_of, group_of, owner_of, seconds, state_of
from .pool import DEFAULT

__all__ = ("LIMIT", "Guards")

LIMIT = 5
"""Quick ends of a group's containers after which it is no accident."""


class Guards:
    """One :class:`~.._guard.Guard` for each group of pods."""

    def __init__(self) -> None:
        self._guards: dict[str, Guard] = {}
        self._before: dict[str, int] = {}  # restarts of a pod that do not count: it has lived since

    def again(self) -> None:
        """The user has asked for workers: it is tried again."""
        self._guards.clear()

    def closed(self, group: str) -> bool:
        """Whether no more pods of a group are to be started."""
        return group in self._guards and self._guards[group].closed

    def look(self, seen: Seen) -> dict[str, list[str]]:
        """Deployments, by group, whose containers have ended at once too often by now."""
        ends: dict[str, dict[str, int]] = {}
        for pod in seen.pods:
            name, group = pod["metadata"]["name"], group_of(pod) or DEFAULT
            count = self._quick_ends(pod)
            if count and state_of(pod)[0] != "ended":
                ends.setdefault(group, {})[name] = count
        waiting = {p["metadata"]["name"]: p for p in seen.pods if state_of(p)[0] == "pending"}
        dying: dict[str, list[str]] = {}
        for group, pods in ends.items():
            if sum(pods.values()) < LIMIT and not self.closed(group):
                continue
            guard = self._guards.setdefault(group, Guard(LIMIT, "containers", "started"))
            for name in pods.keys() & waiting.keys():  # those that run may be about to live
                guard.died([f"of the pod {name}"] * pods[name], seen.logs.get(name, ()))
                dying.setdefault(group, []).append(owner_of(waiting[name]))
        return dying

    def _quick_ends(self, pod: dict[str, Any]) -> int:
        """How often its container has ended in a row, each time soon after its start."""
        name, container = pod["metadata"]["name"], container_of(pod)
        restarts = int(container.get("restartCount") or 0)
        last = container.get("lastState", {}).get("terminated") or {}
        begun, ended = seconds(last.get("startedAt")), seconds(last.get("finishedAt"))
        since = seconds(container.get("state", {}).get("running", {}).get("startedAt"))
        lived = begun is not None and ended is not None and ended - begun >= QUICK
        if lived or (since is not None and time.time() - since >= QUICK):
            self._before[name] = restarts
        return restarts - self._before.get(name, 0)

    def advice(self) -> list[Advice]:
        """What to say while groups are closed."""
        return [one for guard in self._guards.values() for one in guard.advice("%dask scale N")]
