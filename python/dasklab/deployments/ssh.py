"""Workers on other hosts over SSH, with the scheduler in the cluster's own host."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import sys
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any, ClassVar

from ..errors import DasklabError, StartFailed
from ..model.explanation import Advice, Explanation
from ..model.scaling import Scaling
from ..tls import is_loopback, make, travelling, write
from ._cluster import ClusterDeployment
from ._ssh import no_asyncssh, read_place
from ._ssh_options import OPTIONS
from .base import Checkpoint, Context, Sample

if TYPE_CHECKING:
    from ._ssh_workers import Host

__all__ = ("SSH",)

CONFIG = ("array", "dataframe", "distributed", "optimization", "tokenize")
"""Sections of Dask's configuration that workers get."""


class SSH(ClusterDeployment):
    """Processes on hosts that ssh reaches."""

    name = "ssh"
    title = "SSH"
    description = "Workers on hosts that ssh reaches; nothing needs to run there before."
    options: ClassVar[dict[str, Any]] = OPTIONS

    def __init__(self, options: dict[str, Any], context: Context) -> None:
        super().__init__(options, context)
        self._files: dict[str, str] = {}
        self._security: Any = None
        self._left_out: list[tuple[str, DasklabError]] = []

    @classmethod
    def availability(cls) -> DasklabError | None:
        return no_asyncssh(sys.executable)

    @classmethod
    def _nanny(cls, options: dict[str, Any], scaling: Scaling | None) -> dict[str, Any]:
        """The arguments of each worker's ``distributed.Nanny``, but for what its host decides."""
        names = ("memory_limit", "resources", "preload", "interface", "local_directory")
        found = {name: options[name] for name in names if options.get(name)}
        found.setdefault("memory_limit", "auto")
        if options.get("threads_per_worker"):
            found["nthreads"] = options["threads_per_worker"]
        return found

    @classmethod
    def _threads(cls, options: dict[str, Any], scaling: Scaling | None, cores: int) -> int:
        """A host's cores, shared out to as many workers as will be there."""
        hosts = len(options["hosts"])
        most = (scaling.maximum or scaling.wanted) if scaling else hosts
        return max(1, cores // max(1, -(-most // hosts)))

    @classmethod
    def preview(cls, options: dict[str, Any], scaling: Scaling | None) -> str:
        wanted = scaling or Scaling(len(options["hosts"]))
        lines = [
            "# In a host of its own on this machine:",
            f"Scheduler(protocol={_protocol_text(options)}, dashboard_address='127.0.0.1:0')",
            "",
            "# On each host, one process for each worker, until its SSH channel ends:",
        ]
        for text in options["hosts"]:
            place = read_place(text)
            lines.append(f"{place.command} {_python(options, text)}")
        arguments = ", ".join(f"{k}={v!r}" for k, v in cls._nanny(options, scaling).items())
        lines += [f"  Nanny(scheduler, {arguments})", "", f"workers: {wanted.request()}"]
        if options.get("environ"):
            lines.append(f"environment: {json.dumps(options['environ'], sort_keys=True)}")
        return "\n".join(lines) + "\n"

    @classmethod
    def warnings(cls, options: dict[str, Any], scaling: Scaling | None) -> list[Advice]:
        found = []
        places = [read_place(text) for text in options["hosts"]]
        away = [
            place
            for place in places
            if not is_loopback([place.host.replace("localhost", "127.0.0.1")])
        ]
        address = options.get("scheduler_host")
        if away and address and is_loopback([address.replace("localhost", "127.0.0.1")]):
            found.append(
                Advice(
                    "ssh.loopback",
                    f"The scheduler would listen on {address} only, which {away[0].host} reaches "
                    "only if it is this machine.",
                    "Leave scheduler_host unset: the address that ssh itself uses is taken.",
                )
            )
        if away and options.get("tls") == "off":
            found.append(
                Advice(
                    "tls.off",
                    "TLS is off: whoever reaches the scheduler's port can run code as you.",
                    "Leave tls at auto.",
                )
            )
        return found

    # -- the start -----------------------------------------------------------------------------
    async def start(self) -> AsyncIterator[Checkpoint]:
        import dask

        from ._ssh_workers import SSHWorkers

        if self.context.scratch:
            dask.config.set({"temporary-directory": self.context.scratch})  # the scheduler's
        hosts = self._hosts()
        yield Checkpoint("connect", f"Connecting to {_several(len(hosts), 'host')}")
        try:
            hosts = await self._check(hosts)
            yield Checkpoint("scheduler", "Starting the scheduler")
            here = {host.address_here() for host in hosts}
            self.cluster = SSHWorkers(
                hosts,
                self._order,
                self.context.note,
                name=self.context.name,
                asynchronous=True,
                silence_logs=False,
                scheduler=self._scheduler(here),
                worker={"cls": "distributed.Nanny", "options": {}},
                security=self._security,
            )
            await self.cluster
        except BaseException:
            if self.cluster is None:
                await asyncio.gather(*(host.close() for host in hosts))
            raise
        self.watch_workers()
        scaling = self.context.scaling or Scaling(len(hosts))
        text = (
            "Adaptive scaling"
            if scaling.adaptive
            else f"Starting {_several(scaling.wanted, 'worker')}"
        )
        yield Checkpoint("workers", text)
        await self.scale(scaling)
        failed = [host.failure for host in hosts if host.failure is not None]
        if len(failed) == len(hosts) and not self.scheduler.workers:
            raise failed[0]

    def _hosts(self) -> list[Host]:
        from ._ssh_workers import Host

        return [
            Host(
                read_place(text),
                _python(self.given, text, self.context.python),
                self.given.get("key"),
                self.given.get("known_hosts"),
            )
            for text in dict.fromkeys(self.given["hosts"])
        ]

    async def _check(self, hosts: list[Host]) -> list[Host]:
        """Those that can be used; one that cannot is left out and named, if others can."""
        results = await asyncio.gather(*(host.check() for host in hosts), return_exceptions=True)
        good = []
        for host, result in zip(hosts, results, strict=True):
            if isinstance(result, DasklabError):
                self._left_out.append((str(host), result))
            elif isinstance(result, BaseException):
                raise StartFailed(f"{host}: {type(result).__name__}: {result}") from result
            else:
                good.append(host)
                self._compare(host)
        if not good:
            raise self._left_out[0][1]
        for name, error in self._left_out:
            self.context.note("host-left-out", f"{name} is left out: {error}")
        return good

    def _compare(self, host: Host) -> None:
        import distributed

        theirs = tuple(host.facts["python"][:2]), host.facts["distributed"]
        ours = tuple(sys.version_info[:2]), distributed.__version__
        if theirs != ours:
            text = (
                f"{host} runs Python {theirs[0][0]}.{theirs[0][1]} with distributed {theirs[1]}, "
                f"the scheduler Python {ours[0][0]}.{ours[0][1]} with distributed {ours[1]}."
            )
            self.context.note("versions", f"{text} %dask versions shows all differences.")

    def _scheduler(self, here: set[str]) -> dict[str, Any]:
        """The scheduler: on loopback where that reaches all hosts, else with TLS."""
        from distributed import Scheduler

        address = self.given.get("scheduler_host")
        listen = {address} if address else here
        tls = self.given.get("tls", "auto")
        if tls == "on" or (tls == "auto" and not is_loopback(listen)):
            self._security = make(self.context.python)
            self._files = write(self._security, f"{self.context.scratch}/security")
        return {
            "cls": Scheduler,
            "options": {
                "host": next(iter(listen)) if len(listen) == 1 else None,
                "port": self.given.get("scheduler_port", 0),
                "protocol": "tls" if self._security else "tcp",
                "security": self._security,
                "dashboard": False,  # Bokeh comes when asked for
                "dashboard_address": "127.0.0.1:0",
            },
        }

    def _order(self, host: Host) -> dict[str, Any]:
        """What a worker on a host is told."""
        import os

        import dask

        nanny = self._nanny(self.given, self.context.scaling)
        nanny.setdefault(
            "nthreads", self._threads(self.given, self.context.scaling, host.facts["cores"] or 1)
        )
        return {
            "scheduler_host": self.given.get("scheduler_host") or "",
            "scheduler_port": self.scheduler.port,
            "protocol": "tls" if self._security else "tcp",
            "security": travelling(self._security) if self._security else {},
            "environ": {**self.context.environ, **self.given.get("environ", {})},
            "cwd": os.getcwd(),
            "folder": "",
            "config": {
                name: dask.config.config[name] for name in CONFIG if name in dask.config.config
            },
            "nanny": nanny,
        }

    # -- the rest ------------------------------------------------------------------------------
    async def scale(self, scaling: Scaling) -> None:
        await self.cluster.try_again()
        await super().scale(scaling)

    async def sample(self) -> Sample:
        return dataclasses.replace(await super().sample(), security=self._files)

    async def explain(self) -> Explanation:
        found = []
        for host in self.cluster.hosts:
            if host.failure is None:
                continue
            text = "It is asked for no more workers. " if host.given_up else "It is tried again. "
            found.append(
                Advice(
                    "ssh.worker-ended",
                    host.failure.message,
                    f"{text}{host.failure.hint}".strip()
                    + (" %dask scale tries it again." if host.given_up else ""),
                    "error" if host.given_up else "warning",
                    again=host.given_up,
                )
            )
        found += [
            Advice("ssh.left-out", f"{name} is left out: {error.message}", error.hint)
            for name, error in self._left_out
        ]
        return Explanation(advice=tuple(found))


def _python(options: dict[str, Any], host: str, otherwise: str = sys.executable) -> str:
    chosen = options.get("python_on", {})
    return str(
        chosen.get(host) or chosen.get(read_place(host).host) or options.get("python") or otherwise
    )


def _protocol_text(options: dict[str, Any]) -> str:
    texts = {"on": "'tls'", "off": "'tcp'"}
    return texts.get(options.get("tls", "auto"), "'tcp' on loopback, 'tls' beyond")


def _several(number: int, what: str) -> str:
    return f"{number} {what}" + ("" if number == 1 else "s")
