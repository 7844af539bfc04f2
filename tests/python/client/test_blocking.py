from __future__ import annotations

import inspect
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from dasklab import clusters, connect, find
from dasklab.client import AsyncCluster, Cluster
from dasklab.errors import ClusterGone, ClusterUnknown, DeadlinePassed, HostUnreachable, InputError
from dasklab.model.record import Endpoint, Phase
from dasklab.processes import identify
from dasklab.registry import Registry

from ..support import make_record, wait_for

ASYNC_ONLY = {
    *("watch", "refresh", "settle", "request_stop", "dashboard", "status", "launch"),
    *("ask", "fetch", "open", "recorded"),
}
"""What the blocking one has in another shape: properties, ``scale(wait=True)``, ``stop(wait=False)``,
``telemetry``."""

FOR_TELEMETRY = {"ask", "fetch", "open", "recorded"}
"""What :class:`dasklab.client.telemetry.AsyncTelemetry` is made of."""


def test_blocking_has_what_the_async_one_has() -> None:
    def methods(cls: type) -> dict[str, Any]:
        return {
            name: value
            for name, value in vars(cls).items()
            if not name.startswith("_") and callable(value)
        }

    theirs, ours = methods(AsyncCluster), methods(Cluster)
    assert theirs.keys() - ASYNC_ONLY - FOR_TELEMETRY <= ours.keys()
    for name in theirs.keys() & ours.keys():
        wanted = inspect.signature(theirs[name]).parameters
        given = inspect.signature(ours[name]).parameters
        assert list(given)[: len(wanted)] == list(wanted) or set(wanted) <= set(given), name
        for parameter in wanted.values():
            assert given[parameter.name].default == parameter.default, (name, parameter)
        assert not inspect.iscoroutinefunction(ours[name])


def test_no_cluster(home: Any) -> None:
    assert clusters() == []
    for call in (find, connect):
        with pytest.raises(ClusterUnknown) as caught:
            call()
        assert str(caught.value) == "There is no cluster. Start one: %dask start local -n 2"


@pytest.mark.parametrize("name", [5, b"x", ["x"], 2.5])
def test_name_that_is_no_text(name: Any) -> None:
    with pytest.raises(InputError, match="A cluster's name is text"):
        find(name)


def test_list_and_find(registry: Registry) -> None:
    registry.write(make_record(id="1" * 32, name="old", created=1.0))
    registry.write(make_record(id="2" * 32, name="new", created=2.0))
    registry.write(make_record(id="3" * 32, name="dead", created=3.0, phase=Phase.STOPPED))

    assert [c.name for c in clusters()] == ["new", "old"]
    assert [c.name for c in clusters(ended=True)] == ["dead", "new", "old"]
    assert find().name == "new"
    assert find("old").id == "1" * 32
    assert find("tcp://127.0.0.1:40000").name == "new"
    assert repr(find("old")) == "<Cluster 'old': running, 2 workers>"


def test_cluster_that_has_ended_says_so(registry: Registry) -> None:
    reason = {"code": "x", "message": "It was too hot.", "hint": "Open a window.", "details": {}}
    registry.write(make_record(name="dead", phase=Phase.LOST, reason=reason))
    cluster = find("dead")

    for call in (cluster.client, cluster.restart, cluster.keep, lambda: cluster.scale(2)):
        with pytest.raises(ClusterGone) as caught:
            call()
        assert str(caught.value) == "The cluster 'dead' is lost. It was too hot. Open a window."
    assert cluster.info["phase"] == "lost"
    cluster.stop()


def test_waiting_for_one_that_failed_raises_its_reason(registry: Registry) -> None:
    reason = {"code": "port.taken", "message": "Port 1 is taken.", "hint": "", "details": {}}
    registry.write(make_record(phase=Phase.FAILED, reason=reason))

    with pytest.raises(Exception, match=r"Port 1 is taken\.") as caught:
        find("local-1").wait(timeout=5)
    assert type(caught.value).__name__ == "PortTaken"


def test_host_that_cannot_be_reached(registry: Registry) -> None:
    """Alive, and nobody listens: the record is of this process, the port is free."""
    registry.write(make_record(control=Endpoint("127.0.0.1", 1, "token")))
    cluster = find()

    with pytest.raises(HostUnreachable, match="does not answer"):
        cluster.info  # noqa: B018
    with pytest.raises(DeadlinePassed, match="2 of 2 workers after 0.3 seconds"):
        cluster.wait(timeout=0.3)


def test_forgotten_cluster(registry: Registry) -> None:
    registry.write(make_record(phase=Phase.STOPPED))
    cluster = find("local-1")
    cluster.forget()

    with pytest.raises(ClusterUnknown):
        cluster.info  # noqa: B018
    with pytest.raises(ClusterUnknown):
        cluster.forget()
    with pytest.raises(ClusterUnknown):
        cluster.stop()


def test_address_in_no_list_is_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    import distributed

    monkeypatch.setattr(distributed, "Client", lambda *args, **keywords: (args, keywords))

    assert connect("tcp://10.0.0.1:1", timeout=3) == (("tcp://10.0.0.1:1",), {"timeout": 3})
    with pytest.raises(ClusterUnknown):
        connect("10.0.0.1:1")


def test_threads_share_one_loop(registry: Registry) -> None:
    registry.write(make_record(phase=Phase.STOPPED))
    cluster = find("local-1")
    with ThreadPoolExecutor(8) as pool:
        infos = list(pool.map(lambda _: cluster.info["name"], range(50)))

    assert infos == ["local-1"] * 50
    names = [thread.name for thread in threading.enumerate()]
    assert names.count("dasklab-client") == 1


def test_from_inside_an_event_loop(registry: Registry) -> None:
    """Notebooks have a running loop: the blocking API must not need one of its own there."""
    import asyncio

    registry.write(make_record(phase=Phase.STOPPED))

    async def cell() -> str:
        return str(find("local-1").info["phase"])

    assert asyncio.run(cell()) == "stopped"


def test_interrupt_ends_the_wait_and_nothing_else(registry: Registry) -> None:
    import signal

    registry.write(make_record(phase=Phase.STARTING, control=None))
    cluster = find("local-1")
    main = threading.get_ident()
    timer = threading.Timer(0.3, signal.pthread_kill, (main, signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        cluster.wait(timeout=20)
    timer.join()

    registry.write(make_record(phase=Phase.STOPPED))
    assert cluster.info["phase"] == "stopped", "the loop goes on"


def test_watching_from_the_first_to_the_last(launch: Callable[..., Cluster]) -> None:
    import asyncio

    cluster = launch(wait=False)

    async def follow() -> list[str]:
        phases = []
        async for info in AsyncCluster(cluster.record).watch():
            phases.append(info["phase"])
            if info["phase"] == "running" and info["workers"]["running"] == 1:
                await asyncio.to_thread(cluster.stop, wait=False)
        return phases

    phases = asyncio.run(follow())
    assert phases[0] == "starting"
    assert phases[-1] == "stopped"
    assert set(phases) <= {"starting", "waiting", "running", "stopping", "stopped"}


def test_idle_cluster_causes_no_traffic(launch: Callable[..., Cluster]) -> None:
    """Watchers hear of changes, not of noise; nor is the record written for it."""
    import asyncio

    cluster = launch()
    path = cluster._cluster._registry.path(cluster.id)
    wait_for(lambda: cluster.info["lease"]["deadline"])

    async def listen(seconds: float) -> int:
        count = 0

        async def follow() -> None:
            nonlocal count
            async for _ in AsyncCluster(cluster.record).watch():
                count += 1

        task = asyncio.ensure_future(follow())
        await asyncio.wait({task}, timeout=seconds)
        task.cancel()
        await asyncio.wait({task})
        return count

    def quiet() -> bool:
        before = path.stat().st_mtime_ns
        return asyncio.run(listen(2.0)) <= 2 and path.stat().st_mtime_ns == before

    # It settles first, later on a busy machine; what makes noise all the time is never quiet.
    assert any(quiet() for _ in range(8))
    cluster.stop()


def test_cluster_on_threads_of_another_process(registry: Registry) -> None:
    from dataclasses import replace

    other = replace(identify(), start="7")
    registry.write(
        make_record(origin="kernel", scheduler={"address": "inproc://x/1/1", "id": "x"}, host=other)
    )
    with pytest.raises(ClusterGone):
        find("local-1").client()
