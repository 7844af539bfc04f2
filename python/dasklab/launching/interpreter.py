"""Asking an interpreter: one request in, one line of JSON out, whatever the interpreter is.

The bootstrap runs by path, so dasklab need not be installed there. Used by the rest of this
package only.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

from ..errors import DeadlinePassed, InterpreterMissing, InterpreterUnfit, from_wire
from ..model.record import Environment
from ..processes import end, identify, spawn_detached, strip_ansi

__all__ = ("BOOTSTRAP", "HANDSHAKE", "ask")

BOOTSTRAP = str(Path(__file__).parents[1] / "host" / "bootstrap.py")

HANDSHAKE = 30.0
"""Seconds in which a host must have accepted: it takes a twentieth of one on a quiet machine."""


def ask(
    environment: Environment, request: dict[str, Any], environ: dict[str, str]
) -> dict[str, Any]:
    """Run the bootstrap, give it a request on stdin, take one line of JSON from stdout."""
    python = environment.python
    try:
        process = spawn_detached([python, BOOTSTRAP], cwd=None, environ=environ)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else None
        raise InterpreterMissing(
            f"{python} cannot be run: {why or error}.",
            "The environment may have been removed; choose another one.",
        ) from error
    answer = None
    try:
        answer = _exchange(process, (json.dumps(request) + "\n").encode())
        words = "" if answer is not None else _last_words(process)
    finally:
        for stream in (process.stdin, process.stdout, process.stderr):
            with contextlib.suppress(OSError):
                stream.close()  # type: ignore[union-attr]
        threading.Thread(
            target=_let_go, args=(process, answer is None), name="dasklab-reap", daemon=True
        ).start()
    if answer is None:
        raise InterpreterUnfit(
            f"{python} did not behave like a Python interpreter" + (f": {words}" if words else "."),
            "Choose another environment.",
        )
    if "error" in answer:
        raise from_wire(answer["error"])
    return answer


def _let_go(process: subprocess.Popen[bytes], useless: bool) -> None:
    """Collect a process when it ends; one that was of no use, or not waited for, ends now.

    A warden that is told to end takes its host with it, so an interrupted launch leaves nothing.
    """
    if useless:
        with contextlib.suppress(ProcessLookupError):
            end(identify(process.pid))
    process.wait()


ANSWERS = frozenset({"error", "record", "standby", "deployments", "text", "found"})
"""One of these is in every answer; other lines (a wrapper's greeting) are not for us."""

CHATTER = 2_000_000
"""Bytes that are read at the most: a catalogue takes some ten thousand."""


def _exchange(process: subprocess.Popen[bytes], request: bytes) -> dict[str, Any] | None:
    """Write the request, read the answer; ``None`` when the process has none.

    Raises
    ------
    DeadlinePassed
        None came in :data:`HANDSHAKE` seconds.
    """
    assert process.stdin
    assert process.stdout
    deadline = time.monotonic() + HANDSHAKE
    text, read = b"", 0
    os.set_blocking(process.stdin.fileno(), False)
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        selector.register(process.stdin, selectors.EVENT_WRITE)
        while read + len(text) < CHATTER:
            ready = selector.select(max(0.0, deadline - time.monotonic()))
            if not ready or time.monotonic() > deadline:
                raise DeadlinePassed(
                    f"The interpreter did not answer in {HANDSHAKE:g} seconds.",
                    "The machine may be overloaded; try again.",
                )
            for key, _ in ready:
                if key.fileobj is process.stdin:
                    try:
                        request = request[os.write(key.fd, request) :]
                    except BrokenPipeError:
                        request = b""
                    if not request:
                        selector.unregister(process.stdin)
                    continue
                data = os.read(key.fd, 1_000_000)
                if not data:
                    return None
                *lines, text = (text + data).split(b"\n")
                for line in lines:
                    answer = _answer(line)
                    if answer is not None:
                        return answer
                    read += len(line) + 1
    return None


def _answer(line: bytes) -> dict[str, Any] | None:
    with contextlib.suppress(ValueError, RecursionError):
        answer = json.loads(line)
        if isinstance(answer, dict) and ANSWERS & answer.keys():
            return answer
    return None


def _last_words(process: subprocess.Popen[bytes]) -> str:
    """The end of what it wrote to its standard error, as far as it has done so within a second."""
    assert process.stderr is not None
    text = b""
    deadline = time.monotonic() + 1.0
    with selectors.DefaultSelector() as selector:
        selector.register(process.stderr, selectors.EVENT_READ)
        while selector.select(max(0.0, deadline - time.monotonic())):
            data = os.read(process.stderr.fileno(), 64_000)
            if not data:
                break
            text = (text + data)[-4_000:]
    return strip_ansi(text.decode("utf-8", "replace")).strip()[-300:]
