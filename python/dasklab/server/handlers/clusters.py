"""The clusters: list, create, read, stop."""

from __future__ import annotations

import asyncio

from jupyter_server.auth.decorator import authorized
from tornado import web

from ..base import ApiHandler
from ..requests import LAUNCH_FIELDS, launch_here
from ..wire import clean, dumps

__all__ = ("routes",)


class Clusters(ApiHandler):
    """All of them."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """List; from here on their changes are pushed as events."""
        watcher = self.dasklab.watcher
        await watcher.start()
        records, problems = await watcher.read()
        clusters = ",".join([watcher.state.text(record) for record in records])
        problems = [*problems, *self.dasklab.initial.problems]
        errors = dumps(clean([error.to_wire() for error in problems]))
        self.finish(f'{{"clusters":[{clusters}],"problems":{errors}}}')

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Create; back as soon as its host has accepted, long before it runs."""
        body = self.body(*LAUNCH_FIELDS)
        await self.dasklab.watcher.start()
        record = await launch_here(body, self.dasklab)
        self.set_header("Location", self.dasklab.url("api", "clusters", record.id))
        self.answer(self.dasklab.watcher.state.now(record), 202)


class Cluster(ApiHandler):
    """One."""

    @web.authenticated
    @authorized
    async def get(self, cluster_id: str) -> None:
        """Read."""
        cluster = await self.cluster(cluster_id)
        self.answer(self.dasklab.watcher.state.now(cluster.record))

    @web.authenticated
    @authorized
    async def delete(self, cluster_id: str) -> None:
        """Stop; forget one that has ended."""
        cluster = await self.cluster(cluster_id)
        if cluster.record.phase.ended:
            await asyncio.to_thread(cluster.forget)
            self.dasklab.capabilities.revoke(cluster.id)
            self.set_status(204)
            self.finish()
            return
        self.changed(await cluster.request_stop())


routes = [
    (r"api/clusters", Clusters),
    (r"api/clusters/([^/]+)", Cluster),
]
