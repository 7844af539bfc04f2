"""What the user has set here and kernels follow."""

from __future__ import annotations

import asyncio

from jupyter_server.auth.decorator import authorized
from tornado import web

from ..base import ApiHandler

__all__ = ("routes",)


class Shared(ApiHandler):
    """All of it is one small object."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Read."""
        from ...shared import read_shared

        self.answer(await asyncio.to_thread(read_shared, self.dasklab.registry))

    @web.authenticated
    @authorized
    async def put(self) -> None:
        """Set what the body names."""
        from ...shared import FIELDS, write_shared

        body = self.body(*FIELDS)
        self.answer(await asyncio.to_thread(write_shared, self.dasklab.registry, body))


routes = [(r"api/shared", Shared)]
