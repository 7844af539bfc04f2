"""On a real Slurm: until the first worker, until a reason is known, and what sudden deaths leave.

Needs what ``tests/packages.txt`` names. ``DASKLAB_BENCH_KILLS`` is the number of launches, by a
kernel or a Jupyter server, of which one of the two, the host or both its halves are killed at a
moment chosen by chance. Nobody stops a cluster: that is for its lease, its warden, or the next
launch.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.python.backends.slurm import Slurm, running_slurm

from dasklab.model.record import Record
from dasklab.registry import Registry

from .figures import Figure, alternate, ratio
from .kernel import Kernel, home
from .server import Server
from .start import standby_ready

__all__ = ("figures",)

KILLS = int(os.environ.get("DASKLAB_BENCH_KILLS", "30"))

VICTIMS = ("host", "host and warden", "kernel", "server")

SETTLED = 180.0
"""Seconds within which nothing may be left after the last: a part of it is how long a worker that
finds no scheduler looks for one, and what is to be undone is tried again after some time."""

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


IMPOSSIBLE = ({"memory": "64GB"}, {"queue": "nowhere"})
"""More than any node has, and a partition that there is not."""


def _refused(rig: Slurm) -> float:
    """The most seconds from an impossible launch's place in the list until its reason is there."""
    from dasklab import launch

    slowest = 0.0
    for request in IMPOSSIBLE:
        options: dict[str, Any] = {**SIZE, **request}
        cluster = launch("slurm", workers=1, wait=False, **options)
        begun = time.monotonic()
        while not cluster.record.phase.ended:
            if time.monotonic() - begun > 60:
                cluster.stop()
                return float("inf")
            time.sleep(0.02)
        slowest = max(slowest, time.monotonic() - begun)
        reason = cluster.record.reason or {}
        if not reason.get("hint") or rig.jobs():
            raise RuntimeError(f"It was not refused with a reason: {reason}")
    return slowest


def _kill(pid: int | None) -> None:
    with contextlib.suppress(ProcessLookupError):
        if pid:
            os.kill(pid, signal.SIGKILL)


def _in_kernel() -> subprocess.Popen[bytes]:
    """A kernel that launches and connects, and then computes nothing."""
    code = (
        "import dasklab, time\n"
        f"client = dasklab.launch('slurm', workers=2, wait=False, **{SIZE!r}).client()\n"
        "time.sleep(600)\n"
    )
    return subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL)


def _in_server(server: Server) -> None:
    """A click in the panel; the server may be killed before it answers."""
    body = {"deployment": "slurm", "workers": 2, "options": SIZE}

    def ask() -> None:
        with contextlib.suppress(OSError, http.client.HTTPException, RuntimeError):
            server.ask("POST", "dasklab/api/clusters", body)

    threading.Thread(target=ask, daemon=True).start()


def _begun(known: set[str]) -> Record:
    """The record of a launch, as soon as it is there."""
    deadline = time.monotonic() + 60
    while True:
        for record in Registry().records()[0]:
            if record.id not in known:
                return record
        if time.monotonic() > deadline:
            raise TimeoutError("no host came")
        time.sleep(0.02)


def _one_death(server: Server, chance: random.Random) -> Server:
    """Launch somewhere, and kill something at a moment chosen by chance; the server to go on with.

    Nobody stops the cluster.
    """
    known = {record.id for record in Registry().records()[0]}
    kernel = _in_kernel() if chance.random() < 0.5 else None
    if kernel is None:
        _in_server(server)
    try:
        record = _begun(known)
        time.sleep(chance.uniform(0, 6))
        victim = chance.choice([one for one in VICTIMS if kernel is not None or one != "kernel"])
        if victim == "host and warden":
            _kill(record.warden.pid if record.warden else None)
        if victim.startswith("host"):
            _kill(record.host.pid if record.host else None)
        if victim == "server":
            server.kill()
            server.__exit__()
            server = Server().__enter__()
    finally:
        if kernel is not None:  # at the latest now: nobody is connected any more
            kernel.kill()
            kernel.wait()
    return server


def _left(rig: Slurm) -> int:
    """Jobs that are there when leases, wardens and who looks at the list have done their part."""
    chance = random.Random(1)
    server = Server().__enter__()
    try:
        for _ in range(KILLS):
            server = _one_death(server, chance)
        deadline = time.monotonic() + SETTLED
        while time.monotonic() < deadline:
            server.get("dasklab/api/clusters")
            living = [r for r in Registry().records()[0] if not r.phase.ended or r.checkpoint]
            if not living and not rig.jobs():
                break
            time.sleep(1)
        return len(rig.jobs())
    finally:
        server.__exit__()
        rig.clear()


def figures() -> Iterator[Figure]:
    """Paired against dask-jobqueue's own class, whose deaths leave everything."""
    with running_slurm() as rig:
        with home(DASK_DASKLAB__PUBLISH="false") as folder:
            ours, theirs = _first_worker(rig, folder)
            yield ratio("%dask start slurm to its first worker", ours, theirs, 1.1)
            value: Any = _explained(rig)
            yield Figure("a job that cannot start, until that is explained", value, 5.0, "s")
            yield Figure("an impossible request, until its reason", _refused(rig), 5.0, "s")
        with home(DASK_DASKLAB__STANDBY__ENABLED="false", DASK_DASKLAB__LEASE__NO_CLIENT="4s"):
            yield Figure(f"jobs left after {KILLS} sudden deaths", float(_left(rig)), 0.0)
