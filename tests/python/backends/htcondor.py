"""A real HTCondor (23.9, of the Debian that comes after this one) as an ordinary user's own pool.

Nothing is installed or mounted: its packages are unpacked into the user's cache, and its programs
told to use the libraries that came with them. HTCondor runs no jobs of root, so that root's pool is
in a user namespace in which root has another name; elsewhere the pool is simply the user's.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import json
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ..hub.rig import free_ports
from ..support import kill, marked, wait_for
from . import require

__all__ = ("HTCondor", "htcondor", "left_out")

SUITE = "trixie"
USED = ("bin/condor_*", "sbin/condor_*", "libexec/condor/condor_*")
COMMANDS = ("condor_submit", "condor_q", "condor_rm", "condor_status", "condor_history")
AS_DAEMON = ("unshare", "--user", "--map-user=1", "--map-group=1")
"""What makes root Debian's user ``daemon``, in its own eyes and those of whom it starts."""

CONFIGURATION = """\
RELEASE_DIR = {programs}/usr
LIBEXEC = $(RELEASE_DIR)/libexec/condor
LOCAL_DIR = {folder}
LOG = {folder}/log
RUN = {folder}/run
LOCK = {folder}/lock
SPOOL = {folder}/spool
EXECUTE = {folder}/execute
DAEMON_LIST = MASTER COLLECTOR NEGOTIATOR SCHEDD STARTD
CONDOR_HOST = 127.0.0.1
COLLECTOR_PORT = {port}
NETWORK_INTERFACE = 127.0.0.1
BIND_ALL_INTERFACES = False
USE_SHARED_PORT = False
UID_DOMAIN = rig
FILESYSTEM_DOMAIN = rig
TRUST_UID_DOMAIN = True
SEC_DEFAULT_AUTHENTICATION = OPTIONAL
SEC_DEFAULT_AUTHENTICATION_METHODS = FS
SEC_DEFAULT_ENCRYPTION = OPTIONAL
SEC_DEFAULT_INTEGRITY = OPTIONAL
ALLOW_READ = *
ALLOW_WRITE = *
ALLOW_ADMINISTRATOR = *
ALLOW_DAEMON = *
ALLOW_NEGOTIATOR = *
NUM_CPUS = 8
MEMORY = 16000
use feature: PartitionableSlot
START = True
SUSPEND = False
PREEMPT = False
KILL = False
RUNBENCHMARKS = False
NEGOTIATOR_INTERVAL = 1
NEGOTIATOR_MIN_INTERVAL = 1
NEGOTIATOR_CYCLE_DELAY = 1
SCHEDD_INTERVAL = 1
SCHEDD_MIN_INTERVAL = 1
UPDATE_INTERVAL = 5
CLAIM_WORKLIFE = 0
MAIL = /bin/true
DISCARD_SESSION_KEYRING_ON_STARTUP = False
STARTD_ENFORCE_DISK_LIMITS = False
CGROUP_MEMORY_LIMIT_POLICY = none
BASE_CGROUP =
MOUNT_UNDER_SCRATCH =
"""


@functools.cache
def left_out() -> str:
    """Why there can be no such pool on this machine, whatever is installed; empty: there can."""
    if os.geteuid() != 0:
        return ""
    if subprocess.run([*AS_DAEMON, "true"], check=False, capture_output=True).returncode == 0:
        return ""
    return "this machine allows no user namespaces, and HTCondor runs no jobs of root"


def programs() -> Path:
    """Where HTCondor is unpacked: in the user's cache, once."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "dasklab-tests"
    cache.mkdir(parents=True, exist_ok=True)
    folder = cache / f"htcondor-{SUITE}"
    with open(cache / "lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "ready").exists():
            shutil.rmtree(folder, ignore_errors=True)
            _unpack(folder)
            (folder / "ready").touch()
    return folder


def _mirror() -> str:
    """Where this machine has its Debian from."""
    ask = ["apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE)", "Identifier: Packages"]
    found = subprocess.run(ask, check=True, capture_output=True, text=True).stdout
    of_suites = (line.split() for line in found.splitlines())
    # Not those of updates and security, such as bookworm-updates.
    return next(address for address, suite in of_suites if "-" not in suite)


def _unpack(folder: Path) -> None:
    """Its packages with all that they need, and programs that look for it there."""
    options = ["--quiet", "--variant=extract", "--include=condor"]
    subprocess.run(
        ["mmdebstrap", *options, SUITE, str(folder), _mirror()],
        check=True,
        capture_output=True,
        timeout=240,
    )
    usr = folder / "usr"
    (loader,) = usr.glob("lib*/ld-linux-*.so.*")
    (libraries,) = usr.glob("lib/*-linux-gnu")
    for pattern in USED:
        for program in usr.glob(pattern):
            if not program.is_symlink() and program.read_bytes()[:4] == b"\x7fELF":
                told = ["--force-rpath", "--set-rpath", f"{libraries}:{usr}/lib"]
                subprocess.run(
                    ["patchelf", *told, "--set-interpreter", loader, program], check=True
                )


class HTCondor:
    """All daemons of a pool of one machine with eight cores and 16 GB, on loopback."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="dlh-"))
        self.bin = self.folder / "bin"
        self._master: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> HTCondor:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def path(self) -> str:
        """``PATH`` with its commands first."""
        return f"{self.bin}:{os.environ['PATH']}"

    def start(self) -> None:
        """Start it, and wait until it has a machine."""
        found = programs()
        for name in ("bin", "log", "run", "lock", "spool", "execute"):
            (self.folder / name).mkdir()
        settings = self.folder / "condor_config"
        (port,) = free_ports(1)
        settings.write_text(
            CONFIGURATION.format(programs=found, folder=self.folder, port=port), encoding="utf-8"
        )
        prefix = AS_DAEMON if os.geteuid() == 0 else ()
        for name in COMMANDS:
            command = " ".join([*prefix, str(found / "usr" / "bin" / name)])
            script = self.bin / name
            script.write_text(f'#!/bin/sh\nCONDOR_CONFIG={settings} exec {command} "$@"\n')
            script.chmod(0o755)
        with open(self.folder / "master.out", "wb") as log:
            self._master = subprocess.Popen(
                [*prefix, str(found / "usr" / "sbin" / "condor_master"), "-f"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env={"PATH": os.environ["PATH"], "CONDOR_CONFIG": str(settings)},
            )
        wait_for(lambda: self.run("condor_status", "-af", "Name"), 90, "HTCondor's machine")

    def run(self, name: str, *arguments: str) -> str:
        """What one of its commands prints."""
        done = subprocess.run(
            [str(self.bin / name), *arguments],
            check=True,
            capture_output=True,
            text=True,
            timeout=60,
        )
        return done.stdout.strip()

    def jobs(self) -> dict[str, dict[str, Any]]:
        """The jobs that wait, run or are held, as its queue keeps them."""
        jobs = json.loads(self.run("condor_q", "-json") or "[]")
        ended = (3, 4)  # removed, completed
        return {f"{j['ClusterId']}.{j['ProcId']}": j for j in jobs if j["JobStatus"] not in ended}

    def close(self) -> None:
        """End it, with its jobs, and remove its folder."""
        if self._master is not None:
            self._master.send_signal(signal.SIGQUIT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._master.wait(10)
        for pid in marked(str(self.folder)):
            with contextlib.suppress(ProcessLookupError):
                kill(pid)
        if self._master is not None:
            self._master.wait(10)
        shutil.rmtree(self.folder, ignore_errors=True)


@pytest.fixture(scope="class")
def htcondor() -> Iterator[HTCondor]:
    """One for the tests of a class, whose commands are found first."""
    require("mmdebstrap", "patchelf", "unshare")
    with HTCondor() as rig, pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", rig.path)
        yield rig
