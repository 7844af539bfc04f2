"""Keeps one cluster's record: true in memory, told to who watches, written to disk.

The only writer of that record while its host lives. Used by the host, on the host's loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ..errors import DasklabError
from ..model.record import Phase, Record, Step
from ..registry import Registry

__all__ = ("Keeper",)

logger = logging.getLogger(__name__)

TOUCH_EVERY = 60.0
"""Seconds between touches of the record, by which hosts on other machines show that they live."""

LIVE = frozenset({"memory", "cpu", "tasks", "updated"})
"""Fields that change all the time: sent to watchers, not worth a write to disk."""


class Keeper:
    """Keeps one cluster's record.

    Parameters
    ----------
    record
        As it was claimed.
    registry
        Where it is written.
    """

    def __init__(self, record: Record, registry: Registry) -> None:
        self.record = record
        self._registry = registry
        self._loop = asyncio.get_running_loop()
        self._watchers: set[asyncio.Event] = set()
        self._dirty = asyncio.Event()
        self._saving = threading.Lock()
        self._written: Record | None = None

    @property
    def saved(self) -> bool:
        """Whether the record is on disk as it is."""
        return self._written is self.record

    def update(self, **changes: Any) -> None:
        """Change the record; tell watchers; have it written if it matters beyond the moment."""
        before = self.record
        different = {k for k, v in changes.items() if getattr(before, k) != v}
        if not different:
            return
        self.record = replace(before, **changes).stamped()
        for watcher in self._watchers:
            watcher.set()
        if different - LIVE:
            self._dirty.set()

    def note(self, kind: str, text: str) -> None:
        """Add a line to the cluster's history."""
        logger.info("%s: %s", kind, text)
        self.update(events=self.record.with_event(kind, text).events)

    def note_threadsafe(self, kind: str, text: str) -> None:
        """The same, from any thread."""
        self._loop.call_soon_threadsafe(self.note, kind, text)

    def step(self, name: str | None, title: str = "") -> None:
        """Say which step of the launch begins; ``None`` when the last one is done.

        The same step again changes its title.
        """
        now = time.time()
        active = [step for step in self.record.steps if step.state == "active"]
        if active and active[-1].name == name:
            steps = [replace(s, title=title) if s is active[-1] else s for s in self.record.steps]
            self.update(steps=tuple(steps))
            return
        steps = [
            replace(step, state="done", finished=now) if step.state == "active" else step
            for step in self.record.steps
        ]
        if name is not None:
            steps.append(Step(name, title, "active", now))
        self.update(steps=tuple(steps))

    def step_threadsafe(self, name: str | None, title: str = "") -> None:
        """The same, from any thread; not of a cluster that ends."""

        def apply() -> None:
            if self.record.phase not in (Phase.STOPPING, Phase.STOPPED, Phase.FAILED):
                self.step(name, title)

        self._loop.call_soon_threadsafe(apply)

    def save(self) -> None:
        """Write the record now; in a thread, or where nothing else runs."""
        try:
            with self._saving:  # or a thread that is late would put an older record over the last
                record = self.record
                if self._forgotten(record):
                    return
                self._registry.write(record)
                self._written = record
        except DasklabError as error:
            logger.warning("%s The cluster goes on; it is written again later.", error)
            self._loop.call_soon_threadsafe(self._loop.call_later, 5.0, self._dirty.set)

    def _forgotten(self, record: Record) -> bool:
        """Whether its user has removed it already: an ended one must not come back."""
        ended = self._written is not None and self._written.phase.ended
        return ended and not self._registry.path(record.id).exists()

    async def write_forever(self) -> None:
        """Write what changed, at most ten times a second, and show once a minute that we live."""
        while True:
            try:
                await asyncio.wait_for(self._dirty.wait(), TOUCH_EVERY)
            except asyncio.TimeoutError:
                pass  # all of it again, not only a touch: somebody may have damaged or removed it
            self._dirty.clear()
            await asyncio.to_thread(self.save)
            await asyncio.sleep(0.1)

    @contextlib.contextmanager
    def watch(self) -> Iterator[asyncio.Event]:
        """An event that is set at each change, while the context lasts."""
        event = asyncio.Event()
        self._watchers.add(event)
        try:
            yield event
        finally:
            self._watchers.discard(event)
