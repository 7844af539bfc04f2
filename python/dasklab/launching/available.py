"""What can be launched: the deployments of an environment."""

from __future__ import annotations

import contextlib
import difflib
import hashlib
import json
import os
import time
from typing import Any

from ..environments import environ_for, resolve
from ..errors import DeploymentUnknown
from ..locked import locked
from ..model.record import Environment
from ..model.spec import PRE_SPAWN
from ..profile_file import profiles
from ..registry import Registry
from . import interpreter

__all__ = ("catalogue", "deployment", "deployments", "mark")

FRESH = 60.0
"""Seconds for which the options of a server that was asked for them hold."""

FIXED_AT_START = (
    "LD_",
    "MALLOC_",
    "OMP_",
    "MKL_",
    "OPENBLAS_",
    "NUMEXPR_",
    "PYTHON",
    "DASK_",
    "CUDA_",
)
"""Variables that take effect when a process starts: a standby must have been started with them."""


def catalogue(
    environment: str | None = None, *, manager: Any = None, wanted: str | None = None
) -> list[dict[str, Any]]:
    """The deployments of an environment: what they are called, their schema, what is missing.

    Asked of the interpreter itself, since each has its own packages, and remembered until one of
    the folders that it imports from, or finds commands in, changes. What is ``locked`` comes from
    the configuration here.
    """
    found, variables = resolve(environment, manager)
    rows = deployments(found, environ_for(found, variables), Registry(), wanted)
    return [{**row, "locked": locked(row["name"])} for row in rows]


def deployments(
    environment: Environment, environ: dict[str, str], registry: Registry, wanted: str | None = None
) -> list[dict[str, Any]]:
    """The rows; asked anew when files have changed, or what no file tells of may have.

    Parameters
    ----------
    wanted
        The only one that matters: what may have changed of others does not.
    """
    registry.open()
    # Batch systems are there where their commands are: `module load` brings them.
    name = mark(environment.python, environ, also=("PATH",))
    cache = registry.folder / f"catalogue-{name}.json"
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
        kept = json.loads(cache.read_bytes())
        rows = list(kept["deployments"])
        late = time.time() > kept["asked"] + FRESH
        stale = late and any(row["changing"] and wanted in (None, row["name"]) for row in rows)
        if not stale and all(_changed_at(path) == at for path, at in kept["watch"].items()):
            return rows
    answer = interpreter.ask(
        environment, {"mode": "catalogue", "registry": str(registry.folder)}, environ
    )
    commands = [path for path in environ.get("PATH", "").split(os.pathsep) if path]
    watched = (*answer["watch"], *commands, environment.python)
    content = {
        "watch": {path: _changed_at(path) for path in watched},
        "deployments": answer["deployments"],
        "asked": time.time(),
    }
    with contextlib.suppress(OSError):
        temporary = cache.with_suffix(f".{os.getpid()}")
        with open(os.open(temporary, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file:
            json.dump(content, file)
        os.replace(temporary, cache)
    return list(answer["deployments"])


def _changed_at(path: str) -> float | None:
    try:
        return os.stat(path).st_mtime
    except OSError:
        return None


def deployment(rows: list[dict[str, Any]], name: str) -> dict[str, Any]:
    for row in rows:
        if row["name"] == name:
            return row
    names = [row["name"] for row in rows] + list(profiles())
    near = difflib.get_close_matches(name, names, 1)
    raise DeploymentUnknown(
        f"There is no deployment or profile {name[:80]!r}.",
        f"Did you mean {near[0]!r}?" if near else f"There are: {', '.join(names)}.",
        details={"names": names},
    )


def mark(python: str, environ: dict[str, str], also: tuple[str, ...] = ()) -> str:
    """What an answer holds for: interpreter, this very dasklab, and what processes start with.

    Parameters
    ----------
    also
        Further variables that it depends on.
    """
    fixed = sorted(
        (name, value)
        for name, value in environ.items()
        if (name.startswith(FIXED_AT_START) and PRE_SPAWN.get(name) != value) or name in also
    )
    text = json.dumps(
        [python, interpreter.BOOTSTRAP, os.stat(interpreter.BOOTSTRAP).st_mtime, fixed]
    )
    return hashlib.sha256(text.encode()).hexdigest()[:24]
