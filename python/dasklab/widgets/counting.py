"""Bytes that workers have sent each other and written to disk: asked of them, before and after."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
from typing import Any

__all__ = ("Counter",)

PATIENCE = 1.0
"""Seconds for an answer: a worker whose task holds the GIL gives none."""


def _counts(dask_worker: Any) -> list[int]:
    """Runs on a worker, which may not have dasklab."""
    written = 0
    for key, value in getattr(dask_worker, "digests_total", {}).items():
        if isinstance(key, tuple) and key[-2:] == ("disk-write", "bytes"):
            written += value
    return [int(getattr(dask_worker, "transfer_outgoing_bytes_total", 0)), int(written)]


# Only what is of the main program travels by value.
_counts.__module__ = "__main__"


class Counter:
    """Counts from now on.

    Parameters
    ----------
    client
        A client, of which only what it may do without is asked; or ``None``.
    """

    def __init__(self, client: Any) -> None:
        self._client = client
        self._before = self._ask()

    def _ask(self) -> dict[str, list[int]] | None:
        client = self._client
        if client is None or client.status != "running":
            return None
        with contextlib.suppress(
            RuntimeError, OSError, ValueError, asyncio.TimeoutError, concurrent.futures.TimeoutError
        ):
            loop = client.loop.asyncio_loop
            question = asyncio.wait_for(client._run(_counts, on_error="ignore"), PATIENCE)
            found = asyncio.run_coroutine_threadsafe(question, loop).result(PATIENCE + 0.5)
            return {key: value for key, value in found.items() if isinstance(value, list)}
        return None

    def read(self) -> tuple[int | None, int | None]:
        """Bytes moved and spilled since; ``None`` where it cannot be told."""
        before, now = self._before, self._ask()
        if before is None or now is None:
            return None, None
        sums = [0, 0]
        for worker, counts in now.items():
            known = before.get(worker, [0, 0])
            for place in (0, 1):
                sums[place] += max(counts[place] - known[place], 0)
        return sums[0], sums[1]
