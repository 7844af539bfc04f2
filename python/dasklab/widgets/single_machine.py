"""Progress of Dask's single-machine schedulers, through Dask's own callbacks.

The same picture as :func:`dasklab.progress`: what is computed is counted by prefix, as it ends.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from typing import Any

from dask.callbacks import Callback
from dask.utils import key_split

from .showing import View, choose_view
from .state import Tracker

__all__ = ("SingleMachineProgress",)

SOON = 0.4
"""Seconds before anything is shown: a loop of a thousand short computations shows nothing."""

GAP = 0.2
"""Seconds between two drawings."""


class SingleMachineProgress(Callback):  # type: ignore[misc]
    """Shows each computation that takes a while; register it with Dask, and unregister it.

    Parameters
    ----------
    shell
        IPython's shell.
    """

    def __init__(self, shell: Any) -> None:
        super().__init__()
        self._shell = shell
        self._lock = threading.Lock()
        self._run: _Run | None = None

    def _of(self, state: Any) -> _Run | None:
        run = self._run
        return run if run is not None and run.state is state else None

    def _start_state(self, dsk: Any, state: Any) -> None:
        with self._lock:
            if self._run is None:  # else one that a task of it has started
                self._run = _Run(self._shell, state)

    def _pretask(self, key: Any, dsk: Any, state: Any) -> None:
        if run := self._of(state):
            run.began[key] = time.monotonic()

    def _posttask(self, key: Any, result: Any, dsk: Any, state: Any, worker_id: Any) -> None:
        if run := self._of(state):
            run.ended(key)

    def _finish(self, dsk: Any, state: Any, errored: bool) -> None:
        if run := self._of(state):
            run.close(errored)
            self._run = None


class _Run:
    """One computation."""

    def __init__(self, shell: Any, state: Any) -> None:
        now = time.monotonic()
        self.state = state
        self.began: dict[Any, float] = {}
        self._shell = shell
        keys = [*state["ready"], *state["waiting"]]
        self._total = Counter(key_split(key) for key in keys)
        self._order = list(dict.fromkeys(key_split(key) for key in reversed(keys)))
        self._done: Counter[str] = Counter()
        self._spent: Counter[str] = Counter()
        self._tracker = Tracker(now)
        self._view: View | None = None
        self._next = now + SOON

    def ended(self, key: Any) -> None:
        """A task has ended."""
        now = time.monotonic()
        name = key_split(key)
        self._done[name] += 1
        self._spent[name] += now - self.began.pop(key, now)  # type: ignore[assignment]
        if now >= self._next:
            self._next = now + GAP
            self._shown().draw(self._tracker.read(self._message(), now))

    def _shown(self) -> View:
        if self._view is None:
            self._view = choose_view(self._shell)
        return self._view

    def _message(self) -> dict[str, Any]:
        """As a scheduler's feed says it (:mod:`dasklab.telemetry.progress_feed`)."""
        rows = []
        for name in self._order:
            done = self._done[name]
            average = self._spent[name] / done if done else -1.0
            rows.append([name, self._total[name], done, 0, 0, 0, 0, average, 0])
        left = sum(self._total.values()) - sum(self._done.values())
        return {"groups": rows, "missing": 0, "left": left, "error": None}

    def close(self, errored: bool) -> None:
        """It is over; shown to the end if it took long enough to be seen at all."""
        now = time.monotonic()
        if self._view is None and now < self._next:
            return
        state = self._tracker.read(self._message(), now)
        self._shown().close(self._tracker.close("failed", now) if errored else state)
