"""Dask Gateway: clusters that a server of the site runs, started there or found running.

The host holds no cluster, only a connection to its scheduler and the server's word for what
becomes of it. So a host that dies ends nothing by itself: what its last checkpoint names is
stopped by whoever undoes it, and a cluster that was only attached to goes on.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
import time
from collections.abc import AsyncIterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ..errors import ClusterGone, DasklabError, InterpreterUnfit, StartFailed, Unsupported
from ..model.explanation import Advice, Explanation
from ..model.record import Endpoint
from ..model.scaling import Scaling
from ._cluster import ClusterDeployment
from ._elsewhere import Elsewhere
from ._gateway_options import OPTIONS, schema_with, server_options
from ._gateway_server import GatewayServer, configured, unnoted
from .base import Checkpoint, Context, Sample

__all__ = ("Gateway",)

logger = logging.getLogger(__name__)

STOPPING = 5.0
"""Seconds to wait until the server says that a cluster is over; it goes on stopping it."""

PATIENCE = 30.0
"""Seconds in which workers usually come; from then on their absence is a warning."""

MOVING = 5.0
"""Seconds in which data is usually moved from workers that are to close."""


class Gateway(ClusterDeployment):
    """A cluster of a Dask Gateway server."""

    name = "gateway"
    title = "Dask Gateway"
    description = "A cluster that your site's Dask Gateway runs, with the options it offers."
    options = OPTIONS
    stop_patience = 15.0
    undone_anywhere = True

    def __init__(self, options: dict[str, Any], context: Context) -> None:
        super().__init__(options, context)
        self._server: GatewayServer | None = None
        self._name = str(options.get("cluster") or "")
        self._adopted = bool(self._name)
        if self._adopted:
            self.can = (*type(self).can, "detach")
        self._wanted: int | None = None
        self._asked_at = 0.0
        self._closing = 0  # workers that a request made superfluous, until they were spoken of
        self._running = 0
        self._report: Any = None
        """The server's latest word."""
        self._over: DasklabError | None = None

    # -- before a launch -------------------------------------------------------------------------
    @classmethod
    def availability(cls) -> DasklabError | None:
        if find_spec("dask_gateway") is None:
            import sys

            return InterpreterUnfit(
                f"{sys.executable} has no dask-gateway.",
                f"Run: {sys.executable} -m pip install dask-gateway (the version of the server).",
            )
        return None

    @classmethod
    def schema(cls) -> dict[str, Any]:
        if cls.availability() is not None:
            return OPTIONS
        settings = {
            "address": configured("address"),
            "proxy_address": configured("proxy-address"),
            "auth": configured("auth.type"),
        }
        return schema_with(settings, _offer if settings["address"] else None)

    @classmethod
    def changing(cls) -> bool:
        return cls.availability() is None and bool(configured("address"))

    @classmethod
    def warm(cls) -> None:
        if cls.changing():
            import dask_gateway  # noqa: F401  with aiohttp, a third of a second

    @classmethod
    def preview(cls, options: dict[str, Any], scaling: Scaling | None) -> str:
        keys = ("address", "proxy_address", "auth")
        place: dict[str, Any] = {key: options[key] for key in keys if key in options}
        place.setdefault("address", configured("address"))
        given: dict[str, Any]
        if options.get("cluster"):
            call, given = "GatewayCluster.from_name", {"cluster_name": options["cluster"], **place}
        else:
            call, given = "GatewayCluster", {**place, **server_options(options)}
        lines = [f"    {name}={value!r}," for name, value in given.items()]
        text = f"from dask_gateway import GatewayCluster\n\ncluster = {call}(\n"
        text += "\n".join(lines) + "\n)\n"
        if scaling is not None and scaling.adaptive:
            text += f"cluster.adapt(minimum={scaling.minimum}, maximum={scaling.maximum})\n"
        elif scaling is not None:
            text += f"cluster.scale({scaling.wanted})\n"
        return text

    @classmethod
    async def discover(cls) -> list[dict[str, Any]]:
        if cls.availability() is not None or not configured("address"):
            return []
        server = GatewayServer()
        try:
            return [_found(report, server.address) for report in await server.clusters()]
        finally:
            await server.close()

    # -- its life --------------------------------------------------------------------------------
    def _make_server(self, place: dict[str, Any]) -> GatewayServer:
        keys = ("address", "proxy_address", "auth")
        return GatewayServer(**{key: place.get(key) for key in keys})

    async def start(self) -> AsyncIterator[Checkpoint]:
        self._server = server = self._make_server(self.given)
        place = {"address": server.address, "auth": self.given.get("auth")}
        os.environ.update(self.context.environ)
        try:
            if not self._adopted:
                before = [report.name for report in await server.clusters()]
                asked = {**place, "before": before, "at": time.time()}
                yield Checkpoint("submit", f"Asking {server.address} for a cluster", asked)
                self._name = await server.submit(server_options(self.given))
            known = {**place, "cluster": self._name, "adopted": self._adopted}
            self._asked_at = time.time()
            title = f"Waiting for the scheduler of {self._name}"
            yield Checkpoint("pending", title, known, pending=True)
            await self._started(server)
            yield Checkpoint("connect", "Connecting to its scheduler", known)
            await self._connect()
        except OSError as error:
            raise StartFailed(
                f"The gateway cannot be reached: {' '.join(str(error).split())}",
                "gateway.address in Dask's configuration, or --address, is where it is.",
            ) from error
        if self.context.scaling is not None:
            scaling = self.context.scaling
            what = (
                "Adaptive scaling" if scaling.adaptive else f"Asking for {scaling.wanted} workers"
            )
            yield Checkpoint("workers", what, known)
            await self.scale(scaling)

    async def _started(self, server: GatewayServer) -> None:
        while True:
            self._report = await server.report(self._name, wait=True)
            status = self._report.status.name
            if status == "RUNNING":
                return
            if status == "FAILED":
                raise self._failure("The gateway could not start a scheduler for it")
            if status != "PENDING":
                raise StartFailed(
                    f"The gateway's cluster {self._name} is {status.lower()}.", "Start another one."
                )
            await asyncio.sleep(0.1)  # it had nothing to say for as long as it holds a question

    async def _connect(self) -> None:
        report = self._report
        cluster = Elsewhere(report.scheduler_address, report.security, self.context.changed)
        await cluster.connect()
        self.cluster = cluster
        self._reads = None

    def _failure(self, what: str) -> StartFailed:
        given = server_options(self.given)
        return StartFailed(
            f"{what}: it says that {self._name} has FAILED, and tells users no more than that.",
            "Most often an image or command that does not start, or more than a node has. Its "
            "administrator's log has the reason, under that name."
            + (f" It was asked for {given}." if given else ""),
            details={"cluster": self._name, "options": given},
        )

    @property
    def closed(self) -> bool:
        return self._over is not None

    @property
    def end_reason(self) -> DasklabError | None:
        return self._over

    async def _look(self) -> None:
        """The connection has ended: find out whether the cluster has."""
        assert self._server is not None
        try:
            self._report = await self._server.report(self._name)
            status = self._report.status.name
        except DasklabError as error:
            self._over = ClusterGone(f"The gateway no longer knows it: {error.message}")
            return
        if status == "RUNNING":
            await self.cluster.close()
            await self._connect()
        elif status == "FAILED":
            self._over = self._failure("The gateway has given it up")
        elif status == "STOPPED":
            self._over = ClusterGone(
                f"The gateway has stopped {self._name}: somebody asked it to, or it was idle for "
                "longer than this gateway allows."
            )
        else:
            raise OSError(f"the gateway says that it is {status.lower()}.")

    async def sample(self) -> Sample:
        if not self.cluster.connected:
            await self._look()
            if self._over is not None:
                raise ClusterGone("It has ended.")
        # Where clients reach it is the gateway's proxy, not what the scheduler knows of itself.
        seen = {**await self._ask_scheduler(), "address": str(self._report.scheduler_address)}
        self._running = seen["running"]
        self._tell_of_those_that_stay()
        low, high = self._adaptive or (None, None)
        wanted = self._wanted
        if low is not None or wanted is None:
            wanted = max(seen["running"], low or 0)
        return Sample(
            wanted=wanted, minimum=low, maximum=high, security=self._credentials(), **seen
        )

    def _tell_of_those_that_stay(self) -> None:
        """The scheduler closes no worker whose data it cannot move, and tells nobody."""
        surplus = self._running - self._wanted if self._wanted is not None else 0
        if self._closing and surplus <= 0:
            self._closing = 0
        elif self._closing and time.time() - self._asked_at > MOVING:
            count = max(self._closing, surplus)
            self._closing = 0
            text = f"{surplus} of {count} workers stay: their data finds no room elsewhere."
            self.context.note("kept", text)

    def _credentials(self) -> dict[str, str]:
        """Files with which clients connect, in the cluster's own folder: removed with it."""
        folder = self.context.scratch
        if not folder or self._report.tls_key is None:
            return {}
        files = {"cert": self._report.tls_cert, "key": self._report.tls_key}
        paths = {name: Path(folder) / f"gateway-{name}.pem" for name in files}
        for name, path in paths.items():
            if not path.exists():
                descriptor = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600)
                with open(descriptor, "w", encoding="ascii") as file:
                    file.write(files[name])
        cert, key = str(paths["cert"]), str(paths["key"])
        return {"tls_ca_file": cert, "tls_client_cert": cert, "tls_client_key": key}

    # -- what can be done with it ----------------------------------------------------------------
    async def scale(self, scaling: Scaling) -> None:
        """The server's scheduler moves data before workers close; see ``scheduler_preload``."""
        assert self._server is not None
        async with self._scaling:
            self._asked_at = time.time()
            if scaling.adaptive:
                low, high = scaling.minimum or 0, scaling.maximum or 0
                said = await self._server.adapt(self._name, low, high)
                most = _limit(said)
                self._adaptive = (min(low, most), min(high, most)) if most else (low, high)
            else:
                said = await self._server.scale(self._name, scaling.wanted)
                self._adaptive = None
                self._wanted = _limit(said) or scaling.wanted
            fewer = 0 if scaling.adaptive else self._running - (self._wanted or 0)
            self._closing = max(fewer, 0)
            if said:
                self.context.note("limited", said)
        self.context.changed()

    async def explain(self) -> Explanation:
        if self._server is None or self._over is not None:
            return Explanation()
        report = await self._server.report(self._name)
        waited = time.time() - self._asked_at
        evidence = [f"{self._server.address}: {self._name} is {report.status.name}"]
        given = {**(report.options or {})}
        if given:
            evidence.append("options: " + ", ".join(f"{k}={v}" for k, v in given.items()))
        late = waited > PATIENCE
        advice = [
            Advice(
                "gateway.pending" if late else "gateway.asked",
                f"The gateway was asked for them {waited:.0f} s ago and says only that the "
                f"cluster is {report.status.name}.",
                "It tells users nothing of single workers: its backend may be full, an image slow "
                "or unable to start. Its administrator's log has them under the cluster's name, "
                "and it gives a cluster up when several in a row do not start."
                if late
                else "They are being started.",
                "warning" if late else "note",
                tuple(evidence),
            )
        ]
        return Explanation(advice=tuple(advice))

    def place(self) -> Endpoint | None:
        if self._server is None or self._report is None:
            return None
        return self._server.dashboard(self._report)

    async def dashboard(self) -> Endpoint:
        found = self.place()
        if found is None:
            raise Unsupported(
                "This gateway's schedulers have no dashboard.",
                "Their environment or image would need bokeh.",
            )
        return found

    # -- the end ---------------------------------------------------------------------------------
    async def detach(self) -> None:
        if self.cluster is not None:
            await self.cluster.close()
        if self._server is not None:
            await self._server.close()

    async def stop(self, checkpoint: dict[str, Any] | None) -> None:
        checkpoint = checkpoint or {}
        server = self._server or (self._make_server(checkpoint) if checkpoint else None)
        if server is None:
            return
        fresh = self._server is None
        try:
            name = self._name or str(checkpoint.get("cluster") or "")
            if fresh and checkpoint.get("adopted"):
                return  # it was there before us
            if not name and "before" in checkpoint:
                name = unnoted(await server.clusters(), checkpoint, self.context.others())
            if self.cluster is not None:
                await self.cluster.close()
            if name and not await server.stop(name, STOPPING):
                logger.warning("The gateway is still stopping %s", name)
        finally:
            await server.close()


async def _offer() -> list[Any]:
    server = GatewayServer()
    try:
        return await server.options()
    finally:
        await server.close()


def _limit(said: str) -> int:
    """The number of workers that a server allows, from its own sentence; 0 if it has none."""
    found = re.search(r"limit of\s+(\d+)\s+workers", said)
    return int(found[1]) if found else 0


def _found(report: Any, address: str) -> dict[str, Any]:
    """A cluster that a server runs already, as :meth:`Deployment.discover` gives it."""
    options = ", ".join(f"{key} {value}" for key, value in (report.options or {}).items() if value)
    since = report.start_time.strftime("%d %b %H:%M")
    return {
        **({"address": report.scheduler_address} if report.scheduler_address else {}),
        "name": str(report.name),
        "text": f"{report.status.name.capitalize()} on {address} since {since}"
        + (f"; {options}." if options else "."),
        "options": {"address": address, "cluster": str(report.name)},
    }
