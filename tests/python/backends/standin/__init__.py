"""A stand-in for the commands of PBS, LSF, Moab and OAR, which tests cannot start.

It is none of these systems. It queues job scripts and really runs them on this machine, with
slots, memory, wall times, holds and cancelling, and prints what it knows in the formats that their
documentation shows (OAR's: as a real OAR 2.5 printed them).
``core`` is the queue; a module for each system reads its options and writes its formats;
:class:`StandIn` is what tests use.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ...support import kill, marked, wait_for

__all__ = ("StandIn",)

COMMANDS = {
    "pbs": ("qsub", "qstat", "qdel", "qselect"),
    "lsf": ("bsub", "bjobs", "bkill", "bqueues", "bparams"),
    "moab": ("msub", "showq", "checkjob", "canceljob"),
    "oar": ("oarsub", "oarstat", "oardel"),
}


class StandIn:
    """The commands of one system, in a folder of their own.

    Parameters
    ----------
    system
        A key of :data:`COMMANDS`.
    slots, memory
        Cores, and bytes, that it has.
    """

    def __init__(self, system: str, slots: int = 8, memory: int = 16 * 2**30) -> None:
        self.system = system
        self.folder = Path(tempfile.mkdtemp(prefix=f"dl-{system}-"))
        self.bin = self.folder / "bin"
        self.bin.mkdir()
        self.environ = {"STANDIN_SYSTEM": system}
        settings = {"system": system, "slots": slots, "memory": memory}
        (self.folder / "settings.json").write_text(json.dumps(settings), encoding="utf-8")
        for name in COMMANDS[system]:
            script = self.bin / name
            script.write_text(
                f"#!/bin/sh\nSTANDIN={self.folder} exec {sys.executable} -I -B {__file__[:-11]}main.py "
                f'{name} "$@"\n',
                encoding="utf-8",
            )
            script.chmod(0o755)

    @property
    def path(self) -> str:
        """``PATH`` with its commands first."""
        return f"{self.bin}:{os.environ['PATH']}"

    def __enter__(self) -> StandIn:
        os.mkfifo(self.folder / "starts")
        # Jobs get little of its environment, and nothing of a test's.
        kept = ("HOME", "LANG", "PYTHONDONTWRITEBYTECODE")
        environ = {name: os.environ[name] for name in kept if name in os.environ}
        self._daemon = subprocess.Popen(
            [sys.executable, "-I", "-B", str(Path(__file__).with_name("main.py")), "serve"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**environ, "PATH": self.path, "STANDIN": str(self.folder)},
        )
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def jobs(self) -> dict[str, dict[str, Any]]:
        """All jobs that are queued or run, as it keeps them."""
        path = self.folder / "jobs.json"
        jobs = json.loads(path.read_text(encoding="utf-8"))["jobs"] if path.exists() else {}
        return {i: job for i, job in jobs.items() if job["state"] != "F"}

    def scripts(self) -> dict[str, str]:
        """The scripts of all jobs that are queued or run, as they were submitted."""
        return {job: (self.folder / f"{job}.sh").read_text(encoding="utf-8") for job in self.jobs()}

    @contextlib.contextmanager
    def closed(self) -> Iterator[None]:
        """A while in which it starts nothing."""
        with self._file("closed", ""):
            yield

    @contextlib.contextmanager
    def broken(self, command: str, text: str) -> Iterator[None]:
        """A while in which a command fails with that text."""
        with self._file(f"broken-{command}", text):
            yield

    @contextlib.contextmanager
    def hanging(self, command: str) -> Iterator[None]:
        """A while in which a command never answers."""
        with self._file(f"hanging-{command}", ""):
            yield

    @contextlib.contextmanager
    def _file(self, name: str, text: str) -> Iterator[None]:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        try:
            yield
        finally:
            path.unlink()

    def close(self) -> None:
        """End all of its jobs, and remove its folder."""
        mark = f"STANDIN={self.folder}"
        self._daemon.kill()
        self._daemon.wait()
        for pid in marked(mark):
            kill(pid)
        wait_for(lambda: not marked(mark), 15, "the end of the stand-in's jobs")
        shutil.rmtree(self.folder, ignore_errors=True)
