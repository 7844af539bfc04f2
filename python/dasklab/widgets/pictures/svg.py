"""Writing SVG: shapes, text, axes. All text is escaped here, and only here."""

from __future__ import annotations

import base64
import html
import math
from collections.abc import Sequence

from ...client.words import line
from .ink import FAILED, GREY, TRACK

__all__ = ("Svg", "number", "ticks", "time_axis")


def number(value: float) -> str:
    """As short as it can be written: a tenth of a pixel."""
    text = f"{value:.1f}"
    return text[:-2] if text.endswith(".0") else text


class Svg:
    """A picture.

    Parameters
    ----------
    title
        What it shows, for who cannot see it.
    """

    def __init__(self, width: int, height: int, title: str) -> None:
        self.width, self.height = width, height
        self.title = title
        self._parts: list[str] = []

    def rect(
        self, x: float, y: float, width: float, height: float, fill: str, opacity: float = 1.0
    ) -> None:
        """A box."""
        self.boxes([(x, y, width, height)], fill, opacity)

    def boxes(
        self,
        boxes: Sequence[tuple[float, float, float, float]],
        fill: str,
        opacity: float = 1.0,
    ) -> None:
        """Many boxes of one colour, in fifteen bytes each."""
        path = "".join(
            f"M{number(x)} {number(y)}h{number(w)}v{number(h)}h-{number(w)}z"
            for x, y, w, h in boxes
        )
        edge = ' stroke="#fff" paint-order="stroke"' if fill == FAILED else ""
        self._parts.append(f'<path d="{path}" fill="{_paint(fill, opacity)}{edge}/>')

    def strokes(self, lines: Sequence[tuple[float, float, float, float]], stroke: str) -> None:
        """Many straight lines of one colour, from and to."""
        path = "".join(
            f"M{number(x)} {number(y)}L{number(to)} {number(high)}" for x, y, to, high in lines
        )
        if path:
            self._parts.append(f'<path d="{path}" stroke="{_paint(stroke, 1.0, "stroke")}/>')

    def line(
        self, points: Sequence[tuple[float, float]], stroke: str, width: float = 1.5, dash: str = ""
    ) -> None:
        """A line through points."""
        path = " ".join(f"{number(x)},{number(y)}" for x, y in points)
        more = f' stroke-dasharray="{dash}"' if dash else ""
        self._parts.append(
            f'<polyline points="{path}" fill="none" stroke="{_paint(stroke, 1.0, "stroke")} '
            f'stroke-width="{number(width)}"{more}/>'
        )

    def area(self, points: Sequence[tuple[float, float]], fill: str, opacity: float = 1.0) -> None:
        """What lies within points."""
        path = " ".join(f"{number(x)},{number(y)}" for x, y in points)
        self._parts.append(f'<polygon points="{path}" fill="{_paint(fill, opacity)}/>')

    def text(self, x: float, y: float, text: str, anchor: str = "start", limit: int = 60) -> None:
        """One line of text, whatever it is."""
        place = "" if anchor == "start" else f' text-anchor="{anchor}"'
        self._parts.append(
            f'<text x="{number(x)}" y="{number(y)}"{place}>{html.escape(line(text, limit))}</text>'
        )

    def markup(self) -> str:
        """The document."""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{self.width}" height="{self.height}" '
            f'viewBox="0 0 {self.width} {self.height}" font-family="system-ui,sans-serif" '
            f'font-size="11" fill="{GREY}"><title>{html.escape(line(self.title, 300))}</title>'
            f"{''.join(self._parts)}</svg>"
        )

    def image(self) -> str:
        """An image for an HTML output."""
        data = base64.b64encode(self.markup().encode()).decode()
        return (
            f'<img src="data:image/svg+xml;base64,{data}" width="{self.width}" '
            f'height="{self.height}" alt="{html.escape(line(self.title, 300))}" '
            f'style="max-width:100%;height:auto;vertical-align:top;">'
        )


def _paint(colour: str, opacity: float, kind: str = "fill") -> str:
    """A colour with its own or another opacity, to the closing quote."""
    if len(colour) == 9:
        opacity, colour = int(colour[7:], 16) / 255, colour[:7]
    return colour + ('"' if opacity >= 1 else f'" {kind}-opacity="{opacity:.2g}"')


def ticks(span: float, most: int, base: float = 10.0) -> list[float]:
    """Round numbers from 0 to a span, at most so many; of bytes to the ``base`` 1024."""
    if not (math.isfinite(span) and span > 0):
        return [0.0]
    rough = span / max(most, 1)
    if base == 1024:
        step = 2.0 ** math.ceil(math.log2(rough))
        step = step / 2 if step > span else step
        return [step * index for index in range(int(span / step * 1.0001) + 1)]
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * 0.999)
    return [step * index for index in range(int(span / step * 1.0001) + 1)]


def time_axis(svg: Svg, left: float, right: float, bottom: float, span: float) -> None:
    """Seconds after the beginning, beneath a plot."""
    width = right - left
    marks = ticks(span, max(2, int(width / 90)))
    for at in marks:
        x = left + at / span * width
        svg.line([(x, bottom), (x, bottom + 4)], GREY, 1)
        near = "end" if x > right - 20 else "start" if x < left + 10 else "middle"
        svg.text(x, bottom + 15, _seconds(at, span), near)
    svg.line([(left, bottom), (right, bottom)], GREY, 1)


def _seconds(at: float, span: float) -> str:
    if span >= 300:
        return f"{at / 60:g} min"
    return f"{at * 1000:.4g} ms" if span < 0.5 else f"{at:.6g} s"


def track(svg: Svg, x: float, y: float, width: float, height: float) -> None:
    """What is behind bars."""
    svg.rect(x, y, width, height, TRACK)
