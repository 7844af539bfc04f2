"""Why a cluster does not do what is asked of it: it has ended, or its owner is silent."""

from __future__ import annotations

from ..errors import ClusterGone, HostUnreachable
from ..model.record import Record

__all__ = ("gone", "silent_kernel")


def gone(record: Record) -> ClusterGone:
    """It has ended; with how, and what to do."""
    reason = record.reason or {}
    return ClusterGone(
        f"The cluster {record.name!r} is {record.phase.value}."
        + (f" {reason['message']}" if reason.get("message") else ""),
        str(reason.get("hint") or "") or "Start another one with %dask start.",
        details={"reason": reason},
    )


def silent_kernel(record: Record) -> HostUnreachable:
    """A notebook's own cluster, whose kernel lives and does not answer.

    Its host is a thread there. Code of C that keeps Python's lock keeps that thread waiting, and
    ending the kernel by force would lose all that the notebook has in memory: its user's choice.
    """
    return HostUnreachable(
        f"The kernel that made the cluster {record.name!r} does not answer: "
        "its cell may run code that holds Python's lock (the GIL).",
        "Try again when the cell is done; restarting that kernel ends the cluster at once.",
    )
