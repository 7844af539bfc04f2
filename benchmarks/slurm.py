"""On a real Slurm: until the first worker, until a reason is known, and what sudden deaths leave.

Needs what ``tests/packages.txt`` names. ``DASKLAB_BENCH_KILLS=30`` is the full number of launches
whose host, kernel or both halves of a host are killed at a moment chosen by chance.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.python.backends.slurm import Slurm, running_slurm

from .figures import Figure, alternate, ratio
from .kernel import Kernel, home
from .start import standby_ready

__all__ = ("figures",)

KILLS = int(os.environ.get("DASKLAB_BENCH_KILLS", "6"))

SETTLED = 90.0
"""Seconds within which nothing may be left: half of it is how long a worker that finds no scheduler
looks for one."""

SIZE = {"cores": 1, "memory": "1GB", "walltime": "10m", "interface": "lo"}
WORDS = " ".join(f"--{name} {value}" for name, value in SIZE.items())

PLAIN = """
from dask_jobqueue import SLURMCluster
from distributed import Client
_cluster = SLURMCluster(
    cores=1, memory="1GB", processes=1, walltime="00:10:00", interface="lo",
    scheduler_options={"dashboard_address": "127.0.0.1:0"},
)
_cluster.scale(1)
_client = Client(_cluster)
_client.wait_for_workers(1)
"""
PLAIN_END = "_client.close(); _cluster.close()"


def _first_worker(rig: Slurm, folder: Path, rounds: int = 5) -> tuple[list[float], list[float]]:
    """Both from one kernel that has Dask imported, into an empty queue."""
    with Kernel() as kernel:
        kernel.run(f"import os\nos.chdir({str(folder)!r})")  # where the plain jobs write
        kernel.run("%load_ext dasklab\nimport distributed, dask_jobqueue")

        def ours() -> float:
            standby_ready()
            took = kernel.run(f"%dask start slurm -n 1 {WORDS}")
            kernel.run("%dask stop")
            rig.clear()
            return took

        def theirs() -> float:
            took = kernel.run(PLAIN)
            kernel.run(PLAIN_END)
            rig.clear()
            return took

        return alternate(rounds, ours, theirs)


def _explained(rig: Slurm) -> float:
    """Seconds from the submission of a job that never starts until the reason is in the list."""
    from dasklab import launch

    cluster = launch("slurm", workers=1, wait=False, queue="closed", **SIZE)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        info = cluster.record
        if any(found.code == "queue.down" for found in info.advice):
            submitted = next(event.at for event in info.events if event.kind == "submitted")
            cluster.stop()
            rig.clear()
            return max(0.0, info.updated - submitted)
        time.sleep(0.05)
    return float("inf")


def _kill(pid: int | None) -> None:
    with contextlib.suppress(ProcessLookupError):
        if pid:
            os.kill(pid, signal.SIGKILL)


def _killed(rig: Slurm, chance: random.Random) -> int:
    """Launch in a kernel, kill something at a moment chosen by chance; jobs that are left."""
    from dasklab.client import clusters
    from dasklab.registry import Registry

    code = (
        "import dasklab, time\n"
        f"dasklab.launch('slurm', workers=2, wait=False, **{SIZE!r})\n"
        "time.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code]) as kernel:
        deadline = time.monotonic() + 60
        while not (live := [r for r in Registry().records()[0] if not r.phase.ended]):
            if time.monotonic() > deadline:
                raise TimeoutError("no host came")
            time.sleep(0.02)
        time.sleep(chance.uniform(0, 6))
        (record,) = live
        victims = chance.choice(["host", "kernel", "both"])
        if victims == "both":
            _kill(record.warden.pid if record.warden else None)
        if victims != "kernel":
            _kill(record.host.pid if record.host else None)
        kernel.kill()
    for cluster in clusters(ended=True):
        with contextlib.suppress(Exception):
            cluster.stop()  # what the lease does, or who looks at the list next
    deadline = time.monotonic() + SETTLED
    while (left := rig.jobs()) and time.monotonic() < deadline:
        time.sleep(0.2)
    rig.clear()
    return len(left)


def figures() -> Iterator[Figure]:
    """Paired against dask-jobqueue's own class, whose deaths leave everything."""
    with running_slurm() as rig:
        with home(DASK_DASKLAB__PUBLISH="false") as folder:
            ours, theirs = _first_worker(rig, folder)
            yield ratio("%dask start slurm to its first worker", ours, theirs, 1.1)
            value: Any = _explained(rig)
            yield Figure("a job that cannot start, until that is explained", value, 5.0, "s")
        with home(DASK_DASKLAB__STANDBY__ENABLED="false"):
            chance = random.Random(1)
            left = sum(_killed(rig, chance) for _ in range(KILLS))
            yield Figure(f"jobs left after {KILLS} sudden deaths", float(left), 0.0)
