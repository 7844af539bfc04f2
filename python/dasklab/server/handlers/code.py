"""Code that connects a notebook to a cluster."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado import web

from ...client.connecting import plain_code
from ..base import ApiHandler

__all__ = ("routes",)


class Code(ApiHandler):
    """What a user would write into a cell. Names and addresses are foreign text: ``repr`` them."""

    @web.authenticated
    @authorized
    async def get(self, cluster_id: str) -> None:
        """Read; ``plain``, without dasklab, is null while there is no scheduler."""
        record = (await self.cluster(cluster_id)).record
        connect = f"import dasklab\nclient = dasklab.connect({record.name!r})"
        self.answer({"connect": connect, "plain": plain_code(record)})


routes = [(r"api/clusters/([^/]+)/code", Code)]
