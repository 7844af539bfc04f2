"""When a wait for workers is over, from the numbers of a cluster's JSON."""

from __future__ import annotations

from typing import Any

__all__ = ("enough", "exact")


def enough(needed: int | None, counts: dict[str, Any]) -> bool:
    """Whether so many are there; with ``None``, as many as are wanted."""
    # Adaptive scaling wants nobody in its first moment, whatever its least number.
    wanted = max(counts.get("wanted") or 0, counts.get("minimum") or 0)
    return bool(counts.get("running", 0) >= (wanted if needed is None else needed))


def exact(counts: dict[str, Any]) -> bool:
    """Whether there are exactly as many as are wanted."""
    return bool(counts.get("running") == counts.get("wanted"))
