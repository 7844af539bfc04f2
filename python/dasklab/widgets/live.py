"""The strip of one cell: from its first line until it has ended."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from ..client import AsyncCluster
from .bundle import MIME, STRIP, payload
from .counting import Counter
from .following import Following
from .output import Output
from .run import Run
from .strip import strip_html, strip_text
from .summary import Summary, summarise

__all__ = ("LiveStrip",)

SETTLE = 1.5
"""Seconds that a cell waits at its end, at the most, for what happened in its last moment."""

BACK = 5.0
"""Seconds of history to begin with: a cell may have given work before its strip is there."""

LOOK_EVERY = 0.3
"""Seconds between looks for a cluster that the cell has yet to make."""


class LiveStrip:
    """What a cell does on its cluster.

    Parameters
    ----------
    shell
        IPython's.
    find
        Finds the cluster and a client of it; ``None`` where there is none (yet).
    cell
        The cell that tasks must be of; ``None`` where tasks do not say.
    quiet
        Show nothing.
    counting
        Ask workers for the bytes that they move, at the beginning and the end. Without it
        nothing waits for anything, and what they have told of by themselves is what is known.
    submitted
        Says when the cell first gave a cluster work.
    """

    def __init__(
        self,
        shell: Any,
        find: Callable[[], tuple[AsyncCluster, Any] | None],
        cell: str | None,
        *,
        quiet: bool = False,
        counting: bool = True,
        submitted: Callable[[], float | None] = lambda: None,
    ) -> None:
        self.since = time.time()
        self.run: Run | None = None
        self.summary: Summary | None = None
        self.cluster: AsyncCluster | None = None
        self._cell, self._find, self._counting = cell, find, counting
        self._submitted = submitted
        self._output = Output(shell)
        self._output.closed = quiet
        self._following: Following | None = None
        self._counter: Counter | None = None
        self._over = threading.Event()
        self._beginning = threading.Lock()
        if not (counting and self._begin()):
            threading.Thread(target=self._look, name="dasklab-strip", daemon=True).start()
        # What the strip itself did is no part of the run.
        self.since = time.time()

    def _begin(self) -> bool:
        with self._beginning:
            if self._following is not None or self._over.is_set():
                return True
            found = self._find()
            if found is None:
                return False
            self.cluster, client = found
            self._counter = Counter(client) if self._counting else None
            self._following = Following(self.cluster, BACK, self._draw, lambda: self.since)
            return True

    def _look(self) -> None:
        while not self._begin():
            if self._over.wait(LOOK_EVERY):
                return

    def _cut(self, until: float) -> Run:
        following = self._following
        if following is None:
            return Run(self.since, until)
        return following.cut(self.since, until, self._cell, self._submitted())

    def _draw(self) -> None:
        if self._over.is_set() or self._following is None:
            return
        run = self._cut(time.time())
        found = summarise(run)
        why = self._following.why
        name = self.cluster.id if self.cluster is not None else None
        self._output.show(strip_html(run, found, note=why, cluster=name), strip_text(found, ""))

    def _recording(self, end: str) -> dict[str, Any] | None:
        """What the strip can be drawn from again, where anything is to be seen of it."""
        if self.run is None or not self.run.rows or self._output.closed:
            return None
        words = "" if self.summary is None else strip_text(self.summary, end)
        return {MIME: payload("strip", STRIP, title=words, run=self.run)}

    def finish(self, end: str) -> None:
        """The cell has ended: done, failed or stopped (interrupted)."""
        until = time.time()
        self._begin()  # its cluster may be a moment old
        following = self._following
        moved = spilled = None
        if following is not None:
            # A second interrupt must not have to wait.
            following.catch_up(SETTLE if end != "stopped" else SETTLE / 3)
            if self._counter is not None:
                moved, spilled = self._counter.read()
        self._over.set()
        self.run = self._cut(until)
        self.summary = summarise(self.run, moved, spilled)
        note = "" if following is None else following.why
        if following is None:
            note = "No cluster of yours was used."
        name = self.cluster.id if self.cluster is not None else None
        self._output.show(
            strip_html(self.run, self.summary, end=end, note=note, cluster=name),
            strip_text(self.summary, end, note),
            self._recording(end),
            last=True,
        )
        if following is not None:
            following.stop()
