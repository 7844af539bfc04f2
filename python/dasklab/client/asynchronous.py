"""Clusters for event loops: the server's API, and what the blocking one is made of."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import (
    ClusterGone,
    ClusterUnknown,
    DasklabError,
    DeadlinePassed,
    HostUnreachable,
    RecordCorrupt,
)
from ..launching import LaunchRequest, launch, undo
from ..model.amounts import wanted
from ..model.logs import check_lines, check_source
from ..model.record import PRIVATE, Endpoint, Record
from ..processes import end, hostname
from ..registry import Registry, settle
from .telemetry import AsyncTelemetry
from .transport import HttpTransport, Transport
from .unanswered import gone, silent_kernel
from .waiting import enough, scaled, until
from .words import elsewhere

if TYPE_CHECKING:
    from tornado.websocket import WebSocketClientConnection

__all__ = ("AsyncCluster", "launch_async")

LOOK = 0.02
"""Seconds between looks at a record in the first moments of a host, before it can be asked."""

ANSWERING = 5.0
"""Seconds in which a host takes note that it shall stop."""

STOPPING = 6.0
"""Seconds in which a host that was asked to stop must have ended, beyond its ``stop_patience``."""


async def launch_async(request: LaunchRequest, **keywords: Any) -> AsyncCluster:
    """Launch without blocking the loop; see :func:`dasklab.launching.launch`.

    Parameters
    ----------
    request
        What is wanted.
    """
    record = await asyncio.to_thread(launch, request, **keywords)
    return AsyncCluster(record, registry=keywords.get("registry"))


class AsyncCluster:
    """One cluster, wherever it runs.

    Parameters
    ----------
    record
        Its record as read last; refreshed by each call.
    registry
        Where the record is.
    transport
        How its host is asked.
    """

    def __init__(
        self,
        record: Record,
        *,
        registry: Registry | None = None,
        transport: Transport | None = None,
    ) -> None:
        self.record = record
        self._registry = registry or Registry()
        self._transport: Transport = transport or HttpTransport()
        self.connected = False
        """Whether :meth:`watch` has a connection to the host at this moment: it is alive, then."""

    @property
    def id(self) -> str:
        """The cluster's id."""
        return self.record.id

    @property
    def name(self) -> str:
        """The cluster's name."""
        return self.record.name

    def refresh(self) -> Record:
        """Read the record again; while its file is damaged, what was read before counts.

        Raises
        ------
        ClusterUnknown
            It has been forgotten.
        """
        try:
            found = self._registry.get(self.record.id)
        except RecordCorrupt:
            if settle(self.record).phase.ended:
                raise
            return self.record  # its host answers, and writes the file anew within a minute
        # What a host told us may be a tenth of a second ahead of what it has written.
        if found.phase.ended or found.updated >= self.record.updated:
            self.record = found
        else:  # but of its private part a host tells nothing
            self.record = replace(self.record, **{name: getattr(found, name) for name in PRIVATE})
        return self.record

    def _heard(self, data: dict[str, Any]) -> dict[str, Any]:
        """Take over what the host says of itself; the private part stays as it is on disk."""
        with contextlib.suppress(DasklabError):
            self.record = Record.from_wire({**self.record.to_disk(), **data})
        return data

    def _here(self, record: Record) -> None:
        """Refuse a cluster of another machine: its port is somebody else's on this one.

        Raises
        ------
        HostUnreachable
        """
        if record.host is not None and record.host.hostname != hostname():
            raise HostUnreachable(*elsewhere(record))

    async def _endpoint(self) -> Endpoint:
        """Where the host can be asked, once it can."""
        deadline = time.monotonic() + 30
        while True:
            record = self.refresh()
            if record.phase.ended:
                raise gone(self.record)
            self._here(record)
            if record.control is not None:
                return record.control
            if time.monotonic() > deadline:
                raise HostUnreachable(
                    f"The host of {self.name!r} has not come up yet.", "Try again in a moment."
                )
            await asyncio.sleep(LOOK)

    async def _ask(
        self, action: str, body: dict[str, Any] | None, timeout: float = 30.0
    ) -> dict[str, Any]:
        endpoint = await self._endpoint()
        try:
            return await self._transport.request(endpoint, action, body, timeout)
        except HostUnreachable as error:
            if self.refresh().phase.ended:  # it ended while we asked
                raise gone(self.record) from None
            if self.record.origin == "kernel":
                raise silent_kernel(self.record) from error
            raise

    async def ask(self, action: str, body: dict[str, Any]) -> dict[str, Any]:
        """Ask the host for something that is no state of the cluster's."""
        return await self._ask(action, body)

    async def fetch(self, action: str, body: dict[str, Any]) -> bytes:
        """Ask the host for bytes."""
        return await self._transport.fetch(await self._endpoint(), action, body, 60.0)

    async def open(self, action: str) -> WebSocketClientConnection:
        """A websocket to the host; the caller closes it."""
        return await self._transport.open(await self._endpoint(), action)

    @property
    def telemetry(self) -> AsyncTelemetry:
        """What ran on the cluster and what it used."""
        return AsyncTelemetry(self)

    def recorded(self) -> Path:
        """Where the telemetry of a cluster that has ended is, if it was kept."""
        return self._registry.recording(self.id)

    # -- asking ------------------------------------------------------------------------------
    async def status(self) -> dict[str, Any]:
        """The cluster's JSON as its host sees it now; that of the record when it has ended."""
        if self.refresh().phase.ended:
            return self.record.to_wire()
        return self._heard(await self._ask("status", None))

    async def scale(self, workers: object = None, **amounts: Any) -> dict[str, Any]:
        """Have that many workers, or a range, or as the blocking one; back before they are there.

        Raises
        ------
        WorkersInvalid, Unsupported, ClusterGone, HostUnreachable
        """
        return self._heard(await self._ask("scale", {"workers": wanted(workers, amounts)}))

    async def restart(self) -> dict[str, Any]:
        """Restart all workers; tasks and data are forgotten."""
        return self._heard(await self._ask("restart", {}))

    async def why(self) -> dict[str, Any]:
        """Find out why workers are missing: ``jobs`` and ``advice`` of the answer say it."""
        return self._heard(await self._ask("why", {}))

    async def keep(self, pinned: bool = True) -> dict[str, Any]:
        """Pin the cluster, so that no lease ends it; or let the lease count again."""
        return self._heard(await self._ask("keep", {"pinned": pinned}))

    async def logs(self, source: str = "host", lines: int = 200) -> list[dict[str, Any]]:
        """Log lines of ``"scheduler"``, ``"workers"`` or ``"host"``, oldest first."""
        source, lines = check_source(source), check_lines(lines)
        if source == "host" and self.refresh().log:
            from ..processes import tail

            found = await asyncio.to_thread(tail, self.record.log, lines, 2_000_000)
            return [{"source": "host", "at": None, "level": "", "text": line} for line in found]
        answer = await self._ask("logs", {"source": source, "lines": lines})
        return list(answer["lines"])

    async def dashboard(self) -> Endpoint:
        """Where the dashboard listens, made ready if it is not."""
        answer = await self._ask("dashboard", {}, timeout=60)
        return Endpoint(**{**answer, "port": int(answer["port"])})

    # -- ending ------------------------------------------------------------------------------
    async def request_stop(self, *, detach: bool = False) -> dict[str, Any]:
        """Ask the host to end, or to let go of what was found running; by force if it must be.

        Raises
        ------
        HostUnreachable
            It is a thread of a kernel that does not answer, and kernels are not ours to end.
        """
        record = self.refresh()
        if record.phase.ended:
            await asyncio.to_thread(undo, record, self._registry)
            return record.to_wire()
        self._here(record)
        if record.control is not None:
            action = "detach" if detach and "detach" in record.can else "stop"
            try:
                return await self._transport.request(record.control, action, {}, ANSWERING)
            except ClusterGone:  # it is ending already
                return self.refresh().to_wire()
            except HostUnreachable as error:
                if record.origin == "kernel" and not self.refresh().phase.ended:
                    raise silent_kernel(record) from error
        await self._force()
        return self.refresh().to_wire()

    async def detach(self) -> dict[str, Any]:
        """Let go of a cluster that was attached to, which goes on; back before its host has ended.

        Raises
        ------
        Unsupported, ClusterGone
        """
        return self._heard(await self._ask("detach", {}))

    async def _force(self) -> None:
        record = self.record
        if record.origin == "host" and record.host is not None:
            # SIGTERM lets it end in order, at any step of its start; the warden sees to the rest.
            await asyncio.to_thread(end, record.host)

    async def stop(self, timeout: float | None = None, *, detach: bool = False) -> dict[str, Any]:
        """End the cluster and all that belongs to it (or ``detach``); back when it has ended.

        By force after ``timeout`` seconds, by default those that its deployment may take.

        Raises
        ------
        DeadlinePassed
            It lives still after all the force there is.
        """
        await self.request_stop(detach=detach)
        timeout = STOPPING + self.record.stop_patience if timeout is None else timeout
        if not await self._ended(timeout):
            await self._force()
            if not await self._ended(5.0):
                raise DeadlinePassed(
                    f"The cluster {self.name!r} has not ended after {timeout:g} seconds.",
                    f"Its host is process {self.record.host.pid if self.record.host else '?'}.",
                )
        return self.record.to_wire()

    async def _ended(self, timeout: float) -> bool:
        deadline = time.monotonic() + timeout
        while not self.refresh().phase.ended:
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(LOOK)
        return True

    def forget(self) -> None:
        """Remove the record of a cluster that has ended."""
        self._registry.forget(self.id)

    # -- following ---------------------------------------------------------------------------
    async def watch(self, *, waiting: bool = False) -> AsyncIterator[dict[str, Any]]:
        """The cluster's JSON now, after each change, at the end; ``waiting`` suspends its lease."""
        pause = LOOK
        while True:
            try:
                endpoint = await self._endpoint()
                async with aclosing(self._transport.watch(endpoint, waiting=waiting)) as stream:  # type: ignore[type-var]
                    async for data in stream:
                        pause = LOOK
                        self.connected = True
                        yield self._heard(data)
            except ClusterGone:
                break
            except ClusterUnknown:
                return
            except HostUnreachable:
                pass
            finally:
                self.connected = False
            await asyncio.sleep(pause)
            pause = min(2 * pause, 1.0)
            try:
                if self.refresh().phase.ended:
                    break
            except ClusterUnknown:
                return
        yield self.record.to_wire()

    async def wait(
        self,
        workers: int | None = None,
        *,
        timeout: float | None = None,
        seen: Callable[[dict[str, Any]], None] | None = None,
    ) -> dict[str, Any]:
        """Wait until the scheduler is up and workers are there.

        Parameters
        ----------
        workers
            How many; all that are wanted by default.
        timeout
            Seconds.
        seen
            Told of each change meanwhile.

        Raises
        ------
        DasklabError
            Why it failed, as its host says.
        DeadlinePassed
        """
        return await until(self, partial(enough, workers), timeout, seen)

    async def settle(
        self,
        *,
        timeout: float | None = None,
        seen: Callable[[dict[str, Any]], None] | None = None,
    ) -> dict[str, Any]:
        """Wait until there are exactly as many workers as wanted: more have gone, fewer have come.

        Raises
        ------
        StartFailed
            Some could not be started.
        DasklabError, DeadlinePassed
        """
        return await until(self, scaled, timeout, seen)
