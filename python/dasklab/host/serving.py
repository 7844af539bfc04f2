"""From a spec to a cluster that has ended: entering it into the registry, hosting it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ..deployments.base import Context, Deployment
from ..errors import DasklabError, StartFailed
from ..model.record import Phase, Record
from ..model.spec import Spec
from ..processes import adopt_orphans, end_all, is_alive, offspring
from ..registry import Registry
from .host import Host
from .keeper import Keeper
from .last_word import leave
from .lease import LeaseClock
from .preparing import PRELOAD, prepare_dask, start_fork_server, use_environment

__all__ = ("serve",)

logger = logging.getLogger(__name__)


class _ClusterLoop:
    """An event loop in a thread of its own: the scheduler's."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="dasklab-cluster", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()


def make_factory(
    spec: Spec, name: str, scratch: str, environ: dict[str, str]
) -> Callable[[Keeper, Callable[[], None]], Deployment]:
    """A maker of the deployment, to be called on the cluster's loop."""

    def make(keeper: Keeper, changed: Callable[[], None]) -> Deployment:
        prepare_dask(spec.config)
        from ..deployments import find

        cls = find(spec.deployment)
        missing = cls.availability()
        if missing is not None:
            raise missing
        context = Context(
            name=name,
            id=spec.id,
            scaling=spec.scaling,
            scratch=scratch,
            python=sys.executable,
            environ=environ,
            changed=changed,
            note=keeper.note_threadsafe,
            step=keeper.step_threadsafe,
            folder=os.path.join(spec.registry, "jobs", spec.id),
            log=keeper.record.log,
        )
        return cls(spec.options, context)

    return make


async def _run(
    record: Record,
    spec: Spec,
    registry: Registry,
    alive: int,
    early: list[int],
    control: Any = None,
    environ: dict[str, str] | None = None,
) -> None:
    """Host the cluster until it has ended."""
    loop = asyncio.get_running_loop()
    use_environment(spec)
    if control is None:
        method = spec.options.get("multiprocessing_method", "forkserver")
        if method == "forkserver" and spec.options.get("processes", True):
            await asyncio.to_thread(start_fork_server, PRELOAD, record.scratch)
        from .control import Control

        control = Control()
        control.open()
    record = replace(record, control=control.endpoint)
    lease = LeaseClock(spec.lease, time.time())
    host = Host(
        replace(record, lease=lease.to_wire()),
        registry,
        make_factory(spec, record.name, record.scratch, environ or {}),
        _ClusterLoop().loop,
        lease=lease,
        limit=spec.limit,
        deadline=spec.deadline,
    )
    control.serve(host)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _ended_by_signal, host, number)
    for seen in early:
        _ended_by_signal(host, seen)
    loop.add_reader(alive, _warden_gone, host, alive)
    host.keeper.save()
    try:
        await host.run()
    finally:
        with contextlib.suppress(Exception):
            await control.close()
        if not host.keeper.saved:
            leave(alive, host.record)
        if record.warden is None or not is_alive(record.warden):
            # What it would do, nobody else will.
            await asyncio.to_thread(end_all, offspring(os.getpid()))
            if record.scratch:
                shutil.rmtree(record.scratch, ignore_errors=True)


async def serve(
    record: Record, spec: Spec, registry: Registry, alive: int, early: list[int], *standby: Any
) -> int:
    """Host the cluster until it has ended; whatever goes wrong with that, the record says so."""
    try:
        await _run(record, spec, registry, alive, early, *standby)
    except Exception as error:
        logger.exception("The host failed")
        from ..deployments import no_distributed

        failure: DasklabError = StartFailed(f"The host failed: {type(error).__name__}: {error}")
        if isinstance(error, ImportError):  # tornado, that comes with it
            failure = no_distributed(str(error))
        ended = record.ended_as(Phase.FAILED, failure.to_wire(), time.time())
        try:
            registry.write(ended.stamped())
        except DasklabError:
            leave(alive, ended.stamped())
        return 1
    return 0


def _ended_by_signal(host: Host, number: int) -> None:
    name = signal.Signals(number).name
    host.end(
        Phase.STOPPED,
        {
            "code": "signal",
            "message": f"Its host was asked to end ({name}).",
            "hint": "",
            "details": {},
        },
    )


def _warden_gone(host: Host, alive: int) -> None:
    """Without its warden nobody would clean up after a sudden death: end in order instead."""
    asyncio.get_running_loop().remove_reader(alive)
    adopt_orphans()
    host.end(
        Phase.STOPPED,
        {
            "code": "warden.lost",
            "message": "Its warden was killed, and without one it could leave processes behind.",
            "hint": "Start it again with %dask start.",
            "details": {},
        },
    )
