"""Takes back what a host has left elsewhere: jobs in a queue, pods, machines.

A host that ends in order does so itself. When it was killed, or its queue did not answer then, its
last checkpoint is still in the record, and a process of its own runs here: begun by the warden, or
by whoever finds such a record later (``launching/undoing.py``). It knows nothing but the record.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import logging
import os
import sys
import threading
import time
from dataclasses import replace
from typing import Any

from ..errors import ClusterUnknown, DasklabError, Unsupported
from ..model.record import Record
from ..registry import Registry

__all__ = ("undo",)

logger = logging.getLogger(__name__)

PAUSES = (0, 2, 5, 15, 30, 60, 120, 300, 300)
"""Seconds before each try: a quarter of an hour in all, which is how long a queue's daemon may be
away for maintenance."""

PATIENCE = 60.0
"""Seconds for one try."""

LATE = 3.0
"""Seconds after which it is looked once more: what was being submitted when its host was killed is
in the queue by then."""


def undo(request: dict[str, Any]) -> int:
    """Undo what the record's checkpoint names; returns the exit code."""
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    registry = Registry(request["registry"])
    notes: list[tuple[str, str]] = []
    for number, pause in enumerate(PAUSES):
        time.sleep(pause)
        try:
            record = registry.get(request["id"])
        except DasklabError:
            return 0  # forgotten
        if not record.phase.ended or not record.checkpoint:
            return 0
        try:
            _attempt(record, registry, notes)
            time.sleep(LATE)
            _attempt(record, registry, notes)
        except Unsupported as error:
            text = f"{error.message} {error.hint}".rstrip()
            _write(registry, record, [("undo-failed", text)], False)
            return 1  # no other try would end otherwise
        except Exception as error:
            logger.exception("It could not be undone")
            if number == 0:
                why = error.message if isinstance(error, DasklabError) else type(error).__name__
                _write(registry, record, [("undo-failed", f"{why} It is tried again.")], False)
        else:
            _write(registry, record, notes, True)
            with registry.lock():
                registry.prune()  # and its scratch folder, if nobody else could
            return 0
    last = "What it has left behind could not be taken back; try again with %dask stop."
    _write(registry, record, [("undo-failed", last)], False)
    return 1


def _attempt(record: Record, registry: Registry, notes: list[tuple[str, str]]) -> None:
    """One try, in a thread that can be left behind: a class of somebody's may block for ever."""
    attempt: concurrent.futures.Future[None] = concurrent.futures.Future()

    def run() -> None:
        try:
            attempt.set_result(asyncio.run(_stop(record, registry, notes)))
        except Exception as error:
            logger.debug("An attempt failed", exc_info=True)  # said by who waits for it
            attempt.set_exception(error)

    threading.Thread(target=run, name="dasklab-undo", daemon=True).start()
    attempt.result(PATIENCE + 5)


async def _stop(record: Record, registry: Registry, notes: list[tuple[str, str]]) -> None:
    from ..deployments import find
    from ..deployments.base import Context

    context = Context(
        name=record.name,
        id=record.id,
        scaling=None,
        scratch="",
        python=sys.executable,
        folder=os.path.join(registry.folder, "jobs", record.id),
        note=lambda kind, text: notes.append((kind, text)),
        others=lambda: [
            other.checkpoint
            for other in registry.records()[0]
            if other.id != record.id and other.deployment == record.deployment
        ],
    )
    deployment = find(record.deployment)(record.options, context)
    await asyncio.wait_for(deployment.stop(record.checkpoint), PATIENCE)


def _write(registry: Registry, record: Record, notes: list[tuple[str, str]], undone: bool) -> None:
    """Say it in the record, if that is still there."""
    try:
        record = registry.get(record.id)
    except ClusterUnknown:
        return
    if undone:
        record = replace(record, checkpoint={})
    for kind, text in notes:
        if [(e.kind, e.text) for e in record.events[-1:]] != [(kind, text)]:  # each try says it
            record = record.with_event(kind, text)
    registry.write(record.stamped())
