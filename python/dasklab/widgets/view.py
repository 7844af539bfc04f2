"""Progress as HTML for notebooks and as text.

Saved with the notebook, so: no script, no widget, styles inline, and the numbers are text that
says all when a reader strips the styles. Prefixes and exceptions are hostile text.
"""

from __future__ import annotations

import html

from ..client.words import amount, duration, line, plural, rate
from .state import Group, State, add_up

__all__ = ("colour", "headline", "notes", "progress_html", "progress_text", "shown_groups")

ROWS = 12
"""Prefixes that are shown apart; the rest is one row."""

ERROR_LIMIT = 600
RED = "#e04848"
BLUE = "#1e88e5"
TRACK = "rgba(128,128,128,0.25)"
EDGE = "rgba(128,128,128,0.5)"
FAILED = "background-color:#000000;box-sizing:border-box;border:1px solid #ffffff;"
MUTED = "opacity:0.7;"
CELL = "text-align:right;padding:2px 12px 2px 0;background-color:transparent;"
MARKS = {"done": ("✓", "#2e9e4f"), "failed": ("✕", RED), "cancelled": ("○", "#888888")}


def colour(name: str) -> str:
    """The prefix's colour in every plot of Dask's."""
    try:
        from distributed.utils import color_of

        return str(color_of(name))
    except (ImportError, TypeError, ValueError):
        return BLUE


def shown_groups(state: State) -> list[Group]:
    """The prefixes to show: all, or the largest and one for the rest."""
    groups = list(state.groups)
    if len(groups) <= ROWS:
        return groups
    largest = set(sorted(groups, key=lambda group: group.total, reverse=True)[: ROWS - 1])
    rest = [group for group in groups if group not in largest]
    return [*(group for group in groups if group in largest), add_up(f"{len(rest)} more", rest)]


def headline(state: State) -> str:
    """One line that says it all."""
    total, end = state.total, state.end
    if not total.total:
        if end is None:
            return "Waiting for the scheduler to get the tasks."
        return f"Nothing was computed: {end}." if end in MARKS else end
    parts = [f"{total.done:,} of {plural(total.total, 'task')}"]
    if end is None:
        parts += [f"{_share(total)} %"]
        parts += [rate(total.rate)] if total.rate else []
        parts += [f"{duration(total.left)} left"] if total.left else []
        if state.missing:
            parts.append(f"{state.missing:,} on their way to the scheduler")
    parts += notes(total)
    if end is not None:
        parts.append(f"{'done in' if end == 'done' else 'after'} {duration(state.elapsed)}")
        parts += [rate(total.rate)] if total.rate and end == "done" else []
        if end not in MARKS:
            parts.insert(0, end)
    return " · ".join(parts)


def _share(group: Group) -> int:
    return int(100 * group.done / group.total) if group.total else 0


def notes(group: Group) -> list[str]:
    """What did not go as it should."""
    found = []
    if group.erred:
        found.append(f"{group.erred:,} failed")
    if group.cancelled:
        found.append(f"{group.cancelled:,} cancelled")
    if group.retries:
        found.append(f"{group.retries:,} run again")
    return found


def _safe(text: str, limit: int) -> str:
    return html.escape(line(text, limit), quote=True)


def progress_html(state: State) -> str:
    """The whole picture."""
    mark, tone = MARKS.get(state.end or "", ("▸", BLUE) if state.end is None else ("○", "#888888"))
    parts = [
        '<div style="margin:4px 0;max-width:860px;line-height:1.5;">',
        f'<div><span style="color:{tone};">{mark}</span> {_safe(headline(state), 600)}</div>',
    ]
    groups = shown_groups(state)
    if groups:
        heads = "".join(
            f'<th style="{CELL}{MUTED}{"text-align:left;" if not name or name == "Task" else ""}">'
            f"{name}</th>"
            for name in ("Task", "", "Done", "Rate", "Left", "Results", "")
        )
        parts.append(
            '<table style="border-collapse:collapse;border:none;margin:4px 0;">'
            f"<thead><tr>{heads}</tr></thead><tbody>"
        )
        parts += [_row(group, state.end is not None) for group in groups]
        if len(groups) > 1:
            parts.append(_row(state.total, state.end is not None, total=True))
        parts.append("</tbody></table>")
    if state.error is not None:
        key, text = state.error
        parts.append(
            f'<div style="border-left:3px solid {RED};padding:2px 0 2px 10px;">'
            f"The first failure, in {_safe(key, 120)}:<br>"
            f"<code>{_safe(text, ERROR_LIMIT)}</code></div>"
        )
    return "".join(parts) + "</div>"


def _row(group: Group, ended: bool, *, total: bool = False) -> str:
    left = "" if group.left is None or ended else duration(group.left)
    name = _safe(group.name, 60)
    cells = (
        (f"<b>{name}</b>" if total else name, "text-align:left;"),
        (_bar(group, BLUE if total else colour(group.name)), "text-align:left;"),
        (f"{group.done:,} / {group.total:,}", "white-space:nowrap;"),
        (rate(group.rate) if group.rate else "", "white-space:nowrap;"),
        (left, "white-space:nowrap;"),
        (amount(group.nbytes) if group.nbytes else "", "white-space:nowrap;"),
        (html.escape(", ".join(notes(group))), "text-align:left;white-space:nowrap;"),
    )
    inner = "".join(f'<td style="{CELL}{style}">{text}</td>' for text, style in cells)
    return f"<tr>{inner}</tr>"


def _bar(group: Group, tone: str) -> str:
    """Done in the prefix's colour, then what failed in black, with an edge for dark pages."""
    whole = max(1, group.total)
    done, erred = 100 * group.done / whole, 100 * group.erred / whole
    part = "display:inline-block;height:10px;vertical-align:top;"
    return (
        f'<div style="width:200px;height:10px;line-height:10px;white-space:nowrap;overflow:hidden;'
        f'border:1px solid {EDGE};border-radius:2px;background-color:{TRACK};">'
        f'<div style="{part}width:{done:.1f}%;background-color:{tone};"></div>'
        f'<div style="{part}width:{erred:.1f}%;{FAILED if erred else ""}"></div></div>'
    )


def progress_text(state: State) -> str:
    """The same for readers without HTML, and for logs."""
    lines = [line(headline(state), 600)]
    groups = shown_groups(state)
    rows = [_text_row(group, state.end is not None) for group in groups]
    if rows:
        widths = [max(len(row[index]) for row in rows) for index in range(len(rows[0]))]
        lines += [
            "  "
            + "  ".join(
                text.ljust(width) if index in (0, 6) else text.rjust(width)
                for index, (text, width) in enumerate(zip(row, widths, strict=True))
                if width
            ).rstrip()
            for row in rows
        ]
    if state.error is not None:
        key, text = state.error
        lines.append(f"The first failure, in {line(key, 120)}: {line(text, ERROR_LIMIT)}")
    return "\n".join(lines)


def _text_row(group: Group, ended: bool) -> tuple[str, ...]:
    return (
        line(group.name, 40),
        f"{_share(group)} %",
        f"{group.done:,} / {group.total:,}",
        rate(group.rate) if group.rate else "",
        "" if group.left is None or ended else f"{duration(group.left)} left",
        amount(group.nbytes) if group.nbytes else "",
        ", ".join(notes(group)),
    )
