"""Noticing clusters that plain Dask code makes.

``LocalCluster()``, ``Client()`` and ``Client("tcp://…")`` know nothing of dasklab. Dask has no
hook for a cluster that has started, so the two methods that every one of them runs through at its
start are wrapped, once, when distributed is imported (or at once, if it has been).
"""

from __future__ import annotations

import functools
import threading
from typing import Any

__all__ = ("watch_plain_dask",)

_watching = threading.Lock()


def watch_plain_dask() -> None:
    """Have every cluster and client of this process published from now on, and those there are."""
    from distributed import Client
    from distributed.deploy import Cluster

    if not _watching.acquire(blocking=False):
        return
    for cls in (Cluster, Client):
        _announce_after_start(cls)
    from distributed.client import _global_clients
    from distributed.deploy.spec import SpecCluster

    _later([*SpecCluster._instances, *_global_clients.values()])


def _announce_after_start(cls: Any) -> None:
    start = cls._start

    @functools.wraps(start)
    async def started(self: Any, *args: Any, **keywords: Any) -> Any:
        result = await start(self, *args, **keywords)
        if self.status in ("running",) or getattr(self.status, "name", "") == "running":
            _later([self])
        return result

    cls._start = started


def _later(objects: list[Any]) -> None:
    """Publish in a thread of its own: the caller is often the cluster's event loop."""
    if objects:
        from .notebook import publish_all

        threading.Thread(
            target=publish_all, args=(objects,), name="dasklab-publish", daemon=True
        ).start()
