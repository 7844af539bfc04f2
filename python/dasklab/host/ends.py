"""How clusters end: what ends them, and the phase and reason that their records keep."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from ..deployments.base import Deployment
from ..errors import ClusterGone
from ..model.record import Phase, Record

__all__ = ("by_lease", "by_others", "detached", "of")

End = tuple[Phase, dict[str, Any]]


def by_others(record: Record, deployment: Deployment | None) -> End:
    """It is closed, and not by us; its deployment may know why."""
    why = deployment.end_reason if deployment is not None else None
    if why is not None:
        return (Phase.STOPPED if isinstance(why, ClusterGone) else Phase.FAILED), why.to_wire()
    where = "by its notebook" if record.origin == "kernel" else "by a client"
    return _stopped("closed", f"It was shut down {where}.")


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
