"""A scheduler that somebody else started: attached to, watched, and left as it was found."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

from ..errors import (
    ClusterGone,
    DasklabError,
    HostUnreachable,
    LaunchError,
    OptionsInvalid,
    Unsupported,
)
from ..model.explanation import Explanation
from ..model.record import Endpoint
from ..model.scaling import Scaling
from ..model.worker_counts import WorkerCounts
from ..tls import CLIENT, of_files
from ._cluster import ClusterDeployment, _endpoint
from ._reading import count_clients
from ._ssh import no_asyncssh, read_place
from ._ssh_options import LOGIN
from ._telling import Telling
from ._tunnel import Tunnel
from .base import Checkpoint, Context, Sample

__all__ = ("Existing",)

ANSWER = 10.0
"""Seconds for a scheduler to answer."""

COUNT = 2.0
"""Seconds between two looks at who is connected."""

LOOK = 2.0
"""Seconds for a port to show whether anybody is there."""

TLS = "TLS"
TUNNEL = "Tunnel"


def _file(title: str, example: str) -> dict[str, Any]:
    return {
        "type": "string",
        "title": title,
        "x-group": TLS,
        "description": f"Such as {example}. Unset: what Dask's configuration says.",
        "minLength": 1,
    }


class _Attached:
    """A scheduler elsewhere, seen as a cluster of Dask's."""

    def __init__(self, comm: Any, identity: dict[str, Any]) -> None:
        self.scheduler_comm = comm
        self.scheduler_info = identity


class Existing(ClusterDeployment):
    """A scheduler by address or scheduler file."""

    name = "existing"
    title = "Existing scheduler"
    description = "Attach to a scheduler that runs already, here or where only ssh reaches."
    options: ClassVar[dict[str, Any]] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "address": {
                "type": "string",
                "title": "Address",
                "description": "Such as tcp://10.0.0.5:8786 or tls://node1:8786.",
                "minLength": 1,
            },
            "scheduler_file": {
                "type": "string",
                "title": "Scheduler file",
                "description": "Such as scheduler.json; dask scheduler --scheduler-file writes it.",
                "minLength": 1,
            },
            "shut_down": {
                "type": "boolean",
                "title": "Stop ends the scheduler",
                "description": "For one of your own; else stopping only detaches from it, and it "
                "goes on. It is only by its own Stop: its lease and detaching leave it alone.",
                "default": False,
            },
            "tls_ca_file": _file("Authority", "ca.pem"),
            "tls_client_cert": _file("Certificate", "cert.pem"),
            "tls_client_key": _file("Key of the certificate", "key.pem"),
            "via": {
                "type": "string",
                "title": "Through SSH",
                "x-group": TUNNEL,
                "description": "Such as ssh://anna@login1:22; a tunnel that lives as long as this "
                "entry. The address is then as that host sees it.",
                "minLength": 1,
            },
            **{name: {**rule, "x-group": TUNNEL} for name, rule in LOGIN.items()},
        },
    }
    can: tuple[str, ...] = ("restart", "stop", "keep", "dashboard", "logs")
    counted = False
    takes = WorkerCounts(
        number=False,
        adaptive=False,
        why="The workers of this scheduler were started by somebody else.",
        hint="Leave the number of workers out.",
    )

    def __init__(self, options: dict[str, Any], context: Context) -> None:
        super().__init__(options, context)
        if options.get("shut_down"):
            self.can = (*type(self).can, "detach")
        self._tunnel: Tunnel | None = None
        self._files: dict[str, str] = {}
        self._address = ""
        self._pages: Endpoint | None = None
        self._gone = False
        self._clients: int | None = 1
        self._counted = float("-inf")
        self._telling = Telling()

    @classmethod
    def preview(cls, options: dict[str, Any], scaling: Scaling | None) -> str:
        address = _address(options)
        files = {name: options[name] for name in CLIENT if options.get(name)}
        lines = ["from dask.distributed import Client, Security", ""]
        lines[0] = lines[0] if files else "from dask.distributed import Client"
        if options.get("via"):
            lines.insert(0, f"# Through a tunnel: {read_place(options['via']).command}")
        security = ""
        if files:
            given = ", ".join(f"{name}={value!r}" for name, value in files.items())
            lines.append(f"security = Security(require_encryption=True, {given})")
            security = ", security=security"
        end = "client.shutdown()" if options.get("shut_down") else "client.close()"
        lines += [f"client = Client({address!r}{security})", f"# Stopped with: {end}"]
        return "\n".join(lines) + "\n"

    # -- the start -----------------------------------------------------------------------------
    async def start(self) -> AsyncIterator[Checkpoint]:
        from distributed import Security
        from distributed.core import rpc

        self.takes.check(self.context.scaling)
        self._address = await asyncio.to_thread(_address, self.given)
        self._files = _files(self.given)
        security = await asyncio.to_thread(of_files, self._files) or Security()
        host, port = _host_and_port(self._address)
        if self.given.get("via"):
            yield Checkpoint("tunnel", f"Opening a tunnel through {self.given['via'][:80]}")
            missing = no_asyncssh(sys.executable)
            if missing is not None:
                raise missing
            login = {name: self.given.get(name) for name in LOGIN}
            self._tunnel = Tunnel(read_place(self.given["via"]), self.context.note, **login)
            await self._tunnel.open()
            host, port = "127.0.0.1", await self._tunnel.port(host, port)
            self._address = f"{urlsplit(self._address).scheme}://127.0.0.1:{port}"
        yield Checkpoint("connect", f"Connecting to {self._address[:120]}")
        if not await _somebody(host, port, tunnel=self._tunnel is not None):
            raise self._nobody()
        comm = rpc(
            self._address, timeout=ANSWER, connection_args=security.get_connection_args("client")
        )
        try:
            identity = await asyncio.wait_for(comm.identity(n_workers=-1), ANSWER)
        except (OSError, TypeError, asyncio.TimeoutError) as error:
            await comm.close_rpc()
            raise self._no_answer(error) from error
        self.cluster = _Attached(comm, identity)
        await self._find_pages(identity)

    def _nobody(self) -> DasklabError:
        if self._tunnel is not None:
            return HostUnreachable(
                f"{self._tunnel.place} reaches no scheduler at that address.",
                "Give the address as that host sees it; often its own, 127.0.0.1.",
            )
        return HostUnreachable(
            f"No scheduler can be reached at {self._address[:120]}.",
            "If only ssh gets to its host, go through it: --via ssh://user@host",
        )

    def _no_answer(self, error: Exception) -> DasklabError:
        text = " ".join(str(error).split())[:200] or "it said nothing"
        if self._address.startswith("tls://"):
            return LaunchError(
                f"The scheduler at {self._address[:120]} refuses this connection ({text}).",
                "It wants a certificate: tls_ca_file, tls_client_cert and tls_client_key name one.",
            )
        return HostUnreachable(
            f"What listens at {self._address[:120]} does not answer as a scheduler ({text}).",
            "One that speaks TLS has an address that begins with tls://",
        )

    async def _find_pages(self, identity: dict[str, Any]) -> None:
        """Where its dashboard is: through the tunnel too, and whether it is encrypted."""
        found = _endpoint(identity)
        if found is None:
            return
        host, port = found.host, found.port
        given = _host_and_port(_address(self.given))[0]
        if self._tunnel is not None:
            # As the scheduler names itself or, if it only listens on its loopback, as we do.
            port = await self._tunnel.port(
                given if given in ("127.0.0.1", "localhost") else host, port
            )
            host = "127.0.0.1"
        secure = await _encrypted(host, port)
        ca = self._files.get("tls_ca_file", "") if secure else ""
        self._pages = Endpoint(host, port, "", "https" if secure else "http", ca)

    # -- the rest ------------------------------------------------------------------------------
    @property
    def scheduler(self) -> None:
        return None

    @property
    def closed(self) -> bool:
        return self._gone

    async def sample(self) -> Sample:
        try:
            seen = await asyncio.wait_for(self._ask_scheduler(), ANSWER)
        except (OSError, asyncio.TimeoutError) as error:
            # A scheduler that takes a large graph is silent; one that is gone does not listen.
            if self._tunnel is None and not await _somebody(*_host_and_port(self._address)):
                self._gone = True
                raise ClusterGone("The scheduler is gone.") from error
            raise
        seen["address"] = self._address
        seen["clients"] = await self._count()
        return Sample(
            wanted=seen["running"], minimum=None, maximum=None, security=self._files, **seen
        )

    async def _count(self) -> int:
        """Clients that are connected: without any, a tunnel need not be kept up for ever.

        A scheduler tells only code of one's own; one that runs none is taken to have a client.
        """
        from distributed.protocol.pickle import dumps

        def names(dask_scheduler: Any) -> list[str]:
            return list(dask_scheduler.clients)

        now = time.monotonic()
        if self._clients is not None and now - self._counted > COUNT:
            self._counted = now
            try:
                answer = await asyncio.wait_for(
                    self.cluster.scheduler_comm.run_function(function=dumps(names)), ANSWER
                )
                self._clients = count_clients(map(str, answer["result"]))
            except (OSError, asyncio.TimeoutError):
                raise
            except (ValueError, KeyError, TypeError):
                self._clients = None
        return 1 if self._clients is None else self._clients

    async def explain(self) -> Explanation:
        return await self._telling.explain(self.cluster.scheduler_comm)

    async def scale(self, scaling: Scaling) -> None:
        raise Unsupported(
            "The workers of this scheduler were started by somebody else.",
            "Scale it where it was started.",
        )

    def place(self) -> Endpoint | None:
        return self._pages

    async def stop(self, checkpoint: dict[str, Any] | None) -> None:
        if self.given.get("shut_down") and self.cluster is not None and not self._gone:
            with contextlib.suppress(OSError, asyncio.TimeoutError):
                await asyncio.wait_for(self.cluster.scheduler_comm.terminate(), ANSWER / 2)
            self._gone = True
        await self.detach()

    async def detach(self) -> None:
        if self.cluster is not None:
            if not self._gone:
                self.context.note("detached", "The scheduler goes on: it was not started here.")
            await self.cluster.scheduler_comm.close_rpc()
        if self._tunnel is not None:
            await self._tunnel.close()


def _address(options: dict[str, Any]) -> str:
    """The scheduler's address, from where the options say.

    Raises
    ------
    OptionsInvalid, LaunchError
    """
    given, path = options.get("address"), options.get("scheduler_file")
    if bool(given) == bool(path):
        raise OptionsInvalid(
            "A scheduler is named by its address or by a scheduler file.",
            "Give one of both, such as --address tcp://10.0.0.5:8786",
        )
    if path:
        try:
            data = json.loads(Path(path).expanduser().read_text())
            given = data["address"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise LaunchError(
                f"The scheduler file {path[:200]} cannot be read ({type(error).__name__}).",
                "It is what dask scheduler --scheduler-file writes when it starts.",
            ) from error
    address = str(given).strip()
    if "://" not in address:
        address = f"tcp://{address}"
    _host_and_port(address)
    return address


def _host_and_port(address: str) -> tuple[str, int]:
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if not host or not port or urlsplit(address).scheme not in ("tcp", "tls"):
        raise OptionsInvalid(
            f"{address[:80]!r} is no address of a scheduler.",
            "Write tcp://host:port, or tls://host:port.",
        )
    return host, port


def _files(options: dict[str, Any]) -> dict[str, str]:
    """A client's TLS files: those given, else those of Dask's configuration."""
    import dask

    configured = {
        "tls_ca_file": dask.config.get("distributed.comm.tls.ca-file", None),
        "tls_client_cert": dask.config.get("distributed.comm.tls.client.cert", None),
        "tls_client_key": dask.config.get("distributed.comm.tls.client.key", None),
    }
    found = {name: options.get(name) or configured[name] for name in CLIENT}
    if not found["tls_client_cert"]:
        return {}
    return {name: str(Path(path).expanduser().absolute()) for name, path in found.items() if path}


async def _somebody(host: str, port: int, *, tunnel: bool = False) -> bool:
    """Whether anything listens there; with a tunnel, at its end: its own port always does."""
    try:
        reader, writer = await asyncio.wait_for(asyncio.open_connection(host, port), ANSWER)
    except (OSError, asyncio.TimeoutError):
        return False
    try:
        # A scheduler greets or waits; a tunnel that leads nowhere closes at once.
        return not tunnel or await asyncio.wait_for(reader.read(1), LOOK) != b""
    except asyncio.TimeoutError:
        return True
    except OSError:
        return False
    finally:
        writer.close()


async def _encrypted(host: str, port: int) -> bool:
    """Whether an HTTP server wants TLS: it does not understand a plain request."""
    try:
        reader, writer = await asyncio.wait_for(asyncio.open_connection(host, port), LOOK)
    except (OSError, asyncio.TimeoutError):
        return False
    try:
        writer.write(b"HEAD /health HTTP/1.0\r\n\r\n")
        return await asyncio.wait_for(reader.read(5), LOOK) != b"HTTP/"
    except (OSError, asyncio.TimeoutError):
        return True
    finally:
        writer.close()
