"""Asks the deployment, while workers are missing, why; keeps the answer in the record.

Used by the host only, on the host's loop; the deployment is asked on the cluster's.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

from ..deployments.base import Deployment
from ..model.explanation import Advice, Explanation
from ..model.record import Record
from .keeper import Keeper

__all__ = ("EXPLAIN_EVERY", "Explainer", "to_come")

logger = logging.getLogger(__name__)

EXPLAIN_EVERY = 2.0
"""Seconds between questions: queues answer within some tenths of one, and a user who waits for a
reason should have it within five."""

UNCOUNTED_EVERY = 30.0
"""The same of schedulers whose workers others start: each question costs them something."""

PATIENCE = 20.0
"""Seconds for one answer. A queue that hangs is said to hang."""


class Explainer:
    """Explains one cluster's missing workers.

    Parameters
    ----------
    keeper
        Of the cluster's record.
    ask
        Asks the deployment on the cluster's loop.
    """

    def __init__(self, keeper: Keeper, ask: Callable[[], Awaitable[Explanation]]) -> None:
        self._keeper = keeper
        self._ask = ask
        self._asking = asyncio.Lock()

    async def run(self, deployment: Deployment) -> None:
        """Explain for as long as there is something missing."""
        asked: dict[str, Any] = {}
        again = 0.0
        while True:
            record = self._keeper.record
            if not deployment.counted:
                same = record.workers.get("running") == asked.get("running")
                if not same or again < time.monotonic():
                    asked, again = record.workers, time.monotonic() + UNCOUNTED_EVERY
                    await self.explain()
            elif missing(record) or (record.jobs and record.workers != asked):
                asked = record.workers  # jobs come and go with the number that is wanted
                await self.explain()
            elif record.advice:
                self._keeper.update(advice=())
            await asyncio.sleep(EXPLAIN_EVERY)

    async def explain(self) -> None:
        """Ask now; the answer is in the record when this returns."""
        async with self._asking:
            try:
                found = await asyncio.wait_for(self._ask(), PATIENCE)
            except asyncio.TimeoutError:
                found = Explanation(
                    self._keeper.record.jobs,
                    (
                        Advice(
                            "queue.silent",
                            f"The queue has not answered within {PATIENCE:g} seconds.",
                            "Whether it is overloaded can be asked on the command line.",
                        ),
                    ),
                )
            except Exception as error:
                logger.exception("The deployment could not explain")
                found = Explanation(
                    self._keeper.record.jobs,
                    (Advice("explain.failed", f"It could not be found out why: {error}"),),
                )
        known = {advice.code for advice in self._keeper.record.advice}
        for advice in found.advice:
            if advice.code not in known and advice.severity != "note":
                self._keeper.note("advice", f"{advice.message} {advice.hint}".rstrip())
        self._keeper.update(jobs=found.jobs, advice=found.advice)


def to_come(record: Record) -> bool:
    """Whether workers are missing that may still come.

    They will not once an error has been found that keeps them: what the user has to change first
    is no reason to keep a cluster that nobody uses.
    """
    hopeless = any(found.severity == "error" for found in record.advice)
    return _short(record.workers) and not hopeless


def _short(workers: dict[str, Any]) -> bool:
    wanted = max(workers.get("wanted") or 0, workers.get("minimum") or 0)
    return (workers.get("running") or 0) < wanted


def missing(record: Record) -> bool:
    """Whether there are fewer workers than wanted, or jobs that are not known to run."""
    return _short(record.workers) or any(job.state != "running" for job in record.jobs)
