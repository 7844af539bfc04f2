from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dasklab.client import Cluster
from dasklab.deployments.local import Local
from dasklab.errors import DasklabError, PortTaken, StartFailed
from dasklab.model.scaling import Scaling

from ..support import kill, wait_for

Launch = Callable[..., Cluster]


def arguments(scaling: Scaling | None, **options: Any) -> dict[str, Any]:
    return Local.arguments(options, scaling)


# -- what LocalCluster is given --------------------------------------------------------------------
@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four cores, sixteen gigabytes."""
    monkeypatch.setattr("dask.system.CPU_COUNT", 4)
    monkeypatch.setattr("distributed.system.MEMORY_LIMIT", 16 * 2**30)


@pytest.mark.usefixtures("machine")
@pytest.mark.parametrize(
    ("scaling", "threads", "gigabytes"),
    [
        (Scaling(1), 4, 16),
        (Scaling(2), 2, 8),
        (Scaling(4), 1, 4),
        (Scaling(8), 1, 2),
        (Scaling(0), 4, 16),
        (Scaling(0, 0, 8), 1, 2),
        (Scaling(3), 1, 4),
    ],
)
def test_cores_and_memory_are_shared_out(scaling: Scaling, threads: int, gigabytes: int) -> None:
    """Dask's own ``auto`` gives four workers on two cores twice the machine's memory."""
    found = arguments(scaling)

    assert found["threads_per_worker"] == threads
    assert found["memory_limit"] == gigabytes * 2**30
    most = max(1, scaling.maximum or scaling.wanted)
    assert most * found["memory_limit"] <= 16 * 2**30


@pytest.mark.usefixtures("machine")
def test_what_is_given_is_given() -> None:
    found = arguments(
        Scaling(2), threads_per_worker=3, memory_limit="1GiB", resources={"GPU": 1}, environ={}
    )

    assert found["threads_per_worker"] == 3
    assert found["memory_limit"] == "1GiB"
    assert found["resources"] == {"GPU": 1}
    assert "env" not in found


@pytest.mark.parametrize("options", [{}, {"processes": False}, {"threads_per_worker": 1}])
def test_a_number_of_workers_is_always_chosen(options: dict[str, Any]) -> None:
    found = arguments(None, **options)

    assert found["n_workers"] >= 1
    assert found["processes"] or found["n_workers"] == 1


def test_everything_is_on_loopback() -> None:
    assert arguments(Scaling(1))["host"] == "127.0.0.1"
    assert "'127.0.0.1'" in Local.preview({}, Scaling(1))


def test_preview_of_adaptive_scaling() -> None:
    text = Local.preview({}, Scaling(1, 1, 4))

    assert "cluster.adapt(minimum=1, maximum=4)" in text


def test_preview_quotes_hostile_text() -> None:
    nasty = 'x")\n__import__("os").system("touch /tmp/owned")#'
    text = Local.preview({"local_directory": nasty, "environ": {"A": nasty}}, Scaling(1))

    import ast

    imports = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    assert [ast.unparse(node.func) for node in imports] == ["LocalCluster"]


# -- what goes wrong, for real ---------------------------------------------------------------------
def test_port_that_is_taken(launch: Launch, registry: Any) -> None:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen()
        port = sock.getsockname()[1]
        with pytest.raises(PortTaken) as caught:
            launch(scheduler_port=port)

    assert caught.value.message == f"Port {port} of 127.0.0.1 is taken."
    assert "leave it unset" in caught.value.hint
    assert registry.records()[0][0].phase.value == "failed"


def test_port_that_is_asked_for(launch: Launch) -> None:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
    cluster = launch(workers=0, scheduler_port=port)

    assert cluster.scheduler_address == f"tcp://127.0.0.1:{port}"
    cluster.stop()


def test_worker_that_cannot_start_says_why(launch: Launch) -> None:
    """Dask says "Nanny failed to start." and nothing else."""
    with pytest.raises(StartFailed, match="No module named 'no_such_module_at_all'"):
        launch(preload=["no_such_module_at_all"])


def test_a_worker_that_was_killed_is_explained(launch: Launch) -> None:
    cluster = launch()
    with cluster.client(set_as_default=False) as client:
        (pid,) = client.run(os.getpid).values()
    kill(pid)
    found = wait_for(
        lambda: [one for one in cluster.why()["advice"] if one["code"] == "worker.died"], 60
    )

    assert "was killed by signal 9" in found[0]["message"]
    cluster.stop()


def test_scratch_folder_that_cannot_be_made(launch: Launch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DasklabError) as caught:
        launch(local_directory=str(tmp_path / "file" / "below"))

    assert "did not start" in caught.value.message


def test_scratch_folder_of_ones_own_is_used_and_kept(launch: Launch, tmp_path: Path) -> None:
    cluster = launch(local_directory=str(tmp_path))
    with cluster.client(set_as_default=False) as client:
        folders = client.run(lambda dask_worker: dask_worker.local_directory)
    assert all(str(folder).startswith(str(tmp_path)) for folder in folders.values())
    cluster.stop()

    assert tmp_path.exists()
    assert not list(tmp_path.rglob("worker-*"))


def test_workers_find_what_lies_beside_the_notebook(launch: Launch, tmp_path: Path) -> None:
    (tmp_path / "beside.py").write_text("def answer(): return 42")
    cluster = launch(cwd=str(tmp_path), workers=1)

    def ask() -> Any:
        import beside  # type: ignore[import-not-found]

        return beside.answer(), os.getcwd()

    with cluster.client(set_as_default=False) as client:
        assert client.submit(ask).result(timeout=30) == (42, str(tmp_path))
    cluster.stop()


def test_threads_instead_of_processes(launch: Launch) -> None:
    cluster = launch(workers=2, processes=False, environ={"MINE": "x"})
    with cluster.client(set_as_default=False) as client:
        assert client.submit(lambda: __import__("os").environ["MINE"]).result(timeout=30) == "x"
        pids = set(client.run(os.getpid).values())
        assert client.submit(sum, [1, 2, 3]).result(timeout=30) == 6
    assert cluster.record.host is not None
    assert pids == {cluster.record.host.pid}
    assert cluster.scheduler_address is not None
    assert cluster.scheduler_address.startswith("tcp://127.0.0.1:")
    cluster.stop()


def test_kernels_configuration_reaches_the_cluster(launch: Launch) -> None:
    import dask

    with dask.config.set({"distributed.scheduler.allowed-failures": 7}):
        cluster = launch(workers=0)
    with cluster.client(set_as_default=False) as client:
        failures = client.run_on_scheduler(lambda dask_scheduler: dask_scheduler.allowed_failures)
        routes = client.run_on_scheduler(
            lambda: __import__("dask").config.get("distributed.scheduler.http.routes")
        )
    assert failures == 7
    assert "distributed.http.proxy" not in routes, "it proxies to any port of any worker's host"
    cluster.stop()
