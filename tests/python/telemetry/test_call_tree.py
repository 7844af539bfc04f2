"""Dask's profile, flattened: what is kept, in which order, and what of hostile text."""

from __future__ import annotations

import sys
import threading
from typing import Any

from distributed import profile

from dasklab.telemetry import call_tree
from dasklab.telemetry.call_tree import NODES, flatten


def node(name: str, count: int, *children: dict[str, Any], **said: Any) -> dict[str, Any]:
    """A node of a profile as ``distributed.profile`` makes them."""
    return {
        "identifier": name,
        "count": count,
        "description": {
            "name": name,
            "filename": f"/{name}.py",
            "line_number": 3,
            "line": "    return 1\n",
            **said,
        },
        "children": {child["identifier"]: child for child in children},
    }


def test_parents_come_first_and_the_larger_child_before_the_smaller() -> None:
    tree = node("root", 10, node("a", 3, node("c", 3)), node("b", 7))
    found = flatten(tree)

    assert found["samples"] == 10
    assert [(each["name"], each["parent"], each["samples"]) for each in found["nodes"]] == [
        ("b", -1, 7),
        ("a", -1, 3),
        ("c", 1, 3),
    ]
    assert found["nodes"][0]["code"] == "return 1"
    assert (found["nodes"][0]["file"], found["nodes"][0]["line"]) == ("/b.py", 3)


def test_the_innermost_call_of_a_prefix_has_what_is_left_of_its_caller() -> None:
    caller = node("caller", 10, node("counted", 4), node("inner", 0))
    found = flatten(node("root", 10, caller))

    assert [(each["name"], each["samples"]) for each in found["nodes"]] == [
        ("caller", 10),
        ("inner", 6),
        ("counted", 4),
    ]


def test_what_nobody_could_see_is_left_out_and_counted() -> None:
    small = [node(f"f{number}", 1, node("deep", 1)) for number in range(10)]
    found = flatten(node("root", 100_000, node("main", 90_000), *small))

    assert [each["name"] for each in found["nodes"]] == ["main"]
    assert found["left_out"] == 10


def test_never_too_many(monkeypatch: Any) -> None:
    monkeypatch.setattr(call_tree, "NODES", 20)
    found = flatten(node("root", 100, *(node(f"f{number}", 1) for number in range(100))))

    assert len(found["nodes"]) == 20 < NODES
    assert found["left_out"] == 80


def test_a_real_profile() -> None:
    tree = profile.create()
    for _ in range(5):
        profile.process(sys._current_frames()[threading.get_ident()], None, tree)
    found = flatten(profile.merge(tree, tree))

    assert found["samples"] == 10
    last = found["nodes"][-1]
    assert (last["name"], last["samples"]) == ("test_a_real_profile", 10)
    assert last["file"].endswith("test_call_tree.py")
    assert flatten(profile.create()) == {"samples": 0, "nodes": [], "left_out": 0}


def test_hostile_text_is_short_and_printable() -> None:
    tree = node("root", 1, node("\u202egpj" + "x" * 10_000, 1, line_number=None, line=None))
    (found,) = flatten(tree)["nodes"]

    assert len(found["name"]) <= 200
    assert "\u202e" not in found["name"]
    assert (found["line"], found["code"]) == (0, "")
