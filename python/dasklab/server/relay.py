"""The relay of telemetry: a browser's websocket and one to the cluster's host, frame by frame.

The browser names a cluster of ours by its id and nothing else; the host is told what the browser
says, and neither its cookies nor its headers. How many frames may be on their way is agreed
between the two by credits, and each is awaited here before the next is read: a browser that reads
slowly costs this server a few frames, not a history.
"""

from __future__ import annotations

import asyncio
import contextlib
import weakref
from typing import TYPE_CHECKING, Any

from jupyter_server.auth.decorator import ws_authenticated
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.base.websocket import WebSocketMixin
from jupyter_server.utils import ensure_async
from tornado import web, websocket

from ..errors import ClusterGone, DasklabError
from .base import AUTH_RESOURCE, error_of

if TYPE_CHECKING:
    from ..client import AsyncCluster

__all__ = ("TelemetryRelay",)

MESSAGE_LIMIT = 64_000
"""Bytes of what a browser says: where it was, and credits."""

WAITING_LIMIT = 64
"""Messages of a browser that the host has not taken yet."""

MOST = 100
"""Open ones of a server: each may have some megabytes on their way."""

_open: weakref.WeakSet[TelemetryRelay] = weakref.WeakSet()

GONE = 4410
"""Close code: the cluster has ended, or is not known; the reason is in the close message."""

HOST_LOST = 4502
"""Close code: the host does not answer; worth another try."""


class TelemetryRelay(WebSocketMixin, websocket.WebSocketHandler, JupyterHandler):
    """``dasklab/api/clusters/ID/telemetry``."""

    auth_resource = AUTH_RESOURCE

    def initialize(self, *args: Any, **kwargs: Any) -> None:
        """Called by tornado's constructor."""
        super().initialize(*args, **kwargs)
        self._task: asyncio.Task[None] | None = None
        self._said: asyncio.Queue[str] = asyncio.Queue(WAITING_LIMIT)

    async def prepare(self) -> None:  # type: ignore[override]
        """Nothing happens before it is known who asks, from which page, and for what."""
        await super().prepare()
        user = self.current_user
        if user is None:
            raise web.HTTPError(403)
        if not await ensure_async(
            self.authorizer.is_authorized(self, user, "read", self.auth_resource)
        ):
            raise web.HTTPError(403)
        if not self.check_origin() or len(_open) >= MOST:
            raise web.HTTPError(403)

    def check_origin(self, origin: str | None = None) -> bool:
        """This very origin, or the one that the administrator allows.

        Tornado 6.6 does not ask where Origin and Host are alike, or a proxy says so.
        """
        given = self.request.headers.get("Origin")
        host = self.request.headers.get("Host", "")
        if given is None:  # no page of a browser: those always say it
            return True
        allowed = (f"http://{host}", f"https://{host}", self.allow_origin)
        return given in allowed or bool(super().check_origin(given))

    @ws_authenticated
    async def get(self, cluster_id: str) -> None:
        """The handshake; :meth:`prepare` has said yes."""
        await super().get(cluster_id)

    def open(self, cluster_id: str) -> None:
        """Begin."""
        super().open(cluster_id)
        _open.add(self)
        self._task = asyncio.get_running_loop().create_task(self._serve(cluster_id))

    def on_message(self, message: str | bytes) -> None:
        """A hello or a credit, for the host."""
        try:
            if not isinstance(message, str) or len(message) > MESSAGE_LIMIT:
                raise asyncio.QueueFull
            self._said.put_nowait(message)
        except asyncio.QueueFull:
            self.close(1008, "Messages are short texts, and few.")

    def on_close(self) -> None:
        """The browser is gone."""
        super().on_close()
        _open.discard(self)
        if self._task is not None:
            self._task.cancel()

    def get_compression_options(self) -> None:
        """None: columns of floats hardly shrink, and it would cost more than it saves."""

    async def _serve(self, cluster_id: str) -> None:
        try:
            cluster = await self.settings["dasklab"].cluster(cluster_id)
            if cluster.record.phase.ended:
                await self._replay(cluster)
            else:
                await self._relay(cluster)
            self.close(1000)
        except websocket.WebSocketClosedError:
            pass
        except DasklabError as error:
            status, data = error_of(error, error.status, self.log)
            code = HOST_LOST if status in (502, 503, 504) else GONE
            self.close(code, str(data["message"])[:100].encode("ascii", "replace").decode())

    async def _relay(self, cluster: AsyncCluster) -> None:
        """Both ways, until either side ends."""
        upstream = await cluster.telemetry.connect()

        async def down() -> None:
            while isinstance(frame := await upstream.read_message(), bytes):
                await self.write_message(frame, binary=True)

        async def up() -> None:
            while True:
                await upstream.write_message(await self._said.get())

        tasks = [asyncio.ensure_future(way()) for way in (down, up)]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            upstream.close()
            for task in tasks:
                task.cancel()
            with contextlib.suppress(asyncio.CancelledError, websocket.WebSocketClosedError):
                await asyncio.gather(*tasks)
        if upstream.close_code not in (None, 1000):
            self.close(upstream.close_code, upstream.close_reason)

    async def _replay(self, cluster: AsyncCluster) -> None:
        """What the host of a cluster that has ended has left."""
        hello = await asyncio.wait_for(self._said.get(), 10.0)
        frames = 0
        async for frame in cluster.telemetry.recorded(hello):
            await self.write_message(frame, binary=True)
            frames += 1
        if not frames:  # it was killed, or told to keep nothing: nobody should ask again
            raise ClusterGone("This cluster has ended, and nothing of its telemetry was kept.")
