"""MPI, with a real Open MPI. One world is shared: it cannot be scaled, so not by the contract."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

import psutil
import pytest
import requests

import dasklab
from dasklab.client import Cluster
from dasklab.errors import StartFailed, Unsupported, WorkersInvalid
from dasklab.launching import LaunchRequest, preview

from ..backends import require
from ..support import alive, kill, marked, wait_for
from .suite import connected

PATIENCE = 60.0


@pytest.fixture(autouse=True, scope="module")
def open_mpi() -> Iterator[None]:
    """Open MPI, which runs as root only where that is said twice."""
    require("mpirun")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OMPI_ALLOW_RUN_AS_ROOT", "1")
        patch.setenv("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1")
        yield


class TestWorld:
    deployment: ClassVar[str] = "mpi"
    options: ClassVar[dict[str, Any]] = {"nthreads": 1, "oversubscribe": True}

    def test_its_ranks_are_a_cluster(self, shared: Cluster) -> None:
        info = shared.info

        assert (info["phase"], info["workers"]["running"], info["cores"]) == ("running", 2, 2)
        assert [step["name"] for step in info["steps"]][-2:] == ["mpirun", "scheduler"]
        assert shared.scheduler_address is not None
        assert shared.scheduler_address.startswith("tcp://127.0.0.1:")
        with connected(shared) as client:
            assert client.gather(client.map(lambda x: x + 1, range(20))) == list(range(1, 21))
            ranks = client.run(lambda: __import__("os").environ["OMPI_COMM_WORLD_RANK"])
            wait_for(lambda: shared.info["clients"] == 1)
        assert sorted(ranks.values()) == ["1", "2"]
        wait_for(lambda: shared.info["clients"] == 0)
        assert wait_for(lambda: shared.logs("scheduler"))
        assert wait_for(lambda: shared.logs("workers"))

    def test_everything_of_it_is_on_loopback(self, shared: Cluster) -> None:
        address = shared.mount_dashboard()

        assert address.startswith("http://127.0.0.1:")
        assert requests.get(f"{address}/status", timeout=PATIENCE).ok
        with connected(shared) as client:
            identity = client.scheduler_info(n_workers=-1)
        places = [identity["address"], *identity["workers"], address]
        places += [worker["nanny"] for worker in identity["workers"].values()]
        ports = {urlsplit(place).port for place in places}
        ports |= {port for w in identity["workers"].values() for port in w["services"].values()}
        listening = {
            (connection.laddr.ip, connection.laddr.port)
            for connection in psutil.net_connections("tcp")
            if connection.status == psutil.CONN_LISTEN and connection.laddr.port in ports
        }
        # MPI's own connections are MPI's: where those go is for its settings to say.
        assert listening == {("127.0.0.1", port) for port in ports}

    def test_it_does_not_scale(self, shared: Cluster) -> None:
        with pytest.raises(Unsupported, match="cannot scale"):
            shared.scale(1)

    def test_preview_is_what_runs(self, shared: Cluster) -> None:
        request = LaunchRequest(self.deployment, workers=2, options=dict(self.options))
        text = preview(request)["text"]
        command = [line for line in text.splitlines() if not line.startswith("#")]
        said = shlex.split(" ".join(line.removesuffix("\\") for line in command))
        lines = _processes(shared)
        ran = next(_words(pid) for pid, line in lines.items() if line.startswith("mpirun"))

        file = ran[ran.index("--scheduler-file") + 1]
        assert [word.replace("SCRATCH/scheduler.json", file) for word in said] == ran


def _words(pid: int) -> list[str]:
    with open(f"/proc/{pid}/cmdline", encoding="utf-8") as file:
        return file.read().split("\0")[:-1]


def _processes(cluster: Cluster) -> dict[int, str]:
    return marked(f"DASKLAB_HOME={cluster._cluster._registry.folder}")


def test_killing_its_host_ends_every_rank(launch: Callable[..., Cluster], home: Any) -> None:
    cluster = launch("mpi", workers=1, name="killed", oversubscribe=True)
    host = cluster.record.host
    assert host is not None
    assert any("mpirun" in line for line in marked(f"DASKLAB_HOME={home}").values())
    kill(host.pid)

    wait_for(lambda: cluster.phase == "lost", PATIENCE)
    wait_for(
        lambda: not [pid for pid in marked(f"DASKLAB_HOME={home}") if alive(pid)],
        PATIENCE,
        "the end",
    )


@pytest.mark.parametrize(
    ("options", "sentence", "hint"),
    [
        ({"workers": 500}, "Open MPI has fewer slots than the 501 ranks", "--oversubscribe"),
        ({"interface": "eth9", "oversubscribe": True}, "no network interface eth9", "--interface"),
        (
            {"launcher": "/nowhere/mpirun"},
            "/nowhere/mpirun cannot be run: No such file",
            "--launcher",
        ),
        ({"launcher": "sh -c 'echo Sorry >&2; exit 3'"}, r"\(exit code 3\): Sorry\.", "logs host"),
    ],
    ids=["slots", "interface", "no launcher", "anything else"],
)
def test_failures_are_readable(
    launch: Callable[..., Cluster], options: dict[str, Any], sentence: str, hint: str
) -> None:
    with pytest.raises(StartFailed, match=sentence) as caught:
        launch("mpi", **{"workers": 1, **options})
    assert hint in caught.value.hint


@pytest.mark.usefixtures("catalogued")
def test_a_world_has_a_fixed_number_of_ranks() -> None:
    for workers in (0, "1:4"):
        with pytest.raises(WorkersInvalid, match="fixed number of ranks"):
            preview(LaunchRequest("mpi", workers=workers))
        with pytest.raises(WorkersInvalid, match="fixed number of ranks"):
            dasklab.launch("mpi", workers=workers)


def test_what_to_mind_is_said_before(catalogued: None) -> None:
    outside = preview(LaunchRequest("mpi", options={"interface": "eth0"}))
    open_to_all = preview(LaunchRequest("mpi", options={"interface": "eth0", "tls": "off"}))[
        "advice"
    ]
    alone = preview(LaunchRequest("mpi", options={"hosts": ["node1:2"]}))["advice"]

    assert outside["advice"] == []
    assert "--protocol tls://" in outside["text"]
    assert "TLS__SCHEDULER__KEY=FOLDER/client_key.pem" in outside["text"]
    assert [found["code"] for found in open_to_all] == ["mpi.open"]
    assert [found["code"] for found in alone] == ["mpi.loopback"]
    assert preview(LaunchRequest("mpi"))["advice"] == []


def test_a_rank_that_dies_is_said(launch: Callable[..., Cluster]) -> None:
    """With TLS, as beyond this machine; its files end with it."""
    cluster = launch("mpi", workers=1, name="dying", oversubscribe=True, tls="on")
    assert cluster.scheduler_address is not None
    assert cluster.scheduler_address.startswith("tls://127.0.0.1:")
    files = (cluster.record.scheduler or {})["security"]
    assert {Path(file).stat().st_mode & 0o777 for file in files.values()} == {0o600}
    with connected(cluster) as client:
        rank = next(iter(client.run(lambda dask_worker: __import__("os").getppid()).values()))
    kill(rank)

    wait_for(lambda: cluster.phase == "failed", PATIENCE, "noticing")
    assert "mpirun has ended" in cluster.info["reason"]["message"]
    assert dasklab.clusters() == []
    wait_for(lambda: not any(map(os.path.exists, files.values())), PATIENCE, "their end")
