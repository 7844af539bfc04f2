"""The task stream: who computed what when.

Every task is in the picture, however many there are: what is too short to be seen adds to its
pixel, which is as opaque as the lane was busy in it. So the inked area is the work that was done.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from typing import TypeAlias

from ...client.words import plural
from ..run import Run
from .events import mark_events
from .ink import row_colour
from .svg import Svg, time_axis, track

__all__ = ("draw_stream",)

NAMES = 84
FOOT = 20
SHADES = 4
"""Steps of opacity of what is merged."""

MOST = 1_400
"""Boxes of a picture 640 wide: 25 kB."""

Box: TypeAlias = "tuple[float, float, float, float]"


def draw_stream(run: Run, width: int, height: int) -> Svg:
    """The task stream, a row for each thread or, where they are too many, for some of them."""
    tasks = sum(1 for row in run.rows if row[5] & 64)
    order = rows_of(run)
    svg = Svg(
        width, height, f"Task stream: {plural(tasks, 'task')} on {plural(len(order), 'thread')}"
    )
    left, right, bottom = NAMES, width - 6, height - FOOT
    bands = max(1, min(len(order), (bottom - 2) // 3))
    tall = min((bottom - 2) / bands, 22.0)
    place: dict[int, int] = {}
    members: dict[int, int] = defaultdict(int)
    for index, (_, lane) in enumerate(order):
        band = index * bands // len(order)
        members[band] += 1
        if lane is not None:
            place[lane] = band
    gap = 1.0 if tall >= 5 else 0.0
    for band in range(bands):
        track(svg, left, 2 + band * tall, right - left, tall - gap)
    most = MOST * width / 640
    # Where there are many rows, all would fall together at first.
    grain = (
        1.0
        if len(run.rows) <= most
        else 2.0 ** int(math.log2(max(bands * (right - left) / most / 4, 1.0)))
    )
    while True:
        found = _boxes(run, place, members, (right - left) / run.span, grain)
        count = sum(len(boxes) for boxes in found.values())
        if count <= most or grain > 256:
            break
        grain *= 2
    for (colour, shade), boxes in sorted(found.items()):
        svg.boxes(
            [(left + x, 2 + band * tall, wide, tall - gap) for x, band, wide, _ in boxes],
            colour,
            shade / SHADES,
        )
    _names(svg, order, bands, tall)
    time_axis(svg, left, right, 2 + bands * tall + 1, run.span)
    mark_events(svg, run, left, right, 2 + bands * tall + 1)
    svg.height = int(2 + bands * tall + 1 + FOOT)
    return svg


def rows_of(run: Run) -> list[tuple[str, int | None]]:
    """Workers' names and lanes, those of a worker beside each other, also of idle threads.

    A thread that has never had a task has no lane: ``None``.
    """
    busy = {row[3] for row in run.rows}
    there = {
        str(run.people[worker]["address"]): run.people[worker]
        for worker in set(run.workers.get("worker", ()))
        if worker < len(run.people)
    }
    found: list[tuple[str, int, int | None]] = []
    known: Counter[str] = Counter()
    for lane, entry in enumerate(run.lanes):
        address = str(entry["worker"])
        if lane in busy or address in there:
            known[address] += 1
            found.append((str(entry["name"]), entry["thread"], lane))
    for address, worker in there.items():
        idle = int(worker["threads"] or 0) - known[address]
        found += [(str(worker["name"]), 10**9 + more, None) for more in range(idle)]

    def key(row: tuple[str, int, int | None]) -> tuple[int, str, int]:
        name, thread, _ = row
        return (int(name) if name.isdigit() and len(name) < 9 else 10**9, name, thread)

    return [(name, lane) for name, _, lane in sorted(found, key=key)]


def _boxes(
    run: Run, place: dict[int, int], members: dict[int, int], scale: float, grain: float
) -> dict[tuple[str, int], list[Box]]:
    """Boxes by colour and shade: x, band, width. Merged below ``grain`` pixels."""
    found: dict[tuple[str, int], list[Box]] = defaultdict(list)
    busy: dict[tuple[int, int], dict[str, float]] = {}
    for start, duration, _, lane, kind, what in run.rows:
        band = place.get(lane)
        if band is None:
            continue
        begin = max(start - run.since, 0.0) * scale
        wide = min(start + duration - run.since, run.span) * scale - begin
        colour = row_colour(run.prefixes[kind], what)
        if wide >= 2 * grain and members[band] == 1:
            found[colour, SHADES].append((begin, band, wide, 0.0))
            continue
        end = begin + max(wide, 1e-3)
        cell = int(begin / grain)
        while cell * grain < end:
            part = min(end, (cell + 1) * grain) - max(begin, cell * grain)
            shares = busy.setdefault((band, cell), {})
            shares[colour] = shares.get(colour, 0.0) + part
            cell += 1
    last: tuple[int, int, str, int] | None = None
    for (band, cell), shares in sorted(busy.items()):
        colour = max(shares, key=shares.__getitem__)
        full = min(sum(shares.values()) / grain / members[band], 1.0)
        shade = max(1, round(full * SHADES))
        boxes = found[colour, shade]
        if last == (band, cell - 1, colour, shade):
            x, row, wide, _ = boxes[-1]
            boxes[-1] = (x, row, wide + grain, 0.0)
        else:
            boxes.append((cell * grain, band, grain, 0.0))
        last = (band, cell, colour, shade)
    return found


def _names(svg: Svg, order: list[tuple[str, int | None]], bands: int, tall: float) -> None:
    """The name of each worker at the first of its rows, where there is room."""
    said: set[str] = set()
    free = 0.0
    for index, (name, _) in enumerate(order):
        y = 2 + index * bands // len(order) * tall + min(tall, 14) * 0.5 + 4
        if name not in said and y >= free:
            svg.text(NAMES - 6, y, name, "end", 13)
            free = y + 11
        said.add(name)
