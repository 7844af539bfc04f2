"""Each worker's memory: bars up to thirty workers, a heat map over time beyond."""

from __future__ import annotations

import bisect
from collections import defaultdict
from typing import Any

from ...client.words import amount, plural
from ..run import Run
from .ink import BLUE, GREY, ORANGE, OTHER, RED
from .svg import Svg, time_axis, track

__all__ = ("draw_workers",)

BARS = 30
NAMES = 84
FOOT = 20
MARKS = (0.6, 0.7, 0.8, 0.95)
"""Shares of the limit at which Dask begins to spill, spills, pauses, and ends a worker."""

CALM = 5
"""Shades below the first mark."""

SHADES = (
    *((BLUE, 0.2 + 0.8 * level / (CALM - 1)) for level in range(CALM)),
    (ORANGE, 0.55),
    (ORANGE, 1.0),
    (RED, 0.7),
    (RED, 1.0),
)
"""Of a heat map: colour and opacity, another at each mark."""

COLUMNS = 160


def draw_workers(run: Run, width: int, height: int) -> Svg:
    """What each worker uses, and the most that it did, of what it may."""
    latest: dict[int, int] = {}
    peak: dict[int, float] = defaultdict(float)
    for place, worker in enumerate(run.workers.get("worker", [])):
        latest[worker] = place
        peak[worker] = max(peak[worker], run.workers["process"][place])
    highest = amount(max(peak.values(), default=0))
    title = f"Memory of {plural(len(latest), 'worker')}: {highest} at most"
    order = sorted(latest, key=lambda worker: _name(run, worker).rjust(20))
    if len(order) > BARS:
        return _heat(run, width, height, title, order)
    tall = max(6, min(18, (height - FOOT) // max(len(order), 1)))
    svg = Svg(width, tall * max(len(order), 1) + FOOT, title)
    most = max((_limit(run, worker) or peak[worker] for worker in order), default=0.0) or 1.0
    room = width - NAMES - (130 if width >= 400 else 70)
    for index, worker in enumerate(order):
        y, limit, place = index * tall, _limit(run, worker), latest[worker]
        used, managed, spilled = (
            run.workers[name][place] for name in ("process", "managed", "spilled")
        )
        if tall >= 10:
            svg.text(NAMES - 6, y + tall / 2 + 4, _name(run, worker), "end", 13)
        track(svg, NAMES, y + 1, (limit or most) / most * room, tall - 2)
        x = NAMES + 0.0
        managed = min(managed, used)
        for part, colour in ((managed, BLUE), (used - managed, OTHER), (spilled, ORANGE)):
            wide = min(part / most * room, width - x)
            if wide > 0:
                svg.rect(x, y + 1, wide, tall - 2, colour)
                x += wide
        at = NAMES + peak[worker] / most * room
        svg.line([(at, y + 1), (at, y + tall - 1)], GREY, 2)
        for mark in MARKS if limit else ():
            x = NAMES + mark * limit / most * room
            passed = used >= mark * limit
            line = [(x, y + 1), (x, y + tall - 1)]
            svg.line(line, RED if passed else "#80808099", 2 if passed else 1, "2 2")
        if tall >= 10:
            words = amount(used) + (f" of {amount(limit)}" if width >= 400 and limit else "")
            svg.text(NAMES + room + 8, y + tall / 2 + 4, words)
    if order and all(_limit(run, worker) == most for worker in order):
        for mark in MARKS:
            if mark != 0.7 and (room > 250 or mark == 0.8):
                svg.text(NAMES + mark * room, svg.height - 6, f"{mark:.0%}", "middle")
    if not order:
        svg.text(8, 14, "No worker has said anything yet")
    return svg


def _name(run: Run, worker: int) -> str:
    return str(run.people[worker]["name"]) if worker < len(run.people) else "?"


def _limit(run: Run, worker: int) -> float:
    return float(run.people[worker]["limit"] or 0) if worker < len(run.people) else 0.0


def _shade(share: float) -> int:
    """The number of the shade of so much of a limit."""
    if share < MARKS[0]:
        return int(share / MARKS[0] * CALM)
    return CALM - 1 + bisect.bisect_right(MARKS, share)


def _heat(run: Run, width: int, height: int, title: str, order: list[int]) -> Svg:
    """A row for each worker (or some), a column for each moment: how much of its limit is used."""
    svg = Svg(width, height, title)
    right, bottom = width - 6, height - FOOT
    rows = min(len(order), max(1, (bottom - 2) // 2))
    tall = (bottom - 2) / rows
    place = {worker: index * rows // len(order) for index, worker in enumerate(order)}
    track(svg, NAMES, 2, right - NAMES, rows * tall)
    cells: dict[tuple[int, int], float] = {}
    samples: Any = zip(
        run.workers["time"], run.workers["worker"], run.workers["process"], strict=True
    )
    for at, worker, used in samples:
        column = min(int((at - run.since) / run.span * COLUMNS), COLUMNS - 1)
        limit = _limit(run, worker) or run.limit / max(len(order), 1) or 1.0
        key = (place[worker], column)
        cells[key] = max(cells.get(key, 0.0), min(used / limit, 1.0))
    boxes: dict[int, list[tuple[float, float, float, float]]] = defaultdict(list)
    wide = (right - NAMES) / COLUMNS
    before: dict[int, tuple[int, int]] = {}
    for (row, column), share in sorted(cells.items()):
        shade = _shade(share)
        last, drawn = before.get(row, (-9, -1))
        near = column - last <= 8
        if near:  # until the next sample it was as it had been
            x, y, _, high = boxes[drawn][-1]
            boxes[drawn][-1] = (x, y, NAMES + (column + (drawn == shade)) * wide - x, high)
        if not near or drawn != shade:
            boxes[shade].append((NAMES + column * wide, 2 + row * tall, wide, tall))
        before[row] = (column, shade)
    for shade, found in boxes.items():
        colour, opacity = SHADES[shade]
        svg.boxes(found, colour, opacity)
    svg.text(NAMES - 6, 12, plural(len(order), "worker"), "end")
    time_axis(svg, NAMES, right, bottom, run.span)
    return svg
