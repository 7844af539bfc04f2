"""Whose tasks are pending: a cluster's progress without what other cells and programs have there.

A scheduler counts by prefix and group, not by cell. But of a group, rows say who runs it; and what
was pending before the cell gave any work cannot be the cell's.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

__all__ = ("PENDING", "Before", "own_groups", "own_progress", "pending_of")

PENDING = ("processing", "queued", "no_worker", "waiting")

Groups = Mapping[str, Mapping[str, Any]]


class Before:
    """What was pending, by group, before a cell gave any work.

    Parameters
    ----------
    groups
        How they stood.
    """

    def __init__(self, groups: Groups) -> None:
        self.pending = {
            name: count for name, entry in groups.items() if (count := pending_of(entry))
        }


def pending_of(states: Mapping[str, Any]) -> int:
    """How many tasks are still to come."""
    return sum(int(states.get(state) or 0) for state in PENDING)


def own_progress(
    progress: Groups,
    groups: Groups,
    before: Before | None,
    mine: Collection[str],
    theirs: Mapping[str, int],
) -> dict[str, dict[str, Any]]:
    """The progress of prefixes without the pending tasks that are known to be others'.

    Parameters
    ----------
    before
        ``None`` where it is not known: then only rows tell.
    mine
        Groups of which tasks of the cell have ended.
    theirs
        Groups of which tasks of others have, with how many since the cell began.
    """
    foreign: dict[str, int] = {}
    for name, entry in groups.items():
        pending = pending_of(entry)
        if before is not None and name in before.pending:
            others = before.pending[name] - theirs.get(name, 0)
        else:
            others = pending if name in theirs and name not in mine else 0
        prefix = str(entry.get("prefix", name))
        foreign[prefix] = foreign.get(prefix, 0) + min(max(others, 0), pending)
    return {name: _without(entry, foreign.get(name, 0)) for name, entry in progress.items()}


def own_groups(
    groups: Groups, before: Before | None, mine: Collection[str], theirs: Collection[str]
) -> dict[str, dict[str, Any]]:
    """The groups that are a cell's: it has run tasks of them, or nobody else can have given them.

    Parameters
    ----------
    before, mine, theirs
        As for :func:`own_progress`.
    """
    return {
        name: dict(entry)
        for name, entry in groups.items()
        if name in mine
        or (
            before is not None
            and pending_of(entry)
            and name not in before.pending
            and name not in theirs
        )
    }


def _without(states: Mapping[str, Any], count: int) -> dict[str, Any]:
    """So many pending tasks less; those that wait are taken off first."""
    found = dict(states)
    for state in reversed(PENDING):
        there = int(found.get(state) or 0)
        taken = min(there, count)
        if taken:
            found[state] = there - taken
            count -= taken
    return found
