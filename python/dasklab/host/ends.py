"""How clusters end: what ends them, and the phase and reason that their records keep."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Coroutine
from typing import Any

from ..deployments.base import Deployment
from ..errors import ClusterGone, DasklabError, DeadlinePassed
from ..model.record import Phase, Record
from ..processes import tail

__all__ = ("by_failure", "by_lease", "by_others", "detached", "of", "too_late")

logger = logging.getLogger(__name__)

End = tuple[Phase, dict[str, Any]]


def by_others(record: Record, deployment: Deployment | None) -> End:
    """It is closed, and not by us; its deployment may know why."""
    why = deployment.end_reason if deployment is not None else None
    if why is not None:
        return (Phase.STOPPED if isinstance(why, ClusterGone) else Phase.FAILED), why.to_wire()
    where = "by its notebook" if record.origin == "kernel" else "by a client"
    return _stopped("closed", f"It was shut down {where}.")


def by_failure(error: BaseException, log: str) -> End:
    """Its start has failed, with the end of its log beside the reason."""
    if isinstance(error, DasklabError):
        logger.warning("Start failed: %s", error, exc_info=error)
    else:
        mark = uuid.uuid4().hex[:8]
        logger.error("Start failed (%s)", mark, exc_info=error)
        error = DasklabError(
            f"The cluster did not start: {type(error).__name__}: {error}",
            f"The host's log has the details under {mark}.",
        )
    reason = error.to_wire()
    reason["details"].setdefault("log", tail(log))
    return Phase.FAILED, reason


def by_lease(cause: str, sentence: str) -> End:
    """Nobody needed it any more."""
    return _stopped(
        f"lease.{cause}",
        f"Its lease has ended. {sentence}",
        "Keep a cluster with %dask keep; dasklab.lease sets the limits.",
    )


def detached() -> End:
    """It was there before us, and goes on."""
    return _stopped("detached", "It was let go of, and goes on.")


def of(
    deployment: Deployment, checkpoint: dict[str, Any], for_real: bool
) -> Coroutine[Any, Any, None]:
    """What ends it: of a cluster that was there before us only what its user has asked for."""
    if "detach" in deployment.can and not for_real:
        return deployment.detach()
    return deployment.stop(checkpoint)


def _stopped(code: str, message: str, hint: str = "") -> End:
    return Phase.STOPPED, {"code": code, "message": message, "hint": hint, "details": {}}


def too_late(record: Record, seconds: float) -> DeadlinePassed:
    """It was not up in time; with the step at which it stood."""
    active = [step.title for step in record.steps if step.state == "active"]
    return DeadlinePassed(
        f"The cluster was not up after {seconds:g} seconds"
        + (f" (at: {active[-1]})." if active else "."),
        "Its log may say why; dasklab.launch.deadline sets how long to wait.",
    )
