"""Plots in a cell's output that go on moving, until the cluster ends or the cell runs again."""

from __future__ import annotations

import time
from typing import Any

from ..client import AsyncCluster
from ..client.words import duration
from .answers import Answers
from .bundle import MIME, payload
from .following import Following
from .front_end import give_up, widget_for
from .output import Output
from .strip import plots_html, strip_text
from .summary import summarise

__all__ = ("LivePlots", "show_plots")

READY = 5.0
"""Seconds to wait for a host's first answer."""

CALM = 1.5
"""Seconds without a change after which a picture stands still, with the recording behind it.

Pictures that went on would show an empty window soon, and that would be what is saved. Nor could
each of them bring its recording: that may be a megabyte.
"""

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
        self._seen: Any = None
        self._changed, self._still = 0.0, False
        self._answers = Answers(cluster, names)
        self._widget = (
            widget_for(shell, cluster, names, self._title, seconds) if self.shown else None
        )
        self._following = Following(cluster, seconds, self._draw)

    @property
    def _title(self) -> str:
        return f"{self._cluster.name}: the last {duration(self._seconds)}"

    @property
    def shown(self) -> bool:
        """Whether there is an output that can change."""
        return self._output.notebook

    def wait(self) -> None:
        """Wait until there is something to see; only so long that a terminal can say why not."""
        self._following.ready.wait(READY)
        self._answers.ask(time.time() - self._seconds, timeout=READY)
        if not self.shown:
            self.stop()
        self._show(last=not self.shown)

    def stop(self) -> None:
        """Follow no longer."""
        self._following.stop()
        self._drop_widget()

    def _drop_widget(self) -> None:
        widget, self._widget = self._widget, None
        if widget is not None:
            widget.close()

    def stand_still(self) -> None:
        """Follow no longer; what was seen last stays."""
        self.stop()
        self._show(last=True)

    def _draw(self) -> None:
        now, seen = time.monotonic(), self._see()
        if self._widget is not None and self._widget.unanswered:
            give_up()
            self._drop_widget()
            self._still = False  # what is shown names it
        if seen != self._seen:
            self._seen, self._changed, self._still = seen, now, False
        if self._following.why:
            self._show(last=True)
        elif not self._still:
            calm = now - self._changed > CALM
            self._still = calm and self._answers.newer_than(self._changed)
            if not self._still:
                self._answers.ask(time.time() - self._seconds)
            if self._still or self._widget is None:  # front ends draw a widget anew each time
                self._show(last=False)

    def _see(self) -> tuple[Any, ...]:
        """Whatever changes with it is worth another picture."""
        following = self._following
        with following.lock:
            tables = following.tables
            samples = tables.columns["cluster"]
            limit = max([1.0, *samples["limit"][-1:]])
            return (
                (tables.cursor or 0) + len(tables.columns["tasks"]["start"]),
                repr(tables.progress),
                samples["workers"][-1:].tolist(),
                [round(50 * used / limit) for used in samples["used"][-1:]],
            )

    def _show(self, *, last: bool) -> None:
        following = self._following
        with following.lock:
            until = _end_of(following) if following.why else time.time()
            since = until - self._seconds
            run = following.cut(since, until)
            short = following.earlier.last > since
        run.answers = dict(self._answers.found)
        title, widget = self._title, self._widget
        live = None if following.why else self._cluster
        note = following.why
        if short:
            note = f"Of the newest {len(run.rows):,} rows only. {note}".strip()
        data = payload(
            "plots",
            self._names,
            title=title,
            seconds=self._seconds,
            live=live,
            run=run if (last or self._still) and self.shown else None,
        )
        self._output.show(
            plots_html(
                run,
                self._names,
                title=title,
                note=note,
                cluster=None if live is None else live.id,
            ),
            f"{title}: {strip_text(summarise(run), '', note)}",
            {MIME: data, **({} if widget is None or last else widget.bundle)},
            last=last,
        )
        if last:
            self._drop_widget()


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
    if plots.shown:
        _live[cell] = plots
    while len(_live) > MOST:
        _live.pop(next(iter(_live))).stand_still()
