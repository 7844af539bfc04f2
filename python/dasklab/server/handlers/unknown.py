"""Addresses that there are not, in the same form as every other error."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado import web

from ..base import ApiHandler

__all__ = ("routes",)


class Unknown(ApiHandler):
    """Answers 404 to every method, once the asker is known."""

    read_only_safe = True

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Not there."""
        self.missing()

    head = post = put = patch = delete = get


routes = [(r"api(?:/.*)?", Unknown)]
