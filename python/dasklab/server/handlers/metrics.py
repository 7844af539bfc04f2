"""What schedulers tell Prometheus of themselves, and which of them there are."""

from __future__ import annotations

import asyncio

from jupyter_server.auth.decorator import authorized
from tornado import web

from .. import metrics
from ..base import ApiHandler

__all__ = ("routes",)


class Metrics(ApiHandler):
    """One scheduler's metrics."""

    @web.authenticated
    @authorized
    async def get(self, cluster_id: str) -> None:
        """Read."""
        cluster = await self.cluster(cluster_id)
        text = await metrics.read(cluster.record, self.dasklab.allowed_dashboard_hosts)
        self.finish(text, set_content_type=metrics.TEXT)


class Targets(ApiHandler):
    """Whom to scrape."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """List, as Prometheus's ``http_sd_configs`` reads it."""
        records, _ = await asyncio.to_thread(self.dasklab.registry.records)
        base = self.dasklab.url("api", "clusters")
        found = metrics.targets(records, self.request.host, self.request.protocol, base)
        self.answer(found)


routes = [
    (r"api/clusters/([^/]+)/metrics", Metrics),
    (r"api/metrics", Targets),
]
