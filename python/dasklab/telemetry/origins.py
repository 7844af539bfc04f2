"""Whose the tasks are that tasks submit: those of the cell that the submitting task is of.

A client in a worker (``worker_client``, ``get_client``) knows of no cell. But it says which task
submits, because Dask gives what comes from a task a better priority, and the scheduler knows that
task's cell. So this is known, never guessed: of a task that is forgotten, or that submits from a
thread or coroutine of its own, nothing is said. Shipped by value with ``collector``: standard
library only.
"""

from __future__ import annotations

from typing import Any

__all__ = ("CELL", "Origins")

CELL = "dasklab_cell"
"""The annotation that says a task's cell; ``magics/cells.py`` adds it in kernels."""

GRAPH = "update-graph"
"""Dask's word for the message that brings a graph."""


class Origins:
    """Adds the cell to graphs that come from tasks, before the scheduler takes them in.

    Parameters
    ----------
    scheduler
        Whose handler of graphs is wrapped, until :meth:`restore`.
    """

    def __init__(self, scheduler: Any) -> None:
        self._scheduler = scheduler
        self._handlers = scheduler.stream_handlers
        found = self._handlers[GRAPH]
        # Of a collector that was taken out nothing is left.
        before = self._before = getattr(found, "dasklab_before", found)

        async def take(**message: Any) -> Any:
            self._name(message)
            return await before(**message)

        take.dasklab_before = before  # type: ignore[attr-defined]
        self._handlers[GRAPH] = self._ours = take

    def _name(self, message: dict[str, Any]) -> None:
        submitter, notes = message.get("submitting_task"), message.get("annotations")
        if submitter is None or not isinstance(notes, dict):
            return
        # A worker in a kernel has the kernel's client, which says what the worker's threads seem
        # to be of: the cell that made the cluster.
        notes.pop(CELL, None)
        task = self._scheduler.tasks.get(submitter)
        cell = task.annotations.get(CELL) if task is not None and task.annotations else None
        if cell is not None:
            notes[CELL] = cell

    def restore(self) -> None:
        """Leave the scheduler as it was."""
        if self._handlers.get(GRAPH) is self._ours:  # else somebody has built upon it
            self._handlers[GRAPH] = self._before
