"""A real Jupyter server to measure, on loopback, with dasklab's extension."""

from __future__ import annotations

import http.client
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from typing import Any

__all__ = ("Server", "free_port")


MODULES = {"lab": "jupyterlab", "server": "jupyter_server"}


def free_port() -> int:
    """A port of 127.0.0.1 that nobody uses at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """``jupyter server`` (or ``jupyter lab``) in a process of its own.

    Parameters
    ----------
    app
        ``"server"`` or ``"lab"``.
    python
        Interpreter of the environment it runs in.
    environ
        Environment variables on top of the present ones.
    """

    def __init__(self, app: str = "server", python: str = sys.executable, **environ: str) -> None:
        self.token = secrets.token_hex(16)
        self.port = free_port()
        self._folder = tempfile.TemporaryDirectory(prefix="dasklab-bench-server-")
        self._command = [
            # Not "-m jupyter": that runs the first jupyter-lab of the PATH.
            python, "-m", MODULES[app], "--no-browser", "--allow-root", "--ip=127.0.0.1",
            f"--port={self.port}", "--ServerApp.port_retries=0",
            f"--ServerApp.root_dir={self._folder.name}",
            f"--IdentityProvider.token={self.token}",
        ]  # fmt: skip
        # Its own: the user's workspaces would open panels and notebooks, his settings change both.
        config = {"JUPYTER_CONFIG_DIR": f"{self._folder.name}/.config"}
        self._environ = {**os.environ, **config, **environ}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it answers, without the token."""
        return f"http://127.0.0.1:{self.port}/"

    @property
    def root(self) -> str:
        """Its root folder."""
        return self._folder.name

    def __enter__(self) -> Server:
        self._log = open(f"{self._folder.name}/../{self.port}.log", "wb")
        self._process = subprocess.Popen(
            self._command, env=self._environ, stdout=self._log, stderr=subprocess.STDOUT
        )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                self.get("api/status")
                return self
            except (OSError, http.client.HTTPException):
                time.sleep(0.1)
        raise TimeoutError("the server did not come up")

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._log.close()
        os.unlink(self._log.name)
        self._folder.cleanup()

    def kill(self) -> None:
        """Its sudden death."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """One request; the JSON of the answer."""
        content = self.fetch(method, path, body)
        return json.loads(content) if content else None

    def fetch(self, method: str, path: str, body: object = None) -> bytes:
        """One request, on a connection of its own; what is answered, unread."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(
                method,
                f"/{path}",
                None if body is None else json.dumps(body),
                {"Authorization": f"token {self.token}"},
            )
            response = connection.getresponse()
            content = response.read()
            if response.status >= 400:
                raise RuntimeError(f"{method} {path}: {response.status} {content[:300]!r}")
            return content
        finally:
            connection.close()

    def get(self, path: str) -> Any:
        """The JSON at a path."""
        return self.ask("GET", path)
