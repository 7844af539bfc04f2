"""The tables of telemetry: their columns, in the order in which they travel, and their units.

The one place that both ends agree on: frames carry no types. A column added, moved or changed is a
new :data:`VERSION`. Standard library only, as everything here: the code runs inside hosts and
schedulers.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from dataclasses import dataclass

__all__ = (
    "ACTIONS",
    "CLUSTER",
    "ERRED",
    "LAST",
    "RETRIED",
    "STATUSES",
    "TABLES",
    "TASKS",
    "TRANSFERS",
    "VERSION",
    "WORKERS",
    "Column",
    "Table",
)

VERSION = 1
"""Of the wire format: the columns below and the header of a frame."""

ACTIONS = ("compute", "transfer", "disk-read", "disk-write", "deserialize", "other")
"""What a row of ``tasks`` spent its time on: the low four bits of ``what``, as Dask names them."""

ERRED = 16
"""Bit of ``what``: the task failed."""

RETRIED = 32
"""Bit of ``what``: it had been on a worker before, without a result."""

LAST = 64
"""Bit of ``what``: the last row of its task; as many rows have it as tasks have ended."""

STATUSES = ("running", "paused", "closing", "other")
"""What ``status`` of a row of ``workers`` means."""


@dataclass(frozen=True)
class Column:
    """One column.

    Parameters
    ----------
    code
        Of :class:`array.array`, with little-endian bytes on the wire: ``f`` and ``d`` are floats
        of 4 and 8 bytes, ``B``, ``H`` and ``I`` whole numbers from 0 of 1, 2 and 4.
    unit
        ``s``, ``B``, ``B/s``, ``cores``, ``epoch s``, an index (``# lanes``), or nothing.
    """

    name: str
    code: str
    unit: str = ""

    @property
    def size(self) -> int:
        """Bytes of a value."""
        return array(self.code).itemsize


@dataclass(frozen=True)
class Table:
    """One table."""

    name: str
    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Of the columns, in order."""
        return tuple(column.name for column in self.columns)

    @property
    def width(self) -> int:
        """Bytes of a row on the wire."""
        return sum(column.size for column in self.columns)


TASKS = Table(
    "tasks",
    (
        Column("start", "f", "s"),  # after the frame's base, which is in epoch seconds
        Column("duration", "f", "s"),
        Column("nbytes", "f", "B"),  # of the result, with the row that computed it
        Column("lane", "H", "# lanes"),
        Column("kind", "H", "# kinds"),
        Column("what", "B"),
    ),
)
"""One row for each thing that a finished task spent time on: its transfers, its computation, …"""

WORKERS = Table(
    "workers",
    (
        Column("time", "d", "epoch s"),
        Column("worker", "H", "# workers"),
        Column("process", "f", "B"),
        Column("managed", "f", "B"),
        Column("unmanaged_recent", "f", "B"),
        Column("spilled", "f", "B"),
        Column("cpu", "f", "cores"),
        Column("read", "f", "B/s"),
        Column("write", "f", "B/s"),
        Column("disk_read", "f", "B/s"),
        Column("disk_write", "f", "B/s"),
        Column("lag", "f", "s"),
        Column("gil", "f"),  # share of time that is waited for it; NaN where it is not measured
        Column("executing", "H"),
        Column("ready", "H"),
        Column("status", "B"),
    ),
)
"""One row for each worker and sample, of what its last heartbeat said."""

CLUSTER = Table(
    "cluster",
    (
        Column("time", "d", "epoch s"),
        Column("processing", "I"),
        Column("waiting", "I"),
        Column("queued", "I"),
        Column("no_worker", "I"),
        Column("memory", "I"),
        Column("erred", "I"),
        Column("occupancy", "f", "s"),
        Column("workers", "H"),
        Column("threads", "H"),
        Column("used", "d", "B"),
        Column("limit", "d", "B"),
        Column("managed", "d", "B"),
        Column("unmanaged", "d", "B"),
        Column("spilled", "d", "B"),
        Column("cpu", "f", "cores"),
        Column("lag", "f", "s"),
    ),
)
"""One row for each sample: numbers of tasks by state, and sums over the workers."""

TRANSFERS = Table(
    "transfers",
    (
        Column("time", "d", "epoch s"),  # when the last of them had come
        Column("sender", "H", "# workers"),
        Column("receiver", "H", "# workers"),
        Column("count", "I"),
        Column("nbytes", "f", "B"),
        Column("busy", "f", "s"),  # of all of them together: nbytes / busy is what one had
        Column("span", "f", "s"),  # from the first one's beginning to the last one's end
    ),
)
"""One row for each pair of workers and heartbeat of the receiver in which something was moved."""

TABLES: Mapping[str, Table] = {table.name: table for table in (TASKS, WORKERS, CLUSTER, TRANSFERS)}
