"""Pictures of runs: pure functions from columns to SVG.

Shown as images of their own (a ``data:`` address), so that a reader that takes scripts, styles and
foreign markup out of saved notebooks leaves them in, and nothing in them can ever run. An image
does not inherit the theme: text and lines are of a grey, and all colours of a lightness, that read
on white and on black.
"""

from __future__ import annotations

from collections.abc import Callable

from ..run import Run
from .durations import draw_durations
from .flame import draw_profile
from .graph import draw_graph
from .lines import draw_cpu, draw_event_loop, draw_queue
from .memory import draw_memory
from .progress import draw_progress
from .stream import draw_stream
from .svg import Svg
from .table import draw_table
from .transfers import draw_transfers
from .workers import draw_workers

__all__ = ("ASKED", "HEIGHTS", "PICTURES", "TITLES", "Svg")

PICTURES: dict[str, Callable[[Run, int, int], Svg]] = {
    "task-stream": draw_stream,
    "progress": draw_progress,
    "memory": draw_memory,
    "workers-memory": draw_workers,
    "cpu": draw_cpu,
    "occupancy": draw_queue,
    "event-loop": draw_event_loop,
    "durations": draw_durations,
    "workers": draw_table,
    "transfers": draw_transfers,
    "graph": draw_graph,
    "profile": draw_profile,
}
"""By name, as the panes call them: run, width, height."""

ASKED = ("graph", "profile")
"""What a cluster tells only when it is asked: ``answers`` of a run."""

HEIGHTS = {"task-stream": 200, "cpu": 270, "occupancy": 270, "event-loop": 200, "graph": 240}
"""Pixels that pictures of one run take where they are not to be low; otherwise 140."""

TITLES = {
    "task-stream": "Task stream",
    "progress": "Progress",
    "memory": "Memory",
    "workers-memory": "Workers' memory",
    "cpu": "CPU, network and disk",
    "occupancy": "Occupancy and queue",
    "event-loop": "Event loop and GIL",
    "durations": "Durations",
    "workers": "Workers",
    "transfers": "Transfers",
    "graph": "Task graph",
    "profile": "Profile",
}
