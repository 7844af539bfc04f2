"""Publishing: a cluster that a notebook made with plain Dask code becomes one like any other.

The same host object runs on a thread of the kernel and writes the same kind of record, so panel,
magics and other notebooks can watch, scale and stop it, also while a cell runs. It lives as long
as its kernel: there is no lease, and no warden.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sys
import threading
import time
import uuid
import weakref
from collections.abc import Callable
from typing import Any

from .. import config
from ..deployments.base import Context, Deployment
from ..environments import resolve
from ..errors import DasklabError, DeadlinePassed, InputError
from ..model.record import Phase, Record
from ..model.scaling import DEFAULT_MAXIMUM
from ..model.spec import check_name
from ..processes import identify
from ..registry import Registry
from .control import Control
from .host import Host

__all__ = ("publish", "publish_all")

logger = logging.getLogger(__name__)

PATIENCE = 15.0
"""Seconds in which a published cluster must be in the list."""

_published: weakref.WeakKeyDictionary[Any, str] = weakref.WeakKeyDictionary()
_lock = threading.Lock()


class _Loop:
    """The one event loop of this kernel's hosts, in a daemon thread."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None

    def get(self) -> asyncio.AbstractEventLoop:
        """The running loop; made on first use."""
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            threading.Thread(
                target=self._loop.run_forever, name="dasklab-host", daemon=True
            ).start()
        return self._loop


_loop = _Loop()


def publish(obj: Any, name: str | None = None) -> Any:
    """Put a cluster or client of this kernel into everybody's list.

    With dasklab loaded this happens by itself; call it where it is not loaded, or to give a name.

    Parameters
    ----------
    obj
        A ``Cluster`` (``LocalCluster()``, ``KubeCluster()``, …) or a ``distributed.Client``.
    name
        Its name in the list; the object's own by default.

    Returns
    -------
    Cluster
        The same that :func:`dasklab.clusters` gives.

    Raises
    ------
    InputError, NameInvalid, ClusterExists, RegistryError
    """
    from ..client import Cluster

    if name is not None:
        check_name(name)
    registry = Registry()
    record = _publish(obj, name, registry)
    return Cluster(record, registry=registry)


def publish_all(objects: Any) -> None:
    """Publish what is not published yet, quietly: for the hooks that watch plain Dask code."""
    for obj in list(objects):
        try:
            if config.get("publish") and not getattr(obj, "_dasklab_hidden", False):
                _publish(obj, None, Registry(), wait=False)
        except (DasklabError, OSError) as error:
            logger.info("Not published: %s", error)


def _publish(obj: Any, name: str | None, registry: Registry, *, wait: bool = True) -> Record:
    make, loop, label = _describe(obj)
    with _lock:
        known = _published.get(obj)
        if known is None:
            known = _listed(obj, registry)
        if known is None:
            known = _published[obj] = uuid.uuid4().hex
            done = asyncio.run_coroutine_threadsafe(
                _host(known, name, label, make, loop, registry), _loop.get()
            )
            done.add_done_callback(_report)
    if not wait:
        return Record(known, name or label, "published", Phase.STARTING)
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with contextlib.suppress(DasklabError):
            record = registry.get(known)
            if record.phase is not Phase.STARTING:
                return record
        time.sleep(0.01)
    raise DeadlinePassed(
        f"The cluster was not in the list after {PATIENCE:g} seconds.",
        "Its scheduler may be too busy to answer; try again.",
    )


def _report(done: Any) -> None:
    if not done.cancelled() and done.exception() is not None:
        logger.warning("A cluster could not be published", exc_info=done.exception())


Maker = Callable[[Callable[[], None], Callable[[str, str], None]], Deployment]


def _describe(obj: Any) -> tuple[Maker, asyncio.AbstractEventLoop, str]:
    """How to wrap an object, the loop it lives on, and what to call it."""
    from distributed import Client
    from distributed.deploy import Cluster

    from ..deployments.published import PublishedClient, PublishedCluster

    wrapper: Any
    if isinstance(obj, Cluster):
        wrapper, label = PublishedCluster, type(obj).__name__
    elif isinstance(obj, Client):
        if isinstance(getattr(obj, "cluster", None), Cluster):
            return _describe(obj.cluster)
        wrapper, label = PublishedClient, "Client"
    else:
        raise InputError(
            f"A {type(obj).__name__} cannot be published.",
            "Give a Cluster such as LocalCluster(), or a distributed.Client.",
        )
    reference = weakref.ref(obj)

    def make(changed: Callable[[], None], note: Callable[[str, str], None]) -> Deployment:
        found = reference()
        if found is None:
            raise InputError("The object is gone.")
        context = Context(
            name=label, scaling=None, scratch="", python=sys.executable, changed=changed, note=note
        )
        deployment: Deployment = wrapper(found, context)
        return deployment

    return make, obj.loop.asyncio_loop, label


def _listed(obj: Any, registry: Registry) -> str | None:
    """The id under which a client's scheduler is in the list already."""
    cluster = getattr(obj, "cluster", None)
    if cluster is not None and cluster in _published:
        return _published[cluster]
    scheduler = getattr(obj, "scheduler", None)
    address = getattr(scheduler, "address", None) or getattr(obj, "scheduler_address", None)
    for record in registry.records()[0]:
        if not record.phase.ended and (record.scheduler or {}).get("address") == address:
            return record.id
    return None


async def _host(
    identifier: str,
    name: str | None,
    label: str,
    make: Maker,
    loop: asyncio.AbstractEventLoop,
    registry: Registry,
) -> None:
    """Be the host of one object of this kernel until it ends."""
    control = Control()
    control.open()
    now = time.time()
    record = Record(
        id=identifier,
        name=name or label,
        deployment="published",
        origin="kernel",
        phase=Phase.STARTING,
        environment=resolve(None)[0],
        workers={"wanted": None, "minimum": None, "maximum": None, "running": 0},
        created=now,
        updated=now,
        cwd=os.getcwd(),
        host=identify(),
        control=control.endpoint,
    ).with_event("published", f"Published by a notebook as {label}.", now)
    record, created = registry.claim(record, automatic=name is None)
    if not created:
        return
    host = Host(record, registry, make, loop, lease=None, limit=_limit())
    control.serve(host)
    try:
        await host.run()
    finally:
        await control.close()


def _limit() -> int:
    with contextlib.suppress(DasklabError, KeyError, TypeError, ValueError):
        return int(config.get("limits.workers"))
    return DEFAULT_MAXIMUM
