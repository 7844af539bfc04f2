"""A real OpenSSH server on two addresses of loopback, with throwaway keys and no change in /etc."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psutil
import pytest

from ..support import wait_for
from . import require

__all__ = ("Sshd", "remote_processes", "sshd")

CONFIG = """
Port {port}
ListenAddress 127.0.0.1
ListenAddress 127.0.0.2
HostKey {folder}/host_key
PidFile none
AuthorizedKeysFile {folder}/id.pub
StrictModes no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
UsePAM no
PrintMotd no
MaxStartups 100:30:200
MaxSessions 100
"""


class Sshd:
    """Two hosts, in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = _free_port()
        for name in ("host_key", "id", "stranger"):
            command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
            subprocess.run(command, check=True)
        public = " ".join((folder / "host_key.pub").read_text().split()[:2])
        hosts = ",".join(f"[127.0.0.{number}]:{self.port}" for number in (1, 2))
        (folder / "known_hosts").write_text(f"{hosts} {public}\n")
        (folder / "nobody_known").write_text("")
        (folder / "sshd_config").write_text(CONFIG.format(port=self.port, folder=folder))
        if os.geteuid() == 0:
            os.makedirs("/run/sshd", mode=0o755, exist_ok=True)
        self._log = open(folder / "log", "wb")
        self._process = subprocess.Popen(
            [str(shutil.which("sshd")), "-D", "-e", "-f", str(folder / "sshd_config")],
            stderr=self._log,
        )
        wait_for(self._listens, 30, "sshd")

    def _listens(self) -> bool:
        socket.create_connection(("127.0.0.2", self.port), 1).close()
        return True

    @property
    def pid(self) -> int:
        """The server's; its children are connections."""
        return self._process.pid

    def place(self, number: int = 1) -> str:
        """One of the two hosts, as it is written in options."""
        return f"127.0.0.{number}:{self.port}"

    @property
    def login(self) -> dict[str, Any]:
        """Options with which one gets in."""
        return {"key": str(self.folder / "id"), "known_hosts": str(self.folder / "known_hosts")}

    def options(self, *numbers: int) -> dict[str, Any]:
        """Options of ``ssh`` for these hosts."""
        hosts = [self.place(number) for number in numbers or (1, 2)]
        return {"hosts": hosts, "threads_per_worker": 1, **self.login}

    def stop(self) -> None:
        """End it, and what it started."""
        children = psutil.Process(self._process.pid).children(recursive=True)
        self._process.terminate()
        self._process.wait(10)
        for child in children:
            if child.is_running():
                child.kill()
        self._log.close()


def remote_processes() -> list[int]:
    """What runs at the other end of channels that this checkout opened."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        line = process.info["cmdline"] or []
        if line[:1] == [sys.executable] and any("dasklab_remote" in word for word in line):
            found.append(process.pid)
    return found


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@pytest.fixture(scope="session")
def sshd() -> Iterator[Sshd]:
    """The server, for all tests of a session."""
    require("sshd", "ssh-keygen")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sshd-")))
        server = Sshd(folder)
        stack.callback(server.stop)
        yield server
