"""The warden: the host's outer process, which sees to it that nothing is left behind.

It forks the supervisor, keeps its log, and waits. When the supervisor is gone, for whatever
reason, the warden kills every process that descends from it (workers that hold the GIL, programs
that tasks started), removes its scratch folder, and, if the supervisor could not do it itself,
ends the record with what happened. It imports the standard library only and stays small
(about 10 MB, most of it shared).

Must not: talk to the cluster, or die of anything the supervisor does.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from typing import Any

from ..errors import DasklabError, LaunchError, RequestMalformed
from ..model.record import Phase, Record
from ..processes import adopt_orphans, end_all, identify, offspring, tail
from ..registry import Registry
from . import last_word

__all__ = ("run",)

LOG_LIMIT = 10_000_000
"""Bytes of a log file before it is turned over; one older file is kept. A worker that prints for
ever must not fill a disk."""

ROUNDS = 50
"""How often it is looked for processes that were started while others were killed."""


class _Log:
    """A file that is turned over when it is large, and that never raises."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._size = 0
        self._open()

    def _open(self) -> None:
        self.handle = os.open(
            self.path, os.O_CREAT | os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC, 0o600
        )
        self._size = os.fstat(self.handle).st_size

    def write(self, data: bytes) -> None:
        with contextlib.suppress(OSError):  # a full disk must not stop the cluster
            os.write(self.handle, data)
            self._size += len(data)
            if self._size > LOG_LIMIT:
                os.replace(self.path, f"{self.path}.1")
                os.close(self.handle)
                self._open()


def run() -> int:
    """Read the request, fork the supervisor, watch over it."""
    try:
        request = json.loads(sys.stdin.readline())
        registry = Registry(request["registry"])
        mode = request["mode"]
        log_name = request.get("log", "host.log")
    except (ValueError, KeyError, TypeError) as error:
        return _refuse(RequestMalformed(f"The host was given no usable request: {error}."))
    if mode == "undo":
        from .undoing import undo

        return undo(request)
    if mode in ("catalogue", "preview", "discover"):
        from .main import describe

        return describe(request)
    try:
        registry.open()
        log = _Log(str(registry.logs / log_name))
    except DasklabError as error:
        return _refuse(error)
    except OSError as error:
        return _refuse(registry.failure(error, "The log of the cluster cannot be written"))

    try:
        # For everything that must not outlive the host. Short: the path of a socket in it has
        # 108 bytes.
        scratch = tempfile.mkdtemp(prefix="dasklab-")
    except OSError:
        scratch = ""
    answer = os.dup(1)
    log_out, log_in = os.pipe()
    word, alive = socket.socketpair()
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        word.close()
        os.close(log_out)
        os.setpgid(0, 0)  # a group of its own, so that the warden can end all of it
        null = os.open(os.devnull, os.O_RDONLY)
        for source, target in ((null, 0), (log_in, 1), (log_in, 2)):
            os.dup2(source, target)
        for handle in (null, log_in, log.handle):
            os.close(handle)
        from .main import supervise

        code = 1
        try:
            code = supervise(request, registry, log.path, scratch, answer, alive.detach())
        except Exception:
            logging.getLogger(__name__).exception("The host failed")
        finally:
            with contextlib.suppress(OSError, ValueError):
                sys.stdout.flush()
                sys.stderr.flush()
            # No interpreter shutdown: atexit hooks and non-daemon threads of other people's
            # code could hang here, and everything that matters is done.
            os._exit(code)
    alive.close()
    os.close(log_in)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)
    os.dup2(log.handle, 2)
    return _watch(child, registry, log, log_out, answer, scratch, word)


def _refuse(error: DasklabError) -> int:
    sys.stdout.write(json.dumps({"error": error.to_wire()}) + "\n")
    sys.stdout.flush()
    return 1


def _watch(
    child: int,
    registry: Registry,
    log: _Log,
    log_out: int,
    answer: int,
    scratch: str,
    word: socket.socket,
) -> int:
    """Copy the log until the supervisor is gone, then clean up after it."""
    me = identify(child)
    status, last = _follow(child, log, log_out, word)
    for _ in range(ROUNDS):
        left = offspring(os.getpid())
        if not left:
            break
        end_all(left, group=child)
        _reap(child)
    if scratch:
        shutil.rmtree(scratch, ignore_errors=True)
    os.set_blocking(log_out, False)
    with contextlib.suppress(BlockingIOError):
        while data := os.read(log_out, 65_536):
            log.write(data)
    with contextlib.suppress(OSError):
        # Only the first line counts: if the supervisor has answered, nobody reads this one.
        error = LaunchError(
            f"The cluster's host ended before it could start: {_cause(status)[1]}",
            "Its log has the details.",
            details={"log": tail(log.path)},
        )
        os.write(answer, (json.dumps({"error": error.to_wire()}) + "\n").encode())
    mine = [record for record in registry.records()[0] if record.host == me]
    if not mine:  # a standby that nobody needed, or a launch that was refused
        with contextlib.suppress(OSError):
            os.unlink(log.path)
    for standby in registry.standbys.glob(f"*-{child}.json"):
        with contextlib.suppress(OSError):
            standby.unlink()
    _bury(registry, mine, status, last, log)
    return 0


def _follow(child: int, log: _Log, log_out: int, word: socket.socket) -> tuple[int, bytes]:
    """Until the supervisor is gone: its wait status, and its last word."""
    wake_out, wake_in = os.pipe()
    os.set_blocking(wake_in, False)
    os.set_blocking(wake_out, False)
    signal.set_wakeup_fd(wake_in, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)

    def forward(number: int, _frame: object) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, number)

    signal.signal(signal.SIGTERM, forward)
    adopt_orphans()
    with contextlib.suppress(OSError):
        os.chdir("/")  # no folder of anybody's is kept from being removed
    last = b""
    status = _reap(child)  # it may have ended before its end was listened for
    sources: list[Any] = [wake_out, log_out, word]
    while status is None:
        ready, _, _ = select.select(sources, [], [])
        # What nobody writes to any more is not looked at again: its end would spin here.
        if log_out in ready:
            data = os.read(log_out, 65_536)
            log.write(data)
            if not data:
                sources.remove(log_out)
        if word in ready:
            data = _said(word)
            last += data
            if not data:
                sources.remove(word)
        if wake_out in ready:
            with contextlib.suppress(BlockingIOError):
                os.read(wake_out, 4_096)
            status = _reap(child)
    word.setblocking(False)
    while data := _said(word):
        last += data
    return status, last


def _said(word: socket.socket) -> bytes:
    try:
        return word.recv(65_536)
    except OSError:  # nothing more, or a supervisor that was killed
        return b""


def _reap(child: int) -> int | None:
    """Collect dead children; the supervisor's wait status if it is among them."""
    found = None
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return found
        if pid == 0:
            return found
        if pid == child:
            found = status


def _cause(status: int) -> tuple[str, str]:
    """How a process ended: a code and a sentence."""
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        name = signal.Signals(number).name
        if number == signal.SIGKILL:
            return "host.killed", f"it was killed ({name}), by hand or for want of memory."
        return "host.killed", f"it was ended by {name}."
    return "host.ended", f"it ended with exit code {os.waitstatus_to_exitcode(status)}."


def _bury(registry: Registry, records: list[Record], status: int, last: bytes, log: _Log) -> None:
    """Say in the records of a supervisor that could not how they have ended."""
    unwritten = []
    for record in records:
        end = _end(registry, record, status, last)
        if end is not None:
            try:
                registry.write(end)
            except DasklabError:  # the disk is full; that it is dead, readers find out themselves
                unwritten.append(end)
        _undo(registry, record, log)
    if unwritten:
        last_word.write_later(
            registry,
            unwritten,
            current=lambda record: _raw(registry, record),
            written=lambda record: _undo(registry, record, log),
        )


def _end(registry: Registry, record: Record, status: int, last: bytes) -> Record | None:
    """The end of a supervisor's cluster, unless it is on disk: its own word, else what is seen."""
    on_disk = _raw(registry, record)
    if on_disk is None or on_disk.phase.ended:
        return None
    said = last_word.read(last, record.id)
    if said is not None:
        return said
    code, how = _cause(status)
    reason: dict[str, Any] = {
        "code": code,
        "message": f"The host of this cluster is gone: {how} Its workers were ended with it.",
        "hint": "Start it again with %dask start; its log has the last words.",
        "details": {"log": tail(record.log)},
    }
    starting = on_disk.phase is Phase.STARTING
    now = time.time()
    phase = Phase.FAILED if starting else Phase.LOST
    ended = on_disk.ended_as(phase, reason, now).stamped()
    return ended.with_event(phase.value, str(reason["message"]), now)


def _undo(registry: Registry, record: Record, log: _Log) -> None:
    """Have what is left elsewhere taken back, by a process that may take its time."""
    on_disk = _raw(registry, record)
    if on_disk is None or not on_disk.phase.ended or not on_disk.checkpoint:
        return
    bootstrap = os.path.join(os.path.dirname(os.path.abspath(__file__)), "bootstrap.py")
    request = {"mode": "undo", "registry": str(registry.folder.absolute()), "id": record.id}
    with contextlib.suppress(OSError):
        process = subprocess.Popen(
            [sys.executable, bootstrap],
            stdin=subprocess.PIPE,
            stdout=log.handle,
            stderr=log.handle,
            start_new_session=True,
        )
        process.communicate((json.dumps(request) + "\n").encode())


def _raw(registry: Registry, record: Record) -> Record | None:
    """The record as its supervisor left it, not as a reader settles it."""
    try:
        return Record.from_wire(json.loads(registry.path(record.id).read_bytes()))
    except (OSError, ValueError, DasklabError):
        return None
