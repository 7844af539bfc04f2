"""One record's file: read only if it is ours, private and sound; and the folder that it names.

Used by the registry alone. Standard library only.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import stat

from .errors import DasklabError, RecordCorrupt, RecordForeign
from .model.record import Record
from .processes import is_alive

__all__ = ("SIZE_LIMIT", "read", "remove_scratch")

SIZE_LIMIT = 1_000_000
"""Bytes of a record that are read; a host writes some thousand."""


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
