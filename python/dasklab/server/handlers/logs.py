"""A cluster's log lines."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado import web

from ...model.logs import check_source, read_lines
from ..base import ApiHandler

__all__ = ("routes",)


class Logs(ApiHandler):
    """The last lines of the scheduler, the workers or the host."""

    @web.authenticated
    @authorized
    async def get(self, cluster_id: str) -> None:
        """Read."""
        cluster = await self.cluster(cluster_id)
        source = check_source(self.get_query_argument("source", "host"))
        lines = read_lines(self.get_query_argument("lines", "200"))
        self.answer({"lines": await cluster.logs(source, lines)})


routes = [(r"api/clusters/([^/]+)/logs", Logs)]
