"""The addresses of dask-labextension, below ``dask/``.

Its front end asks them, and so do programs; the answers and the form of errors are its own. What
it fetches for whoever names a URL is not fetched here: an address is compared with what the records
say, and a dashboard is seen through the same short-lived, sandboxed path as everywhere.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from jupyter_server.auth.decorator import authorized
from tornado import web

from ...errors import ClusterUnknown, DasklabError
from ...links import record_at
from ..base import ApiHandler, error_of
from ..html import PageHandler
from ..pages import MAIN
from ..upstream import safe_path, safe_query
from ..wire import clean, dumps
from .model import wanted_of

if TYPE_CHECKING:
    from ...client import AsyncCluster
    from .manager import HostManager

__all__ = ("routes",)


class OldHandler(ApiHandler):
    """Base of its REST handlers."""

    @property
    def manager(self) -> HostManager:
        """The manager over hosts."""
        return self.dasklab.manager

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """One sentence under ``message``: its front end shows that in a dialog."""
        error = kwargs.get("exc_info", (None, None, None))[1]
        status, data = error_of(error, status_code, self.log)
        self.set_status(status)
        words = f"{data['message']} {data['hint']}".strip()
        self.finish(dumps({"message": words, "reason": None}))

    async def plots(self, cluster: AsyncCluster) -> dict[str, str]:
        """The pages of a dashboard in the form of Dask's ``individual-plots.json``."""
        pages = await self.dasklab.pages.of(cluster)
        return {
            f"Individual {page['title']}": f"/{page['name']}"
            for page in pages
            if page["name"] not in MAIN
        }


class OldClusters(OldHandler):
    """All of them."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """List."""
        self.finish(dumps(clean(await self.manager.models())))

    @web.authenticated
    @authorized
    async def put(self, cluster_id: str = "") -> None:
        """Create; back when it is there. The body may say ``name``, ``workers`` and ``adapt``."""
        self.answer(await self.manager.start_cluster(cluster_id, self.data()))


class OldCluster(OldClusters):
    """One."""

    @web.authenticated
    @authorized
    async def get(self, cluster_id: str) -> None:
        """Read."""
        self.answer(await self.manager.model(cluster_id))

    @web.authenticated
    @authorized
    async def patch(self, cluster_id: str) -> None:
        """Scale."""
        model = await self.manager.scale_cluster(cluster_id, wanted_of(self.data()))
        self.answer(_there(model, cluster_id))

    @web.authenticated
    @authorized
    async def delete(self, cluster_id: str) -> None:
        """Stop; back when it has ended."""
        _there(await self.manager.close_cluster(cluster_id), cluster_id)
        self.set_status(204)
        self.finish()


class OldPlots(OldHandler):
    """The pages that a dashboard has; its front end asks every four seconds."""

    @web.authenticated
    @authorized
    async def get(self, cluster_id: str) -> None:
        """List."""
        self.answer(await self.plots(await self.cluster(cluster_id)))


class OldDashboard(PageHandler):
    """A cluster's dashboard: leads to a short-lived path, for websockets as for pages."""

    @web.authenticated
    @authorized
    async def get(self, cluster_id: str, path: str | None = None) -> None:
        """Go to a page."""
        cluster = await self.dasklab.cluster(cluster_id)
        page = safe_path((path or "/")[1:].removesuffix("/") or "status")[1:]
        await cluster.dashboard()
        made = self.dasklab.capabilities.mint(cluster.id)
        query = safe_query(self.request.query)
        self.redirect(self.dasklab.url("view", made.token, page) + (f"?{query}" if query else ""))

    head = get


class OldCheck(OldHandler):
    """Whether an address is that of a dashboard: of one of ours, nothing else is looked at."""

    @web.authenticated
    @authorized
    async def get(self, url: str) -> None:
        """Always 200, as its own: an address that is none is merely not active."""
        url = unquote(url)[:2_000]
        found = {"url": url, "isActive": False, "plots": {}}
        with contextlib.suppress(DasklabError, ValueError):
            cluster = await self.cluster(self._cluster_at(url))
            found = {
                "url": url.removesuffix("/").removesuffix("/status"),
                "isActive": True,
                "effectiveUrl": f"{self.base_url}dask/dashboard/{cluster.id}",
                "plots": await self.plots(cluster),
            }
        self.answer(found)

    def _cluster_at(self, url: str) -> str:
        """The cluster whose dashboard that is: by a path of this server, or by host and port."""
        place = urlsplit(url)
        parts = [part for part in place.path.split("/") if part]
        if place.netloc in ("", self.request.host) and "dashboard" in parts[:-1]:
            return parts[parts.index("dashboard") + 1]
        record = record_at(place.hostname or "", place.port or 0, self.dasklab.registry)
        if record is None:
            raise ClusterUnknown("No cluster's dashboard is there.")
        return record.id


def _there(model: dict[str, Any] | None, cluster_id: str) -> dict[str, Any]:
    if model is None:
        raise ClusterUnknown(f"There is no cluster {cluster_id[:80]!r}.")
    return model


routes = [
    (r"dask/clusters/?", OldClusters),
    (r"dask/clusters/([^/]+)", OldCluster),
    (r"dask/dashboard/([^/]+)/individual-plots\.json", OldPlots),
    (r"dask/dashboard/([^/]+)(/.*)?", OldDashboard),
    (r"dask/dashboard-check/(.+)", OldCheck),
    # Where its magnifying glass looks, in a notebook whose links dasklab has made.
    (r"dasklab/dashboard/([^/]+)/individual-plots\.json", OldPlots),
]
