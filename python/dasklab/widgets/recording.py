"""Recordings: runs in small files, in the registry's folder or wherever one is wanted.

A file is telemetry's own frames, compressed, with a description in the first header; so whatever
reads frames can draw it. Written whole or not at all, readable by its owner only. Names come from
users, contents from anywhere: both are checked.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import os
import re
import uuid
import zlib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from .. import config
from ..client.columns import gather
from ..errors import DiskFull, InputError, NotFound
from ..registry import Registry
from ..telemetry.frames import FrameInvalid, decode, split
from .answers import read_answers
from .packing import pack
from .run import Run, cut
from .standing import standing, standing_groups
from .summary import Part, Summary, summarise

__all__ = ("Recording", "check_name", "find", "listed", "names", "save", "save_last")

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")
LAST = "last"
ENDING = ".dasklab"
MOST_BYTES = 64_000_000
"""Of a recording when it is unpacked."""


def _dask() -> str:
    """The version of Dask that is installed here."""
    with contextlib.suppress(importlib.metadata.PackageNotFoundError):
        return importlib.metadata.version("dask")
    return ""


@dataclass
class Recording:
    """A run that was kept.

    Parameters
    ----------
    name, cluster
        Its own, and of the cluster.
    summary
        The figures, exact also where rows were left out.
    dask
        The version of Dask that the program had; empty where that is not known.
    """

    name: str
    cluster: str
    run: Run
    summary: Summary
    dask: str = field(default_factory=_dask)

    @property
    def since(self) -> float:
        """When it began."""
        return self.run.since


def _folder(registry: Registry) -> Path:
    return registry.folder / "recordings"


def check_name(name: str, registry: Registry) -> Path:
    """The file of a name, or the path that it is.

    Raises
    ------
    InputError
    """
    if name.endswith(ENDING):
        return Path(name).expanduser()
    if not NAME.fullmatch(name):
        raise InputError(
            f"A recording cannot be called {name[:60]!r}.",
            "Use letters, digits, dots and dashes, or give a path that ends in .dasklab.",
        )
    return _folder(registry) / f"{name}{ENDING}"


def save(name: str, cluster: str, run: Run, summary: Summary, registry: Registry) -> Path:
    """Keep a run.

    Parameters
    ----------
    name
        What to call it, or a path.

    Raises
    ------
    InputError, DiskFull
    """
    path = check_name(name, registry)
    meta = {
        "name": path.stem,
        "cluster": cluster,
        "summary": summary.to_wire(),
        "dask": _dask(),
    }
    data = pack(run, meta, int(config.get("recordings.rows")))
    partial = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
        partial.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            partial.unlink()
        raise DiskFull(
            f"The recording {path} cannot be written: {error.strerror or error}.",
            "Give another place: %dask record PATH.dasklab",
        ) from error
    return path


def save_last(cluster: str, run: Run, summary: Summary, registry: Registry) -> None:
    """Keep the run of a cell, and of those before it the newest few.

    Raises
    ------
    InputError, DiskFull
    """
    keep = int(config.get("recordings.last"))
    if keep <= 0:
        return
    save(f"{LAST}-{run.since:.3f}", cluster, run, summary, registry)
    for path in _lasts(registry)[keep:]:
        path.unlink(missing_ok=True)


def _lasts(registry: Registry) -> list[Path]:
    found = _folder(registry).glob(f"{LAST}-*{ENDING}")
    return sorted(found, key=lambda path: path.name, reverse=True)


def listed(registry: Registry) -> list[Recording]:
    """All recordings that can be read, the newest first; runs of cells are ``last``, ``last-2``."""
    lasts = _lasts(registry)
    found = []
    for path in _folder(registry).glob(f"*{ENDING}"):
        with contextlib.suppress(InputError, NotFound):
            recording = _read(path)
            if path in lasts:
                recording.name = _called(lasts.index(path))
            found.append(recording)
    return sorted(found, key=lambda recording: -recording.since)


def names(registry: Registry) -> list[str]:
    """What recordings are called, without a look into them."""
    lasts = _lasts(registry)
    found = [path.stem for path in _folder(registry).glob(f"*{ENDING}") if path not in lasts]
    return [*(_called(place) for place in range(len(lasts))), *sorted(found)]


def _called(place: int) -> str:
    return LAST if place == 0 else f"{LAST}-{place + 1}"


def find(name: str, registry: Registry) -> Recording:
    """A recording by name or path.

    Raises
    ------
    InputError, NotFound
    """
    for place, path in enumerate(_lasts(registry)):
        if name == _called(place):
            found = _read(path)
            found.name = name
            return found
    return _read(check_name(name, registry))


def _read(path: Path) -> Recording:
    try:
        packed = path.read_bytes()
    except OSError:
        raise NotFound(
            f"There is no recording {path.stem[:80]!r}.", "See %dask recordings for what there is."
        ) from None
    try:
        unpacked = zlib.decompressobj()
        data = unpacked.decompress(packed, MOST_BYTES)
        if not unpacked.eof:
            raise FrameInvalid("It is cut, or too large.")
        frames = list(split(data))
        meta = decode(frames[0])[0]["recording"]
        summary = _summary(meta["summary"])
        since, until = float(meta["since"]), float(meta["until"])
        tables = gather(frames)
        run = replace(
            cut(tables, since, until),
            settled=True,
            left_out=int(tables.cursor or 0),
            answers=read_answers(meta.get("answers")),
        )
        summarise(run)  # every number that a row refers to is there
        standing(run)
        standing_groups(run)
        version = str(meta.get("dask") or "")
        return Recording(path.stem, str(meta["cluster"]), run, summary, version)
    except (FrameInvalid, zlib.error, LookupError, AttributeError, TypeError, ValueError) as error:
        raise InputError(
            f"{path} is no recording of dasklab's, or a damaged one.", "Record it again."
        ) from error


def _summary(data: dict[str, Any]) -> Summary:
    parts = {str(name): Part(**part) for name, part in data["prefixes"].items()}
    return Summary(**{**data, "prefixes": parts})
