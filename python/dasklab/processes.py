"""Processes: who is who, how to start one that outlives us, and how to end one for certain.

Used by launchers, hosts, wardens and readers of the registry. Standard library only. On Linux the
facts come from ``/proc``; elsewhere from psutil, which every Dask installation has.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from .model.record import Identity

__all__ = (
    "adopt_orphans",
    "end",
    "end_all",
    "hostname",
    "identify",
    "is_alive",
    "offspring",
    "spawn_detached",
    "strip_ansi",
    "tail",
)

LINUX = sys.platform.startswith("linux")
PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h
ANSI = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|[\x00-\x08\x0b-\x1f\x7f]"
)


@functools.cache
def hostname() -> str:
    """Name of this machine as records carry it."""
    return socket.gethostname()


@functools.cache
def _boot() -> str:
    """Which boot of this machine this is; empty where the system does not say."""
    with contextlib.suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return ""


def _stat(pid: int) -> tuple[str, int, str] | None:
    """State letter, parent and start time of a process; ``None`` when there is none."""
    if LINUX:
        try:
            with open(f"/proc/{pid}/stat", "rb") as file:
                # The name (in parentheses) may itself hold spaces and parentheses.
                parts = file.read().rpartition(b")")[2].split()
        except OSError:
            return None
        return parts[0].decode(), int(parts[1]), parts[19].decode()
    import psutil

    try:
        process = psutil.Process(pid)
        state = "Z" if process.status() == psutil.STATUS_ZOMBIE else "S"
        return state, process.ppid(), repr(process.create_time())
    except psutil.Error:
        return None


def identify(pid: int | None = None) -> Identity:
    """The identity of a running process, this one by default.

    Raises
    ------
    ProcessLookupError
        There is no such process.
    """
    pid = os.getpid() if pid is None else pid
    stat = _stat(pid)
    if stat is None:
        raise ProcessLookupError(f"no process {pid}")
    return Identity(pid, stat[2], _boot(), hostname())


def is_alive(identity: Identity) -> bool | None:
    """Whether that very process runs; ``None`` when it is on another machine.

    A zombie counts as dead: it can do nothing any more.
    """
    if identity.hostname != hostname():
        return None
    if identity.boot != _boot():
        return False
    stat = _stat(identity.pid)
    return stat is not None and stat[0] != "Z" and stat[2] == identity.start


def adopt_orphans() -> None:
    """Become the parent of every descendant that loses its own from now on (Linux)."""
    if LINUX:
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def offspring(pid: int) -> list[int]:
    """Children of a process, their children, and so on; those nearest first."""
    if not LINUX:
        import psutil

        try:
            return [child.pid for child in psutil.Process(pid).children(recursive=True)]
        except psutil.Error:
            return []
    children: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            stat = _stat(int(entry))
            if stat is not None:
                children.setdefault(stat[1], []).append(int(entry))
    found: list[int] = []
    queue = [pid]
    while queue:
        nearest = children.get(queue.pop(0), [])
        found += nearest
        queue += nearest
    return found


def _until(check: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    pause = 0.002
    while not check():
        if time.monotonic() >= deadline:
            return False
        time.sleep(pause)
        pause = min(pause * 1.5, 0.05)
    return True


def end(
    identity: Identity,
    *,
    ask: Callable[[], None] | None = None,
    patience: tuple[float, float, float] = (10.0, 5.0, 3.0),
) -> bool:
    """End a process: ask, then SIGTERM, then SIGKILL, looking after each whether it is gone.

    Parameters
    ----------
    identity
        The process. Another process that got its pid is never touched.
    ask
        Tells it politely, if there is a way; its exceptions only mean that it did not help.
    patience
        Seconds to wait after asking, after SIGTERM and after SIGKILL.

    Returns
    -------
    bool
        Whether the process is gone; false for one on another machine, which cannot be seen here.
    """

    def gone() -> bool:
        return is_alive(identity) is False

    if gone():
        return True
    if is_alive(identity) is None:
        return False
    if ask is not None:
        try:
            ask()
        except Exception:  # noqa: BLE001
            pass  # the signals below are the answer to whatever went wrong
        else:
            if _until(gone, patience[0]):
                return True
    for number, seconds in ((signal.SIGTERM, patience[1]), (signal.SIGKILL, patience[2])):
        if gone():
            return True
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(identity.pid, number)
        if _until(gone, seconds):
            return True
    return gone()


def end_all(pids: Iterable[int], *, group: int | None = None, seconds: float = 3.0) -> None:
    """Kill processes at once (SIGKILL) and wait until they are gone.

    Parameters
    ----------
    pids
        Processes, typically :func:`offspring` of a warden.
    group
        A process group to kill as well: it catches what was orphaned in between.
    seconds
        How long to wait for them.
    """
    identities = []
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            identities.append(identify(pid))
    if group is not None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)
    for identity in identities:
        if is_alive(identity):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(identity.pid, signal.SIGKILL)
    _until(lambda: not any(is_alive(identity) for identity in identities), seconds)


def spawn_detached(
    argv: list[str], *, cwd: str | None, environ: dict[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """Start a process in a session of its own, with pipes to its standard streams.

    No signal, terminal or exit of ours reaches it. No shell is involved.

    Raises
    ------
    OSError
        The program cannot be run, or ``cwd`` is not there.
    """
    return subprocess.Popen(
        argv,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=cwd,
        env=environ,
        start_new_session=True,
        close_fds=True,
    )


def strip_ansi(text: str) -> str:
    """Text without terminal escapes and control characters (log lines are foreign text)."""
    return ANSI.sub("", text)


def tail(path: str | os.PathLike[str], lines: int = 20, limit: int = 64_000) -> list[str]:
    """The last lines of a text file, cleaned; empty when it cannot be read.

    Parameters
    ----------
    lines
        How many at the most.
    limit
        Bytes read from the end at the most.
    """
    try:
        with open(path, "rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - limit))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return []
    return [strip_ansi(line)[:2_000] for line in text.splitlines()[-lines:]]
