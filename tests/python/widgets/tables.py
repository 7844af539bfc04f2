"""Tables as a run of any size would leave them."""

from __future__ import annotations

import random
from typing import Any

from dasklab.client.columns import Tables

__all__ = ("BASE", "HOSTILE", "made_up")

BASE = 1_790_000_000.0
HOSTILE = '<script>alert("1")</script>'


def made_up(lanes: int = 8, tasks: int = 400, workers: int = 4, cell: str = "here") -> Tables:
    """Ten seconds in which every lane was busy half of the time."""
    tables, chance = Tables(), random.Random(1)
    prefixes = ("random_sample", "sum", HOSTILE, "getitem")
    tables.names["kinds"] = [
        {"prefix": name, "group": None, "span": None, "cell": found}
        for found in (cell, "elsewhere")
        for name in prefixes
    ]
    tables.names["lanes"] = [
        {"worker": f"tcp://host:{n}", "thread": n // workers, "name": str(n % workers)}
        for n in range(lanes)
    ]
    tables.names["workers"] = [
        {"address": f"tcp://host:{n}", "name": str(n), "host": "h", "threads": 2, "limit": 2**30}
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
            add(
                tables,
                "workers",
                {"time": BASE + step / 5, "worker": worker, "process": used / workers},
            )
    states = ("released", "memory", "erred", "processing", "queued", "no_worker", "waiting")
    tables.progress = {name: dict.fromkeys(states, 10) for name in prefixes}
    return tables


def add(tables: Tables, name: str, row: dict[str, Any]) -> None:
    """Add a row; what it does not say is nothing."""
    for column, values in tables.columns[name].items():
        values.append(row.get(column, 0))
