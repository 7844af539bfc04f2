"""Capabilities: unguessable, of one cluster, short-lived, bounded."""

from __future__ import annotations

import contextlib

import pytest

from dasklab.errors import Refused
from dasklab.server import capabilities as module
from dasklab.server.capabilities import LIFETIME, LIMIT, SHARED, SOCKETS, Capabilities


class Clock:
    """Time as a test says it is."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def all_of_them(clock: Clock) -> Capabilities:
    return Capabilities(clock)


def test_each_is_another_and_long(all_of_them: Capabilities) -> None:
    tokens = {all_of_them.mint(str(number)).token for number in range(50)}
    assert len(tokens) == 50
    assert all(len(token) >= 43 for token in tokens)


def test_who_asks_again_soon_gets_the_same_path_which_the_browser_has_cached(
    all_of_them: Capabilities, clock: Clock
) -> None:
    made = all_of_them.mint("a")
    while clock.now < made.made + SHARED - LIFETIME:
        clock.now += LIFETIME - 1
        assert all_of_them.mint("a") is made
        assert made.expires == clock.now + LIFETIME
    clock.now += LIFETIME
    assert all_of_them.mint("a").token != made.token


def test_it_opens_the_cluster_it_was_made_for(all_of_them: Capabilities) -> None:
    one, other = all_of_them.mint("a"), all_of_them.mint("b")
    assert all_of_them.use(one.token).cluster_id == "a"
    assert all_of_them.use(other.token).cluster_id == "b"


@pytest.mark.parametrize("token", ["", "x", "a" * 43])
def test_an_unknown_one_opens_nothing(all_of_them: Capabilities, token: str) -> None:
    all_of_them.mint("a")
    with pytest.raises(Refused):
        all_of_them.use(token)


def test_it_ends_some_time_after_its_last_use(all_of_them: Capabilities, clock: Clock) -> None:
    made = all_of_them.mint("a")
    assert made.expires == clock.now + LIFETIME
    for _ in range(3):
        clock.now += LIFETIME - 1
        all_of_them.use(made.token)
    clock.now += LIFETIME
    with pytest.raises(Refused):
        all_of_them.use(made.token)
    assert len(all_of_them) == 0


def test_an_open_websocket_keeps_it(all_of_them: Capabilities, clock: Clock) -> None:
    made = all_of_them.mint("a")
    with all_of_them.hold(made):
        clock.now += 10 * LIFETIME
        all_of_them.use(made.token)
        clock.now += 10 * LIFETIME
    clock.now += LIFETIME - 1
    all_of_them.use(made.token)


def test_the_one_unused_for_longest_makes_room(all_of_them: Capabilities, clock: Clock) -> None:
    made = []
    for number in range(LIMIT):
        clock.now += 0.1
        made.append(all_of_them.mint(str(number)))
    all_of_them.use(made[0].token)
    all_of_them.mint("b")
    assert len(all_of_them) == LIMIT
    all_of_them.use(made[0].token)
    with pytest.raises(Refused):
        all_of_them.use(made[1].token)


def test_there_is_an_end_to_open_websockets(
    all_of_them: Capabilities, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = all_of_them.mint("a"), all_of_them.mint("b")
    with all_of_them.hold(one), all_of_them.hold(other):
        clock.now += SHARED
        same = all_of_them.mint("a")
    assert same is not one
    with contextlib.ExitStack() as open_ones:
        for number in range(SOCKETS):
            open_ones.enter_context(all_of_them.hold((one, same)[number % 2]))
        with pytest.raises(Refused), all_of_them.hold(one):
            pass
        with all_of_them.hold(other):
            pass
        monkeypatch.setattr(module, "LIMIT", 2)
        with all_of_them.hold(other), pytest.raises(Refused, match="Too many dashboards"):
            all_of_them.mint("c")
    with all_of_them.hold(one):
        pass


def test_a_cluster_that_is_gone_takes_its_own_with_it(all_of_them: Capabilities) -> None:
    gone, stays = all_of_them.mint("a"), all_of_them.mint("b")
    all_of_them.revoke("a")
    with pytest.raises(Refused):
        all_of_them.use(gone.token)
    all_of_them.use(stays.token)
