"""Following a host's telemetry: more rows than are kept, sockets that are cut, hosts that end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from dasklab.client import AsyncCluster
from dasklab.host.control import Control
from dasklab.host.streaming import Stream
from dasklab.host.telemetry import NOTHING, Telemetry
from dasklab.model.record import Phase
from dasklab.registry import Registry
from dasklab.telemetry.history import Settings
from dasklab.widgets import following as module
from dasklab.widgets.following import Following, whole_life
from dasklab.widgets.summary import summarise

from ..support import make_record, on_a_loop, wait_for
from ..telemetry.doubles import NOW, answer, row


class Rig:
    """A host's control API and telemetry, over a double of a scheduler that has rows to tell."""

    def __init__(self, registry: Registry, settings: Settings) -> None:
        self.registry, self.settings = registry, settings
        self.record = make_record()
        self.telemetry = Telemetry(registry.recording(self.record.id))
        self.control = Control()
        self.control.serve(SimpleNamespace(telemetry=self.telemetry))  # type: ignore[arg-type]
        self.sockets: list[Any] = []
        self.asked: list[Any] = []
        self._rows: list[list[Any]] = []
        self._tasks = 0

    def compute(self, tasks: int) -> None:
        """Have tasks end, a hundred a second."""
        ended = range(self._tasks, self._tasks + tasks)
        self._rows.append([row(number / 100) for number in ended])
        self._tasks += tasks

    async def ask(self, since: Any) -> Any:
        """What the host asks."""
        self.asked.append(since)
        if not self._rows:
            return NOTHING
        total = {"tasks": self._tasks, "compute": self._tasks / 100, "nbytes": 8 * self._tasks}
        rows = self._rows.pop(0)
        return answer(rows, since=self.telemetry.history.since, totals=total, more=True)

    def cut(self) -> None:
        """Cut what is connected."""
        for socket in self.sockets:
            if socket.ws_connection is not None:
                socket.ws_connection.stream.close()
        self.sockets.clear()

    def follow(self, since: Callable[[], float] | None = lambda: 0.0) -> Following:
        cluster = AsyncCluster(self.record, registry=self.registry)
        return Following(cluster, None, lambda: None, since)


@asynccontextmanager
async def running(
    registry: Registry, monkeypatch: pytest.MonkeyPatch, settings: Settings | None = None
) -> AsyncIterator[Rig]:
    registry.open()
    rig = Rig(registry, settings or Settings())

    def remember(socket: Stream) -> None:
        rig.sockets.append(socket)

    monkeypatch.setattr(Stream, "open", remember)
    rig.control.open()
    rig.record = make_record(control=rig.control.endpoint)
    registry.write(rig.record)
    task = asyncio.create_task(rig.telemetry.run(rig.ask, rig.settings))
    try:
        yield rig
    finally:
        task.cancel()
        rig.cut()
        await rig.control.close()


async def until(check: Callable[[], object]) -> None:
    await asyncio.to_thread(wait_for, check, 60)


def starts(following: Following) -> list[float]:
    with following.lock:
        return [round(start - NOW, 2) for start in following.tables.columns["tasks"]["start"]]


@on_a_loop
async def test_a_cut_socket_is_made_anew(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(registry, monkeypatch) as rig:
        rig.compute(3)
        following = rig.follow()
        await until(lambda: len(starts(following)) == 3)
        for more in (5, 7):
            await until(lambda: rig.sockets)
            rig.cut()
            rig.compute(2)
            await until(lambda: len(starts(following)) == more)  # noqa: B023
        following.stop()

    assert starts(following) == [0.0, 0.01, 0.02, 0.03, 0.04, 0.05, 0.06], "each of them once"
    assert following.why == ""


@on_a_loop
async def test_a_host_that_ended_while_nobody_heard(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it has left is read, and no row counts twice."""
    monkeypatch.setattr(module, "MOST_ROWS", 100)
    async with running(registry, monkeypatch) as rig:
        rig.compute(400)
        following = rig.follow()
        await until(lambda: following.heard)
        await until(lambda: rig.sockets)
        rig.cut()
        await rig.control.close()
        rig.compute(50)
        await rig.telemetry.finish(rig.ask, "stopped", "It was stopped.")
        registry.write(rig.record.ended_as(Phase.STOPPED, None, NOW))
        await until(following.ended.is_set)

    assert following.why == "local-1 is stopped. It was stopped."
    run = following.cut(NOW, NOW + 10)
    assert summarise(run).tasks == 450
    assert run.rows[-1][0] == pytest.approx(NOW + 4.49, abs=1e-3)


@on_a_loop
async def test_a_host_that_was_killed(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(registry, monkeypatch) as rig:
        rig.compute(3)
        following = rig.follow()
        await until(lambda: len(starts(following)) == 3)
        rig.cut()
        await rig.control.close()
        registry.write(rig.record.ended_as(Phase.LOST, None, NOW))
        await until(following.ended.is_set)

    assert following.why == "The host of the cluster has gone."
    assert len(starts(following)) == 3, "what was heard stays"


@on_a_loop
async def test_all_that_happened_is_known_at_once_and_counted(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_ROWS", 1_000)
    async with running(registry, monkeypatch) as rig:
        following = rig.follow()
        for tasks in (2_000, 1_000, 2_000):
            rig.compute(tasks)
        assert await asyncio.to_thread(following.catch_up, 60)
        run = following.cut(NOW, NOW + 100)
        assert len(run.rows) <= 1_500
        assert run.left_out == 5_000 - len(run.rows)
        summary = summarise(run)
        assert (summary.tasks, summary.compute) == (5_000, pytest.approx(50, rel=0.01))

        # Also where nothing is new, and so no frame would come.
        assert await asyncio.to_thread(following.catch_up, 60)
        assert any(since and since.get("fresh") for since in rig.asked)
        following.stop()


@on_a_loop
async def test_what_a_host_has_no_rows_of_any_more(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(registry, monkeypatch, Settings(tasks=1_000)) as rig:
        for _ in range(5):
            rig.compute(1_000)
        await until(lambda: rig.telemetry.history.tasks.end == 5_000)
        following = rig.follow()
        assert await asyncio.to_thread(following.catch_up, 60)
        run = whole_life(following, NOW + 100)
        following.stop()

    assert run.left_out == following.gone == 5_000 - len(run.rows) > 3_000
    summary = summarise(run)
    assert (summary.tasks, summary.nbytes) == (5_000, 40_000)
    assert summary.compute == pytest.approx(50, rel=0.01)
    assert summary.prefixes["other tasks"].tasks == run.left_out
