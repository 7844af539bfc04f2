"""The host asks why workers are missing, and keeps the answer until they are there."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import Any

import pytest

from dasklab.deployments.base import Context
from dasklab.host import explaining
from dasklab.host.explaining import Explainer
from dasklab.host.keeper import Keeper
from dasklab.model.explanation import Advice, Explanation, Job
from dasklab.model.record import Phase, Record
from dasklab.registry import Registry

from ..support import make_record, on_a_loop
from .test_host import Pretender

PENDING = Explanation(
    (Job("17", "pending", "Resources", "It waits for a free node.", expected=1e9),),
    (Advice("queue.resources", "The job waits for a node.", "Ask for less.", "warning", ("x",)),),
)
MISSING = {"wanted": 2, "running": 0, "minimum": None, "maximum": None}


async def until(check: Any) -> None:
    deadline = time.monotonic() + 10
    while not check():
        assert time.monotonic() < deadline, "it did not happen"
        await asyncio.sleep(0.005)


@pytest.fixture
def keeper(registry: Registry) -> Any:
    async def make() -> Keeper:
        return Keeper(make_record(workers=MISSING, phase=Phase.WAITING), registry)

    return make


@on_a_loop
async def test_the_answer_is_in_the_record_and_told_once(keeper: Any) -> None:
    kept = await keeper()
    answers = [PENDING, PENDING]

    async def ask() -> Explanation:
        return answers.pop()

    explainer = Explainer(kept, ask)
    await explainer.explain()
    await explainer.explain()
    assert (kept.record.jobs, kept.record.advice) == (PENDING.jobs, PENDING.advice)
    assert [(e.kind, e.text) for e in kept.record.events] == [
        ("advice", "The job waits for a node. Ask for less.")
    ]
    # It is the same after a journey over disk and wire.
    assert Record.from_wire(kept.record.to_disk()) == kept.record
    assert kept.record.to_wire()["advice"][0]["evidence"] == ["x"]


@on_a_loop
async def test_a_queue_that_hangs_is_said_to(keeper: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explaining, "PATIENCE", 0.05)
    kept = await keeper()
    kept.update(jobs=PENDING.jobs)

    async def ask() -> Explanation:
        await asyncio.Event().wait()
        raise AssertionError

    await Explainer(kept, ask).explain()
    assert kept.record.jobs == PENDING.jobs, "what was known stays"
    [found] = kept.record.advice
    assert (found.code, found.message) == (
        "queue.silent",
        "The queue has not answered within 0.05 seconds.",
    )


@on_a_loop
async def test_a_deployment_that_stumbles_says_so(keeper: Any) -> None:
    kept = await keeper()

    async def ask() -> Explanation:
        raise RuntimeError("squeue: no such thing")

    await Explainer(kept, ask).explain()
    [found] = kept.record.advice
    assert "squeue: no such thing" in found.message


@on_a_loop
async def test_it_is_asked_until_all_are_there(
    keeper: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(explaining, "EXPLAIN_EVERY", 0.01)
    kept = await keeper()
    asked = 0

    async def ask() -> Explanation:
        nonlocal asked
        asked += 1
        return PENDING if asked < 3 else Explanation()

    kept.update(warnings=(minded := (Advice("walltime.none", "There is no wall time."),)))
    deployment = Pretender()
    assert isinstance(deployment.context, Context)
    running = asyncio.create_task(Explainer(kept, ask).run(deployment))
    try:
        await until(lambda: asked and kept.record.advice == PENDING.advice)
        await until(lambda: asked >= 3 and kept.record.advice == ())
        assert len(kept.record.events) == 1, "told once"
        asked = 0
        await until(lambda: kept.record.advice == PENDING.advice)
        kept.update(workers={**MISSING, "running": 2})
        await until(lambda: kept.record.advice == ())
        assert kept.record.warnings == minded
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
