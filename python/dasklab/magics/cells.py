"""Which cell a task comes from: the running cell's name goes along with every graph it submits.

Not by ``distributed.span`` nor ``dask.annotate`` around the cell: those change what the user's own
spans are called, keep layers of two cells from being fused, and are one global for all threads.
Here nothing happens until a graph leaves for the scheduler; then it gets one annotation more, which
the collector (:mod:`dasklab.telemetry.ring`) reads. The cell is known from a context variable,
which asyncio hands on to what a cell starts; threads are told by the one that starts them, and
those of a pool by whoever gives them work.
"""

from __future__ import annotations

import contextvars
import functools
import os
import re
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

__all__ = (
    "ANNOTATION",
    "current_cell",
    "first_submission",
    "follow_cells",
    "forget_cells",
    "kernel_id",
    "name_submissions",
    "named",
    "submitted",
)

ANNOTATION = "dasklab_cell"
"""Of tasks, as the collector reads it."""

SEPARATOR = ":"
"""Between kernel and cell; ``src/plugins/cells.ts`` takes names apart again."""

REMEMBERED = 100
"""Cells of which the first submission is known."""

_MADE_UP = os.urandom(4).hex()
"""Tells kernels apart whose connection file says nothing."""

_cell: contextvars.ContextVar[tuple[str | None, Any] | None] = contextvars.ContextVar(
    "dasklab_cell", default=None
)

submitted: list[Callable[[], None]] = []
"""Called when the running cell gives a cluster work; they must be quick and raise nothing."""

_followed: dict[int, Callable[[], None]] = {}
"""What ends the following of a shell."""

_undo: list[Callable[[], None]] = []
"""What takes our hands off Dask and threads again."""

_first: dict[str, float] = {}


def current_cell() -> str | None:
    """The cell that this code was started by; ``None`` where it was none."""
    found = _cell.get() or getattr(threading.current_thread(), "_dasklab_cell", None)
    return found[0] if found else None


def first_submission(cell: str | None) -> float | None:
    """When a cell, as it ran last, first gave a cluster work (epoch s); ``None`` if not yet."""
    return None if cell is None else _first.get(cell)


def named() -> bool:
    """Whether tasks say which cell they are of."""
    from .. import config

    return bool(_followed) and config.get("cells") is not False


def follow_cells(shell: Any) -> None:
    """Have a shell say which cell runs. Costs two microseconds a cell; imports nothing."""
    if id(shell) in _followed:
        return

    def begin(_info: Any = None) -> None:
        # With what was before: a cell may run others, by %run or run_cell.
        name = _name(shell)
        _first.pop(name, None)
        _cell.set((name, _cell.get()))

    def end(_result: Any = None) -> None:
        found = _cell.get()
        _cell.set(found[1] if found else None)

    def leave() -> None:
        shell.events.unregister("pre_run_cell", begin)
        shell.events.unregister("post_run_cell", end)
        _cell.set(None)

    shell.events.register("pre_run_cell", begin)
    shell.events.register("post_run_cell", end)
    _followed[id(shell)] = leave
    if _parent(shell, "header").get("msg_type") == "execute_request":
        begin()  # the cell that loads the extension is one as well


def forget_cells(shell: Any) -> None:
    """Follow a shell no longer; with the last one go the changes to Dask and threads."""
    leave = _followed.pop(id(shell), None)
    if leave is not None:
        leave()
    while not _followed and _undo:
        _undo.pop()()


def _parent(shell: Any, part: str) -> dict[str, Any]:
    """Of the message that asked for what runs now; nothing in a terminal."""
    try:
        found = shell.get_parent()[part]
    except (AttributeError, LookupError, TypeError):
        return {}
    return found if isinstance(found, dict) else {}


def _name(shell: Any) -> str:
    """The kernel, and the cell's id in its notebook; of front ends that give none, the count.

    A copy of a notebook has the same ids, and may use the same cluster.
    """
    found = _parent(shell, "metadata").get("cellId")
    if isinstance(found, str) and found:
        return f"{_kernel()}{SEPARATOR}{found[:100]}"
    return f"{_kernel()}-{shell.execution_count}"


@functools.lru_cache(maxsize=1)
def kernel_id() -> str:
    """Id of this kernel, by which its server knows it; empty where its file does not say."""
    module = sys.modules.get("ipykernel.kernelapp")
    file = ""
    if module is not None and module.IPKernelApp.initialized():
        file = os.path.basename(str(module.IPKernelApp.instance().connection_file))
    found = re.fullmatch(r"kernel-([0-9a-f]{8}-[0-9a-f-]{27})\.json", file)
    return found[1] if found else ""


def _kernel() -> str:
    """The beginning of the kernel's id, which is enough to tell it from others."""
    return kernel_id()[:8] or _MADE_UP


def name_submissions(_module: object) -> None:
    """Distributed has been imported: have its clients say where their graphs come from."""
    from distributed import Client

    if _undo or not named():
        return
    send = Client._send_to_scheduler

    @functools.wraps(send)
    def send_named(self: Any, message: Any) -> Any:
        cell = current_cell()
        if cell is not None and isinstance(message, dict) and message.get("op") == "update-graph":
            _note(cell)
            if _cell.get() is not None and threading.current_thread() is threading.main_thread():
                for tell in submitted:
                    tell()
            notes = getattr(message.get("annotations"), "data", None)
            if isinstance(notes, dict):
                notes.setdefault(ANNOTATION, cell)
        return send(self, message)

    _replace(Client, "_send_to_scheduler", send_named)
    _tell_threads()
    _tell_pools()


def _note(cell: str) -> None:
    _first.setdefault(cell, time.time())
    while len(_first) > REMEMBERED:
        _first.pop(next(iter(_first)), None)


def _replace(owner: Any, name: str, function: Any) -> None:
    """Put a function in the place of another, until all cells are forgotten."""
    before = getattr(owner, name)
    setattr(owner, name, function)

    def undo() -> None:
        if getattr(owner, name) is function:  # else somebody has built upon it
            setattr(owner, name, before)

    _undo.append(undo)


def _tell_threads() -> None:
    start = threading.Thread.start

    @functools.wraps(start)
    def start_told(self: threading.Thread) -> None:
        found = _cell.get() or getattr(threading.current_thread(), "_dasklab_cell", None)
        if found is not None:
            self._dasklab_cell = (found[0], None)  # type: ignore[attr-defined]
        start(self)

    _replace(threading.Thread, "start", start_told)


def _tell_pools() -> None:
    """A thread of a pool works for many cells; it was started by the first of them."""
    from concurrent.futures import ThreadPoolExecutor

    submit: Any = ThreadPoolExecutor.submit

    @functools.wraps(submit)
    def submit_told(self: Any, fn: Any, /, *args: Any, **keywords: Any) -> Any:
        return submit(self, _work, current_cell(), fn, args, keywords)

    _replace(ThreadPoolExecutor, "submit", submit_told)


def _work(cell: str | None, fn: Any, args: Any, keywords: Any) -> Any:
    """Work for a cell, in a pool's thread, and for it alone."""
    token = _cell.set((cell, None))
    try:
        return fn(*args, **keywords)
    finally:
        _cell.reset(token)
