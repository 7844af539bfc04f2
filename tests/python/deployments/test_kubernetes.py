"""Kubernetes: what is created, what is said when it fails, that nothing is left.

With the real operator on the stand-in (``backends/kubernetes``), and the pure parts by themselves.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dask
import jsonschema
import pytest
import yaml

from dasklab.client import Cluster
from dasklab.deployments.base import Context
from dasklab.deployments.kubernetes import Kubernetes
from dasklab.deployments.kubernetes.explaining import Seen, explain
from dasklab.deployments.kubernetes.manifest import manifests
from dasklab.errors import DasklabError, OptionsInvalid, StartFailed, WorkersInvalid
from dasklab.model.scaling import Scaling

from ..backends.kubernetes import Rig, kubernetes  # noqa: F401
from ..backends.kubernetes.store import definition
from ..support import wait_for

pytestmark = pytest.mark.timeout(240)

Launch = Callable[..., Cluster]

ALL = {
    "image": "example/dask:1", "cpu": "500m", "memory": "2Gi", "threads": 2, "gpus": 1,
    "worker_command": "dask cuda worker", "groups": {"large": "memory=64Gi cpu=8 threads=8"},
    "scheduler_cpu": "1", "scheduler_memory": "4Gi", "service_type": "NodePort",
    "idle_timeout": 600, "environ": {"A": "b"}, "node_selector": {"pool": "batch"},
    "service_account": "dask", "pull_secret": "regcred", "namespace": "science",
}  # fmt: skip


# -- manifests -------------------------------------------------------------------------------------
@pytest.mark.parametrize("options", [{}, ALL], ids=["none", "all"])
def test_manifests_are_what_the_definitions_allow(options: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator(Kubernetes.options).validate(options)
    kinds = {"DaskCluster": "daskclusters", "DaskWorkerGroup": "daskworkergroups"}
    for manifest in manifests("dask-one", "science", options, Scaling(3)):
        assert list(definition(kinds[manifest["kind"]]).iter_errors(manifest)) == []


def test_the_definitions_refuse_what_they_do_not_know() -> None:
    """Else the test above would say nothing."""
    manifest = manifests("dask-one", "science", {}, Scaling(3))[0]
    manifest["spec"]["worker"]["spec"]["containers"][0]["imagee"] = "x"

    assert len(list(definition("daskclusters").iter_errors(manifest))) == 1


def test_options_are_in_the_manifests() -> None:
    cluster, large = manifests("dask-one", "science", ALL, Scaling(3, groups={"large": 2}))
    worker, scheduler = (cluster["spec"][part]["spec"] for part in ("worker", "scheduler"))
    container = worker["containers"][0]

    assert cluster["spec"]["worker"]["replicas"] == 3
    assert large["spec"]["worker"]["replicas"] == 2
    assert cluster["spec"]["idleTimeout"] == 600
    assert cluster["spec"]["scheduler"]["service"]["type"] == "NodePort"
    assert container["image"] == scheduler["containers"][0]["image"] == "example/dask:1"
    assert container["args"][:3] == ["dask", "cuda", "worker"]
    assert container["args"][5:7] == ["--nthreads", "2"]
    asked = {"cpu": "500m", "memory": "2Gi", "nvidia.com/gpu": "1"}
    assert container["resources"] == {"requests": asked, "limits": asked}
    asked = {"cpu": "1", "memory": "4Gi"}
    assert scheduler["containers"][0]["resources"] == {"requests": asked, "limits": asked}
    for pod in (worker, scheduler, large["spec"]["worker"]["spec"]):
        assert pod["nodeSelector"] == {"pool": "batch"}
        assert pod["serviceAccountName"] == "dask"
        assert pod["imagePullSecrets"] == [{"name": "regcred"}]
        assert pod["containers"][0]["env"] == [{"name": "A", "value": "b"}]
    resources = large["spec"]["worker"]["spec"]["containers"][0]["resources"]
    assert resources["limits"] == {"cpu": "8", "memory": "64Gi", "nvidia.com/gpu": "1"}


def test_a_manifest_of_ones_own(tmp_path: Path) -> None:
    own = manifests("theirs", "theirs", {"image": "old"}, Scaling(1))[0]
    own["spec"]["worker"]["spec"]["volumes"] = [{"name": "data", "emptyDir": {}}]
    own["metadata"]["labels"]["team"] = "x"
    path = tmp_path / "cluster.yaml"
    path.write_text(yaml.safe_dump(own))
    options = {"manifest": str(path), "image": "new", "memory": "3Gi"}
    found = manifests("dask-one", "science", options, Scaling(2))[0]

    assert found["metadata"]["name"] == "dask-one"
    assert found["metadata"]["labels"]["team"] == "x"
    assert found["spec"]["worker"]["replicas"] == 2
    assert found["spec"]["worker"]["spec"]["volumes"]
    assert found["spec"]["worker"]["spec"]["containers"][0]["image"] == "new"
    assert found["spec"]["scheduler"]["service"]["selector"]["dask.org/cluster-name"] == "dask-one"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"manifest": "nowhere.yaml"}, "The manifest nowhere.yaml cannot be read"),
        ({"manifest": __file__}, "cannot be read|is no DaskCluster"),
        ({"groups": {"gpu": "gpus"}}, r"groups\[gpu\]: 'gpus' is not an option"),
        ({"groups": {"gpu": "gpus=many"}}, r"groups\[gpu\]: 'many' does not do for gpus"),
        ({"groups": {"gpu": "memory=lots"}}, r"groups\[gpu\]: 'lots' does not do for memory"),
    ],
)
def test_what_makes_no_manifest(options: dict[str, Any], said: str) -> None:
    with pytest.raises(OptionsInvalid, match=said):
        manifests("dask-one", None, options, None)


def test_a_sites_settings_show_through() -> None:
    with dask.config.set({"kubernetes.image": "site/dask:2", "kubernetes.worker-command": "x y"}):
        schema = Kubernetes.schema()["properties"]
        container = manifests("one", None, {}, None)[0]["spec"]["worker"]["spec"]["containers"][0]

    assert schema["image"]["default"] == "site/dask:2"
    assert schema["image"]["x-from"] == "kubernetes.image"
    assert (container["image"], container["args"][:2]) == ("site/dask:2", ["x", "y"])
    assert "default" not in Kubernetes.options["properties"]["image"]


def test_warnings() -> None:
    def codes(**options: Any) -> list[str]:
        return [advice.code for advice in Kubernetes.warnings(options, None)]

    assert codes() == ["pod.unlimited", "pod.latest"]
    assert codes(memory="2Gi", image="registry:5000/dask") == ["pod.latest"]
    assert codes(memory="2Gi", image="dask:1", service_type="LoadBalancer") == ["pod.open"]
    assert codes(memory="2Gi", image="dask@sha256:0") == []
    assert codes(existing="theirs") == []


def test_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Kubernetes.availability() is None
    monkeypatch.setattr("dasklab.deployments.kubernetes.before.find_spec", lambda name: None)
    missing = Kubernetes.availability()

    assert missing is not None
    assert f"{sys.executable} -m pip install" in missing.hint


# -- words -----------------------------------------------------------------------------------------
def pod(state: dict[str, Any], **status: Any) -> dict[str, Any]:
    container = {"name": "worker", "state": state, **status.pop("container", {})}
    return {
        "metadata": {"name": "one-default-worker-1-a-b", "labels": {}},
        "spec": {"containers": [{"name": "worker", "image": "some/image:1"}]},
        "status": {"phase": "Pending", "containerStatuses": [container], **status},
    }


def waits(reason: str, message: str = "") -> dict[str, Any]:
    return {"waiting": {"reason": reason, "message": message}}


@pytest.mark.parametrize(
    ("seen", "code", "severity", "words"),
    [
        (pod(waits("ErrImagePull", "not found")), "pod.image", "error", "some/image:1 cannot be"),
        (pod(waits("CreateContainerConfigError", 'secret "x" not found')), "pod.config", "error",
         'secret "x" not found'),
        (pod(waits("ContainerCreating")), "pod.starting", "note", "being started"),
        (pod(waits("CrashLoopBackOff"),
             container={"lastState": {"terminated": {"reason": "OOMKilled", "exitCode": 137}}}),
         "pod.memory", "error", "more memory than they may"),
        (pod(waits("CrashLoopBackOff"),
             container={"lastState": {"terminated": {"reason": "Error", "exitCode": 2}}}),
         "pod.crash", "error", "(exit code 2). ModuleNotFound"),
        (pod({}, containerStatuses=[], phase="Failed", reason="Evicted", message="low on memory"),
         "pod.evicted", "warning", "evicted"),
        (pod({}, containerStatuses=[],
             conditions=[{"type": "PodScheduled", "status": "False", "reason": "Unschedulable",
                          "message": "0/3 nodes are available: 3 Insufficient memory."}]),
         "pod.unschedulable", "warning", "No node has room"),
    ],
)  # fmt: skip
def test_pods_in_words(seen: dict[str, Any], code: str, severity: str, words: str) -> None:
    log = ["Traceback", "ModuleNotFoundError: No module named 'lab'"]
    found = explain(Seen([seen, seen], logs={seen["metadata"]["name"]: log}))

    assert [(one.code, one.severity) for one in found.advice] == [(code, severity)], "said once"
    text = f"{found.advice[0].message} {found.advice[0].hint} {found.advice[0].evidence}"
    assert words.replace("ModuleNotFound", "No module named 'lab'") in text
    assert len(found.jobs) == 2


def test_running_pods_need_no_words() -> None:
    found = explain(Seen([pod({"running": {}}, phase="Running")]))

    assert ([job.state for job in found.jobs], found.advice) == (["running"], ())


# -- on the stand-in -------------------------------------------------------------------------------
@pytest.fixture
def rig(kubernetes: Rig) -> Any:  # noqa: F811
    """The stand-in, sound again and empty after the test."""
    kubernetes.operate()
    before = sorted(kubernetes.names())
    yield kubernetes
    kubernetes.emptied(before)


def failing(launch: Launch, **options: Any) -> DasklabError:
    with pytest.raises(DasklabError) as caught:
        launch("kubernetes", workers=1, **options)
    return caught.value


def test_an_image_that_cannot_be_pulled(launch: Launch, rig: Rig) -> None:
    """KubeCluster waits for ever."""
    error = failing(launch, image="example/missing:1")

    assert isinstance(error, StartFailed)
    assert "The scheduler cannot start: The image example/missing:1 cannot be pulled." in str(error)
    assert "failed to resolve reference" in error.message
    assert "pull secret" in error.hint


def test_no_operator_no_rights_no_such_kind(launch: Launch, rig: Rig) -> None:
    rig.faults(absent=["daskclusters"])
    assert "does not know the Dask operator" in failing(launch).message
    rig.faults(forbidden=["daskclusters"])
    error = failing(launch)
    assert "Kubernetes refuses it: daskclusters is forbidden" in error.message
    assert "role" in error.hint


def test_no_kubernetes_at_all(
    launch: Launch, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    assert "finds no Kubernetes to talk to" in failing(launch).message


def test_workers_that_crash_are_explained_with_their_log(launch: Launch, rig: Rig) -> None:
    cluster = launch("kubernetes", workers=0, worker_command="dask-lost-worker")
    cluster.scale(1)
    found = wait_for(
        lambda: [a for a in cluster.info["advice"] if a["code"] == "pod.crash"], 60, "a reason"
    )

    assert "The command is not in the image." in found[0]["message"]
    assert any("dask-lost-worker" in line for line in found[0]["evidence"])
    assert cluster.info["jobs"][0]["reason"] == "CrashLoopBackOff"
    cluster.stop()


def test_groups_are_scaled_by_their_names(launch: Launch, rig: Rig) -> None:
    cluster = launch("kubernetes", workers=0, groups={"large": "threads=3"})
    cluster.scale("large=1")
    cluster.wait(1, timeout=60)
    assert cluster.info["workers"]["groups"] == {"large": 1}
    assert cluster.info["cores"] == 3
    cluster.scale("large=0")
    wait_for(lambda: cluster.info["workers"]["running"] == 0, 60, "the end of the group")
    with pytest.raises(WorkersInvalid, match="no worker group 'small'"):
        cluster.scale("small=1")
    cluster.stop()


def test_quota_and_room_are_explained(launch: Launch, rig: Rig) -> None:
    cluster = launch("kubernetes", workers=0, cpu="1")
    rig.faults(cores=0.5)
    cluster.scale(1)

    def codes() -> list[str]:
        return [advice["code"] for advice in cluster.info["advice"]]

    wait_for(lambda: "pod.unschedulable" in codes(), 60, "no room")
    rig.faults(cores=0.5, quota=2)
    cluster.scale(2)
    wait_for(lambda: codes()[0] == "pod.quota", 60, "the quota")
    assert "exceeded quota" in cluster.info["advice"][0]["evidence"][0]
    cluster.stop()


def test_stopping_from_another_process_leaves_nothing(launch: Launch, rig: Rig) -> None:
    """As a warden or a later server does, with nothing but the checkpoint."""
    before = sorted(rig.names())
    cluster = launch("kubernetes", workers=1)
    checkpoint = cluster.record.checkpoint
    assert sorted(rig.names()) != before
    context = Context("other", None, "", sys.executable)
    asyncio.run(Kubernetes({}, context).stop(checkpoint))
    wait_for(lambda: sorted(rig.names()) == before, 60, "the end of everything")
    wait_for(lambda: cluster.phase == "stopped", 60, "its host noticing it")


def test_clusters_of_others_are_found_and_attached_to(launch: Launch, rig: Rig) -> None:
    manifest = manifests("theirs", "science", {"threads": 1}, Scaling(1))[0]
    del manifest["metadata"]["labels"]
    rig.call("POST", rig.path("daskclusters"), manifest)
    found = asyncio.run(Kubernetes.discover())
    assert [one["name"] for one in found] == ["theirs"]
    cluster = launch("kubernetes", workers=2, **found[0]["options"])
    cluster.wait(2, timeout=60)
    with cluster.client(set_as_default=False) as client:
        assert client.submit(lambda: 5).result(timeout=60) == 5
    assert "detach" in cluster.info["can"]

    context = Context("other", None, "", sys.executable)
    asyncio.run(Kubernetes(found[0]["options"], context).stop(cluster.record.checkpoint))
    assert "daskclusters/theirs" in rig.names(), "what was there before us outlives our host"
    cluster.stop()
