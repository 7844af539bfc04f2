"""Telemetry of real clusters, launched and published, here and elsewhere, until after their end."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import dask
import pytest

import dasklab
from dasklab.client import AsyncCluster, Cluster
from dasklab.client.columns import Tables
from dasklab.errors import HostUnreachable
from dasklab.telemetry.frames import decode
from dasklab.telemetry.tables import LAST

from ..support import kill, wait_for


def _functions() -> tuple[Callable[..., Any], ...]:
    """Made in here they travel by value, to workers that cannot import this module."""

    def inc(x: int) -> int:
        return x + 1

    def total(xs: list[int]) -> int:
        return sum(xs)

    def fail(x: int) -> int:
        raise ValueError(f"no {x}")

    def twice(path: str) -> str:
        """Fails the first time."""
        import os

        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return "done"
        raise ValueError("the first time")

    def busy(seconds: float) -> None:
        """Computes for a while."""
        import time

        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            pass

    def submitting(count: int) -> int:
        """Gives its own cluster work."""
        from distributed import worker_client

        with worker_client() as client:
            return sum(client.gather(client.map(hash, range(count), pure=False)))

    return inc, total, fail, twice, busy, submitting


inc, total, fail, twice, busy, submitting = _functions()


def tasks_of(cluster: Cluster) -> int:
    return int(cluster.telemetry.totals().get("tasks", 0))


def has(cluster: Cluster, tasks: int) -> None:
    """Wait until so many tasks are known to have ended."""
    wait_for(lambda: tasks_of(cluster) == tasks, 30, f"{tasks} tasks")


@pytest.fixture(scope="module", autouse=True)
def _plain_scratch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What plain Dask leaves when it is killed is not ours to remove."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DASK_TEMPORARY_DIRECTORY", str(tmp_path_factory.mktemp("plain")))
        yield


@pytest.fixture
def plain() -> Iterator[Any]:
    """A cluster that a notebook made with plain Dask, of threads."""
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=2,
        threads_per_worker=2,
        processes=False,
        dashboard_address="127.0.0.1:0",
        silence_logs=50,
    ) as found:
        yield found


SCHEDULER = """
import sys
sys.modules["dasklab"] = None  # importing it fails here: the plugin must bring all it needs
from distributed.cli.dask_scheduler import main
main()
"""


@pytest.fixture
def elsewhere(home: Path, tmp_path: Path) -> Iterator[Callable[[], Any]]:
    """Starts a scheduler and a worker in processes of their own, that cannot import dasklab."""
    environ: Any = {**os.environ, "DASKLAB_HOME": f"{home}-not"}
    processes: list[subprocess.Popen[str]] = []

    def start(workers: int = 1) -> Any:
        scheduler = subprocess.Popen(
            [sys.executable, "-c", SCHEDULER, "--host", "127.0.0.1", "--port", "0",
             "--dashboard-address", "127.0.0.1:0"],
            stderr=subprocess.PIPE, text=True, env=environ, cwd=tmp_path,
        )  # fmt: skip
        processes.append(scheduler)
        address = ""
        assert scheduler.stderr is not None
        while not address:
            line = scheduler.stderr.readline()
            assert line, "the scheduler has ended"
            if "Scheduler at:" in line:
                address = line.split("Scheduler at:")[1].strip()
        for _ in range(workers):
            worker = subprocess.Popen(
                [sys.executable, "-m", "distributed.cli.dask_worker", address, "--no-nanny",
                 "--nthreads", "2", "--no-dashboard", "--local-directory", str(tmp_path)],
                stderr=subprocess.DEVNULL, env=environ, cwd=tmp_path, text=True,
            )  # fmt: skip
            processes.append(worker)
        return address

    yield start
    for process in reversed(processes):
        process.kill()
        process.wait(20)
        if process.stderr is not None:
            process.stderr.close()


def test_a_published_cluster_of_this_kernel(plain: Any) -> None:
    from distributed import Client, span

    cluster = dasklab.publish(plain)
    with Client(plain, set_as_default=False) as client:
        with span("cell:4f1c", "reduce"):
            client.submit(total, client.map(inc, range(100))).result()
        failing = client.submit(fail, 1)
        wait_for(lambda: failing.status == "error")
        client.submit(busy, 0.5).result()
        has(cluster, 103)
        ask = lambda: cluster.telemetry.profile(prefix="busy")  # noqa: E731
        # Dask tells none of it before a second of its own has passed.
        wait_for(lambda: ask()["samples"] > 5, 30, "the profile")
        profile = ask()
        found = cluster.telemetry.tasks(keys=True)
        assert len(cluster.telemetry.tasks(width=100)) == len(found)
        client.restart(wait_for_workers=False)
        kinds = lambda: list(cluster.telemetry.events()["kind"])  # noqa: E731
        wait_for(lambda: "restart" in kinds(), what="the restart")
    computed = found[(found["action"] == "compute") & (found["prefix"] != "busy")]

    assert "busy" in {node["name"] for node in profile["nodes"]}
    assert len(computed) == 102
    assert set(computed[computed["prefix"] != "fail"]["cell"]) == {"4f1c"}
    assert set(computed[computed["prefix"] == "inc"]["span"]) == {"reduce"}
    assert list(computed[computed["erred"]]["prefix"]) == ["fail"]
    assert computed["key"].is_unique
    assert computed["key"].str.startswith(("inc-", "total-", "fail-")).all()
    assert set(found["thread"]) <= {0, 1}
    assert "failure" in kinds()


def test_a_scheduler_elsewhere_that_has_no_dasklab(elsewhere: Any) -> None:
    from distributed import Client

    with Client(elsewhere(), set_as_default=False) as client:
        cluster = dasklab.publish(client)
        client.gather(client.map(abs, range(50)))
        has(cluster, 50)
        wait_for(
            lambda: "running" in set(cluster.telemetry.workers()["status"]), what="the first sample"
        )
        workers = cluster.telemetry.workers()
        with dask.annotate(dasklab_cell="kernel:cell"):
            assert client.submit(submitting, 3).result() == 3
        has(cluster, 54)
        found = cluster.telemetry.tasks().fillna({"cell": "unknown"})
        cells = found.groupby("prefix")["cell"].agg(set).to_dict()

    # What tasks submit is of their cell.
    assert cells == {"abs": {"unknown"}, "submitting": {"kernel:cell"}, "hash": {"kernel:cell"}}
    assert workers["status"].iloc[-1] == "running"
    assert workers["process"].min() > 1e6


def test_what_workers_give_each_other(elsewhere: Any) -> None:
    """Also where the scheduler has no dasklab."""
    from distributed import Client

    with Client(elsewhere(workers=2), set_as_default=False) as client:
        client.wait_for_workers(2)
        cluster = dasklab.publish(client)
        first, second = client.scheduler_info(n_workers=-1)["workers"]
        make = client.map(bytes, [1_000_000, 2_000_000], workers=[first])
        client.gather(client.map(len, make, workers=[second]))
        client.submit(total, client.map(len, make, workers=[second]), workers=[first]).result()
        nbytes = 3_000_000
        wait_for(lambda: cluster.telemetry.totals().get("transferred", 0) > nbytes, 60, "transfers")
        found = cluster.telemetry.transfers()
        totals = cluster.telemetry.totals()
        graph = cluster.telemetry.graph()
        known = cluster.telemetry.graph(graph["id"])
        profile = cluster.telemetry.profile(since="10m", prefix="no such")

    assert {node["prefix"] for node in graph["nodes"]} <= {"bytes", "len", "total"}
    assert known["nodes"] is None
    assert profile["samples"] == 0
    moved = found.groupby(["sender", "receiver"]).nbytes.sum()
    assert set(moved.index) == {(first, second), (second, first)}
    assert moved[first, second] == nbytes
    assert found["count"].sum() == totals["transfers"]
    assert (found["busy"] > 0).all()
    assert (found["receiver_name"] == found["receiver"]).all()  # as dask worker names them
    assert (found["time"].max() - found["time"].min()).total_seconds() < 60


PLUGIN = "dasklab-telemetry-1"


def test_the_collector_is_brought_again_where_it_was_taken_out(elsewhere: Any) -> None:
    from distributed import Client

    with Client(elsewhere(), set_as_default=False) as client:
        cluster = dasklab.publish(client)
        client.gather(client.map(abs, range(20)))
        has(cluster, 20)

        def remove(dask_scheduler: Any) -> None:
            dask_scheduler.remove_plugin(name="dasklab-telemetry-1")
            del dask_scheduler.handlers["dasklab_telemetry_1"]

        client.run_on_scheduler(remove)
        wait_for(
            lambda: client.run_on_scheduler(
                lambda dask_scheduler: "dasklab-telemetry-1" in dask_scheduler.plugins
            ),
            what="the collector",
        )
        client.gather(client.map(str, range(5)))
        has(cluster, 25)  # totals go on from where they were


def test_two_hosts_may_watch_one_scheduler(elsewhere: Any, home: Path) -> None:
    from distributed import Client

    address = elsewhere()
    code = (
        "import sys, dasklab\nfrom distributed import Client\n"
        "client = Client(sys.argv[1])\n"
        "cluster = dasklab.publish(client, 'theirs')\n"
        "client.gather(client.map(abs, range(30)))\n"
        "from dasklab.client import find\nimport time\n"
        "while cluster.telemetry.totals().get('tasks', 0) < 30: time.sleep(0.05)\n"
        "print(cluster.telemetry.totals()['tasks'])\n"
        "client.close()\n"
    )
    with Client(address, set_as_default=False) as client:
        cluster = dasklab.publish(client)
        environ = {**os.environ, "DASKLAB_HOME": f"{home}/theirs"}
        (home / "theirs").mkdir(mode=0o700)
        done = subprocess.run(
            [sys.executable, "-c", code, address],
            env=environ, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.stdout.strip() == "30", done.stderr
        has(cluster, 30)


def test_who_was_cut_off_misses_nothing(launch: Callable[..., Cluster]) -> None:
    cluster = launch(workers=1)
    door = AsyncCluster(cluster.record)
    seen = Tables()

    async def read(since: Any) -> None:
        async with aclosing(door.telemetry.stream(since=since)) as stream:
            async for frame in stream:
                if not seen.add(frame)["more"]:
                    return

    def place() -> dict[str, Any]:
        return {
            "run": seen.header["run"],
            **{name: len(next(iter(found.values()))) for name, found in seen.columns.items()},
            "events": len(seen.events),
            "dictionaries": {name: len(found) for name, found in seen.names.items()},
        }

    with cluster.client(set_as_default=False) as client:
        asyncio.run(read(None))
        for number in range(3):
            client.gather(client.map(inc, range(100 * number, 100 * number + 100)))
            has(cluster, 100 * (number + 1))
            asyncio.run(read(place()))

    assert sum(1 for what in seen.columns["tasks"]["what"] if what & LAST) == 300
    assert [event["kind"] for event in seen.events].count("worker-added") == 1


def test_the_end_is_told_and_everything_stays(launch: Callable[..., Cluster]) -> None:
    cluster = launch(workers=1)
    door = AsyncCluster(cluster.record)
    with cluster.client(set_as_default=False) as client:
        client.gather(client.map(inc, range(200)))
    has(cluster, 200)

    async def watch() -> Any:
        header = None
        async with aclosing(door.telemetry.stream()) as stream:
            stopping = asyncio.create_task(asyncio.to_thread(cluster.stop))
            async for frame in stream:
                header = decode(frame)[0]
        await stopping
        return header

    last = asyncio.run(asyncio.wait_for(watch(), 30))
    assert last["end"] == {"phase": "stopped", "reason": "It was stopped."}
    frame = cluster.telemetry.tasks()
    assert (frame["action"] == "compute").sum() == 200
    assert cluster.telemetry.totals() == last["totals"]
    assert len(cluster.telemetry.memory()) > 0
    cluster.forget()


def test_a_host_that_is_killed_ends_its_streams(launch: Callable[..., Cluster]) -> None:
    cluster = launch(workers=1)
    door = AsyncCluster(cluster.record)
    host = cluster.record.host
    assert host is not None

    async def watch() -> int:
        frames = 0
        async with aclosing(door.telemetry.stream()) as stream:
            async for _ in stream:
                frames += 1
                if frames == 1:
                    await asyncio.to_thread(kill, host.pid)
        return frames

    assert asyncio.run(asyncio.wait_for(watch(), 30)) >= 1
    wait_for(lambda: cluster.phase == "lost")
    assert len(cluster.telemetry.tasks()) == 0  # nobody was there to keep it


def test_a_task_that_is_tried_again_is_marked(
    launch: Callable[..., Cluster], tmp_path: Any
) -> None:
    cluster = launch(workers=1)
    with cluster.client(set_as_default=False) as client:
        assert client.submit(twice, str(tmp_path / "once"), retries=2).result() == "done"
    has(cluster, 1)

    assert list(cluster.telemetry.tasks()["retried"]) == [True]
    assert cluster.telemetry.totals()["retried"] == 1


def test_switched_off_it_costs_and_says_nothing(
    launch: Callable[..., Cluster], setting: Any
) -> None:
    setting("telemetry.enabled", False)
    cluster = launch(workers=1)
    with cluster.client(set_as_default=False) as client:
        client.submit(inc, 1).result()
        plugins = client.run_on_scheduler(lambda dask_scheduler: list(dask_scheduler.plugins))

    assert PLUGIN not in plugins
    assert len(cluster.telemetry.tasks()) == 0


def test_hostile_keys_and_many_prefixes(launch: Callable[..., Cluster]) -> None:
    """A key of a megabyte, ten thousand prefixes, markup: nothing breaks, all is counted."""
    cluster = launch(workers=1)
    with cluster.client(set_as_default=False) as client:
        keys = ["x" * 1_000_000, "<img src=x onerror=alert(1)>-1", "\u202egpj-1"]
        client.gather([client.submit(inc, 1, key=key) for key in keys])
        graph = {f"prefix{number:05}-1": (inc, number) for number in range(2_000)}
        client.get(graph, list(graph))
    has(cluster, 2_003)
    progress = cluster.telemetry.progress()

    assert len(progress) == 201
    assert "other tasks" in set(progress["name"])
    found = cluster.telemetry.tasks(keys=True)
    assert found["prefix"].nunique() >= 2_002
    assert found["key"].str.len().max() <= 200
    assert all(text.isprintable() for text in found["prefix"])


def test_without_its_host_there_is_no_answer(launch: Callable[..., Cluster]) -> None:
    from dataclasses import replace

    from dasklab.model.record import Endpoint

    cluster = launch(workers=0)
    record = replace(cluster.record, control=Endpoint("127.0.0.1", 1, "t"))
    door = AsyncCluster(record)
    door.refresh = lambda: record  # type: ignore[method-assign]

    with pytest.raises(HostUnreachable):
        asyncio.run(door.telemetry.tasks())
