"""The strip beneath a cell: live while it runs, and its summary in the end. HTML and text.

Saved with the notebook, so: no script, no widget; figures are text, pictures are images.
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterable

from ..client.words import line, plural
from .pictures import HEIGHTS, PICTURES, TITLES
from .pictures.events import event_words
from .pictures.ink import BLUE, GREY, ORANGE, RED, TRACK
from .pictures.svg import Svg
from .run import Run
from .summary import Summary, figures, shares

__all__ = ("left_out_note", "open_button", "plots_html", "strip_html", "strip_text")

WIDTH = 640
COLOURS = {
    "compute": BLUE,
    "transfer": RED,
    "disk": ORANGE,
    "other": "#9a8fa8",
    "other cells": GREY,
    "idle": TRACK,
}
MARKS = {"": ("◌", GREY), "done": ("✓", "#2e9e4f"), "failed": ("✕", RED), "stopped": ("○", GREY)}


def strip_text(summary: Summary, end: str = "done", note: str = "") -> str:
    """The strip without pictures."""
    words = " · ".join(figures(summary))
    before = {"failed": "The cell failed · ", "stopped": "Interrupted · "}.get(end, "")
    return f"{before}{words}" + (f" · {line(note, 300)}" if note else "")


def left_out_note(run: Run) -> str:
    """What the pictures do not show of the run; empty where they show all of it."""
    if not run.left_out:
        return ""
    return (
        f"The task stream lacks the oldest {plural(run.left_out, 'row')}; "
        "figures and progress count them."
    )


def split_bar(summary: Summary) -> Svg:
    """Where the threads' time went, as one bar."""
    parts = shares(summary)
    svg = Svg(WIDTH, 10, ", ".join(f"{name} {share:.0%}" for name, share in parts))
    x = 0.0
    for name, share in parts:
        if share > 0:
            svg.rect(x, 1, share * WIDTH, 8, COLOURS[name])
        x += share * WIDTH
    return svg


def open_button(cluster: str | None, plot: str = "task-stream") -> str:
    """A way to the full plots, where JupyterLab has our panel."""
    if cluster is None:
        return ""
    arguments = html.escape(json.dumps({"cluster": cluster, "plot": plot}))
    return (
        '<button type="button" data-commandlinker-command="dasklab:open-plot" '
        f'data-commandlinker-args="{arguments}">full plots</button>'
    )


def strip_html(
    run: Run, summary: Summary, *, end: str = "", note: str = "", cluster: str | None = None
) -> str:
    """The strip; ``end`` is empty while the cell runs, then done, failed or stopped.

    Parameters
    ----------
    note
        What else is to be said, such as that the cluster has gone.
    cluster
        Id of the cluster that a button opens the plots of.
    """
    mark, colour = MARKS[end]
    words = html.escape(" · ".join(figures(summary)))
    parts = [
        (
            f'<div style="margin:2px 0;"><span style="color:{colour};">{mark}</span> {words} '
            f"{open_button(cluster)}</div>"
        )
    ]
    if note:
        parts.append(f'<div style="margin:2px 0;color:{RED};">{html.escape(line(note, 300))}</div>')
    if run.rows or run.progress:
        if summary.tasks:
            parts.append(_row(split_bar(summary)))
            parts.append(_row(PICTURES["progress"](run, WIDTH, 120)))
            parts.append(_row(PICTURES["task-stream"](run, WIDTH, 150)))
        half = WIDTH // 2 - 4
        pair = (PICTURES["memory"](run, half, 110), PICTURES["workers-memory"](run, half, 110))
        parts.append(_row(*pair))
    if run.left_out:
        parts.append(f"<div>{left_out_note(run)}</div>")
    if run.events:
        parts.append(_event_line(run))
    if run.others:
        parts.append(f"<div>Rows of other cells and programs are left out: {run.others:,}.</div>")
    return f'<div style="max-width:{WIDTH + 16}px;">{"".join(parts)}</div>'


def _event_line(run: Run) -> str:
    """What the marks beneath the time are."""
    return f"<div>{html.escape(event_words(run))}</div>"


def _row(*pictures: Svg) -> str:
    images = " ".join(picture.image() for picture in pictures)
    return f'<div style="margin:4px 0;">{images}</div>'


def plots_html(
    run: Run, names: Iterable[str], *, title: str, note: str = "", cluster: str | None = None
) -> str:
    """Some plots, one beneath the other."""
    names = list(names)
    parts = [
        (
            f'<div style="margin:2px 0;"><b>{html.escape(line(title, 200))}</b> '
            f"{open_button(cluster, names[0])}</div>"
        )
    ]
    if note:
        parts.append(f'<div style="margin:2px 0;color:{RED};">{html.escape(line(note, 300))}</div>')
    parts += [
        f'<div style="margin:6px 0 0 0;">{html.escape(TITLES[name])}</div>'
        + _row(PICTURES[name](run, WIDTH, HEIGHTS.get(name, 140)))
        for name in names
    ]
    if run.events:
        parts.append(_event_line(run))
    return f'<div style="max-width:{WIDTH + 16}px;">{"".join(parts)}</div>'
