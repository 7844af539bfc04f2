"""What runs at the other end of an SSH channel: one worker, and what ends it for certain.

Its text is sent over the channel's standard input with an order (one line of JSON), so nothing of
dasklab is installed there and no secret is in a command line or an environment. The outer process
is a small warden: standard library only, parent of all that the worker starts. When the channel
ends, however it ends, or nothing is heard for :data:`SILENCE` seconds, it ends all of them and
removes their folder. The inner process is Dask's nanny.
"""

from __future__ import annotations

import json
import logging
import os
import select
import shutil
import signal
import socket
import sys
import tempfile
import time
from typing import Any

__all__ = ("check", "run")

SILENCE = 60.0
"""Seconds without a word of the other end after which it counts as gone: cables can be cut."""

PATIENCE = 3.0
"""Seconds for a worker to end in order."""

REACH = 10.0
"""Seconds to reach the scheduler."""


def run(order: dict[str, Any]) -> None:
    """Be the warden of one worker."""
    out = os.dup(1)
    os.dup2(2, 1)  # what tasks print is log, not an answer
    folder = tempfile.mkdtemp(prefix="dasklab-", dir=order["folder"] or None)
    _adopt_orphans()
    woken, wake = os.pipe()
    for end in (woken, wake):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGPIPE):
        signal.signal(number, signal.SIG_IGN)
    child = os.fork()
    if child == 0:
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        os.setpgid(0, 0)
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        code = 1
        try:
            code = _work(order, folder, out)
        finally:
            os._exit(code)
    os.close(out)
    try:
        _watch(child, woken)
    finally:
        _end(child)
        shutil.rmtree(folder, ignore_errors=True)


def _adopt_orphans() -> None:
    if sys.platform.startswith("linux"):
        import ctypes

        ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER, linux/prctl.h


def _watch(child: int, woken: int) -> None:
    """Until the worker has ended or the other end is gone."""
    heard = time.monotonic()
    while True:
        left = heard + SILENCE - time.monotonic()
        if left <= 0:
            sys.stderr.write("Nothing was heard for a minute: the worker ends.\n")
            return
        ready = select.select([0, woken], [], [], left)[0]
        if 0 in ready:
            if not os.read(0, 65536):
                return
            heard = time.monotonic()
        if woken in ready:
            os.read(woken, 4096)
            if _reaped(child):
                return


def _reaped(child: int) -> bool:
    """Collect dead children; whether the nanny was among them."""
    found = False
    while True:
        try:
            pid = os.waitpid(-1, os.WNOHANG)[0]
        except ChildProcessError:
            return True
        if pid == 0:
            return found
        found = found or pid == child


def _end(child: int) -> None:
    """End all that is left: in order if there is time, else at once."""
    import psutil  # Dask brings it

    me = psutil.Process()
    try:
        os.kill(child, signal.SIGTERM)
    except OSError:
        pass
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and not _reaped(child) and psutil.pid_exists(child):
        time.sleep(0.02)
    for _ in range(50):
        left = [found for found in me.children(recursive=True) if _living(found)]
        if not left:
            return
        for process in left:
            try:
                process.kill()
            except psutil.Error:
                pass
        psutil.wait_procs(left, timeout=1)
        _reaped(child)


def _living(process: Any) -> bool:
    import psutil

    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


def _work(order: dict[str, Any], folder: str, out: int) -> int:
    """Be the nanny of one worker; answers one line of JSON: where it is, or what is wrong."""

    def answer(**data: object) -> None:
        os.write(out, (json.dumps(data) + "\n").encode())

    words = os.environ.get("SSH_CONNECTION", "").split()
    # By the addresses that this very connection uses, both ends reach each other.
    theirs, _, mine = [*words, "", "", ""][:3]
    scheduler = order["scheduler_host"] or theirs
    try:
        socket.create_connection((scheduler, order["scheduler_port"]), REACH).close()
    except OSError as error:
        answer(
            error="unreachable", address=f"{scheduler}:{order['scheduler_port']}", why=str(error)
        )
        return 1
    os.environ.update(order["environ"])
    if os.path.isdir(order["cwd"]):
        os.chdir(order["cwd"])  # a shared file system: modules beside the notebook are found
    sys.path.insert(0, os.getcwd())
    try:
        import asyncio

        import dask
        from distributed import Nanny, Security
    except ImportError as error:
        answer(error="import", why=str(error))
        return 1
    dask.config.update(dask.config.config, order["config"])

    async def serve() -> int:
        host = f"[{scheduler}]" if ":" in scheduler else scheduler
        options = dict(order["nanny"])
        if not options.get("interface"):
            options["host"] = mine or None
        options.setdefault("local_directory", folder)
        security = Security(**order["security"]) if order["security"] else None
        nanny = Nanny(
            f"{order['protocol']}://{host}:{order['scheduler_port']}",
            security=security,
            death_timeout=SILENCE,
            **options,
        )
        loop = asyncio.get_running_loop()
        ended = asyncio.Event()
        loop.add_signal_handler(signal.SIGTERM, ended.set)
        async with nanny:
            answer(ready=nanny.worker_address, pid=os.getpid())
            waits = [loop.create_task(ended.wait()), loop.create_task(nanny.finished())]
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            for task in waits:
                task.cancel()
        return 0

    try:
        return asyncio.run(serve())
    except Exception as error:
        logging.getLogger("dasklab").exception("The worker did not start")
        answer(error="start", why=f"{type(error).__name__}: {error}")
        return 1


def check() -> None:
    """What an interpreter has, as one line of JSON; quick, nothing of Dask is imported."""
    from importlib import metadata

    found: dict[str, str | None] = {}
    for name in ("distributed", "dask"):
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = None
    data = {"python": list(sys.version_info[:3]), "cores": os.cpu_count(), **found}
    sys.stdout.write(json.dumps(data) + "\n")
