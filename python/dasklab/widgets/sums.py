"""What rows of tasks come to, by kind: also those of a run that are kept no more."""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

__all__ = ("Earlier", "Row", "Sum", "add_up", "merge", "not_seen", "rows_of")

LAST, ERRED, RETRIED = 64, 16, 32
COMPUTE, TRANSFER, DISK = 0, 1, (2, 3)
ACTIONS = 6

Row = tuple[float, float, float, int, int, int]
"""Start (epoch s), duration, nbytes, lane, kind, what."""


@dataclass
class Sum:
    """What some rows come to; ``spent`` in seconds, by action."""

    rows: int = 0
    tasks: int = 0
    failed: int = 0
    retries: int = 0
    nbytes: float = 0.0
    spent: list[float] = field(default_factory=lambda: [0.0] * ACTIONS)


def add_up(rows: Iterable[Row], since: float, until: float, into: dict[int, Sum]) -> None:
    """Add rows to the sums of their kinds; of their time, what lies between two moments."""
    for start, took, nbytes, _, kind, what in rows:
        found = into.get(kind)
        if found is None:
            found = into[kind] = Sum()
        inside = min(start + took, until) - max(start, since)
        if inside > 0:
            found.spent[min(what & 15, 5)] += inside
        found.rows += 1
        found.nbytes += nbytes
        if what & LAST:
            found.tasks += 1
            found.failed += bool(what & ERRED)
            found.retries += bool(what & RETRIED)


def merge(into: Sum, other: Sum) -> None:
    """Add one sum to another."""
    into.rows += other.rows
    into.tasks += other.tasks
    into.failed += other.failed
    into.retries += other.retries
    into.nbytes += other.nbytes
    into.spent = [one + more for one, more in zip(into.spent, other.spent, strict=True)]


def not_seen(totals: dict[str, Any], seen: Iterable[Sum]) -> Sum:
    """What a cluster's exact totals have beyond the rows that could still be read."""
    known = Sum()
    for found in seen:
        merge(known, found)
    spent = known.spent

    def beyond(name: str, count: float) -> float:
        return max(float(totals.get(name) or 0) - count, 0.0)

    return Sum(
        tasks=int(beyond("tasks", known.tasks)),
        failed=int(beyond("erred", known.failed)),
        retries=int(beyond("retried", known.retries)),
        nbytes=beyond("nbytes", known.nbytes),
        spent=[
            beyond("compute", spent[0]),
            beyond("transfer", spent[1]),
            beyond("disk", spent[2] + spent[3]),
            0.0,
            beyond("deserialize", spent[4]),
            beyond("other", spent[5]),
        ],
    )


def rows_of(columns: dict[str, Any], count: int | None = None) -> Iterable[Row]:
    """The rows of ``tasks``, or the first of them."""
    names = ("start", "duration", "nbytes", "lane", "kind", "what")
    parts: list[array[Any]] = [columns[name] for name in names]
    return zip(*(part if count is None else part[:count] for part in parts), strict=True)


class Earlier:
    """Rows that tables have let go of, as sums.

    Parameters
    ----------
    since
        The run's beginning, in epoch seconds: what had ended by then is no part of it. ``None``
        where there is none: of a window that moves nothing can be taken off again.
    """

    def __init__(self, since: Callable[[], float] | None) -> None:
        self._since = since
        self.kinds: dict[int, Sum] = {}
        self.moved = 0.0
        """Bytes of transfers."""
        self.first, self.last = math.inf, -math.inf
        """When the first of them began, and the last one ended."""

    def take_tasks(self, columns: dict[str, Any], count: int) -> None:
        """Add the first rows, which are about to be dropped."""
        rows = list(rows_of(columns, count))
        self.first = min([self.first, *(row[0] for row in rows)])
        self.last = max([self.last, *(row[0] + row[1] for row in rows)])
        if self._since is not None:
            since = self._since()
            add_up((row for row in rows if row[0] + row[1] >= since), since, math.inf, self.kinds)

    def take_transfers(self, columns: dict[str, Any], count: int) -> None:
        """The same of ``transfers``."""
        if self._since is not None:
            since = self._since()
            pairs = zip(columns["time"][:count], columns["nbytes"][:count], strict=True)
            self.moved += sum(nbytes for at, nbytes in pairs if at >= since)
