"""The lease: why a cluster may still live. The host feeds it and obeys it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from ..model.spec import Lease

__all__ = ("SENTENCES", "LeaseClock")

SENTENCES = {
    "idle": "Nothing ran on it for {minutes}.",
    "no-client": "No notebook was connected to it, and nothing ran, for {minutes}.",
    "max-age": "It reached its greatest age, {minutes}.",
}

FRESH = 5.0
"""Seconds since the last observation after which a scheduler is too busy to be asked, not idle."""


class LeaseClock:
    """When a cluster ends if nothing changes.

    Parameters
    ----------
    limits
        The three limits, in seconds.
    now
        Epoch seconds: its birth.
    """

    def __init__(self, limits: Lease, now: float) -> None:
        self.limits = limits
        self.pinned = False
        self._born = now
        # Nothing is idle before it is up: the first observation begins to count.
        self._quiet_since: float | None = None  # no task runs or waits
        self._alone_since: float | None = None  # no client either

    async def ended(self, sampled: Callable[[], float]) -> str:
        """Wait until it has run out; why.

        Parameters
        ----------
        sampled
            Epoch seconds of the last observation.
        """
        while True:
            end = self.deadline()
            await asyncio.sleep(1.0 if end is None else min(max(end[0] - time.time(), 0.05), 1.0))
            end = self.deadline()
            if end is None or time.time() < end[0]:
                continue
            if end[1] == "max-age" or time.time() - sampled() <= FRESH:
                return end[1]

    def observe(self, *, busy: bool, clients: int, now: float, awaited: bool = False) -> None:
        """Take note of what the cluster does at ``now`` (epoch seconds).

        Parameters
        ----------
        awaited
            Workers are still to come, or somebody waits for them: that is no idleness.
        """
        busy = busy or awaited
        if busy:
            self._quiet_since = None
        elif self._quiet_since is None:
            self._quiet_since = now
        if busy or clients:
            self._alone_since = None
        elif self._alone_since is None:
            self._alone_since = now

    def renew(self, now: float) -> None:
        """Start counting anew: somebody asked something of the cluster."""
        if self._quiet_since is not None:
            self._quiet_since = now
        if self._alone_since is not None:
            self._alone_since = now

    def deadline(self) -> tuple[float, str] | None:
        """The earliest end (epoch seconds) and its cause; ``None`` when nothing counts."""
        if self.pinned:
            return None
        ends = [
            (since + limit, cause)
            for since, limit, cause in (
                (self._quiet_since, self.limits.idle, "idle"),
                (self._alone_since, self.limits.no_client, "no-client"),
                (self._born, self.limits.max_age, "max-age"),
            )
            if since is not None and limit is not None
        ]
        return min(ends) if ends else None

    def to_wire(self) -> dict[str, Any]:
        """The object under ``lease`` in a cluster's JSON."""
        end = self.deadline()
        return {
            "pinned": self.pinned,
            "idle": self.limits.idle,
            "no_client": self.limits.no_client,
            "max_age": self.limits.max_age,
            "deadline": None if end is None else end[0],
            "cause": None if end is None else end[1],
        }

    def sentence(self, cause: str) -> str:
        """Why the lease ended, in words."""
        limit = {
            "idle": self.limits.idle,
            "no-client": self.limits.no_client,
            "max-age": self.limits.max_age,
        }[cause]
        return SENTENCES[cause].format(minutes=_in_words(limit or 0))


def _in_words(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:g} seconds"
    if seconds < 7200:
        return f"{seconds / 60:g} minutes"
    return f"{seconds / 3600:g} hours"
