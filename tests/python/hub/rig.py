"""Starts and stops a real JupyterHub with configurable-http-proxy, and talks to it.

For the tests, for the browser suite (``python -m tests.python.hub``) and for the benchmark.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import requests

from ..support import alive, end_leftovers, marked, wait_for

__all__ = ("ROOT", "Hub")

ROOT = Path(__file__).parents[3]
PROXY = ROOT / "node_modules" / "configurable-http-proxy" / "bin" / "configurable-http-proxy"

SERVERS = {
    # No standby: what is left when a test ends is then a fault.
    "DASK_DASKLAB__STANDBY__ENABLED": "false",
    # The Hub hears of activity as soon as there is some.
    "JUPYTERHUB_ACTIVITY_INTERVAL": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
}


def free_ports(count: int) -> list[int]:
    """Ports of 127.0.0.1 that nobody uses at the moment."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()


class Hub:
    """A JupyterHub in processes of its own, everything of it in one folder.

    Parameters
    ----------
    base
        Its base URL, slashes at both ends.
    environ
        Environment variables of the users' servers, beside what a Hub gives them.
    """

    def __init__(self, base: str = "/", environ: Mapping[str, str] | None = None) -> None:
        # Short: the path of a socket has 108 bytes.
        self.folder = Path(tempfile.mkdtemp(prefix="dlh-"))
        port, hub_port, proxy_port = free_ports(3)
        self.origin = f"http://127.0.0.1:{port}"
        self.base = base
        self.token = secrets.token_hex(16)
        self.culler_token = secrets.token_hex(16)
        self.password = secrets.token_hex(8)
        temporary = self.folder / "tmp"
        temporary.mkdir()
        self._rig = {
            "folder": str(self.folder),
            "url": self.url,
            "hub_port": hub_port,
            "proxy_port": proxy_port,
            "token": self.token,
            "culler_token": self.culler_token,
            "proxy_token": secrets.token_hex(16),
            "password": self.password,
            "proxy": str(PROXY),
            "singleuser": str(Path(sys.executable).with_name("jupyterhub-singleuser")),
            "environment": {**SERVERS, "TMPDIR": str(temporary), **(environ or {})},
        }
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where browsers find it."""
        return f"{self.origin}{self.base}"

    @property
    def log(self) -> str:
        """What it has said so far."""
        return (self.folder / "hub.log").read_text(encoding="utf-8", errors="replace")

    def __enter__(self) -> Hub:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- the Hub itself --------------------------------------------------------------------------
    def start(self) -> None:
        """Start it, and wait until it answers."""
        if not PROXY.exists():
            raise FileNotFoundError(f"{PROXY} is missing: run make build.")
        command = [sys.executable, "-m", "jupyterhub"]
        config = Path(__file__).with_name("jupyterhub_config.py")
        environ = {
            "HOME": str(self.folder),
            "HUB_RIG": json.dumps(self._rig),
            "LANG": "C.UTF-8",
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        }
        with open(self.folder / "hub.log", "wb") as log:
            self._process = subprocess.Popen(
                [*command, "-f", str(config)],
                stdout=log,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                cwd=self.folder,
                env=environ,
                start_new_session=True,
            )

        def up() -> bool:
            assert self._process is not None
            if self._process.poll() is not None:
                raise RuntimeError(f"JupyterHub ended:\n{self.log[-4000:]}")
            try:
                return requests.get(f"{self.url}hub/api/", timeout=5).ok
            except requests.RequestException:
                return False

        wait_for(up, 60, "JupyterHub's start")

    def close(self) -> None:
        """Stop the users' servers, their clusters and the Hub, and look that nothing is left."""
        users = [path.name for path in (self.folder / "home").glob("*")]
        for name in users:
            self.stop_server(name)
        for name in users:
            end_leftovers(self.state(name))
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(30)
        wait_for(lambda: not self.processes(), 10, "the end of the Hub's processes")
        shutil.rmtree(self.folder, ignore_errors=True)

    def processes(self) -> dict[int, str]:
        """All processes of the Hub, its users and their clusters."""
        return {pid: line for pid, line in marked(str(self.folder)).items() if alive(pid)}

    # -- its REST API ----------------------------------------------------------------------------
    def api(self, method: str, path: str, token: str | None = None, **keywords: Any) -> Any:
        """One request to the Hub's API, as an admin; its response."""
        return requests.request(
            method,
            f"{self.url}hub/api/{path}",
            headers={"Authorization": f"token {token or self.token}"},
            timeout=60,
            **keywords,
        )

    def start_server(self, name: str) -> User:
        """A user with a running server: both are made where there is none."""
        self.api("POST", f"users/{name}")
        (self.folder / "home" / name).mkdir(parents=True, exist_ok=True)
        if not self.server(name):
            answer = self.api("POST", f"users/{name}/server")
            if answer.status_code not in (201, 202):
                raise RuntimeError(f"{name}'s server: {answer.status_code} {answer.text}")
        wait_for(lambda: self.server(name).get("ready"), 90, f"the start of {name}'s server")
        token = self.api("POST", f"users/{name}/tokens", json={}).json()["token"]
        return User(self, name, token)

    def stop_server(self, name: str) -> None:
        """Stop a user's server; waits until it is gone."""
        self.api("DELETE", f"users/{name}/server")
        wait_for(lambda: not self.server(name), 60, f"the end of {name}'s server")

    def server(self, name: str) -> dict[str, Any]:
        """What the Hub says of a user's server; empty without one."""
        model = self.api("GET", f"users/{name}", params={"include_stopped_servers": ""}).json()
        found = model.get("servers", {}).get("", {})
        return found if found.get("ready") or found.get("pending") else {}

    def state(self, name: str) -> Path:
        """Where a user's records are: the default below the home that the Hub gave them."""
        return self.folder / "home" / name / ".local" / "state" / "dasklab"

    def browser(self, name: str) -> requests.Session:
        """A browser in which that user has logged in with the password, cookies and all."""
        session = requests.Session()
        page = session.get(f"{self.url}hub/login", timeout=30)
        xsrf = re.search(r'name="_xsrf" value="([^"]+)"', page.text)
        assert xsrf, page.text
        answer = session.post(
            f"{self.url}hub/login",
            data={"username": name, "password": self.password, "_xsrf": xsrf[1]},
            timeout=30,
            allow_redirects=False,
        )
        assert answer.status_code == 302, answer.text
        return session


class User:
    """A user with a running server, reached through the Hub's proxy.

    Parameters
    ----------
    token
        The user's own; with ``None`` nobody in particular asks.
    """

    def __init__(self, hub: Hub, name: str, token: str | None) -> None:
        self.hub, self.name, self.token = hub, name, token

    @property
    def prefix(self) -> str:
        """The path of the user's server."""
        return f"{self.hub.base}user/{self.name}/"

    @property
    def url(self) -> str:
        """The address of the user's server."""
        return f"{self.hub.origin}{self.prefix}"

    @property
    def headers(self) -> dict[str, str]:
        """What says who asks."""
        return {"Authorization": f"token {self.token}"} if self.token else {}

    def ask(self, method: str, path: str, **keywords: Any) -> requests.Response:
        """One request to the user's server; redirects are answers."""
        keywords.setdefault("allow_redirects", False)
        headers = {**self.headers, **keywords.pop("headers", {})}
        return requests.request(method, self.url + path, headers=headers, timeout=60, **keywords)

    def fetch(self, path: str) -> str:
        """The text at an absolute path of this site."""
        answer = requests.get(self.hub.origin + path, headers=self.headers, timeout=60)
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text[:500]}"
        return answer.text

    def get(self, path: str) -> Any:
        """The JSON at a path."""
        answer = self.ask("GET", path)
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text[:500]}"
        return answer.json()

    def clusters(self) -> list[dict[str, Any]]:
        """The user's list."""
        return list(self.get("dasklab/api/clusters")["clusters"])

    def launch(self, name: str, workers: int = 1) -> dict[str, Any]:
        """A cluster that runs."""
        data = {"deployment": "local", "name": name, "workers": workers}
        answer = self.ask("POST", "dasklab/api/clusters", json=data)
        assert answer.status_code == 202, answer.text
        cluster = answer.json()
        path = f"dasklab/api/clusters/{cluster['id']}"
        wait_for(lambda: self.get(path)["workers"]["running"] == workers, 60, f"{name}'s start")
        return dict(self.get(path))

    def stop_clusters(self) -> None:
        """End all clusters, and forget them."""
        for cluster in self.clusters():
            self.ask("DELETE", f"dasklab/api/clusters/{cluster['id']}")
        ended = ("stopped", "failed", "lost")
        wait_for(lambda: all(one["phase"] in ended for one in self.clusters()), 30)
        for cluster in self.clusters():
            self.ask("DELETE", f"dasklab/api/clusters/{cluster['id']}")

    def nobody(self) -> User:
        """The same server, asked by somebody who has not logged in."""
        return User(self.hub, self.name, None)

    def asked_by(self, other: User) -> User:
        """The same server, asked by another user of the Hub."""
        return User(self.hub, self.name, other.token)

    def view(self, cluster: Mapping[str, Any], page: str = "status") -> str:
        """The path of a page of a cluster's dashboard, by a new capability."""
        path = f"dasklab/api/clusters/{cluster['id']}/view"
        answer = self.ask("POST", path, json={"page": page})
        assert answer.status_code == 200, answer.text
        return str(answer.json()["url"])
