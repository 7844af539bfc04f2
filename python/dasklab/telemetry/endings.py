"""Hearing of every task that leaves a worker, once, at the place where a scheduler does it.

A plugin's ``transition`` is called for each of a task's six transitions, of which one says how it
ended. A scheduler does its transitions by a table: here the ones from ``processing`` are done by
the same functions, with a look at what they did, in a table of this one scheduler. So whatever
ends a task is seen, and nothing else: results, failures, workers that die, work that is stolen or
released. Where there is no such table (it is no documented part of Dask), ``transition`` hears of
it, as ever.

Goes with ``collector``, by value: standard library only.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

__all__ = ("Endings",)

logger = logging.getLogger(__name__)

TABLE = "_TRANSITIONS_TABLE"
FROM = "processing"
TO = ("memory", "erred", "released")


class _Table(dict[Any, Any]):
    """A scheduler's table with some of it overheard."""

    look: Callable[[], None]


class Endings:
    """What a scheduler does to tasks that were on a worker, overheard.

    Parameters
    ----------
    wanted
        Whether anybody still wants to hear.
    forsaken
        Called when nobody does any more: to :meth:`end`.
    heard
        Given the task, its state now, and what the worker said.
    """

    def __init__(
        self,
        scheduler: Any,
        wanted: Callable[[], bool],
        heard: Callable[[Any, str, dict[str, Any]], None],
        forsaken: Callable[[], None],
    ) -> None:
        self._scheduler = scheduler
        self._wanted, self._heard, self._forsaken = wanted, heard, forsaken
        self._failed = False
        self._before: Any = None
        self._ours: _Table | None = None

    def begin(self) -> bool:
        """Begin; whether that is possible here."""
        earlier = getattr(vars(self._scheduler).get(TABLE), "look", None)
        if callable(earlier):
            earlier()  # of a collector that was taken out, before any task has ended since
        table = getattr(self._scheduler, TABLE, None)
        ways = [(FROM, finish) for finish in TO]
        if not isinstance(table, Mapping) or not all(callable(table.get(way)) for way in ways):
            return False
        self._before = vars(self._scheduler).get(TABLE)
        self._ours = _Table(table)
        self._ours.update({way: self._overheard(table[way]) for way in ways})
        self._ours.look = self._look
        setattr(self._scheduler, TABLE, self._ours)
        return True

    def end(self) -> None:
        """Give the scheduler its table back."""
        if self._ours is not None and vars(self._scheduler).get(TABLE) is self._ours:
            if self._before is None:
                delattr(self._scheduler, TABLE)
            else:
                setattr(self._scheduler, TABLE, self._before)
        self._ours = None

    def _look(self) -> None:
        if not self._wanted():
            self._forsaken()

    def _overheard(self, do: Callable[..., Any]) -> Callable[..., Any]:
        wanted, heard, forsaken = self._wanted, self._heard, self._forsaken

        def overheard(state: Any, key: Any, stimulus_id: str, **said: Any) -> Any:
            done = do(state, key, stimulus_id, **said)
            try:
                if wanted():
                    task = state.tasks[key]
                    heard(task, task.state, said)
                else:
                    forsaken()
            except Exception:
                # A scheduler must not stumble over what only looks on.
                if not self._failed:
                    logger.warning("A task's end could not be noted", exc_info=True)
                self._failed = True
            return done

        return overheard
