"""Progress by prefix, with Dask's meaning of the shades."""

from __future__ import annotations

from ...client.words import plural
from ..run import Run
from ..standing import STATES, standing
from .ink import FAILED, GREY, RED, prefix_ink
from .svg import Svg, track

__all__ = ("draw_progress", "shade")

ROW = 20
NAMES = 150
COUNTS = 110
ROWS = 12
PARTS = STATES[:-1]


def draw_progress(run: Run, width: int, height: int) -> Svg:
    """A bar for each prefix: let go, in memory, failed, at work, queued; the rest waits."""
    states = standing(run)
    totals = {name: sum(entry.values()) for name, entry in states.items()}
    names = list(totals)
    names.sort(key=lambda name: -totals[name])
    shown = names[: max(1, min(ROWS, height // ROW))]
    tall = ROW * max(len(shown), 1) + (ROW if len(names) > len(shown) else 0)
    svg = Svg(width, tall, f"Progress of {plural(len(names), 'prefix').replace('xs', 'xes')}")
    room = width - NAMES - COUNTS - 8
    for index, name in enumerate(shown):
        entry, total, y = states[name], totals[name], index * ROW
        svg.text(NAMES - 8, y + 14, name, "end", 24)
        track(svg, NAMES, y + 3, room, ROW - 6)
        at = 0
        for state in PARTS:
            part = entry[state]
            if part:
                colour, opacity = shade(state, name)
                x = NAMES + at / total * room
                svg.rect(x, y + 3, max(part / total * room, 1), ROW - 6, colour, opacity)
            at += part
        done = sum(entry[state] for state in ("released", "memory", "erred"))
        svg.text(NAMES + room + 8, y + 14, f"{done:,} / {total:,}")
    if len(names) > len(shown):
        svg.text(NAMES, tall - 6, f"and {plural(len(names) - len(shown), 'more')[:-1]}")
    if not names:
        svg.text(8, 14, "No tasks yet")
    return svg


def shade(state: str, name: str) -> tuple[str, float]:
    """Colour and opacity of tasks of a prefix in a state."""
    if state == "erred":
        return FAILED, 1.0
    if state == "no_worker":
        return RED, 0.5
    if state in ("memory", "released", "forgotten"):
        return prefix_ink(name), 1.0 if state == "memory" else 0.6
    return GREY, 0.6 if state == "processing" else 0.35
