"""How a request gets to a host: the one seam between clients and control APIs.

Maps what can go wrong on the way to errors of ours, once, here.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any, Protocol

from ..errors import HostUnreachable, from_wire
from ..model.record import Endpoint

if TYPE_CHECKING:
    from tornado.websocket import WebSocketClientConnection

__all__ = ("HttpTransport", "Transport", "close")

CONNECT = 5.0
"""Seconds to connect: it is a process of this machine."""


class Transport(Protocol):
    """Asks a control API."""

    async def request(
        self, endpoint: Endpoint, action: str, body: dict[str, Any] | None, timeout: float
    ) -> dict[str, Any]:
        """One answer; ``body`` ``None`` asks for the status."""
        ...

    async def fetch(
        self, endpoint: Endpoint, action: str, body: dict[str, Any], timeout: float
    ) -> bytes:
        """One answer that is no JSON."""
        ...

    def watch(self, endpoint: Endpoint, *, waiting: bool = False) -> AsyncIterator[dict[str, Any]]:
        """The cluster's JSON now and after each change, until the host ends.

        ``waiting``: for workers, which keeps the cluster's lease from ending it.
        """
        ...

    async def open(self, endpoint: Endpoint, action: str) -> WebSocketClientConnection:
        """A websocket; the caller closes it."""
        ...


class HttpTransport:
    """Over HTTP and a websocket on loopback, with tornado, which Dask brings along."""

    async def request(
        self, endpoint: Endpoint, action: str, body: dict[str, Any] | None, timeout: float = 30.0
    ) -> dict[str, Any]:
        """Ask; raise what the host raised.

        Raises
        ------
        HostUnreachable
            It does not answer (in ``timeout`` seconds).
        DasklabError
            What the host says.
        """
        response = await self._send(endpoint, action, body, timeout)
        try:
            answer = json.loads(response.body) if response.body else {}
        except ValueError as error:
            raise _silent(error) from error
        if not isinstance(answer, dict) or (response.code >= 300 and "error" not in answer):
            raise HostUnreachable(
                f"What answers for the cluster's host is none (HTTP {response.code}).",
                "It may have just ended; see %dask list.",
            )
        if "error" in answer:
            raise from_wire(answer["error"])
        return answer

    async def fetch(
        self, endpoint: Endpoint, action: str, body: dict[str, Any], timeout: float = 30.0
    ) -> bytes:
        """Ask for bytes; raise what the host raised.

        Raises
        ------
        HostUnreachable, DasklabError
        """
        response = await self._send(endpoint, action, body, timeout)
        if response.code == 200:
            return bytes(response.body)
        try:
            raise from_wire(json.loads(response.body)["error"])
        except (ValueError, KeyError, TypeError) as error:
            raise _silent(error) from error

    @staticmethod
    async def _send(
        endpoint: Endpoint, action: str, body: dict[str, Any] | None, timeout: float
    ) -> Any:
        from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest

        request = HTTPRequest(
            _url(endpoint, action),
            method="GET" if body is None else "POST",
            body=None if body is None else json.dumps(body),
            headers=_headers(endpoint),
            connect_timeout=CONNECT,
            request_timeout=timeout,
            follow_redirects=False,
        )
        client = AsyncHTTPClient(force_instance=True, defaults=None)
        try:
            response = await client.fetch(request, raise_error=False)
        except (OSError, HTTPClientError, ValueError) as error:
            raise _silent(error) from error
        finally:
            client.close()
        if response.code == 599:
            raise HostUnreachable(
                f"The cluster's host did not answer in {timeout:g} seconds.",
                "It may be very busy; try again.",
            )
        return response

    async def watch(
        self, endpoint: Endpoint, *, waiting: bool = False
    ) -> AsyncIterator[dict[str, Any]]:
        """Follow; ends when the connection does."""
        connection = await self.open(endpoint, "watch?for=workers" if waiting else "watch")
        try:
            while (message := await connection.read_message()) is not None:
                try:
                    data = json.loads(message)
                except ValueError as error:
                    raise HostUnreachable(
                        f"The cluster's host says something else than JSON ({_short(error)}).",
                        "It may not be a host of dasklab's; see %dask list.",
                    ) from error
                if isinstance(data, dict):
                    yield data
        finally:
            await close(connection)

    async def open(self, endpoint: Endpoint, action: str) -> WebSocketClientConnection:
        """Connect.

        Raises
        ------
        HostUnreachable
        """
        from tornado.httpclient import HTTPClientError, HTTPRequest
        from tornado.websocket import websocket_connect

        request = HTTPRequest(
            _url(endpoint, action, "ws"), headers=_headers(endpoint), connect_timeout=CONNECT
        )
        connecting: asyncio.Future[Any]
        connecting = websocket_connect(request, ping_interval=30)  # type: ignore[assignment]
        try:
            connection: WebSocketClientConnection = await asyncio.shield(connecting)
        except asyncio.CancelledError:
            # Who waits for a moment only must not leave a socket behind.
            connecting.add_done_callback(_close)
            raise
        except (OSError, HTTPClientError) as error:
            raise _silent(error) from error
        return connection


async def close(connection: WebSocketClientConnection) -> None:
    """Close a websocket; back when it is closed, so that no socket is left where a loop ends."""

    async def until_closed() -> None:
        while await connection.read_message() is not None:
            pass

    connection.close()
    with contextlib.suppress(asyncio.TimeoutError):
        await asyncio.wait_for(until_closed(), 1.0)


def _close(connecting: asyncio.Future[Any]) -> None:
    if not connecting.cancelled() and connecting.exception() is None:
        connecting.result().close()


def _silent(error: BaseException) -> HostUnreachable:
    return HostUnreachable(
        f"The cluster's host does not answer ({_short(error)}).",
        "It may have just ended; see %dask list.",
    )


def _url(endpoint: Endpoint, action: str, scheme: str = "http") -> str:
    return f"{scheme}://{endpoint.host}:{endpoint.port}/{action}"


def _headers(endpoint: Endpoint) -> dict[str, str]:
    return {"Authorization": f"Bearer {endpoint.token}"}


def _short(error: BaseException) -> str:
    text = str(error).strip() or type(error).__name__
    return text[:200]
