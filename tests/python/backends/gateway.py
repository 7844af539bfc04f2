"""Starts and stops a real dask-gateway-server with its local backend: processes of this machine.

Its package ships the proxy it needs. Everything of it is in one folder, on ports of loopback; what
it starts has the folder's path in its environment, so that all of it can be found.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dask
import dask_gateway  # noqa: F401  its defaults, before anything is set
import pytest
import requests

from ..hub.rig import free_ports
from ..support import alive, marked, wait_for

__all__ = ("GatewayServer", "gateway")

CONFIG = """
import os
from dask_gateway_server.options import Float, Integer, Mapping, Options, Select

c.DaskGateway.address = "127.0.0.1:{private}"
c.Proxy.address = "127.0.0.1:{public}"
c.Proxy.api_token = "{token}"
c.DaskGateway.backend_class = "dask_gateway_server.backends.local.UnsafeLocalBackend"
c.DaskGateway.authenticator_class = "dask_gateway_server.auth.SimpleAuthenticator"
c.SimpleAuthenticator.password = "{password}"
backend = c.UnsafeLocalBackend
backend.clusters_directory = "{folder}/clusters"
backend.stop_clusters_on_shutdown = True
backend.check_timeouts_period = 1
backend.sigint_timeout = backend.sigterm_timeout = 3
backend.cluster_heartbeat_period = 2
backend.inherited_environment = ["PATH", "LANG", "GATEWAY_RIG", "PYTHONDONTWRITEBYTECODE"]
cluster = c.LocalClusterConfig
cluster.scheduler_cmd = [{python!r}, "-m", "dask", "scheduler"]
cluster.worker_cmd = [{python!r}, "-m", "dask", "worker"]
cluster.worker_cores = 1
cluster.worker_memory = "512 M"
cluster.cluster_max_workers = 3
cluster.adaptive_period = 1

def options(user):
    def handler(given):
        if given.image == "broken":
            return {{"worker_cmd": ["/nonexistent"]}}
        if given.image == "stuck":
            return {{"worker_cmd": ["/bin/sleep", "1000"]}}
        return {{"worker_cores": given.worker_cores, "environment": dict(given.environment)}}
    return Options(
        Integer("worker_cores", 1, min=1, max=4, label="Worker Cores"),
        Float("worker_memory", 0.5, min=0.2, max=4, label="Worker Memory (GiB)"),
        Select("image", ["small", "broken", "stuck"], default="small", label="Image"),
        Mapping("environment", {{}}, label="Environment variables"),
        handler=handler,
    )

c.Backend.cluster_options = options
"""


class GatewayServer:
    """A gateway in processes of its own.

    Users of it are whoever knows the password; each sees clusters of their own.
    """

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="dlg-"))
        self.public, self.private = free_ports(2)
        self.address = f"http://127.0.0.1:{self.public}"
        self.password = secrets.token_hex(8)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        """What it has said so far."""
        return (self.folder / "server.log").read_text(encoding="utf-8", errors="replace")

    def settings(self, user: str = "ann") -> dict[str, str]:
        """Dask's configuration that leads a user to it."""
        return {
            "gateway.address": self.address,
            "gateway.auth.type": "basic",
            "gateway.auth.kwargs.username": user,
            "gateway.auth.kwargs.password": self.password,
        }

    @contextlib.contextmanager
    def configured(self, user: str = "ann") -> Iterator[None]:
        """This process, and those that it starts, as a site's configuration makes them."""
        with pytest.MonkeyPatch.context() as patch, dask.config.set(self.settings(user)):
            for name, value in self.settings(user).items():
                patch.setenv(f"DASK_{name.upper().replace('.', '__')}", value)
            yield

    def __enter__(self) -> GatewayServer:
        (self.folder / "clusters").mkdir()
        config = self.folder / "config.py"
        config.write_text(
            CONFIG.format(
                private=self.private,
                public=self.public,
                token=secrets.token_hex(16),
                password=self.password,
                folder=self.folder,
                python=sys.executable,
            )
        )
        command = Path(sys.executable).with_name("dask-gateway-server")
        with open(self.folder / "server.log", "wb") as log:
            self._process = subprocess.Popen(
                [str(command), "-f", str(config)],
                stdout=log,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                cwd=self.folder,
                env={
                    "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
                    "LANG": "C.UTF-8",
                    "HOME": str(self.folder),
                    "GATEWAY_RIG": str(self.folder),
                    "PYTHONDONTWRITEBYTECODE": "1",
                },
                start_new_session=True,
            )
        wait_for(self._up, 60, "the gateway's start")
        return self

    def _up(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise RuntimeError(f"The gateway ended:\n{self.log[-4000:]}")
        try:
            return requests.get(f"{self.address}/api/health", timeout=5).ok
        except requests.RequestException:
            return False

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(60)
        try:
            wait_for(lambda: not self.processes(), 20, "the end of the gateway's processes")
        finally:
            for pid in self.processes():
                os.kill(pid, signal.SIGKILL)
            shutil.rmtree(self.folder, ignore_errors=True)

    def processes(self) -> dict[int, str]:
        """All processes of the server, its proxy and its clusters."""
        return {pid: line for pid, line in marked(str(self.folder)).items() if alive(pid)}

    def clusters(self, user: str = "ann") -> dict[str, Any]:
        """What the server itself says of a user's clusters that are not over, by name."""
        answer = requests.get(
            f"{self.address}/api/v1/clusters/", auth=(user, self.password), timeout=30
        )
        answer.raise_for_status()
        return dict(answer.json())

    def begin(self, user: str = "ann", **options: Any) -> str:
        """Have a cluster that no dasklab knows of; its name, once it runs."""
        answer = requests.post(
            f"{self.address}/api/v1/clusters/",
            json={"cluster_options": options},
            auth=(user, self.password),
            timeout=30,
        )
        answer.raise_for_status()
        name = str(answer.json()["name"])
        wait_for(
            lambda: self.clusters(user)[name]["status"] == "RUNNING", 60, f"the start of {name}"
        )
        return name

    def end(self, name: str, user: str = "ann") -> None:
        """Stop a cluster, and wait until the server has none of that name running."""
        requests.delete(
            f"{self.address}/api/v1/clusters/{name}", auth=(user, self.password), timeout=30
        )
        wait_for(lambda: name not in self.clusters(user), 60, f"the end of {name}")


@pytest.fixture(scope="session")
def gateway() -> Iterator[GatewayServer]:
    """A gateway for the session."""
    with GatewayServer() as server:
        yield server
