"""What can be asked of a running cluster: scale, restart, keep, detach, why workers are missing."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado import web

from ...errors import RequestMalformed
from ..base import ApiHandler

__all__ = ("routes",)


class Scale(ApiHandler):
    """How many workers it shall have."""

    @web.authenticated
    @authorized
    async def post(self, cluster_id: str) -> None:
        """Ask for a number or a range; answers before they are there."""
        cluster = await self.cluster(cluster_id)
        self.changed(await cluster.scale(self.body("workers").get("workers")))


class Restart(ApiHandler):
    """Its workers, from scratch."""

    @web.authenticated
    @authorized
    async def post(self, cluster_id: str) -> None:
        """Restart all workers; answers before they are back."""
        cluster = await self.cluster(cluster_id)
        self.body()
        self.changed(await cluster.restart())


class Keep(ApiHandler):
    """Its lease."""

    @web.authenticated
    @authorized
    async def post(self, cluster_id: str) -> None:
        """Pin the cluster, or let its lease count again."""
        cluster = await self.cluster(cluster_id)
        pinned = self.body("pinned").get("pinned", True)
        if not isinstance(pinned, bool):
            raise RequestMalformed("pinned is not true or false.")
        self.changed(await cluster.keep(pinned), 200)


class Detach(ApiHandler):
    """A cluster that was found running."""

    @web.authenticated
    @authorized
    async def post(self, cluster_id: str) -> None:
        """Let go of it; answers before its host has ended. DELETE would stop the cluster."""
        cluster = await self.cluster(cluster_id)
        self.body()
        self.changed(await cluster.detach())


class Why(ApiHandler):
    """Its missing workers."""

    read_only_safe = True

    @web.authenticated
    @authorized
    async def post(self, cluster_id: str) -> None:
        """Find out why there are fewer than wanted: in ``jobs`` and ``advice`` of the answer."""
        cluster = await self.cluster(cluster_id)
        self.body()
        self.changed(await cluster.why(), 200)


routes = [
    (r"api/clusters/([^/]+)/scale", Scale),
    (r"api/clusters/([^/]+)/restart", Restart),
    (r"api/clusters/([^/]+)/keep", Keep),
    (r"api/clusters/([^/]+)/detach", Detach),
    (r"api/clusters/([^/]+)/why", Why),
]
