"""A scheduler in another process: asked over its comm, by a plugin that travels by value.

Beneath deployments whose scheduler is not in the host: ``gateway``, ``mpi``. It gives
:class:`~dasklab.deployments._cluster.ClusterDeployment` what it needs of a cluster, and knows when
the connection has ended; what that means is for the deployment to find out.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

__all__ = ("Elsewhere", "ask_elsewhere")

CONNECT = 30.0
"""Seconds for the first connection to a scheduler that says that it is there."""


HANDLER = "dasklab_reading_1"
"""With the version of what it answers: hosts of two versions may watch one scheduler."""


async def ask_elsewhere(comm: Any, shipped: bool) -> dict[str, Any]:
    """What :func:`~dasklab.deployments._reading.read_scheduler` says of a scheduler elsewhere.

    Not by ``run_function``, which writes a line into the scheduler's log each time.

    Parameters
    ----------
    comm
        The scheduler's ``rpc``.
    shipped
        Whether it has answered before: one that does not know the question logs a traceback.

    Raises
    ------
    Exception
        Whatever the scheduler raises: it takes no plugins, runs another Python, is gone.
    """
    found = await getattr(comm, HANDLER)() if shipped else None
    if not isinstance(found, dict):
        plugin = _plugin()
        try:
            await comm.register_scheduler_plugin(plugin=plugin, name=HANDLER, idempotent=True)
        except TypeError:  # a distributed before 2023.9, that does not ask whether to do it twice
            await comm.register_scheduler_plugin(plugin=plugin, name=HANDLER)
        found = await getattr(comm, HANDLER)()
    if not isinstance(found, dict):
        raise ValueError("The scheduler takes the reader, but does not answer for it.")
    return found


def _plugin() -> bytes:
    """A plugin that answers, and the code of ours that it needs: dasklab may not be there."""
    import cloudpickle
    from distributed.diagnostics.plugin import SchedulerPlugin

    from . import _reading

    handler = HANDLER

    class Reader(SchedulerPlugin):  # type: ignore[misc]
        name = handler
        idempotent = True
        transition = staticmethod("".format)  # called six times a task: see ClusterDeployment

        async def start(self, scheduler: Any) -> None:
            def answer() -> dict[str, Any]:
                return _reading.read_scheduler(scheduler)

            scheduler.handlers[handler] = answer

    cloudpickle.register_pickle_by_value(_reading)
    try:
        return bytes(cloudpickle.dumps(Reader()))
    finally:
        cloudpickle.unregister_pickle_by_value(_reading)


class Elsewhere:
    """A connection to a scheduler, seen as a cluster.

    Parameters
    ----------
    address
        The scheduler's.
    security
        A ``distributed.Security``, or anything with its ``get_connection_args``.
    changed
        Called when a worker came or left, and when the connection has ended.
    """

    def __init__(self, address: str, security: Any, changed: Callable[[], None]) -> None:
        from distributed.core import rpc

        self.scheduler_address = address
        self.security = security
        arguments = security.get_connection_args("client") if security is not None else None
        self.scheduler_comm: Any = rpc(address, connection_args=arguments)
        self.scheduler_info: dict[str, Any] = {"workers": {}}
        self._changed = changed
        self._watching: asyncio.Task[None] | None = None

    @property
    def connected(self) -> bool:
        """Whether the scheduler still tells of its workers."""
        return self._watching is not None and not self._watching.done()

    async def connect(self) -> None:
        """Connect, and hear of workers that come and go from now on.

        Raises
        ------
        OSError, asyncio.TimeoutError
        """
        comm = await asyncio.wait_for(self.scheduler_comm.live_comm(), CONNECT)
        try:
            await comm.write({"op": "subscribe_worker_status"})
            self.scheduler_info = dict(await asyncio.wait_for(comm.read(), CONNECT))
        except BaseException:
            comm.abort()
            raise
        self._watching = asyncio.get_running_loop().create_task(self._watch(comm))

    async def _watch(self, comm: Any) -> None:
        workers = self.scheduler_info.setdefault("workers", {})
        try:
            while True:
                try:
                    messages = await comm.read()
                except OSError:
                    return
                for kind, message in messages:
                    if kind == "add":
                        workers.update(message.get("workers", {}))
                    elif kind == "remove":
                        workers.pop(message, None)
                self._changed()
        finally:
            comm.abort()
            self._changed()

    async def close(self) -> None:
        """Let go of the scheduler; it goes on."""
        if self._watching is not None:
            self._watching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.gather(self._watching, return_exceptions=True)
        await self.scheduler_comm.close_rpc()
