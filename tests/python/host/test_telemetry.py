"""Telemetry of a real host: over its control API, in step with a real scheduler."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from dasklab.client import AsyncCluster, Cluster
from dasklab.client.columns import Tables
from dasklab.client.transport import HttpTransport, close
from dasklab.errors import ClusterGone, RequestMalformed
from dasklab.host.control import Control
from dasklab.host.telemetry import Telemetry, read_settings
from dasklab.telemetry.frames import decode, split
from dasklab.telemetry.history import Settings
from dasklab.telemetry.keys import Keys
from dasklab.telemetry.tables import LAST

from ..support import on_a_loop, wait_for
from ..telemetry.doubles import answer, row


@pytest.fixture
def cluster(shared: Cluster) -> AsyncCluster:
    return AsyncCluster(shared.record, registry=shared._cluster._registry)


@asynccontextmanager
async def socket(cluster: AsyncCluster, hello: Any = None) -> AsyncIterator[Any]:
    """A raw websocket to the host, after a hello."""
    connection = await cluster.open("telemetry")
    if hello is not None:
        await connection.write_message(json.dumps({"hello": hello}))
    yield connection
    await close(connection)


async def within(awaitable: Any, seconds: float = 20.0) -> Any:
    return await asyncio.wait_for(awaitable, seconds)


def work(shared: Cluster, count: int, name: str = "inc") -> None:
    """Have so many tasks run, and end."""
    with shared.client(set_as_default=False) as client:
        client.gather(client.map(lambda x: x + 1, range(count), key=f"{name}-{time.time()}"))


def ended(shared: Cluster) -> int:
    return int(shared.telemetry.totals().get("tasks", 0))


class TestTelemetry:
    def test_every_task_is_there_once(self, shared: Cluster) -> None:
        before = ended(shared)
        work(shared, 300)
        wait_for(lambda: ended(shared) == before + 300, what="300 tasks")
        found = shared._cluster.telemetry

        tables: Tables = asyncio.run(found.read())
        marked = [what for what in tables.columns["tasks"]["what"] if what & LAST]
        assert len(marked) == tables.totals["tasks"] == before + 300
        assert tables.progress["inc"]["duration"] > 0
        assert [event["kind"] for event in tables.events][:2] == ["worker-added"] * 2
        assert len(tables.columns["workers"]["time"]) > 0
        assert max(tables.columns["cluster"]["limit"]) > 0
        assert {lane["name"] for lane in tables.names["lanes"]} <= {"0", "1"}

    @on_a_loop
    async def test_what_ends_is_told_at_once(self, cluster: AsyncCluster, shared: Cluster) -> None:
        async with aclosing(cluster.telemetry.stream(("tasks",))) as stream:
            seen = 0
            while decode(await within(anext(stream)))[0]["more"]:
                pass
            await asyncio.to_thread(work, shared, 10, "live")
            while seen < 10:
                header, _ = decode(await within(anext(stream)))
                assert header["snapshot"] is False
                seen += header["tables"].get("tasks", {}).get("rows", 0)

    @on_a_loop
    async def test_no_frame_without_credit(self, cluster: AsyncCluster) -> None:
        """Samples come all the time: after four frames nothing does, until more are asked for."""
        frames: asyncio.Queue[Any] = asyncio.Queue()
        connection = await cluster.open("telemetry")

        async def read() -> None:
            while (frame := await connection.read_message()) is not None:
                frames.put_nowait(frame)

        reading = asyncio.create_task(read())
        await connection.write_message('{"hello": {}}')
        for _ in range(4):
            await within(frames.get())
        with pytest.raises(asyncio.TimeoutError):
            await within(frames.get(), 3.5)
        await connection.write_message('{"credit": 1}')
        header, _ = decode(await within(frames.get()))
        assert header["seq"] == 4
        assert header["tables"]["cluster"]["rows"] > 1  # what waited has been merged
        await within(close(connection))
        reading.cancel()

    @pytest.mark.parametrize(
        "message",
        [
            "no JSON",
            "[]",
            "null",
            '{"hello": 3}',
            '{"hello": {"since": 5}}',
            '{"credit": -1}',
            '{"credit": 1.5}',
            '{"credit": true}',
            '{"hello": {"tables": "' + "x" * 100_000 + '"}}',
        ],
    )
    @on_a_loop
    async def test_nonsense_ends_the_socket_with_a_reason(
        self, cluster: AsyncCluster, message: str
    ) -> None:
        async with socket(cluster) as connection:
            await connection.write_message(message)
            assert await within(connection.read_message()) is None
            assert connection.close_code == 1003
            assert connection.close_reason

    @on_a_loop
    async def test_a_place_that_is_none_ends_the_socket(self, cluster: AsyncCluster) -> None:
        async with aclosing(cluster.telemetry.stream()) as stream:
            run = decode(await within(anext(stream)))[0]["run"]
        async with socket(cluster, {"since": {"run": run, "tasks": "all"}}) as connection:
            assert await within(connection.read_message()) is None
            assert connection.close_code == 1003

    @on_a_loop
    async def test_keys_are_fetched_by_number(self, cluster: AsyncCluster, shared: Cluster) -> None:
        await asyncio.to_thread(work, shared, 3, "named")
        wanted: list[Any] = []
        while not wanted:
            tasks = (await cluster.telemetry.read("tasks")).tasks(0, 2e10)
            pairs = zip(tasks["row"], tasks["prefix"], strict=True)
            wanted = [number for number, prefix in pairs if prefix == "named"]
        found = await cluster.telemetry.keys(wanted[0], 1)

        assert found["keys"][0].startswith("named-")
        assert (await cluster.telemetry.keys(10**9, 2))["keys"] == [None, None]

    @on_a_loop
    async def test_who_ends_to_watch_is_told_at_once(self, cluster: AsyncCluster) -> None:
        """Also where nothing has happened, and no frame would come."""
        async with socket(cluster, {"tables": ["events"]}) as connection:
            while decode(await within(connection.read_message()))[0]["more"]:
                pass
            moment = (await cluster.ask("now", {}))["time"]
            while decode(await within(connection.read_message()))[0]["time"] < moment:
                await connection.write_message('{"credit": 1}')

    @pytest.mark.parametrize("body", [{}, {"from": -1}, {"from": 0, "rows": 1_001}, {"from": "0"}])
    @on_a_loop
    async def test_nonsense_about_keys(self, cluster: AsyncCluster, body: Any) -> None:
        with pytest.raises(RequestMalformed):
            await cluster.ask("keys", body)

    @pytest.mark.parametrize(
        "body", [{"width": 0}, {"width": 10**6}, {"since": "x"}, {"until": True}]
    )
    @on_a_loop
    async def test_nonsense_about_windows(self, cluster: AsyncCluster, body: Any) -> None:
        with pytest.raises(RequestMalformed):
            await cluster.fetch("window", body)


class SchedulerThat:
    """Answers as the test says, one answer after the other; the last one again and again."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked: list[Any] = []

    async def __call__(self, since: Any) -> Any:
        self.asked.append(since)
        found = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(found, BaseException):
            raise found
        return found


async def ended_with(telemetry: Telemetry, ask: SchedulerThat, settings: Settings) -> None:
    await within(telemetry.run(ask, settings))


@on_a_loop
async def test_a_scheduler_that_takes_no_plugin_is_said_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dasklab.host.telemetry.AGAIN", 0.01)
    telemetry = Telemetry(tmp_path / "x.frames")
    refusal = ValueError("pickle is not allowed here " + "x" * 10**6)
    ask = SchedulerThat(refusal, refusal, answer([row(1)]), ClusterGone("It ended."))
    await ended_with(telemetry, ask, Settings())

    (event,) = telemetry.history.events
    assert event["kind"] == "telemetry"
    assert "pickle is not allowed" in event["text"]
    assert len(event["text"]) <= 500
    assert telemetry.history.tasks.end == 1


@on_a_loop
async def test_a_reader_that_is_too_slow_is_told_what_it_missed(tmp_path: Path) -> None:
    """It costs no more than the frames that it has asked for, and finds what there still is."""
    telemetry = Telemetry(tmp_path / "x.frames")
    control = Control()
    control.serve(SimpleNamespace(telemetry=telemetry))  # type: ignore[arg-type]
    control.open()
    rest = asyncio.Event()
    answers: list[Any] = []
    for number in range(20):
        rows = [row(number + place / 2_000) for place in range(2_000)]
        since = answers[-1]["next"] if answers else None
        totals = {"tasks": 2_000 * (number + 1)}
        answers.append(answer(rows, since=since, more=True, totals=totals))
    asked = iter(answers)

    async def ask(_: Any) -> Any:
        found = next(asked, None)
        if found is None:
            rest.set()
            raise ClusterGone("It ended.")
        return found

    connection = await HttpTransport().open(control.endpoint, "telemetry")
    await connection.write_message('{"hello": {"tables": ["tasks"]}}')
    collecting = asyncio.create_task(telemetry.run(ask, Settings(tasks=1_000)))
    await within(rest.wait(), 60)  # all has come in, and the reader has not read
    await within(collecting)
    headers, rows_read = [], 0
    while not headers or headers[-1]["totals"].get("tasks") != 40_000 or headers[-1]["more"]:
        if len(headers) >= 4:
            await connection.write_message('{"credit": 1}')
        header, tables = decode(await within(connection.read_message()))
        headers.append(header)
        rows_read += len(tables.get("tasks", {}).get("start", ()))
    await within(close(connection))
    await control.close()

    assert [header["seq"] for header in headers] == list(range(len(headers)))
    last = headers[-1]["tables"]["tasks"]
    assert last["cursor"] + last["rows"] == 40_000
    assert last["dropped"] >= 38_000
    assert rows_read < 40_000
    assert len(telemetry.history.tasks) <= 1_200


@on_a_loop
async def test_more_is_asked_for_at_once(tmp_path: Path) -> None:
    telemetry = Telemetry(tmp_path / "x.frames")
    more = [answer([row(1)], more=True), ClusterGone("It ended.")]
    began = time.monotonic()
    await ended_with(telemetry, SchedulerThat(*more), Settings())

    assert time.monotonic() - began < 0.9  # not after the pause of a second
    assert telemetry.history.since == {"id": "collector", "tasks": 1}


@on_a_loop
async def test_switched_off_asks_nobody_and_says_so(tmp_path: Path) -> None:
    telemetry = Telemetry(tmp_path / "x.frames")
    ask = SchedulerThat(answer())
    await ended_with(telemetry, ask, Settings(enabled=False))

    assert ask.asked == []
    assert (await telemetry.ready()).end["phase"] == "off"  # type: ignore[index]


@on_a_loop
async def test_a_way_to_run_dask_without_telemetry(tmp_path: Path) -> None:
    telemetry = Telemetry(tmp_path / "x.frames")
    await ended_with(telemetry, SchedulerThat(None), Settings())

    assert telemetry.history.end == {
        "phase": "off",
        "reason": "This way to run Dask has no telemetry.",
    }


@on_a_loop
async def test_the_end_fetches_what_is_left_and_keeps_it(tmp_path: Path) -> None:
    path = tmp_path / "x.frames"
    telemetry = Telemetry(path)
    ask = SchedulerThat(answer([row(1)]), ClusterGone("It ended."))
    await ended_with(telemetry, ask, Settings())
    last = SchedulerThat(
        answer([row(2)], since={"tasks": 1}, more=True),
        answer([row(3)], since={"tasks": 2}),
    )
    await within(telemetry.finish(last, "stopped", "It was stopped."))

    assert telemetry.history.tasks.end == 3
    (frame, *_) = split(path.read_bytes())
    assert decode(frame)[0]["run"] == f"{telemetry.history.run}-ended"
    assert path.stat().st_mode & 0o777 == 0o600
    kept = tmp_path / "x.keys"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert Keys.load(kept.read_bytes()).find(0, 4) == ["inc-0", "inc-1", "inc-2", None]
    assert {entry.name for entry in tmp_path.iterdir()} == {"x.frames", "x.keys"}


@on_a_loop
async def test_what_is_asked_twice_at_once_is_taken_in_once(tmp_path: Path) -> None:
    """The end comes while a question is under way."""
    telemetry = Telemetry(tmp_path / "x.frames")
    asked, may_answer = asyncio.Event(), asyncio.Event()

    async def slow(since: Any) -> Any:
        asked.set()
        await may_answer.wait()
        first = int((since or {}).get("tasks", 0))
        return answer([row(1)] if first == 0 else [], since=since)

    running = asyncio.create_task(telemetry.run(slow, Settings()))
    await within(asked.wait())
    ending = asyncio.create_task(telemetry.finish(slow, "stopped", "It was stopped."))
    await asyncio.sleep(0)
    may_answer.set()
    await within(asyncio.gather(running, ending))

    assert telemetry.history.tasks.end == 1


@pytest.mark.parametrize("settings", [Settings(after=False), Settings()])
@on_a_loop
async def test_nothing_is_kept_of_nothing_or_against_the_configuration(
    tmp_path: Path, settings: Settings
) -> None:
    telemetry = Telemetry(tmp_path / "x.frames")
    rows = [] if settings.after else [row(1)]
    await ended_with(telemetry, SchedulerThat(answer(rows), ClusterGone("It ended.")), settings)
    await within(telemetry.finish(None, "stopped", "It was stopped."))

    assert list(tmp_path.iterdir()) == []


@on_a_loop
async def test_a_full_disk_does_not_keep_a_cluster_from_ending(tmp_path: Path) -> None:
    telemetry = Telemetry(tmp_path / "missing" / "x.frames")
    await ended_with(
        telemetry, SchedulerThat(answer([row(1)]), ClusterGone("It ended.")), Settings()
    )
    await within(telemetry.finish(None, "stopped", "It was stopped."))

    assert telemetry.history.end is not None


def test_settings_are_those_of_dasks_configuration(setting: Any) -> None:
    setting("telemetry.tasks", 5_000)
    setting("telemetry.keys", "2 MB")
    setting("telemetry.age", "2h")
    notes: list[str] = []

    found = read_settings(lambda kind, text: notes.append(text))
    assert (found.tasks, found.keys, found.age, notes) == (5_000, 2_000_000, 7_200.0, [])


@pytest.mark.parametrize(
    ("name", "value"),
    [("tasks", 0), ("tasks", "many"), ("tasks", True), ("keys", None), ("age", "soon")],
)
def test_a_mistake_in_the_configuration_is_noted(setting: Any, name: str, value: Any) -> None:
    setting(f"telemetry.{name}", value)
    notes: list[str] = []

    assert read_settings(lambda kind, text: notes.append(text)) == Settings()
    assert f"dasklab.telemetry.{name}" in notes[0]
