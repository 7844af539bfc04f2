"""What telemetry keeps, for notebooks and scripts: the asynchronous API, waited for."""

from __future__ import annotations

from typing import Any

from .loop import LOOP
from .telemetry import AsyncTelemetry, Moment

__all__ = ("Telemetry",)


class Telemetry:
    """What ran on a cluster and what it used: DataFrames where pandas is, else columns.

    Three are no tables but dicts: :meth:`totals` (numbers by name), :meth:`profile` (a tree) and
    :meth:`graph` (nodes and edges). Get it from :attr:`Cluster.telemetry`. Times that are asked for
    are epoch seconds, a ``datetime``, or how long ago (``"60s"``); see
    :class:`dasklab.client.telemetry.AsyncTelemetry` for the columns.
    """

    def __init__(self, telemetry: AsyncTelemetry) -> None:
        self._telemetry = telemetry

    def tasks(
        self,
        since: Moment = None,
        until: Moment = None,
        *,
        keys: bool = False,
        width: int | None = None,
    ) -> Any:
        """What finished tasks spent their time on; with ``keys`` also their keys.

        With ``width`` only as finely as so many pixels can show.
        """
        return LOOP.run(self._telemetry.tasks(since, until, keys=keys, width=width))

    def workers(self, since: Moment = None, until: Moment = None) -> Any:
        """What each worker used, a row for each sample."""
        return LOOP.run(self._telemetry.workers(since, until))

    def cluster(self, since: Moment = None, until: Moment = None) -> Any:
        """Numbers of tasks by state, and what all workers used together."""
        return LOOP.run(self._telemetry.cluster(since, until))

    def transfers(self, since: Moment = None, until: Moment = None) -> Any:
        """What workers received from each other: a row for each pair and heartbeat."""
        return LOOP.run(self._telemetry.transfers(since, until))

    def memory(self, since: Moment = None, until: Moment = None) -> Any:
        """The cluster's memory over time, in bytes."""
        return LOOP.run(self._telemetry.memory(since, until))

    def profile(
        self, since: Moment = None, until: Moment = None, prefix: str | None = None
    ) -> dict[str, Any]:
        """Where tasks spent their time: a tree of calls, as Dask's workers have seen it."""
        return LOOP.run(self._telemetry.profile(since, until, prefix))

    def graph(self, known: str | None = None) -> dict[str, Any]:
        """The task graph of the current computation, with the states that tasks are in now."""
        return LOOP.run(self._telemetry.graph(known))

    def events(self) -> Any:
        """What happened: workers that came and left, failures, restarts, scaling."""
        return LOOP.run(self._telemetry.events())

    def totals(self) -> dict[str, Any]:
        """Exact sums over the cluster's life."""
        return LOOP.run(self._telemetry.totals())

    def progress(self, by: str = "prefix") -> Any:
        """How many tasks of each prefix, or of each ``"group"``, are in which state."""
        return LOOP.run(self._telemetry.progress(by))
