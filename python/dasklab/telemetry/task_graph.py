"""The task graph of a scheduler's current computation, for who looks at it.

Task by task as long as that can be read, group by group beyond, with the states as they are now.
Runs in the scheduler; goes with ``collector``, by value: standard library, and no module of ours
but those beside it.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any

from .ring import text_of

__all__ = ("GROUPS", "LOOKED_AT", "STATES", "TASKS", "task_graph")

TASKS = 5_000
"""Most tasks that are told one by one: about as many as can be told apart in a picture."""

LOOKED_AT = 20_000
"""Most tasks of a scheduler that are looked at to find them, the newest: some milliseconds of its
loop. Those of a computation just begun come first, however many there were before."""

GROUPS = 1_000
"""Most groups; of more, those with the most tasks."""

EDGES = 40_000
"""Most edges: a task may depend on thousands."""

STATES = (
    "released",
    "waiting",
    "no-worker",
    "queued",
    "processing",
    "memory",
    "erred",
    "forgotten",
)
"""What a digit of ``states`` means, and the order of ``counts``."""

DIGITS = {state: str(number) for number, state in enumerate(STATES)}


def task_graph(scheduler: Any, known: str | None = None) -> dict[str, Any]:
    """The graph of the computation that was begun last.

    Parameters
    ----------
    known
        The ``id`` of an earlier answer: of the same nodes and edges only the states are told.

    Returns
    -------
    dict
        ``id``; ``kind``, which is ``"tasks"`` or ``"groups"``; ``tasks``, how many there are in
        all; ``nodes`` (``name``, ``prefix``, ``group``) and ``edges`` (from, to, from, to, …, what
        is needed first), both ``None`` where they are known; ``states``, one digit a node, or
        ``counts``, one list of numbers a node; ``left_out``, nodes and edges beyond the limits.
    """
    computations = getattr(scheduler, "computations", None)
    # A computation whose tasks joined a group that was there already has none of its own.
    begun = (each.groups for each in reversed(computations or ()) if each.groups)
    groups = next(begun, None) or set(scheduler.task_groups.values())
    alive = [group for group in groups if scheduler.task_groups.get(group.name) is group]
    total = sum(sum(_counts(group)[:-1]) for group in alive)
    if total <= TASKS:
        chosen, recent = set(alive), islice(reversed(scheduler.tasks.values()), LOOKED_AT)
        tasks = list(islice((task for task in recent if task.group in chosen), total))[::-1]
        if len(tasks) >= total or len(scheduler.tasks) <= LOOKED_AT:
            return _of_tasks(tasks, known)
    alive.sort(key=lambda group: -sum(group.states.values()))
    return _of_groups(alive, total, known)


def _of_tasks(tasks: list[Any], known: str | None) -> dict[str, Any]:
    places = {task.key: place for place, task in enumerate(tasks)}
    answer = _start("tasks", places, len(tasks))
    answer["states"] = "".join(DIGITS.get(task.state, "0") for task in tasks)
    if answer["id"] != known:
        answer["nodes"] = [
            {
                "name": text_of(task.key),
                "prefix": text_of(task.prefix.name),
                "group": text_of(task.group.name),
            }
            for task in tasks
        ]
        _add_edges(
            answer,
            (
                (places.get(needed.key), place)
                for place, task in enumerate(tasks)
                for needed in task.dependencies
            ),
        )
    return answer


def _of_groups(groups: list[Any], total: int, known: str | None) -> dict[str, Any]:
    chosen = groups[:GROUPS]
    places = {group.name: place for place, group in enumerate(chosen)}
    answer = _start("groups", places, total)
    answer["counts"] = [_counts(group) for group in chosen]
    answer["left_out"] = len(groups) - len(chosen)
    if answer["id"] != known:
        answer["nodes"] = [
            {
                "name": text_of(group.name),
                "prefix": text_of(group.prefix.name),
                "group": text_of(group.name),
            }
            for group in chosen
        ]
        _add_edges(
            answer,
            (
                (places.get(needed.name), place)
                for place, group in enumerate(chosen)
                for needed in group.dependencies
                if needed is not group
            ),
        )
    return answer


def _start(kind: str, places: dict[Any, int], total: int) -> dict[str, Any]:
    return {
        "id": f"{kind}-{hash(tuple(places)) & 0xFFFFFFFFFFFF:x}",
        "kind": kind,
        "tasks": total,
        "nodes": None,
        "edges": None,
        "states": None,
        "counts": None,
        "left_out": 0,
    }


def _add_edges(answer: dict[str, Any], pairs: Iterable[tuple[int | None, int]]) -> None:
    edges: list[int] = []
    found = ((begin, end) for begin, end in pairs if begin is not None)
    for pair in islice(found, EDGES):
        edges.extend(pair)
    answer["edges"] = edges
    answer["left_out"] += sum(1 for _ in found)


def _counts(group: Any) -> list[int]:
    return [int(group.states.get(state, 0)) for state in STATES]
