"""Noticing clusters that plain Dask code makes.

``LocalCluster()``, ``Client()`` and ``Client("tcp://…")`` know nothing of dasklab. Dask has no
hook for a cluster that has started, so the two methods that every one of them runs through at its
start are wrapped, once, when distributed is imported (or at once, if it has been).
"""

from __future__ import annotations

import contextlib
import functools
import threading
from typing import Any

__all__ = ("address_of", "watch_plain_dask")

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
        threading.Thread(
            target=_notice, args=(objects,), name="dasklab-publish", daemon=True
        ).start()


def _notice(objects: list[Any]) -> None:
    """Publish what no other process has in the list; only that needs all modules of a host.

    The most frequent client is that of a cluster of dasklab's own, which waits for its cell.
    """
    elsewhere = _elsewhere()
    objects = [obj for obj in objects if address_of(obj) not in elsewhere]
    if objects:
        from .notebook import publish_all

        publish_all(objects)


def _elsewhere() -> set[Any]:
    """Addresses of the schedulers that other processes have in the list."""
    from ..errors import DasklabError
    from ..processes import identify
    from ..registry import Registry

    here = identify()
    with contextlib.suppress(DasklabError, OSError):  # whoever publishes says what is wrong
        return {
            (record.scheduler or {}).get("address")
            for record in Registry().records()[0]
            if not record.phase.ended and record.host != here
        }
    return set()


def address_of(obj: Any) -> str:
    """Where the scheduler of a cluster or client listens."""
    scheduler = getattr(obj, "scheduler", None)
    return str(getattr(scheduler, "address", None) or getattr(obj, "scheduler_address", None))
