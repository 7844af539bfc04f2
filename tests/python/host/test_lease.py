from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dasklab.host.lease import LeaseClock
from dasklab.model.spec import Lease


def clock(
    idle: float | None = 100.0, no_client: float | None = 30.0, max_age: float | None = 1_000.0
) -> LeaseClock:
    """A cluster that is up at 0, with nobody there."""
    lease = LeaseClock(Lease(idle, no_client, max_age), 0.0)
    lease.observe(busy=False, clients=0, now=0.0)
    return lease


def test_nothing_is_idle_before_it_is_up() -> None:
    lease = LeaseClock(Lease(100.0, 30.0, 1_000.0), 0.0)

    assert lease.deadline() == (1_000.0, "max-age")
    lease.observe(busy=False, clients=0, now=60.0)
    assert lease.deadline() == (90.0, "no-client")


def test_new_cluster_that_nobody_uses() -> None:
    assert clock().deadline() == (30.0, "no-client")


def test_client_that_does_nothing_makes_it_idle() -> None:
    lease = clock()
    lease.observe(busy=False, clients=1, now=10.0)

    assert lease.deadline() == (100.0, "idle")


def test_nothing_counts_while_tasks_run_but_the_age() -> None:
    lease = clock()
    lease.observe(busy=True, clients=0, now=10.0)

    assert lease.deadline() == (1_000.0, "max-age")


def test_quiet_begins_when_the_last_task_ended() -> None:
    lease = clock()
    lease.observe(busy=True, clients=1, now=10.0)
    lease.observe(busy=False, clients=1, now=50.0)
    lease.observe(busy=False, clients=1, now=70.0)

    assert lease.deadline() == (150.0, "idle")


def test_being_alone_begins_when_the_last_client_left() -> None:
    lease = clock()
    lease.observe(busy=False, clients=1, now=10.0)
    lease.observe(busy=False, clients=0, now=50.0)
    lease.observe(busy=False, clients=0, now=60.0)

    assert lease.deadline() == (80.0, "no-client")


def test_tasks_without_a_client_are_not_alone() -> None:
    lease = clock()
    lease.observe(busy=True, clients=0, now=10.0)
    lease.observe(busy=False, clients=0, now=90.0)

    assert lease.deadline() == (120.0, "no-client")


def test_waiting_for_workers_is_use_and_counting_begins_when_they_are_there() -> None:
    lease = clock()
    lease.observe(busy=False, clients=0, now=20.0, awaited=True)
    assert lease.deadline() == (1_000.0, "max-age")
    lease.observe(busy=False, clients=1, now=500.0)
    assert lease.deadline() == (600.0, "idle")
    lease.observe(busy=False, clients=0, now=510.0)
    assert lease.deadline() == (540.0, "no-client")


def test_use_renews_but_does_not_make_younger() -> None:
    lease = clock(max_age=40.0)
    lease.renew(20.0)

    assert lease.deadline() == (40.0, "max-age")
    assert clock().deadline() == (30.0, "no-client")


def test_renew_while_busy_starts_no_countdown() -> None:
    lease = clock()
    lease.observe(busy=True, clients=1, now=10.0)
    lease.renew(20.0)

    assert lease.deadline() == (1_000.0, "max-age")


def test_pin() -> None:
    lease = clock()
    lease.pinned = True

    assert lease.deadline() is None
    assert lease.to_wire()["deadline"] is None
    lease.pinned = False
    assert lease.deadline() is not None


def test_no_limits_no_end() -> None:
    assert clock(None, None, None).deadline() is None


def test_wire_form_has_limits_and_countdown() -> None:
    assert clock().to_wire() == {
        "pinned": False,
        "idle": 100.0,
        "no_client": 30.0,
        "max_age": 1_000.0,
        "deadline": 30.0,
        "cause": "no-client",
    }


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(5, "5 seconds"), (1_200, "20 minutes"), (3_600, "60 minutes"), (7 * 86_400, "168 hours")],
)
def test_sentences(seconds: float, words: str) -> None:
    lease = clock(seconds, seconds, seconds)

    for cause in ("idle", "no-client", "max-age"):
        assert words in lease.sentence(cause)


@given(
    st.lists(
        st.tuples(st.booleans(), st.integers(0, 3), st.floats(0.1, 50)), min_size=1, max_size=30
    )
)
def test_a_used_cluster_never_ends_for_want_of_use(steps: list[tuple[bool, int, float]]) -> None:
    """Whatever happened before: a deadline of want of use is one whole limit after the last use."""
    lease, now, used, alone = clock(), 0.0, 0.0, 0.0
    for busy, clients, pause in steps:
        now += pause
        lease.observe(busy=busy, clients=clients, now=now)
        end = lease.deadline()
        assert end is not None
        if busy:
            assert end == (1_000.0, "max-age")
            used = alone = now
        if clients:
            alone = now
            assert end[1] != "no-client"
        assert end[0] >= min(used + 100.0, alone + 30.0, 1_000.0)


@given(st.lists(st.floats(0.1, 20), min_size=2, max_size=20))
def test_deadline_stands_still_while_nothing_happens(pauses: list[float]) -> None:
    lease, now, ends = clock(), 0.0, []
    for pause in pauses:
        now += pause
        lease.observe(busy=False, clients=0, now=now)
        ends.append(lease.deadline())

    assert all(first == second for first, second in pairwise(ends))
