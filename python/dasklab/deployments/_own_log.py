"""Why workers are missing, from the log that they share with their host.

Of clusters whose processes the host starts itself: ``local``, and whatever ``class`` names.
"""

from __future__ import annotations

import asyncio
import os
import time

from ..model.explanation import Explanation
from ..processes import tail
from .signatures import recognise

__all__ = ("explain",)

RECENT = 60.0
"""Seconds after which what stands last in the log has nothing to do with what is missing now."""

LINES = 100
"""Lines that are looked through: those of one worker's end, or of several."""


async def explain(log: str) -> Explanation:
    """What is known of the last lines of a log, if there are new ones."""
    return Explanation(advice=tuple(recognise(await asyncio.to_thread(_said, log))))


def _said(log: str) -> list[str]:
    try:
        late = time.time() - os.path.getmtime(log) > RECENT
    except OSError:
        return []
    return [] if late else tail(log, LINES)
