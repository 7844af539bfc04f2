"""The registry's files: read only if ours, private and sound; locked with a deadline.

Used by the registry alone. Standard library only.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import stat
import time
from pathlib import Path

from .errors import DasklabError, RecordCorrupt, RecordForeign, RegistryError
from .model.record import Record
from .processes import is_alive

__all__ = ("LOCKED", "SIZE_LIMIT", "read", "remove_scratch", "take")

SIZE_LIMIT = 1_000_000
"""Bytes of a record that are read; a host writes some thousand."""

LOCKED = 10.0
"""Seconds for which the lock is waited for: it is held for some milliseconds, unless its holder is
suspended or its disk does not answer."""


def take(handle: int, path: Path) -> None:
    """Take the lock that an open file is.

    Raises
    ------
    RegistryError
        Somebody else has held it for too long.
    OSError
        There are no locks on that file system.
    """
    deadline = time.monotonic() + LOCKED
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise RegistryError(
                    f"Another process has held the lock {path} for {LOCKED:g} seconds.",
                    f"It may be suspended: fuser {path} names it. "
                    "Let it go on, or end it, and try again.",
                ) from None
        time.sleep(0.005)


def read(path: str, info: os.stat_result) -> Record:
    """The record in a file, if it is one and nobody else can have written it.

    Raises
    ------
    RecordForeign, RecordCorrupt, RecordNewer, OSError
    """
    if not stat.S_ISREG(info.st_mode) or info.st_uid != os.geteuid():
        raise RecordForeign(
            f"The record {path} does not belong to you; it is not used.", "Remove the file."
        )
    if info.st_mode & 0o077:
        raise RecordForeign(
            f"Others can read or write the record {path}; it is not used.",
            f"Remove it, or run: chmod 600 {path}",
        )
    if info.st_size > SIZE_LIMIT:
        raise RecordCorrupt(f"The record {path} is too large to be one.", "Remove the file.")
    with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb") as file:
        content = file.read(SIZE_LIMIT + 1)
    try:
        record = Record.from_wire(json.loads(content))
    except (ValueError, RecursionError) as error:
        raise RecordCorrupt(
            f"The record {path} is damaged and cannot be read.", "Remove the file."
        ) from error
    except DasklabError as error:
        raise type(error)(f"{path}: {error.message}", error.hint) from error
    if f"{record.id}.json" != os.path.basename(path):
        raise RecordCorrupt(f"The record {path} names another cluster.", "Remove the file.")
    return record


def remove_scratch(record: Record) -> None:
    """Remove the scratch folder of a cluster that has ended, if it is one and still there."""
    if record.host is None or is_alive(record.host) is not False:
        return  # on another machine the same path may be anybody's
    with contextlib.suppress(OSError):
        info = os.lstat(record.scratch)
        if (
            stat.S_ISDIR(info.st_mode)
            and info.st_uid == os.geteuid()
            and os.path.basename(record.scratch).startswith("dasklab-")
        ):
            shutil.rmtree(record.scratch, ignore_errors=True)
