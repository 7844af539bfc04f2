"""Has what dead hosts have left elsewhere taken back, when nobody else could do it.

A host's warden does it as a rule. When that was killed too, or the machine went down, whoever next
launches something, stops that cluster, or lists clusters for a browser, finds the record. On
another machine as well, where the deployment says that it does not matter (``undone_anywhere``): a
job in which Jupyter ran takes host and warden with it, and the next one is on another node.
"""

from __future__ import annotations

import contextlib
import json
import sys
import threading
import time
from collections.abc import Iterable

from ..environments import environ_for
from ..model.record import Environment, Phase, Record
from ..processes import hostname, is_alive, spawn_detached
from ..registry import Registry
from .interpreter import BOOTSTRAP

__all__ = ("undo", "undo_all")

CERTAIN = 1800.0
"""Seconds of silence after which the host on another machine is taken for dead without being asked
to: a shared file system may be away for longer than the registry waits (five minutes)."""

_begun: set[str] = set()
"""Ids for which this process has begun it: a record that cannot be undone is no endless loop."""


def undo_all(records: Iterable[Record], registry: Registry) -> None:
    """Begin to undo every one of these that needs it and is dead for certain; back at once."""
    for record in records:
        if record.checkpoint and record.id not in _begun and _certainly_dead(record, registry):
            undo(record, registry)


def undo(record: Record, registry: Registry) -> bool:
    """Begin to undo one; whether there was anything to do.

    Its own interpreter does it, in a process that nobody waits for: a queue may be away for long.
    """
    if not (record.phase.ended and record.checkpoint) or record.host is None:
        return False
    if not (_of_here(record) or record.undone_anywhere):
        return False  # another machine's, where its processes are
    if record.warden and is_alive(record.warden):
        return False  # in good hands
    _begun.add(record.id)
    environment = record.environment or Environment(sys.executable)
    request = {"mode": "undo", "registry": str(registry.folder.absolute()), "id": record.id}
    with contextlib.suppress(OSError):
        # As a launch: with the commands of its environment, and without a server's secrets.
        environ = environ_for(environment, {})
        process = spawn_detached([environment.python, BOOTSTRAP], cwd="/", environ=environ)
        assert process.stdin is not None
        process.stdin.write(json.dumps(request).encode() + b"\n")
        process.stdin.close()
        process.stdin = None
        threading.Thread(target=process.communicate, name="dasklab-reap", daemon=True).start()
    return True


def _of_here(record: Record) -> bool:
    return record.host is not None and record.host.hostname == hostname()


def _certainly_dead(record: Record, registry: Registry) -> bool:
    if record.phase is not Phase.LOST or _of_here(record):
        return record.phase.ended  # it says so itself, or its processes can be looked for
    with contextlib.suppress(OSError):
        return time.time() - registry.path(record.id).stat().st_mtime > CERTAIN
    return False
