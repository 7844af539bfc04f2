"""A scheduler in a pod: connected to, watched, read, and let go of.

Beneath ``kubernetes`` and ``helm``. Within Kubernetes it goes by the name of its service, from
elsewhere by ports that the API forwards.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import time
from abc import abstractmethod
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

from ...errors import StartFailed
from ...model.record import Endpoint
from ..base import Checkpoint, Context, Sample
from .api import Api
from .pool import DEFAULT, Pods
from .scaling import PodScaling
from .seeing import Waiting

__all__ = ("PORTS", "Reached", "inside")

PORTS = (8786, 8787)
"""Of a scheduler's container: for workers and clients, and for its pages."""

IN_A_POD = "/var/run/secrets/kubernetes.io/serviceaccount/token"

LOOK = 0.5
"""Seconds between two looks at pods that start."""

LOOK_AGAIN = 5.0
"""Seconds after which groups are asked for again: others may scale them (``kubectl scale``)."""


class Reached(PodScaling):
    """The part of a deployment that has to do with reaching what runs in pods."""

    def __init__(self, options: dict[str, Any], context: Context) -> None:
        super().__init__(options, context)
        self._name = ""
        self._at_work: tuple[str, ...] = ("worker",)  # whose pods have the workers' logs
        self._api: Api | None = None
        self._forwards: list[Any] = []
        self._address = ""
        self._pages: Endpoint | None = None
        self._gone = False
        self._looked = 0.0

    @property
    def api(self) -> Api:
        assert self._api is not None
        return self._api

    @abstractmethod
    async def _is_there(self) -> bool:
        """Whether what we are attached to has not been deleted."""

    async def _until_ready(
        self, waiting: Waiting, known: dict[str, Any]
    ) -> AsyncIterator[Checkpoint]:
        """Wait for the scheduler's pod, saying for what."""
        title = "Waiting for the scheduler's pod"
        yield Checkpoint("scheduler", title, known, pending=True)
        said = ""
        while True:
            ready, what = await waiting.look()
            if ready:
                return
            if what != said:
                said = what
                yield Checkpoint("scheduler", f"{title}: {what}", known, pending=True)
            await asyncio.sleep(LOOK)

    async def _reach(
        self, service: str, ports: tuple[int, int] = PORTS, patience: float = 0.0
    ) -> None:
        """Connect to the scheduler behind a service.

        Parameters
        ----------
        ports
            The service's, for clients and for pages.
        patience
            Seconds in which a scheduler whose pod is ready may still have to begin.

        Raises
        ------
        StartFailed
        """
        how = self.given.get("connect", "auto")
        if how == "service" or (how == "auto" and inside()):
            host = f"{service}.{self.api.namespace}"
            self._address, self._pages = f"tcp://{host}:{ports[0]}", Endpoint(host, ports[1])
        else:
            local = []
            for port in PORTS:
                forward, here = await self.api.forward(service, port)
                self._forwards.append(forward)
                local.append(here)
            self._address = f"tcp://127.0.0.1:{local[0]}"
            self._pages = Endpoint("127.0.0.1", local[1])
        end = time.monotonic() + patience
        while True:
            pods = Pods(self._address, self.context.changed)
            try:
                await pods.connect()
            except (OSError, asyncio.TimeoutError) as error:
                await pods.close()
                if time.monotonic() < end:
                    await asyncio.sleep(LOOK)
                    continue
                host = urlsplit(self._address).netloc
                raise StartFailed(
                    f"The scheduler runs, but {host} cannot be reached from here: {error}.",
                    "Set connect to forward; a network policy may close the port.",
                ) from error
            break
        self.cluster = pods
        self._reads = None

    # -- watching --------------------------------------------------------------------------------
    @property
    def closed(self) -> bool:
        return self._gone

    async def sample(self) -> Sample:
        if not self.cluster.connected:
            await self._look()
        if self._adaptive is not None or time.monotonic() - self._looked > LOOK_AGAIN:
            self._looked = time.monotonic()
            await self.pool.look()
        seen = {**await self._ask_scheduler(), "address": self._address}
        low, high = self._adaptive or (None, None)
        wanted = self.wanted
        groups = {name: count for name, count in wanted.items() if name != DEFAULT}
        total = sum(wanted.values())
        return Sample(wanted=total, minimum=low, maximum=high, groups=groups, **seen)

    async def _look(self) -> None:
        """The connection has ended: is the cluster gone, or its scheduler in another pod?"""
        if not await self._is_there():
            self._gone = True
            return
        adaptive = self._adaptive
        self._stop_adapting()
        await self.cluster.close()
        self._reads = None
        self._adaptive = adaptive  # for the next look, if there is none to connect to yet
        self.cluster = Pods(self._address, self.context.changed)
        await self.cluster.connect()
        if adaptive is not None:
            self._adapt(*adaptive)

    async def logs(self, source: str, lines: int) -> list[dict[str, Any]]:
        """Through the API, by pod: also of containers that have died."""
        found = []
        for part in ("scheduler",) if source == "scheduler" else self._at_work:
            for pod in await self.api.of("Pod", self._name, part):
                name = pod["metadata"]["name"]
                text = await self.api.logs(name, lines) or await self.api.logs(
                    name, lines, previous=True
                )
                found += [_line(name, line) for line in text]
        return found

    def place(self) -> Endpoint | None:
        return self._pages

    # -- the end ---------------------------------------------------------------------------------
    async def detach(self) -> None:
        """Let go of it; it goes on."""
        self._stop_adapting()
        if self.cluster is not None:
            await self.cluster.close()
        for forward in self._forwards:
            with contextlib.suppress(OSError):
                await forward.stop()
        self._forwards.clear()
        if self._api is not None:
            await self._api.close()


def inside() -> bool:
    """Whether this process runs in a pod, where services have names."""
    return os.path.exists(IN_A_POD)


def _line(source: str, text: str) -> dict[str, Any]:
    """A line of a pod's log; distributed's own has its level in it."""
    level = re.search(r" - (DEBUG|INFO|WARNING|ERROR|CRITICAL) - ", text)
    return {"source": source, "at": None, "level": level[1] if level else "", "text": text[:2_000]}
