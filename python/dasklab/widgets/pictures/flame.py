"""Dask's profile as a flame graph: which functions tasks spent their time in."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import Any

from ...client.words import duration
from ..run import Run
from .ink import GREY, prefix_ink
from .svg import Svg

__all__ = ("draw_profile",)

ROW = 17
ROWS = 24
NARROWEST = 1.5
"""Pixels of a call that is drawn."""

FEW = 4
"""Letters that are worth writing."""


def draw_profile(run: Run, width: int, height: int) -> Svg:
    """Calls beneath their callers, as wide as the time that they took."""
    answer: dict[str, Any] | None = run.answers.get("profile")
    if answer is None:
        svg = Svg(width, 24, "Profile: not known")
        svg.text(8, 15, "Not known: only a cluster that lives tells its profile", limit=120)
        return svg
    nodes, samples = answer["nodes"], answer["samples"]
    interval = answer.get("interval") or 0.01
    if not nodes or not samples:
        svg = Svg(width, 24, "Profile: nothing has been seen at work")
        svg.text(8, 15, "No task has been seen at work in this time", limit=120)
        return svg
    scale = (width - 2) / samples
    begins, depths = [0.0] * len(nodes), [0] * len(nodes)
    used: dict[int, float] = defaultdict(float)
    boxes: dict[str, list[tuple[float, float, float, float]]] = defaultdict(list)
    texts: list[tuple[float, float, str, int]] = []
    deepest = 0
    for place, node in enumerate(nodes):  # a parent comes before its children
        parent = node["parent"]
        begins[place] = (begins[parent] if parent >= 0 else 0.0) + used[parent]
        depths[place] = depths[parent] + 1 if parent >= 0 else 0
        used[parent] += node["samples"]
        wide = node["samples"] * scale
        if wide < NARROWEST or depths[place] >= ROWS:
            continue
        deepest = max(deepest, depths[place])
        x, y = 1 + begins[place] * scale, float(depths[place] * ROW)
        boxes[prefix_ink(str(node["name"]))].append((x, y, max(wide - 1, 1), ROW - 1))
        room = math.floor((wide - 8) / 6.2)
        if room >= FEW:
            texts.append((x + 4, y + 12, str(node["name"]), room))
    words = duration(samples * interval)
    svg = Svg(width, (deepest + 1) * ROW + 18, f"Profile of {words} of tasks at work")
    for colour, found in boxes.items():
        svg.boxes(found, colour, 0.3)
    for x, y, text, room in texts:
        svg.text(x, y, text, limit=room)
    svg.text(2, svg.height - 4, f"{words} of tasks at work, calls beneath their callers")
    svg.line([(0, svg.height - 17), (width, svg.height - 17)], GREY, 1)
    return svg
