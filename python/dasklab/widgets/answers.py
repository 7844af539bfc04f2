"""What a cluster tells only when it is asked: the task graph and the profile, for pictures.

Asked in the background while plots move, and once more when they stand still; what was said last
stays with the picture and its recording when the cluster has gone.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Any

from ..client import AsyncCluster
from ..errors import DasklabError
from ..telemetry.task_graph import STATES
from .pictures import ASKED
from .run import Run
from .standing import group_names
from .watching import background_loop

__all__ = ("Answers", "ask_once", "read_answers")

PAUSE = 3.0
"""Seconds between two looks while plots move: for a profile the scheduler asks all workers."""

PATIENCE = 10.0
"""Seconds for both answers, where somebody waits for them."""


class Answers:
    """The newest answers of a cluster.

    Parameters
    ----------
    names
        Plots; those that need no answer count for nothing.
    """

    def __init__(self, cluster: AsyncCluster, names: Iterable[str]) -> None:
        self.found: dict[str, Any] = {}
        self._cluster = cluster
        self._names = [name for name in ASKED if name in names]
        self._began = self._ended = 0.0 if self._names else float("inf")
        self._task: Future[None] | None = None

    def newer_than(self, moment: float) -> bool:
        """Whether all that is needed was asked for after a moment (``time.monotonic``)."""
        return self._ended > moment and self._began > moment

    def ask(self, since: float, *, timeout: float | None = None) -> None:
        """Ask, unless that is under way or was done just now.

        Parameters
        ----------
        since
            From when on tasks' profile is wanted (epoch s).
        timeout
            Wait so many seconds for the answer.
        """
        if self._task is None or self._task.done():
            if time.monotonic() - self._ended < PAUSE or not self._names:
                return
            self._began = time.monotonic()
            self._task = asyncio.run_coroutine_threadsafe(self._ask(since), background_loop())
        if timeout is not None:
            with contextlib.suppress(FutureTimeout):
                self._task.result(timeout)

    async def _ask(self, since: float) -> None:
        # Who has ended or cannot say leaves what was said last; a picture tells if that is nothing.
        if "graph" in self._names:
            with contextlib.suppress(DasklabError, OSError):
                await self._ask_graph()
        if "profile" in self._names:
            with contextlib.suppress(DasklabError, OSError):
                self.found["profile"] = await self._cluster.telemetry.profile(since)
        self._ended = time.monotonic()

    async def _ask_graph(self) -> None:
        before = self.found.get("graph") or {}
        graph = await self._cluster.telemetry.graph(before.get("id"))
        if graph["nodes"] is None:
            graph.update(nodes=before["nodes"], edges=before["edges"])
        # What is forgotten when all is done is what somebody wants to see afterwards.
        if graph["nodes"] or not before:
            self.found["graph"] = graph


def ask_once(cluster: AsyncCluster, run: Run) -> dict[str, Any]:
    """What the cluster says of a run that has just ended, for a recording or a page.

    A scheduler has the graph of the computation begun last: of another run it would tell nothing.
    """
    answers = Answers(cluster, ASKED)
    answers.ask(run.since, timeout=PATIENCE)
    found = dict(answers.found)
    own = {*group_names(run), *run.groups}
    if not any(node["group"] in own for node in found.get("graph", {}).get("nodes") or ()):
        found.pop("graph", None)
    return found


def read_answers(value: Any) -> dict[str, Any]:
    """Answers of a recording, which anybody may have made: what cannot be drawn is left out."""
    found = value if isinstance(value, dict) else {}
    good = {}
    for name, fits in (("graph", _is_graph), ("profile", _is_profile)):
        with contextlib.suppress(KeyError, TypeError, ValueError, AttributeError):
            if fits(found[name]):
                good[name] = found[name]
    return good


def _is_graph(answer: dict[str, Any]) -> bool:
    nodes, edges = answer["nodes"], answer["edges"]
    count, states, counts = len(nodes), answer["states"], answer["counts"]
    standing = (
        len(counts) == count and all(_numbers(each, len(STATES)) for each in counts)
        if states is None
        else len(states) == count and all(0 <= int(digit) < len(STATES) for digit in states)
    )
    return (
        standing
        and answer["kind"] in ("tasks", "groups")
        and isinstance(answer["tasks"], int)
        and all(isinstance(node["prefix"], str) for node in nodes)
        and len(edges) % 2 == 0
        and all(isinstance(end, int) and 0 <= end < count for end in edges)
    )


def _numbers(values: list[Any], count: int) -> bool:
    return len(values) == count and all(isinstance(each, int) and each >= 0 for each in values)


def _is_profile(answer: dict[str, Any]) -> bool:
    nodes = answer["nodes"]
    return (
        isinstance(answer["samples"], int)
        and 0 <= answer.get("interval", 0) < float("inf")
        and all(
            isinstance(node["parent"], int)
            and -1 <= node["parent"] < place
            and isinstance(node["name"], str)
            and isinstance(node["samples"], int)
            and node["samples"] >= 0
            for place, node in enumerate(nodes)
        )
    )
