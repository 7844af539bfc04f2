"""The interpreters that clusters can run under."""

from __future__ import annotations

import asyncio

from jupyter_server.auth.decorator import authorized
from tornado import web

from ..base import ApiHandler
from ..specs import known_specs

__all__ = ("routes",)


class Environments(ApiHandler):
    """Those of the kernels that this server offers."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """List."""
        from ...environments import environments

        specs = await known_specs(self.kernel_spec_manager)
        self.answer({"environments": await asyncio.to_thread(environments, specs)})


routes = [(r"api/environments", Environments)]
