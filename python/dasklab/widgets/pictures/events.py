"""What happened to workers and tasks: marks beneath the time of a picture, and words for it."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from ...client.words import line
from ..run import Run
from .ink import GREY, RED
from .svg import Svg

__all__ = ("event_words", "mark_events")

MOST = 100
"""Marks of a picture: the newest."""

KINDS = 6
BAD = re.compile("fail|lost|paused|restart")
"""What somebody should look at."""


def mark_events(svg: Svg, run: Run, left: float, right: float, bottom: float) -> None:
    """A mark for each event, where the time axis is."""
    for event in run.events[-MOST:]:
        x = left + (event["time"] - run.since) / run.span * (right - left)
        colour = RED if BAD.search(_kind(event)) else GREY
        svg.area([(x, bottom), (x + 3, bottom + 7), (x - 3, bottom + 7)], colour)
    if run.events:
        svg.title += f". {event_words(run)}"


def _kind(event: dict[str, Any]) -> str:
    return str(event.get("kind", ""))


def event_words(run: Run) -> str:
    """What the marks are: how often what has happened, and the last thing that went wrong."""
    counts = Counter(_kind(event).replace("-", " ") for event in run.events)
    if not counts:
        return ""
    said = [f"{name} × {count:,}" for name, count in counts.most_common(KINDS)]
    bad = [event for event in run.events if BAD.search(_kind(event))]
    last = f". {line(bad[-1].get('text', ''), 160)}" if bad else ""
    return f"Events: {', '.join(said)}{last}"
