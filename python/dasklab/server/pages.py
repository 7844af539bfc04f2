"""A dashboard's pages: which there are, and where they are.

Asked of the scheduler's own list when somebody wants to see it, and kept: the list of a scheduler
does not change once its dashboard is mounted. Never polled.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Sequence
from typing import Any

from ..client import AsyncCluster
from ..errors import HostUnreachable, PageUnknown
from ..model.record import Endpoint
from ..tls import trusting
from .addresses import admit
from .upstream import origin_of, safe_path
from .wire import clean

__all__ = ("MAIN", "Pages")

MAIN = {
    "status": "Status",
    "workers": "Workers",
    "tasks": "Tasks",
    "system": "System",
    "profile": "Profile",
    "graph": "Graph",
    "groups": "Groups",
    "info": "Info",
}
"""The pages in the dashboard's own navigation, in its order."""

CAPITALS = {"Cpu": "CPU", "Gpu": "GPU", "Rmm": "RMM"}
"""As in the menu of the dashboard itself."""

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,99}")

SIZE_LIMIT = 1_000_000
"""Bytes of a list of pages; Dask's has four thousand."""

LIMIT = 300
"""Pages that are shown."""

PATIENCE = 10.0
"""Seconds for a scheduler to answer: one that takes a large graph stands still for a while."""

Page = dict[str, str]


class Pages:
    """The pages of all clusters that were asked for.

    Parameters
    ----------
    patterns
        Hosts that are admitted, see :func:`~dasklab.server.addresses.admit`.
    """

    def __init__(self, patterns: Sequence[str]) -> None:
        self._patterns = patterns
        self._known: dict[tuple[str, Endpoint], list[Page]] = {}

    async def of(self, cluster: AsyncCluster) -> list[Page]:
        """All pages, the main ones first: ``name`` to ask for, ``title`` to show.

        Raises
        ------
        ClusterGone, Unsupported, HostUnreachable, Refused
        """
        endpoint = await cluster.dashboard()
        known = self._known.get((cluster.id, endpoint))
        if known is None:
            known = await self._ask(endpoint)
            for old in [key for key in self._known if key[0] == cluster.id]:
                del self._known[old]
            self._known[cluster.id, endpoint] = known
        return known

    async def find(self, cluster: AsyncCluster, page: str) -> str:
        """The path of a page that there is, percent-encoded, without a slash before it.

        Raises
        ------
        PageUnknown
            With the nearest name.
        """
        path = safe_path(page)[1:]
        names = [known["name"] for known in await self.of(cluster)]
        # Pages have pages below them: info/main/workers.html.
        if path in names or path.split("/")[0] in names:
            return path
        near = difflib.get_close_matches(page, names, 1)
        raise PageUnknown(
            f"The dashboard has no page {page[:80]!r}.",
            f"Did you mean {near[0]!r}?" if near else f"There are: {', '.join(names[:8])}.",
            details={"names": names},
        )

    async def _ask(self, endpoint: Endpoint) -> list[Page]:
        # Not /sitemap.json, which would be complete: it fails, with a traceback in the log that
        # users read, as soon as Bokeh's static files are mounted.
        plots = sorted(_plots(await self._plots_of(endpoint)), key=lambda page: page["title"])
        main = [name for name in MAIN if plots or name == "info"]
        return [*({"name": name, "title": MAIN[name]} for name in main), *plots]

    async def _plots_of(self, endpoint: Endpoint) -> dict[str, Any]:
        """What a scheduler says of its pages; empty where Bokeh is missing there."""
        from tornado.httpclient import HTTPClientError
        from tornado.simple_httpclient import SimpleAsyncHTTPClient

        pinned = await admit(endpoint, self._patterns)
        client = SimpleAsyncHTTPClient(
            force_instance=True, resolver=pinned, max_body_size=SIZE_LIMIT
        )
        try:
            response = await client.fetch(
                f"{origin_of(endpoint)}{endpoint.path}/individual-plots.json",
                ssl_options=trusting(endpoint.ca) if endpoint.scheme == "https" else None,
                raise_error=False,
                follow_redirects=False,
                connect_timeout=PATIENCE,
                request_timeout=PATIENCE,
            )
            data = json.loads(response.body) if response.code == 200 else {}
        except (OSError, ValueError, RecursionError, HTTPClientError) as error:
            raise HostUnreachable(
                "The scheduler's dashboard does not answer.", "It may be very busy; try again."
            ) from error
        finally:
            client.close()
        return data if isinstance(data, dict) else {}


def _plots(data: dict[str, Any]) -> list[Page]:
    """Dask's ``{"Individual Task Stream": "/individual-task-stream"}``, checked."""
    found = []
    for title, path in list(data.items())[:LIMIT]:
        name = str(path).strip("/")
        if NAME.fullmatch(name) and ".." not in name:
            words = str(clean(title))[:100].removeprefix("Individual ").split(" ")
            found.append({"name": name, "title": " ".join(CAPITALS.get(w, w) for w in words)})
    return found
