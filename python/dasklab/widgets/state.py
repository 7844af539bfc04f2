"""How far work has come, at what rate, and when it will be done. Plain arithmetic, no Dask."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

__all__ = ("Group", "State", "Tracker", "add_up")

WINDOW = 8.0
"""Seconds over which rates are taken: short enough to follow, long enough to be read."""


@dataclass(frozen=True)
class Group:
    """The tasks of one prefix.

    ``average`` (of one task) and ``left`` in seconds, ``rate`` in tasks a second, ``before``: done
    when the watching began.
    """

    name: str
    total: int = 0
    done: int = 0
    erred: int = 0
    cancelled: int = 0
    retries: int = 0
    nbytes: int = 0
    average: float = -1.0
    before: int = 0
    rate: float = 0.0
    left: float | None = None

    @property
    def remaining(self) -> int:
        """Tasks that are still to come."""
        return max(0, self.total - self.done - self.erred - self.cancelled)


@dataclass(frozen=True)
class State:
    """How everything stands.

    Parameters
    ----------
    groups
        In the order in which they are computed.
    total
        All of them together.
    missing
        Keys that the scheduler has not got yet.
    error
        Key and text of the first exception.
    elapsed
        Seconds since the watching began.
    end
        ``None`` while it goes on, else ``"done"``, ``"failed"``, ``"cancelled"``, or a sentence
        that says why the watching ended.
    """

    groups: tuple[Group, ...] = ()
    total: Group = field(default_factory=lambda: Group("total"))
    missing: int = 0
    error: tuple[str, str] | None = None
    elapsed: float = 0.0
    end: str | None = None


class Tracker:
    """Makes a :class:`State` of each message of a feed.

    Parameters
    ----------
    start
        Seconds on the clock that later calls use.
    """

    def __init__(self, start: float) -> None:
        self._start = start
        self._samples: deque[tuple[float, dict[str, int]]] = deque([(start, {})])
        self.state = State()

    def read(self, message: dict[str, Any], now: float) -> State:
        """Take in a message of the feed."""
        raw = [_group(row) for row in message["groups"]]
        self._samples.append((now, {group.name: group.done for group in raw}))
        while len(self._samples) > 2 and now - self._samples[1][0] > WINDOW:
            self._samples.popleft()
        ended = message["left"] == 0
        # Over all the time when it is over, of late while it goes on.
        at, before = (self._start, {}) if ended else self._samples[0]
        span = max(now - at, 0.05)
        groups = []
        for group in reversed(raw):
            speed = max(0, group.done - before.get(group.name, group.before)) / span
            left = group.remaining / speed if speed and group.remaining else None
            groups.append(replace(group, rate=speed, left=left))
        total = add_up("total", groups)
        if not ended:
            total = replace(total, left=_left(groups, before, span))
        error = message.get("error")
        self.state = State(
            groups=tuple(groups),
            total=total,
            missing=int(message["missing"]),
            error=(str(error[0]), str(error[1])) if error else None,
            elapsed=now - self._start,
            end=_end(groups, message) if ended else None,
        )
        return self.state

    def close(self, why: str, now: float) -> State:
        """The watching ends before the work does; nothing changes when that has ended."""
        if self.state.end is None:
            self.state = replace(self.state, elapsed=now - self._start, end=why)
        return self.state


def _group(row: list[Any]) -> Group:
    name, total, done, erred, cancelled, retries, nbytes, average, before = row
    return Group(
        name=str(name),
        total=int(total),
        done=int(done),
        erred=int(erred),
        cancelled=int(cancelled),
        retries=int(retries),
        nbytes=int(nbytes),
        average=float(average),
        before=int(before),
    )


def add_up(name: str, groups: Iterable[Group]) -> Group:
    """Several groups as one."""
    groups = list(groups)
    return Group(
        name=name,
        total=sum(group.total for group in groups),
        done=sum(group.done for group in groups),
        erred=sum(group.erred for group in groups),
        cancelled=sum(group.cancelled for group in groups),
        retries=sum(group.retries for group in groups),
        nbytes=sum(group.nbytes for group in groups),
        before=sum(group.before for group in groups),
        rate=sum(group.rate for group in groups),
    )


def _left(groups: Sequence[Group], before: Mapping[str, int], span: float) -> float | None:
    """Seconds to go: what is left, weighed by what a task of its kind takes.

    A count of tasks would be wrong by orders of magnitude where a thousand short tasks are
    followed by ten long ones.
    """
    known = [group.average for group in groups if group.average > 0]
    if not known:
        return None
    usual = sum(known) / len(known)
    did = to_do = 0.0
    for group in groups:
        weight = group.average if group.average > 0 else usual
        did += max(0, group.done - before.get(group.name, group.before)) * weight
        to_do += group.remaining * weight
    return to_do * span / did if did > 0 else None


def _end(groups: Sequence[Group], message: dict[str, Any]) -> str:
    if message.get("restarted"):
        return "The workers were restarted; what was not done has been forgotten."
    if any(group.erred for group in groups):
        return "failed"
    return "cancelled" if any(group.cancelled for group in groups) else "done"
