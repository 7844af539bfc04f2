"""Clusters that plain Dask code makes in a notebook: listed, scaled and stopped like any other."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dasklab.client import Cluster, asynchronous
from dasklab.client.transport import HttpTransport
from dasklab.errors import ClusterGone, HostUnreachable, Unsupported
from dasklab.registry import Registry

from ..conftest import own_home
from ..magics.kernels import Cell, Kernel
from ..support import kill, wait_for

LOCAL = "LocalCluster(n_workers=1, threads_per_worker=1, processes=False, dashboard_address=':0')"


class Notebook:
    """A kernel with dasklab loaded, seen from its cells and from outside."""

    def __init__(self, kernel: Kernel, home: Path) -> None:
        self.kernel = kernel
        self.registry = Registry(home)

    def run(self, code: str) -> str:
        """Run a cell; what it printed."""
        cell = self.kernel.run(code)
        assert not cell.error, cell.error
        return cell.text.strip()

    def start(self, code: str) -> Cell:
        """Begin a cell, and wait until it has printed something."""
        cell = self.kernel.start(code)
        return self.kernel.follow(cell, until=lambda cell: bool(cell.text))

    @property
    def listed(self) -> list[Cluster]:
        """The living clusters, as another process lists them."""
        records, problems = self.registry.records()
        assert problems == []
        return [
            Cluster(record, registry=self.registry) for record in records if not record.phase.ended
        ]

    def one(self) -> Cluster:
        """The only cluster in the list, once it runs."""
        wait_for(lambda: [c.phase for c in self.listed] == ["running"], 20, "one cluster")
        return self.listed[0]

    def none(self) -> None:
        """Wait until the list is empty."""
        wait_for(lambda: not self.listed, 20, "the end of all clusters")


@pytest.fixture(scope="module", autouse=True)
def _plain_scratch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What plain Dask leaves when it is killed is not ours to remove."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DASK_TEMPORARY_DIRECTORY", str(tmp_path_factory.mktemp("plain")))
        yield


@pytest.fixture(scope="module")
def notebook() -> Iterator[Notebook]:
    """One kernel for the tests of this module; each ends what it has begun."""
    with own_home() as home, Kernel() as kernel:
        found = Notebook(kernel, home)
        found.run(
            "%load_ext dasklab\n"
            "import dasklab, gc, os, time, weakref\n"
            "from dask.distributed import Client, LocalCluster\n"
        )
        yield found


@pytest.fixture
def scheduler(home: Path) -> Iterator[str]:
    """The address of a scheduler that somebody else runs, with one worker."""
    environ: Any = {**os.environ, "DASKLAB_HOME": f"{home}-not"}
    with subprocess.Popen(
        [
            sys.executable,
            "-m",
            "distributed.cli.dask_scheduler",
            "--host",
            "127.0.0.1",
            "--port",
            "0",
            "--dashboard-address",
            "127.0.0.1:0",
        ],
        stderr=subprocess.PIPE,
        text=True,
        env=environ,
    ) as process:
        address = ""
        assert process.stderr is not None
        while not address:
            line = process.stderr.readline()
            assert line, "the scheduler has ended"
            if "Scheduler at:" in line:
                address = line.split("Scheduler at:")[1].strip()
        yield address
        process.kill()


def test_cluster_is_listed_by_itself(notebook: Notebook) -> None:
    notebook.run(f"cluster = {LOCAL}")
    info = notebook.one().info

    assert info["kind"] == "LocalCluster"
    assert (info["name"], info["origin"], info["deployment"]) == (
        "LocalCluster-1",
        "kernel",
        "published",
    )
    assert info["workers"]["running"] == 1
    assert info["environment"]["python"] == sys.executable
    assert info["lease"] == {}
    assert "keep" not in info["can"]
    assert notebook.run("cluster.close()") == ""
    notebook.none()
    assert notebook.run("") == "", "nothing of it is printed into cells"
    ended = notebook.registry.records()[0][0]
    assert ended.phase.value == "stopped"
    assert ended.reason is not None
    assert ended.reason["message"] == "It was shut down by its notebook."


def test_scaled_and_stopped_while_a_cell_runs(notebook: Notebook) -> None:
    notebook.run(f"cluster = {LOCAL}")
    cluster = notebook.one()
    cell = notebook.start("print('begun', flush=True)\nwhile True: time.sleep(0.05)")

    cluster.scale(3, wait=True, timeout=20)
    assert cluster.info["workers"]["running"] == 3
    cluster.scale(1, wait=True, timeout=20)
    cluster.scale((1, 2))
    assert cluster.info["workers"]["maximum"] == 2
    cluster.scale(1, wait=True, timeout=20)
    assert cluster.mount_dashboard().startswith("http://127.0.0.1:")
    assert cluster.logs("scheduler", 5)
    cluster.stop()
    notebook.none()

    notebook.kernel.interrupt()
    notebook.kernel.follow(cell)
    assert "KeyboardInterrupt" in cell.error, "the cell ran all the time"
    assert notebook.run("print(cluster.status.name)") == "closed"


def test_kernel_that_cannot_answer_is_named(
    notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cell in C that keeps the GIL keeps the host's thread waiting as well: nobody can ask."""
    monkeypatch.setattr(asynchronous, "ANSWERING", 1.0)
    notebook.run(f"cluster = {LOCAL}\nimport ctypes")
    cluster = notebook.one()
    cell = notebook.kernel.start("ctypes.PyDLL(None).sleep(120)")
    wait_for(lambda: not answers(cluster), 30, "silence")

    with pytest.raises(HostUnreachable, match="'LocalCluster-1' does not answer") as caught:
        cluster.stop()
    assert "holds Python's lock" in caught.value.message
    assert "restarting that kernel" in caught.value.hint
    assert cluster.phase == "running"

    notebook.kernel.interrupt()  # the C library's sleep ends at a signal
    notebook.kernel.follow(cell)
    cluster.stop()
    notebook.none()


def answers(cluster: Cluster) -> bool:
    """Whether its host does, within a moment."""
    control = cluster.record.control
    assert control is not None
    try:
        asyncio.run(HttpTransport().request(control, "status", None, 0.5))
    except HostUnreachable:
        return False
    return True


def test_client_and_its_cluster_are_one(notebook: Notebook) -> None:
    notebook.run(
        "client = Client(n_workers=1, processes=False, dashboard_address=':0')\n"
        "again = Client(client.cluster)\n"
        "dasklab.publish(client); dasklab.publish(client.cluster); dasklab.publish(again)\n"
    )
    cluster = notebook.one()

    assert cluster.name == "LocalCluster-1"
    wait_for(lambda: cluster.info["clients"] == 2, what="the second client")
    with pytest.raises(AssertionError):
        wait_for(lambda: len(notebook.listed) > 1, timeout=1.0)
    with pytest.raises(Unsupported, match="threads of another notebook's kernel"):
        cluster.client()
    notebook.run("again.close(); client.close()")
    notebook.none()


def test_scheduler_of_somebody_else(notebook: Notebook, scheduler: str) -> None:
    notebook.run(f"client = Client({scheduler!r})")
    cluster = notebook.one()
    assert cluster.name == "Client-1"
    assert cluster.info["scheduler"]["address"] == scheduler
    assert cluster.mount_dashboard()
    assert cluster.logs("scheduler", 5)
    with pytest.raises(Unsupported, match="cannot scale"):
        cluster.scale(2)

    notebook.run(f"second = Client({scheduler!r})")
    with pytest.raises(AssertionError):
        wait_for(lambda: len(notebook.listed) != 1, timeout=1.0)
    assert notebook.run("client.close(); print('closed')") == "closed"
    # The other client is still there, so is the scheduler, and so must be its place in the list.
    wait_for(lambda: [c.phase for c in notebook.listed] == ["running"], 10)
    first_id = cluster.id
    assert wait_for(lambda: notebook.one().id != first_id, 10)
    notebook.one().stop(detach=True)  # as when all are stopped
    notebook.none()
    assert notebook.run("print(second.status)") == "closed"
    host, port = scheduler.removeprefix("tcp://").split(":")
    socket.create_connection((host, int(port)), timeout=10).close()  # it goes on


def test_scheduler_of_somebody_else_is_shut_down(notebook: Notebook, scheduler: str) -> None:
    notebook.run(f"client = Client({scheduler!r})")
    notebook.one().stop()

    notebook.none()
    assert notebook.run("print(client.status)") == "closed"


def test_client_of_a_cluster_in_the_list_adds_nothing(notebook: Notebook, scheduler: str) -> None:
    with Kernel() as other:  # with the list of this test, not with the notebook's
        cell = other.run(
            "%load_ext dasklab\n"
            "import dasklab\n"
            "cluster = dasklab.launch(workers=0, timeout=60)\n"
            "client = cluster.client()\n"
            "from distributed import Client\n"
            "plain = Client(cluster.scheduler_address)\n"
        )
        assert not cell.error, cell.error
        registry = Registry()
        with pytest.raises(AssertionError):
            wait_for(lambda: len(registry.records()[0]) > 1, timeout=1.5)
        cell = other.run("plain.close(); client.close(); cluster.stop()")
        assert not cell.error, cell.error


@pytest.mark.parametrize("kind", ["LocalCluster", "Client"])
def test_being_listed_keeps_nothing_alive(notebook: Notebook, scheduler: str, kind: str) -> None:
    """Dask itself keeps what is not closed; what is closed and dropped must go."""
    made = LOCAL if kind == "LocalCluster" else f"Client({scheduler!r})"
    notebook.run(f"thing = {made}\nreference = weakref.ref(thing)")
    notebook.one()
    notebook.run("thing.close()\ndel thing")
    notebook.none()

    wait_for(lambda: notebook.run("gc.collect(); print(reference() is None)") == "True", 10)


# -- explicitly ------------------------------------------------------------------------------------
def test_publish_with_a_name(notebook: Notebook) -> None:
    notebook.run(f"import dask\ndask.config.set({{'dasklab.publish': False}})\ncluster = {LOCAL}")
    with pytest.raises(AssertionError):
        wait_for(lambda: notebook.listed, timeout=1.0)

    text = notebook.run(
        "found = dasklab.publish(cluster, name='mine'); print(found.name, found.id)"
    )
    name, cluster_id = text.split()
    assert name == "mine"
    assert notebook.one().id == cluster_id
    assert notebook.run("print(dasklab.publish(cluster).id)") == cluster_id

    # A second one: its name is taken, then it has another.
    cell = notebook.kernel.run(
        f"begin = time.time(); other = {LOCAL}\ndasklab.publish(other, name='mine')"
    )
    assert "ClusterExists" in cell.error
    assert "A cluster named 'mine' is there already" in cell.error
    assert float(notebook.run("print(time.time() - begin)")) < 10, "without waiting for nothing"
    assert notebook.run("print(dasklab.publish(other, name='yours').name)") == "yours"
    assert {c.name for c in notebook.listed} == {"mine", "yours"}
    notebook.run("cluster.close(); other.close()\ndask.config.set({'dasklab.publish': True})")
    notebook.none()


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("dasklab.publish(5)", "An object of type int cannot be published"),
        ("dasklab.publish(None)", "An object of type NoneType cannot be published"),
        ("dasklab.publish(LocalCluster)", "An object of type type cannot be published"),
        (f"c = {LOCAL}; c.close(); dasklab.publish(c)", "has been closed"),
        ("dasklab.publish(object(), name='a b')", "cannot be the name of a cluster"),
    ],
)
def test_what_cannot_be_published(notebook: Notebook, code: str, sentence: str) -> None:
    cell = notebook.kernel.run(code)

    assert sentence in cell.error
    notebook.none()


def test_cluster_of_the_notebooks_own_loop(notebook: Notebook) -> None:
    """``await LocalCluster(asynchronous=True)`` lives where the cells run: waiting would hang."""
    asynchronous = LOCAL.replace(")", ", asynchronous=True)")
    notebook.run(f"cluster = await {asynchronous}")
    assert notebook.one().info["workers"]["running"] == 1
    text = notebook.run("begin = time.time(); dasklab.publish(cluster); print(time.time() - begin)")

    assert float(text) < 5
    notebook.run("await cluster.close()")
    notebook.none()

    notebook.run(
        "import dask\ndask.config.set({'dasklab.publish': False})\n"
        f"cluster = await {asynchronous}\n"
        "begin = time.time(); dasklab.publish(cluster, name='mine'); took = time.time() - begin"
    )
    assert float(notebook.run("print(took)")) < 5
    assert notebook.one().name == "mine"
    notebook.run("await cluster.close()\ndask.config.set({'dasklab.publish': True})")
    notebook.none()


# -- the end of a kernel ---------------------------------------------------------------------------
@pytest.mark.parametrize("how", ["kill -9", "shutdown"])
def test_gone_with_its_kernel(how: str, home: Path) -> None:
    with Kernel() as kernel:
        own = Notebook(kernel, home)
        own.run(
            "%load_ext dasklab\nfrom dask.distributed import LocalCluster\n"
            "cluster = LocalCluster(n_workers=1, dashboard_address=':0')"
        )
        cluster = own.one()
        if how == "kill -9":
            kill(kernel.manager.provisioner.pid)  # type: ignore[union-attr]
        else:
            kernel.manager.shutdown_kernel()
        own.none()
    record = cluster.record
    assert record.reason is not None
    if how == "kill -9":
        assert record.phase.value == "lost"
        assert record.reason["message"] == "The kernel that owned this cluster has ended."
    with pytest.raises(ClusterGone):
        cluster.scale(2)


def test_loading_before_and_after(home: Path) -> None:
    """Clusters that were there before dasklab was loaded, and loading it twice."""
    with Kernel() as kernel:
        own = Notebook(kernel, home)
        own.run(
            "from dask.distributed import Client, LocalCluster\n"
            f"cluster = {LOCAL}\nclient = Client(cluster)\n"
            "%load_ext dasklab\n%load_ext dasklab\n%reload_ext dasklab"
        )
        assert own.one().name == "LocalCluster-1"
        with pytest.raises(AssertionError):
            wait_for(lambda: len(own.listed) > 1, timeout=1.0)
        own.run("client.close(); cluster.close()")
        own.none()
