"""A real Slurm of one node on loopback: munged, slurmctld, slurmd, all of it in one folder.

Clients need nothing but ``SLURM_CONF``. Partitions: ``main``; ``short`` (one minute at the most);
``closed``, in which nothing ever starts. The node says that it has eight cores and 16 GB.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ..support import wait_for
from . import require

__all__ = ("Slurm", "ask", "running_slurm")

CONFIGURATION = """\
ClusterName=rig
SlurmctldHost={node}(127.0.0.1)
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
CryptoType=crypto/munge
AuthInfo=socket={folder}/munge.socket
SlurmctldPort={controller}
SlurmdPort={daemon}
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
MailProg=/bin/true
ReturnToService=2
SwitchType=switch/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=2,bf_interval=2,batch_sched_delay=0,sched_min_interval=100000
SlurmdParameters=config_overrides
KillWait=30
MinJobAge=300
InactiveLimit=0
Waittime=0
NodeName={node} NodeAddr=127.0.0.1 CPUs=8 RealMemory=16000 State=UNKNOWN
PartitionName=main Nodes={node} Default=YES MaxTime=24:00:00 DefaultTime=01:00:00 State=UP
PartitionName=short Nodes={node} MaxTime=00:01:00 State=UP
PartitionName=closed Nodes={node} State=DOWN
"""


def free_port() -> int:
    """One that nobody listens on at the moment."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def ask(*command: str, environ: dict[str, str] | None = None) -> str:
    """What a command prints, of the Slurm that the environment names."""
    found = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **(environ or {})},
    )
    return found.stdout.strip()


class Slurm:
    """Starts and stops it."""

    def __init__(self) -> None:
        # Short: the path of munge's socket has 108 bytes.
        self.folder = Path(tempfile.mkdtemp(prefix="dls-"))
        self.conf = self.folder / "slurm.conf"
        self._processes: list[subprocess.Popen[bytes]] = []

    @property
    def environ(self) -> dict[str, str]:
        """What makes its commands find it."""
        return {"SLURM_CONF": str(self.conf)}

    def start(self) -> None:
        """All daemons; back when a job could start."""
        import getpass

        for name in ("state", "spool"):
            (self.folder / name).mkdir()
        self.folder.chmod(0o755)
        key = self.folder / "munge.key"
        key.write_bytes(os.urandom(1024))
        key.chmod(0o400)
        self.conf.write_text(
            CONFIGURATION.format(
                node=socket.gethostname().split(".")[0],
                user=getpass.getuser(),
                folder=self.folder,
                controller=free_port(),
                daemon=free_port(),
            )
        )
        socket_path = self.folder / "munge.socket"
        self._run(
            "munged",
            "--foreground",
            "--force",
            f"--key-file={key}",
            f"--socket={socket_path}",
            f"--pid-file={self.folder}/munged.pid",
            f"--log-file={self.folder}/munged.log",
            f"--seed-file={self.folder}/munged.seed",
        )
        wait_for(socket_path.exists, 30, "munged")
        self._run("slurmctld", "-D", "-f", str(self.conf))
        self._run("slurmd", "-D", "-f", str(self.conf))
        wait_for(lambda: self.ask("sinfo", "-h", "-p", "main", "-o", "%t") == "idle", 60, "Slurm")

    def _run(self, *command: str) -> None:
        with open(self.folder / f"{command[0]}.out", "wb") as log:
            self._processes.append(
                subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                    env={**os.environ, "PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin"},
                )
            )

    def ask(self, *command: str) -> str:
        """What one of its commands prints."""
        return ask(*command, environ=self.environ)

    def jobs(self) -> list[str]:
        """Ids of the jobs that wait or run, also of those that are being ended."""
        return self.ask("squeue", "--noheader", "-o", "%A").split()

    def submitted(self) -> int:
        """How many jobs have been submitted in all: they are numbered."""
        found = self.ask("squeue", "--noheader", "--states=all", "-o", "%A").split()
        return max(map(int, found), default=0)

    def clear(self) -> None:
        """Cancel everything, and wait until it is gone."""
        jobs = self.jobs()
        if jobs:
            self.ask("scancel", *jobs)
        wait_for(lambda: not self.jobs(), 60, "an empty queue")

    def stop(self) -> None:
        """End the daemons."""
        with contextlib.suppress(AssertionError):
            self.clear()
        for process in reversed(self._processes):
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


@contextlib.contextmanager
def running_slurm() -> Iterator[Slurm]:
    """A Slurm for a while; its users' environment is set."""
    rig = Slurm()
    try:
        rig.start()
        with pytest.MonkeyPatch.context() as patch:
            for name, value in rig.environ.items():
                patch.setenv(name, value)
            yield rig
    finally:
        rig.stop()


@pytest.fixture(scope="session")
def slurm() -> Iterator[Slurm]:
    """One for all tests of a session."""
    require("slurmctld", "slurmd", "munged", "sbatch")
    with running_slurm() as rig:
        yield rig
