"""Disk and host together: what is known of each cluster."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from dasklab.model.record import Phase
from dasklab.registry import Registry
from dasklab.server.state import State


async def test_the_newer_of_disk_and_host_counts(registered: Any, registry: Registry) -> None:
    record = registered(updated=10.0, cpu=1.0)
    state = State(registry)
    (read,), _ = await state.read()
    assert state.now(read)["cpu"] == 1.0
    state.hear({**record.to_wire(), "updated": 11.0, "cpu": 2.0})
    assert state.now(read)["cpu"] == 2.0
    registry.write(replace(record, updated=12.0, cpu=3.0))
    (read,), _ = await state.read()
    assert state.now(read)["cpu"] == 3.0


async def test_an_end_is_final(registered: Any, registry: Registry) -> None:
    record = registered(updated=10.0)
    state = State(registry)
    state.hear({**record.to_wire(), "updated": 99.0})
    registry.write(replace(record, phase=Phase.LOST, updated=10.0))
    (read,), _ = await state.read()
    assert state.now(read)["phase"] == "lost"


async def test_what_is_forgotten_is_forgotten(registered: Any, registry: Registry) -> None:
    record = registered()
    state = State(registry)
    await state.read()
    state.hear(record.to_wire())
    registry.path(record.id).unlink()
    assert await state.read() == ([], [])
    assert state.record(record.id) is None
    assert not state._said


async def test_a_live_cluster_whose_file_was_damaged_is_still_there(
    registered: Any, registry: Registry
) -> None:
    record = registered()
    other = registered(id="b" * 32, name="other")
    state = State(registry)
    await state.read()
    state.hear(record.to_wire())
    for one in (record, other):
        registry.path(one.id).write_text("{")
    records, problems = await state.read()
    # Nobody has heard of the other one's host, so there is nothing to go by.
    assert [one.id for one in records] == [record.id]
    assert len(problems) == 2


async def test_text_is_made_once_for_each_state(registered: Any, registry: Registry) -> None:
    record = registered()
    state = State(registry)
    (read,), _ = await state.read()
    text = state.text(read)
    (again,), _ = await state.read()
    assert state.text(again) is text
    state.hear({**record.to_wire(), "updated": 2_000.0, "cpu": 7.0})
    assert json.loads(state.text(read))["cpu"] == 7.0


async def test_what_a_host_says_is_cleaned(registered: Any, registry: Registry) -> None:
    record = registered()
    state = State(registry)
    (read,), _ = await state.read()
    hostile = {**record.to_wire(), "updated": 2_000.0, "cpu": float("nan"), "name": "\x1b[1mx"}
    state.hear(hostile)
    now = state.now(read)
    assert (now["cpu"], now["name"]) == (None, "x")
