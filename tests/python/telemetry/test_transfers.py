"""Transfers between workers: what a worker adds to its heartbeats, and what becomes of it."""

from __future__ import annotations

import time
from collections import deque
from types import SimpleNamespace
from typing import Any

import pytest

from dasklab.telemetry.transfers import Transfers
from dasklab.telemetry.worker_log import CHUNKS, METRIC, SENDERS, Reader, install, uninstall

NOW = time.time()


class WorkerDouble:
    """Logs transfers as a worker of Dask's does, and has received nothing in truth."""

    def __init__(self, kept: int = 1_000) -> None:
        self.transfer_incoming_log: deque[dict[str, Any]] = deque(maxlen=kept)
        self.state = SimpleNamespace(transfer_incoming_count_total=0, transfer_incoming_count=0)
        self.metrics: dict[str, Any] = {}

    def receive(self, sender: str, nbytes: int, start: float = NOW, took: float = 0.5) -> None:
        self.state.transfer_incoming_count_total += 1
        entry = {"who": sender, "total": nbytes, "start": start, "stop": start + took}
        self.transfer_incoming_log.append(entry)


class SchedulerSide:
    """What takes it in; numbers workers in the order in which they are named."""

    def __init__(self) -> None:
        self.transfers = Transfers(SimpleNamespace(workers={}), b"", b"")
        self.numbers: dict[str, int] = {}

    def hear(self, said: Any, address: str = "tcp://r:1", identity: str = "r") -> None:
        state = SimpleNamespace(address=address, server_id=identity, metrics={METRIC: said})
        self.transfers.take(state, lambda name: self.numbers.setdefault(name, len(self.numbers)))


def test_a_heartbeat_sums_by_sender_what_is_new() -> None:
    worker, reader = WorkerDouble(), Reader()
    worker.receive("tcp://a:1", 100, NOW, 0.5)
    worker.receive("tcp://a:1", 50, NOW + 2, 0.25)
    worker.receive("tcp://b:1", 7)
    said = reader(worker)

    assert said["chunks"] == [
        [
            1,
            [
                ["tcp://a:1", 2, 150, 0.75, NOW, NOW + 2.25],
                ["tcp://b:1", 1, 7, 0.5, NOW, NOW + 0.5],
            ],
        ]
    ]
    assert (said["count"], said["nbytes"], said["missed"]) == (3, 157, 0)
    worker.receive("tcp://b:1", 3)
    assert [rows for _, rows in reader(worker)["chunks"]][1:] == [
        [["tcp://b:1", 1, 3, 0.5, NOW, NOW + 0.5]]
    ]


def test_a_worker_that_receives_nothing_soon_says_nothing() -> None:
    worker, reader = WorkerDouble(), Reader()
    worker.receive("tcp://a:1", 100)
    said = [reader(worker)["chunks"] for _ in range(CHUNKS + 1)]

    assert [len(chunks) for chunks in said] == [1] * CHUNKS + [0]


def test_what_was_overwritten_before_it_was_read_is_counted() -> None:
    worker, reader = WorkerDouble(kept=10), Reader()
    worker.receive("tcp://a:1", 1)
    reader(worker)
    for _ in range(25):
        worker.receive("tcp://a:1", 1)
    said = reader(worker)

    assert (said["count"], said["missed"]) == (11, 15)


def test_of_many_senders_the_smallest_go_together() -> None:
    worker, reader = WorkerDouble(), Reader()
    for number in range(SENDERS + 20):
        worker.receive(f"tcp://{number}:1", 1_000 - number)
    ((_, rows),) = reader(worker)["chunks"]

    assert len(rows) == SENDERS + 1
    assert rows[-1][:2] == ["", 20]
    assert sum(row[2] for row in rows) == reader(worker)["nbytes"]


def test_it_comes_and_goes_without_a_trace() -> None:
    worker = WorkerDouble()
    install(dask_worker=worker)
    first = worker.metrics[METRIC]
    install(dask_worker=worker)
    assert worker.metrics == {METRIC: first}
    uninstall(dask_worker=worker)
    uninstall(dask_worker=worker)
    assert worker.metrics == {}


def test_what_is_repeated_is_taken_once_and_a_heartbeat_may_be_missed() -> None:
    worker, reader, side = WorkerDouble(), Reader(), SchedulerSide()
    for number in range(3):
        worker.receive("tcp://a:1", 10 + number, NOW - 10 + number)
        said = reader(worker)
        if number != 1:
            side.hear(said)
            side.hear(said)

    assert [row[4] for row in side.transfers.rows] == [10, 11, 12]
    assert [row[1:4] for row in side.transfers.new(1)] == [(0, 1, 1)] * 2
    assert side.transfers.new(3) == []
    assert side.transfers.totals == {
        "transfers": 3,
        "transferred": 33,
        "transfers_missed": 0,
    }


def test_totals_outlive_the_workers() -> None:
    worker, side = WorkerDouble(), SchedulerSide()
    worker.receive("tcp://a:1", 10)
    side.hear(Reader()(worker))
    side.transfers.forget({})
    side.hear(Reader()(worker), identity="the next one at this address")

    assert side.transfers.totals["transferred"] == 20
    assert len(side.transfers.rows) == 2


def test_clocks_that_are_wrong_give_no_time_that_is() -> None:
    worker, side = WorkerDouble(), SchedulerSide()
    for start, took in ((NOW + 1e6, 0.5), (-5.0, 0.5), (NOW, -1e9), (NOW - 5, 1e9)):
        worker.receive("tcp://a:1", 10, start, took)
        worker.receive("tcp://b:1", 10, start, took)
        side.hear(Reader()(worker))

    for at, *_, busy, span in side.transfers.rows:
        assert NOW - 10 < at < time.time() + 2
        assert 0 <= busy <= 1e6
        assert 0 <= span <= 1e6


@pytest.mark.parametrize(
    "said",
    [
        None,
        "much",
        {"chunks": 5},
        {"chunks": [[1, [["a"]]]]},
        {"chunks": [["x", []]], "count": "many", "nbytes": None},
        {"chunks": [[1, [[["a"], 1, 1, 1.0, 1.0, 1.0]]]]},
        {"chunks": [[1, [["a", 1, 1, "long", 1.0, 1.0]]]], "count": -5},
    ],
)
def test_what_a_worker_makes_up_breaks_nothing(said: Any) -> None:
    side = SchedulerSide()
    side.hear(said)

    assert list(side.transfers.rows) == []
    assert side.transfers.totals["transfers"] == 0
