"""Changes become events: soon, few, and whatever happens to folder, records and hosts."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dasklab.launching import LaunchRequest, launch
from dasklab.model.record import Phase, Record
from dasklab.processes import end
from dasklab.registry import Registry
from dasklab.server import watcher as module
from dasklab.server.watcher import Watcher

from ..support import alive
from .conftest import Ask, until


class Heard(list[dict[str, Any]]):
    """Events in the order they came."""

    async def one(self, look: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first that fits."""
        found = await until(lambda: asyncio.sleep(0, [e for e in self if look(e)]))
        return dict(found[0])

    def of(self, cluster_id: str) -> list[dict[str, Any]]:
        """The states of one cluster."""
        return [e["cluster"] for e in self if e.get("cluster", {}).get("id") == cluster_id]


Begin = Callable[[], Awaitable[Watcher]]


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def begin(registry: Registry, heard: Heard, jp_asyncio_loop: Any) -> Any:
    """Start a watcher; it is stopped after the test, and must leave no task."""
    made: list[Watcher] = []

    async def start() -> Watcher:
        watcher = Watcher(registry, heard.append)
        made.append(watcher)
        await watcher.start()
        return watcher

    yield start

    async def finish() -> None:
        for watcher in made:
            before = asyncio.get_running_loop().time()
            await watcher.stop()
            assert asyncio.get_running_loop().time() - before < 1.0
            assert not watcher._tasks

    jp_asyncio_loop.run_until_complete(finish())


@pytest.fixture
def start_host(registry: Registry) -> Callable[..., Awaitable[Record]]:
    """Launch a real cluster as a kernel would: past this server."""

    async def start(**keywords: Any) -> Record:
        request = LaunchRequest(workers=0, **keywords)
        return await asyncio.to_thread(launch, request, registry=registry)

    return start


def phase(name: str) -> Callable[[dict[str, Any]], bool]:
    return lambda event: event.get("cluster", {}).get("phase") == name


async def test_a_cluster_made_elsewhere_is_followed_from_start_to_forgotten(
    begin: Begin, heard: Heard, start_host: Any, registry: Registry
) -> None:
    await begin()
    assert heard == []
    record = await start_host(name="elsewhere")
    await heard.one(phase("starting"))
    running = await heard.one(phase("running"))
    assert running["cluster"]["name"] == "elsewhere"
    assert await asyncio.to_thread(end, record.host)
    await heard.one(phase("stopped"))
    registry.forget(record.id)
    gone = await heard.one(lambda event: event["action"] == "forgotten")
    assert gone["id"] == record.id
    assert [event["sequence"] for event in heard] == list(range(1, len(heard) + 1))


async def test_what_is_there_already_is_no_news(
    begin: Begin, heard: Heard, registered: Any
) -> None:
    registered()
    watcher = await begin()
    await watcher.look()
    assert heard == []


async def test_nothing_is_sent_when_nothing_but_the_time_changed(
    begin: Begin, heard: Heard, registered: Any, registry: Registry
) -> None:
    record = registered()
    watcher = await begin()
    os.utime(registry.path(record.id))
    await watcher.look()
    registry.write(replace(record, updated=record.updated + 1))
    await watcher.look()
    watcher.hear({**record.to_wire(), "updated": record.updated + 2})
    await watcher.look()
    assert heard == []


async def test_many_changes_are_few_events_and_the_last_state_comes(
    begin: Begin, heard: Heard, registered: Any
) -> None:
    record = registered()
    watcher = await begin()
    loop = asyncio.get_running_loop()
    began = loop.time()
    for number in range(1, 201):
        watcher.hear({**record.to_wire(), "updated": 2_000.0 + number, "cpu": float(number)})
        await asyncio.sleep(0.002)
    await heard.one(lambda event: event["cluster"]["cpu"] == 200.0)
    assert len(heard) <= 2 + (loop.time() - began) / module.SPACING
    assert heard[0]["cluster"]["cpu"] == 1.0, "the first is not held back"


async def test_a_change_and_back_is_not_sent(begin: Begin, heard: Heard, registered: Any) -> None:
    record = registered()
    watcher = await begin()
    for number, cpu in enumerate((1.0, 2.0, 1.0)):
        watcher.hear({**record.to_wire(), "updated": 2_000.0 + number, "cpu": cpu})
    await until(lambda: asyncio.sleep(0, not watcher._due))
    assert [event["cluster"]["cpu"] for event in heard] == [1.0]


async def test_a_host_that_is_killed_is_lost(
    begin: Begin, heard: Heard, start_host: Any, registry: Registry
) -> None:
    await begin()
    record = await start_host()
    await heard.one(phase("running"))
    await until(lambda: asyncio.sleep(0, registry.get(record.id).phase is Phase.RUNNING))
    os.kill(record.host.pid, signal.SIGKILL)
    lost = await heard.one(phase("lost"))
    assert lost["cluster"]["reason"]["message"]


async def test_a_host_that_dies_with_the_one_who_would_bury_it_is_lost(
    begin: Begin, heard: Heard, start_host: Any, registry: Registry
) -> None:
    await begin()
    record = await start_host()
    await heard.one(phase("running"))
    await until(lambda: asyncio.sleep(0, registry.get(record.id).phase is Phase.RUNNING))
    os.kill(
        record.host.pid, signal.SIGSTOP
    )  # or it sees that its warden is gone, and ends in order
    for identity in (record.warden, record.host):
        os.kill(identity.pid, signal.SIGKILL)
    lost = await heard.one(phase("lost"))
    assert lost["cluster"]["reason"]["code"] == "host.lost"
    await until(lambda: asyncio.to_thread(lambda: not alive(record.host.pid)))
    # Nobody was left to remove it.
    shutil.rmtree(registry.get(record.id).scratch)


async def test_a_folder_that_is_removed_is_made_again(
    begin: Begin, heard: Heard, registered: Any, registry: Registry
) -> None:
    record = registered()
    await begin()
    await until(lambda: asyncio.sleep(0, registry.standbys.exists()))
    shutil.rmtree(registry.folder)
    await heard.one(lambda event: event["action"] == "forgotten")
    await until(lambda: asyncio.to_thread(registry.clusters.is_dir))
    registry.write(replace(record, name="again"))
    await heard.one(lambda event: event.get("cluster", {}).get("name") == "again")


async def test_a_folder_that_is_replaced_is_watched(
    begin: Begin, heard: Heard, registered: Any, registry: Registry
) -> None:
    record = registered()
    await begin()
    registry.clusters.rename(registry.folder / "moved")
    await heard.one(lambda event: event["action"] == "forgotten")
    registry.write(replace(record, name="again"))
    await heard.one(lambda event: event.get("cluster", {}).get("name") == "again")


async def test_a_damaged_record_spoils_nothing(
    begin: Begin, heard: Heard, start_host: Any, registered: Any, registry: Registry
) -> None:
    watcher = await begin()
    record = await start_host()
    await heard.one(phase("running"))
    os.kill(record.host.pid, signal.SIGSTOP)  # it would write the file anew
    path = registry.path(record.id)
    path.write_text("{")
    other = registered(id="b" * 32, name="other")
    await heard.one(lambda event: event["cluster"]["id"] == other.id)
    records, problems = await watcher.read()
    assert {one.id for one in records} == {record.id, other.id}, "its host is heard all the same"
    assert [problem.code for problem in problems] == ["record.corrupt"]
    assert not [event for event in heard if event["action"] == "forgotten"]
    path.unlink()
    await heard.one(lambda event: event["action"] == "forgotten")
    os.kill(record.host.pid, signal.SIGCONT)
    assert await asyncio.to_thread(end, record.host)


async def test_without_inotify_the_folder_is_looked_at(
    begin: Begin, heard: Heard, registered: Any, registry: Registry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    real = module.folder_changes
    asked: list[bool] = []

    async def used_up(folder: Path, polling: bool) -> AsyncIterator[object]:
        asked.append(polling)
        if not polling:
            raise OSError("OS file watch limit reached. about [...]")
        async for changes in real(folder, polling):
            yield changes

    monkeypatch.setattr(module, "folder_changes", used_up)
    await begin()
    await until(lambda: asyncio.sleep(0, asked == [False, True]))
    registered(name="seen")
    await heard.one(lambda event: event["cluster"]["name"] == "seen")


async def test_a_folder_that_cannot_be_used_is_said_and_tried_again(
    begin: Begin, heard: Heard, registered: Any, registry: Registry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(module, "RETRY", 0.05)
    registry.open()
    registry.folder.chmod(0o777)
    watcher = await begin()

    async def said() -> Any:
        return (await watcher.read())[1]

    assert "chmod 700" in (await until(said))[0].hint
    registry.folder.chmod(0o700)
    await until(lambda: asyncio.sleep(0, watcher._trouble is None))
    registered(name="seen")
    await heard.one(lambda event: event["cluster"]["name"] == "seen")
    assert (await watcher.read())[1] == []


async def test_a_host_on_another_machine_is_known_from_its_record_only(
    begin: Begin, registered: Any
) -> None:
    # Its control API listens on that machine's loopback; here somebody else may have the port.
    from dasklab.model.record import Endpoint, Identity

    record = registered(
        host=Identity(1, "1", "boot", "elsewhere"), control=Endpoint("127.0.0.1", 9, "secret")
    )
    watcher = await begin()
    assert [one.id for one in (await watcher.read())[0]] == [record.id]
    assert not watcher._followed


async def test_a_server_that_nobody_asks_does_nothing(
    extension: Any, api: Ask, events: Any, registered: Any
) -> None:
    assert not extension.watcher._tasks
    assert not extension.registry.folder.exists()
    record = registered()
    follow = await events()
    assert len((await api("GET", "clusters")).json["clusters"]) == 1
    assert extension.watcher._tasks
    extension.registry.write(replace(record, name="changed"))
    event = await asyncio.wait_for(follow(), 5)
    assert (event["action"], event["cluster"]["name"]) == ("changed", "changed")
    assert event["schema_id"] == "https://dasklab.dev/events/cluster/v1"
    extension.registry.write(replace(record, phase=Phase.STOPPED))
    assert (await asyncio.wait_for(follow(), 5))["cluster"]["phase"] == "stopped"
    await api("DELETE", f"clusters/{record.id}")
    gone = await asyncio.wait_for(follow(), 5)
    assert (gone["action"], gone["id"]) == ("forgotten", record.id)
