"""What goes to a dashboard and what comes back: addresses, queries and headers, by allow-list.

Pure functions, used by the proxy. Paths are taken apart, checked and put together again, so that
nothing a browser sends can name another host; headers that are not on a list do not pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, unquote, urlencode, urljoin, urlsplit

from ..errors import NotFound, PageUnknown

if TYPE_CHECKING:
    from ..model.record import Endpoint

__all__ = (
    "location_of",
    "origin_of",
    "request_headers",
    "response_headers",
    "safe_path",
    "safe_query",
)

REQUEST_HEADERS = (
    "Accept",
    "Accept-Encoding",
    "Accept-Language",
    "If-Modified-Since",
    "If-None-Match",
    "If-Range",
    "Range",
)
"""What a dashboard is told. No cookie, no token, no X-Forwarded-*, no Referer, and no Origin:
without one an upstream takes a websocket for what it is, a program's and not a page's."""

RESPONSE_HEADERS = (
    "Accept-Ranges",
    "Cache-Control",
    "Content-Encoding",
    "Content-Language",
    "Content-Range",
    "Content-Type",
    "ETag",
    "Expires",
    "Last-Modified",
    "Vary",
)
"""What a browser is told. No Set-Cookie, no CORS, no CSP, no Refresh, no Clear-Site-Data."""

SECRET_QUERY = ("token", "access_token", "_xsrf", "code", "state")
"""Parameters of Jupyter and of logins; no dashboard has any of them."""

CLOSED = ("proxy", "jupyter")
"""First parts of paths that never pass: distributed's own proxy to any port of a worker's host,
and the Jupyter server that a scheduler can be made to run."""

PATH_LIMIT = 4_000


def safe_path(raw: str) -> str:
    """A path below the dashboard's root, taken apart and put together again.

    Parameters
    ----------
    raw
        What follows the capability in the request's path, still percent-encoded.

    Returns
    -------
    str
        Begins with one slash. A slash that was encoded stays encoded: distributed's pages of
        workers (``info/worker/tcp%3A%2F%2F127.0.0.1%3A4567.html``) have them.

    Raises
    ------
    PageUnknown
        A path that no dashboard has: empty parts, dots, backslashes, controls.
    """
    unknown = PageUnknown("This dashboard has no such page.")
    if len(raw) > PATH_LIMIT:
        raise unknown
    parts = [unquote(part, errors="replace") for part in raw.split("/")]
    for number, part in enumerate(parts):
        last = number == len(parts) - 1
        if not part and not last:
            raise unknown
        if "\\" in part or any(ord(char) < 32 or ord(char) == 127 for char in part):
            raise unknown
        if any(piece in (".", "..") for piece in part.split("/")):
            raise unknown  # also ..%2f.., for an upstream that decodes twice
    if parts[0].strip("/").lower().split("/")[0] in CLOSED:
        raise unknown
    return "/" + "/".join(quote(part, safe="~:@!$&'()*+,;=") for part in parts)


def safe_query(query: str) -> str:
    """A query without tokens, put together again."""
    pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=100)
    return urlencode([(name, text) for name, text in pairs if name.lower() not in SECRET_QUERY])


def origin_of(endpoint: Endpoint, scheme: str | None = None) -> str:
    """``scheme://host:port`` of an endpoint.

    Parameters
    ----------
    scheme
        ``"ws"`` for a websocket; it is encrypted if the endpoint is.
    """
    secure = endpoint.scheme == "https"
    name = ("wss" if secure else "ws") if scheme == "ws" else ("https" if secure else "http")
    host = endpoint.host.strip("[]")
    return (
        f"{name}://[{host}]:{int(endpoint.port)}"
        if ":" in host
        else f"{name}://{host}:{int(endpoint.port)}"
    )


def request_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """What of a browser's request goes on."""
    return {name: headers[name] for name in REQUEST_HEADERS if name in headers}


def response_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """What of a dashboard's answer goes back."""
    return {name: headers[name] for name in RESPONSE_HEADERS if name in headers}


def location_of(location: str, asked: str, endpoint: Endpoint, view: str) -> str | None:
    """Where a redirect leads, as a path of the view; ``None`` if it leads anywhere else.

    Parameters
    ----------
    location
        What the dashboard says.
    asked
        The upstream address that was asked.
    endpoint
        The dashboard. One below a path does not know of it: its redirects may leave it out.
    view
        Path of the view, capability included, without a slash at its end.
    """
    try:
        target = urlsplit(urljoin(asked, location))
        if f"{target.scheme}://{target.netloc}" != origin_of(endpoint):
            return None
        below = f"{target.path}/".startswith(f"{endpoint.path}/")
        path = safe_path(target.path[len(endpoint.path) if below else 0 :].lstrip("/"))
    except (ValueError, NotFound):
        return None
    query = safe_query(target.query)
    return f"{view}{path}" + (f"?{query}" if query else "")


def frame_ancestors(policies: Iterable[str]) -> str:
    """Who may frame a dashboard: this origin, where its panes are, and whom the administrator adds.

    A Hub forbids all framing of its users' servers, because their users share one origin. A
    dashboard is alone in its sandbox, at a path that nobody can guess: it needs no such shelter.
    """
    for policy in policies:
        for directive in policy.split(";"):
            name, *sources = directive.split() or [""]
            if name.lower() == "frame-ancestors":
                others = [each for each in sources if each.lower() not in ("'none'", "'self'")]
                return " ".join(["frame-ancestors 'self'", *others])
    return "frame-ancestors 'self'"
