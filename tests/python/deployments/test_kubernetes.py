"""Kubernetes: what is created, what is said when it fails, that nothing is left.

With the real operator on the stand-in (``backends/kubernetes``), and the pure parts by themselves.
"""

from __future__ import annotations

import asyncio
import sys
import time
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
from dasklab.deployments.kubernetes.explaining import Seen, explain, silent
from dasklab.deployments.kubernetes.guarding import Guards
from dasklab.deployments.kubernetes.manifest import manifests
from dasklab.deployments.kubernetes.pool import Pool
from dasklab.errors import DasklabError, OptionsInvalid, StartFailed, WorkersInvalid
from dasklab.model.scaling import Scaling

from ..backends.kubernetes import Rig
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
JOB = {"job_command": "python etl.py --year '2025 2026'", "job_image": "my/etl:3"}


@pytest.mark.parametrize("options", [{}, ALL, {**ALL, **JOB}], ids=["none", "all", "job"])
def test_manifests_are_what_the_definitions_allow(options: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator(Kubernetes.options).validate(options)
    for manifest in manifests("dask-one", "science", options, Scaling(3)):
        assert list(definition(f"{manifest['kind'].lower()}s").iter_errors(manifest)) == []


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


def test_a_job_and_its_cluster_are_one_manifest() -> None:
    cluster = manifests("dask-one", "science", ALL, Scaling(3))[0]
    job, group = manifests("dask-one", "science", {**ALL, **JOB}, Scaling(3))

    assert (job["kind"], group["kind"]) == ("DaskJob", "DaskWorkerGroup")
    assert job["metadata"] == cluster["metadata"]
    for part in ("scheduler", "worker"):
        assert job["spec"]["cluster"]["spec"][part] == cluster["spec"][part]
    pod = job["spec"]["job"]["spec"]
    container = pod["containers"][0]
    assert container["args"] == ["python", "etl.py", "--year", "2025 2026"]
    assert (container["image"], container["env"]) == ("my/etl:3", [{"name": "A", "value": "b"}])
    assert pod["restartPolicy"] == "Never", "or it would begin again for ever"
    assert (pod["serviceAccountName"], pod["nodeSelector"]) == ("dask", {"pool": "batch"})
    codes = [advice.code for advice in Kubernetes.warnings(JOB, None)]
    assert codes == ["pod.unlimited", "pod.latest", "pod.network"], "of its cluster"
    same = manifests("dask-one", None, {"job_command": "true", "image": "dask:1"}, None)[0]
    assert same["spec"]["job"]["spec"]["containers"][0]["image"] == "dask:1"


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


def test_what_is_given_goes_before_a_manifest(tmp_path: Path) -> None:
    """And that before what a site has set."""
    pod = {
        "containers": [
            {"name": "sidecar", "image": "side:1"},
            {
                "name": "worker",
                "args": ["dask", "worker", "--nthreads", "8"],
                "env": [{"name": "A", "value": "theirs"}, {"name": "B", "value": "theirs"}],
                "resources": {"limits": {"cpu": "4", "memory": "1Gi"}},
            },
        ],
        "volumes": [{"name": "data", "emptyDir": {}}],
        "nodeSelector": {"disk": "fast"},
    }
    path = tmp_path / "cluster.yaml"
    own = {"kind": "DaskCluster", "spec": {"worker": {"spec": pod}}}
    path.write_text(yaml.safe_dump(own))
    options = {
        "manifest": str(path), "threads": 2, "cpu": "1", "environ": {"A": "given"},
        "node_selector": {"pool": "batch"}, "service_account": "dask", "pull_secret": "regcred",
        "service_type": "NodePort", "groups": {"large": "memory=64Gi threads=16"},
    }  # fmt: skip
    with dask.config.set({"kubernetes.image": "site:1", "kubernetes.env": {"B": "site", "C": "s"}}):
        cluster, large = manifests("one", None, options, Scaling(2))
    worker = cluster["spec"]["worker"]["spec"]
    sidecar, container = worker["containers"]

    assert sidecar == pod["containers"][0], "only what Dask runs in is written into"
    assert container["image"] == "site:1", "it says none"
    assert {one["name"]: one["value"] for one in container["env"]} == {
        "A": "given", "B": "theirs",
    }  # fmt: skip
    assert container["args"] == ["dask", "worker", "--nthreads", "8", "--nthreads", "2"]
    assert container["resources"] == {
        "requests": {"cpu": "1"}, "limits": {"cpu": "1", "memory": "1Gi"},
    }  # fmt: skip
    assert worker["nodeSelector"] == {"disk": "fast", "pool": "batch"}
    assert (worker["serviceAccountName"], worker["imagePullSecrets"]) == (
        "dask", [{"name": "regcred"}],
    )  # fmt: skip
    assert cluster["spec"]["scheduler"]["service"]["type"] == "NodePort"
    grouped = large["spec"]["worker"]["spec"]
    assert grouped["volumes"] == pod["volumes"], "a group's pods are the manifest's as well"
    assert grouped["containers"][1]["resources"]["limits"] == {"cpu": "1", "memory": "64Gi"}
    assert grouped["containers"][1]["args"][-2:] == ["--nthreads", "16"]
    with dask.config.set({"kubernetes.env": {"B": "site", "C": "site"}}):
        plain = manifests("one", None, {"manifest": str(path)}, None)[0]
    assert {
        one["name"]: one["value"] for one in plain["spec"]["worker"]["spec"]["containers"][1]["env"]
    } == {"A": "theirs", "B": "theirs", "C": "site"}
    command = manifests("one", None, {**options, "worker_command": "dask cuda worker"}, None)[0]
    assert command["spec"]["worker"]["spec"]["containers"][1]["args"][:3] == [
        "dask", "cuda", "worker",
    ]  # fmt: skip
    pod["containers"][1] = {"name": "worker", "command": ["sh", "-c", "exec dask worker"]}
    path.write_text(yaml.safe_dump(own))
    with pytest.raises(OptionsInvalid, match="threads: the manifest's worker runs 'sh -c"):
        manifests("one", None, options, None)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"manifest": "nowhere.yaml"}, "The manifest nowhere.yaml cannot be read"),
        ({"manifest": __file__}, "cannot be read|is no DaskCluster"),
        ({"job_command": "python 'etl.py"}, "job_command: .* is no command"),
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

    assert codes() == ["pod.unlimited", "pod.latest", "pod.network"]
    assert codes(memory="2Gi", image="registry:5000/dask") == ["pod.latest", "pod.network"]
    assert codes(memory="2Gi", image="dask:1", service_type="LoadBalancer") == ["pod.open"]
    assert codes(memory="2Gi", image="dask@sha256:0") == ["pod.network"]
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


@pytest.mark.parametrize(
    ("line", "severity", "words"),
    [
        ("distributed.worker - INFO - Waiting to connect to: tcp://one-scheduler:8786", "error",
         "It cannot reach the scheduler at tcp://one-scheduler:8786."),
        ("distributed.worker - WARNING - Mismatched versions found", "error",
         "different versions of packages (Mismatched versions)"),
        ("OSError: [Errno 28] No space left on device", "error", "is full, or your quota"),
        ("pip is installing things", "note", "has not connected yet"),
    ],
)  # fmt: skip
def test_what_a_pod_without_a_worker_writes(line: str, severity: str, words: str) -> None:
    running = pod({"running": {"startedAt": "2020-01-01T00:00:00Z"}}, phase="Running")
    name = running["metadata"]["name"]
    assert silent([running], ["one-default-worker-1"], time.time()) == []
    late = silent([running], [], time.time())
    (found,) = explain(Seen([running], logs={name: [line]}, silent=tuple(late))).advice

    assert late == [name]
    assert (found.code, found.severity, found.evidence) == ("pod.silent", severity, (line,))
    assert words in found.message
    assert silent([running], [], 0.0) == [], "it has just begun"


# -- whose worker is whose -------------------------------------------------------------------------
def worker_pod(deployment: str, ip: str, **container: Any) -> dict[str, Any]:
    owner = {"kind": "ReplicaSet", "name": f"{deployment}-5c689"}
    status = {"name": "worker", **container}
    return {
        "metadata": {"name": f"{deployment}-5c689-x", "ownerReferences": [owner],
                     "labels": {"dask.org/workergroup-name": "one-default"}},
        "spec": {"containers": [{"name": "worker"}]},
        "status": {"podIP": ip, "containerStatuses": [status],
                   "conditions": [{"type": "Ready", "status": "True"}]},
    }  # fmt: skip


def test_workers_are_known_by_name_by_its_beginning_or_by_their_pod() -> None:
    class Pods:
        """A double of the API that knows three pods."""

        async def of(self, kind: str, cluster: str, part: str) -> list[dict[str, Any]]:
            return [worker_pod(f"w{n}", ip) for n, ip in enumerate(("10.1", "10.2", "10.2"))]

    pool = Pool(Pods(), "one")  # type: ignore[arg-type]
    pool.names = {"default": {"w0", "w1"}, "gpu": {"w2"}}
    asyncio.run(pool.look_at_pods())
    workers = {
        "tcp://10.9:1": {"name": "w1"},
        "tcp://10.9:2": {"name": "w2-0"},
        "tcp://10.9:3": {"name": "w2-1"},
        "tcp://10.1:4": {"name": "tcp://10.1:4"},
        "tcp://10.2:5": {"name": "w11"},
    }

    assert pool.members(workers) == {
        "w1": ["tcp://10.9:1"],
        "w2": ["tcp://10.9:2", "tcp://10.9:3"],
        "w0": ["tcp://10.1:4"],
        "": ["tcp://10.2:5"],
    }, "an address of two pods tells nothing"
    assert pool.ready == {"w0", "w1", "w2"}


def crashing(name: str, restarts: int, **last: str) -> dict[str, Any]:
    state = {"waiting": {"reason": "CrashLoopBackOff"}}
    return worker_pod(
        name, "10.1", state=state, restartCount=restarts, lastState={"terminated": last}
    )


def test_the_guard_of_pods() -> None:
    guards = Guards()
    long = {"startedAt": "2026-01-01T00:00:00Z", "finishedAt": "2026-01-01T08:00:00Z"}
    running = worker_pod("w3", "10.3", restartCount=9,
                         state={"running": {"startedAt": "2026-01-01T00:00:00Z"}})  # fmt: skip

    assert guards.look(Seen([crashing("w0", 4), crashing("w2", 90, **long), running])) == {}
    assert (guards.closed("default"), guards.advice()) == (False, [])
    seen = [crashing("w0", 4), crashing("w1", 1), running]
    found = guards.look(Seen(seen, logs={"w1-5c689-x": ["no such file"]}))
    assert {name: sorted(them) for name, them in found.items()} == {"default": ["w0", "w1"]}
    (advice,) = guards.advice()
    assert advice.message.startswith("5 containers in a row have ended at once, so no more are")
    assert (advice.severity, advice.hint[-31:]) == ("error", "then %dask scale N tries again.")
    assert advice.evidence == ("no such file",)
    guards.again()
    assert not guards.closed("default")


# -- on the stand-in -------------------------------------------------------------------------------
@pytest.fixture
def rig(kubernetes: Rig) -> Any:
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

    cluster.scale(3)
    dying = wait_for(
        lambda: [a for a in cluster.info["advice"] if a["code"] == "containers.dying"], 60, "guard"
    )
    assert "so no more are started" in dying[0]["message"]
    assert any("dask-lost-worker" in line for line in dying[0]["evidence"])
    wait_for(lambda: not worker_deployments(rig), 60, "nobody starting them again")
    assert cluster.info["workers"]["wanted"] == 3
    cluster.scale(1)
    wait_for(lambda: len(worker_deployments(rig)) == 1, 60, "another try")
    cluster.stop()


def worker_deployments(rig: Rig) -> list[str]:
    return [name for name in rig.names("deployments") if "-worker-" in name]


def test_scaling_down_loses_nothing_whatever_workers_are_called(
    launch: Launch, rig: Rig, tmp_path: Path
) -> None:
    """Two in a pod, that go by their addresses."""
    pod = {"containers": [{"name": "worker", "image": "dask:1",
                           "args": ["dask", "worker", "--nworkers", "2", "--nthreads", "1"]}]}  # fmt: skip
    path = tmp_path / "cluster.yaml"
    own = {"kind": "DaskCluster", "spec": {"worker": {"spec": pod}}}
    path.write_text(yaml.safe_dump(own))
    cluster = launch("kubernetes", workers=2, manifest=str(path))
    with cluster.client(set_as_default=False) as client:
        client.wait_for_workers(4, timeout=60)
        there = client.scheduler_info(n_workers=-1)["workers"]
        assert not any("default-worker" in str(info["name"]) for info in there.values())
        kept = [client.scatter([n], workers=[at])[0] for n, at in enumerate(there)]
        cluster.scale(1)
        wait_for(lambda: cluster.info["workers"]["running"] == 2, 60, "the end of one pod")
        # What was scattered cannot be computed again: it was lost, or it is here.
        assert client.gather(kept, errors="raise") == [0, 1, 2, 3]
    assert len(worker_deployments(rig)) == 1
    cluster.stop()


def test_groups_are_scaled_by_their_names(launch: Launch, rig: Rig) -> None:
    cluster = launch("kubernetes", workers=0, groups={"large": "threads=3"})
    cluster.scale("large=1")
    cluster.wait(1, timeout=60)
    assert cluster.info["workers"]["groups"] == {"large": 1}
    assert cluster.info["cores"] == 3

    cluster.scale("1 large=1")
    cluster.wait(2, timeout=60)
    cluster.scale("0:1")  # with nothing to do, the one without a group goes
    (left,) = wait_for(lambda: len(found := worker_deployments(rig)) == 1 and found, 60, "one less")
    assert "-large-worker-" in left
    wait_for(lambda: cluster.info["workers"]["running"] == 1, 60, "the one of the group")
    assert cluster.info["workers"]["groups"] == {"large": 1}
    cluster.scale("0 large=0")
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


SUM = """
import os, time
from distributed import Client
with Client() as client:
    print("the sum is", client.submit(sum, [1, 2, 3]).result(), flush=True)
    while not os.path.exists({flag!r}):
        time.sleep(0.05)
"""


def test_a_job_ends_with_its_cluster(launch: Launch, rig: Rig, tmp_path: Path) -> None:
    program, flag = tmp_path / "sum.py", tmp_path / "flag"
    program.write_text(SUM.format(flag=str(flag)))
    before = sorted(rig.names())
    cluster = launch("kubernetes", job_command=f"python {program}", groups={"large": "threads=1"})
    steps = [step["title"] for step in cluster.info["steps"]]
    assert any(title.startswith("Creating the DaskJob dask-") for title in steps), steps
    written = wait_for(
        lambda: [one for one in cluster.logs("workers", 50) if "the sum is 6" in one["text"]], 60
    )
    assert written[0]["source"].endswith("-runner")
    assert cluster.info["workers"]["groups"] == {"large": 0}
    assert asyncio.run(Kubernetes.discover()) == [], "it is our own"
    wait_for(lambda: "The job runs." in [e["text"] for e in cluster.info["events"]], 60, "it")
    flag.touch()
    wait_for(lambda: cluster.phase == "stopped", 60, "the end of its record")

    reason = cluster.info["reason"]
    assert reason["message"] == "The job has succeeded; its cluster went with it."
    assert "the sum is 6" in reason["details"]["log"]
    assert any(line["text"] == "the sum is 6" for line in cluster.logs("host", 1000))
    wait_for(lambda: sorted(rig.names()) == before, 60, "the end of what it made")


def test_a_job_that_fails_at_once(launch: Launch, rig: Rig) -> None:
    """Before its cluster is there, which the operator removes then."""
    with pytest.raises(
        DasklabError, match=r"The job has failed \(exit code 1\): ZeroDiv"
    ) as caught:
        launch("kubernetes", workers=0, job_command="python -c 1/0").wait(1, timeout=60)
    assert any("Traceback" in line for line in caught.value.details["log"])


def test_a_job_is_deleted_by_stopping_from_another_process(launch: Launch, rig: Rig) -> None:
    before = sorted(rig.names())
    cluster = launch("kubernetes", workers=0, job_command="sleep 600", job_image="missing:1")
    wait_for(
        lambda: "missing:1 cannot be pulled" in cluster.info["steps"][-1]["title"], 60, "a reason"
    )
    context = Context("other", None, "", sys.executable)
    asyncio.run(Kubernetes({}, context).stop(cluster.record.checkpoint))
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
