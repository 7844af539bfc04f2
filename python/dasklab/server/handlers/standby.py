"""A standby for the launch that may come: the panel is open, and its user has not clicked yet."""

from __future__ import annotations

import asyncio

from jupyter_server.auth.decorator import authorized
from tornado import web

from ...errors import Refused
from ..base import ApiHandler
from ..requests import LAUNCH_FIELDS, launch_request
from ..specs import known_specs

__all__ = ("routes",)


class Standby(ApiHandler):
    """Takes what creating takes, and starts no cluster."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Have a standby warm up where such a launch would find it, if there is none."""
        from ...launching import warm

        body = self.body(*LAUNCH_FIELDS)
        if not self.dasklab.allow_launch:
            raise Refused("Launching is turned off on this server.")
        specs = await known_specs(self.kernel_spec_manager)
        request = await launch_request(body, self.dasklab, specs)
        self.answer({"started": await asyncio.to_thread(warm, request, manager=specs)}, 202)


routes = [(r"api/standby", Standby)]
"""One process a user and interpreter, however often it is asked for."""
