"""What every deployment must do, as its users see it: through the Python API and a real client.

A deployment's own tests subclass :class:`DeploymentContract`, say its name and options, and
override what is different. Collected only through such a class.
"""

from __future__ import annotations

import contextlib
import json
import os
import stat
import time
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import numpy as np
import pytest

from dasklab.client import Cluster
from dasklab.errors import ClusterGone, DasklabError, WorkersInvalid
from dasklab.launching import LaunchRequest, preview

from ..support import wait_for

ARRAYS = 9


def worker_pids(client: Any) -> set[int]:
    """Processes of the workers that are there."""
    return set(client.run(os.getpid).values())


def worker_addresses(client: Any) -> set[str]:
    """Of the workers that the scheduler has."""
    return set(client.scheduler_info(n_workers=-1)["workers"])


def arrays() -> list[Any]:
    """Data of a recognisable kind, too large to be kept by the client by accident."""
    return [np.random.default_rng(number).random(20_000) for number in range(ARRAYS)]


def for_some_time(check: Callable[[], bool], seconds: float = 1.5) -> Callable[[], bool]:
    """A check that is true when another one has been for that long."""
    since = time.monotonic()

    def held() -> bool:
        nonlocal since
        if not check():
            since = time.monotonic()
        return time.monotonic() - since > seconds

    return held


def kinds(cluster: Cluster, since: int = 0) -> list[str]:
    """What has happened, as far as it is worth remembering."""
    return [event["kind"] for event in cluster.info["events"][since:]]


def pause_at(client: Any, fraction: float, status: str) -> None:
    """Have workers pause at that part of their memory, and wait until they are what they say."""

    def set_fraction(dask_worker: Any) -> None:
        dask_worker.memory_manager.memory_pause_fraction = fraction

    client.run(set_fraction)
    wait_for(
        lambda: set(client.run(lambda dask_worker: dask_worker.status.name).values()) == {status},
        what=f"being {status}",
    )


def spread(client: Any, data: list[Any]) -> list[Any]:
    """Send data to all workers, in equal parts."""
    addresses = list(client.scheduler_info(n_workers=-1)["workers"])
    futures = [
        client.scatter(item, workers=[addresses[number % len(addresses)]])
        for number, item in enumerate(data)
    ]
    held = client.has_what()
    assert [len(keys) for keys in held.values()] == [3, 3, 3], held
    return futures


@contextlib.contextmanager
def connected(cluster: Cluster) -> Iterator[Any]:
    """A client that is gone again."""
    with cluster.client(set_as_default=False) as client:
        yield client


class DeploymentContract:
    """The tests. ``cluster`` is shared, and has two workers before each of them."""

    deployment: ClassVar[str]
    options: ClassVar[dict[str, Any]] = {}
    patience: ClassVar[float] = 30.0
    """Seconds in which workers come and go."""

    @pytest.fixture
    def cluster(self, shared: Cluster) -> Cluster:
        if (shared.info["workers"]["wanted"], shared.info["workers"]["maximum"]) != (2, None):
            shared.scale(2)
        wait_for(lambda: shared.info["workers"]["running"] == 2, self.patience, "two workers")
        return shared

    # -- ready -----------------------------------------------------------------------------------
    def test_is_ready_and_says_what_it_is(self, cluster: Cluster) -> None:
        info = cluster.info

        assert (info["phase"], info["reason"], info["origin"]) == ("running", None, "host")
        assert (info["name"], info["deployment"]) == ("shared", self.deployment)
        assert info["steps"]
        assert {step["state"] for step in info["steps"]} == {"done"}
        assert info["workers"] == {"wanted": 2, "running": 2, "minimum": None, "maximum": None}
        assert info["cores"] >= 2
        assert info["memory"]["limit"] > 0
        assert info["lease"]["deadline"] > info["created"]
        assert {"scale", "stop", "restart", "keep", "logs"} <= set(info["can"])
        assert kinds(cluster)[0] == "launched"
        assert "started" in kinds(cluster)
        json.dumps(info, allow_nan=False)

    def test_record_is_private_and_the_token_stays_in_it(self, cluster: Cluster) -> None:
        record = cluster.record
        path = cluster._cluster._registry.path(cluster.id)

        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert record.control is not None
        assert len(record.control.token) >= 32
        token = record.control.token
        assert token not in json.dumps(cluster.info)
        assert record.host is not None
        for pid in (record.host.pid, record.warden.pid if record.warden else record.host.pid):
            for name in ("cmdline", "environ"):
                with open(f"/proc/{pid}/{name}", "rb") as file:
                    assert token.encode() not in file.read()
        assert token not in "\n".join(line["text"] for line in cluster.logs(lines=1000))

    def test_it_computes(self, cluster: Cluster) -> None:
        with connected(cluster) as client:
            assert client.gather(client.map(lambda x: x + 1, range(50))) == list(range(1, 51))
            wait_for(lambda: cluster.info["clients"] == 1)
        wait_for(lambda: cluster.info["clients"] == 0)

    # -- scaling ---------------------------------------------------------------------------------
    def test_scaling_up(self, cluster: Cluster) -> None:
        cluster.scale(3, wait=True, timeout=self.patience)

        assert cluster.info["workers"]["running"] == 3
        with connected(cluster) as client:
            assert len(worker_pids(client)) == 3

    def test_scaling_down_loses_no_data(self, cluster: Cluster) -> None:
        """Plain LocalCluster, 3 to 1: 6 of 9 arrays lost, 7 of 9 tasks run again (backends.md)."""
        cluster.scale(3, wait=True, timeout=self.patience)
        with connected(cluster) as client:
            futures = spread(client, arrays())
            cluster.scale(1, wait=True, timeout=self.patience)

            assert [future.status for future in futures] == ["finished"] * ARRAYS
            for found, sent in zip(client.gather(futures), arrays()):
                np.testing.assert_array_equal(found, sent)
            assert len(client.scheduler_info(n_workers=-1)["workers"]) == 1
        assert not [e for e in cluster.info["events"] if e["kind"] == "worker-lost"]

    def test_scaling_down_runs_nothing_again(self, cluster: Cluster, tmp_path: Any) -> None:
        ran = str(tmp_path)

        def work(number: int) -> int:
            import tempfile

            handle, _ = tempfile.mkstemp(prefix=f"{number}-", dir=ran)
            os.close(handle)
            return number * 2

        cluster.scale(3, wait=True, timeout=self.patience)
        with connected(cluster) as client:
            futures = client.map(work, range(ARRAYS))
            assert client.gather(futures) == [2 * n for n in range(ARRAYS)]
            cluster.scale(1, wait=True, timeout=self.patience)
            assert client.gather(futures) == [2 * n for n in range(ARRAYS)]
        assert len(os.listdir(ran)) == ARRAYS

    @pytest.mark.parametrize("workers", [1, (1, 2)], ids=["fixed", "adaptive"])
    def test_data_that_finds_no_room_elsewhere_keeps_its_worker(
        self, cluster: Cluster, workers: Any
    ) -> None:
        with connected(cluster) as client:
            addresses = list(client.scheduler_info(n_workers=-1)["workers"])
            futures = [
                client.scatter(np.arange(1000) + number, workers=[address])
                for number, address in enumerate(addresses)
            ]
            pause_at(client, 1e-9, "paused")  # all memory is too much: nobody takes anything
            events = len(cluster.info["events"])
            cluster.scale(workers)
            if workers == 1:
                wait_for(lambda: "kept" in kinds(cluster, events), self.patience)
                assert "1 of 1 workers stay: their data" in cluster.info["events"][-1]["text"]
            else:
                wait_for(for_some_time(lambda: cluster.info["workers"]["maximum"] == 2, 5.0))

            assert len(client.scheduler_info(n_workers=-1)["workers"]) == 2
            pause_at(client, 0.8, "running")
            for number, found in enumerate(client.gather(futures)):
                np.testing.assert_array_equal(found, np.arange(1000) + number)
            cluster.scale(1, wait=True, timeout=self.patience)
            for number, found in enumerate(client.gather(futures)):
                np.testing.assert_array_equal(found, np.arange(1000) + number)

    def test_scaling_to_nothing_and_back(self, cluster: Cluster) -> None:
        cluster.scale(0, wait=True, timeout=self.patience)
        assert cluster.info["phase"] == "running", "none is wanted, so none is missing"
        cluster.scale(1, wait=True, timeout=self.patience)

        with connected(cluster) as client:
            assert client.submit(lambda: 5).result(timeout=self.patience) == 5

    def test_the_last_of_several_requests_stands(self, cluster: Cluster) -> None:
        for workers in (3, 1, "0:3", 2):
            cluster.scale(workers)  # type: ignore[arg-type]

        wanted = {"wanted": 2, "running": 2, "minimum": None, "maximum": None}
        wait_for(for_some_time(lambda: cluster.info["workers"] == wanted), self.patience)

    @pytest.mark.parametrize("workers", [-1, 2.5, "many", True, None, (6, 3), 10**6, float("nan")])
    def test_bad_number_changes_nothing(self, cluster: Cluster, workers: Any) -> None:
        with pytest.raises(WorkersInvalid):
            cluster.scale(workers)

        assert cluster.info["workers"]["wanted"] == 2
        assert cluster.info["workers"]["running"] == 2

    # -- adaptive --------------------------------------------------------------------------------
    def test_adaptive_follows_the_load_and_loses_no_data(self, cluster: Cluster) -> None:
        cluster.scale(3, wait=True, timeout=self.patience)
        with connected(cluster) as client:
            futures = spread(client, arrays())
            cluster.scale((1, 3))
            info = cluster.info["workers"]
            assert (info["minimum"], info["maximum"]) == (1, 3)
            wait_for(lambda: cluster.info["workers"]["running"] == 1, self.patience, "shrinking")
            for found, sent in zip(client.gather(futures), arrays()):
                np.testing.assert_array_equal(found, sent)

            busy = client.map(lambda n: __import__("time").sleep(0.25), range(400), pure=False)
            wait_for(lambda: cluster.info["workers"]["running"] == 3, self.patience, "growing")
            client.cancel(busy)

    def test_adaptive_can_be_switched_off(self, cluster: Cluster) -> None:
        """The incumbent's cannot: 0:4, then 3 by hand, is 0 again after 6 s, for ever."""
        cluster.scale((0, 3))
        wait_for(lambda: cluster.info["workers"]["running"] == 0, self.patience, "shrinking")
        cluster.scale(2, wait=True, timeout=self.patience)

        assert cluster.info["workers"]["maximum"] is None
        with pytest.raises(AssertionError):  # Adaptive looks every second, three times in a row
            wait_for(lambda: cluster.info["workers"]["running"] != 2, timeout=4.5)

    # -- the rest --------------------------------------------------------------------------------
    def test_restart_gives_new_workers_and_forgets(self, cluster: Cluster) -> None:
        with connected(cluster) as client:
            before, there = worker_pids(client), worker_addresses(client)
            future = client.submit(lambda: 1)
            future.result(timeout=self.patience)
            events = len(cluster.info["events"])
            cluster.restart()
            # By address first: who asks a worker that is just going waits half a minute for it.
            wait_for(
                lambda: len(worker_addresses(client) - there) == 2, self.patience, "new workers"
            )
            assert not worker_pids(client) & before

            # The client is told on its own connection, which may be slower.
            wait_for(lambda: future.status == "cancelled", what="the client hearing of it")
            wait_for(lambda: cluster.info["workers"]["running"] == 2)
            kinds = [event["kind"] for event in cluster.info["events"][events:]]
            assert kinds == ["restart"], f"nobody is told that workers were lost: {kinds}"
            assert client.submit(lambda: 5).result(timeout=self.patience) == 5

    @pytest.mark.parametrize("source", ["host", "scheduler", "workers"])
    def test_logs(self, cluster: Cluster, source: str) -> None:
        lines = wait_for(lambda: cluster.logs(source, 200))

        assert {"source", "at", "level", "text"} == set(lines[0])
        assert any(line["text"] for line in lines)
        assert not [line for line in lines if "\x1b" in line["text"]]
        json.dumps(lines)

    def test_logs_are_limited(self, cluster: Cluster) -> None:
        assert len(cluster.logs("host", 2)) == 2
        with pytest.raises(DasklabError, match="There are no logs of 'kernel'"):
            cluster.logs("kernel")
        with pytest.raises(DasklabError, match="The number of lines is not one from 1 to 10000"):
            cluster.logs("scheduler", 0)

    def test_keep(self, cluster: Cluster) -> None:
        cluster.keep()
        assert cluster.info["lease"]["pinned"] is True
        assert cluster.info["lease"]["deadline"] is None
        cluster.keep(False)
        assert cluster.info["lease"]["pinned"] is False
        assert cluster.info["lease"]["deadline"]

    # -- the end ---------------------------------------------------------------------------------
    def test_stop_leaves_a_record_and_nothing_else(self, launch: Any, home: Any) -> None:
        cluster = launch(self.deployment, workers=1, name="brief", **self.options)
        cluster.stop()
        cluster.stop()

        info = cluster.info
        assert (info["phase"], info["reason"]) == ("stopped", None)
        assert (info["workers"]["running"], info["cores"], info["can"]) == (0, 0, [])
        assert info["events"][-1]["kind"] == "stopped"
        for action in (lambda: cluster.scale(1), cluster.restart, cluster.keep, cluster.client):
            with pytest.raises(ClusterGone, match="'brief' is stopped"):
                action()
        assert cluster.logs("host", 5), "its log can be read"
        cluster.forget()
        assert list((home / "logs").iterdir()) == []
        assert list((home / "clusters").iterdir()) == []

    @pytest.mark.usefixtures("catalogued")
    def test_preview_is_what_runs(self, cluster: Cluster) -> None:
        request = LaunchRequest(self.deployment, workers=2, options=dict(self.options))
        text = preview(request)["text"]

        assert text == preview(request)["text"]
        self.check_preview(text, cluster)

    def check_preview(self, text: str, cluster: Cluster) -> None:
        """Compare what the preview says with the running cluster (two workers, ``options``)."""
        raise NotImplementedError
