"""Asks a deployment what to mind of its options, before anything of it is started.

Used by the host only, on the host's loop; the deployment is asked in a thread, because it may ask
a queue.
"""

from __future__ import annotations

import asyncio
import logging

from ..deployments.base import Deployment
from ..errors import StartFailed
from ..model.explanation import Advice
from .keeper import Keeper

__all__ = ("PATIENCE", "mind")

logger = logging.getLogger(__name__)

PATIENCE = 10.0
"""Seconds for all that a deployment asks: a launch waits for them, and goes on without."""


async def mind(deployment: Deployment, keeper: Keeper) -> None:
    """Have what is to be minded in the record, where it stays as long as the cluster.

    Raises
    ------
    StartFailed
        It is known that nothing would come of such a launch.
    """
    found: list[Advice] = []
    try:
        asked = asyncio.to_thread(deployment.warnings, deployment.given, deployment.context.scaling)
        found = await asyncio.wait_for(asked, PATIENCE)
    except asyncio.TimeoutError:
        logger.warning("What to mind was not known after %g seconds", PATIENCE)
    except Exception as error:  # of another package; what is wrong with it the launch will say
        logger.warning("The deployment could not say what to mind: %s", error, exc_info=True)
    for advice in found:
        if advice.severity == "error":
            raise StartFailed(advice.message, advice.hint, details={"refused": advice.code})
    # What is in order is worth saying in a preview only.
    warnings = tuple(advice for advice in found if advice.severity != "note")
    keeper.update(warnings=warnings)
    for advice in warnings:
        keeper.note("advice", f"{advice.message} {advice.hint}".rstrip())
