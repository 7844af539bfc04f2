"""Lines over time: an axis of amounts, CPU, tasks that are to be computed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..run import Run
from .ink import BLUE, GREY, ORANGE, prefix_ink
from .svg import Svg, ticks, time_axis

__all__ = ("Chart", "draw_cpu", "draw_queue")

LEFT = 84
FOOT = 20
HEAD = 18
"""Room for what colours mean."""
POINTS = 300
"""Most points of a line; the highest of those that fall together is drawn."""


class Chart:
    """A plot over the time of a run.

    Parameters
    ----------
    top
        The greatest value.
    words
        Makes text of a value.
    """

    def __init__(
        self, svg: Svg, run: Run, top: float, words: Callable[[float], str], base: float = 10.0
    ) -> None:
        self.svg, self._run, self._top = svg, run, top or 1.0
        self.left, self.right, self.bottom = LEFT, svg.width - 6, svg.height - FOOT
        for at in ticks(self._top, max(1, self.bottom // 40), base):
            y = self.y(at)
            svg.line([(self.left, y), (self.right, y)], "#80808040", 1)
            if y > 4:
                svg.text(self.left - 6, min(max(y + 4, 9), self.bottom), words(at), "end")
        time_axis(svg, self.left, self.right, self.bottom, run.span)

    def x(self, at: float) -> float:
        """Of a time."""
        return self.left + (at - self._run.since) / self._run.span * (self.right - self.left)

    def y(self, value: float) -> float:
        """Of a value."""
        return self.bottom - min(max(value / self._top, 0.0), 1.0) * (self.bottom - HEAD)

    def points(self, times: Sequence[float], values: Sequence[float]) -> list[tuple[float, float]]:
        """Where values are, at most so many that a picture needs."""
        size = max(1, -(-len(times) // POINTS))
        return [
            (self.x(times[at]), self.y(max(values[at : at + size])))
            for at in range(0, len(times), size)
        ]

    def key(self, words: Sequence[tuple[str, str]]) -> None:
        """What the colours mean."""
        x = self.left + 0.0
        for colour, text in words:
            self.svg.rect(x, 3, 8, 8, colour)
            self.svg.text(x + 12, 11, text)
            x += 24 + 6.2 * len(text)


def draw_cpu(run: Run, width: int, height: int) -> Svg:
    """Cores that the workers kept busy, of those that they have threads for."""
    times, cpu = run.cluster.get("time", []), run.cluster.get("cpu", [])
    threads = max(run.cluster.get("threads", []), default=0)
    svg = Svg(width, height, f"CPU: {max(cpu, default=0):.1f} cores at most, {threads} threads")
    chart = Chart(svg, run, max([*cpu, threads, 1]) * 1.05, lambda at: f"{at:g}")
    if times:
        svg.line([(chart.left, chart.y(threads)), (chart.right, chart.y(threads))], GREY, 1, "4 3")
        svg.line(chart.points(times, cpu), BLUE)
    chart.key(((BLUE, "cores busy"), (GREY, "threads")))
    return svg


def draw_queue(run: Run, width: int, height: int) -> Svg:
    """Tasks that are at work or wait for a thread or for others."""
    times = run.cluster.get("time", [])
    parts = (("processing", BLUE), ("queued", ORANGE), ("waiting", prefix_ink("sum")))
    top = max((max(run.cluster.get(name, []), default=0) for name, _ in parts), default=0)
    svg = Svg(width, height, f"Tasks to do: {top:,} in one state at most")
    chart = Chart(svg, run, max(top, 1) * 1.05, lambda at: f"{at:,.6g}")
    for name, colour in parts:
        if times:
            svg.line(chart.points(times, run.cluster[name]), colour)
    chart.key([(colour, name) for name, colour in parts])
    return svg
