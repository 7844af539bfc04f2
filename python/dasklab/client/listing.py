"""Lists of clusters, as HTML for notebooks and as text for terminals; see :mod:`.render`."""

from __future__ import annotations

import html
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ..links import base_url, dashboard_path
from .render import (
    CELL,
    MUTED,
    Info,
    error_html,
    error_text,
    is_live,
    mapping,
    phase_of,
    safe,
    what,
    workers_text,
)
from .words import amount, clock, duration, line

if TYPE_CHECKING:
    from ..model.record import Record

__all__ = ("brief", "list_html", "list_text")

RECENT = 5
"""Ended clusters that a list shows."""

NOTHING = "No cluster runs. Start one: %dask start local -n 2"
_BASE: Any = object()


def brief(record: Record) -> Info:
    """As much of a cluster's JSON as a list shows; making all of it takes ten times as long."""
    return {
        "id": record.id,
        "name": record.name,
        "phase": record.phase.value,
        "profile": record.profile,
        "deployment": record.deployment,
        "workers": record.workers,
        "cores": record.cores,
        "memory": record.memory,
        "lease": record.lease,
        "reason": record.reason,
        "updated": record.updated,
        "can": record.can,
    }


COLUMNS = ("", "Name", "Phase", "Runs on", "Workers", "Cores", "Memory", "Ends in")


def _row(info: Info, current: str | None, now: float) -> tuple[str, ...]:
    memory = mapping(info.get("memory"))
    lease = mapping(info.get("lease"))
    deadline = lease.get("deadline")
    left = "kept" if lease.get("pinned") else ""
    if isinstance(deadline, (int, float)) and not left:
        left = "in use" if lease.get("cause") == "max-age" else duration(deadline - now)
    return (
        "▸" if current is not None and info.get("id") == current else "",
        str(info.get("name", "")),
        str(info.get("phase", "")),
        what(info),
        workers_text(info),
        str(info.get("cores", 0)),
        amount(memory["limit"]) if memory.get("limit") else "",
        left,
    )


def _parted(infos: Iterable[Info], recent: int | None) -> tuple[list[Info], list[Info]]:
    """The live ones, and those among the ended that are to be shown."""
    live: list[Info] = []
    ended: list[Info] = []
    for info in infos:
        if is_live(info):
            live.append(info)
        elif recent is not None or info.get("reason"):
            ended.append(info)
    return live, ended[: RECENT if recent is None else recent]


def _end_text(info: Info) -> str:
    reason = mapping(info.get("reason"))
    when = info.get("updated")
    text = f"{info.get('phase')}"
    if isinstance(when, (int, float)) and when > 0:
        text += f" {clock(when)}"
    return f"{text}. {reason['message']}" if reason.get("message") else f"{text}."


def list_html(
    infos: Iterable[Info],
    problems: Iterable[Info] = (),
    current: str | None = None,
    *,
    base: str | None = _BASE,
    now: float | None = None,
    recent: int | None = None,
) -> str:
    """All clusters, those that ended lately, and records that cannot be read.

    Parameters
    ----------
    current
        Id of the notebook's own.
    recent
        How many ended ones to show; by default a few that did not end because their user said so.
    """
    base = base_url() if base is _BASE else base
    now = time.time() if now is None else now
    live, ended = _parted(infos, recent)
    parts = []
    if live:
        heads = "".join(f'<th style="{CELL}{MUTED}">{name}</th>' for name in (*COLUMNS, ""))
        rows = "".join(_row_html(info, current, base, now) for info in live)
        parts.append(
            f'<table style="border-collapse:collapse;border:none;margin:4px 0;">'
            f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
        )
    else:
        parts.append(f"<div>{html.escape(NOTHING)}</div>")
    if ended:
        rows = "".join(
            f"<div>{safe(info.get('name'), 80)}: {safe(_end_text(info), 400)}</div>"
            for info in ended
        )
        parts.append(f'<div style="{MUTED}font-size:90%;margin:6px 0 0 0;">{rows}</div>')
    parts += [error_html(problem) for problem in problems]
    return "".join(parts)


def _row_html(info: Info, current: str | None, base: str | None, now: float) -> str:
    cells = [safe(text, 120) for text in _row(info, current, now)]
    symbol, colour, _ = phase_of(info)
    cells[1] = f"<b>{cells[1]}</b>"
    cells[2] = f'<span style="color:{colour};">{symbol}</span> {cells[2]}'
    can = "dashboard" in (info.get("can") or ())
    cells.append(
        f'<a href="{html.escape(dashboard_path(base, str(info.get("id", ""))))}" target="_blank" '
        f'rel="noopener">Dashboard</a>'
        if base is not None and can
        else ""
    )
    return "<tr>" + "".join(f'<td style="{CELL}">{cell}</td>' for cell in cells) + "</tr>"


def list_text(
    infos: Iterable[Info],
    problems: Iterable[Info] = (),
    current: str | None = None,
    *,
    now: float | None = None,
    recent: int | None = None,
) -> str:
    """The same for a terminal."""
    now = time.time() if now is None else now
    live, ended = _parted(infos, recent)
    lines = []
    if live:
        rows = [COLUMNS, *(_row(info, current, now) for info in live)]
        table = [[line(text, 60) for text in row] for row in rows]
        widths = [max(len(row[index]) for row in table) for index in range(len(COLUMNS))]
        lines = [
            "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
            for row in table
        ]
    else:
        lines.append(NOTHING)
    if ended:
        lines += ["", "Ended:"]
        lines += [
            f"  {line(info.get('name', ''), 80)}: {line(_end_text(info), 400)}" for info in ended
        ]
    for problem in problems:
        lines += ["", *error_text(problem).splitlines()]
    return "\n".join(lines)
