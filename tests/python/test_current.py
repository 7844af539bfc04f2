"""Which cluster a kernel computes on, where that is none of the list."""

from __future__ import annotations

import json
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from dasklab import current
from dasklab.current import current_id, note_current, noted_id
from dasklab.model.record import Phase
from dasklab.processes import hostname

from .support import make_record

ADDRESS = "tcp://127.0.0.1:40000"


@pytest.fixture
def computing(registry: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A process whose default client is connected to the address."""
    client = SimpleNamespace(scheduler=SimpleNamespace(address=ADDRESS))
    stand_in = SimpleNamespace(default_client=lambda: client)
    monkeypatch.setitem(sys.modules, "distributed", stand_in)  # type: ignore[arg-type]
    return client


def test_the_live_cluster_at_that_address(computing: Any, registry: Any) -> None:
    assert current_id() == ""
    record = make_record()
    registry.write(record)
    assert current_id() == record.id
    registry.write(make_record(phase=Phase.STOPPED))
    assert current_id() == ""


def test_no_client(computing: Any, registry: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    registry.write(make_record())
    computing.scheduler = None
    assert current_id() == ""
    monkeypatch.delitem(sys.modules, "distributed")
    assert current_id() == ""


def test_what_is_written_down_follows_the_client(
    computing: Any, registry: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(current, "_noted", None)
    note_current("kernel")
    assert noted_id(registry, "kernel") == "", "that scheduler is in no list"
    record = make_record()
    registry.write(record)
    note_current("kernel")
    assert noted_id(registry, "kernel") == "", "nobody looks at every graph"
    note_current("kernel", again=True)
    assert noted_id(registry, "kernel") == record.id
    computing.scheduler = None
    note_current("kernel")
    assert noted_id(registry, "kernel") == ""
    assert list((registry.folder / "kernels").iterdir()) == []


def test_what_ended_kernels_have_left_is_removed(
    computing: Any, registry: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(current, "_noted", None)
    registry.write(make_record())
    left = registry.folder / "kernels" / "ended.json"
    left.parent.mkdir()
    process = {"pid": 1, "start": "0", "boot": "another", "hostname": hostname()}
    left.write_text(json.dumps({"cluster": "c", "process": process}))
    note_current("kernel")
    assert [path.name for path in left.parent.iterdir()] == ["kernel.json"]
