"""A standby: a host without a cluster, warmed up, waiting for a spec over its control API."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import json
import logging
import os
import signal
from typing import Any

from ..errors import DasklabError, Refused
from ..model.record import Endpoint, Record
from ..model.spec import Spec
from ..processes import identify
from ..registry import Registry
from .claiming import claim
from .preparing import PRELOAD_STANDBY, first_child, prepare_dask, start_fork_server
from .serving import serve

__all__ = ("Standby",)

logger = logging.getLogger(__name__)


class Standby:
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
        return await serve(record, spec, self._registry, alive, self._early, control, changed)

    def _stop(self, number: int) -> None:
        assert self._taken is not None
        if not self._taken.cancel():
            self._early.append(number)  # it has just become a host, which ends in order

    @staticmethod
    def _warm(scratch: str) -> None:
        start_fork_server(PRELOAD_STANDBY, scratch)
        prepare_dask({})
        for name in (
            "distributed.deploy.local",
            "distributed.deploy.adaptive",
            "prometheus_client",
        ):
            with contextlib.suppress(ImportError):
                importlib.import_module(name)
        from ..deployments import load

        for cls in load().values():
            with contextlib.suppress(ImportError):
                cls.warm()
        first_child()

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
