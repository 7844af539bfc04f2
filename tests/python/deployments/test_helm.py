"""Releases of the ``dask`` chart: found, attached to, scaled without loss, left as they should be.

On the stand-in of Kubernetes (``backends/kubernetes``), where ``chart.py`` stands for Helm.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator
from typing import Any

import jsonschema
import pytest

from dasklab.client import Cluster
from dasklab.deployments.base import Context
from dasklab.deployments.helm import Helm
from dasklab.deployments.kubernetes.release import Releases
from dasklab.errors import StartFailed
from dasklab.model.scaling import Scaling

from ..backends.kubernetes import Rig
from ..backends.kubernetes.chart import CHART, release
from ..support import wait_for

pytestmark = pytest.mark.timeout(240)

Launch = Callable[..., Cluster]

OPTIONS = {"release": "analysis", "namespace": "science"}


@pytest.fixture
def rig(kubernetes: Rig) -> Iterator[Rig]:
    """The stand-in with one release, that is uninstalled after the test."""
    before = sorted(kubernetes.names())
    manifests = release("analysis", 2, ("large",))
    kubernetes.install(manifests)
    yield kubernetes
    kubernetes.faults()
    kubernetes.uninstall(manifests)
    kubernetes.emptied(before)


def replicas(rig: Rig, group: str = "") -> int:
    name = "analysis-dask-worker" + (f"-{group}" if group else "")
    return int(rig.call("GET", f"{rig.path('deployments')}/{name}")["spec"]["replicas"])


def test_options_and_preview() -> None:
    check = jsonschema.Draft202012Validator(Helm.schema()).is_valid
    assert check(OPTIONS)
    assert not check({"namespace": "science"})
    text = Helm.preview(OPTIONS, Scaling(4))
    assert "connects to the release analysis in the namespace science" in text
    assert "4 replicas" in text


def test_found_attached_to_scaled_and_let_go_of(launch: Launch, rig: Rig) -> None:
    found = asyncio.run(Helm.discover())
    assert [(one["name"], one["options"]) for one in found] == [("analysis", OPTIONS)]
    assert f"Release of the dask chart {CHART} in science" in found[0]["text"]

    cluster = launch("helm", workers=None, **found[0]["options"])
    cluster.wait(3, timeout=60)
    assert cluster.info["workers"]["groups"] == {"large": 1}
    assert {"scale", "adapt", "detach", "stop"} <= set(cluster.info["can"])
    with cluster.client(set_as_default=False) as client:
        there = client.scheduler_info(n_workers=-1)["workers"]
        kept = [client.scatter([n], workers=[at])[0] for n, at in enumerate(there)]
        cluster.scale(1)
        wait_for(lambda: cluster.info["workers"]["running"] == 2, 60, "one less")
        # What was scattered cannot be computed again: it was lost, or it is here.
        assert client.gather(kept, errors="raise") == [0, 1, 2]
        cluster.scale("2 large=0")
        wait_for(lambda: (replicas(rig), replicas(rig, "large")) == (2, 0), 60, "other workers")
        assert client.gather(kept, errors="raise") == [0, 1, 2]
    sources = wait_for(
        lambda: (
            len(found := {line["source"] for line in cluster.logs("workers", 20)}) == 2 and found
        ),
        60,
        "what two pods write",
    )
    assert all(source.startswith("analysis-dask-worker-") for source in sources)

    cluster.scale("1:2")
    wait_for(lambda: replicas(rig) == 1, 60, "one that has nothing to do")
    cluster.detach()
    wait_for(lambda: cluster.phase == "stopped", 60, "the end of its host")
    assert (replicas(rig), "deployments/analysis-dask-scheduler" in rig.names()) == (1, True)


def test_without_rights_nothing_is_lost_and_stopping_leaves_the_scheduler(
    launch: Launch, rig: Rig
) -> None:
    """The role of the chart's own Jupyter reads no services, and changes no pods."""
    cluster = launch("helm", **OPTIONS)
    cluster.wait(2, timeout=60)
    context = Context("other", None, "", sys.executable)
    asyncio.run(Helm(OPTIONS, context).stop(cluster.record.checkpoint))
    assert replicas(rig) == 1, "what was there before us outlives our host"

    rig.faults(forbidden=["PATCH pods"])
    cluster.scale(0)  # with one of the group left, to which its data would have to go
    said = wait_for(
        lambda: [e["text"] for e in cluster.info["events"] if "lose data" in e["text"]], 60, "why"
    )
    assert "Have the role allow patch of pods" in said[0]
    assert (replicas(rig), cluster.info["workers"]["running"]) == (1, 2)

    containers = [{"name": "worker", "image": "example/missing:1", "args": ["dask-worker"]}]
    change = {"spec": {"template": {"spec": {"containers": containers}}}}
    rig.call("PATCH", f"{rig.path('deployments')}/analysis-dask-worker", change)
    cluster.scale(2)
    advice = wait_for(
        lambda: [a for a in cluster.info["advice"] if a["code"] == "pod.image"], 60, "a reason"
    )
    assert "example/missing:1 cannot be pulled" in advice[0]["message"]
    assert sorted((job["state"], job["group"]) for job in cluster.info["jobs"]) == [
        ("pending", ""), ("running", ""), ("running", "large"),
    ]  # fmt: skip

    cluster.stop()
    assert "goes on until helm uninstall analysis" in cluster.info["events"][-2]["text"]
    assert (replicas(rig), replicas(rig, "large")) == (0, 0)
    wait_for(lambda: len([one for one in rig.names("pods") if "analysis" in one]) == 1, 60, "pods")


def test_ports_are_the_services_or_the_charts(rig: Rig) -> None:
    ports = [{"port": 9786, "targetPort": 8786}, {"port": 9787, "targetPort": 8787}]
    service = f"{rig.path('services')}/analysis-dask-scheduler"
    rig.call("PATCH", service, {"spec": {"ports": ports}})

    async def ask() -> tuple[int, int]:
        api = await Releases.connect("science", None)
        try:
            return await api.ports("analysis-dask-scheduler")
        finally:
            await api.close()

    assert asyncio.run(ask()) == (9786, 9787)
    rig.faults(forbidden=["services"])
    assert asyncio.run(ask()) == (8786, 80)


def test_what_cannot_be_attached_to(rig: Rig) -> None:
    def failure(**options: Any) -> str:
        async def attach() -> None:
            helm = Helm({**OPTIONS, **options}, Context("one", None, "", sys.executable))
            try:
                async for _ in helm.start():
                    pass
            finally:
                await helm.stop({})

        with pytest.raises(StartFailed) as caught:
            asyncio.run(attach())
        return str(caught.value)

    assert "no release other of the dask chart in the namespace science" in failure(release="other")
    off = f"{rig.path('deployments')}/analysis-dask-scheduler"
    rig.call("PATCH", off, {"spec": {"replicas": 0}})
    assert "kubectl scale deployment analysis-dask-scheduler --replicas 1" in failure()
