"""Cards of clusters, as HTML for notebooks and as text for terminals.

Pure functions of a cluster's JSON; used by the magics, :class:`~dasklab.client.Cluster` and the
command line. The HTML is saved in notebooks, so it is inert: no script, styles inline. Its colours
are opacities of the surrounding text and mid tones, which look right in light and dark pages and
pass JupyterLab's sanitizer, where ``var(--jp-…)`` does not. Names, reasons and log lines are
hostile text: everything goes through :func:`safe`.
"""

from __future__ import annotations

import html
import json
import time
from collections.abc import Sequence
from typing import Any

from ..links import base_url, dashboard_path
from .words import advice_text, amount, duration, lease_sentence, line, plural

__all__ = (
    "card_html",
    "card_text",
    "error_html",
    "error_text",
    "scaling_text",
    "workers_text",
)

Info = dict[str, Any]

PHASES = {
    "starting": ("◌", "#1e88e5"),
    "waiting": ("◔", "#d98200"),
    "running": ("●", "#2e9e4f"),
    "stopping": ("◌", "#888888"),
    "stopped": ("○", "#888888"),
    "failed": ("✕", "#e04848"),
    "lost": ("✕", "#e04848"),
}
"""Symbol and colour of each phase: never the colour alone."""

STEPS = {"done": "✓", "active": "…", "failed": "✕"}
ADVICE_SHOWN = 3
"""Findings of a kind on a card; ``%dask why`` has all of them."""

TO_MIND = "To mind: "
LOG_LINES = 20
GREY = "rgba(128,128,128,0.35)"
MUTED = "opacity:0.7;"
CELL = "text-align:left;padding:2px 12px 2px 0;vertical-align:top;background-color:transparent;"
_BASE: Any = object()


def safe(value: object, limit: int = 200) -> str:
    return html.escape(line(value, limit), quote=True)


def mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def phase_of(info: Info) -> tuple[str, str, str]:
    phase = str(info.get("phase", "?"))
    return (*PHASES.get(phase, ("?", "#888888")), phase)


def workers_text(info: Info) -> str:
    """``2 of 4``, with the range of adaptive scaling and what is wanted of worker groups."""
    workers = mapping(info.get("workers"))
    wanted, running = workers.get("wanted"), workers.get("running", 0)
    text = f"{running}"
    if isinstance(wanted, int) and isinstance(running, int) and wanted != running:
        text += f" of {wanted}" if running < wanted else f", going down to {wanted}"
    beside = [groups] if (groups := _groups_text(workers)) else []
    if workers.get("maximum") is not None:
        beside.insert(0, f"adaptive, {workers.get('minimum')} to {workers['maximum']}")
    return f"{text} ({'; '.join(beside)})" if beside else text


def _groups_text(workers: dict[str, Any]) -> str:
    """``2 gpu``: what is wanted of worker groups, which is part of the whole."""
    groups = mapping(workers.get("groups"))
    return ", ".join(f"{number} {line(name, 40)}" for name, number in groups.items() if number)


def scaling_text(info: Info) -> str:
    """``2 of 4 workers``."""
    workers = mapping(info.get("workers"))
    running, wanted = workers.get("running", 0), workers.get("wanted")
    if running == wanted and workers.get("maximum") is None:
        groups = _groups_text(workers)
        return plural(int(running), "worker") + (f" ({groups})" if groups else "")
    return f"workers: {workers_text(info)}"


def _memory_text(info: Info) -> str:
    memory = mapping(info.get("memory"))
    if not memory.get("limit"):
        return ""
    return f"{amount(memory.get('used', 0))} of {amount(memory['limit'])}"


def _environment_text(info: Info) -> str:
    found = mapping(info.get("environment"))
    return str(found.get("title") or found.get("name") or found.get("python") or "")


def what(info: Info) -> str:
    """Profile or deployment; of a notebook's own the class as well."""
    name = str(info.get("profile") or info.get("deployment", ""))
    if name != "published":
        return name
    kind = info.get("kind")
    return f"{kind}, made in a notebook" if kind else "made in a notebook"


def _log_lines(reason: dict[str, Any]) -> list[str]:
    log = mapping(reason.get("details")).get("log") or []
    found = log.splitlines() if isinstance(log, str) else log
    return [line(item, 300) for item in list(found)[-LOG_LINES:]] if isinstance(found, list) else []


def is_live(info: Info) -> bool:
    return info.get("phase") not in ("stopped", "failed", "lost")


# -- errors ---------------------------------------------------------------------------------------
def error_html(error: Info) -> str:
    """An error (its wire form): what happened, what to do, and the log's last lines."""
    parts = ['<div style="border-left:3px solid #e04848;padding:2px 0 2px 10px;margin:4px 0;">']
    parts.append(f"<div>{safe(error.get('message'), 1_000)}</div>")
    if error.get("hint"):
        parts.append(f'<div style="{MUTED}">{safe(error["hint"], 500)}</div>')
    log = _log_lines(error)
    if log:
        text = html.escape("\n".join(log))
        parts.append(
            f"<details><summary>The end of its log</summary>"
            f'<pre style="font-size:85%;white-space:pre-wrap;margin:4px 0;">{text}</pre></details>'
        )
    return "".join(parts) + "</div>"


def error_text(error: Info) -> str:
    """An error as lines of text: the sentence, each single error of many, the hint."""
    details = mapping(error.get("details"))
    single = details.get("errors")
    if isinstance(single, list) and len(single) > 1:
        lines = [f"{len(single)} options are wrong:"]
        lines += [f"  {line(mapping(one).get('message', ''), 500)}" for one in single]
    else:
        lines = [line(error.get("message", ""), 2_000)]
    if error.get("hint"):
        lines.append(line(error["hint"], 500))
    return "\n".join(lines)


# -- one cluster ----------------------------------------------------------------------------------
def card_html(info: Info, *, base: str | None = _BASE, now: float | None = None) -> str:
    """One cluster.

    Parameters
    ----------
    info
        Its JSON.
    base
        Base URL of the Jupyter server, for links; this process's by default, ``None`` for no link.
    now
        Epoch seconds.
    """
    base = base_url() if base is _BASE else base
    now = time.time() if now is None else now
    symbol, colour, phase = phase_of(info)
    environment = _environment_text(info)
    where = what(info) + (f" · {environment}" if environment else "")
    parts = [
        f'<div style="border:1px solid {GREY};border-radius:4px;padding:8px 12px;margin:4px 0;',
        'max-width:640px;line-height:1.5;">',
        f'<div><b style="font-size:110%;">{safe(info.get("name"), 80)}</b>&nbsp; ',
        f'<span style="color:{colour};">{symbol}</span> {safe(phase, 20)}&nbsp; ',
        f'<span style="{MUTED}">{safe(where, 140)}</span></div>',
    ]
    reason = mapping(info.get("reason"))
    if reason:
        parts.append(error_html(reason) if phase != "waiting" else _note(reason))
    parts += [_note(found) for found in _advice(info)]
    parts += [_note(found, TO_MIND) for found in _warnings(info)]
    if phase == "starting" or (phase == "failed" and info.get("steps")):
        parts.append(_steps_html(info, now))
    if is_live(info) and phase != "starting":
        parts.append(_facts_html(info, base, now))
    return "".join(parts) + "</div>"


def _advice(info: Info) -> list[dict[str, Any]]:
    """The most important findings that the reason does not say already."""
    if not is_live(info):
        return []
    found = [mapping(item) for item in info.get("advice") or ()]
    return found[1:ADVICE_SHOWN] if info.get("phase") == "waiting" else found[:ADVICE_SHOWN]


def _warnings(info: Info) -> list[dict[str, Any]]:
    """What to mind of its options."""
    found = info.get("warnings") or () if is_live(info) else ()
    return [mapping(item) for item in found][:ADVICE_SHOWN]


def _note(reason: dict[str, Any], before: str = "") -> str:
    text = f"{before}{safe(reason.get('message'), 500)} {safe(reason.get('hint') or '', 300)}"
    return f'<div style="{MUTED}">{text}</div>'


def _steps_html(info: Info, now: float) -> str:
    rows = []
    for step in _steps(info):
        mark = STEPS.get(str(step.get("state")), "?")
        rows.append(
            f"<div>{mark} {safe(step.get('title'), 120)} "
            f'<span style="{MUTED}">{_step_time(step, now)}</span></div>'
        )
    return "".join(rows)


def _steps(info: Info) -> Sequence[dict[str, Any]]:
    return [mapping(step) for step in info.get("steps") or ()]


def _step_time(step: dict[str, Any], now: float) -> str:
    started, finished = step.get("started"), step.get("finished")
    if not isinstance(started, (int, float)):
        return ""
    # A step that goes on has no time yet: the card is not drawn again while nothing changes.
    return duration(finished - started) if isinstance(finished, (int, float)) else ""


def _facts_html(info: Info, base: str | None, now: float) -> str:
    memory = mapping(info.get("memory"))
    facts = [("Workers", safe(workers_text(info))), ("Cores", safe(info.get("cores", 0)))]
    if _memory_text(info):
        facts.append(("Memory", f"{_bar(memory)} {safe(_memory_text(info))}"))
    scheduler = mapping(info.get("scheduler"))
    if scheduler.get("address"):
        facts.append(("Scheduler", f"<code>{safe(scheduler['address'], 120)}</code>"))
    if base is not None and "dashboard" in (info.get("can") or ()):
        facts.append(("Dashboard", _dashboard_links(info, base)))
    lease = lease_sentence(mapping(info.get("lease")), now)
    if lease:
        facts.append(("Lease", safe(lease)))
    rows = "".join(
        f'<tr style="background-color:transparent;"><td style="{CELL}{MUTED}">{name}</td>'
        f'<td style="{CELL}">{value}</td></tr>'
        for name, value in facts
    )
    return (
        f'<table style="border-collapse:collapse;border:none;margin:4px 0 0 0;">'
        f"<tbody>{rows}</tbody></table>"
    )


def _bar(memory: dict[str, Any]) -> str:
    share = 0.0
    used, limit = memory.get("used", 0), memory["limit"]
    if isinstance(used, (int, float)) and isinstance(limit, (int, float)) and limit > 0:
        share = min(100.0, max(0.0, 100 * used / limit))
    return (
        f'<span style="display:inline-block;width:80px;height:8px;background-color:{GREY};'
        f'border-radius:4px;vertical-align:middle;"><span style="display:block;'
        f'width:{share:.0f}%;height:8px;border-radius:4px;background-color:#1e88e5;"></span></span>'
    )


def _dashboard_links(info: Info, base: str) -> str:
    cluster_id = str(info.get("id", ""))
    pages = (
        ("Status", "status"),
        ("Task stream", "individual-task-stream"),
        ("Workers", "workers"),
    )
    links = [
        f'<a href="{html.escape(dashboard_path(base, cluster_id, page))}" target="_blank" '
        f'rel="noopener">{title}</a>'
        for title, page in pages
    ]
    # What Dask's own Client has only where dask-labextension is installed in the kernel.
    arguments = html.escape(json.dumps({"url": dashboard_path(base, cluster_id)}))
    links.append(
        '<button type="button" data-commandlinker-command="dasklab:open-default-layout" '
        f'data-commandlinker-args="{arguments}">in panes</button>'
    )
    return " · ".join(links)


def card_text(info: Info, *, link: str | None = None, now: float | None = None) -> str:
    """One cluster for a terminal.

    Parameters
    ----------
    link
        The dashboard's address, where one works.
    """
    now = time.time() if now is None else now
    symbol, _, phase = phase_of(info)
    environment = _environment_text(info)
    head = f"{line(info.get('name', ''), 80)}  {symbol} {line(phase, 20)}  {line(what(info), 60)}"
    lines = [head + (f" · {line(environment, 80)}" if environment else "")]
    reason = mapping(info.get("reason"))
    if reason:
        lines += ["  " + text for text in error_text(reason).splitlines()]
        lines += ["    | " + text for text in _log_lines(reason)]
    lines += ["  " + advice_text({**found, "evidence": ()}) for found in _advice(info)]
    lines += [f"  {TO_MIND}{advice_text({**found, 'evidence': ()})}" for found in _warnings(info)]
    if phase == "starting" or (phase == "failed" and info.get("steps")):
        for step in _steps(info):
            mark = STEPS.get(str(step.get("state")), "?")
            lines.append(f"  {mark} {line(step.get('title', ''), 120)} {_step_time(step, now)}")
    if is_live(info) and phase != "starting":
        facts = [("Workers", workers_text(info)), ("Cores", info.get("cores", 0))]
        facts.append(("Memory", _memory_text(info)))
        facts.append(("Scheduler", mapping(info.get("scheduler")).get("address", "")))
        facts.append(("Dashboard", link or ""))
        facts.append(("Lease", lease_sentence(mapping(info.get("lease")), now)))
        lines += [f"  {name:<10} {line(value)}" for name, value in facts if str(value)]
    return "\n".join(text.rstrip() for text in lines)
