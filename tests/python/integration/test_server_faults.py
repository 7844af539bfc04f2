"""Jupyter servers come and go; clusters stay, and the next server finds them."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dasklab.client import Cluster, find
from dasklab.registry import Registry

from ..support import SmallDisk, alive, make_record, marked, wait_for

TOKEN = "of-this-test"


class Server:
    """A real Jupyter server with dasklab's extension."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as sock:
            sock.bind(("127.0.0.1", 0))
            self.port = sock.getsockname()[1]
        self.log = (folder / f"server-{self.port}.log").open("w+")
        environ = {
            **os.environ,
            "JUPYTER_CONFIG_DIR": str(folder / "config"),
            "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
            "JUPYTER_DATA_DIR": str(folder / "data"),
        }
        argv = [sys.executable, "-m", "jupyter", "server", "--no-browser", "--allow-root"]
        argv += [f"--ServerApp.port={self.port}", f"--IdentityProvider.token={TOKEN}"]
        argv += ["--ServerApp.jpserver_extensions={'dasklab.server': True}"]
        argv += [f"--ServerApp.root_dir={folder}"]
        self.process = subprocess.Popen(
            # No terminal: as a Hub or an init system starts it, where SIGINT just ends it.
            argv,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
            cwd=folder,
        )

    def __enter__(self) -> Server:
        wait_for(self.ready, 60, "the server")
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        self.log.close()

    def ready(self) -> bool:
        with contextlib.suppress(OSError):
            self.ask("GET", "clusters")
            return True
        return False

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Status and JSON of a request to dasklab's API."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/dasklab/api/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"token {TOKEN}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return response.status, json.loads(response.read() or b"null")
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())

    def end(self, number: int) -> float:
        """Send a signal; seconds until it has ended."""
        begin = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(30)
        return time.monotonic() - begin


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[[], Server]]:
    with contextlib.ExitStack() as stack:
        yield lambda: stack.enter_context(Server(tmp_path))


def everything(home: Path) -> list[int]:
    return [pid for pid in marked(f"DASKLAB_HOME={home}") if alive(pid)]


@pytest.mark.usefixtures("catalogued")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=["restart", "kill -9"])
def test_clusters_outlive_their_server(
    serve: Callable[[], Server], home: Path, number: int
) -> None:
    first = serve()
    status, made = first.ask(
        "POST",
        "clusters",
        {
            "deployment": "local",
            "name": "weather",
            "workers": 2,
            "options": {"threads_per_worker": 1},
        },
    )
    assert (status, made["phase"]) == (202, "starting")
    cluster = find("weather")
    cluster.wait(timeout=60)
    cluster.keep()
    with cluster.client(set_as_default=False) as client:
        client.publish_dataset(mine=client.submit(list, range(100)))
        pids = sorted(client.run(os.getpid).values())
    first.end(number)

    second = serve()
    status, answer = second.ask("GET", "clusters")
    assert status == 200
    (found,) = answer["clusters"]
    assert (found["id"], found["name"], found["phase"]) == (made["id"], "weather", "running")
    assert found["options"] == {"threads_per_worker": 1}
    assert found["lease"]["pinned"] is True
    kinds = [event["kind"] for event in found["events"]]
    assert kinds[:3] == ["launched", "started", "keep"]
    with cluster.client(set_as_default=False) as client:
        assert client.get_dataset("mine").result() == list(range(100))
        assert sorted(client.run(os.getpid).values()) == pids
    assert second.ask("POST", f"clusters/{made['id']}/scale", {"workers": 1})[0] == 202
    wait_for(lambda: cluster.info["workers"]["running"] == 1, 20)
    assert second.ask("DELETE", f"clusters/{made['id']}")[0] == 202
    wait_for(lambda: cluster.record.phase.ended)
    second.end(signal.SIGTERM)
    wait_for(lambda: not everything(home), what="the end of all processes")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_server_that_follows_clusters_ends_when_it_is_told(
    serve: Callable[[], Server], number: int
) -> None:
    server = serve()
    assert server.ask("GET", "clusters")[0] == 200  # from now on it watches the folder

    assert server.end(number) < 10
    assert server.process.returncode in (0, -number, 128 + number)


@pytest.mark.usefixtures("catalogued")
def test_server_killed_while_a_cluster_starts(serve: Callable[[], Server], home: Path) -> None:
    first = serve()
    status, made = first.ask("POST", "clusters", {"deployment": "local", "workers": 1})
    first.end(signal.SIGKILL)

    assert status == 202
    cluster = find(made["name"])
    assert cluster.wait(timeout=60)["workers"]["running"] == 1
    cluster.stop()
    wait_for(lambda: not everything(home), what="the end of all processes")


def test_damaged_records_are_told_of_and_hide_no_other(
    serve: Callable[[], Server], registry: Registry
) -> None:
    registry.write(make_record(id="a" * 32, name="good"))
    for number, content in enumerate(
        (b"{", b"", b'{"version": 99}', b'{"version":1,"created":"x"}')
    ):
        path = registry.clusters / f"{number}bad.json"
        path.write_bytes(content)
        path.chmod(0o600)
    server = serve()
    status, answer = server.ask("GET", "clusters")

    assert status == 200
    assert [cluster["name"] for cluster in answer["clusters"]] == ["good"]
    assert sorted(problem["code"] for problem in answer["problems"]) == [
        "record.corrupt",
        "record.corrupt",
        "record.corrupt",
        "record.newer",
    ]
    status, answer = server.ask("GET", "clusters/0bad")
    assert answer["error"]["code"] == "record.corrupt"
    assert status == 500
    for path in registry.clusters.iterdir():
        path.unlink()


@pytest.mark.usefixtures("catalogued")
def test_full_disk_is_said(serve: Callable[[], Server], small_disk: SmallDisk) -> None:
    server = serve()
    small_disk.fill(server.process.pid)
    status, answer = server.ask("POST", "clusters", {"deployment": "local", "workers": 1})

    assert (status, answer["error"]["code"]) == (507, "registry.disk_full")
    assert "the disk is full" in answer["error"]["message"]
    small_disk.free()
    status, made = server.ask("POST", "clusters", {"deployment": "local", "workers": 0})
    assert status == 202
    Cluster(Registry().get(made["id"])).stop()
