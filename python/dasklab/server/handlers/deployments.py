"""The ways to run Dask that an environment has."""

from __future__ import annotations

import asyncio

from jupyter_server.auth.decorator import authorized
from tornado import web

from ..base import ApiHandler
from ..specs import default_environment, known_specs

__all__ = ("routes",)


class Deployments(ApiHandler):
    """Asked of the environment's own interpreter, since each has its own packages."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """List, with the schema of each one's options and what is missing for it."""
        from ...launching import catalogue

        specs = await known_specs(self.kernel_spec_manager)
        wanted = self.get_query_argument("environment", "") or default_environment(
            specs, self.kernel_manager
        )
        found = await asyncio.to_thread(catalogue, wanted, manager=specs)
        self.answer({"deployments": found})


routes = [(r"api/deployments", Deployments)]
