"""Pushes clusters' changes to browsers as Jupyter events; nothing polls a scheduler or a host.

It watches the registry's folder for clusters that come, end and go, and keeps one websocket to the
host of each live cluster for what happens in between. It starts when the list is first asked for,
so a server that nobody uses dasklab on does nothing, and from then on follows until the server
stops: an event that nobody listens to costs a microsecond.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Callable, Coroutine
from contextlib import aclosing
from pathlib import Path
from typing import Any

from ..client import AsyncCluster
from ..errors import DasklabError
from ..launching import undo_all
from ..model.record import Record
from ..registry import Registry
from .folder import folder_changes
from .state import State, Wire

__all__ = ("Watcher",)

RETRY = 2.0
"""Seconds before a folder that cannot be watched, or a host that is not heard, is tried again."""

SETTLE = 0.1
"""Seconds in which a watch has begun."""

SPACING = 0.2
"""Seconds between two events of one cluster: five a second are as many as anybody can see."""

Emit = Callable[[dict[str, Any]], None]


class Watcher:
    """Follows all clusters of one registry.

    Parameters
    ----------
    registry
        Where they are.
    emit
        Sends one event's data.
    log
        Where troubles are written.
    """

    def __init__(self, registry: Registry, emit: Emit, log: logging.Logger | None = None) -> None:
        self.state = State(Registry(registry.folder))
        self._registry = registry
        self._emit = emit
        self._log = log or logging.getLogger(__name__)
        self._tasks: set[asyncio.Task[None]] = set()
        self._followed: dict[str, tuple[AsyncCluster, asyncio.Task[None]]] = {}
        self._sent: dict[str, Wire] = {}
        self._due: dict[str, asyncio.TimerHandle] = {}
        self._earliest: dict[str, float] = {}
        self._waiting: dict[str, Wire] = {}
        self._trouble: DasklabError | None = None
        self._sequence = 0
        self._running = False

    # -- life --------------------------------------------------------------------------------
    async def start(self) -> None:
        """Begin, once. What is there already is no news."""
        if self._running:
            return
        self._running = True
        # Its INFO line for each change would fill the server's log.
        logging.getLogger("watchfiles").setLevel(logging.WARNING)
        for record in (await self.state.read())[0]:
            self._sent[record.id] = self.state.now(record)
            self._follow(record)
        self._own(self._watch_folder())

    async def stop(self, patience: float = 1.0) -> None:
        """End everything this object has begun.

        Parameters
        ----------
        patience
            Seconds to wait for it; the server is going down and must not hang.
        """
        self._running = False
        for handle in self._due.values():
            handle.cancel()
        self._due.clear()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=patience)

    def _own(self, coroutine: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._log.error("dasklab: following clusters failed", exc_info=error)

    # -- the folder ----------------------------------------------------------------------------
    async def _watch_folder(self) -> None:
        polling = False
        while True:
            pause = SETTLE
            try:
                await self.look()
                await asyncio.to_thread(self._registry.open)
                self._trouble = None
                self._own(self._look_soon())
                await self._until_replaced(polling)
            except DasklabError as error:
                if self._trouble is None:
                    self._log.warning("dasklab: %s", error)
                self._trouble = error
                pause = RETRY
            except (OSError, RuntimeError) as error:
                # Editors and file browsers together use up a machine's inotify watches.
                self._log.warning("dasklab: looking at the folder instead of watching: %s", error)
                pause = RETRY if polling else SETTLE
                polling = True
            except Exception:  # noqa: BLE001  # logged, and begun again
                self._log.exception("dasklab: watching the clusters failed and is begun again")
                pause = RETRY
            await asyncio.sleep(pause)

    async def _until_replaced(self, polling: bool) -> None:
        """Look after each change, until the folder is removed or is another one."""
        folder = self._registry.clusters.absolute()
        identity = _identity(folder)
        async with aclosing(folder_changes(folder, polling)) as changes:
            async for _ in changes:
                await self.look()
                if _identity(folder) != identity:
                    return  # inotify would go on watching what was

    async def _look_soon(self) -> None:
        """Once inotify has begun: for what changed before it had."""
        await asyncio.sleep(SETTLE)
        await self.look()

    async def read(self) -> tuple[list[Record], list[DasklabError]]:
        """All clusters now, and what is wrong with the registry."""
        records, problems = await self._read()
        return records, problems if self._trouble is None else [self._trouble, *problems]

    async def _read(self) -> tuple[list[Record], list[DasklabError]]:
        # A host whose websocket is open is alive. Looking for the processes of fifty clusters is
        # most of what a list of them would cost.
        alive = {key for key, (cluster, _) in self._followed.items() if cluster.connected}
        return await self.state.read(alive)

    async def look(self) -> None:
        """Read the registry and tell what is new."""
        records, _ = await self._read()
        if left := [one for one in records if one.phase.ended and one.checkpoint]:
            await asyncio.to_thread(undo_all, left, self._registry)
        for record in records:
            self._offer(self.state.now(record))
            self._follow(record)
        present = {record.id for record in records}
        for cluster_id in self._sent.keys() - present:
            self._forget(cluster_id)

    # -- one cluster ----------------------------------------------------------------------------
    def _follow(self, record: Record) -> None:
        """Listen to a live cluster's host, unless it is on another machine's loopback."""
        here = record.host is not None and record.host.hostname == socket.gethostname()
        if record.phase.ended or not here or record.id in self._followed or not self._running:
            return
        cluster = AsyncCluster(record, registry=self._registry)
        self._followed[record.id] = cluster, self._own(self._listen(cluster))

    async def _listen(self, cluster: AsyncCluster) -> None:
        try:
            async with aclosing(cluster.watch()) as stream:  # type: ignore[type-var]
                async for data in stream:
                    self.hear(data)
        except DasklabError as error:
            self._log.info("dasklab: %s cannot be heard (%s)", cluster.id, error)
            await asyncio.sleep(RETRY)
        finally:
            followed = self._followed.get(cluster.id)
            if followed is not None and followed[0] is cluster:
                del self._followed[cluster.id]
                self.state.silent(cluster.id)
        await self.look()

    def hear(self, data: Wire) -> None:
        """Take in what a host has answered or sent, and tell it on."""
        if isinstance(data.get("id"), str) and isinstance(data.get("phase"), str):
            self.state.hear(data)
            record = self.state.record(data["id"])
            if record is not None:
                self._offer(self.state.now(record))

    # -- events ----------------------------------------------------------------------------------
    def _offer(self, wire: Wire) -> None:
        """Send a cluster's state if it is new; the newest one when its time has come."""
        cluster_id = wire["id"]
        if not self._running:
            return
        if cluster_id not in self._waiting and _same(self._sent.get(cluster_id), wire):
            return
        self._waiting[cluster_id] = wire
        if cluster_id in self._due:
            return
        loop = asyncio.get_running_loop()
        pause = self._earliest.get(cluster_id, 0.0) - loop.time()
        if pause > 0:
            self._due[cluster_id] = loop.call_later(pause, self._send, cluster_id)
        else:
            self._send(cluster_id)

    def _send(self, cluster_id: str) -> None:
        self._due.pop(cluster_id, None)
        wire = self._waiting.pop(cluster_id, None)
        if wire is None or _same(self._sent.get(cluster_id), wire):
            return
        self._sent[cluster_id] = wire
        self._earliest[cluster_id] = asyncio.get_running_loop().time() + SPACING
        self._event({"action": "changed", "cluster": wire})

    def _forget(self, cluster_id: str) -> None:
        for known in (self._sent, self._waiting, self._earliest):
            known.pop(cluster_id, None)
        if (handle := self._due.pop(cluster_id, None)) is not None:
            handle.cancel()
        if (followed := self._followed.pop(cluster_id, None)) is not None:
            followed[1].cancel()
        self._event({"action": "forgotten", "id": cluster_id})

    def _event(self, data: dict[str, Any]) -> None:
        self._sequence += 1
        self._emit({**data, "sequence": self._sequence})


def _same(before: Wire | None, after: Wire) -> bool:
    """Whether nothing but the time of the last change has changed."""
    if before is None or before is after:
        return before is after
    return {**before, "updated": 0} == {**after, "updated": 0}


def _identity(folder: Path) -> tuple[int, int] | None:
    try:
        info = os.stat(folder)
    except OSError:
        return None
    return info.st_dev, info.st_ino
