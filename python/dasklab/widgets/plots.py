"""Plots in a cell's output that go on moving, until the cluster ends or the cell runs again."""

from __future__ import annotations

import math
import time
from typing import Any

from ..client import AsyncCluster
from ..client.words import duration
from .following import Following
from .output import Output
from .run import cut
from .strip import plots_html, strip_text
from .summary import summarise

__all__ = ("LivePlots", "show_plots")

READY = 5.0
"""Seconds to wait for a host's first answer."""

CALM, SELDOM = 10.0, 5.0
"""Seconds without a task after which pictures only change every so many seconds."""

MOST = 8
"""Outputs that are live at the same time; then the oldest stands still."""

_live: dict[Any, LivePlots] = {}


class LivePlots:
    """Some plots of the last seconds of a cluster.

    Parameters
    ----------
    seconds
        How far back they go.
    """

    def __init__(self, shell: Any, cluster: AsyncCluster, names: list[str], seconds: float) -> None:
        self._output = Output(shell)
        self._cluster, self._names, self._seconds = cluster, names, seconds
        self._rows, self._changed, self._drawn = -1, 0.0, -math.inf
        self._following = Following(cluster, seconds, self._draw)

    def wait(self) -> None:
        """Wait until there is something to see; only so long that a terminal can say why not."""
        self._following.ready.wait(READY)
        if not self._output.notebook:
            self.stop()
        self._show(last=not self._output.notebook)

    def stop(self) -> None:
        """Stand still."""
        self._following.stop()

    def _draw(self) -> None:
        following, now = self._following, time.monotonic()
        first = following.tables.cursor or 0
        rows = first + len(following.tables.columns["tasks"]["start"])
        if rows != self._rows:
            self._rows, self._changed = rows, now
        calm = now - self._changed > CALM
        if calm and now - self._drawn < SELDOM and not following.why:
            return
        self._drawn = now
        self._show(last=bool(following.why))

    def _show(self, *, last: bool) -> None:
        following = self._following
        with following.lock:
            until = _end_of(following) if following.why else time.time()
            run = cut(following.tables, until - self._seconds, until)
        title = f"{self._cluster.name}: the last {duration(self._seconds)}"
        live = None if following.why else self._cluster.id
        self._output.show(
            plots_html(run, self._names, title=title, note=following.why, cluster=live),
            f"{title}: {strip_text(summarise(run), '', following.why)}",
            last=last,
        )


def _end_of(following: Following) -> float:
    """The last moment that anything is known of."""
    columns = following.tables.columns
    ends = [
        start + took
        for start, took in zip(
            columns["tasks"]["start"][-1_000:], columns["tasks"]["duration"][-1_000:], strict=True
        )
    ]
    return max([*ends, *columns["cluster"]["time"][-1:]], default=time.time())


def show_plots(
    shell: Any, cluster: AsyncCluster, names: list[str], seconds: float, cell: str | None
) -> None:
    """Show live plots; those that the same cell had shown stand still."""
    before = _live.pop(cell, None)
    if before is not None:
        before.stop()
    plots = LivePlots(shell, cluster, names, seconds)
    plots.wait()
    if plots._output.notebook:
        _live[cell] = plots
    while len(_live) > MOST:
        _live.pop(next(iter(_live))).stop()
