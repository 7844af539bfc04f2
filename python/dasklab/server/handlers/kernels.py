"""What kernels say of themselves."""

from __future__ import annotations

import asyncio

from jupyter_server.auth.decorator import authorized
from tornado import web

from ..base import ApiHandler

__all__ = ("routes",)


class Kernel(ApiHandler):
    """One kernel, also while it computes and answers nobody."""

    @web.authenticated
    @authorized
    async def get(self, kernel: str) -> None:
        """Which cluster it computes on; empty if it has not said so."""
        from ...current import noted_id

        found = await asyncio.to_thread(noted_id, self.dasklab.registry, kernel)
        self.answer({"cluster": found})


routes = [(r"api/kernels/([^/]+)", Kernel)]
