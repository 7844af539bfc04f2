"""What can happen on the way to a cluster: every step of a start failing, or given up.

With a deployment of another package (``fixtures/deployments``): what local does, and a reservation
(a file) that stands for whatever a start leaves behind elsewhere.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dasklab.client import Cluster
from dasklab.errors import ClusterGone, DasklabError, DeadlinePassed

from ..support import alive, kill, marked, wait_for

STEPS = ["make", "reserve", "scheduler", "workers", "finish"]
TITLES = {
    "make": "import",
    "reserve": "reserve",
    "scheduler": "scheduler",
    "workers": "workers",
    "finish": "finish",
}


@pytest.fixture
def reservation(tmp_path: Path) -> Path:
    return tmp_path / "reservation"


@pytest.fixture
def start(launch: Callable[..., Cluster], rehearsal: str, reservation: Path) -> Any:
    """Launch a rehearsal in which something happens at a step.

    With threads for workers, unless said otherwise: it saves a second each, and is the same here.
    """

    def start(at: str, how: str, **keywords: Any) -> Cluster:
        keywords.setdefault("processes", False)
        return launch(rehearsal, at=at, how=how, reservation=str(reservation), **keywords)

    return start


def ended(home: Path) -> bool:
    return not [pid for pid in marked(f"DASKLAB_HOME={home}") if alive(pid)]


@pytest.mark.parametrize(
    ("at", "how"), [*((step, "raise") for step in STEPS), ("make", "refuse"), ("workers", "refuse")]
)
def test_failing_at_a_step(
    start: Any, at: str, how: str, reservation: Path, registry: Any, home: Path
) -> None:
    sentence = {
        "raise": "The cluster did not start: RuntimeError: It happened at {at}.",
        "refuse": "No {at} today.",
    }[how]
    with pytest.raises(DasklabError) as caught:
        start(at, how)

    record = registry.records()[0][0]
    assert caught.value.message == sentence.format(at=at)
    assert caught.value.hint
    assert record.phase.value == "failed"
    assert record.reason["message"] == caught.value.message
    assert record.reason["details"]["log"], "the end of its log is there to be shown"
    assert [step.state for step in record.steps][-1] == "failed"
    assert record.steps[-1].name == TITLES[at]
    assert all(step.finished for step in record.steps)
    assert not reservation.exists(), "what the start left is taken back"
    wait_for(lambda: ended(home), what="the end of its processes")
    cluster = Cluster(record, registry=registry)
    cluster.stop()
    assert cluster.phase == "failed", "stopping what has failed is no error and changes nothing"


@pytest.mark.parametrize("at", ["make", "scheduler", "finish"])
def test_dying_at_a_step(start: Any, at: str, registry: Any, home: Path) -> None:
    with pytest.raises(DasklabError) as caught:
        start(at, "die", processes=True)

    assert "it was killed (SIGKILL)" in caught.value.message
    assert registry.records()[0][0].phase.value == "failed"
    wait_for(lambda: ended(home), what="the end of its processes")


@pytest.mark.parametrize(("at", "how"), [*((step, "wait") for step in STEPS), ("reserve", "block")])
def test_cancelling_at_a_step(start: Any, at: str, how: str, reservation: Path, home: Path) -> None:
    cluster = start(at, how, wait=False)
    wait_for(lambda: [step.name for step in cluster.record.steps][-1] == TITLES[at], 30)
    if at not in ("make", "reserve"):
        wait_for(reservation.exists)
    begin = time.monotonic()
    cluster.stop()
    took = time.monotonic() - begin

    assert took < 10, "the ladder ends before its last rung"
    assert cluster.phase == "stopped"
    assert cluster.info["reason"] is None or cluster.info["reason"]["code"] == "signal"
    assert not [step for step in cluster.info["steps"] if step["state"] == "active"]
    wait_for(lambda: ended(home), what="the end of its processes")
    if how == "wait":  # one that blocks can take nothing back; its processes are gone all the same
        assert not reservation.exists()


@pytest.mark.parametrize("attempt", range(4))
def test_cancelling_at_the_very_beginning(
    launch: Callable[..., Cluster], home: Path, attempt: int
) -> None:
    """Before the host listens, and before it has imported anything."""
    cluster = launch(wait=False)
    if attempt % 2:
        wait_for(lambda: cluster.record.control)
    cluster.stop()

    assert cluster.phase == "stopped"
    wait_for(lambda: ended(home), what="the end of its processes")


def test_waiting_for_a_cluster_that_is_cancelled(start: Any) -> None:
    from concurrent.futures import ThreadPoolExecutor

    cluster = start("scheduler", "wait", wait=False)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(cluster.wait)
        wait_for(lambda: len(cluster.record.steps) == 3, 30)
        cluster.stop()
        with pytest.raises(ClusterGone, match="is stopped"):
            waiting.result(timeout=20)


def test_asking_a_cluster_that_starts(start: Any) -> None:
    cluster = start("scheduler", "wait", wait=False)
    wait_for(lambda: len(cluster.record.steps) == 3, 30)

    assert cluster.info["phase"] == "starting"
    for action in (lambda: cluster.scale(2), cluster.restart, cluster.mount_dashboard):
        with pytest.raises(DasklabError, match="is still starting"):
            action()
    assert cluster.logs("host", 5)
    cluster.keep()
    assert cluster.info["lease"]["pinned"] is True
    cluster.stop()


def test_scheduler_that_never_comes_up(
    start: Any, setting: Callable[..., None], home: Path
) -> None:
    setting("launch.deadline", "2s")
    with pytest.raises(
        DeadlinePassed, match=r"The cluster was not up after 2 seconds \(at: .*\)\."
    ) as caught:
        start("scheduler", "wait")

    assert caught.value.details["log"]
    wait_for(lambda: ended(home), what="the end of its processes")


def test_waiting_has_its_own_end(start: Any) -> None:
    cluster = start("scheduler", "wait", wait=False)
    with pytest.raises(DeadlinePassed):
        cluster.wait(timeout=0.2)

    assert cluster.phase == "starting", "the cluster goes on"
    cluster.stop()


def test_what_cannot_be_looked_at_now_and_then_goes_on(start: Any) -> None:
    cluster = start("sample", "raise")
    updated = cluster.record.updated
    cluster.scale(2, wait=True, timeout=30)

    assert cluster.phase == "running"
    assert cluster.record.updated > updated
    cluster.stop()


@pytest.mark.parametrize("how", ["raise", "block"])
def test_a_cluster_that_cannot_be_closed_is_ended(start: Any, how: str, home: Path) -> None:
    cluster = start("stop", how, processes=True)
    with cluster.client(set_as_default=False) as client:
        processes = [*client.run(os.getpid).values()]
    processes += [cluster.record.host.pid, cluster.record.warden.pid]
    cluster.stop()

    assert cluster.phase == "stopped"
    host, workers = processes[-2], processes[:-2]
    wait_for(lambda: not any(map(alive, [host, *workers])), what="the end of its processes")
    # Its warden goes on trying to give the reservation back, until nobody asks for it any more.
    if how == "raise":
        wait_for(lambda: "undo-failed" in [event["kind"] for event in cluster.info["events"]], 60)
    else:
        here = f"DASKLAB_HOME={home}"
        (undoing,) = wait_for(lambda: [pid for pid in marked(here) if pid not in processes], 60)
        kill(undoing)
    cluster.forget()
    wait_for(lambda: ended(home), 60, "the end of what undoes it")


def test_interrupting_the_wait_stops_what_starts(
    start: Any, monkeypatch: pytest.MonkeyPatch, registry: Any, home: Path
) -> None:
    def interrupted(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Cluster, "wait", interrupted)
    with pytest.raises(KeyboardInterrupt):
        start("scheduler", "wait")

    assert registry.records()[0][0].phase.value == "stopped"
    wait_for(lambda: ended(home), what="the end of its processes")
