"""The supervisor's way from a request to a running host. Runs in the warden's child.

Two ways in: ``launch`` (a spec came with the request) and ``standby`` (imports done and a fork
server warm, waiting for a spec over the control API, so that a launch takes a tenth of the time).
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import json
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
from ..errors import DasklabError, Refused, StartFailed
from ..model.record import Endpoint, Phase, Record, Step
from ..model.spec import PRE_SPAWN, Spec
from ..processes import adopt_orphans, end_all, identify, is_alive, offspring
from ..registry import Registry
from .host import Host
from .lease import LeaseClock

__all__ = ("describe", "supervise")

logger = logging.getLogger(__name__)

PRELOAD = ["distributed", "distributed.nanny", "distributed.worker", "distributed.scheduler"]
"""What the fork server imports before it forks workers. Without these each worker imports
distributed by itself: 0.4 s of CPU."""

PRELOAD_STANDBY = [*PRELOAD, "numpy", "pandas"]
"""A standby has the time to spare every worker these two as well, where they are installed."""


def describe(request: dict[str, Any]) -> int:
    """Write what this interpreter can launch, or what a launch would run, as one line of JSON."""
    from ..deployments import catalogue, find, watch

    try:
        if request["mode"] == "preview":
            spec = Spec.from_wire(request["spec"])
            _use_environment(spec)
            _prepare_dask(spec.config)
            answer: dict[str, Any] = {
                "text": find(spec.deployment).preview(spec.options, spec.scaling)
            }
        else:
            answer = {"deployments": catalogue(), "watch": watch()}
    except DasklabError as error:
        answer = {"error": error.to_wire()}
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()
    return 0


def supervise(
    request: dict[str, Any], registry: Registry, log: str, scratch: str, answer: int, alive: int
) -> int:
    """Become the host of one cluster; returns the exit code.

    Parameters
    ----------
    scratch
        A folder that the warden removes in the end; empty where it could not be made.
    answer
        File descriptor for the one line of JSON that the launcher waits for; closed after it.
    alive
        File descriptor that ends when the warden does.
    """
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    logger.info("Host of dasklab, %s, pid %s", sys.executable, os.getpid())

    def reply(data: dict[str, Any]) -> None:
        with contextlib.suppress(OSError):
            os.write(answer, (json.dumps(data) + "\n").encode())
            os.close(answer)

    early: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        # From before it is in the list: who stops it at its very beginning means it as well.
        signal.signal(number, lambda number, _: early.append(number))
    if request["mode"] == "standby":
        reply({"standby": os.getpid()})
        return asyncio.run(_Standby(request, registry, log, scratch).run(alive))
    try:
        spec = Spec.from_wire(request["spec"])
        record, created = claim(spec, registry, log, scratch)
    except DasklabError as error:
        reply({"error": error.to_wire()})
        return 1
    reply({"record": record.to_disk(), "created": created})
    if not created:
        return 0
    return asyncio.run(_serve(record, spec, registry, alive, early))


def claim(
    spec: Spec, registry: Registry, log: str, scratch: str, control: Endpoint | None = None
) -> tuple[Record, bool]:
    """Enter the cluster into the registry: from now on everybody sees it, ``starting``."""
    now = time.time()
    record = Record(
        id=spec.id,
        name=spec.name or "",
        deployment=spec.deployment,
        profile=spec.profile,
        phase=Phase.STARTING,
        steps=(Step("import", "Importing Dask", "active", now),),
        environment=spec.environment,
        options=spec.options,
        workers={
            **(spec.scaling.to_wire() if spec.scaling else {"wanted": None}),
            "running": 0,
        },
        created=now,
        updated=now,
        log=log,
        scratch=scratch,
        cwd=spec.cwd,
        host=identify(),
        warden=identify(os.getppid()),
        control=control,
        can=(),
    ).with_event("launched", f"Launched with {sys.executable}.", now)
    return registry.claim(record, automatic=spec.name is None)


def _use_environment(spec: Spec) -> None:
    """Take over the launcher's working folder, environment variables and Dask configuration."""
    if spec.environ:
        for name in os.environ.keys() - spec.environ.keys():
            os.environ.pop(name, None)
        os.environ.update(spec.environ)
    with contextlib.suppress(OSError):
        os.chdir(spec.cwd or os.path.expanduser("~"))
    # Workers find the modules that lie beside the notebook, as they do with a cluster of its own.
    sys.path.insert(0, os.getcwd())


def _start_fork_server(preload: list[str], scratch: str) -> None:
    """Have a fork server import Dask while this process does the same on another core."""
    import multiprocessing.forkserver
    import multiprocessing.process

    if scratch:
        # Where multiprocessing keeps the fork server's socket. It removes a folder of its own
        # only in an exit hook, and this process ends without those, or is killed.
        config = multiprocessing.process.current_process()._config  # type: ignore[attr-defined]
        config["tempdir"] = scratch
    for name, value in PRE_SPAWN.items():
        os.environ.setdefault(name, value)
    multiprocessing.set_forkserver_preload(preload)
    multiprocessing.forkserver.ensure_running()


def _prepare_dask(config: dict[str, Any]) -> None:
    """Import distributed and set it up for a host.

    Raises
    ------
    InterpreterUnfit
        This interpreter has no distributed.
    """
    try:
        import dask
        import distributed
        import distributed.nanny
        import distributed.utils
    except ImportError as error:
        from ..deployments import no_distributed

        raise no_distributed(str(error)) from error
    if config:
        dask.config.update(dask.config.config, config)
    routes = dask.config.get("distributed.scheduler.http.routes", [])
    dask.config.set(
        {
            # Its proxy reaches any port of any worker's host without asking who is there, and
            # importing it brings jupyter_server in.
            "distributed.scheduler.http.routes": [
                route for route in routes if route != "distributed.http.proxy"
            ]
        }
    )
    # Dask's own preload imports every optional package; ours is set already.
    distributed.utils._forkserver_preload_set = True
    # How often a nanny looks whether its worker is up: 50 ms of a launch that takes 100.
    distributed.nanny.WorkerProcess._init_msg_interval = 0.003


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
) -> Callable[[Callable[[], None], Callable[[str, str], None]], Deployment]:
    """A maker of the deployment, to be called on the cluster's loop."""

    def make(changed: Callable[[], None], note: Callable[[str, str], None]) -> Deployment:
        _prepare_dask(spec.config)
        from ..deployments import find

        cls = find(spec.deployment)
        missing = cls.availability()
        if missing is not None:
            raise missing
        context = Context(
            name=name,
            scaling=spec.scaling,
            scratch=scratch,
            python=sys.executable,
            environ=environ,
            changed=changed,
            note=note,
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
    _use_environment(spec)
    if control is None:
        method = spec.options.get("multiprocessing_method", "forkserver")
        if method == "forkserver" and spec.options.get("processes", True):
            await asyncio.to_thread(_start_fork_server, PRELOAD, record.scratch)
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
    host._save()
    try:
        await host.run()
    finally:
        with contextlib.suppress(Exception):
            await control.close()
        if record.warden is None or not is_alive(record.warden):
            # What it would do, nobody else will.
            await asyncio.to_thread(end_all, offspring(os.getpid()))
            if record.scratch:
                shutil.rmtree(record.scratch, ignore_errors=True)


async def _serve(
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
        now = time.time()
        ended = record.ended_as(Phase.FAILED, failure.to_wire(), now)
        registry.write(replace(ended, updated=now))
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


class _Standby:
    """A host without a cluster: everything is imported, the fork server is warm."""

    def __init__(self, request: dict[str, Any], registry: Registry, log: str, scratch: str) -> None:
        self._registry = registry
        self._log = log
        self._scratch = scratch
        self._early: list[int] = []
        self._idle = float(request.get("idle", 600.0))
        self._python = request["python"]
        self._mark = request["mark"]
        self._taken: asyncio.Future[tuple[Record, Spec]] | None = None
        self._endpoint: Endpoint | None = None
        self._path = registry.standbys / f"{self._mark}-{os.getpid()}.json"

    async def run(self, alive: int) -> int:
        """Warm up, offer, wait; host a cluster when one comes, else end after the idle time."""
        from .control import Control

        loop = asyncio.get_running_loop()
        self._taken = loop.create_future()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop, number)
        loop.add_reader(alive, self._taken.cancel)
        try:
            await asyncio.to_thread(self._warm, self._scratch)
        except DasklabError as error:
            logger.warning("No standby: %s", error)
            return 1
        at_warming = dict(os.environ)
        control = Control(self._launch)
        control.open()
        self._endpoint = control.endpoint
        self._offer(control.endpoint)
        try:
            record, spec = await asyncio.wait_for(self._taken, self._idle)
        except (asyncio.TimeoutError, asyncio.CancelledError):
            logger.info("Nobody needed this standby")
            return 0
        finally:
            self._withdraw()
            loop.remove_reader(alive)
            control.launch = None
        # The fork server keeps the environment of the moment it was warmed in: workers are
        # given what has changed since.
        changed = {
            name: value for name, value in spec.environ.items() if at_warming.get(name) != value
        }
        return await _serve(record, spec, self._registry, alive, self._early, control, changed)

    def _stop(self, number: int) -> None:
        assert self._taken is not None
        if not self._taken.cancel():
            self._early.append(number)  # it has just become a host, which ends in order

    @staticmethod
    def _warm(scratch: str) -> None:
        _start_fork_server(PRELOAD_STANDBY, scratch)
        _prepare_dask({})
        for name in (
            "distributed.deploy.local",
            "distributed.deploy.adaptive",
            "prometheus_client",
        ):
            with contextlib.suppress(ImportError):
                importlib.import_module(name)
        from ..deployments import load

        load()
        _first_child()

    async def _launch(self, body: dict[str, Any]) -> dict[str, Any]:
        spec = Spec.from_wire(body)
        if self._taken is None or self._taken.done():
            raise Refused("This standby has been taken.")
        record, created = claim(spec, self._registry, self._log, self._scratch, self._endpoint)
        if created:
            self._taken.set_result((record, spec))
            self._withdraw()
        return {"record": record.to_disk(), "created": created}

    def _offer(self, endpoint: Any) -> None:
        me = identify()
        data = {
            "python": self._python,
            "pid": me.pid,
            "start": me.start,
            "boot": me.boot,
            "hostname": me.hostname,
            "control": {"host": endpoint.host, "port": endpoint.port, "token": endpoint.token},
        }
        temporary = self._path.with_suffix(".tmp")
        with open(os.open(temporary, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file:
            json.dump(data, file)
        os.replace(temporary, self._path)
        # Said by the launcher so that nobody starts a second one meanwhile.
        with contextlib.suppress(OSError):
            self._path.with_name(f"{self._mark}.warming").unlink()

    def _withdraw(self) -> None:
        with contextlib.suppress(OSError):
            self._path.unlink()


def _first_child() -> None:
    """Have the fork server fork once: it answers only when its imports are done.

    The target is the standard library's: children know nothing of this package.
    """
    import multiprocessing

    child = multiprocessing.get_context("forkserver").Process(
        target=time.sleep, args=(0,), daemon=True
    )
    child.start()
    child.join(30)
