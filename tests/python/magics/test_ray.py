"""Dask on Ray as a notebook's choice, with a real Ray: it computes, is seen, fails, and is left."""

from __future__ import annotations

import operator
import signal
import sys
from collections.abc import Iterator
from typing import Any

import dask
import pytest

from dasklab.magics.ray import Ray
from dasklab.magics.usage import Line
from dasklab.widgets import computation

pytestmark = pytest.mark.timeout(180)


@pytest.fixture(autouse=True)
def _as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Ray ends, nothing of it stays in Dask, and it tells nobody of its use."""
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    monkeypatch.setattr(computation, "SOON", 0.0)
    monkeypatch.setattr(computation, "GAP", 0.0)
    handler = signal.getsignal(signal.SIGTERM)
    before = dask.config.get("scheduler", None), dask.persist, dask.base.DaskMethodsMixin.persist
    yield
    signal.signal(signal.SIGTERM, handler)  # ray.init takes it over
    after = dask.config.get("scheduler", None), dask.persist, dask.base.DaskMethodsMixin.persist
    assert after == before


def run(notebook: Any, calls: list[Any]) -> Any:
    notebook.shell.user_ns["run"] = lambda: dask.compute(*calls)
    return notebook("found = run()")


def test_it_computes_is_seen_fails_and_is_left(notebook: Any) -> None:
    import ray

    shown = notebook("%dask start ray -n 2")
    assert shown.error is None, shown.said
    assert "a Ray of this machine, 2 CPUs" in notebook("%dask").out

    calls = [dask.delayed(operator.add)(n, 1) for n in range(20)]
    shown = run(notebook, [dask.delayed(sum)(calls)])
    assert shown.error is None, shown.said
    assert notebook.shell.user_ns["found"] == (210,)
    last = shown.displays[-1]["data"]
    assert "21 of 21 tasks" in last["text/plain"]
    assert "done in" in last["text/plain"]
    assert "add" in last["text/html"]
    assert len({d["transient"]["display_id"] for d in shown.displays}) == 1, "one output"

    [kept] = dask.persist(calls[0])
    assert kept.compute() == 1

    shown = run(notebook, [dask.delayed(operator.truediv)(1, n) for n in (2, 1, 0)])
    assert isinstance(shown.error, ZeroDivisionError)
    assert "after" in shown.displays[-1]["data"]["text/plain"]

    assert "ray is left" in notebook("%dask stop").out
    assert not ray.is_initialized()
    assert run(notebook, calls[:1]).error is None, "Dask computes as before"


def test_a_ray_of_the_users_own_stays_theirs(notebook: Any) -> None:
    import ray

    ray.init(num_cpus=1, include_dashboard=False, logging_level="WARNING")
    try:
        assert "Ray runs in this kernel already" in notebook("%dask start ray -n 3").said
        shown = notebook("%dask start ray")
        assert shown.error is None, shown.said
        assert run(notebook, [dask.delayed(operator.add)(1, 2)]).error is None
        assert notebook.shell.user_ns["found"] == (3,)
        notebook("%dask stop")
        assert ray.is_initialized()
    finally:
        ray.shutdown()


def test_a_ray_cluster_that_runs_is_joined(notebook: Any) -> None:
    import ray
    from ray.cluster_utils import Cluster

    cluster = Cluster(
        initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False}
    )
    try:
        shown = notebook(f"%dask start ray --address {cluster.address}")
        assert shown.error is None, shown.said
        assert f"Ray at {cluster.address}, 1 CPUs" in shown.out
        assert run(notebook, [dask.delayed(operator.add)(1, 2)]).error is None
        assert notebook.shell.user_ns["found"] == (3,)
        notebook("%dask stop")
        assert not ray.is_initialized()
    finally:
        cluster.shutdown()


def test_what_makes_no_sense(notebook: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "ray has no option --adapt" in notebook("%dask start ray --adapt 1:2").said
    assert (
        "the CPUs that it was started with" in notebook("%dask start ray -n 2 --address auto").said
    )
    assert "Ray cannot be reached at auto" in notebook("%dask start ray --address auto").said
    monkeypatch.setitem(sys.modules, "ray", None)
    missing = notebook("%dask start ray").said
    assert "Dask cannot compute in Ray here" in missing
    assert f"{sys.executable} -m pip install" in missing
    assert "no cluster yet" in notebook("%dask").out


def test_preview_and_help(notebook: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    text = notebook("%dask start ray -n 2 --preview").out
    assert "ray.init('local', num_cpus=2)\nenable_dask_on_ray()" in text
    assert "--address ADDRESS" in notebook("%dask help start ray").out
    monkeypatch.setenv("RAY_ADDRESS", "10.0.0.1:6379")
    assert Ray(Line(["ray"]), None).address == "10.0.0.1:6379"
