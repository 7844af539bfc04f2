"""The cluster's memory over time."""

from __future__ import annotations

from ...client.words import amount
from ..run import Run
from .charts import Chart
from .events import mark_events
from .ink import BLUE, GREY, ORANGE, OTHER
from .svg import Svg

__all__ = ("draw_memory",)


def draw_memory(run: Run, width: int, height: int) -> Svg:
    """Results in memory, the rest of the processes above them, what is on disk on top."""
    found = run.cluster
    times = found.get("time", [])
    used, managed = found.get("used", []), found.get("managed", [])
    spilled = found.get("spilled", [])
    high = [one + other for one, other in zip(used, spilled, strict=True)]
    peak = max(used, default=0.0)
    limit = run.limit
    # The limit is shown when it is near; else it would press all the rest to the ground.
    top = max([*high, *found.get("scale", ()), 1.0]) * 1.1
    if limit and top > limit * 0.4:
        top = max(top, limit * 1.05)
    svg = Svg(width, height, f"Memory: {amount(peak)} at most of {amount(limit)}")
    chart = Chart(svg, run, top, amount, 1024)
    mark_events(svg, run, chart.left, chart.right, chart.bottom)
    if times:
        for values, colour, opacity in (
            (high, ORANGE, 0.8),
            (used, OTHER, 1.0),
            ([min(pair) for pair in zip(managed, used, strict=True)], BLUE, 1.0),
        ):
            points = chart.points(times, values)
            ends = [(points[-1][0], chart.bottom), (points[0][0], chart.bottom)]
            svg.area([*points, *ends], colour, opacity)
        if limit and top >= limit:
            y = chart.y(limit)
            svg.line([(chart.left, y), (chart.right, y)], GREY, 1, "4 3")
    chart.key(((BLUE, "results"), (OTHER, "other"), (ORANGE, "on disk")))
    return svg
