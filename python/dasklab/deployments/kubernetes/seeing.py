"""Asking Kubernetes how the pods of a cluster are, and what became of its scheduler."""

from __future__ import annotations

import time
from collections.abc import Collection

from ...errors import DasklabError, StartFailed
from ...model.explanation import Advice
from .api import OPERATOR, Api
from .explaining import Seen, crashed, explain, is_ready, silent, state_of

__all__ = ("Waiting", "see")

LINES = 40
"""Lines of a crashed container's log that are looked through."""

WORKERLESS = 20.0
"""Seconds that a pod may run until its worker has connected, before its log is looked through."""

SILENT = 20.0
"""Seconds after which an operator that has made nothing is not there: it takes about one."""

HOPELESS = 4
"""Looks, half a second apart, at which a scheduler must have failed: one back-off may pass."""


async def see(api: Api, cluster: str, part: str, arrived: Collection[str] | None = None) -> Seen:
    """Pods of a cluster's ``part``, and what tells why some do not run.

    Parameters
    ----------
    arrived
        Deployments of workers that are connected, where that is known: of the others it is said
        what their pods write.
    """
    pods = await api.of("Pod", cluster, part)
    deployments = await api.of("Deployment", cluster, part)
    logs: dict[str, list[str]] = {}
    for name in crashed(pods):
        logs[name] = await api.logs(name, LINES) or await api.logs(name, LINES, previous=True)
    late = [] if arrived is None else silent(pods, arrived, time.time() - WORKERLESS)
    for name in late:
        logs[name] = await api.logs(name, LINES)
    try:
        events = await api.find("Event") if any(state_of(p)[0] == "pending" for p in pods) else []
    except DasklabError:  # the right to read events is often not given; states say most of it
        events = []
    return Seen(pods, deployments, events, logs, tuple(late))


class Waiting:
    """The wait for a scheduler's pod, look by look."""

    def __init__(self, api: Api, cluster: str, kind: str = "DaskCluster") -> None:
        self._kind = kind  # of what the scheduler is made for
        self._api = api
        self._cluster = cluster
        self._since = time.monotonic()
        self._failing = 0

    async def look(self) -> tuple[bool, str]:
        """Whether the scheduler is ready, and what is waited for, in a sentence.

        Raises
        ------
        StartFailed
            It will never be: with the reason.
        """
        pods = await self._api.of("Pod", self._cluster, "scheduler")
        if any(is_ready(pod) for pod in pods):
            return True, ""
        found = explain(await see(self._api, self._cluster, "scheduler"))
        worst = next(iter(found.advice), None)
        if worst is None and not pods:
            return False, await self.nothing()
        if worst is None:
            return False, "The scheduler starts"
        self._failing = self._failing + 1 if worst.severity == "error" else 0
        if self._failing >= HOPELESS:
            raise self._failed(worst)
        return False, worst.message.rstrip(".")

    @property
    def long(self) -> bool:
        """Whether somebody who had work to do would have begun by now."""
        return time.monotonic() - self._since > SILENT

    async def nothing(self) -> str:
        """What is waited for while there is no pod yet, or why none will come."""
        if await self._api.get(self._kind, self._cluster) is None:
            raise StartFailed(f"Somebody has deleted the {self._kind}.", "Start it again.")
        if self.long:
            raise StartFailed(
                f"The Dask operator has done nothing with {self._cluster} for {SILENT:g} seconds.",
                f"It does not run, or not for this namespace. {OPERATOR}",
            )
        return "The operator makes the scheduler"

    @staticmethod
    def _failed(worst: Advice) -> StartFailed:
        details = {"evidence": list(worst.evidence)}
        last = f" {worst.evidence[-1]}" if worst.evidence else ""
        return StartFailed(f"The scheduler cannot start: {worst.message}{last}", worst.hint,
                           details=details)  # fmt: skip
