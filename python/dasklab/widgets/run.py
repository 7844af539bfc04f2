"""A run: what happened on a cluster from one moment to another. What pictures and figures are of.

Cut out of telemetry's tables, in plain lists; knows nothing of clusters, files or notebooks.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from typing import Any

from ..client.columns import Tables
from ..telemetry.sampling import interval
from .pending import Before, own_groups, own_progress
from .sums import LAST, Earlier, Row, Sum, merge, rows_of

__all__ = ("Row", "Run", "cut", "drop_before")


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
    others, elsewhere
        Rows that were left out, as they belong to another cell; seconds that threads spent on them.
    kinds
        What rows call kind.
    left_out
        Rows of the run that are not among ``rows``: the oldest.
    earlier
        What those come to, by prefix, as far as somebody has seen them.
    settled
        ``progress`` counts what has ended as well: rows need not, nor could they all.
    moved
        Bytes that workers have told of; ``None`` where they told nothing.
    transfers
        Columns of what workers sent each other in that time.
    events
        What happened to workers and tasks in that time.
    answers
        What the cluster said when it was asked, at the end: its ``graph`` and ``profile``.
    groups
        As ``progress``, by group: of those that the scheduler had not forgotten at the end.
    earlier_groups
        As ``earlier``, by group.
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
    elsewhere: float = 0.0
    kinds: list[dict[str, Any]] = field(default_factory=list)
    left_out: int = 0
    earlier: dict[str, Sum] = field(default_factory=dict)
    settled: bool = False
    moved: int | None = None
    transfers: dict[str, list[Any]] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    answers: dict[str, Any] = field(default_factory=dict)
    groups: dict[str, dict[str, Any]] = field(default_factory=dict)
    earlier_groups: dict[str, Sum] = field(default_factory=dict)

    @property
    def span(self) -> float:
        """Seconds, never nothing."""
        return max(self.until - self.since, 1e-3)

    @property
    def limit(self) -> float:
        """Bytes that the workers might use, at the most."""
        return max(self.cluster.get("limit", ()), default=0.0)


def cut(
    tables: Tables,
    since: float,
    until: float,
    cell: str | None = None,
    earlier: Earlier | None = None,
    before: Before | None = None,
) -> Run:
    """The run of a time.

    Parameters
    ----------
    cell
        Leave out all tasks but this cell's: those of other cells, and of programs that name none.
    earlier
        Rows of the run that the tables have no more.
    before
        What was pending before the cell gave any work.
    """
    kinds = tables.names["kinds"]
    foreign = {
        number for number, kind in enumerate(kinds) if cell is not None and kind.get("cell") != cell
    }
    samples = _samples(tables, since, until)
    run = Run(
        since,
        until,
        prefixes=[str(kind["prefix"]) for kind in kinds],
        lanes=tables.names["lanes"],
        people=tables.names["workers"],
        cluster=samples["cluster"],
        workers=samples["workers"],
        progress=dict(tables.progress),
        kinds=kinds,
        moved=_moved(tables, since, until, earlier),
        transfers=_transfers(tables, since, until),
        events=[event for event in tables.events if since <= event["time"] <= until],
        groups=dict(tables.groups),
    )
    mine: set[int] = set()
    theirs: dict[int, int] = {}
    for kind, found in ({} if earlier is None else earlier.kinds).items():
        if kind in foreign:
            run.others += found.rows
            run.elsewhere += sum(found.spent)
            theirs[kind] = found.tasks
        else:
            run.left_out += found.rows
            merge(run.earlier.setdefault(run.prefixes[kind], Sum()), found)
            if (group := kinds[kind].get("group")) is not None:
                merge(run.earlier_groups.setdefault(str(group), Sum()), found)
            mine.add(kind)
    for row in rows_of(tables.columns["tasks"]):
        if row[0] < until and row[0] + row[1] >= since:
            if row[4] in foreign:
                run.others += 1
                run.elsewhere += max(min(row[0] + row[1], until) - max(row[0], since), 0.0)
                theirs[row[4]] = theirs.get(row[4], 0) + bool(row[5] & LAST)
            else:
                run.rows.append(row)
    if cell is not None:
        mine |= {row[4] for row in run.rows}
        ended: dict[str, int] = {}
        for kind, count in theirs.items():
            name = str(kinds[kind].get("group"))
            ended[name] = ended.get(name, 0) + count
        own = {str(kinds[kind].get("group")) for kind in mine}
        run.progress = own_progress(tables.progress, tables.groups, before, own, ended)
        run.groups = own_groups(tables.groups, before, own, ended)
    return run


def _samples(tables: Tables, since: float, until: float) -> dict[str, dict[str, list[Any]]]:
    """Columns of ``cluster`` and ``workers``, of that time."""
    cluster, workers = tables.columns["cluster"], tables.columns["workers"]
    # From the last one before on: how it stood when it began.
    early = max((at for at in cluster["time"] if at < since), default=since)
    ours = [place for place, at in enumerate(cluster["time"]) if early <= at <= until]
    people = tables.names["workers"]
    heard = since - _said_within(cluster["workers"][ours[0]] if ours else len(people))
    left = {
        event.get("worker"): event["time"]
        for event in tables.events
        if event["kind"] == "worker-removed" and event["time"] < since
    }
    gone = [left.get(each["address"], heard) for each in people]
    theirs = [
        place
        for place, (at, worker) in enumerate(zip(workers["time"], workers["worker"], strict=True))
        if max(heard, gone[worker]) <= at <= until
    ]
    samples = {}
    for name, found, chosen in (("cluster", cluster, ours), ("workers", workers, theirs)):
        samples[name] = {key: [values[place] for place in chosen] for key, values in found.items()}
        samples[name]["time"] = [max(at, since) for at in samples[name]["time"]]
    return samples


def _said_within(workers: int) -> float:
    """Seconds in which each of so many workers has been heard of.

    A heartbeat, and a look at a scheduler where nothing runs, which are half as frequent.
    """
    return 3 * interval(workers) + 0.5


def _moved(tables: Tables, since: float, until: float, earlier: Earlier | None) -> int | None:
    """Bytes that workers have told of with their heartbeats; of the last moment they have not."""
    found = tables.columns["transfers"]
    pairs = zip(found["time"], found["nbytes"], strict=True)
    moved = sum(nbytes for at, nbytes in pairs if since <= at <= until)
    return int(moved + (earlier.moved if earlier is not None else 0)) or None


def _transfers(tables: Tables, since: float, until: float) -> dict[str, list[Any]]:
    found = tables.columns["transfers"]
    chosen = [place for place, at in enumerate(found["time"]) if since <= at <= until]
    return {key: [values[place] for place in chosen] for key, values in found.items()}


def drop_before(tables: Tables, most: int, earlier: Earlier | None = None) -> None:
    """Let go of the oldest rows beyond a number, so that a view that stays costs no memory.

    Parameters
    ----------
    earlier
        Adds them up.
    """
    for name, columns in tables.columns.items():
        limit = most if name == "tasks" else max(most // 10, 1_000)
        length = len(next(iter(columns.values())))
        if length > limit + limit // 2:
            count = length - limit
            if earlier is not None and name == "tasks":
                earlier.take_tasks(columns, count)
            elif earlier is not None and name == "transfers":
                earlier.take_transfers(columns, count)
            for values in columns.values():
                _shorten(values, count)
            if name == "tasks":
                tables.cursor = (tables.cursor or 0) + count
    del tables.events[: max(len(tables.events) - 1_000, 0)]


def _shorten(values: array[Any], count: int) -> None:
    del values[:count]
