"""Dask's statistical profile as a list: which functions tasks spent their time in, by call stack.

Workers look at their tasks' stacks a hundred times a second, and keep what they saw in trees; the
scheduler merges those when it is asked. A tree that nests as deep as a stack does travels badly,
and has thousands of leaves that nobody can see: here are the nodes one after the other, each with
its parent, the large ones only. Runs in hosts; names are hostile text.
"""

from __future__ import annotations

from typing import Any

from .history import printable
from .ring import text_of

__all__ = ("NODES", "SMALLEST", "flatten")

NODES = 5_000
"""Most nodes."""

SMALLEST = 2_000
"""A node with less than this part of all samples is narrower than a pixel."""


def flatten(tree: dict[str, Any]) -> dict[str, Any]:
    """The nodes of a tree as ``distributed.profile`` makes them.

    Returns
    -------
    dict
        ``samples``; ``nodes``, a parent always before its children and the larger child first:
        ``parent`` (number of a node, -1 at the top), ``name``, ``file``, ``line``, ``code``,
        ``samples`` (its own and those of what it called); ``left_out``, nodes that were too small.
    """
    nodes: list[dict[str, Any]] = []
    total = _count(tree)
    least = max(total / SMALLEST, 1)
    left_out = 0
    waiting = [(-1, *child) for child in _children(tree, total)[::-1]]
    while waiting:
        parent, node, samples = waiting.pop()
        if samples < least or len(nodes) >= NODES:
            left_out += 1
            continue
        said = node.get("description") or {}
        line = said.get("line_number")
        nodes.append(
            {
                "parent": parent,
                "name": _text(said.get("name")),
                "file": _text(said.get("filename")),
                "line": line if isinstance(line, int) else 0,
                "code": _text(said.get("line")).strip(),
                "samples": samples,
            }
        )
        waiting += [(len(nodes) - 1, *child) for child in _children(node, samples)[::-1]]
    return {"samples": total, "nodes": nodes, "left_out": left_out}


def _children(node: dict[str, Any], samples: int) -> list[tuple[dict[str, Any], int]]:
    """What a node called, with samples, the most first.

    In the profile of a prefix Dask does not count the innermost call (its own plot has no bar for
    it): those without a count share what is left of their caller.
    """
    found = [(child, _count(child)) for child in (node.get("children") or {}).values()]
    uncounted = sum(1 for _, count in found if not count)
    if uncounted:
        rest = max(samples - sum(count for _, count in found), 0)
        share = -(-rest // uncounted)
        found = [(child, count or share) for child, count in found]
    return sorted(found, key=lambda pair: -pair[1])


def _count(node: dict[str, Any]) -> int:
    return int(node.get("count") or 0)


def _text(value: Any) -> str:
    return str(printable(text_of("" if value is None else value)))
