"""A real ``dask scheduler`` with a real ``dask worker``, with or without TLS, on loopback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ..support import wait_for

__all__ = ("RunningScheduler", "running_scheduler", "running_tls_scheduler")


class RunningScheduler:
    """Started as people do on a command line."""

    def __init__(self, folder: Path, *, tls: bool = False) -> None:
        self.file = folder / "scheduler.json"
        self.tls: dict[str, str] = {}
        environ = dict(os.environ)
        environ.pop("DASKLAB_HOME", None)  # nobody's cluster: no test shall find it left behind
        flags: list[str] = []
        if tls:
            self.tls = _credentials(folder / "tls")
            ca, cert, key = self.tls.values()
            flags = ["--tls-ca-file", ca, "--tls-cert", cert, "--tls-key", key]
            name = "DASK_DISTRIBUTED__SCHEDULER__DASHBOARD__TLS__"
            environ |= {f"{name}CERT": cert, f"{name}KEY": key, f"{name}CA_FILE": ca}
        protocol = "tls" if tls else "tcp"
        dask = [sys.executable, "-m", "dask"]
        self._processes = [
            subprocess.Popen(
                [*dask, "scheduler", "--host", f"{protocol}://127.0.0.1", "--port", "0",
                 "--dashboard-address", "127.0.0.1:0", "--scheduler-file", str(self.file), *flags],
                env=environ, cwd=folder, stderr=subprocess.DEVNULL,
            )
        ]  # fmt: skip
        wait_for(self.file.exists, 60, "the scheduler")
        self._processes.append(
            subprocess.Popen(
                [*dask, "worker", "--scheduler-file", str(self.file), "--nthreads", "1",
                 "--host", f"{protocol}://127.0.0.1", "--no-dashboard", "--death-timeout", "60",
                 "--local-directory", str(folder), *flags],
                env=environ, cwd=folder, stderr=subprocess.DEVNULL,
            )
        )  # fmt: skip

    @property
    def address(self) -> str:
        """The scheduler's."""
        return str(json.loads(self.file.read_text())["address"])

    @property
    def alive(self) -> bool:
        """Whether the scheduler runs."""
        return self._processes[0].poll() is None

    def stop(self) -> None:
        """End both."""
        for process in reversed(self._processes):
            process.terminate()
        for process in self._processes:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:  # a worker that looks for its scheduler
                process.kill()
                process.wait()


def _credentials(folder: Path) -> dict[str, str]:
    from distributed import Security

    from dasklab.tls import write

    return write(Security.temporary(), str(folder))


@pytest.fixture(scope="session")
def running_scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningScheduler]:
    """For all tests that leave it running."""
    found = RunningScheduler(tmp_path_factory.mktemp("scheduler"))
    yield found
    found.stop()


@pytest.fixture(scope="session")
def running_tls_scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningScheduler]:
    """The same, with TLS for everything, its dashboard too."""
    found = RunningScheduler(tmp_path_factory.mktemp("tls-scheduler"), tls=True)
    yield found
    found.stop()
