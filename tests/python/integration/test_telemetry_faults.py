"""Telemetry of real clusters about times that cannot be: wrong clocks, and what has not come."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import dasklab
from dasklab.client import AsyncCluster, Cluster
from dasklab.telemetry.frames import decode

from ..support import wait_for

AHEAD = 3_600
"""Seconds that a worker's clock is ahead."""

WORKER = f"""
import time
true = time.time
time.time = lambda: true() + {AHEAD}
from distributed.cli.dask_worker import main
main()
"""


def ended(cluster: Cluster, tasks: int) -> None:
    wait_for(lambda: cluster.telemetry.totals().get("tasks", 0) == tasks, 120, f"{tasks} tasks")


def test_clocks_that_differ_between_workers(home: Path, tmp_path: Path) -> None:
    """Dask measures how far a worker's clock is off; bars lie where they belong."""
    from distributed import Client, LocalCluster

    with (
        LocalCluster(
            n_workers=1, threads_per_worker=1, processes=False, protocol="tcp://",
            dashboard_address="127.0.0.1:0", silence_logs=50,
        ) as plain,
        Client(plain, set_as_default=False) as client,
    ):  # fmt: skip
        cluster = dasklab.publish(plain)
        worker = subprocess.Popen(
            [sys.executable, "-c", WORKER, plain.scheduler_address, "--no-nanny", "--nthreads",
             "1", "--no-dashboard", "--local-directory", str(tmp_path), "--name", "ahead"],
            stderr=subprocess.DEVNULL, cwd=tmp_path,
            env={**os.environ, "DASKLAB_HOME": f"{home}-not"},
        )  # fmt: skip
        try:
            client.wait_for_workers(2)
            begin = time.time()
            true = next(name for name, worker in plain.workers.items())
            data = client.submit(bytes, 1_000_000, workers=["ahead"])
            client.submit(len, data, workers=[plain.workers[true].address]).result()
            client.gather(client.map(abs, range(50), workers=["ahead"]))
            ended(cluster, 52)
            wait_for(lambda: len(cluster.telemetry.transfers()), 60, "the transfer")
            tasks, moved = cluster.telemetry.tasks(), cluster.telemetry.transfers()
            end = time.time()
        finally:
            worker.kill()
            worker.wait(20)

    assert set(tasks["name"]) == {"ahead", str(true)}
    starts = tasks["start"].map(lambda at: at.timestamp())
    assert starts.min() > begin - 5
    assert starts.max() < end + 5
    assert moved["time"].map(lambda at: at.timestamp()).between(begin - 5, end + 5).all()


def test_a_time_that_has_not_come(launch: Callable[..., Cluster]) -> None:
    cluster = launch(workers=1)
    with cluster.client(set_as_default=False) as client:
        client.submit(abs, 1).result()
        ended(cluster, 1)
        later = time.time() + 1e6
        for ask in ("tasks", "memory", "workers", "transfers"):
            assert len(getattr(cluster.telemetry, ask)(since=later)) == 0
        assert cluster.telemetry.profile(since=later)["samples"] == 0
        frames = asyncio.run(AsyncCluster(cluster.record).telemetry.window(later, later + 10))
    assert decode(frames[4:])[0]["tables"]["tasks"]["rows"] == 0
