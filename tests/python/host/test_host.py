"""The supervisor with a deployment that only pretends: order, silence, and the last word."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from dasklab.client import AsyncCluster
from dasklab.deployments.base import Checkpoint, Context, Deployment, Sample
from dasklab.errors import ClusterGone, Refused, Unsupported
from dasklab.host.host import Host
from dasklab.host.lease import LeaseClock
from dasklab.model.explanation import Advice, Explanation
from dasklab.model.record import Phase, Record
from dasklab.model.scaling import Scaling
from dasklab.model.spec import Lease
from dasklab.registry import Registry

from ..support import make_record

SAMPLE = Sample(
    address="tcp://127.0.0.1:1",
    scheduler_id="Scheduler-1",
    wanted=1,
    minimum=None,
    maximum=None,
    running=1,
    cores=2,
    memory_used=10_000_000,
    memory_limit=1_000_000_000,
    cpu=0.1,
    tasks={},
    clients=0,
)


class Pretender(Deployment):
    """One worker, always; what happens to it is up to the test."""

    name = title = "pretender"
    options = {"type": "object"}  # noqa: RUF012

    def __init__(self) -> None:
        super().__init__({}, Context("x", None, "", ""))
        self.now: Sample | Exception = SAMPLE
        self.scaled: list[Scaling] = []
        self.hold = threading.Event()
        self.stopped = self.detached = 0
        self.gone = False
        self.deadline = 60.0
        self.pending = False
        self.found = Explanation()

    async def start(self) -> AsyncIterator[Checkpoint]:
        yield Checkpoint("one", "One", {"job": 1})

    async def stop(self, checkpoint: dict[str, Any] | None) -> None:
        self.stopped += 1

    async def detach(self) -> None:
        self.detached += 1

    @property
    def closed(self) -> bool:
        return self.gone

    async def sample(self) -> Sample:
        if isinstance(self.now, Exception):
            raise self.now
        return self.now

    async def explain(self) -> Explanation:
        return self.found

    async def scale(self, scaling: Scaling) -> None:
        self.scaled.append(scaling)
        while not self.hold.is_set():
            await asyncio.sleep(0.001)

    async def restart(self) -> None:
        raise Refused("Not today.")

    async def logs(self, source: str, lines: int) -> list[dict[str, Any]]:
        return []

    async def dashboard(self) -> Any:
        raise Unsupported("None.")


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    """The cluster's loop, in its thread."""
    found = asyncio.new_event_loop()
    thread = threading.Thread(target=found.run_forever)
    thread.start()
    yield found
    found.call_soon_threadsafe(found.stop)
    thread.join()
    found.close()


@pytest.fixture
def pretender() -> Pretender:
    found = Pretender()
    found.hold.set()
    return found


@pytest.fixture
def host(loop: Any, pretender: Pretender, registry: Registry) -> Callable[..., Any]:
    """Runs a test with a host of the pretender, from its start to after its end."""

    def run(test: Callable[[Host], Awaitable[None]], **lease: float | None) -> Host:
        async def main() -> Host:
            limits = {"idle": None, "no_client": None, "max_age": None, **lease}
            record: Record = make_record(phase=Phase.STARTING, scheduler=None, can=())
            registry.write(record)
            found = Host(
                record,
                registry,
                lambda *_: pretender,
                loop,
                lease=LeaseClock(Lease(**limits), time.time()),
                limit=10,
                deadline=pretender.deadline,
            )
            running = asyncio.get_running_loop().create_task(found.run())
            try:
                await until(lambda: found.record.phase is not Phase.STARTING or pretender.pending)
                await test(found)
            finally:
                found.end(Phase.STOPPED, None)
                await asyncio.wait_for(running, 10)
            return found

        return asyncio.run(main())

    return run


async def until(check: Callable[[], object], timeout: float = 5.0) -> None:
    deadline = time.monotonic() + timeout
    while not check():
        assert time.monotonic() < deadline, "it did not happen"
        await asyncio.sleep(0.005)


def kinds(host: Host) -> list[str]:
    return [event.kind for event in host.record.events]


@pytest.mark.parametrize("way", ["stop", "detach", "cancel"])
def test_what_was_there_before_ends_only_when_its_user_stops_it(
    host: Any, pretender: Pretender, way: str
) -> None:
    pretender.can = (*Pretender.can, "detach")

    async def test(found: Host) -> None:
        if way == "cancel":  # as while it is being attached to
            found.keeper.update(can=())
        await (found.detach if way == "detach" else found.stop)()

    host(test)
    assert (pretender.stopped, pretender.detached) == ((1, 0) if way == "stop" else (0, 1))


def test_only_the_newest_of_waiting_numbers_is_used(host: Any, pretender: Pretender) -> None:
    async def test(found: Host) -> None:
        pretender.hold.clear()
        await found.scale(3)
        await until(lambda: pretender.scaled)
        for workers in (1, "0:4", 5, 2):
            await found.scale(workers)
        assert found.record.workers["wanted"] == 2, "shown at once"
        pretender.hold.set()
        await until(lambda: len(pretender.scaled) == 2)

    host(test)
    assert [scaling.wanted for scaling in pretender.scaled] == [3, 2]


def test_end_is_the_last_word_on_disk(
    host: Any, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A write in another thread that is late must not put an older record over it."""
    original = Registry.write
    begun, last = threading.Event(), threading.Event()

    def slow(self: Registry, record: Record) -> None:
        if record.phase.ended:
            original(self, record)
            last.set()
        else:
            begun.set()
            last.wait(0.5)  # a disk that is busy just now
            original(self, record)

    async def test(found: Host) -> None:
        monkeypatch.setattr(Registry, "write", slow)
        begun.clear()
        found.keeper.note("x", "something to write")
        await until(begun.is_set)

    host(test)
    assert registry.get("a" * 32).phase is Phase.STOPPED


def test_greatest_age_counts_while_the_scheduler_is_silent(host: Any, pretender: Pretender) -> None:
    async def test(found: Host) -> None:
        found._sampled_at = time.time() - 60
        pretender.now = TimeoutError()
        await until(lambda: found.record.phase.ended, 8)

    ended = host(test, max_age=1.5)
    assert ended.record.reason is not None
    assert ended.record.reason["code"] == "lease.max-age"


def test_silent_scheduler_is_not_idle(host: Any, pretender: Pretender) -> None:
    """It may be too busy to be asked: only what was seen counts as idleness."""

    async def test(found: Host) -> None:
        pretender.now = TimeoutError()
        await until(lambda: "silent" in kinds(found))
        found._sampled_at = time.time() - 60
        with pytest.raises(AssertionError):
            await until(lambda: found.record.phase is not Phase.RUNNING, 2.5)

    host(test, idle=1.0)


NOBODY_YET = replace(SAMPLE, running=0)


def lease_of(host: Host) -> Any:
    return host.record.lease["cause"]


def test_waiting_for_workers_is_no_idleness(host: Any, pretender: Pretender) -> None:
    """A queue may take hours: only the age counts until all that are wanted have come."""
    pretender.now = NOBODY_YET

    async def test(found: Host) -> None:
        await until(lambda: found.record.phase is Phase.WAITING)
        assert lease_of(found) == "max-age"
        pretender.now = replace(SAMPLE, running=1, wanted=10)  # one of ten, and a client
        found._sampler.poke()
        await until(lambda: found.record.workers["wanted"] == 10)
        assert lease_of(found) == "max-age"
        pretender.now = SAMPLE
        await until(lambda: found.record.phase.ended, 8)

    ended = host(test, idle=2.0, no_client=1.0, max_age=60.0)
    assert ended.record.reason["code"] == "lease.no-client"


def test_workers_that_will_never_come_are_not_waited_for(host: Any, pretender: Pretender) -> None:
    pretender.now = NOBODY_YET
    pretender.found = Explanation(advice=(Advice("x", "Never.", "Ask for less.", "error"),))

    async def test(found: Host) -> None:
        await until(lambda: found.record.phase.ended, 8)

    ended = host(test, no_client=0.5)
    assert ended.record.reason["code"] == "lease.no-client"


def test_who_waits_for_workers_keeps_the_cluster(host: Any, pretender: Pretender) -> None:
    """Whatever is said of them: the user reads it, and decides."""
    pretender.now = NOBODY_YET
    pretender.found = Explanation(advice=(Advice("x", "Never.", "Ask for less.", "error"),))

    async def test(found: Host) -> None:
        with found.awaited():
            await until(lambda: found.record.advice)
            seen = found._sampled_at
            await until(lambda: found._sampled_at > seen)
            assert lease_of(found) == "max-age"
        await until(lambda: lease_of(found) == "no-client")

    host(test, no_client=100.0, max_age=200.0)


def test_asking_why_renews_the_lease(host: Any, pretender: Pretender) -> None:
    async def test(found: Host) -> None:
        def end() -> float:
            assert found._lease is not None
            return (found._lease.deadline() or (0.0, ""))[0]

        await until(lambda: found._explaining)
        before = end()
        await found.why()
        assert end() > before

    host(test, no_client=100.0)


# -- how long a launch may take --------------------------------------------------------------------
def test_what_is_pending_elsewhere_has_no_deadline_and_a_reason(
    host: Any, pretender: Pretender
) -> None:
    up = threading.Event()
    pretender.deadline, pretender.pending = 0.2, True
    pretender.found = Explanation(advice=(Advice("x", "It waits for a node.", ""),))

    async def start() -> AsyncIterator[Checkpoint]:
        yield Checkpoint("queue", "Waiting for a node", {"job": 1}, pending=True)
        while not up.is_set():
            await asyncio.sleep(0.001)
        yield Checkpoint("connect", "Connecting", {"job": 1})

    pretender.start = start  # type: ignore[method-assign]

    async def test(found: Host) -> None:
        found.keeper.update(workers={"wanted": 1, "running": 0})
        begun = time.monotonic()
        await until(lambda: found.record.advice and time.monotonic() - begun > 0.3)
        assert found.record.phase is Phase.STARTING
        await found.why()
        up.set()
        await until(lambda: found.record.phase is Phase.RUNNING)

    host(test)


@pytest.mark.parametrize("own", [0.0, 60.0])
def test_the_deadline_is_the_longer_of_the_setting_and_the_deployments(
    host: Any, pretender: Pretender, own: float
) -> None:
    seen: list[float] = []
    pretender.deadline, pretender.pending = 0.2, True
    pretender.launch_patience = own  # type: ignore[misc]

    async def start() -> AsyncIterator[Checkpoint]:
        yield Checkpoint("boot", "Booting a machine")
        seen.append(time.monotonic())
        while time.monotonic() < seen[0] + 0.4:
            await asyncio.sleep(0.001)

    pretender.start = start  # type: ignore[method-assign]

    async def test(found: Host) -> None:
        await until(lambda: found.record.phase is not Phase.STARTING)

    ended = host(test)
    if own:
        assert ended.record.phase is Phase.STOPPED
    else:
        reason = ended.record.reason
        assert reason["message"] == (
            "The cluster was not up after 0.2 seconds (at: Booting a machine)."
        )


def test_what_did_not_close_in_its_time_stays_known(host: Any, pretender: Pretender) -> None:
    pretender.stop_patience = 0.1  # type: ignore[misc]
    pretender.undone_anywhere = True  # type: ignore[misc]

    async def stop(checkpoint: Any) -> None:
        await asyncio.Event().wait()

    pretender.stop = stop  # type: ignore[method-assign]

    async def test(found: Host) -> None:
        assert (found.record.stop_patience, found.record.undone_anywhere) == (0.1, True)

    ended = host(test)
    assert ended.record.checkpoint == {"job": 1}
    assert ended.record.phase is Phase.STOPPED


def test_silence_is_told_once(host: Any, pretender: Pretender) -> None:
    async def test(found: Host) -> None:
        pretender.now = OSError("no route to host")
        await until(lambda: "silent" in kinds(found))
        for _ in range(5):
            found._sampler.poke()
            await asyncio.sleep(0.05)
        assert kinds(found).count("silent") == 1
        assert found.record.events[-1].text == "The scheduler does not answer: no route to host"

    host(test)


@pytest.mark.parametrize("error", [RuntimeError("odd"), KeyError("address"), ClusterGone("gone")])
def test_stumbling_over_a_sample_is_no_end(
    host: Any, pretender: Pretender, error: Exception
) -> None:
    async def test(found: Host) -> None:
        pretender.now = error
        found._sampler.poke()
        await asyncio.sleep(0.1)
        pretender.now = replace(SAMPLE, running=5, wanted=5)
        await until(lambda: found.record.workers["running"] == 5)

    host(test)


def test_its_history_tells_that_it_has_lost_its_workers(host: Any, pretender: Pretender) -> None:
    async def test(found: Host) -> None:
        await until(lambda: found.record.phase is Phase.RUNNING)
        assert "workers-gone" not in kinds(found)
        pretender.now = replace(SAMPLE, running=0)
        found._sampler.poke()
        await until(lambda: found.record.phase is Phase.WAITING)
        pretender.now = replace(SAMPLE, running=0, cores=9)
        found._sampler.poke()
        await until(lambda: found.record.cores == 9)
        assert kinds(found).count("workers-gone") == 1

    host(test)


def test_workers_that_restart_are_not_lost(host: Any, pretender: Pretender) -> None:
    async def test(found: Host) -> None:
        await until(lambda: found.record.phase is Phase.RUNNING)
        found.keeper.note("restart", "All workers restart; tasks and data are forgotten.")
        pretender.now = replace(SAMPLE, running=0)
        found._sampler.poke()
        await until(lambda: found.record.phase is Phase.WAITING)
        assert "workers-gone" not in kinds(found)

    host(test)


def test_closed_by_somebody_else(host: Any, pretender: Pretender) -> None:
    async def test(found: Host) -> None:
        pretender.gone = True
        await until(lambda: found.record.phase.ended)

    ended = host(test)
    assert ended.record.reason is not None
    assert ended.record.reason["message"] == "It was shut down by a client."


def test_watchers_hear_changes_and_no_noise(host: Any, pretender: Pretender) -> None:
    async def test(found: Host) -> None:
        await until(lambda: {step.state for step in found.record.steps} == {"done"})
        await until(lambda: found._sampler.running)
        with found.keeper.watch() as changed:
            await asyncio.sleep(0.1)
            changed.clear()
            pretender.now = replace(SAMPLE, cpu=0.05, memory_used=10_500_000)
            found._sampler.poke()
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(changed.wait(), 0.8)
            pretender.now = replace(SAMPLE, running=2)
            found._sampler.poke()
            await asyncio.wait_for(changed.wait(), 0.4)
        assert not found.keeper._watchers

    host(test)


def test_clock_that_is_set_back_hides_no_change(
    host: Any, pretender: Pretender, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is older than what they have, readers take for late news and drop."""
    now = time.time()

    async def test(found: Host) -> None:
        before = found.record
        seen = AsyncCluster(before, registry=registry)
        with monkeypatch.context() as patch:
            patch.setattr("dasklab.model.record.time", SimpleNamespace(time=lambda: now - 3600))
            found.keeper.note("x", "an hour earlier")
            first = found.record.updated
            found.keeper.note("y", "the same moment")
            assert before.updated < first < found.record.updated < now + 60
            await asyncio.to_thread(found.keeper.save)
        assert [event.kind for event in seen.refresh().events][-2:] == ["x", "y"]

    host(test)


def test_failing_in_the_background_is_told(host: Any) -> None:
    async def test(found: Host) -> None:
        await found.restart()
        await until(lambda: "restart-failed" in kinds(found))
        assert found.record.events[-1].text == "Not today."

    host(test)


def test_what_a_cluster_cannot_do_is_refused(host: Any, pretender: Pretender) -> None:
    pretender.can = ("stop",)  # type: ignore[misc]

    async def test(found: Host) -> None:
        for asking in (found.scale(2), found.scale("1:2"), found.restart(), found.dashboard()):
            with pytest.raises(Unsupported, match="cannot"):
                await asking

    host(test)


def test_nothing_is_done_after_the_end(host: Any, pretender: Pretender) -> None:
    found = host(lambda found: asyncio.sleep(0))

    async def ask() -> None:
        for asking in (found.scale(2), found.restart()):
            with pytest.raises(ClusterGone):
                await asking

    with contextlib.suppress(RuntimeError):
        asyncio.run(ask())
    assert pretender.stopped == 1
    assert pretender.scaled == []


def test_checkpoint_is_on_disk_before_the_step(
    host: Any, pretender: Pretender, registry: Registry
) -> None:
    seen: list[dict[str, Any]] = []

    async def start() -> AsyncIterator[Checkpoint]:
        for number in (1, 2):
            yield Checkpoint(f"step{number}", "Step", {"job": number})
            seen.append(registry.get("a" * 32).checkpoint)

    pretender.start = start  # type: ignore[method-assign]
    host(lambda found: asyncio.sleep(0))
    assert seen == [{"job": 1}, {"job": 2}]


@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_loop_that_ends_at_the_very_start(registry: Registry) -> None:
    """A notebook that makes a cluster and closes it in one line."""
    loop = asyncio.new_event_loop()  # never runs: what is given to it is never answered

    async def main() -> Host:
        record = make_record(phase=Phase.STARTING, scheduler=None, can=(), origin="kernel")
        found = Host(record, registry, lambda *_: Pretender(), loop, lease=None, limit=1)
        running = asyncio.get_running_loop().create_task(found.run())
        await asyncio.sleep(0.1)
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.close()
        await asyncio.wait_for(running, 10)
        return found

    found = asyncio.run(main())
    assert found.record.phase is Phase.STOPPED
    assert registry.get("a" * 32).phase is Phase.STOPPED


def test_loop_that_ends_while_it_closes(registry: Registry) -> None:
    """What runs there is cancelled by that: the host must not take it for its own cancellation."""
    loop = asyncio.new_event_loop()
    pretender = Pretender()

    def run_loop() -> None:
        async def until_closing() -> None:
            while not pretender.stopped:
                await asyncio.sleep(0.001)

        loop.run_until_complete(until_closing())
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0.01))
        loop.close()

    async def stop(checkpoint: Any) -> None:
        pretender.stopped += 1
        await asyncio.sleep(60)

    pretender.stop = stop  # type: ignore[method-assign]
    thread = threading.Thread(target=run_loop)
    thread.start()

    async def main() -> Host:
        record = make_record(phase=Phase.STARTING, scheduler=None, can=(), origin="kernel")
        found = Host(record, registry, lambda *_: pretender, loop, lease=None, limit=1)
        running = asyncio.get_running_loop().create_task(found.run())
        await until(lambda: found.record.phase is Phase.RUNNING)
        pretender.gone = True
        await asyncio.wait_for(running, 10)
        return found

    found = asyncio.run(main())
    thread.join()
    assert found.record.phase is Phase.STOPPED
    assert registry.get("a" * 32).phase is Phase.STOPPED
    assert not found._tasks
