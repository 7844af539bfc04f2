"""A computation that no cluster makes: counted by prefix, shown as :func:`dasklab.progress` is."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from typing import Any

from dask.utils import key_split

from .showing import View, choose_view
from .state import Tracker

__all__ = ("Computation",)

SOON = 0.4
"""Seconds before anything is shown: a loop of a thousand short computations shows nothing."""

GAP = 0.2
"""Seconds between two drawings."""


class Computation:
    """How far it is, and its picture.

    Parameters
    ----------
    shell
        IPython's shell.
    state
        What Dask's ``start_state`` callback is given.
    """

    def __init__(self, shell: Any, state: Mapping[str, Any]) -> None:
        now = time.monotonic()
        self._shell = shell
        keys = [*state["ready"], *state["waiting"]]
        self._total = Counter(key_split(key) for key in keys)
        self._order = list(dict.fromkeys(key_split(key) for key in reversed(keys)))
        self._done: Counter[str] = Counter()
        self._spent: Counter[str] = Counter()
        self._tracker = Tracker(now)
        self._view: View | None = None
        self._next = now + SOON

    def ended(self, key: Any, seconds: float) -> None:
        """A task has ended after so long."""
        name = key_split(key)
        self._done[name] += 1
        self._spent[name] += seconds  # type: ignore[assignment]
        self._draw()

    def so_far(self, counts: Mapping[str, tuple[int, float]]) -> None:
        """By prefix: how many tasks have ended, and the seconds that they took together."""
        for name, (done, seconds) in counts.items():
            self._done[name] = min(done, self._total[name])
            self._spent[name] = seconds  # type: ignore[assignment]
        self._draw()

    def _draw(self) -> None:
        now = time.monotonic()
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
        if not errored:
            self._done = Counter(self._total)  # also what never was a task of its own
        state = self._tracker.read(self._message(), now)
        self._shown().close(self._tracker.close("failed", now) if errored else state)
