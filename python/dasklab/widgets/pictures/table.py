"""The workers as a table: how each was when it last said so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...client.words import amount, plural
from ...telemetry.tables import STATUSES
from ..run import Run
from .ink import GREY
from .samples import latest
from .svg import Svg

__all__ = ("draw_table",)

ROW = 17
ROWS = 40
"""Workers that are listed."""

Cell = Callable[[dict[str, Any], dict[str, Any]], str]


def _memory(who: dict[str, Any], now: dict[str, Any]) -> str:
    limit = who["limit"] or 0
    return amount(now["process"]) + (f" of {amount(limit)}" if limit else "")


COLUMNS: tuple[tuple[str, float, Cell], ...] = (
    ("Worker", 0.0, lambda who, _: str(who["name"])),
    ("State", 0.22, lambda _, now: STATUSES[min(int(now["status"]), len(STATUSES) - 1)]),
    ("At work", 0.32, lambda who, now: f"{now['executing']} of {who['threads']}"),
    ("Ready", 0.42, lambda _, now: f"{now['ready']:,}"),
    ("Cores", 0.5, lambda _, now: f"{now['cpu']:.1f}"),
    ("Memory", 0.585, _memory),
    ("Spilled", 0.77, lambda _, now: amount(now["spilled"])),
    ("Machine received", 0.855, lambda _, now: f"{amount(now['read'])}/s"),
)
"""Heading, where it begins as a share of the width, and what it says."""


def draw_table(run: Run, width: int, height: int) -> Svg:
    """A line for each worker that was there at the end."""
    places = latest(run)
    order = sorted(
        (worker for worker in places if worker < len(run.people)),
        key=lambda worker: str(run.people[worker]["name"]).rjust(20),
    )
    shown = order[: max(1, min(ROWS, max(height, 340) // ROW - 2))]
    lines = 1 + max(len(shown), 1) + (len(order) > len(shown))
    svg = Svg(width, ROW * lines + 6, f"{plural(len(order), 'worker')}")
    for heading, begin, _ in COLUMNS:
        svg.text(4 + begin * width, 12, heading)
    svg.line([(0, ROW), (width, ROW)], GREY, 1)
    for number, worker in enumerate(shown, 1):
        who = run.people[worker]
        now = {name: values[places[worker]] for name, values in run.workers.items()}
        for place, (_, begin, words) in enumerate(COLUMNS):
            end = COLUMNS[place + 1][1] if place + 1 < len(COLUMNS) else 1.0
            room = int((end - begin) * width / 6)
            svg.text(4 + begin * width, ROW * number + 14, words(who, now), limit=max(room, 4))
    if len(order) > len(shown):
        svg.text(4, ROW * (len(shown) + 1) + 14, f"and {len(order) - len(shown):,} more")
    if not order:
        svg.text(4, ROW + 14, "No worker has said anything yet")
    return svg
