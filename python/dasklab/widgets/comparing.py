"""Two runs beside each other: task streams and memory on one scale, figures, prefixes."""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import replace

from ..client.words import amount, duration, line
from .pictures import PICTURES
from .recording import Recording
from .strip import WIDTH, left_out_note
from .summary import Summary, difference, shares

__all__ = ("compare_html", "compare_text", "prefix_table", "table")

ROWS = 30
"""Prefixes that are told apart."""

CELL = "text-align:right;padding:2px 12px 2px 0;background-color:transparent;"


def _share(name: str) -> Callable[[Summary], str]:
    return lambda found: f"{dict(shares(found))[name]:.0%}"


FIGURES: dict[str, Callable[[Summary], str]] = {
    "wall time": lambda found: duration(found.wall),
    "tasks": lambda found: f"{found.tasks:,}",
    "threads": lambda found: f"{found.threads:,}",
    "compute": _share("compute"),
    "transfer": _share("transfer"),
    "disk": _share("disk"),
    "idle": _share("idle"),
    "moved": lambda found: "?" if found.moved is None else amount(found.moved),
    "spilled": lambda found: amount(found.spilled or 0),
    "peak memory": lambda found: amount(found.peak),
    "run again": lambda found: f"{found.retries:,}",
    "failed": lambda found: f"{found.failed:,}",
}


def _change(one: float, other: float) -> str:
    """How much the second is of the first."""
    if one <= 0:
        return "" if other <= 0 else "new"
    return "gone" if other <= 0 else f"× {other / one:.2f}"


def _ratio(name: str, one: Summary, other: Summary) -> str:
    pairs = {
        "wall time": (one.wall, other.wall),
        "tasks": (one.tasks, other.tasks),
        "peak memory": (one.peak, other.peak),
        "moved": (one.moved or 0, other.moved or 0),
        "spilled": (one.spilled or 0, other.spilled or 0),
    }
    return _change(*pairs[name]) if name in pairs else ""


def _rows(one: Recording, other: Recording) -> list[tuple[str, str, str, str]]:
    a, b = one.summary, other.summary
    return [(name, words(a), words(b), _ratio(name, a, b)) for name, words in FIGURES.items()]


def prefix_rows(one: Summary, other: Summary) -> list[tuple[str, str, str, str]]:
    """By prefix: tasks and seconds of computing in each, and the change."""
    return [
        (
            line(name, 60),
            f"{a.tasks:,} in {duration(a.seconds)}" if a.tasks else "",
            f"{b.tasks:,} in {duration(b.seconds)}" if b.tasks else "",
            _change(a.seconds, b.seconds),
        )
        for name, a, b in difference(one, other)[:ROWS]
    ]


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """Rows of text as HTML; the first column is what they are about."""
    first = CELL.replace("right", "left")
    lines = [
        "<tr>"
        + "".join(
            f'<{tag} style="{first if place == 0 else CELL}">{html.escape(text)}</{tag}>'
            for place, text in enumerate(row)
        )
        + "</tr>"
        for tag, row in (("th", head), *(("td", row) for row in rows))
    ]
    return f'<table style="border:none;margin:6px 0;">{"".join(lines)}</table>'


def prefix_table(summary: Summary) -> str:
    """What each prefix did in one run."""
    parts = sorted(summary.prefixes.items(), key=lambda item: -item[1].seconds)[:ROWS]
    rows: list[tuple[str, ...]] = [
        (
            line(name, 60),
            f"{part.tasks:,}",
            duration(part.seconds),
            duration(part.transfer),
            amount(part.nbytes),
        )
        for name, part in parts
    ]
    return table(("prefix", "tasks", "computing", "moving", "results"), rows)


def compare_html(one: Recording, other: Recording) -> str:
    """Both runs, from their beginnings, on one scale of time and memory."""
    span = max(one.run.span, other.run.span)
    top = max([*one.run.cluster.get("used", ()), *other.run.cluster.get("used", ()), 1.0])
    parts = []
    for recording in (one, other):
        run = replace(recording.run, until=recording.run.since + span)
        title = f"{recording.name}: {duration(recording.summary.wall)}"
        parts.append(f'<div style="margin:6px 0 0 0;"><b>{html.escape(line(title, 120))}</b></div>')
        parts.append(f"<div>{PICTURES['task-stream'](run, WIDTH, 130).image()}</div>")
        parts.append(_note(recording))
        run.cluster = {**run.cluster, "scale": [top]}
        parts.append(f"<div>{PICTURES['memory'](run, WIDTH, 90).image()}</div>")
    names = (line(one.name, 40), line(other.name, 40))
    parts.append(table(("", *names, "change"), list(_rows(one, other))))
    parts.append(table(("prefix", *names, "change"), list(prefix_rows(one.summary, other.summary))))
    return f'<div style="max-width:{WIDTH + 16}px;">{"".join(parts)}</div>'


def _note(recording: Recording) -> str:
    note = left_out_note(recording.run)
    return f"<div>{html.escape(note)}</div>" if note else ""


def compare_text(one: Recording, other: Recording) -> str:
    """The tables as text."""
    rows = [
        ("", line(one.name, 24), line(other.name, 24), "change"),
        *_rows(one, other),
        ("", "", "", ""),
        *prefix_rows(one.summary, other.summary),
    ]
    notes = [
        f"{line(recording.name, 40)}: {note}"
        for recording in (one, other)
        if (note := left_out_note(recording.run))
    ]
    return "\n".join(
        [
            *(
                f"{line(name, 32):<32} {a:>24} {b:>24} {change:>9}".rstrip()
                for name, a, b, change in rows
            ),
            *notes,
        ]
    )
