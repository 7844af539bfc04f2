"""The files of Dask's configuration, read anew when they have changed.

Dask reads them once, when it is imported. What is shared through them while processes run
(profiles) and what must hold whatever a process has set (locked options) is read here instead, at
the price of a ``stat`` for each file. Used by :mod:`dasklab.profile_file` and
:mod:`dasklab.locked`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .errors import ConfigUnreadable

__all__ = ("ConfigFile", "config_files", "section", "user_folder")

ENDINGS = (".json", ".yaml", ".yml")

_known: dict[str, tuple[tuple[int, ...], ConfigFile]] = {}
"""What was read, by path, with the marks of the file at that time."""


@dataclass(frozen=True)
class ConfigFile:
    """One file.

    Parameters
    ----------
    content
        What it says; empty when it cannot be read.
    problem
        Why it cannot be read.
    """

    path: str
    content: dict[str, Any]
    problem: ConfigUnreadable | None = None


def config_files() -> list[ConfigFile]:
    """Every file that Dask reads, in its order: later ones go before earlier ones.

    A file that is broken comes with its problem, so that it does not hide the others.
    """
    import dask.config

    found = []
    for path in _paths([str(path) for path in dask.config.paths]):
        try:
            info = os.stat(path)
        except OSError:
            continue
        mark = (info.st_mtime_ns, info.st_size, info.st_ino)
        if path not in _known or _known[path][0] != mark:
            _known[path] = (mark, _read(path))
        found.append(_known[path][1])
    return found


def _paths(places: list[str]) -> Iterator[str]:
    for place in places:
        if not os.path.isdir(place):
            yield place
            continue
        try:
            names = sorted(os.listdir(place))
        except OSError:  # as Dask does: a folder that may not be read has nothing to say
            continue
        yield from (os.path.join(place, name) for name in names if name.lower().endswith(ENDINGS))


def _read(path: str) -> ConfigFile:
    from dask.config import collect_yaml

    try:
        return ConfigFile(path, next(iter(collect_yaml([path])), {}))
    except (ValueError, RecursionError) as error:
        why = " ".join(str(error).split())[:300]
        return ConfigFile(
            path,
            {},
            ConfigUnreadable(
                f"{path} is not a configuration that can be read.",
                "Mend the file or move it away; the other files count.",
                details={"log": why},
            ),
        )


def section(file: ConfigFile, name: str) -> dict[str, Any]:
    """A section below ``dasklab`` in one file; empty where it has none."""
    found: Any = file.content
    for part in ("dasklab", name):
        found = found.get(part) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}


def user_folder() -> str:
    """The folder in which a user's own configuration is written."""
    import dask.config

    folder = str(dask.config.PATH)
    if os.path.isfile(folder):  # DASK_CONFIG may name a single file
        folder = os.path.join(os.path.expanduser("~"), ".config", "dask")
    return folder
