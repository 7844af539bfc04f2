"""Transfers between workers, in the scheduler: rows by pair and heartbeat, from what workers add.

Only workers that have received something are asked to tell of it (``worker_log``), once each. Goes
with ``collector``, by value: standard library, and no module of ours but those beside it.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from typing import Any

from .worker_log import METRIC

__all__ = ("KEPT", "PATIENCE", "Transfers")

KEPT = 20_000
"""Rows that are kept for whoever comes a little later."""

PATIENCE = 30.0
"""Seconds for a worker to answer: it may hold the GIL."""

LONGEST = 1e6
"""Seconds: what a worker says took longer has to do with its clock."""

AHEAD = 1.0
"""Seconds that a worker's clock may be ahead without being taken for wrong."""

Row = tuple[float, int, int, int, int, float, float]
"""Time, sender, receiver, count, nbytes, busy, span; see tables.py, which does not travel."""


class Transfers:
    """What workers tell of what they received.

    Parameters
    ----------
    install, uninstall
        Pickled functions for workers.
    """

    def __init__(self, scheduler: Any, install: bytes, uninstall: bytes) -> None:
        self._scheduler = scheduler
        self._install, self._uninstall = install, uninstall
        self.rows: deque[Row] = deque(maxlen=KEPT)
        self.told = 0
        """Rows that there were."""
        self._asked: dict[str, Any] = {}
        self._read: dict[Any, int] = {}
        self._sums: dict[Any, tuple[int, int, int]] = {}
        self._before = (0, 0, 0)
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def totals(self) -> dict[str, int]:
        """Of all workers that there were: transfers, their bytes, and those nobody could read."""
        sums = [self._before, *self._sums.values()]
        count, nbytes, missed = (sum(each[place] for each in sums) for place in range(3))
        return {"transfers": count, "transferred": nbytes, "transfers_missed": missed}

    def take(self, state: Any, number: Any) -> None:
        """Look at what came with a worker's heartbeat.

        Parameters
        ----------
        number
            Gives the number of a worker by its address.
        """
        metrics = state.metrics
        said = metrics.get(METRIC)
        if isinstance(said, dict):
            with contextlib.suppress(TypeError, ValueError):  # another dasklab's, or hostile
                self._take(state, said, number)
        elif _whole((metrics.get("transfer") or {}).get("incoming_count_total")):
            self._ask(state)

    def _take(self, state: Any, said: dict[str, Any], number: Any) -> None:
        who = (state.address, state.server_id)
        self._sums[who] = (
            _whole(said.get("count")),
            _whole(said.get("nbytes")),
            _whole(said.get("missed")),
        )
        now = time.time()
        for chunk, rows in said.get("chunks") or ():
            if chunk <= self._read.get(who, 0):
                continue
            self._read[who] = chunk
            for sender, count, nbytes, busy, start, stop in rows:
                pair = (number(sender), number(state.address))
                times = [min(max(seconds, 0.0), LONGEST) for seconds in (busy, stop - start)]
                at = float(stop) if 0 < stop <= now + AHEAD else now  # a clock may be wrong
                self.rows.append((at, *pair, _whole(count, 2**31), _whole(nbytes), *times))
                self.told += 1

    def new(self, since: int) -> list[Row]:
        """The rows from a number on, as far as they are kept."""
        missing = self.told - since
        return list(self.rows)[-missing:] if missing > 0 else []

    def forget(self, alive: Any) -> None:
        """Workers have left: what they moved stays in the sums."""
        for who in [who for who in self._sums if who[0] not in alive]:
            gone = self._sums.pop(who)
            self._before = tuple(map(sum, zip(self._before, gone, strict=True)))  # type: ignore[assignment]
            self._read.pop(who, None)
        for address in self._asked.keys() - alive.keys():
            del self._asked[address]

    # -- in the workers ----------------------------------------------------------------------
    def _ask(self, state: Any) -> None:
        if self._install and self._asked.get(state.address) is not state:
            self._asked[state.address] = state
            self._run(state.address, self._install)

    def _run(self, address: str, function: bytes) -> None:
        async def run() -> None:
            try:
                rpc = self._scheduler.rpc(address)
                await asyncio.wait_for(rpc.run(function=function), PATIENCE)
            except (OSError, asyncio.TimeoutError):
                pass  # it is about to leave, or busy: its transfers are not told

        task = asyncio.get_running_loop().create_task(run())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def restore(self) -> None:
        """Leave the workers as they were."""
        for address in self._asked:
            if address in self._scheduler.workers:
                self._run(address, self._uninstall)
        self._asked.clear()

    def close(self) -> None:
        """The scheduler ends, and its workers with it."""
        for task in self._tasks:
            task.cancel()


def _whole(value: Any, most: int = 2**53) -> int:
    return min(value, most) if isinstance(value, int) and value > 0 else 0
