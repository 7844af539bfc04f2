"""The profiles: list, save, remove."""

from __future__ import annotations

import asyncio

from jupyter_server.auth.decorator import authorized
from tornado import web

from ..base import ApiHandler
from ..specs import default_environment, known_specs

__all__ = ("routes",)

FIELDS = ("deployment", "workers", "environment", "options")


class Profiles(ApiHandler):
    """All of them, wherever they are defined."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """List, with the files of Dask's configuration that cannot be read."""
        from ...client.saved import listing
        from ...profile_file import problems

        found = await asyncio.to_thread(listing)
        broken = [error.to_wire() for error in await asyncio.to_thread(problems)]
        self.answer({"profiles": found, "problems": broken})


class Profile(ApiHandler):
    """One, by name."""

    @web.authenticated
    @authorized
    async def put(self, name: str) -> None:
        """Save, if it could be launched."""
        from ...client.saved import save_profile

        body = self.body(*FIELDS)
        body.setdefault("deployment", "local")
        specs = await known_specs(self.kernel_spec_manager)
        usual = default_environment(specs, self.kernel_manager)
        self.answer(await asyncio.to_thread(save_profile, name, **body, manager=specs, usual=usual))

    @web.authenticated
    @authorized
    async def delete(self, name: str) -> None:
        """Remove one that was saved here."""
        from ...client.saved import remove_profile

        await asyncio.to_thread(remove_profile, name)
        self.set_status(204)
        self.finish()


routes = [
    (r"api/profiles", Profiles),
    (r"api/profiles/([^/]+)", Profile),
]
