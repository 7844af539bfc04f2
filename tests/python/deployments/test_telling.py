"""What a scheduler that others started tells of its workers."""

from __future__ import annotations

from typing import Any

from dasklab.deployments._telling import tell

NOW = 1_000_000.0


def codes(
    workers: dict[str, dict[str, Any]], *events: Any, versions: Any = None
) -> list[tuple[str, str]]:
    return [(one.code, one.message) for one in tell(workers, events, versions or {}, NOW)]


def removed(worker: str, ago: float = 5.0, **more: Any) -> tuple[float, dict[str, Any]]:
    said = {"action": "remove-worker", "worker": worker, "stimulus_id": "handle-worker-cleanup-1"}
    return NOW - ago, {**said, **more}


WELL = {"status": "running", "last_seen": NOW - 1}


def test_workers_that_are_well_are_not_worth_a_word() -> None:
    assert codes({"a": WELL}) == []
    assert codes({"a": WELL}, (NOW, {"action": "restart"}), (NOW, "text")) == []


def test_workers_that_take_nothing_or_say_nothing() -> None:
    workers = {"a": {**WELL, "status": "paused"}, "b": {**WELL, "last_seen": NOW - 60}}
    [paused, silent] = codes(workers)

    assert paused[0] == "scheduler.paused"
    assert "One worker is paused" in paused[1]
    assert silent == ("scheduler.silent", "One worker is silent for more than 30 seconds.")


def test_what_was_lost_and_what_it_cost() -> None:
    lost = removed("b", **{"processing-tasks": {"x": 1}, "lost-scattered-tasks": ["y", "z"]})
    [(code, message)] = codes({"a": WELL}, lost, removed("c"))

    assert code == "scheduler.lost"
    assert message == (
        "2 workers are lost within ten minutes; tasks that ran there: 1, scattered data gone: 2."
    )


def test_who_was_sent_away_or_came_back_or_left_long_ago_is_not_lost() -> None:
    events = (
        removed("b", expected=True),
        removed("c", stimulus_id="retire-workers-1"),
        removed("d", ago=3_600),
        removed("a"),
    )
    assert codes({"a": WELL}, *events) == []


def test_other_versions_are_named() -> None:
    versions = {"": {"python": "3.12", "dask": "1"}, "a": {"python": "3.11", "dask": "1"}}
    [(code, message)] = codes({"a": WELL}, versions=versions)

    assert code == "scheduler.versions"
    assert message.startswith("One worker is of other versions")
    [advice] = tell({"a": WELL}, (), versions, NOW)
    assert advice.evidence == ("a: python 3.11, the scheduler 3.12",)
