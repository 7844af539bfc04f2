"""Which cell a task comes from: the running cell's name goes along with every graph it submits.

Not by ``distributed.span`` nor ``dask.annotate`` around the cell: those change what the user's own
spans are called, keep layers of two cells from being fused, and are one global for all threads.
Here nothing happens until a graph leaves for the scheduler; then it gets one annotation more, which
the collector (:mod:`dasklab.telemetry.ring`) reads. The cell is known from a context variable,
which asyncio hands on to what a cell starts; threads are told by the one that starts them.
"""

from __future__ import annotations

import contextvars
import functools
import os
import threading
from collections.abc import Callable
from typing import Any

__all__ = ("ANNOTATION", "current_cell", "follow_cells", "name_submissions", "submitted")

ANNOTATION = "dasklab_cell"
"""Of tasks, as the collector reads it."""

_KERNEL = os.urandom(4).hex()
"""Tells executions of several kernels apart where a front end sends no id of the cell."""

_cell: contextvars.ContextVar[tuple[str, Any] | None] = contextvars.ContextVar(
    "dasklab_cell", default=None
)


submitted: list[Callable[[], None]] = []
"""Called when the running cell gives a cluster work; they must be quick and raise nothing."""


def current_cell() -> str | None:
    """The cell that this code was started by; ``None`` where it was none."""
    found = _cell.get() or getattr(threading.current_thread(), "_dasklab_cell", None)
    return found[0] if found else None


def follow_cells(shell: Any) -> None:
    """Have a shell say which cell runs. Costs two microseconds a cell; imports nothing."""

    def begin(_info: Any = None) -> None:
        # With what was before: a cell may run others, by %run or run_cell.
        _cell.set((_name(shell), _cell.get()))

    def end(_result: Any = None) -> None:
        found = _cell.get()
        _cell.set(found[1] if found else None)

    shell.events.register("pre_run_cell", begin)
    shell.events.register("post_run_cell", end)


def _name(shell: Any) -> str:
    """The cell's id in its notebook; of other front ends, kernel and count."""
    try:
        found = shell.get_parent()["metadata"]["cellId"]
        if isinstance(found, str) and found:
            return found[:100]
    except (AttributeError, KeyError, TypeError):
        pass  # a terminal, or a front end that does not say
    return f"{_KERNEL}-{shell.execution_count}"


def name_submissions(_module: object) -> None:
    """Distributed has been imported: have its clients say where their graphs come from."""
    from distributed import Client

    from .. import config

    if config.get("cells") is False or hasattr(Client._send_to_scheduler, "_dasklab"):
        return
    send = Client._send_to_scheduler

    @functools.wraps(send)
    def send_named(self: Any, message: Any) -> Any:
        cell = current_cell()
        if cell is not None and isinstance(message, dict) and message.get("op") == "update-graph":
            if _cell.get() is not None and threading.current_thread() is threading.main_thread():
                for tell in submitted:
                    tell()
            notes = getattr(message.get("annotations"), "data", None)
            if isinstance(notes, dict):
                notes.setdefault(ANNOTATION, cell)
        return send(self, message)

    send_named._dasklab = True  # type: ignore[attr-defined]
    Client._send_to_scheduler = send_named
    _tell_threads()


def _tell_threads() -> None:
    start = threading.Thread.start

    @functools.wraps(start)
    def start_told(self: threading.Thread) -> None:
        found = _cell.get() or getattr(threading.current_thread(), "_dasklab_cell", None)
        if found is not None:
            self._dasklab_cell = (found[0], None)  # type: ignore[attr-defined]
        start(self)

    threading.Thread.start = start_told  # type: ignore[method-assign]
