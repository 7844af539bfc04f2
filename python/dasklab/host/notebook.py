"""Publishing: a cluster that a notebook made with plain Dask code becomes one like any other.

The same host object runs on a thread of the kernel and writes the same kind of record, so panel,
magics and other notebooks can watch, scale and stop it, also while a cell runs. It lives as long
as its kernel: there is no lease, and no warden.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
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
from ..errors import ClusterUnknown, DasklabError, DeadlinePassed, InputError
from ..limits import limit_of
from ..model.record import Phase, Record
from ..model.scaling import DEFAULT_MAXIMUM
from ..model.spec import check_name
from ..processes import identify
from ..registry import Registry
from .control import Control
from .host import Host
from .keeper import Keeper
from .plain import address_of

__all__ = ("publish", "publish_all")

logger = logging.getLogger(__name__)
# Else Python prints warnings of a thread that nobody sees into whatever cell runs just then.
logging.getLogger("dasklab").addHandler(logging.NullHandler())

PATIENCE = 15.0
"""Seconds in which a published cluster must be in the list."""

_published: weakref.WeakKeyDictionary[Any, str] = weakref.WeakKeyDictionary()
_addresses: dict[str, str] = {}
"""Ids by scheduler, of what this kernel is publishing: its record has no address at first."""

_second: weakref.WeakSet[Any] = weakref.WeakSet()
"""More clients of schedulers that are in the list: one takes over when the first has ended."""

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
    obj = _subject(obj)
    make, loop, label = _describe(obj)
    address = address_of(obj)
    done = None
    with _lock:
        known = _published.get(obj) or _addresses.get(address) or _listed(address, registry)
        if known is None:
            known = _published[obj] = _addresses[address] = uuid.uuid4().hex
            done = asyncio.run_coroutine_threadsafe(
                _host(known, name, label, make, loop, registry), _loop.get()
            )
        elif obj not in _published:
            _second.add(obj)
    if done is not None:  # without the lock: if it has ended already, that is called here and now
        done.add_done_callback(functools.partial(_ended, address, wait))
    if not wait:
        return Record(known, name or label, "published", Phase.STARTING)
    # Waiting on the loop that the cluster needs itself would be for ever: in the list is enough.
    enough = tuple(Phase) if _runs_here(loop) else tuple(set(Phase) - {Phase.STARTING})
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if done is not None and done.done():
            done.result()  # raises what was wrong
        with contextlib.suppress(ClusterUnknown):
            record = registry.get(known)
            if record.phase in enough:
                return record
        time.sleep(0.01)
    raise DeadlinePassed(
        f"The cluster was not in the list after {PATIENCE:g} seconds.",
        "Its scheduler may be too busy to answer; try again.",
    )


def _runs_here(loop: asyncio.AbstractEventLoop) -> bool:
    try:
        return asyncio.get_running_loop() is loop
    except RuntimeError:
        return False


def _ended(address: str, awaited: bool, done: Any) -> None:
    """A host of this kernel has ended, or never began: its place is free."""
    with _lock:
        gone = _addresses.pop(address, None)
        for obj in [obj for obj, known in _published.items() if known == gone]:
            _published.pop(obj, None)
        others = list(_second)
        _second.clear()
    if not awaited and not done.cancelled() and done.exception() is not None:
        logger.warning("A cluster could not be published", exc_info=done.exception())
    if others:
        threading.Thread(
            target=publish_all, args=(others,), name="dasklab-publish", daemon=True
        ).start()


def _subject(obj: Any) -> Any:
    """What is published for an object: for the client of a cluster that is here, the cluster."""
    cluster = getattr(obj, "cluster", None)
    return cluster if hasattr(cluster, "scheduler_comm") else obj


Maker = Callable[[Keeper, Callable[[], None]], Deployment]


def _describe(obj: Any) -> tuple[Maker, asyncio.AbstractEventLoop, str]:
    """How to wrap an object, the loop it lives on, and what to call it."""
    from distributed import Client
    from distributed.deploy import Cluster

    from ..deployments.published import PublishedClient, PublishedCluster

    wrapper: Any
    if isinstance(obj, Cluster):
        wrapper, label = PublishedCluster, type(obj).__name__
    elif isinstance(obj, Client):
        wrapper, label = PublishedClient, "Client"
    else:
        raise InputError(
            f"An object of type {type(obj).__name__} cannot be published.",
            "Give a Cluster such as LocalCluster(), or a distributed.Client.",
        )
    if str(getattr(obj.status, "name", obj.status)) in ("closing", "closed", "failed"):
        raise InputError(f"This {label} has been closed.", "Make another one.")
    reference = weakref.ref(obj)

    def make(keeper: Keeper, changed: Callable[[], None]) -> Deployment:
        found = reference()
        if found is None:
            raise InputError("The object is gone.")
        context = Context(
            name=label,
            scaling=None,
            scratch="",
            python=sys.executable,
            changed=changed,
            note=keeper.note_threadsafe,
        )
        deployment: Deployment = wrapper(found, context)
        return deployment

    return make, obj.loop.asyncio_loop, label


def _listed(address: str, registry: Registry) -> str | None:
    """The id under which a scheduler is in the list already."""
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
    try:
        await _serve(control, identifier, name, label, make, loop, registry)
    finally:
        await control.close()


async def _serve(
    control: Control,
    identifier: str,
    name: str | None,
    label: str,
    make: Maker,
    loop: asyncio.AbstractEventLoop,
    registry: Registry,
) -> None:
    now = time.time()
    record = Record(
        id=identifier,
        name=name or label,
        deployment="published",
        origin="kernel",
        kind=label,
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
    control.open()
    control.serve(host)
    await host.run()


def _limit() -> int:
    with contextlib.suppress(DasklabError):
        return limit_of("workers")
    return DEFAULT_MAXIMUM
