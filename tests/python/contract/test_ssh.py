from __future__ import annotations

import re
from typing import Any, ClassVar

import pytest

from dasklab.client import Cluster

from ..backends.sshd import Sshd, remote_processes
from ..support import wait_for
from .suite import DeploymentContract, connected


class TestSSH(DeploymentContract):
    """With TLS: what is encrypted passes through every path that what is not does."""

    deployment = "ssh"
    options: ClassVar[dict[str, Any]] = {}
    patience = 60.0

    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def _hosts(cls, sshd: Sshd) -> Any:
        cls.options = {
            **sshd.options(),
            "tls": "on",
            "memory_limit": "700MiB",
            "resources": {"GPU": 2},
            "environ": {"MY_VARIABLE": "x"},
        }
        yield
        wait_for(lambda: not remote_processes(), 30, "the end of what ran on the hosts")

    def check_preview(self, text: str, cluster: Cluster) -> None:
        with connected(cluster) as client:
            identity = client.scheduler_info(n_workers=-1)
            environ = client.run(lambda: __import__("os").environ["MY_VARIABLE"])
            resources = client.run(lambda dask_worker: dask_worker.state.total_resources)
            python = client.run(lambda: __import__("sys").executable)
        assert "Scheduler(protocol='tls'" in text
        assert identity["address"].startswith("tls://127.0.0.")
        commands = re.findall(r"^ssh -p (\d+) (\S+) (\S+)$", text, re.MULTILINE)
        assert {host for _, host, _ in commands} == {
            w["host"] for w in identity["workers"].values()
        }
        assert set(python.values()) == {path for _, _, path in commands}
        assert "memory_limit='700MiB'" in text
        assert {w["memory_limit"] for w in identity["workers"].values()} == {700 * 2**20}
        assert "nthreads=1" in text
        assert {w["nthreads"] for w in identity["workers"].values()} == {1}
        assert '"MY_VARIABLE": "x"' in text
        assert set(environ.values()) == {"x"}
        assert "resources={'GPU': 2}" in text
        assert list(resources.values()) == [{"GPU": 2}] * 2
