"""From the call to the first worker over SSH: ``%dask start ssh`` against Dask's ``SSHCluster``.

A real sshd on loopback, in turns, each in a kernel of its own, with and without a standby.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.python.backends.sshd import Sshd

from .figures import Figure, ratio
from .kernel import Kernel, home
from .start import standby_ready

__all__ = ("figures",)

ROUNDS = 5

PLAIN = """
import sys
from distributed import Client, SSHCluster
_cluster = SSHCluster(
    ["127.0.0.1", "127.0.0.1"],
    connect_options={{"port": {port}, "client_keys": {key!r}, "known_hosts": {known_hosts!r}}},
    worker_options={{"nthreads": 1}},
    scheduler_options={{"dashboard_address": "127.0.0.1:0"}},
    remote_python=sys.executable,
)
_client = Client(_cluster)
_client.wait_for_workers(1)
"""
# Not close() alone: as root sshd passes no signals on, and all of it would stay.
PLAIN_END = "_client.shutdown(); _cluster.close()"

OURS = """
%dask start ssh -n 1 --hosts 127.0.0.1:{port} --threads-per-worker 1 --key {key} \
--known-hosts {known_hosts}
client.wait_for_workers(1)
"""


def _measure(server: Sshd, *, warm: bool) -> tuple[list[float], list[float]]:
    ours: list[float] = []
    theirs: list[float] = []
    filled = {"port": server.port, **server.login}
    for number in range(ROUNDS):
        with Kernel() as kernel:
            kernel.run("%load_ext dasklab\nimport distributed")
            for side in ("ours", "theirs") if number % 2 else ("theirs", "ours"):
                if side == "ours":
                    if warm:
                        standby_ready()
                    ours.append(kernel.run(OURS.format(**filled)))
                    kernel.run("%dask stop")
                else:
                    theirs.append(kernel.run(PLAIN.format(**filled)))
                    kernel.run(PLAIN_END)
    return ours, theirs


def figures() -> Iterator[Figure]:
    """Warm (a standby is there) and cold (none is allowed)."""
    with tempfile.TemporaryDirectory(prefix="sshd-") as folder:
        server = Sshd(Path(folder))
        try:
            with home(DASK_DASKLAB__PUBLISH="false"):
                yield ratio("ssh: call to first worker, warm", *_measure(server, warm=True), 1.10)
            with home(DASK_DASKLAB__PUBLISH="false", DASK_DASKLAB__STANDBY__ENABLED="false"):
                yield ratio("ssh: call to first worker, cold", *_measure(server, warm=False), 1.10)
        finally:
            server.stop()
