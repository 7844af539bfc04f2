"""A tunnel: ports of loopback that lead, over one SSH connection, to ports that only ssh reaches.

Kept up: a connection that breaks is made again, at the same ports, so that clients which connect
again find what they had. Used by ``existing``.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

from ..errors import DasklabError
from ._ssh import Place, broken, connect

__all__ = ("Tunnel",)

PAUSES = (1.0, 2.0, 5.0, 10.0, 30.0)
"""Seconds before each further attempt; the last again and again."""


class Tunnel:
    """One tunnel, with as many ports as are asked for.

    Parameters
    ----------
    place
        The SSH server in between.
    note
        Says what happens to it: a kind and a sentence.
    login
        ``key`` and ``known_hosts``, see :func:`._ssh.connect`.
    """

    def __init__(self, place: Place, note: Callable[[str, str], None], **login: Any) -> None:
        self.place = place
        self._note = note
        self._login = login
        self._connection: Any = None
        self._ports: dict[tuple[str, int], int] = {}
        self._keeping: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Connect, and keep connected until it is closed.

        Raises
        ------
        DasklabError
            The server cannot be reached, and why.
        """
        self._connection = await connect(self.place, **self._login)
        self._keeping = asyncio.create_task(self._keep())

    async def port(self, host: str, port: int) -> int:
        """The port of loopback that leads to this port, as the server in between sees it."""
        if (host, port) not in self._ports:
            listener = await self._connection.forward_local_port("127.0.0.1", 0, host, port)
            self._ports[host, port] = listener.get_port()
        return self._ports[host, port]

    async def _keep(self) -> None:
        while True:
            await self._connection.wait_closed()
            self._note("tunnel-lost", f"The connection to {self.place} broke; it is made again.")
            attempt = 0
            while True:
                await asyncio.sleep(PAUSES[min(attempt, len(PAUSES) - 1)])
                attempt += 1
                with contextlib.suppress(DasklabError, *broken()):
                    await self._connect_again()
                    break
            self._note("tunnel", f"The connection to {self.place} is there again.")

    async def _connect_again(self) -> None:
        connection = await connect(self.place, **self._login)
        try:
            for (host, port), here in self._ports.items():
                await connection.forward_local_port("127.0.0.1", here, host, port)
        except BaseException:
            connection.close()
            raise
        self._connection = connection

    async def close(self) -> None:
        """Close it, and with it every connection through it."""
        if self._keeping is not None:
            self._keeping.cancel()
        if self._connection is not None:
            self._connection.close()
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._connection.wait_closed(), 2.0)
