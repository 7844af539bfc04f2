"""Log lines of a scheduler and of its workers, also when some of those cannot answer.

Beneath ``_cluster``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

from ..processes import strip_ansi

__all__ = ("scheduler_lines", "worker_lines")

PATIENCE = 4.0
"""Seconds for all workers at once, and then for each by itself: there are thirty for the answer."""

AT_ONCE = 100
"""How many are asked by themselves at a time, each over a connection of its own."""

NAMED = 5
"""How many silent workers are named."""


async def scheduler_lines(comm: Any, lines: int) -> list[dict[str, Any]]:
    """The scheduler's own."""
    return _lines("scheduler", await comm.logs(n=lines))


async def worker_lines(comm: Any, addresses: Iterable[str], lines: int) -> list[dict[str, Any]]:
    """Those of all workers that answer; the last line names the others.

    Parameters
    ----------
    comm
        Asks the scheduler.
    addresses
        Of all workers.
    """
    addresses = list(addresses)
    try:
        found = await asyncio.wait_for(_ask(comm, addresses, lines), PATIENCE)
    except asyncio.TimeoutError:
        # An answer of all comes when the last of them has answered: one that holds the GIL, or
        # swaps, would keep the lines of the others from whoever wants to know what is wrong.
        found = await _ask_each(comm, addresses, lines)
    rows = [row for address, entries in found.items() for row in _lines(address, entries)]
    silent = [address for address in addresses if address not in found]
    if silent:
        rows.append(_row("workers", "WARNING", _silence(silent)))
    return rows


async def _ask(comm: Any, addresses: list[str], lines: int) -> dict[str, Any]:
    answers = await comm.broadcast(
        msg={"op": "get_logs", "n": lines}, workers=addresses, on_error="ignore"
    )
    return {str(address): entries for address, entries in answers.items() if _is_log(entries)}


async def _ask_each(comm: Any, addresses: list[str], lines: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    places = asyncio.Semaphore(AT_ONCE)

    async def one(address: str) -> None:
        async with places:
            found.update(await _ask(comm, [address], lines))

    asking = [asyncio.ensure_future(one(address)) for address in addresses]
    try:
        await asyncio.wait(asking, timeout=PATIENCE)
    finally:
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)
    return {address: found[address] for address in addresses if address in found}


def _silence(silent: list[str]) -> str:
    names = ", ".join(silent[:NAMED]) + (", …" if len(silent) > NAMED else "")
    who = f"{len(silent)} workers do" if len(silent) > 1 else "One worker does"
    return (
        f"{who} not answer ({names}): a task there may hold Python's lock (the GIL), "
        "or the machine may be out of memory."
    )


def _is_log(entries: object) -> bool:
    return isinstance(entries, (list, tuple))


def _lines(source: str, entries: Iterable[Any]) -> list[dict[str, Any]]:
    """Oldest first; distributed gives the newest first."""
    return [_row(source, level, text) for level, text, *_ in reversed(list(entries))]


def _row(source: str, level: object, text: object) -> dict[str, Any]:
    return {
        "source": source,
        "at": None,
        "level": str(level),
        "text": strip_ansi(str(text))[:2_000],
    }
