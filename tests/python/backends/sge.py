"""A real Grid Engine (Debian's Son of Grid Engine) on this machine, everything of it in one folder.

One host, one queue ``all.q``. Its own root folder, cell and ports: several can run at once, and
what Debian has installed is only read.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import re
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ..hub.rig import free_ports
from ..support import kill, marked, wait_for
from . import require

__all__ = ("GridEngine", "grid_engine", "running_grid_engine")

COMMANDS = ("sge_qmaster", "sge_execd", "qconf", "qsub")

LIBRARY = Path("/usr/lib/gridengine")
SHARE = Path("/usr/share/gridengine")

BOOTSTRAP = """\
admin_user              {user}
default_domain          none
ignore_fqdn             true
spooling_method         classic
spooling_lib            libspoolc
spooling_params         {root}/cell/common;{root}/spool
binary_path             /usr/sbin
qmaster_spool_dir       {root}/spool
security_mode           none
listener_threads        2
worker_threads          2
scheduler_threads       1
"""


class GridEngine:
    """Master and execution daemon in processes of their own.

    Parameters
    ----------
    slots
        Jobs that run at a time.
    """

    def __init__(self, slots: int = 8) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="dls-"))
        self.slots = slots
        master, execution = free_ports(2)
        self.host = socket.gethostname().split(".")[0]
        self.environ = {
            "SGE_ROOT": str(self.folder),
            "SGE_CELL": "cell",
            "SGE_QMASTER_PORT": str(master),
            "SGE_EXECD_PORT": str(execution),
        }
        self._pids: list[int] = []

    def __enter__(self) -> GridEngine:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- commands --------------------------------------------------------------------------------
    def run(self, *argv: str, check: bool = True) -> str:
        """What a command prints."""
        done = subprocess.run(
            argv,
            check=False,
            capture_output=True,
            text=True,
            timeout=60,
            env={**os.environ, **self.environ},
        )
        if check and done.returncode:
            raise RuntimeError(f"{argv} ended with {done.returncode}: {done.stderr}{done.stdout}")
        return done.stdout

    def jobs(self) -> list[str]:
        """Ids of all jobs in the queue."""
        return [line.split()[0] for line in self.run("qstat", "-u", "*").splitlines()[2:]]

    def scripts(self) -> dict[str, str]:
        """The scripts of all jobs in the queue, as it keeps them."""
        folder = self.folder / "spool" / "job_scripts"
        return {job: (folder / job).read_text(encoding="utf-8") for job in self.jobs()}

    @contextlib.contextmanager
    def disabled(self) -> Iterator[None]:
        """A while in which the queue starts nothing."""
        self.run("qmod", "-d", "all.q")
        try:
            yield
        finally:
            self.run("qmod", "-e", "all.q")

    def _put(self, option: str, text: str, name: str = "put") -> None:
        """Give a configuration to ``qconf``, which reads it from a file."""
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        self.run("qconf", option, str(path))
        path.unlink()

    # -- life ------------------------------------------------------------------------------------
    def start(self) -> None:
        """Start it, and wait until its queue takes jobs."""
        common, spool = self.folder / "cell" / "common", self.folder / "spool"
        self.folder.chmod(0o755)
        common.mkdir(parents=True)
        (spool / "job_scripts").mkdir(parents=True)
        user = pwd.getpwuid(os.getuid()).pw_name
        bootstrap = BOOTSTRAP.format(user=user, root=self.folder)
        (common / "bootstrap").write_text(bootstrap, encoding="utf-8")
        (common / "act_qmaster").write_text(f"{self.host}\n", encoding="utf-8")
        # Its own name must not resolve as localhost: all names of 127.0.0.1 are this host's.
        (common / "host_aliases").write_text(f"{self._names()}\n", encoding="utf-8")
        for name in ("bin", "lib", "utilbin"):
            (self.folder / name).symlink_to(Path("/var/lib/gridengine") / name)
        (self.folder / "util").symlink_to(SHARE / "util")
        self._spool(user)
        self.run("/usr/sbin/sge_qmaster")
        wait_for(lambda: self._answers("qconf", "-sh"), 60, "the master of Grid Engine")
        self._configure(spool)
        self.run("/usr/sbin/sge_execd")
        wait_for(lambda: "-NA-" not in self.run("qhost", "-h", self.host), 60, "its daemon")
        wait_for(
            lambda: re.search(r"all\.q@\S+ +BIP? .*lx-amd64 *$", self.run("qstat", "-f"), re.M),
            60,
            "its queue",
        )

    def _names(self) -> str:
        names = [self.host]
        for line in Path("/etc/hosts").read_text(encoding="utf-8").splitlines():
            words = line.split("#")[0].split()
            if words[:1] == ["127.0.0.1"]:
                names += words[1:]
        return " ".join(dict.fromkeys([*names, socket.gethostname(), "localhost"]))

    def _spool(self, user: str) -> None:
        root, common = self.folder, self.folder / "cell" / "common"
        self.run(
            str(LIBRARY / "spoolinit"), "classic", "libspoolc", f"{common};{root}/spool", "init"
        )
        defaults = str(LIBRARY / "spooldefaults")
        self.run(defaults, "configuration", str(SHARE / "default-configuration"))
        self.run(defaults, "complexes", str(SHARE / "util" / "resources" / "centry"))
        self.run(defaults, "usersets", str(SHARE / "util" / "resources" / "usersets"))
        self.run(defaults, "managers", user)

    def _answers(self, *argv: str) -> bool:
        try:
            self.run(*argv)
        except RuntimeError:
            return False
        return True

    def _configure(self, spool: Path) -> None:
        for option in ("-ah", "-as"):
            with contextlib.suppress(RuntimeError):  # it is one already
                self.run("qconf", option, self.host)
        conf = self.run("qconf", "-sconf", "global")
        for name, value in {
            "execd_spool_dir": str(spool / "execd"),
            "min_uid": "0",
            "min_gid": "0",
            "mailer": "/bin/true",
            "reporting_params": "accounting=true reporting=false flush_time=00:00:01 joblog=false sharelog=00:00:00",
        }.items():
            conf = re.sub(rf"^{name} .*(\\\n.*)*", f"{name} {value}", conf, flags=re.M)
        (spool / "execd").mkdir(exist_ok=True)
        self._put("-Mconf", conf, "global")
        scheduling = self.run("qconf", "-ssconf")
        for name, value in {
            "schedule_interval": "0:0:1",
            "flush_submit_sec": "1",
            "flush_finish_sec": "1",
            "schedd_job_info": "true",
        }.items():
            scheduling = re.sub(rf"^{name} .*", f"{name} {value}", scheduling, flags=re.M)
        self._put("-Msconf", scheduling)
        host = "".join(
            f"{name} NONE\n"
            for name in (
                "load_scaling",
                "complex_values",
                "user_lists",
                "xuser_lists",
                "projects",
                "xprojects",
                "usage_scaling",
                "report_variables",
            )
        )
        if self.host not in self.run("qconf", "-sel", check=False):
            self._put("-Ae", f"hostname {self.host}\n{host}")
        self._put("-Ahgrp", f"group_name @allhosts\nhostlist {self.host}\n")
        queue = self.run("qconf", "-sq")
        for name, value in {
            "qname": "all.q",
            "hostlist": "@allhosts",
            "slots": str(self.slots),
            "shell": "/bin/bash",
            "shell_start_mode": "unix_behavior",
            "load_thresholds": "NONE",
            "pe_list": "NONE",
            "tmpdir": "/tmp",
            "h_rt": "24:00:00",
        }.items():
            queue = re.sub(rf"^{name} .*", f"{name} {value}", queue, flags=re.M)
        self._put("-Aq", queue)

    def close(self) -> None:
        """End it, its jobs first, and remove its folder."""
        with contextlib.suppress(RuntimeError, subprocess.TimeoutExpired, AssertionError):
            self.run("qdel", "-u", "*")
            wait_for(lambda: not self.jobs(), 5)
        # Its daemons take seconds to end when they are asked to; all that they keep is removed.
        mark = f"SGE_ROOT={self.folder}"
        for pid in marked(mark):
            with contextlib.suppress(ProcessLookupError):
                kill(pid)
        shutil.rmtree(self.folder, ignore_errors=True)


@contextlib.contextmanager
def running_grid_engine() -> Iterator[GridEngine]:
    """A Grid Engine for a while; its users' environment is set."""
    with GridEngine() as rig, pytest.MonkeyPatch.context() as patch:
        for name, value in rig.environ.items():
            patch.setenv(name, value)
        yield rig


@pytest.fixture(scope="session")
def grid_engine() -> Iterator[GridEngine]:
    """One for all tests of a session."""
    require(*COMMANDS)
    with running_grid_engine() as rig:
        yield rig
