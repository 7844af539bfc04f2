"""Charts over the time of a run: an axis of amounts, lines, several panels above each other."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..run import Run
from .svg import Svg, ticks, time_axis

__all__ = ("Chart", "Line", "Panel", "draw_panels")

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
    base
        Marks are round to this base.
    upper, lower
        Where in the picture it lies; all of it otherwise, with the time beneath.
    """

    def __init__(
        self,
        svg: Svg,
        run: Run,
        top: float,
        words: Callable[[float], str],
        base: float = 10.0,
        *,
        upper: int = 0,
        lower: int | None = None,
    ) -> None:
        self.svg, self._run, self._top, self._upper = svg, run, top or 1.0, upper
        self.left, self.right = LEFT, svg.width - 6
        self.bottom = svg.height - FOOT if lower is None else lower
        for at in ticks(self._top, max(2, (self.bottom - upper) // 40), base):
            y = self.y(at)
            svg.line([(self.left, y), (self.right, y)], "#80808040", 1)
            if y > upper + 4:
                svg.text(self.left - 6, min(max(y + 4, upper + 9), self.bottom), words(at), "end")
        if lower is None:
            time_axis(svg, self.left, self.right, self.bottom, run.span)

    def x(self, at: float) -> float:
        """Of a time."""
        return self.left + (at - self._run.since) / self._run.span * (self.right - self.left)

    def y(self, value: float) -> float:
        """Of a value."""
        room = self.bottom - self._upper - HEAD
        return self.bottom - min(max(value / self._top, 0.0), 1.0) * room

    def points(self, times: Sequence[float], values: Sequence[float]) -> list[tuple[float, float]]:
        """Where values are, at most so many that a picture needs."""
        size = max(1, -(-len(times) // POINTS))
        return [
            (self.x(times[at]), self.y(max(values[at : at + size])))
            for at in range(0, len(times), size)
        ]

    def line(
        self, times: Sequence[float], values: Sequence[float], colour: str, dash: str = ""
    ) -> None:
        """A line, with gaps where nothing is known."""
        known: list[tuple[float, float]] = []
        for at, value in [*zip(times, values, strict=True), (0.0, math.nan)]:
            if not math.isnan(value):
                known.append((at, value))
            elif known:
                found = self.points(*(list(part) for part in zip(*known, strict=True)))
                # One sample alone is a line too.
                found = found if len(found) > 1 else [(found[0][0] - 1, found[0][1]), *found]
                self.svg.line(found, colour, 1 if dash else 1.5, dash)
                known = []

    def key(self, words: Sequence[tuple[str, str]]) -> None:
        """What the colours mean."""
        x = self.left + 0.0
        for colour, text in words:
            self.svg.rect(x, self._upper + 3, 8, 8, colour)
            self.svg.text(x + 12, self._upper + 11, text)
            x += 24 + 6.2 * len(text)


@dataclass
class Line:
    """A line of a panel; ``dash`` makes it a broken one, such as of a limit."""

    name: str
    colour: str
    times: Sequence[float]
    values: Sequence[float]
    dash: str = ""


@dataclass
class Panel:
    """One of several charts above each other.

    Parameters
    ----------
    words
        Makes text of a value.
    least
        What the axis reaches to at least.
    """

    lines: Sequence[Line]
    words: Callable[[float], str]
    base: float = 10.0
    least: float = 1.0
    note: str = ""

    @property
    def highest(self) -> float:
        """Of all that is known."""
        found = [value for line in self.lines for value in line.values if not math.isnan(value)]
        return max(found, default=0.0)


def draw_panels(title: str, run: Run, width: int, height: int, panels: Sequence[Panel]) -> Svg:
    """Panels that share their time; in a picture that is too low for all, the first ones."""
    shown = panels[: max(1, (height - FOOT) // 50)]
    svg = Svg(width, height, title)
    each = (height - FOOT) // len(shown)
    for place, panel in enumerate(shown):
        upper, last = place * each, place == len(shown) - 1
        top = max(panel.highest * 1.05, panel.least)
        lower = None if last else upper + each - 6
        chart = Chart(svg, run, top, panel.words, panel.base, upper=upper, lower=lower)
        for line in panel.lines:
            chart.line(line.times, line.values, line.colour, line.dash)
        chart.key([(line.colour, line.name) for line in panel.lines])
        if panel.note:
            svg.text(chart.left + 4, (upper + HEAD + chart.bottom) / 2 + 4, panel.note, limit=120)
    return svg
