from __future__ import annotations

import json
import os
import signal
import stat
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dasklab.errors import (
    ClusterExists,
    Refused,
)
from dasklab.launching import (
    LaunchRequest,
    catalogue,
    ensure_standby,
    launch,
    standbys,
    warm,
)
from dasklab.launching.planning import make_plan
from dasklab.model.spec import PRE_SPAWN
from dasklab.registry import Registry

from .support import alive, kill, make_record, marked, wait_for

Setting = Callable[..., None]


def stop(registry: Registry, cluster_id: str) -> None:
    from dasklab.client import Cluster

    Cluster(registry.get(cluster_id), registry=registry).stop()


@pytest.fixture
def standby(setting: Setting, monkeypatch: pytest.MonkeyPatch, registry: Registry) -> Any:
    """Starts a standby and waits until it is warm; its process id."""
    setting("standby.enabled", True)
    monkeypatch.setattr(standbys, "REPLENISH_AFTER", 3_600.0)

    def start() -> int:
        assert ensure_standby()
        return int(wait_for(lambda: offered(registry), 30, "a standby")[0]["pid"])

    return start


def offered(registry: Registry) -> list[dict[str, Any]]:
    found = []
    for path in registry.standbys.glob("*.json"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        found.append(json.loads(path.read_text()))
    return found


def test_standby_is_taken_by_whom_it_fits(
    registry: Registry, standby: Callable[[], int], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from dasklab.client import Cluster

    pid = standby()
    assert not ensure_standby(), "there is one already"

    # Its numerical libraries have been set up: other settings of them need another process.
    with monkeypatch.context() as patch:
        patch.setenv("OMP_NUM_THREADS", "3")
        other = launch(LaunchRequest(workers=0, name="other", options={"processes": False}))
    assert other.host is not None
    assert other.host.pid != pid
    assert alive(pid)

    # It says no in the words that a launch does, and is still to be had.
    taken = make_plan(LaunchRequest(name="other", workers=0), registry, None)
    with pytest.raises(ClusterExists, match="'other' is there already"):
        standbys.hand_over(taken, registry)
    assert len(offered(registry)) == 1

    monkeypatch.setenv("SET_SINCE", "x y")
    record = launch(LaunchRequest(workers=1, name="quick", cwd=str(tmp_path)))
    assert record.host is not None
    assert record.host.pid == pid
    assert offered(registry) == []
    with Cluster(registry.get(record.id)).client(set_as_default=False) as client:
        where = client.submit(os.getcwd).result(timeout=30)
        value = client.submit(lambda: __import__("os").environ.get("SET_SINCE")).result(timeout=30)
    assert (where, value) == (str(tmp_path), "x y")
    stop(registry, record.id)
    stop(registry, other.id)


@pytest.mark.parametrize("variable", ["LD_PRELOAD", "MALLOC_TRIM_THRESHOLD_", "DASK_X", "TMPDIR"])
@pytest.mark.usefixtures("catalogued")
def test_what_a_standby_was_started_with_is_part_of_its_mark(
    registry: Registry, variable: str
) -> None:
    plan = make_plan(LaunchRequest(), registry, None)
    marks = [
        standbys.standby_mark(replace(plan, environ={**plan.environ, **more}))
        for more in ({}, {"ANY": "1"}, {variable: "1"})
    ]

    assert marks[0] == marks[1] != marks[2]


@pytest.mark.usefixtures("catalogued")
def test_kernel_that_had_a_cluster_of_its_own_still_matches(registry: Registry) -> None:
    plan = make_plan(LaunchRequest(), registry, None)
    after = replace(plan, environ={**plan.environ, **PRE_SPAWN})

    assert standbys.standby_mark(after) == standbys.standby_mark(plan)


def test_dead_standby_is_passed_over_and_cleared_away(
    registry: Registry, standby: Callable[[], int]
) -> None:
    kill(standby())
    record = launch(LaunchRequest(workers=0))

    wait_for(lambda: offered(registry) == [])
    stop(registry, record.id)


def test_standby_that_answers_nonsense_is_passed_over(
    registry: Registry, setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dasklab.processes import identify

    setting("standby.enabled", True)
    monkeypatch.setattr(standbys, "REPLENISH_AFTER", 3_600.0)
    catalogue()
    me = identify()
    mark = standbys.standby_mark(make_plan(LaunchRequest(), registry, None))
    for number, control in enumerate(
        ({"host": "127.0.0.1", "port": 1, "token": "x"}, {"host": "127.0.0.1"}, None)
    ):
        path = registry.standbys / f"{mark}-{number}.json"
        path.write_text(
            json.dumps(
                {
                    "pid": me.pid,
                    "start": me.start,
                    "boot": me.boot,
                    "hostname": me.hostname,
                    "control": control,
                }
            )
        )
        path.chmod(0o600)
    record = launch(LaunchRequest(workers=0))
    for path in registry.standbys.glob("*.json"):
        path.unlink()

    stop(registry, record.id)


def test_unused_standby_ends_and_leaves_nothing(
    registry: Registry, standby: Callable[[], int], setting: Setting, home: Path
) -> None:
    setting("standby.idle", "500ms")
    standby()

    wait_for(lambda: not marked(f"DASKLAB_HOME={home}"), what="the end of the standby")
    assert offered(registry) == []
    assert list(registry.logs.iterdir()) == []
    assert registry.records() == ([], [])


def test_standby_ends_on_sigterm(standby: Callable[[], int], home: Path) -> None:
    os.kill(standby(), signal.SIGTERM)

    wait_for(lambda: not marked(f"DASKLAB_HOME={home}"), what="the end of the standby")


def test_one_standby_at_a_time(setting: Setting, registry: Registry) -> None:
    setting("standby.enabled", True)
    with ThreadPoolExecutor(3) as pool:
        started = list(pool.map(lambda _: ensure_standby(), range(3)))

    assert sorted(started) == [False, False, True]
    wait_for(lambda: offered(registry), 30)


def test_launch_sees_to_the_next_standby(
    registry: Registry, setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    setting("standby.enabled", True)
    monkeypatch.setattr(standbys, "REPLENISH_AFTER", 0.0)
    record = launch(LaunchRequest(workers=0))

    wait_for(lambda: offered(registry), 30, "the next standby")
    stop(registry, record.id)


def test_no_standby_unless_wanted(registry: Registry, asked: list[str]) -> None:
    threads = threading.active_count()
    assert not ensure_standby()
    record = launch(LaunchRequest(workers=0))

    assert "standby" not in asked
    assert threading.active_count() <= threads + 2, "a timer for nothing"
    stop(registry, record.id)


def test_warming_up_learns_what_a_launch_must_know(registry: Registry, asked: list[str]) -> None:
    """So that it is in the list at once: it asks its own host only, which writes the record."""
    assert not warm(LaunchRequest(workers=0)), "no standby is wanted here"
    assert asked == ["catalogue"]

    record = launch(LaunchRequest(workers=0))
    assert asked == ["catalogue", "launch"]
    stop(registry, record.id)


def test_warming_up_a_broken_environment_is_no_error(asked: list[str]) -> None:
    assert not warm(LaunchRequest(environment="/nonexistent/python"))
    assert not warm(LaunchRequest(environment="/bin/false"))
    assert asked == ["catalogue"]


def test_standby_of_a_broken_environment_is_no_error(setting: Setting) -> None:
    setting("standby.enabled", True)

    assert ensure_standby("/nonexistent/python") is False


def test_launch_is_quick_to_say_no(registry: Registry, setting: Setting) -> None:
    """A refusal costs no process: it comes before anything is started."""
    catalogue()
    setting("limits.clusters", 1)
    registry.write(make_record())
    begin = time.monotonic()
    with pytest.raises(Refused):
        launch(LaunchRequest())

    assert time.monotonic() - begin < 5
