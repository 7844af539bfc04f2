"""How long tasks took: a histogram with steps of equal ratio."""

from __future__ import annotations

import math
from collections import Counter

from ...client.words import plural
from ..run import Run
from .ink import GREY, prefix_ink
from .svg import Svg, ticks

__all__ = ("draw_durations",)

LEFT = 60
HEAD = 18
FOOT = 20
LOWEST = -5
"""The shortest duration that is told apart, as a power of ten: ten microseconds."""

STEPS = 8
"""To a power of ten."""

OWN = 8
"""Prefixes with a colour of their own."""


def step_of(seconds: float) -> int:
    """The bar that a duration belongs to."""
    return max(0, math.floor((math.log10(seconds) - LOWEST) * STEPS)) if seconds > 0 else 0


def _words(power: int) -> str:
    for unit, least in (("s", 0), ("ms", -3), ("µs", -6)):
        if power >= least:
            return f"{10 ** (power - least):,} {unit}"
    return ""


def draw_durations(run: Run, width: int, height: int) -> Svg:
    """A bar for each step, in the colours of the prefixes that have the most tasks."""
    found: Counter[tuple[str, int]] = Counter()
    for row in run.rows:
        if row[5] & 15 == 0:
            found[run.prefixes[row[4]], step_of(row[1])] += 1
    of_prefix: Counter[str] = Counter()
    of_step: Counter[int] = Counter()
    for (prefix, step), count in found.items():
        of_prefix[prefix] += count
        of_step[step] += count
    svg = Svg(width, height, f"Durations of {plural(found.total(), 'task')}")
    if not found:
        svg.text(8, 14, "No tasks yet")
        return svg
    first = min(of_step) // STEPS * STEPS
    last = -(-(max(of_step) + 1) // STEPS) * STEPS
    bottom, room = height - FOOT, width - LEFT - 14
    top, wide = max(of_step.values()), room / (last - first)
    scale = (bottom - HEAD) / (top * 1.05)
    for at in ticks(top, max(1, bottom // 40)):
        svg.line([(LEFT, bottom - at * scale), (width - 14, bottom - at * scale)], "#80808040", 1)
        if at % 1 == 0:
            svg.text(LEFT - 6, bottom - at * scale + 4, f"{at:,.0f}", "end")
    names = [name for name, _ in of_prefix.most_common(OWN)]
    filled: Counter[int] = Counter()
    for name in [*names, *sorted(of_prefix.keys() - set(names))]:
        boxes = []
        for step in sorted(step for prefix, step in found if prefix == name):
            count = found[name, step]
            filled[step] += count
            x, y = LEFT + (step - first) * wide, bottom - filled[step] * scale
            boxes.append((x, y, max(wide - 1, 1), max(count * scale, 0.5)))
        svg.boxes(boxes, prefix_ink(name) if name in names else GREY)
    for step in range(first, last + 1, STEPS):
        x = LEFT + (step - first) * wide
        svg.line([(x, bottom), (x, bottom + 4)], GREY, 1)
        svg.text(x, bottom + 15, _words(step // STEPS + LOWEST), "end" if step == last else "start")
    svg.line([(LEFT, bottom), (width - 14, bottom)], GREY, 1)
    x = LEFT + 0.0
    for name in names:
        if x + 20 + 6.2 * min(len(name), 18) < width:
            svg.rect(x, 3, 8, 8, prefix_ink(name))
            svg.text(x + 12, 11, name, limit=18)
            x += 24 + 6.2 * min(len(name), 18)
    return svg
