"""Which cluster a kernel computes on, where that is none of the list."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import pytest

from dasklab.current import current_id
from dasklab.model.record import Phase

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
