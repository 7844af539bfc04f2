"""The dashboard proxy: one cluster's Bokeh pages, in a sandbox, by a capability in the path.

jupyter-server-proxy carries the bytes. What it is not trusted with is done here: who may ask, where
a request goes, which headers pass in either direction, and that a slow reader slows the sender down
instead of filling the server's memory. Its own checks of users do not apply: the pages have an
opaque origin and so no cookies.
"""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import ssl
from typing import Any

from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server_proxy.handlers import ProxyHandler, RewritableResponse
from tornado import httputil, web
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.iostream import StreamClosedError
from tornado.simple_httpclient import SimpleAsyncHTTPClient
from tornado.websocket import (
    WebSocketClientConnection,
    WebSocketClosedError,
    WebSocketError,
    websocket_connect,
)

from ..errors import ClusterGone, DasklabError, HostUnreachable, Refused
from ..model.record import Endpoint
from ..tls import trusting
from . import upstream
from .addresses import Pinned, admit
from .base import error_of
from .capabilities import Capability
from .html import sentence_page

__all__ = ("ViewHandler",)

CONNECT = 5.0
"""Seconds to connect to a dashboard."""

PATIENCE = 60.0
"""Seconds for an answer: a scheduler that takes a large graph stands still meanwhile."""

BODY_LIMIT = 64_000_000
"""Bytes of one answer; Bokeh's largest script has four million."""

MESSAGE_LIMIT = 10_000_000
"""Bytes of one websocket message."""

PING = 30.0
"""Seconds between pings of the dashboard, so that one that vanished is noticed."""

LIFE = 30.0
"""Seconds between signs of life to the browser: proxies on the way close what is long silent."""

PONG = b"\x8a\x00"
"""A pong that nobody asked for (RFC 6455, 5.5.3). A ping would be answered, and a Hub's proxy takes
whatever a browser sends for its user's activity: no server with an open pane would be culled."""


class ViewHandler(ProxyHandler):  # type: ignore[misc]
    """``dasklab/view/CAPABILITY/PATH``: HTTP GET and HEAD, and websockets."""

    SUPPORTED_METHODS = ("GET", "HEAD")

    capability: Capability
    endpoint: Endpoint
    pinned: Pinned
    ws: WebSocketClientConnection

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # absolute_url: none of its own rewriting of addresses, and no headers that tell of it.
        # update_last_activity: an open dashboard is no activity, a Hub must be able to cull.
        super().__init__(
            *args,
            **kwargs,
            absolute_url=True,
            update_last_activity=False,
            # It looks at the names of a plain function's arguments; a method's self confuses it.
            rewrite_response=lambda response: self._rewrite(response),  # noqa: PLW0108
        )
        self.upstream_path = "/"
        self._held = contextlib.ExitStack()
        self._tasks: list[asyncio.Task[None]] = []

    # -- who may ask, and for what -------------------------------------------------------------
    async def prepare(self) -> None:
        """Nothing happens before the capability is known to be good, for websockets as for GET."""
        self.current_user = self._jupyter_current_user = None
        if not self.check_host():
            raise web.HTTPError(403)
        dasklab = self.settings["dasklab"]
        token, _, raw = self._below_view().partition("/")
        self.capability = dasklab.capabilities.use(token)
        if self._is_websocket() and not self._from_here(self.request.headers.get("Origin")):
            raise Refused("This page may not open the dashboard.")
        record = dasklab.registry.get(self.capability.cluster_id)
        if record.phase.ended:
            raise ClusterGone("This cluster has ended.")
        if record.dashboard is None:
            raise HostUnreachable("This cluster's dashboard is not ready. Open it again.")
        self.endpoint = record.dashboard
        self.upstream_path = f"{self.endpoint.path}{upstream.safe_path(raw)}"
        self.pinned = await admit(self.endpoint, dasklab.allowed_dashboard_hosts)

    def _below_view(self) -> str:
        """What follows ``view/`` in the path, still percent-encoded as the browser sent it."""
        prefix = self.settings["dasklab"].url("view") + "/"
        return str(self.request.path).removeprefix(prefix)

    def _is_websocket(self) -> bool:
        return str(self.request.headers.get("Upgrade", "")).lower() == "websocket"

    def _from_here(self, origin: str | None) -> bool:
        """Whether a websocket was opened by a sandboxed page or by this very origin."""
        host = self.request.headers.get("Host", "")
        return origin in ("null", f"http://{host}", f"https://{host}")

    def check_origin(self, origin: str | None = None) -> bool:
        """Tornado asks again at the handshake."""
        return self._from_here(self.request.headers.get("Origin"))

    # -- HTTP ------------------------------------------------------------------------------------
    @allow_unauthenticated
    async def get(self, *_: str) -> None:
        """A page, a script, an image, or a websocket; :meth:`prepare` has said yes."""
        await super().get()

    @allow_unauthenticated
    async def head(self, *_: str) -> None:
        """As GET, without the body."""
        await self.http_get()

    async def http_get(self, *_: str) -> None:
        """Fetch from the dashboard, all of it before any of it goes on."""
        client = SimpleAsyncHTTPClient(
            force_instance=True,
            resolver=self.pinned,
            max_body_size=BODY_LIMIT,
            max_buffer_size=BODY_LIMIT,
        )
        try:
            await self._proxy_buffered("", 0, self.upstream_path, None, client)
        except (OSError, HTTPClientError, web.HTTPError) as error:
            raise HostUnreachable("The scheduler's dashboard does not answer.") from error
        finally:
            client.close()

    def _build_proxy_request(self, *_: Any, **__: Any) -> HTTPRequest:
        return HTTPRequest(
            self._upstream_url(),
            method=self.request.method or "GET",
            headers=httputil.HTTPHeaders(upstream.request_headers(self.request.headers)),
            decompress_response=False,
            follow_redirects=False,
            ssl_options=self._trust(),
            connect_timeout=CONNECT,
            request_timeout=PATIENCE,
        )

    def _upstream_url(self, scheme: str | None = None) -> str:
        query = upstream.safe_query(self.request.query)
        origin = upstream.origin_of(self.endpoint, scheme)
        return f"{origin}{self.upstream_path}" + (f"?{query}" if query else "")

    def _trust(self) -> ssl.SSLContext | None:
        return trusting(self.endpoint.ca) if self.endpoint.scheme == "https" else None

    def _rewrite(self, response: RewritableResponse) -> None:
        """Let only known headers back, and put the page into its sandbox."""
        kept = upstream.response_headers(response.headers)
        location = response.headers.get("Location")
        if location is not None:
            view = self.settings["dasklab"].url("view", self.capability.token)
            leads = upstream.location_of(location, self._upstream_url(), self.endpoint, view)
            if leads is not None:
                kept["Location"] = leads
        response.headers = httputil.HTTPHeaders({**kept, **self._safety()})
        response.reason = http.client.responses.get(response.code, "Unknown")

    def _safety(self) -> dict[str, str]:
        own = [str(text) for name, text in self.settings.get("headers", {}).items()
               if name.lower() == "content-security-policy"]  # fmt: skip
        return {
            "Content-Security-Policy": f"sandbox allow-scripts; {upstream.frame_ancestors(own)}",
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
        }

    def set_default_headers(self) -> None:
        """On every answer, errors included; nothing of Jupyter's CORS settings."""
        for name, value in self._safety().items():
            self.set_header(name, value)

    # -- websockets ------------------------------------------------------------------------------
    @property
    def ping_interval(self) -> float:
        """None; see :data:`PONG`."""
        return 0.0

    @property
    def max_message_size(self) -> int:
        """Bytes of a message from the browser."""
        return MESSAGE_LIMIT

    async def open(self, *_: str) -> None:
        """Connect to the dashboard and relay in both directions."""
        try:
            self._held.enter_context(self.settings["dasklab"].capabilities.hold(self.capability))
            await self._connect()
        except (OSError, HTTPClientError, WebSocketError, DasklabError) as error:
            self.log.info(
                "dasklab: a dashboard's websocket did not open (%s)", type(error).__name__
            )
            self.close(1013, "The dashboard cannot be reached.")

    async def _connect(self) -> None:
        request = HTTPRequest(
            self._upstream_url("ws"), ssl_options=self._trust(), connect_timeout=CONNECT
        )
        self.ws = await websocket_connect(
            request,
            subprotocols=self._requested_subprotocols,  # Bokeh's session token is one of them
            max_message_size=MESSAGE_LIMIT,
            ping_interval=PING,
            resolver=self.pinned,
        )
        if self.ws_connection is None:  # the browser left meanwhile
            self.ws.close()
            return
        loop = asyncio.get_running_loop()
        self._tasks = [loop.create_task(self._to_browser()), loop.create_task(self._show_life())]

    async def _to_browser(self) -> None:
        """Message by message: the next is read when the last has been taken."""
        with contextlib.suppress(WebSocketClosedError):
            while (message := await self.ws.read_message()) is not None:
                await self.write_message(message, binary=isinstance(message, bytes))
        self.close()

    async def _show_life(self) -> None:
        with contextlib.suppress(StreamClosedError):
            while (connection := self.ws_connection) is not None:
                await connection.stream.write(PONG)
                await asyncio.sleep(LIFE)

    async def on_message(self, message: str | bytes) -> None:
        """To the dashboard; tornado reads no further before it is sent."""
        if hasattr(self, "ws"):
            with contextlib.suppress(WebSocketClosedError):
                await self.ws.write_message(message, binary=isinstance(message, bytes))

    def on_ping(self, data: bytes) -> None:
        """Tornado has answered it."""

    def on_close(self) -> None:
        """Let go of the dashboard and of the capability."""
        self._held.close()
        for task in self._tasks:
            task.cancel()
        if hasattr(self, "ws"):
            self.ws.close()

    # -- what Jupyter and its proxy must not do --------------------------------------------------
    def check_xsrf_cookie(self) -> None:
        """There is nothing to forge: GET only, and the capability is the key."""

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """One sentence, nothing echoed."""
        error = kwargs.get("exc_info", (None, None, None))[1]
        status, data = error_of(error, status_code, self.log)
        if status == 403 and not isinstance(error, DasklabError):
            data = {**data, "message": "This dashboard cannot be seen from here."}
        self.set_status(status)
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(sentence_page(data))

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """Written once, in :meth:`write_error`; upstream texts stay out of the log."""

    def _log(self) -> None:
        """Write the request to the log without the capability: logs are read by others."""
        _, slash, rest = self._below_view().partition("/")
        prefix = self.settings["dasklab"].url("view")
        uri = self.request.uri
        self.request.uri = f"{prefix}/[capability]{slash}{rest}"
        super()._log()
        self.request.uri = uri
