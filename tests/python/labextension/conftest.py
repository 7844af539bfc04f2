"""dask-labextension 7.0.0 itself, and servers that have it: with its own manager, and with ours.

It is installed into a folder of its own, which only these servers look into: what it needs beyond
itself is in the environment already, and no other test must find it.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ..conftest import own_home
from ..support import wait_for

VERSION = "7.0.0"


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with dask-labextension: its modules, its front end, its configuration."""
    folder = tmp_path_factory.mktemp("dask-labextension")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target"]
    subprocess.run([*command, str(folder), f"dask-labextension=={VERSION}"], check=True)
    return folder


@dataclass(frozen=True)
class Answer:
    """What came back; ``url`` is the last of a chain of redirects."""

    status: int
    headers: Any
    body: bytes
    url: str

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def message(self) -> str:
        """The sentence of an error, in dask-labextension's form."""
        data = self.json
        assert set(data) == {"message", "reason"}, data
        return str(data["message"])


class LabServer:
    """A Jupyter server with a prefix, in a process of its own.

    Parameters
    ----------
    package
        Where dask-labextension is.
    extensions
        Server extensions that are on.
    dask
        Dask's configuration.
    config
        More of the server's configuration.
    """

    base = "/user/ann/"

    def __init__(
        self,
        package: Path,
        extensions: dict[str, bool],
        dask: dict[str, Any] | None = None,
        **config: Any,
    ) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="dlx-"))
        for name in ("config", "data", "runtime", "dask", "work"):
            (self.root / name).mkdir()
        (self.root / "dask" / "mine.yaml").write_text(json.dumps(dask or {}))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        own = {
            "jpserver_extensions": extensions, "port": self.port, "port_retries": 0,
            "root_dir": str(self.root / "work"), "ip": "127.0.0.1", "open_browser": False,
            "allow_root": True, "base_url": self.base, "allow_unauthenticated_access": False,
        }  # fmt: skip
        settings = {"ServerApp": own, "IdentityProvider": {"token": "t"}, **config}
        (self.root / "config" / "jupyter_server_config.json").write_text(json.dumps(settings))
        self.environ = {
            **os.environ,
            **{f"JUPYTER_{n.upper()}_DIR": str(self.root / n) for n in ("config", "data")},
            "JUPYTER_RUNTIME_DIR": str(self.root / "runtime"),
            "JUPYTER_PATH": str(package / "share" / "jupyter"),
            "DASK_CONFIG": str(self.root / "dask"),
            "PYTHONPATH": os.pathsep.join([str(package), os.environ.get("PYTHONPATH", "")]),
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-W", "ignore", "-m", "jupyterlab"]
        with (self.root / "log").open("ab") as log:
            self._process = subprocess.Popen(command, env=self.environ, stdout=log, stderr=log)
        try:
            wait_for(lambda: self.ask("GET", "api").status == 200, 40)
        except BaseException:
            self.stop()
            raise

    def stop(self, patience: float = 15.0) -> None:
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(patience)
            finally:
                self._process.kill()
                self._process.wait()

    @property
    def pid(self) -> int:
        """Of the server's process."""
        assert self._process is not None
        return self._process.pid

    @property
    def log(self) -> str:
        return (self.root / "log").read_text(errors="replace")

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        token: str | None = "t",
        timeout: int = 60,
    ) -> Answer:
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        url = f"http://127.0.0.1:{self.port}{self.base}{path}"
        headers = {} if token is None else {"Authorization": f"token {token}"}
        request = urllib.request.Request(url, data=data, headers=headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=timeout) as response:
                return Answer(response.status, response.headers, response.read(), response.url)
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, error.headers, error.read(), url)

    def clusters(self) -> list[dict[str, Any]]:
        """What dask-labextension's list has."""
        return list(self.ask("GET", "dask/clusters").json)

    def records(self) -> list[dict[str, Any]]:
        """What dasklab's own list has."""
        return list(self.ask("GET", "dasklab/api/clusters").json["clusters"])


@contextlib.contextmanager
def serving(server: LabServer) -> Iterator[LabServer]:
    """A server that runs, and ends."""
    server.start()
    try:
        yield server
    finally:
        server.stop()


SMALL = {"labextension": {"default": {"workers": 1}}}
"""A cluster costs as little as it can."""


@pytest.fixture(scope="module")
def theirs(package: Path) -> Iterator[LabServer]:
    """dask-labextension as it is."""
    extensions = {"dask_labextension": True, "dasklab": False}
    factory = {"kwargs": {"n_workers": 1, "threads_per_worker": 1, "memory_limit": "1GiB"}}
    dask = {"labextension": {**SMALL["labextension"], "factory": factory}}
    with own_home(), serving(LabServer(package, extensions, dask)) as server:
        yield server


@pytest.fixture(scope="module")
def ours(package: Path) -> Iterator[LabServer]:
    """The same with dasklab beside it, and its setting."""
    extensions = {"dask_labextension": True, "dasklab": True}
    factory = {"kwargs": {"n_workers": 1, "threads_per_worker": 1, "memory_limit": "1GiB"}}
    dask = {"labextension": {**SMALL["labextension"], "factory": factory}}
    config = {"DasklabServer": {"labextension": True}}
    with own_home(), serving(LabServer(package, extensions, dask, **config)) as server:
        yield server
