"""What the tests share: waiting, looking at processes, building records.

No test sleeps: it waits for what it needs, with a deadline, through :func:`wait_for`.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import pytest

from dasklab.model.record import Phase, Record
from dasklab.processes import end, identify, is_alive

__all__ = (
    "AS_ROOT",
    "SOURCE",
    "SmallDisk",
    "alive",
    "end_leftovers",
    "kill",
    "make_record",
    "marked",
    "on_a_loop",
    "python_process",
    "wait_for",
)

SOURCE = Path(__file__).parents[2] / "python" / "dasklab"
"""The package under test."""

AS_ROOT = pytest.mark.skipif(
    os.geteuid() != 0, reason="giving a file to somebody else takes root, as in CI"
)

T = TypeVar("T")


def wait_for(check: Callable[[], T], timeout: float = 15.0, what: str = "") -> T:
    """The first true value of ``check``; fails after ``timeout`` seconds, saying what was last seen.

    An exception of the last look is the one that is raised.
    """
    deadline = time.monotonic() + timeout
    while True:
        late = time.monotonic() > deadline
        try:
            found = check()
        except Exception:
            if late:
                raise
        else:
            if found:
                return found
            if late:
                raise AssertionError(f"{what or 'It'} did not happen in {timeout:g} s: {found!r}")
        time.sleep(0.01)


def marked(marker: str) -> dict[int, str]:
    """Processes whose environment holds a text, with their command lines; not this one."""
    found = {}
    for entry in os.listdir("/proc"):
        if not entry.isdigit() or int(entry) == os.getpid():
            continue
        with contextlib.suppress(OSError):
            if marker.encode() in Path(f"/proc/{entry}/environ").read_bytes():
                words = Path(f"/proc/{entry}/cmdline").read_bytes().split(b"\0")
                found[int(entry)] = b" ".join(words).decode("utf-8", "replace")[:200]
    return found


def alive(pid: int) -> bool:
    """Whether a process runs (a zombie does not)."""
    try:
        return bool(is_alive(identify(pid)))
    except ProcessLookupError:
        return False


def kill(pid: int) -> None:
    """Kill -9 a process and wait until it is gone."""
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: not alive(pid), what=f"the end of process {pid}")


def end_leftovers(home: Path) -> None:
    """End every cluster and standby of a registry, politely first."""
    import json

    from dasklab.model.record import Identity
    from dasklab.registry import Registry

    registry = Registry(home)
    records, _ = registry.records()
    owners = [
        record.host
        for record in records
        if not record.phase.ended and record.host and record.host.pid != os.getpid()
    ]
    for path in registry.standbys.glob("*.json"):
        with contextlib.suppress(OSError, ValueError, KeyError):
            data = json.loads(path.read_bytes())
            owners.append(Identity(data["pid"], data["start"], data["boot"], data["hostname"]))
    threads = [threading.Thread(target=end, args=(owner,)) for owner in owners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def on_a_loop(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run an asynchronous test."""

    @functools.wraps(test)
    def run(*args: Any, **keywords: Any) -> None:
        asyncio.run(test(*args, **keywords))

    return run


def make_record(**changes: Any) -> Record:
    """A running local cluster whose host is this process."""
    record = Record(
        id="a" * 32,
        name="local-1",
        deployment="local",
        phase=Phase.RUNNING,
        scheduler={"address": "tcp://127.0.0.1:40000", "id": "Scheduler-x"},
        workers={"wanted": 2, "running": 2, "minimum": None, "maximum": None},
        created=1_000.0,
        updated=1_000.0,
        host=identify(),
        can=("scale", "stop"),
    )
    return replace(record, **changes)


class SmallDisk:
    """A file system of 1 MB of its own at ``folder``; as one that may not mount, a limit.

    The limit (``RLIMIT_FSIZE``) is the kernel's as well, and makes each write of the processes
    given to :meth:`fill` fail for want of room.
    """

    def __init__(self, folder: Path) -> None:
        import subprocess

        self.folder = folder
        self._limited: list[int] = []
        folder.mkdir(mode=0o700, exist_ok=True)
        command = ["mount", "-t", "tmpfs", "-o", "size=1m,mode=700", "tmpfs", str(folder)]
        self.mounted = not subprocess.run(command, capture_output=True, check=False).returncode

    def fill(self, *pids: int) -> None:
        """Take all the room there is, or forbid this process and ``pids`` to take any."""
        if self.mounted:
            with open(self.folder / "filler", "ab", buffering=0) as file:
                size = 4096
                while size:
                    try:
                        file.write(b"x" * size)
                    except OSError:
                        size //= 2
            return
        self._limited = [0, *pids]
        self._limit(0)

    def free(self, *pids: int) -> None:
        """Give the room back; also to ``pids``, who had none from those that started them."""
        if self.mounted:
            (self.folder / "filler").unlink(missing_ok=True)
        else:
            self._limited += pids
        self._limit(None)

    def _limit(self, size: int | None) -> None:
        import resource

        for pid in self._limited:
            with contextlib.suppress(ProcessLookupError):
                hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)[1]
                resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard if size is None else size, hard))

    def close(self) -> None:
        """Take it away."""
        import subprocess

        self.free()
        if self.mounted:
            subprocess.run(["umount", "--lazy", str(self.folder)], check=True)


@contextlib.contextmanager
def python_process(code: str, *args: str, **keywords: Any) -> Iterator[Any]:
    """A Python process that runs ``code``; killed at the end."""
    import subprocess

    with subprocess.Popen([sys.executable, "-c", code, *args], **keywords) as process:
        try:
            yield process
        finally:
            process.kill()
