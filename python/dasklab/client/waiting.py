"""Waiting for a cluster and its workers: when it is over, and what it has come to."""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import Callable
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from ..errors import DeadlinePassed, StartFailed, from_wire
from .unanswered import gone

if TYPE_CHECKING:
    from .asynchronous import AsyncCluster

__all__ = ("enough", "exact", "kept", "scaled", "until", "warn_of_kept")


def enough(needed: int | None, info: dict[str, Any]) -> bool:
    """Whether so many are there; with ``None``, as many as are wanted."""
    counts = info["workers"]
    # Adaptive scaling wants nobody in its first moment, whatever its least number.
    wanted = max(counts.get("wanted") or 0, counts.get("minimum") or 0)
    return bool(counts.get("running", 0) >= (wanted if needed is None else needed))


def exact(info: dict[str, Any]) -> bool:
    """Whether there are exactly as many as are wanted."""
    counts = info["workers"]
    return bool(counts.get("running") == counts.get("wanted"))


def scaled(info: dict[str, Any]) -> bool:
    """Whether the last scaling is done.

    Raises
    ------
    StartFailed
        It failed: what is missing will not come by itself.
    """
    if exact(info):
        return True
    failures = _since_scaling(info, "scale-failed")
    if failures:
        raise StartFailed(
            f"{info['name']} could not be scaled: {failures[-1]}",
            "Its log says more: %dask logs host.",
        )
    return False


def kept(info: dict[str, Any]) -> list[str]:
    """What the host said of workers that the last scaling has left, though fewer were wanted."""
    return _since_scaling(info, "kept")


def warn_of_kept(info: dict[str, Any]) -> None:
    """The same as warnings, for programs; of the line that called who calls this."""
    for text in kept(info):
        warnings.warn(f"{info['name']}: {text}", stacklevel=3)


def _since_scaling(info: dict[str, Any], kind: str) -> list[str]:
    """Texts of events since somebody last asked for a number of workers, oldest first."""
    events = list(info.get("events") or ())
    kinds = [event["kind"] for event in events]
    begin = len(kinds) - kinds[::-1].index("scale") if "scale" in kinds else 0
    return [str(event["text"]) for event in events[begin:] if event["kind"] == kind]


async def until(
    cluster: AsyncCluster,
    over: Callable[[dict[str, Any]], bool],
    timeout: float | None,
    seen: Callable[[dict[str, Any]], None] | None,
) -> dict[str, Any]:
    """The cluster's JSON as soon as it runs and the wait is ``over``.

    Raises
    ------
    DasklabError
        Why it will never be, as its host says.
    DeadlinePassed
    """
    try:
        return await asyncio.wait_for(_follow(cluster, over, seen), timeout)
    except asyncio.TimeoutError:
        counts = cluster.refresh().workers
        raise DeadlinePassed(
            f"{cluster.name}: {counts.get('running', 0)} of {counts.get('wanted')} workers "
            f"after {timeout:g} seconds.",
            "See %dask logs host for what they say.",
        ) from None


async def _follow(
    cluster: AsyncCluster,
    over: Callable[[dict[str, Any]], bool],
    seen: Callable[[dict[str, Any]], None] | None,
) -> dict[str, Any]:
    async with aclosing(cluster.watch(waiting=True)) as stream:  # type: ignore[type-var]
        async for data in stream:
            if seen is not None:
                seen(data)
            if data["phase"] in ("stopped", "lost"):
                raise gone(cluster.refresh())
            if data["phase"] == "failed":
                if data.get("reason"):
                    raise from_wire(data["reason"])
                raise StartFailed(f"The cluster {cluster.name!r} did not start.")
            if data["phase"] in ("running", "waiting") and over(data):
                return data
    raise gone(cluster.record)
