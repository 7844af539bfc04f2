"""A cluster's log lines."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado import web

from ...errors import RequestMalformed
from ..base import ApiHandler

__all__ = ("routes",)

SOURCES = ("scheduler", "workers", "host")

MOST = 10_000


class Logs(ApiHandler):
    """The last lines of the scheduler, the workers or the host."""

    @web.authenticated
    @authorized
    async def get(self, cluster_id: str) -> None:
        """Read."""
        cluster = await self.cluster(cluster_id)
        source = self.get_query_argument("source", "host")
        if source not in SOURCES:
            raise RequestMalformed(
                f"There are no logs of {source[:60]!r}.", f"Ask for {', '.join(SOURCES)}."
            )
        lines = await cluster.logs(source, _count(self.get_query_argument("lines", "200")))
        self.answer({"lines": lines})


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 8 and 1 <= int(text) <= MOST):
        raise RequestMalformed(f"lines is {text[:40]!r}.", f"Give a number from 1 to {MOST}.")
    return int(text)


routes = [(r"api/clusters/([^/]+)/logs", Logs)]
