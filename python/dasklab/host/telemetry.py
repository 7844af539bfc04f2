"""Telemetry of one cluster: asks its scheduler, keeps the history, wakes who watches.

On the host's own loop; only the question itself runs on the cluster's. Once a second while nobody
looks, for the history, and five times while somebody does. Used by the host and its control API.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from .. import config
from ..errors import ClusterGone, DasklabError, InputError
from ..telemetry.frames import join
from ..telemetry.history import History, Settings
from ..telemetry.views import Hello, View

__all__ = ("NOTHING", "Telemetry", "read_settings")

logger = logging.getLogger(__name__)

EVERY = 1.0
"""Seconds between questions while nobody watches."""

EVERY_WATCHED = 0.2
"""The same while somebody does: what ends is on a screen a quarter of a second later."""

ANSWER = 30.0
"""Seconds for an answer: a scheduler that takes a large graph stands still meanwhile."""

AGAIN = 10.0
"""Seconds after which a scheduler that gave none is asked again."""

AT_ONCE = 5.0
"""Seconds for an answer that somebody waits for."""

LAST_WORDS = 0.5
"""Seconds in which those who watch must have heard of the end."""

NOTHING: dict[str, Any] = {}
"""The answer where there is nothing new."""

Ask = Callable[["dict[str, Any] | None"], Awaitable["dict[str, Any] | None"]]


def read_settings(note: Callable[[str, str], None]) -> Settings:
    """The section ``dasklab.telemetry`` of Dask's configuration.

    A mistake there must not keep a cluster from running: it is noted, and the defaults count.
    """
    try:
        numbers = {name: _whole(name) for name in ("tasks", "samples", "keys")}
        return Settings(
            enabled=bool(config.get("telemetry.enabled")),
            after=bool(config.get("telemetry.after")),
            age=config.seconds("telemetry.age"),
            **numbers,
        )
    except DasklabError as error:
        note("telemetry", str(error))
        return Settings()


def _whole(name: str) -> int:
    from dask.utils import parse_bytes

    value = config.get(f"telemetry.{name}")
    try:
        number = parse_bytes(value)
    except (TypeError, ValueError, AttributeError):
        number = 0
    if isinstance(value, bool) or number < 1:
        raise InputError(
            f"dasklab.telemetry.{name} is {str(value)[:40]!r} in Dask's configuration.",
            "Give a whole number above 0.",
        )
    return int(number)


class Telemetry:
    """Collects one cluster's telemetry.

    Parameters
    ----------
    recording
        The file in which it is kept when the cluster has ended.
    """

    def __init__(self, recording: Path) -> None:
        self._recording = recording
        self._settings = Settings()
        self.history = History()
        self._ready = asyncio.Event()
        self._watchers: set[asyncio.Event] = set()
        self._hurry = asyncio.Event()
        self._gone = asyncio.Event()
        self._quiet = False
        self._asking = asyncio.Lock()
        self._ask: Ask | None = None

    async def ready(self) -> History:
        """The history, from the moment when the cluster runs (or has ended without having run)."""
        await self._ready.wait()
        return self.history

    async def run(self, ask: Ask, settings: Settings) -> None:
        """Collect until the cluster is gone.

        Parameters
        ----------
        ask
            Asks the scheduler what is new since an answer.
        settings
            How much is kept.
        """
        self._settings, self._ask = settings, ask
        self.history = History(settings)
        self._ready.set()
        if not settings.enabled:
            self.history.finish("off", "Telemetry is switched off (dasklab.telemetry.enabled).")
            return
        while True:
            try:
                more = await self._collect(ask)
            except ClusterGone:
                return
            if self.history.end is not None:
                return
            pause = EVERY_WATCHED if self._watchers else EVERY
            if more is None:
                pause = AGAIN
            self._hurry.clear()
            if not more:
                with contextlib.suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(self._hurry.wait(), pause)

    async def _collect(self, ask: Ask, *, fresh: bool = False) -> bool | None:
        """Ask once: whether there is more to be had at once, ``None`` where there was nothing.

        Parameters
        ----------
        fresh
            Have the scheduler looked at also where that is not due yet.
        """
        async with self._asking:  # else two answers to the same question would be taken in
            if self.history.end is not None:
                return None
            try:
                since = self.history.since
                if fresh and since is not None:
                    since = {**since, "fresh": True}
                answer = await asyncio.wait_for(ask(since), ANSWER)
                return self._take(answer)
            except ClusterGone:
                raise
            except Exception as error:
                # A scheduler elsewhere: it refuses plugins, runs another Python, is away a while.
                if not self._quiet:
                    logger.warning("No telemetry now", exc_info=error)
                    text = f"The scheduler gives no telemetry: {type(error).__name__}: {error}"
                    self.history.note(time.time(), "telemetry", text[:500])
                self._quiet = True
                self._wake()
                return None

    def _take(self, answer: dict[str, Any] | None) -> bool | None:
        self._quiet = False
        if answer is NOTHING:
            return False
        if answer is None:
            self.history.finish("off", "This way to run Dask has no telemetry.")
            self._wake()
            return None
        more = self.history.take(answer)
        if self.history.changed:
            self._wake()
        return more

    def note(self, kind: str, text: str) -> None:
        """Add an event that the host knows of."""
        self.history.note(time.time(), kind, text)
        self._wake()

    def _wake(self) -> None:
        for watcher in self._watchers:
            watcher.set()

    @contextlib.contextmanager
    def watch(self) -> Iterator[asyncio.Event]:
        """An event that is set whenever there is something new, while the context lasts."""
        event = asyncio.Event()
        self._watchers.add(event)
        self._hurry.set()
        try:
            yield event
        finally:
            self._watchers.discard(event)
            if not self._watchers:
                self._gone.set()

    async def finish(self, ask: Ask | None, phase: str, reason: str) -> None:
        """Fetch what is left, say that it was all, give viewers the time to hear it."""
        if self.history.end is None:
            if ask is not None and self.history.since is not None:
                with contextlib.suppress(ClusterGone, asyncio.TimeoutError):
                    await asyncio.wait_for(self._drain(ask), LAST_WORDS)
            self.history.finish(phase, reason)
            self._ready.set()
            self._wake()
            if self._settings.after and self.history.tasks.end:
                await asyncio.to_thread(self._save)
        if self._watchers:
            self._gone.clear()
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._gone.wait(), LAST_WORDS)

    async def now(self) -> float:
        """Ask at once, and tell all who watch, also where there is nothing new: the time.

        Whoever then has a frame that was made later knows all that had happened.
        """
        if self._ask is not None and self.history.end is None:
            with contextlib.suppress(ClusterGone, asyncio.TimeoutError):
                await asyncio.wait_for(self._drain(self._ask, fresh=True), AT_ONCE)
        moment = time.time()
        self.history.changes += 1
        self._wake()
        return moment

    async def _drain(self, ask: Ask, *, fresh: bool = False) -> None:
        more = await self._collect(ask, fresh=fresh)
        while more:
            more = await self._collect(ask)

    def _save(self) -> None:
        """Keep the history, as the frames that a viewer would get, and the keys beside them."""
        # Another history for readers: whoever was cut off before the end gets this one whole.
        view = View(self.history, Hello(), run=f"{self.history.run}-ended")
        try:
            _write(self._recording.with_suffix(".keys"), [self.history.keys.dump()])
            _write(self._recording, (join([frame]) for frame in iter(view.next, None)))
        except OSError as error:
            logger.warning("The telemetry could not be kept: %s", error)


def _write(path: Path, parts: Iterable[bytes]) -> None:
    """A file of ours, whole or not at all."""
    temporary = path.with_suffix(".tmp")
    try:
        with open(os.open(temporary, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as file:
            file.writelines(parts)
        os.replace(temporary, path)
    except OSError:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
