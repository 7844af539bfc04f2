"""A run: what happened on a cluster from one moment to another. What pictures and figures are of.

Cut out of telemetry's tables, in plain lists; knows nothing of clusters, files or notebooks.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from typing import Any

from ..client.columns import Tables

__all__ = ("STATES", "Row", "Run", "cut", "drop_before", "standing")

HEARTBEAT = 2.0
"""Seconds in which every worker has said how it is."""

PENDING = ("processing", "queued", "no_worker", "waiting")
STATES = ("released", "memory", "erred", *PENDING)
"""Of tasks, in the order in which progress shows them."""

LAST, ERRED = 64, 16

Row = tuple[float, float, float, int, int, int]
"""Start (epoch s), duration, nbytes, lane, kind, what."""


@dataclass
class Run:
    """Some time of a cluster.

    Parameters
    ----------
    since, until
        Epoch seconds.
    rows
        Of ``tasks``, as far as they reach into the time.
    prefixes
        By kind.
    lanes, people
        What rows call lane and worker.
    cluster, workers
        Columns of the samples of that time.
    progress
        By prefix, as it was at the end.
    others
        Rows that were left out, as they belong to another cell.
    kinds
        What rows call kind.
    """

    since: float
    until: float
    rows: list[Row] = field(default_factory=list)
    prefixes: list[str] = field(default_factory=list)
    lanes: list[dict[str, Any]] = field(default_factory=list)
    people: list[dict[str, Any]] = field(default_factory=list)
    cluster: dict[str, list[Any]] = field(default_factory=dict)
    workers: dict[str, list[Any]] = field(default_factory=dict)
    progress: dict[str, dict[str, Any]] = field(default_factory=dict)
    others: int = 0
    kinds: list[dict[str, Any]] = field(default_factory=list)

    @property
    def span(self) -> float:
        """Seconds, never nothing."""
        return max(self.until - self.since, 1e-3)

    @property
    def limit(self) -> float:
        """Bytes that the workers might use, at the most."""
        return max(self.cluster.get("limit", ()), default=0.0)


def cut(tables: Tables, since: float, until: float, cell: str | None = None) -> Run:
    """The run of a time.

    Parameters
    ----------
    cell
        Leave out the tasks of other cells (of this notebook or another); those that nobody has
        named stay.
    """
    columns = tables.columns["tasks"]
    kinds = tables.names["kinds"]
    foreign = {
        number
        for number, kind in enumerate(kinds)
        if cell is not None and kind.get("cell") not in (None, cell)
    }
    rows: list[Row] = []
    others = 0
    for row in zip(
        *(columns[name] for name in ("start", "duration", "nbytes", "lane", "kind", "what")),
        strict=True,
    ):
        if row[0] < until and row[0] + row[1] >= since:
            if row[4] in foreign:
                others += 1
            else:
                rows.append(row)
    samples = {}
    for name in ("cluster", "workers"):
        found = tables.columns[name]
        # From the last one before on: how it stood when it began.
        early = [at for at in found["time"] if at < since]
        low = max(early) if early and name == "cluster" else since - HEARTBEAT
        chosen = [place for place, at in enumerate(found["time"]) if low <= at <= until]
        samples[name] = {key: [values[place] for place in chosen] for key, values in found.items()}
        samples[name]["time"] = [max(at, since) for at in samples[name]["time"]]
    return Run(
        since,
        until,
        rows,
        [str(kind["prefix"]) for kind in kinds],
        tables.names["lanes"],
        tables.names["workers"],
        samples["cluster"],
        samples["workers"],
        dict(tables.progress),
        others,
        kinds,
    )


def standing(run: Run) -> dict[str, dict[str, int]]:
    """Tasks by prefix and state. What has ended is counted in rows: schedulers forget it."""
    found: dict[str, dict[str, int]] = {}
    for row in run.rows:
        if row[5] & LAST:
            entry = found.setdefault(run.prefixes[row[4]], dict.fromkeys(STATES, 0))
            entry["erred" if row[5] & ERRED else "released"] += 1
    for name, states in run.progress.items():
        pending = {state: int(states.get(state) or 0) for state in PENDING}
        entry = found.setdefault(name, dict.fromkeys(STATES, 0))
        entry.update(pending)
        kept = min(int(states.get("memory") or 0), entry["released"])
        entry["memory"], entry["released"] = kept, entry["released"] - kept
    return {name: entry for name, entry in found.items() if sum(entry.values())}


def drop_before(tables: Tables, most: int) -> None:
    """Let go of the oldest rows beyond a number, so that a view that stays costs no memory."""
    for name, columns in tables.columns.items():
        limit = most if name == "tasks" else max(most // 10, 1_000)
        length = len(next(iter(columns.values())))
        if length > limit + limit // 2:
            for values in columns.values():
                _shorten(values, length - limit)
            if name == "tasks":
                tables.cursor = (tables.cursor or 0) + length - limit
    del tables.events[: max(len(tables.events) - 1_000, 0)]


def _shorten(values: array[Any], count: int) -> None:
    del values[:count]
