"""Numbers and times in plain words, the same in cards, lists, progress and the command line."""

from __future__ import annotations

import shlex
import time
from typing import Any

from ..model.record import Record
from ..processes import hostname, strip_ansi

__all__ = (
    "advice_text",
    "amount",
    "clock",
    "duration",
    "elsewhere",
    "lease_sentence",
    "line",
    "plural",
    "rate",
    "stopped_sentence",
)


def line(value: object, limit: int = 200) -> str:
    """Foreign text as one line without control characters, cut to ``limit`` characters."""
    text = str(value)
    if len(text) <= limit and text.isprintable() and "  " not in text:
        return text.strip()  # nearly always: lists have hundreds of these
    text = " ".join(strip_ansi(text[: 4 * limit]).split())
    # What is left of the invisible, such as marks that turn the direction of writing.
    text = "".join(filter(str.isprintable, text))
    return text if len(text) <= limit else text[: limit - 1] + "…"


def plural(number: int, thing: str) -> str:
    """``1 worker``, ``2 workers``."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def amount(count: object) -> str:
    """Bytes, such as ``1.5 GiB``."""
    if isinstance(count, bool) or not isinstance(count, (int, float)) or not 0 <= count < 2**90:
        return "?"
    number = float(count)
    for unit in ("B", "kiB", "MiB", "GiB", "TiB"):
        if number < 1000:
            digits = 0 if unit == "B" or number >= 100 else 1
            return f"{number:.{digits}f} {unit}"
        number /= 1024
    return f"{number:.1f} PiB"


def duration(seconds: float) -> str:
    """A span of time in words, to two places: ``1 h 5 min``."""
    seconds = max(0.0, seconds)
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        minutes, rest = divmod(whole, 60)
        return f"{minutes} min {rest} s" if rest and minutes < 10 else f"{round(whole / 60)} min"
    if whole < 86_400:
        hours, minutes = divmod(round(whole / 60), 60)
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = divmod(round(whole / 3600), 24)
    return f"{days} d {hours} h" if hours else f"{days} d"


def advice_text(advice: dict[str, Any]) -> str:
    """A finding as it stands in a terminal: what, what to change, and the lines that show it."""
    text = f"{line(advice.get('message', ''), 600)} {line(advice.get('hint', ''), 600)}".rstrip()
    evidence = [line(item, 300) for item in list(advice.get("evidence") or ())[:20]]
    return "\n    ".join([text, *evidence])


def rate(per_second: float) -> str:
    """Tasks a second."""
    if per_second >= 100:
        return f"{per_second:,.0f}/s"
    return f"{per_second:.1f}/s" if per_second >= 0.095 else f"{per_second * 60:.1f}/min"


def clock(at: float) -> str:
    """A moment (epoch seconds) in local time; with its day when it is far off."""
    when = time.localtime(at)
    far = abs(at - time.time()) > 12 * 3600
    return time.strftime("%b %d, %H:%M" if far else "%H:%M", when)


CAUSES = {
    "idle": "if nothing runs on it",
    "no-client": "unless a notebook connects",
}


def lease_sentence(lease: dict[str, Any], now: float) -> str:
    """When the cluster ends by itself, in words; empty where it has no lease."""
    if not lease:
        return ""
    if lease.get("pinned"):
        return "Kept: no lease ends it"
    deadline = lease.get("deadline")
    if isinstance(deadline, (int, float)) and not isinstance(deadline, bool):
        when = f"in {duration(deadline - now)} ({clock(deadline)})"
        if lease.get("cause") == "max-age":
            return f"In use; ends {when} at the latest"
        return f"Ends {when} {CAUSES.get(str(lease.get('cause')), '')}".strip()
    if not any(lease.get(name) for name in ("idle", "no_client", "max_age")):
        return "No limits"
    return "In use"


def stopped_sentence(name: str, phase: str, *, found: bool, detached: bool) -> str:
    """What became of a cluster that was stopped.

    Parameters
    ----------
    found
        It was found running, and attached to.
    detached
        Of such a one: it was only let go of.
    """
    if found and detached:
        return f"{name}: let go of; it goes on where it runs."
    itself = ": the cluster itself, which was found running" if found else ""
    return f"{name} is {phase}{itself}."


def elsewhere(record: Record) -> tuple[str, str]:
    """What is said of a cluster of another machine, and how a notebook gets there all the same."""
    host = line(record.host.hostname if record.host else "another machine")
    hint = f"Do this on that machine; {hostname()} can only list it."
    scheduler = record.scheduler or {}
    if scheduler.get("address"):
        hint += f" A notebook gets there with %dask use {line(scheduler['address'])}"
        hint += f" --via ssh://{host}"
        for name, file in sorted((scheduler.get("security") or {}).items()):
            hint += f" --{line(name).replace('_', '-')} {shlex.quote(line(file, 4096))}"
    return f"The cluster {record.name!r} runs on {host}, and its host answers only there.", hint
