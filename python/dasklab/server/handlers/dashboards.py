"""Dashboards: which pages there are, and a path through which one cluster's can be seen."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado import web

from ...errors import RequestMalformed
from ..base import ApiHandler
from ..html import PageHandler
from ..upstream import safe_query

__all__ = ("routes",)


class PageList(ApiHandler):
    """The pages of a cluster's dashboard."""

    @web.authenticated
    @authorized
    async def get(self, cluster_id: str) -> None:
        """List; the host makes the dashboard ready first, if nobody has asked before."""
        cluster = await self.cluster(cluster_id)
        self.answer({"pages": await self.dasklab.pages.of(cluster)})


class View(ApiHandler):
    """A short-lived path to one dashboard."""

    read_only_safe = True

    @web.authenticated
    @authorized("read")  # type: ignore[untyped-decorator]
    async def post(self, cluster_id: str) -> None:
        """Make one."""
        cluster = await self.cluster(cluster_id)
        page = self.body("page").get("page", "status")
        if not isinstance(page, str):
            raise RequestMalformed("page is not text.", 'Send {"page": "status"}.')
        path = await self.dasklab.pages.find(cluster, page)
        made = self.dasklab.capabilities.mint(cluster.id)
        self.answer({"url": self.dasklab.url("view", made.token, path), "expires": made.expires})


class Dashboard(PageHandler):
    """A lasting address for links: it leads to a short-lived path."""

    @web.authenticated
    @authorized
    async def get(self, cluster_id: str, page: str | None = None) -> None:
        """Go to a page of a cluster's dashboard."""
        cluster = await self.dasklab.cluster(cluster_id)
        path = await self.dasklab.pages.find(cluster, page or "status")
        made = self.dasklab.capabilities.mint(cluster.id)
        query = safe_query(self.request.query)
        self.redirect(self.dasklab.url("view", made.token, path) + (f"?{query}" if query else ""))


routes = [
    (r"api/clusters/([^/]+)/pages", PageList),
    (r"api/clusters/([^/]+)/view", View),
    (r"dashboard/([^/]+)/?", Dashboard),
    (r"dashboard/([^/]+)/(.+)", Dashboard),
]
