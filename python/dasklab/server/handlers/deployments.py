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
        """List, with the schema of each one's options, what is missing for it, and the limits."""
        from ...launching import catalogue
        from ...limits import limit_of

        specs = await known_specs(self.kernel_spec_manager)
        wanted = self.get_query_argument("environment", "") or default_environment(
            specs, self.kernel_manager
        )
        found = await asyncio.to_thread(catalogue, wanted, manager=specs)
        # What the form is to know before it is sent; a launch is held to it in any case.
        self.answer({"deployments": found, "limits": {"workers": limit_of("workers")}})


routes = [(r"api/deployments", Deployments)]
