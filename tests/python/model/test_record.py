from __future__ import annotations

import json
import math
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dasklab.errors import DasklabError, RecordCorrupt, RecordNewer
from dasklab.model.record import (
    PRIVATE,
    VERSION,
    Endpoint,
    Environment,
    Event,
    Identity,
    Phase,
    Record,
    Step,
)

from ..support import make_record

FIXTURES = sorted((Path(__file__).parents[1] / "fixtures" / "records").glob("v*/*.json"))

FULL = make_record(
    profile="mine",
    reason={"code": "x", "message": "m", "hint": "h", "details": {"log": ["a"]}},
    steps=(Step("import", "Importing Dask", "done", 1.0, 2.0), Step("scheduler", "Starting")),
    environment=Environment("/usr/bin/python3", "python3", "Python 3"),
    options={"threads_per_worker": 2},
    events=(Event(1.0, "launched", "Launched."),),
    control=Endpoint("127.0.0.1", 5000, "secret-token"),
    dashboard=Endpoint("127.0.0.1", 5001),
    host=Identity(10, "123", "boot-id", "machine"),
    warden=Identity(9, "122", "boot-id", "machine"),
    checkpoint={"job": "secret-job"},
    scratch="/tmp/dasklab-secret",
)


def through_json(record: Record) -> Record:
    return Record.from_wire(json.loads(json.dumps(record.to_disk())))


def test_round_trip() -> None:
    assert through_json(FULL) == FULL


def test_fixtures_are_there() -> None:
    assert {path.parent.name for path in FIXTURES} >= {f"v{n}" for n in range(1, VERSION + 1)}
    assert len(FIXTURES) >= 8


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_old_record_stays_readable(path: Path) -> None:
    data = json.loads(path.read_text())

    record = Record.from_wire(data)

    assert (record.id, record.name, record.phase.value) == (data["id"], data["name"], data["phase"])
    assert through_json(record) == record
    for name in ("control", "dashboard", "host", "warden", "environment"):
        assert (getattr(record, name) is None) == (data.get(name) is None)
    assert len(record.events) == len(data.get("events", []))
    assert len(record.steps) == len(data.get("steps", []))


def test_unknown_fields_survive_a_rewrite() -> None:
    data = {**FULL.to_disk(), "flavour": {"of": "later"}}

    record = Record.from_wire(data)

    assert record.unknown == {"flavour": {"of": "later"}}
    assert record.to_disk() == data


def test_unknown_fields_inside_are_no_obstacle() -> None:
    data = FULL.to_disk()
    data["host"]["cgroup"] = data["steps"][0]["colour"] = data["control"]["tls"] = "later"

    assert Record.from_wire(data) == FULL


def test_a_field_named_unknown_is_not_a_way_in() -> None:
    record = Record.from_wire({**make_record().to_disk(), "unknown": {"id": "other"}})

    assert record.to_disk()["id"] == "a" * 32
    assert record.unknown == {}


def test_private_part_is_not_on_the_wire() -> None:
    wire = FULL.to_wire()

    assert not set(PRIVATE) & set(wire)
    assert "secret" not in json.dumps(wire)


def test_what_a_later_format_adds_may_be_private_and_is_not_on_the_wire() -> None:
    record = Record.from_wire({**FULL.to_disk(), "second_token": "secret"})

    assert "secret" not in json.dumps(record.to_wire())


def test_wire_has_every_public_field() -> None:
    names = {f.name for f in fields(Record)} - set(PRIVATE) - {"unknown"}

    assert set(FULL.to_wire()) == names


def test_newer_version_is_refused_by_name() -> None:
    with pytest.raises(RecordNewer, match=rf"newer dasklab \(format {VERSION + 1}, .* {VERSION}\)"):
        Record.from_wire({**FULL.to_disk(), "version": VERSION + 1})


@pytest.mark.parametrize(
    "data",
    [
        None,
        1,
        "x",
        [],
        {},
        {"version": "1"},
        {"version": True},
        {"version": None},
        {"version": 1.0},
    ],
    ids=repr,
)
def test_what_is_no_record_is_corrupt(data: object) -> None:
    with pytest.raises(RecordCorrupt):
        Record.from_wire(data)


@pytest.mark.parametrize(
    "change",
    [
        {"id": 5},
        {"id": None},
        {"name": None},
        {"name": {}},
        {"deployment": 1},
        {"phase": "purple"},
        {"phase": None},
        {"phase": []},
        {"created": "yesterday"},
        {"created": None},
        {"created": True},
        {"updated": {}},
        {"created": float("nan")},
        {"updated": float("inf")},
        {"cores": "two"},
        {"cpu": []},
        {"clients": "1"},
        {"origin": 4},
        {"log": 4},
        {"cwd": None},
        {"scratch": ["x"]},
        {"profile": {}},
        {"reason": "text"},
        {"workers": None},
        {"workers": [1]},
        {"memory": "much"},
        {"tasks": 3},
        {"lease": []},
        {"options": None},
        {"scheduler": "tcp://127.0.0.1:1"},
        {"checkpoint": []},
        {"can": "scale"},
        {"can": None},
        {"steps": None},
        {"steps": [3]},
        {"steps": [{}]},
        {"steps": "import"},
        {"events": {"at": 1}},
        {"events": [{"at": 1}]},
        {"events": [["a", "b", "c"]]},
        {"host": {}},
        {"host": 7},
        {"host": {"pid": "7", "start": "1", "boot": "", "hostname": "h"}},
        {"host": {"pid": -1, "start": "1", "boot": "", "hostname": "h"}},
        {"host": {"pid": True, "start": "1", "boot": "", "hostname": "h"}},
        {"host": {"pid": 7, "start": "1", "boot": "", "hostname": None}},
        {"control": {"host": "127.0.0.1"}},
        {"control": {"host": "127.0.0.1", "port": "80"}},
        {"control": {"host": None, "port": 80}},
        {"dashboard": {"host": "127.0.0.1", "port": 0x1_0000}},
        {"environment": {}},
        {"environment": {"python": 3}},
        {"environment": "python3"},
    ],
    ids=lambda change: json.dumps(change)[:50],
)
def test_ill_typed_field_is_corrupt(change: dict[str, Any]) -> None:
    """One damaged record must not take the list of all the others down."""
    with pytest.raises(RecordCorrupt):
        Record.from_wire({**FULL.to_disk(), **change})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from([f.name for f in fields(Record)]), JSON, max_size=4))
def test_damage_is_an_error_of_ours_or_a_usable_record(change: dict[str, Any]) -> None:
    try:
        record = Record.from_wire({**FULL.to_disk(), **change})
    except DasklabError:
        return
    record.to_wire()
    assert record.created < 0 or record.created >= 0
    assert (record.scheduler or {}).get("address") or True
    assert {**record.workers, "running": 0}
    assert record.name[:1] is not None
    assert through_json(record) == record


@pytest.mark.parametrize("number", [math.nan, math.inf])
@pytest.mark.parametrize("field", ["scheduler", "options", "workers", "checkpoint"])
def test_a_number_that_json_does_not_know_is_damage(field: str, number: float) -> None:
    with pytest.raises(RecordCorrupt):
        Record.from_wire({**FULL.to_disk(), field: {"a": [{"b": number}]}})


def test_history_is_bounded() -> None:
    record = make_record()
    for number in range(150):
        record = record.with_event("scale", "x" * 5_000 + str(number), at=float(number))

    assert len(record.events) == 100
    assert record.events[-1].at == 149
    assert len(record.events[-1].text) == 1_000


@pytest.mark.parametrize("phase", Phase)
def test_ended(phase: Phase) -> None:
    assert phase.ended == (phase.value in ("stopped", "failed", "lost"))


def test_ending_leaves_nothing_that_looks_alive() -> None:
    running = make_record(
        cores=4,
        cpu=1.5,
        clients=1,
        memory={"used": 5, "limit": 10},
        tasks={"processing": 3},
        lease={"pinned": False, "idle": 10.0, "deadline": 99.0, "cause": "idle"},
        steps=(Step("workers", "Starting", "active", 1.0),),
        control=Endpoint("127.0.0.1", 5000, "token"),
        dashboard=Endpoint("127.0.0.1", 5001),
    )
    reason = {"code": "c", "message": "m", "hint": "", "details": {}}

    ended = running.ended_as(Phase.LOST, reason, 50.0)

    assert (ended.phase, ended.reason) == (Phase.LOST, reason)
    assert ended.workers == {"wanted": 2, "running": 0, "minimum": None, "maximum": None}
    assert (ended.cores, ended.cpu, ended.clients, ended.memory, ended.tasks) == (0, 0, 0, {}, {})
    assert (ended.lease["deadline"], ended.lease["cause"]) == (None, None)
    assert ended.lease["idle"] == 10.0
    # Another process may get these ports now, and would be sent the token or shown to the user.
    assert (ended.control, ended.dashboard, ended.can) == (None, None, ())
    assert (ended.steps[0].state, ended.steps[0].finished) == ("failed", 50.0)
    assert ended.scheduler == running.scheduler
