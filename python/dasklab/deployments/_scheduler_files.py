"""Schedulers that left their address in a file, as ``dask scheduler --scheduler-file`` does."""

from __future__ import annotations

import asyncio
import contextlib
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

__all__ = ("scheduler_files",)

PLACES = ("scheduler.json", "~/scheduler.json")
"""Where examples of Dask's documentation put them; a site names others in
``dasklab.discovery.scheduler-files``."""

MOST = 50
"""Files that are looked at."""

SIZE = 1_000_000
"""Bytes of one: a scheduler's identity with a thousand workers."""

LOOK = 2.0
"""Seconds for a port to show whether anybody is there."""


async def scheduler_files() -> list[dict[str, Any]]:
    """The schedulers of all files that are found and lead to somebody."""
    rows = await asyncio.gather(*(_row(path) for path in await asyncio.to_thread(_files)))
    return [row for row in rows if row is not None]


def _files() -> list[Path]:
    import dask

    patterns = dask.config.get("dasklab.discovery.scheduler-files", None) or ()
    found: dict[Path, None] = {}
    for pattern in [*PLACES, *map(str, patterns)]:
        path = Path(pattern).expanduser().absolute()
        with contextlib.suppress(OSError, ValueError):
            for file in sorted(Path(path.anchor).glob(str(path.relative_to(path.anchor)))):
                found[file.resolve()] = None
    return list(found)[:MOST]


async def _row(path: Path) -> dict[str, Any] | None:
    try:
        address = str(json.loads(await asyncio.to_thread(_read, path))["address"])
        place = urlsplit(address)
        opening = asyncio.open_connection(place.hostname, place.port)
        _, writer = await asyncio.wait_for(opening, LOOK)
    except (OSError, ValueError, KeyError, TypeError, asyncio.TimeoutError):
        return None  # no scheduler's file, or one that was left behind
    writer.close()
    return {
        "name": path.name,
        "text": f"A scheduler at {address}, by {path}.",
        "address": address,
        "options": {"scheduler_file": str(path), "shut_down": True},
    }


def _read(path: Path) -> bytes:
    with open(path, "rb") as file:
        return file.read(SIZE)
