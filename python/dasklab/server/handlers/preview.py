"""What a launch would run, before it runs."""

from __future__ import annotations

import asyncio

from jupyter_server.auth.decorator import authorized
from tornado import web

from ..base import ApiHandler
from ..requests import LAUNCH_FIELDS, launch_request
from ..specs import known_specs

__all__ = ("routes",)


class Preview(ApiHandler):
    """Takes what creating takes, and starts nothing."""

    read_only_safe = True

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Say exactly what would run."""
        from ...launching import preview

        body = self.body(*LAUNCH_FIELDS)
        specs = await known_specs(self.kernel_spec_manager)
        request = await launch_request(body, self.dasklab, specs)
        self.answer(await asyncio.to_thread(preview, request, manager=specs))


routes = [(r"api/preview", Preview)]
