"""Pictures of runs: pure functions from columns to SVG.

Shown as images of their own (a ``data:`` address), so that a reader that takes scripts, styles and
foreign markup out of saved notebooks leaves them in, and nothing in them can ever run. An image
does not inherit the theme: text and lines are of a grey, and all colours of a lightness, that read
on white and on black.
"""

from __future__ import annotations

from collections.abc import Callable

from ..run import Run
from .lines import draw_cpu, draw_queue
from .memory import draw_memory
from .progress import draw_progress
from .stream import draw_stream
from .svg import Svg
from .workers import draw_workers

__all__ = ("PICTURES", "TITLES", "Svg")

PICTURES: dict[str, Callable[[Run, int, int], Svg]] = {
    "task-stream": draw_stream,
    "progress": draw_progress,
    "memory": draw_memory,
    "workers-memory": draw_workers,
    "cpu": draw_cpu,
    "occupancy": draw_queue,
}
"""By name, as the panes call them: run, width, height."""

TITLES = {
    "task-stream": "Task stream",
    "progress": "Progress",
    "memory": "Memory",
    "workers-memory": "Workers' memory",
    "cpu": "CPU",
    "occupancy": "Occupancy and queue",
}
