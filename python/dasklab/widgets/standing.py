"""How the prefixes and the groups of a run stand: tasks by state.

What has ended is counted in rows, because schedulers forget it; what is pending they alone know.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .pending import PENDING
from .run import Run
from .sums import ERRED, LAST, Sum

__all__ = ("STATES", "group_names", "standing", "standing_groups")

STATES = ("released", "memory", "erred", *PENDING)
"""Of tasks, in the order in which progress shows them."""

Standing = dict[str, dict[str, int]]


def standing(run: Run) -> Standing:
    """Tasks by prefix and state."""
    return _standing(run, run.prefixes, run.earlier, run.progress)


def standing_groups(run: Run) -> Standing:
    """Tasks by group and state; those of groups whose names were not kept are left out."""
    return _standing(run, group_names(run), run.earlier_groups, run.groups)


def group_names(run: Run) -> list[str | None]:
    """By kind."""
    groups = (kind.get("group") for kind in run.kinds)
    return [None if group is None else str(group) for group in groups]


def _standing(
    run: Run,
    names: Sequence[str | None],
    earlier: Mapping[str, Sum],
    said: Mapping[str, Mapping[str, Any]],
) -> Standing:
    """Tasks by state and what they are called: by kind, of earlier rows, and by the scheduler."""
    found: Standing = {}
    if run.settled:
        for name, states in said.items():
            found[name] = {state: int(states.get(state) or 0) for state in STATES}
        return _with_tasks(found)
    for name, sums in earlier.items():
        entry = found.setdefault(name, dict.fromkeys(STATES, 0))
        entry["erred"] += sums.failed
        entry["released"] += sums.tasks - sums.failed
    for row in run.rows:
        called = names[row[4]]
        if row[5] & LAST and called is not None:
            entry = found.setdefault(called, dict.fromkeys(STATES, 0))
            entry["erred" if row[5] & ERRED else "released"] += 1
    for name, states in said.items():
        pending = {state: int(states.get(state) or 0) for state in PENDING}
        entry = found.setdefault(name, dict.fromkeys(STATES, 0))
        entry.update(pending)
        kept = min(int(states.get("memory") or 0), entry["released"])
        entry["memory"], entry["released"] = kept, entry["released"] - kept
    return _with_tasks(found)


def _with_tasks(found: Standing) -> Standing:
    return {name: entry for name, entry in found.items() if sum(entry.values())}
