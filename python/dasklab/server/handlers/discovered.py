"""What runs already and is in no list; attaching is a launch with the options that stand there."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado import web

from ..base import ApiHandler
from ..requests import discover_here

__all__ = ("routes",)


class Discovered(ApiHandler):
    """Asked of the environment's own packages, each time that somebody wants to know."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Look; it takes some seconds."""
        environment = self.get_query_argument("environment", "")
        folder = self.get_query_argument("cwd", "")
        answer = await discover_here(environment, folder, self.dasklab)
        silent = [error.to_wire() for error in answer.silent]
        self.answer({"found": list(answer.found), "silent": silent})


routes = [(r"api/discovered", Discovered)]
