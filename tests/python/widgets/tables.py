"""Tables as a run of any size would leave them."""

from __future__ import annotations

import random
from typing import Any

from dasklab.client.columns import Tables

__all__ = ("ANSWERS", "BASE", "HOSTILE", "NODES", "made_up")

BASE = 1_790_000_000.0
HOSTILE = '<script>alert("1")</script>'


NODES = 1_100

ANSWERS: dict[str, Any] = {
    "graph": {
        "id": "tasks-1",
        "kind": "tasks",
        "tasks": NODES,
        "nodes": [
            {"name": f"n-{n}", "prefix": ("sum", HOSTILE)[n % 2], "group": "n"}
            for n in range(NODES)
        ],
        "edges": [end for n in range(1, NODES) for end in (n - 1 >> 1, n)],
        "states": "".join(str(n % 8) for n in range(NODES)),
        "counts": None,
        "left_out": 0,
    },
    "profile": {
        "samples": 1_000,
        "interval": 0.01,
        "nodes": [
            {
                "parent": n - 1,
                "name": HOSTILE,
                "file": "f",
                "line": 1,
                "code": "",
                "samples": 1_000 - n,
            }
            for n in range(300)
        ],
        "left_out": 0,
    },
}
"""What a cluster says of its task graph and its profile: a tree of tasks, a tower of calls."""


def made_up(lanes: int = 8, tasks: int = 400, workers: int = 4, cell: str = "here") -> Tables:
    """Ten seconds in which every lane was busy half of the time."""
    tables, chance = Tables(), random.Random(1)
    prefixes = ("random_sample", "sum", HOSTILE, "getitem")
    tables.names["kinds"] = [
        {"prefix": name, "group": f"{name}-of-{found}", "span": None, "cell": found}
        for found in (cell, "elsewhere")
        for name in prefixes
    ]
    tables.names["lanes"] = [
        {"worker": f"tcp://host:{n % workers}", "thread": n // workers, "name": str(n % workers)}
        for n in range(lanes)
    ]
    tables.names["workers"] = [
        {
            "address": f"tcp://host:{n}",
            "name": str(n),
            "host": "h",
            "threads": lanes // workers,
            "limit": 2**30,
        }
        for n in range(workers)
    ]
    rounds = max(tasks // lanes, 1)
    for number in range(rounds * lanes):
        turn, lane = divmod(number, lanes)
        what = 64 | (16 if number == 3 else 0) | (0 if chance.random() < 0.9 else 1)
        row = {
            "start": BASE + turn * 10 / rounds,
            "duration": 5 / rounds,
            "nbytes": 1000.0,
            "lane": lane,
            "kind": turn % 4,
            "what": what,
        }
        add(tables, "tasks", row)
    for step in range(51):
        used = workers * 2**30 * step / 60
        sample = {
            "time": BASE + step / 5,
            "processing": lanes,
            "workers": workers,
            "threads": lanes,
            "used": used,
            "limit": workers * 2**30,
            "managed": used * 0.7,
            "spilled": max(used - 2**30, 0),
            "cpu": lanes / 2,
        }
        add(tables, "cluster", sample)
        for worker in range(workers):
            said = {
                "time": BASE + step / 5,
                "worker": worker,
                "process": used / workers,
                "managed": used / workers * 0.7,
                "cpu": lanes / workers / 2,
                "read": 1e6,
                "lag": 0.02,
                "gil": 0.25,
            }
            add(tables, "workers", said)
        if step % 5 == 0 and workers > 1:
            moved = {"sender": step % workers, "receiver": (step + 1) % workers}
            add(tables, "transfers", {"time": BASE + step / 5, "count": 2, "nbytes": 1e6, **moved})
    states = ("released", "memory", "erred", "processing", "queued", "no_worker", "waiting")
    tables.progress = {name: dict.fromkeys(states, 10) for name in prefixes}
    return tables


def add(tables: Tables, name: str, row: dict[str, Any]) -> None:
    """Add a row; what it does not say is nothing."""
    for column, values in tables.columns[name].items():
        values.append(row.get(column, 0))
