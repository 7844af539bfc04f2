"""Keeps jobs that die at once from being submitted for ever.

dask-jobqueue replaces what is missing without asking why: with an interpreter that was not there,
adaptive scaling submitted 29 jobs in 8 seconds. Plain logic; told and asked by ``_batch``.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..model.explanation import Advice

__all__ = ("QUICK", "Guard")

LIMIT = 3
"""Quick deaths in a row after which no more jobs are submitted."""

QUICK = 60.0
"""Seconds with a worker that a job must have had for its end to be no quick death."""

EVIDENCE = 20


class Guard:
    """Counts jobs that died quickly, and says when it is enough.

    Parameters
    ----------
    limit
        Quick deaths in a row after which it is enough.
    things, made
        What it counts, in the plural, and how they come about: "submitted".
    """

    def __init__(self, limit: int = LIMIT, things: str = "jobs", made: str = "submitted") -> None:
        self._limit = limit
        self._things, self._made = things, made
        self._dead: list[str] = []
        self._output: tuple[str, ...] = ()

    def died(self, jobs: Iterable[str], output: Iterable[str] = ()) -> None:
        """Jobs (their ids) have ended at once; ``output`` is what one of them wrote last."""
        self._dead += jobs
        self._output = tuple(output)[-EVIDENCE:] or self._output

    def lived(self) -> None:
        """A job did its work for some time: what died before it was an accident."""
        self._dead, self._output = [], ()

    again = lived
    """The user has asked for workers: it is tried again."""

    @property
    def closed(self) -> bool:
        """Whether no more jobs are to be submitted."""
        return len(self._dead) >= self._limit

    @property
    def output(self) -> tuple[str, ...]:
        """What jobs that died wrote last."""
        return self._output

    def allows(self, wanted: int) -> int:
        """How many of so many jobs may be submitted now: fewer with each that died."""
        return wanted if not self._dead else max(0, min(wanted, self._limit - len(self._dead)))

    def advice(self, again: str) -> list[Advice]:
        """What to say while it is closed.

        Parameters
        ----------
        again
            What the user can do to have it tried again.
        """
        if not self.closed:
            return []
        last = f" The last one was {self._dead[-1]}."
        return [
            Advice(
                f"{self._things}.dying",
                f"{len(self._dead)} {self._things} in a row have ended at once, so no more are "
                f"{self._made}.{last}",
                f"Mend what their output says, then {again} tries again.",
                "error",
                self._output,
                again=True,
            )
        ]
