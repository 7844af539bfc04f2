"""The fault matrix: whatever dies, nothing is lost, nothing is left behind, and there is a word."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pytest

from dasklab.client import Cluster, clusters, connect, find
from dasklab.errors import ClusterGone, DasklabError, DiskFull, HostUnreachable, RecordCorrupt
from dasklab.launching import LaunchRequest
from dasklab.launching import launch as start_host
from dasklab.processes import offspring
from dasklab.registry import Registry

from ..magics.kernels import Kernel
from ..support import SmallDisk, alive, kill, marked, wait_for

Launch = Callable[..., Cluster]


def everything(home: Path) -> list[int]:
    """All processes of this test that live, but for this one."""
    return [pid for pid in marked(f"DASKLAB_HOME={home}") if alive(pid)]


def worker_pids(client: Any) -> list[int]:
    return list(client.run(os.getpid).values())


def host_of(cluster: Cluster) -> int:
    assert cluster.record.host is not None
    return cluster.record.host.pid


def warden_of(cluster: Cluster) -> int:
    assert cluster.record.warden is not None
    return cluster.record.warden.pid


def computes(cluster: Cluster) -> bool:
    with cluster.client(set_as_default=False) as client:
        return bool(client.gather(client.map(abs, range(-5, 0))) == [5, 4, 3, 2, 1])


# -- what starts clusters --------------------------------------------------------------------------
SETUP = """
import dasklab, numpy as np
cluster = dasklab.launch(
    workers=2, name="weather", threads_per_worker=1, memory_limit="500MiB", timeout=60
)
cluster.keep()
client = cluster.client()
client.publish_dataset(mine=client.scatter(np.arange(1000)))
print(cluster.id)
"""

FIND_AGAIN = """
import dasklab, json
cluster = dasklab.find("weather")
client = dasklab.connect("weather")
print(int(client.get_dataset("mine").result().sum()))
client.close()
print(json.dumps(cluster.info))
"""


def check_found_again(text: str, cluster_id: str) -> None:
    """The next kernel has the cluster with its data, its name, its settings and its history."""
    import json

    total, info_text = text.strip().splitlines()[-2:]
    info = json.loads(info_text)
    assert int(total) == 499_500
    assert (info["id"], info["name"], info["phase"]) == (cluster_id, "weather", "running")
    assert info["options"] == {"threads_per_worker": 1, "memory_limit": "500MiB"}
    assert info["workers"]["running"] == 2
    assert info["lease"]["pinned"] is True
    assert [event["kind"] for event in info["events"]] == ["launched", "started", "keep"]


@pytest.mark.usefixtures("catalogued")
@pytest.mark.parametrize("how", ["restart", "kill -9"])
def test_cluster_outlives_its_kernel(how: str, home: Path) -> None:
    with Kernel() as kernel:
        cell = kernel.run(SETUP)
        assert not cell.error, cell.error
        cluster_id = cell.text.split()[-1]
        before = sorted(worker_pids_of_host(find("weather")))
        if how == "restart":
            kernel.manager.restart_kernel()
        else:
            pid = kernel.manager.provisioner.pid  # type: ignore[union-attr]
            kill(pid)
            kernel.manager.restart_kernel(now=True)
        kernel.client.wait_for_ready(timeout=60)
        cell = kernel.run(FIND_AGAIN)
        assert not cell.error, cell.error
        check_found_again(cell.text, cluster_id)
    assert sorted(worker_pids_of_host(find("weather"))) == before, "the very same processes"
    find("weather").stop()
    wait_for(lambda: not everything(home), what="the end of all processes")


def worker_pids_of_host(cluster: Cluster) -> list[int]:
    with cluster.client(set_as_default=False) as client:
        return worker_pids(client)


# -- the host and what is beneath it ---------------------------------------------------------------
HOLD_THE_GIL = """
def hold(path):
    import ctypes, pathlib, subprocess
    subprocess.Popen(["sleep", "90"])
    subprocess.Popen(["sleep", "91"], start_new_session=True)
    subprocess.Popen(["setsid", "sh", "-c", "sleep 92 & sleep 93"])
    subprocess.Popen(["sh", "-c", "while true; do sleep 0.01; done"])
    pathlib.Path(path).write_text("x")
    ctypes.PyDLL(None).sleep(90)  # of C, without letting go of the GIL
"""


@pytest.fixture
def held(launch: Launch, tmp_path: Path) -> Iterator[Cluster]:
    """A cluster whose worker holds the GIL, and whose task has started programs of all kinds."""
    cluster = launch(workers=1, name="held")
    space: dict[str, Any] = {}
    exec(HOLD_THE_GIL, space)
    import cloudpickle

    function = cloudpickle.loads(cloudpickle.dumps(space["hold"]))
    with cluster.client(set_as_default=False) as client:
        future = client.submit(function, str(tmp_path / "begun"))
        wait_for((tmp_path / "begun").exists, 30)
        yield cluster
        client._future_drop = future  # kept until here


def sleepers(home: Path) -> set[str]:
    return {line for line in marked(f"DASKLAB_HOME={home}").values() if line.startswith("sleep 9")}


def test_killed_host_takes_everything_with_it(held: Cluster, home: Path) -> None:
    wait_for(lambda: len(sleepers(home)) == 4)
    os.kill(host_of(held), signal.SIGKILL)

    wait_for(lambda: held.record.phase.ended, 10)
    info = held.info
    assert info["phase"] == "lost"
    assert info["reason"]["code"] == "host.killed"
    assert info["reason"]["message"] == (
        "The host of this cluster is gone: it was killed (SIGKILL), by hand or for want of memory."
        " Its workers were ended with it."
    )
    assert info["reason"]["details"]["log"]
    assert (info["workers"]["running"], info["cores"], info["can"]) == (0, 0, [])
    wait_for(lambda: not everything(home), what="the end of all processes")
    with pytest.raises(ClusterGone, match="'held' is lost"):
        held.scale(3)
    with pytest.raises(ClusterGone):
        connect("held")
    held.stop()
    assert held.phase == "lost"


def test_stopping_ends_what_holds_the_gil(held: Cluster, home: Path) -> None:
    held.stop()

    assert held.phase == "stopped"
    wait_for(lambda: not everything(home), what="the end of all processes")


def test_killed_warden_ends_the_cluster_in_order(held: Cluster, home: Path) -> None:
    kill(warden_of(held))

    wait_for(lambda: held.record.phase.ended, 15)
    assert held.phase == "stopped"
    assert held.info["reason"]["code"] == "warden.lost"
    assert "Its warden was killed" in held.info["reason"]["message"]
    wait_for(lambda: not everything(home), what="the end of all processes")


def test_host_and_warden_killed_at_once(held: Cluster, home: Path) -> None:
    """Nobody is left to end anything, and the worker cannot look after itself."""
    wait_for(lambda: len(sleepers(home)) == 4)
    for pid in (warden_of(held), host_of(held)):
        os.kill(pid, signal.SIGKILL)

    wait_for(lambda: held.record.phase.ended, 5)
    assert held.info["reason"]["code"] == "host.lost"
    assert "died without a word" in held.info["reason"]["message"]
    wait_for(lambda: not pythons(home), what="the end of the worker and its fork server")
    for pid in everything(home):  # what a task starts beside its worker is not Dask's to end
        os.kill(pid, signal.SIGKILL)
    wait_for(lambda: not everything(home), what="the end of all processes")
    held.forget()  # and what nobody was left to remove


def pythons(home: Path) -> list[str]:
    """Command lines of this test's processes that are hosts, fork servers, workers."""
    return [line for line in marked(f"DASKLAB_HOME={home}").values() if "python" in line]


@pytest.mark.parametrize("who", ["host", "warden"])
def test_sigterm_stops_in_order(launch: Launch, home: Path, who: str) -> None:
    cluster = launch(workers=1)
    os.kill(host_of(cluster) if who == "host" else warden_of(cluster), signal.SIGTERM)

    wait_for(lambda: cluster.record.phase.ended)
    assert cluster.phase == "stopped"
    assert cluster.info["reason"]["message"] == "Its host was asked to end (SIGTERM)."
    wait_for(lambda: not everything(home), what="the end of all processes")


def test_killed_fork_server_is_no_end(launch: Launch) -> None:
    """The host's own helper: new workers come all the same."""
    cluster = launch(workers=1)
    for pid, line in marked(f"DASKLAB_HOME={os.environ['DASKLAB_HOME']}").items():
        if "forkserver" in line and pid in offspring(host_of(cluster)):
            os.kill(pid, signal.SIGKILL)
    cluster.scale(2)

    wait_for(lambda: cluster.info["workers"]["running"] == 2, 30, "new workers")
    assert computes(cluster)
    cluster.stop()


@pytest.mark.parametrize("all_of_them", [False, True], ids=["one", "all"])
def test_killed_workers_come_back_and_their_work_is_done(launch: Launch, all_of_them: bool) -> None:
    cluster = launch(workers=2, name="tough", threads_per_worker=1)
    with cluster.client(set_as_default=False) as client:
        results = client.map(lambda n: n * 2, range(10))
        assert client.gather(results) == [2 * n for n in range(10)]
        running = client.map(lambda n: __import__("time").sleep(0.2) or n, range(20))
        pids = worker_pids(client)
        for pid in pids if all_of_them else pids[:1]:
            os.kill(pid, signal.SIGKILL)

        assert client.gather(running) == list(range(20)), "what ran is run again"
        assert client.gather(results) == [2 * n for n in range(10)], "what was held as well"
        wait_for(lambda: len(worker_pids(client)) == 2, 30)
    wait_for(lambda: cluster.info["workers"]["running"] == 2)
    info = cluster.info
    lost = [event["text"] for event in info["events"] if event["kind"] == "worker-lost"]
    assert len(lost) == (2 if all_of_them else 1)
    assert "was lost" in lost[0]
    assert info["phase"] == "running"
    cluster.stop()


def test_no_workers_is_said(launch: Launch) -> None:
    """Until the nanny has started another one, none of those that are wanted is there."""
    cluster = launch(workers=1)
    with cluster.client(set_as_default=False) as client:
        (pid,) = worker_pids(client)
        os.kill(pid, signal.SIGKILL)
    seen = wait_for(
        lambda: next((r for r in [cluster.info] if r["phase"] == "waiting"), None), 10, "waiting"
    )
    assert seen["reason"]["message"] == "None of 1 workers is there yet."
    wait_for(lambda: cluster.info["phase"] == "running", 30)
    cluster.stop()


def test_scheduler_shut_down_by_a_client(launch: Launch, home: Path) -> None:
    cluster = launch(workers=1)
    code = "import sys; from distributed import Client; Client(sys.argv[1]).shutdown()"
    subprocess.run([sys.executable, "-c", code, str(cluster.scheduler_address)], check=True)

    wait_for(lambda: cluster.record.phase.ended, 5)
    assert cluster.phase == "stopped"
    assert cluster.info["reason"]["message"] == "It was shut down by a client."
    wait_for(lambda: not everything(home), what="the end of all processes")


def test_host_answers_while_its_scheduler_stands_still(launch: Launch) -> None:
    def stand_still(dask_scheduler: Any) -> None:
        import time

        time.sleep(4)

    cluster = launch(workers=1)
    with cluster.client(set_as_default=False) as client:
        begin = time.monotonic()
        thread = Thread(target=client.run_on_scheduler, args=(stand_still,))
        thread.start()
        wait_for(lambda: time.monotonic() - begin > 0.5)
        answers = []
        while thread.is_alive() and time.monotonic() - begin < 3:
            asked = time.monotonic()
            assert cluster.info["phase"] == "running"
            assert cluster.logs("host", 1)
            answers.append(time.monotonic() - asked)
        cluster.keep()
        thread.join()
    assert len(answers) > 5
    assert max(answers) < 1.5
    cluster.stop()


def test_host_that_does_not_answer_is_stopped_by_force(launch: Launch, home: Path) -> None:
    cluster = launch(workers=1)
    os.kill(host_of(cluster), signal.SIGSTOP)
    begin = time.monotonic()
    cluster.stop()

    assert time.monotonic() - begin < 25
    assert cluster.phase == "lost"
    wait_for(lambda: not everything(home), what="the end of all processes")


# -- the disk --------------------------------------------------------------------------------------
def test_full_disk(small_disk: SmallDisk, launch: Launch, registry: Registry, home: Path) -> None:
    cluster = launch(workers=1, name="mine")
    with cluster.client(set_as_default=False) as client:
        data = client.scatter(np.arange(100))
        small_disk.fill(host_of(cluster), warden_of(cluster))

        with pytest.raises(DiskFull) as caught:
            launch(workers=1, name="second")
        assert "the disk is full" in caught.value.message
        assert "Free some space" in caught.value.hint
        cluster.scale(2, wait=True, timeout=30)
        assert client.submit(sum, data).result(timeout=20) == 4950, "the cluster goes on"
        assert [found.name for found in clusters()] == ["mine"], "the list is as it was"
        assert registry.records()[1] == []

        small_disk.free()
        wait_for(lambda: registry.find("mine").workers["wanted"] == 2, 10, "writing again")
        assert client.submit(sum, data).result(timeout=20) == 4950
    launch(workers=0, name="second").stop()
    small_disk.fill(host_of(cluster), warden_of(cluster))
    cluster.stop()
    assert registry.find("mine").phase.ended, "its processes have; the record says nothing yet"
    small_disk.free(*everything(home))
    wait_for(lambda: registry.find("mine").phase.value == "stopped", 60, "its own last word")
    assert registry.find("mine").events[-1].text == "It was stopped."
    wait_for(lambda: not everything(home), what="the end of all processes")


# -- the registry ----------------------------------------------------------------------------------
@pytest.mark.parametrize("damage", ["garbage", "empty", "removed"])
def test_damaged_record(
    launch: Launch, registry: Registry, home: Path, damage: str, capsys: Any
) -> None:
    cluster = launch(workers=1, name="mine")
    other = start_host(LaunchRequest(workers=0, name="other"))
    path = registry.path(cluster.id)
    if damage == "removed":
        path.unlink()
    else:
        path.write_bytes(b"" if damage == "empty" else b"\x00garbage{")
    records, problems = registry.records()

    assert [record.name for record in records] == ["other"], "the other one is not hidden by it"
    if damage != "removed":
        assert [type(problem) for problem in problems] == [RecordCorrupt]
        assert str(path) in problems[0].message
        assert problems[0].hint == "Remove the file."
        with pytest.raises(DasklabError):
            registry.get(cluster.id)
        assert cluster.info["phase"] == "running", "who knows its host can still ask it"
    # The host lives, and writes its record again as soon as anything changes.
    with cluster_at(cluster) as client:
        assert client.submit(abs, -1).result(timeout=20) == 1
        again = wait_for(lambda: registry.find("mine"), 10, "the record")
    assert again.id == cluster.id
    assert registry.records()[1] == []
    assert computes(find("mine"))
    find("mine").stop()
    find("other").stop()
    wait_for(lambda: not everything(home), what="the end of all processes")
    assert other.id


def cluster_at(cluster: Cluster) -> Any:
    """A client that needs no record: somebody's who was connected before."""
    from distributed import Client

    assert cluster._cluster.record.scheduler is not None
    return Client(cluster._cluster.record.scheduler["address"], set_as_default=False)


def test_cluster_of_another_machine_is_not_asked_for_here(
    launch: Launch, registry: Registry
) -> None:
    """Its port is somebody else's on this machine: the token must not be sent there."""
    from dataclasses import replace

    cluster = launch(workers=0)
    record = cluster.record
    assert record.host is not None
    elsewhere = replace(
        record, id="e" * 32, name="far", host=replace(record.host, hostname="elsewhere")
    )
    registry.write(elsewhere)

    with pytest.raises(HostUnreachable, match="runs on elsewhere") as caught:
        find("far").scale(1)
    address = cluster.scheduler_address
    assert f"%dask use {address} --via ssh://elsewhere" in caught.value.hint
    with pytest.raises(HostUnreachable, match="runs on elsewhere"):
        find("far").stop()
    assert cluster.info["workers"]["wanted"] == 0
    cluster.stop()
    registry.path("e" * 32).unlink()


# -- the lease -------------------------------------------------------------------------------------
NONE: dict[str, float | None] = {"idle": None, "no_client": None, "max_age": None}


def leased(*leases: dict[str, float | None]) -> list[Cluster]:
    """Clusters with these leases, started at once, when all of them run."""
    clusters = [
        Cluster(start_host(LaunchRequest(workers=1, lease={**NONE, **lease}))) for lease in leases
    ]
    for cluster in clusters:
        cluster.wait(timeout=60)
    return clusters


WORDS = {
    "idle": "Nothing ran on it for",
    "no-client": "No notebook was connected to it, and nothing ran, for",
    "max-age": "It reached its greatest age,",
}


def counting(cluster: Cluster) -> dict[str, Any]:
    """The lease of a cluster, once it counts: nobody waits for its workers any more."""

    def lease() -> dict[str, Any]:
        found: dict[str, Any] = cluster.info["lease"]
        return found if found["deadline"] is not None else {}

    return wait_for(lease)


@pytest.mark.usefixtures("catalogued")
def test_lease_ends(home: Path) -> None:
    clusters = leased({"idle": 5.0}, {"no_client": 5.0}, {"max_age": 9.0})
    leases = [counting(cluster) for cluster in clusters]
    for cluster, lease, (cause, words) in zip(clusters, leases, WORDS.items()):
        assert lease["cause"] == cause
        assert lease["deadline"] <= time.time() + 9.5, "a countdown to show"
        wait_for(lambda c=cluster: c.record.phase.ended, 20, "the end of the lease")

        info = cluster.info
        assert (info["phase"], info["reason"]["code"]) == ("stopped", f"lease.{cause}")
        limit = 9 if cause == "max-age" else 5
        assert info["reason"]["message"] == f"Its lease has ended. {words} {limit} seconds."
        assert "%dask keep" in info["reason"]["hint"]
        assert info["events"][-1]["text"] == info["reason"]["message"]
        assert info["events"][-1]["at"] >= lease["deadline"] - 0.1, "not a moment too early"
    wait_for(lambda: not everything(home), what="the end of all processes")


@pytest.mark.usefixtures("catalogued")
def test_used_and_kept_clusters_do_not_end() -> None:
    """One busy, one in which short tasks run now and then, one that is kept: all outlive it."""
    busy, brisk, kept = leased({"idle": 3.0}, {"idle": 3.0}, {"idle": 3.0})
    kept.keep()
    with (
        busy.client(set_as_default=False) as first,
        brisk.client(set_as_default=False) as second,
    ):
        future = first.submit(time.sleep, 30)
        begin = time.monotonic()

        def use() -> bool:
            second.submit(abs, -1, pure=False).result(timeout=20)  # gone before any sample
            return time.monotonic() - begin > 6

        wait_for(use, 20)
        assert [c.phase for c in (busy, brisk, kept)] == ["running"] * 3
        assert busy.info["lease"]["deadline"] is None, "nothing counts while it works"
        assert kept.info["lease"]["deadline"] is None
        future.cancel()
    kept.keep(False)
    wait_for(lambda: brisk.record.phase.ended and kept.record.phase.ended, 15, "the end")
    busy.stop()


@pytest.mark.usefixtures("catalogued")
def test_being_asked_something_is_use() -> None:
    (cluster,) = leased({"idle": 3.0})
    first = counting(cluster)["deadline"]
    wait_for(lambda: time.time() > first - 1.5)
    cluster.logs("scheduler", 1)

    assert wait_for(lambda: cluster.info["lease"]["deadline"] > first + 1)
    cluster.stop()
