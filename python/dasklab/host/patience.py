"""How long a launch may take: time in which it waits for others does not count."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable
from typing import TypeVar

__all__ = ("Patience",)

T = TypeVar("T")


class Patience:
    """So many seconds for several waits together.

    Parameters
    ----------
    seconds
        For all of them.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._left = seconds

    async def wait(self, coming: Awaitable[T], *, counts: bool = True) -> T:
        """What comes of it.

        Parameters
        ----------
        counts
            Whether the time that it takes is taken from the rest; else there is no deadline.

        Raises
        ------
        TimeoutError
            The time is over (``asyncio.TimeoutError``).
        """
        if not counts:
            return await coming
        begun = time.monotonic()
        try:
            return await asyncio.wait_for(coming, max(self._left, 0.0))
        finally:
            self._left -= time.monotonic() - begun
