"""Progress by prefix, with Dask's meaning of the shades."""

from __future__ import annotations

from ...client.words import plural
from ..run import Run
from .ink import GREY, RED, prefix_ink
from .svg import Svg, track

__all__ = ("draw_progress",)

ROW = 20
NAMES = 150
COUNTS = 110
ROWS = 12
PENDING = ("processing", "queued", "no_worker", "waiting")
STATES = ("released", "memory", "erred", *PENDING)
PARTS = STATES[:-1]
LAST, ERRED = 64, 16


def _standing(run: Run) -> dict[str, dict[str, int]]:
    """Tasks by prefix and state. What has ended is counted in rows: schedulers forget it."""
    found: dict[str, dict[str, int]] = {}
    for row in run.rows:
        if row[5] & LAST:
            entry = found.setdefault(run.prefixes[row[4]], dict.fromkeys(STATES, 0))
            entry["erred" if row[5] & ERRED else "released"] += 1
    for name, states in run.progress.items():
        pending = {state: int(states.get(state) or 0) for state in PENDING}
        entry = found.setdefault(name, dict.fromkeys(STATES, 0))
        entry.update(pending)
        kept = min(int(states.get("memory") or 0), entry["released"])
        entry["memory"], entry["released"] = kept, entry["released"] - kept
    return {name: entry for name, entry in found.items() if sum(entry.values())}


def draw_progress(run: Run, width: int, height: int) -> Svg:
    """A bar for each prefix: let go, in memory, failed, at work, queued; the rest waits."""
    standing = _standing(run)
    totals = {name: sum(entry.values()) for name, entry in standing.items()}
    names = list(totals)
    names.sort(key=lambda name: -totals[name])
    shown = names[: max(1, min(ROWS, height // ROW))]
    tall = ROW * max(len(shown), 1) + (ROW if len(names) > len(shown) else 0)
    svg = Svg(width, tall, f"Progress of {plural(len(names), 'prefix').replace('xs', 'xes')}")
    room = width - NAMES - COUNTS - 8
    for index, name in enumerate(shown):
        entry, total, y = standing[name], totals[name], index * ROW
        svg.text(NAMES - 8, y + 14, name, "end", 24)
        track(svg, NAMES, y + 3, room, ROW - 6)
        at = 0
        for state in PARTS:
            part = entry[state]
            if part:
                colour, opacity = _shade(state, name)
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


def _shade(state: str, name: str) -> tuple[str, float]:
    if state in ("erred", "no_worker"):
        return RED, 1.0 if state == "erred" else 0.5
    if state in ("memory", "released"):
        return prefix_ink(name), 1.0 if state == "memory" else 0.6
    return GREY, 0.6 if state == "processing" else 0.35
