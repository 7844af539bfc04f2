"""The end of a cluster for which the disk had no room: told to the warden, and written later.

A host that has ended in order and cannot say so in its record says it to its warden, through the
socket by which it learns of the warden's death. Standard library only.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import time
from collections.abc import Callable, Sequence

from ..errors import DasklabError
from ..model.record import Record
from ..registry import Registry

__all__ = ("leave", "read", "write_later")

PAUSE = 1.0
"""Seconds between tries to write."""

TRIES = 900
"""A quarter of an hour, as for what is left elsewhere (``undoing``)."""


def leave(alive: int, record: Record) -> None:
    """Tell the warden how the cluster has ended.

    Parameters
    ----------
    alive
        The host's end of the socket.
    """
    with contextlib.suppress(OSError), socket.socket(fileno=os.dup(alive)) as warden:
        warden.sendall(json.dumps(record.to_disk(), default=str).encode())


def read(data: bytes, cluster_id: str) -> Record | None:
    """What a host has left; ``None`` if it has left nothing, or not of this cluster's end."""
    try:
        record = Record.from_wire(json.loads(data))
    except (ValueError, DasklabError):
        return None
    return record if record.phase.ended and record.id == cluster_id else None


def write_later(
    registry: Registry,
    ends: Sequence[Record],
    current: Callable[[Record], Record | None],
    written: Callable[[Record], None],
) -> None:
    """Write these in a process of its own, as soon as there is room; back at once.

    The warden ends meanwhile: readers wait for its word as long as it lives, and would show a
    cluster that stops for ever.

    Parameters
    ----------
    current
        The record as it is on disk; who has forgotten it does not get it back.
    written
        Told of each that is on disk.
    """
    if os.fork() != 0:
        return
    try:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        left = list(ends)
        for _ in range(TRIES):
            time.sleep(PAUSE)
            left = [end for end in left if not _write(registry, end, current, written)]
            if not left:
                break
    finally:
        os._exit(0)


def _write(
    registry: Registry,
    end: Record,
    current: Callable[[Record], Record | None],
    written: Callable[[Record], None],
) -> bool:
    """Whether there is nothing to be done any more."""
    on_disk = current(end)
    if on_disk is None or on_disk.phase.ended:
        return True
    try:
        registry.write(end)
    except DasklabError:
        return False
    written(end)
    return True
