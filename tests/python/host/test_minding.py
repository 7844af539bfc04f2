"""What is known of options before a launch is in the record before anything is started."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from typing import Any

import pytest

from dasklab.deployments.base import Checkpoint
from dasklab.host import minding
from dasklab.host.host import Host
from dasklab.model.explanation import Advice
from dasklab.model.record import Phase, Record

from .test_host import Pretender, host, loop, pretender, until

__all__ = ("host", "loop", "pretender")

NO_TIME = Advice("walltime.none", "There is no wall time.", "Give --walltime 4h.")
IN_ORDER = Advice("memory.share", "One process has 1 GB.", severity="note")
NEVER = Advice("memory.above", "It fits on no machine.", "Ask for less.", "error")


def saying(*found: Advice) -> Any:
    return staticmethod(lambda options, scaling: list(found))


def test_warnings_are_there_before_the_first_step_and_stay(
    host: Any, pretender: Pretender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Pretender, "warnings", saying(NO_TIME, IN_ORDER))
    up = threading.Event()

    async def start() -> AsyncIterator[Checkpoint]:
        while not up.is_set():
            await asyncio.sleep(0.001)
        yield Checkpoint("one", "One")

    pretender.start = start  # type: ignore[method-assign]
    pretender.pending = True  # the test begins while it starts

    async def test(found: Host) -> None:
        await until(lambda: found.record.warnings == (NO_TIME,))
        assert found.record.steps == ()
        up.set()
        await until(lambda: found.record.phase is Phase.RUNNING)
        assert found.record.warnings == (NO_TIME,), "it is as true as before"

    ended = host(test)
    told = [event.text for event in ended.record.events if event.kind == "advice"]
    assert told == ["There is no wall time. Give --walltime 4h."], "once"
    assert Record.from_wire(ended.record.to_disk()).warnings == (NO_TIME,)
    assert ended.record.to_wire()["warnings"][0]["code"] == "walltime.none"


def test_what_nothing_would_come_of_is_refused_before_anything_is_started(
    host: Any, pretender: Pretender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Pretender, "warnings", saying(NO_TIME, NEVER))

    async def start() -> AsyncIterator[Checkpoint]:
        raise AssertionError("it was started")
        yield

    pretender.start = start  # type: ignore[method-assign]

    async def test(found: Host) -> None:
        assert found.record.phase in (Phase.STOPPING, Phase.FAILED)

    ended = host(test).record
    assert ended.phase is Phase.FAILED
    assert ended.reason is not None
    assert (ended.reason["message"], ended.reason["hint"]) == (NEVER.message, NEVER.hint)
    assert ended.checkpoint == {}


@pytest.mark.parametrize("trouble", ["hangs", "stumbles"])
def test_a_deployment_that_cannot_say_is_launched_all_the_same(
    host: Any, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    released = threading.Event()

    def ask(options: Any, scaling: Any) -> list[Advice]:
        if trouble == "stumbles":
            raise RuntimeError("sinfo: no such thing")
        released.wait(60)
        return [NEVER]

    monkeypatch.setattr(minding, "PATIENCE", 0.05 if trouble == "hangs" else 30.0)
    monkeypatch.setattr(Pretender, "warnings", staticmethod(ask))

    async def test(found: Host) -> None:
        released.set()
        assert found.record.phase is Phase.RUNNING
        assert found.record.warnings == ()

    host(test)
