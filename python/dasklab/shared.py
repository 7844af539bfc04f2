"""What the user has set in JupyterLab and kernels follow: a small file beside the records.

Server and kernels share that folder and nothing else for certain; a comm would tell a kernel only
between two cells, after all that "Run All" has queued. Written by the server, read by kernels.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from typing import Any

from .errors import InputError
from .registry import Registry

__all__ = ("read_shared", "write_shared")

FIELDS = ("strips",)
SIZE_LIMIT = 10_000


def _path(registry: Registry) -> str:
    return os.path.join(registry.folder, "shared.json")


def read_shared(registry: Registry) -> dict[str, bool]:
    """All that may be set; ``False`` where nothing is. Raises nothing: a cell runs meanwhile."""
    data: Any = None
    with contextlib.suppress(OSError, ValueError), open(_path(registry), encoding="utf-8") as file:
        data = json.loads(file.read(SIZE_LIMIT))
    return {name: isinstance(data, dict) and data.get(name) is True for name in FIELDS}


def write_shared(registry: Registry, values: dict[str, Any]) -> dict[str, bool]:
    """Set some of it; all of it, as it is then.

    Raises
    ------
    InputError
        A value is neither true nor false.
    DiskFull, RegistryError
    """
    for name, value in values.items():
        if not isinstance(value, bool):
            raise InputError(f"{name} is neither true nor false.", 'Send {"strips": true}.')
    with registry.lock():
        found = {**read_shared(registry), **values}
        temporary = None
        try:
            handle, temporary = tempfile.mkstemp(prefix=".", suffix=".tmp", dir=registry.folder)
            with open(handle, "w", encoding="utf-8") as file:
                json.dump(found, file)
            os.replace(temporary, _path(registry))
        except OSError as error:
            if temporary is not None:
                with contextlib.suppress(OSError):
                    os.unlink(temporary)
            raise registry.failure(error, "The setting cannot be written") from error
    return found
