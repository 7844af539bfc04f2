"""The clusters of ``labextension.initial``: there when the server is, and longer than it.

Each has an id that is the same at every start, so a server that comes back finds its clusters and
starts none twice. What cannot be started is said in the log and in the list of clusters; it never
keeps the server from starting.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

from ... import labextension
from ...errors import ClusterUnknown, DasklabError
from ..requests import launch_here

if TYPE_CHECKING:
    from ..extension import DasklabServer

__all__ = ("InitialClusters",)


class InitialClusters:
    """What is to be started, and what went wrong with it.

    Parameters
    ----------
    dasklab
        The extension.
    """

    def __init__(self, dasklab: DasklabServer) -> None:
        self.problems: list[DasklabError] = []
        self.done = asyncio.Event()
        self._dasklab = dasklab
        self._entries: list[dict[str, Any] | DasklabError] | None = None
        self._profile = False

    def take(self) -> None:
        """Read the configuration, and leave nothing in it that somebody else would start."""
        import dask.config

        if self._entries is not None:
            return
        self._entries = []
        try:
            self._profile = bool(labextension.profiles())
            self._entries = list(labextension.initial())
        except DasklabError as error:
            self._entries.append(error)
        if isinstance(dask.config.get("labextension", None), dict):
            dask.config.set({"labextension.initial": []})

    async def start(self) -> None:
        """Start what is not there. Called once, when the server runs."""
        try:
            if self._entries is None and await asyncio.to_thread(labextension.configured):
                await asyncio.to_thread(self.take)
            if self._profile or self._entries:
                self._announce()
            for entry in self._entries or ():
                await self._start_one(entry)
        finally:
            self.done.set()

    def _announce(self) -> None:
        self._log.info(
            "dasklab: dask-labextension's configuration is read (%s initial clusters%s). How to "
            'move it over: "Coming from dask-labextension" in dasklab\'s README.',
            len(self._entries or ()),
            f"; %dask start {labextension.PROFILE} uses its factory" if self._profile else "",
        )

    async def _start_one(self, entry: dict[str, Any] | DasklabError) -> None:
        try:
            if isinstance(entry, DasklabError):
                raise entry
            registry = self._dasklab.registry
            with contextlib.suppress(ClusterUnknown):
                if not registry.get(entry["id"]).phase.ended:
                    return
                await asyncio.to_thread(registry.forget, entry["id"])
            await launch_here(entry, self._dasklab)
        except DasklabError as error:
            name = f" {entry['name']!r}" if isinstance(entry, dict) and "name" in entry else ""
            said = type(error)(
                f"An initial cluster{name} was not started: {error.message}",
                error.hint,
                details=error.details,
            )
            self.problems.append(said)
            self._log.warning("dasklab: %s", said)

    @property
    def _log(self) -> Any:
        assert self._dasklab.serverapp is not None
        return self._dasklab.serverapp.log
