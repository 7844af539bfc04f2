"""What adaptive scaling decides, as events: nobody asked for it by name, and a plot shows only that
workers came and went.

Adaptive thinks anew every second and goes in steps. A decision is told when it has settled, or is
about to be taken back, from where it began to where it ended. Used by the host, with each sample.
"""

from __future__ import annotations

from collections.abc import Callable

from ..deployments.base import Sample

__all__ = ("SETTLED", "Decisions")

SETTLED = 2.0
"""Seconds without another step."""


class Decisions:
    """Watches what adaptive scaling wants.

    Parameters
    ----------
    tell
        Takes a sentence.
    """

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._settled: int | None = None
        """Workers that were wanted when it last settled; ``None`` while it does not adapt."""
        self._wanted = 0
        self._changed = 0.0

    def look(self, sample: Sample, now: float) -> None:
        """Take in a sample.

        Parameters
        ----------
        now
            In seconds, of any clock that only goes forward.
        """
        if sample.minimum is None:
            self.flush()
            self._settled = None
            return
        if self._settled is None:
            self._settled = self._wanted = sample.wanted
        elif sample.wanted != self._wanted:
            if (sample.wanted - self._wanted) * (self._wanted - self._settled) < 0:
                self.flush()  # the other way round from here on
            self._wanted, self._changed = sample.wanted, now
        elif now - self._changed >= SETTLED:
            self.flush()

    def flush(self) -> None:
        """Tell what has not been told."""
        before, self._settled = self._settled, self._wanted
        if before is not None and before != self._wanted:
            many = "worker" if self._wanted == 1 else "workers"
            self._tell(f"Adaptive scaling goes from {before} to {self._wanted} {many}.")
