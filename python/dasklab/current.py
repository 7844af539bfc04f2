"""Which cluster a kernel computes on, for front ends that ask.

JupyterLab's extension asks an idle kernel that has dasklab loaded (``src/plugins/kernel.ts``), so
that its status bar speaks of the right cluster, whatever connected the notebook. One that computes
cannot be asked: it has written into a file beside the records what it computes on, and the server
reads that. Imports nothing heavy: where distributed was not imported, nothing is connected.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

from .errors import DasklabError
from .model.record import Identity
from .processes import identify, is_alive
from .registry import ID, Registry

__all__ = ("current_id", "note_current", "noted_id")

SIZE_LIMIT = 10_000

_noted: tuple[str, str] | None = None
"""Address of the scheduler, and id of its cluster, as they were written last."""


def _address() -> str:
    """Where the scheduler of Dask's default client is; empty if there is none."""
    distributed = sys.modules.get("distributed")
    # ValueError: there is no client. AttributeError: it has no scheduler, as one that was closed.
    with contextlib.suppress(AttributeError, ValueError):
        return str(distributed.default_client().scheduler.address)  # type: ignore[union-attr]
    return ""


def current_id() -> str:
    """Id of the live cluster that Dask's default client is connected to.

    Empty if there is no client, or its scheduler is in no list.
    """
    address = _address()
    with contextlib.suppress(DasklabError, OSError):
        record = Registry().find(address)
        if address and not record.phase.ended:
            return record.id
    return ""


def note_current(kernel: str, again: bool = False) -> None:
    """Write down which cluster this process computes on, unless that stands there already.

    Raises nothing: a cell runs meanwhile.

    Parameters
    ----------
    kernel
        Its id, as its server knows it.
    again
        Look once more for a scheduler that was in no list: it may have come into one.
    """
    global _noted
    address = _address()
    known = _noted or ("", "")
    if address == known[0] and not (again and address and not known[1]):
        return
    _noted = (address, current_id())
    if _noted[1] != known[1]:
        with contextlib.suppress(DasklabError, OSError):
            _write(kernel, _noted[1])


def noted_id(registry: Registry, kernel: str) -> str:
    """Id of the live cluster that a kernel computes on, as it has written itself.

    Empty if it has not, or is another process since.
    """
    if ID.fullmatch(kernel):
        with contextlib.suppress(DasklabError):
            cluster = _read(_folder(registry) / f"{kernel}.json")
            if cluster and not registry.get(cluster).phase.ended:
                return cluster
    return ""


def _folder(registry: Registry) -> Path:
    return registry.folder / "kernels"


def _write(kernel: str, cluster: str) -> None:
    registry = Registry()
    registry.open()
    folder = _folder(registry)
    folder.mkdir(mode=0o700, exist_ok=True)
    for path in folder.iterdir():  # of kernels that have ended
        if not _read(path):
            path.unlink(missing_ok=True)
    path = folder / f"{kernel}.json"
    if not cluster:
        path.unlink(missing_ok=True)
        return
    content = json.dumps({"cluster": cluster, "process": asdict(identify())})
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with open(handle, "w", encoding="utf-8") as file:
        file.write(content)


def _read(path: Path) -> str:
    """What a kernel has written; empty if it has ended, or the file cannot be read."""
    with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
        with path.open(encoding="utf-8") as file:
            data = json.loads(file.read(SIZE_LIMIT))
        if is_alive(Identity(**data["process"])) is not False:
            return str(data["cluster"])
    return ""
