"""How many workers some jobs, cores or memory take: other words for a number of workers.

Programs and magics hand such amounts on as they were given; a host, whose deployment knows what
one worker has, makes a number of workers of them, which :mod:`.scaling` then reads.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..errors import Unsupported, WorkersInvalid
from .scaling import Scaling, read_count

__all__ = ("UNITS", "Size", "in_workers", "wanted")

UNITS = ("jobs", "cores", "memory")
"""As dask-jobqueue calls them in its own ``scale``."""

MOST = 10**9


@dataclass(frozen=True)
class Size:
    """What one worker has.

    Parameters
    ----------
    cores, memory
        Threads and bytes; 0 where that is not known.
    per_job
        Workers of one job; 0 where workers are no jobs.
    """

    cores: int
    memory: int
    per_job: int = 0

    @classmethod
    def of(cls, workers: int, cores: int, memory: int) -> Size | None:
        """What each of so many workers has that have so much together; ``None`` of none."""
        return cls(cores // workers, memory // workers) if workers else None


def wanted(workers: object, amounts: dict[str, Any]) -> object:
    """The body of a scale request.

    Parameters
    ----------
    workers
        As for :meth:`~.scaling.Scaling.parse`, or amounts as in :func:`in_workers`; beside
        amounts only numbers of groups.
    amounts
        By unit; ``None`` counts as not given.

    Raises
    ------
    WorkersInvalid
    """
    amounts = {unit: value for unit, value in amounts.items() if value is not None}
    if not amounts and isinstance(workers, dict) and workers.keys() & set(UNITS):
        return workers  # a program's own body
    if not amounts:
        return Scaling.parse(workers, limit=MOST).request()  # the host knows the real limit
    groups = Scaling(0, keep=True) if workers in (None, "") else Scaling.parse(workers, limit=MOST)
    if not groups.keep:
        raise WorkersInvalid(
            f"There is a number of workers, and {' and '.join(amounts)}.", "Give one of them."
        )
    return {**amounts, "groups": groups.groups} if groups.groups else amounts


def in_workers(value: object, size: Callable[[], Size | None]) -> object:
    """The same as numbers of workers; what has no amounts in it is returned as it is.

    Parameters
    ----------
    value
        Such as ``{"jobs": 3}``, ``{"memory": "1:100GB"}``, ``{"cores": 40, "groups": {"gpu": 2}}``.
        Of several amounts the one counts that takes most workers.
    size
        Says what one worker has; asked only if there is an amount.

    Raises
    ------
    WorkersInvalid, Unsupported
    """
    if not isinstance(value, dict) or not value.keys() & set(UNITS):
        return value
    unknown = sorted(str(key) for key in value.keys() - {*UNITS, "groups"})
    if unknown:
        raise WorkersInvalid(f"{unknown[0][:60]!r} is no amount.", f"Give {', '.join(UNITS)}.")
    one = size()
    if one is None:
        raise Unsupported(
            "What a worker of this cluster has is not known before there is one.",
            "Give a number of workers.",
        )
    ends = [_ends(unit, value[unit], one) for unit in UNITS if unit in value]
    low = max(low for low, _ in ends)
    highs = [high for _, high in ends if high is not None]
    plain: object = low if not highs else {"minimum": low, "maximum": max(low, *highs)}
    return {"workers": plain, "groups": value["groups"]} if value.get("groups") else plain


def _ends(unit: str, value: object, one: Size) -> tuple[int, int | None]:
    """Workers for an amount, or for the two ends of a range."""
    if isinstance(value, str) and ":" in value:
        low, _, high = value.partition(":")
        return _count(unit, low, one), _count(unit, high, one)
    return _count(unit, value, one), None


def _count(unit: str, value: object, one: Size) -> int:
    if unit == "jobs":
        if not one.per_job:
            raise WorkersInvalid(
                "The workers of this cluster are no jobs.", "Give cores, memory or workers."
            )
        return read_count(value, "The number of jobs", MOST, "jobs") * one.per_job
    if unit == "cores":
        number, each = read_count(value, "The number of cores", MOST, "cores"), one.cores
    else:
        number, each = _bytes(value), one.memory
    if not each:
        raise WorkersInvalid(
            f"It is not known how much {unit} a worker of this cluster has.",
            "Give a number of workers.",
        )
    return math.ceil(number / each)


def _bytes(value: object) -> int:
    from dask.utils import parse_bytes

    try:
        if isinstance(value, bool) or not isinstance(value, (int, float, str)):
            raise ValueError
        found = int(parse_bytes(value))
    except (ValueError, OverflowError):
        raise WorkersInvalid(
            f"memory is {str(value)[:60]!r}, which is no amount of memory.", "Such as 100GB."
        ) from None
    if found < 0:
        raise WorkersInvalid(f"memory is {str(value)[:60]}.", "Give 0 or more.")
    return found
