"""How a request gets to a host: the one seam between clients and control APIs.

Maps what can go wrong on the way to errors of ours, once, here.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any, Protocol

from ..errors import HostUnreachable, from_wire
from ..model.record import Endpoint

__all__ = ("HttpTransport", "Transport")

CONNECT = 5.0
"""Seconds to connect: it is a process of this machine."""


class Transport(Protocol):
    """Asks a control API."""

    async def request(
        self, endpoint: Endpoint, action: str, body: dict[str, Any] | None, timeout: float
    ) -> dict[str, Any]:
        """One answer; ``body`` ``None`` asks for the status."""
        ...

    def watch(self, endpoint: Endpoint) -> AsyncIterator[dict[str, Any]]:
        """The cluster's JSON now and after each change, until the host ends."""
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
            answer = json.loads(response.body) if response.body else {}
        except (OSError, HTTPClientError, ValueError) as error:
            raise HostUnreachable(
                f"The cluster's host does not answer ({_short(error)}).",
                "It may have just ended; see %dask list.",
            ) from error
        finally:
            client.close()
        if response.code == 599:
            raise HostUnreachable(
                f"The cluster's host did not answer in {timeout:g} seconds.",
                "It may be very busy; try again.",
            )
        if not isinstance(answer, dict) or (response.code >= 300 and "error" not in answer):
            raise HostUnreachable(
                f"What answers for the cluster's host is none (HTTP {response.code}).",
                "It may have just ended; see %dask list.",
            )
        if "error" in answer:
            raise from_wire(answer["error"])
        return answer

    async def watch(self, endpoint: Endpoint) -> AsyncIterator[dict[str, Any]]:
        """Follow; ends when the connection does."""
        from tornado.httpclient import HTTPClientError, HTTPRequest
        from tornado.websocket import websocket_connect

        request = HTTPRequest(
            _url(endpoint, "watch", "ws"), headers=_headers(endpoint), connect_timeout=CONNECT
        )
        connecting: asyncio.Future[Any]
        connecting = websocket_connect(request, ping_interval=30)  # type: ignore[assignment]
        try:
            connection = await asyncio.shield(connecting)
        except asyncio.CancelledError:
            # Who waits for a moment only must not leave a socket behind.
            connecting.add_done_callback(_close)
            raise
        except (OSError, HTTPClientError) as error:
            raise HostUnreachable(
                f"The cluster's host does not answer ({_short(error)}).",
                "It may have just ended; see %dask list.",
            ) from error
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
            connection.close()


def _close(connecting: asyncio.Future[Any]) -> None:
    if not connecting.cancelled() and connecting.exception() is None:
        connecting.result().close()


def _url(endpoint: Endpoint, action: str, scheme: str = "http") -> str:
    return f"{scheme}://{endpoint.host}:{endpoint.port}/{action}"


def _headers(endpoint: Endpoint) -> dict[str, str]:
    return {"Authorization": f"Bearer {endpoint.token}"}


def _short(error: BaseException) -> str:
    text = str(error).strip() or type(error).__name__
    return text[:200]
