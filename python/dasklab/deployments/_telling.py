"""Why a scheduler that somebody else started has fewer workers than expected, or idle ones.

How many there should be nobody knows here. What a scheduler alone can tell: that it has none, which
are paused or silent, which were lost and what went with them, whose versions are others'. Beneath
``existing`` and the clients that notebooks make themselves.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from ..model.explanation import Advice, Explanation
from ._cluster import identity

__all__ = ("Telling", "tell")

ANSWER = 10.0
RECENT = 600.0
"""Seconds for which a lost worker is told of."""

SILENT = 30.0
"""Seconds without a heartbeat, of which there are one or two a second, or one in ten where there
are a thousand workers."""

MOST_VERSIONS = 200
"""Workers that are asked for their versions."""

COMPARED = ("python", "distributed", "dask", "msgpack", "cloudpickle")
"""What has to be the same for them to understand each other."""


class Telling:
    """Asks one scheduler; versions only when other workers have come."""

    def __init__(self) -> None:
        self._asked: frozenset[str] = frozenset()
        self._versions: dict[str, dict[str, str]] = {}

    async def explain(self, comm: Any) -> Explanation:
        """What is known now, over a connection to the scheduler."""
        workers = (await asyncio.wait_for(identity(comm), ANSWER))["workers"]
        events = await asyncio.wait_for(comm.events(topic="all"), ANSWER)
        there = frozenset(workers)
        if there - self._asked and len(there) <= MOST_VERSIONS:
            self._asked, self._versions = there, await self._ask_versions(comm)
        return Explanation(advice=tuple(tell(workers, events, self._versions, time.time())))

    async def _ask_versions(self, comm: Any) -> dict[str, dict[str, str]]:
        scheduler = await asyncio.wait_for(comm.versions(), ANSWER)
        workers = await asyncio.wait_for(
            comm.broadcast(msg={"op": "versions"}, on_error="ignore"), ANSWER
        )
        return {name: _of(found) for name, found in {"": scheduler, **workers}.items()}


def _of(found: Any) -> dict[str, str]:
    said = dict((found or {}).get("packages") or ()) if isinstance(found, dict) else {}
    said["python"] = str(said.get("python", "")).rpartition(".")[0] or "?"
    return {name: str(said.get(name)) for name in COMPARED}


def tell(
    workers: Mapping[str, Mapping[str, Any]],
    events: Iterable[Any],
    versions: Mapping[str, Mapping[str, str]],
    now: float,
) -> list[Advice]:
    """What it comes to, worst first. Pure.

    Parameters
    ----------
    workers
        As a scheduler's identity has them.
    events
        Of its topic ``all``: a time and a message each.
    versions
        By worker; the scheduler's under an empty name.
    """
    lost = _lost(workers, events, now)
    found = []
    if not workers:
        found.append(
            Advice(
                "scheduler.empty",
                "The scheduler runs and has no workers: nothing computes.",
                "Start some where it was started: dask worker and the scheduler's address.",
                "error",
            )
        )
    return found + _differing(workers, versions) + lost + _unwell(workers, now)


def _lost(workers: Mapping[str, Any], events: Iterable[Any], now: float) -> list[Advice]:
    gone: dict[str, dict[str, Any]] = {}
    for at, message in (tuple(event)[:2] for event in events):
        if isinstance(message, Mapping) and message.get("action") == "remove-worker":
            cause = str(message.get("stimulus_id", ""))
            ordered = message.get("expected") or cause.startswith(
                ("worker-close-gracefully", "retire-workers")
            )
            if not ordered and now - float(at) < RECENT:
                gone[str(message.get("worker"))] = dict(message)
    gone = {address: said for address, said in gone.items() if address not in workers}
    if not gone:
        return []
    count = Counter[str]()
    for said in gone.values():
        for name in ("processing-tasks", "lost-computed-tasks", "lost-scattered-tasks"):
            count[name] += len(said.get(name) or ())
    cost = [
        f"{what}: {count[name]}"
        for name, what in (
            ("processing-tasks", "tasks that ran there"),
            ("lost-computed-tasks", "results computed again"),
            ("lost-scattered-tasks", "scattered data gone"),
        )
        if count[name]
    ]
    silent = any("missing" in str(said.get("stimulus_id")) for said in gone.values())
    return [
        Advice(
            "scheduler.lost",
            f"{_workers(gone)} lost within ten minutes" + ("; " + ", ".join(cost) if cost else "")
            + ".",
            "They were silent for too long: their machine, or the way to it, may be gone."
            if silent
            else "Killed from outside, as a rule for want of memory; their own logs say more.",
            "warning",
            tuple(f"{address}: {said.get('stimulus_id')}" for address, said in gone.items())[:5],
        )
    ]  # fmt: skip


def _unwell(workers: Mapping[str, Mapping[str, Any]], now: float) -> list[Advice]:
    found = []
    paused = [address for address, info in workers.items() if info.get("status") == "paused"]
    if paused:
        found.append(
            Advice(
                "scheduler.paused",
                f"{_workers(paused)} paused: they take no tasks, because their memory is nearly "
                "full.",
                "Let go of results that are not needed, or %dask restart, which forgets all.",
                "warning",
                tuple(paused[:5]),
            )
        )
    silent = [
        address
        for address, info in workers.items()
        if info.get("last_seen") and now - float(info["last_seen"]) > SILENT
    ]
    if silent:
        found.append(
            Advice(
                "scheduler.silent",
                f"{_workers(silent)} silent for more than {SILENT:g} seconds.",
                "A task that holds the GIL may keep them from answering, or the way is cut.",
                "warning",
                tuple(silent[:5]),
            )
        )
    return found


def _differing(
    workers: Mapping[str, Any], versions: Mapping[str, Mapping[str, str]]
) -> list[Advice]:
    scheduler = versions.get("", {})
    lines, differ = [], set()
    for address in workers:
        for name, version in versions.get(address, {}).items():
            if version != scheduler.get(name):
                differ.add(address)
                lines.append(f"{address}: {name} {version}, the scheduler {scheduler.get(name)}")
    if not differ:
        return []
    return [
        Advice(
            "scheduler.versions",
            f"{_workers(differ)} of other versions than the scheduler: tasks may fail, or they "
            "may not stay.",
            "Start them from the scheduler's environment; %dask versions shows every difference.",
            "warning",
            tuple(lines[:5]),
        )
    ]


def _workers(some: Any) -> str:
    """So many of them, up to the verb."""
    return "One worker is" if len(some) == 1 else f"{len(some)} workers are"
