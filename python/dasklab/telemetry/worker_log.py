"""Transfers between workers, read where Dask logs them: in the worker that received.

Shipped by value to workers, which need not have dasklab: standard library only. A worker keeps its
last thousand transfers with sender, times and bytes, but tells nobody. What it heartbeats can be
added to, by a *metric* (Dask's word for it): ours sums the new entries by sender, so that no
message is sent for it, and a worker that received nothing says next to nothing.
"""

from __future__ import annotations

from collections import deque
from typing import Any

__all__ = ("METRIC", "Reader", "install", "uninstall")

METRIC = "dasklab_transfers_1"
"""What it is called among a worker's metrics."""

CHUNKS = 8
"""Heartbeats whose rows are repeated: the scheduler is asked less often than it hears of them."""

SENDERS = 30
"""Senders told apart in one heartbeat, by bytes; the rest are one row without a sender."""


class Reader:
    """Sums a worker's log of transfers, from one heartbeat to the next."""

    def __init__(self) -> None:
        self._last: Any = None
        self._done = 0
        self._number = 0
        self._count = 0
        self._nbytes = 0
        self._missed = 0
        self._chunks: deque[list[Any]] = deque()

    def __call__(self, worker: Any) -> dict[str, Any]:
        """What goes with a heartbeat: sums of all, and the newest chunks of rows.

        A row is sender, transfers, bytes, their seconds together, when the first began and the
        last ended (the scheduler's clock, as far as Dask knows it).
        """
        new, whole = self._new(worker.transfer_incoming_log)
        state = worker.state
        done = state.transfer_incoming_count_total - state.transfer_incoming_count
        if not whole:  # overwritten before it was read
            self._missed += max(done - self._done - len(new), 0)
        self._done = done
        self._number += 1
        if new:
            self._chunks.append([self._number, self._rows(new)])
        while self._chunks and self._chunks[0][0] <= self._number - CHUNKS:
            self._chunks.popleft()
        return {
            "number": self._number,
            "count": self._count,
            "nbytes": self._nbytes,
            "missed": self._missed,
            "chunks": list(self._chunks),
        }

    def _new(self, log: Any) -> tuple[list[dict[str, Any]], bool]:
        """The entries after the last one that was read, and whether that one is still there."""
        new: list[dict[str, Any]] = []
        whole = self._last is None
        for entry in reversed(log):
            if entry is self._last:
                whole = True
                break
            new.append(entry)
        if new:
            self._last = new[0]
        return new, whole

    def _rows(self, new: list[dict[str, Any]]) -> list[list[Any]]:
        sums: dict[str, list[Any]] = {}
        for entry in new:
            sender, start, stop = str(entry["who"]), float(entry["start"]), float(entry["stop"])
            nbytes = int(entry["total"])
            self._count += 1
            self._nbytes += nbytes
            row = sums.setdefault(sender, [sender, 0, 0, 0.0, start, stop])
            _add(row, 1, nbytes, max(stop - start, 0.0), start, stop)
        rows = sorted(sums.values(), key=lambda row: -row[2])
        if len(rows) > SENDERS:
            rest = ["", 0, 0, 0.0, rows[-1][4], rows[-1][5]]
            for row in rows[SENDERS:]:
                _add(rest, *row[1:])
            rows[SENDERS:] = [rest]
        return rows


def _add(row: list[Any], count: int, nbytes: int, busy: float, start: float, stop: float) -> None:
    row[1] += count
    row[2] += nbytes
    row[3] += busy
    row[4] = min(row[4], start)
    row[5] = max(row[5], stop)


def install(dask_worker: Any = None) -> None:
    """Have a worker tell of its transfers; run in the worker."""
    if METRIC not in dask_worker.metrics:
        dask_worker.metrics[METRIC] = Reader()


def uninstall(dask_worker: Any = None) -> None:
    """Have it no longer do so; run in the worker."""
    dask_worker.metrics.pop(METRIC, None)
