"""Clouds and YARN: options that their classes take, what is missing, what is undone.

``coiled`` and the extras of Azure and Google are not installed for tests: what their classes take
is read from the code of dask-cloudprovider; coiled's from a double of the package.
"""

from __future__ import annotations

import ast
import asyncio
import importlib.util
import sys
from pathlib import Path
from typing import Any

import dask
import jsonschema
import pytest

from dasklab.deployments import _amazon, _wrapped
from dasklab.deployments._vm_clusters import vm_cluster
from dasklab.deployments._wrapped import Wrapped
from dasklab.deployments.azure import Azure
from dasklab.deployments.base import Context
from dasklab.deployments.coiled import Coiled
from dasklab.deployments.ec2 import EC2
from dasklab.deployments.fargate import Fargate
from dasklab.deployments.gcp import GCP
from dasklab.deployments.yarn import Yarn
from dasklab.errors import InterpreterUnfit, StartFailed, Unsupported
from dasklab.model.scaling import Scaling

ALL: list[type[Wrapped]] = [Azure, Coiled, EC2, Fargate, GCP, Yarn]


def example(rule: dict[str, Any]) -> Any:
    """A value that an option may have."""
    if "enum" in rule:
        return rule["enum"][0]
    kinds: dict[str, Any] = {
        "string": "10.0.0.0/8" if "/" in rule.get("pattern", "") else "x",
        "integer": rule.get("minimum", 1),
        "boolean": True,
        "object": {"A": "b"},
        "array": [rule.get("items", {}).get("pattern", "^x").strip("^") + "1"],
    }
    return kinds[rule["type"]]


def filled(cls: type[Wrapped]) -> dict[str, Any]:
    """Every option with some value."""
    return {name: example(rule) for name, rule in cls.options["properties"].items()}


def parameters(*classes: tuple[str, str]) -> set[str]:
    """Names that constructors take, by the code of dask-cloudprovider."""
    spec = importlib.util.find_spec("dask_cloudprovider")
    assert spec is not None
    assert spec.origin is not None
    found = set()
    for path, name in classes:
        tree = ast.parse((Path(spec.origin).parent / path).read_text(encoding="utf-8"))
        [init] = [
            function
            for node in ast.walk(tree)
            if isinstance(node, ast.ClassDef) and node.name == name
            for function in node.body
            if isinstance(function, ast.FunctionDef) and function.name == "__init__"
        ]
        found |= {argument.arg for argument in [*init.args.args, *init.args.kwonlyargs]}
    return found


@pytest.mark.parametrize(
    ("cls", "classes"),
    [
        (EC2, [("aws/ec2.py", "EC2Cluster"), ("generic/vmcluster.py", "VMCluster")]),
        (Fargate, [("aws/ecs.py", "ECSCluster")]),
        (Azure, [("azure/azurevm.py", "AzureVMCluster"), ("generic/vmcluster.py", "VMCluster")]),
        (GCP, [("gcp/instances.py", "GCPCluster"), ("generic/vmcluster.py", "VMCluster")]),
    ],
)
def test_the_class_takes_every_option(cls: type[Wrapped], classes: list[tuple[str, str]]) -> None:
    options = filled(cls)
    jsonschema.Draft202012Validator(cls.options).validate(options)

    of_spec_cluster = {"name"}  # to which they hand on what they do not know
    assert set(cls.keywords(options, "ID")) - parameters(*classes) - of_spec_cluster == set()


def test_fargate_says_who_can_reach_it() -> None:
    """Its class opens the scheduler to 0.0.0.0/0, and has no certificates for it."""

    def found(**options: Any) -> list[tuple[str, str]]:
        return [(one.code, one.severity) for one in Fargate.warnings(options, None)]

    assert found() == [("cloud.open", "error")]
    assert "the whole internet" in Fargate.warnings({}, None)[0].message
    for options in (
        {"fargate_use_private_ip": True},
        {"security_groups": ["sg-1"]},
        {"allow_from": "203.0.113.7/32"},
    ):
        assert found(**options) == [("cloud.plain", "warning")]
    with dask.config.set({"cloudprovider.ecs.security_groups": ["sg-1"]}):
        assert found() == [("cloud.plain", "warning")]


def test_fargate_is_not_launched_open_to_everybody(asked_of_amazon: list[str]) -> None:
    """Nor when nobody had the time to say what to mind."""
    fargate = Fargate({}, Context("x", None, "", sys.executable, "id"))

    with pytest.raises(StartFailed, match="open to the whole internet") as caught:
        asyncio.run(fargate._prepare())

    assert "allow_from" in caught.value.hint
    assert asked_of_amazon == []


@pytest.fixture
def asked_of_amazon(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What has been asked of Amazon; nothing can be."""
    asked: list[str] = []

    def session() -> None:
        asked.append("session")
        raise AssertionError("Amazon was asked")

    monkeypatch.setattr(_amazon, "session", session)
    return asked


def test_a_preview_says_whom_the_security_group_lets_in() -> None:
    for cls, private in ((EC2, "use_private_ip"), (Fargate, "fargate_use_private_ip")):
        own = "# With a security group of its own, which lets in "
        assert cls.preview({"allow_from": "10.0.0.0/8"}, None).endswith(f"{own}10.0.0.0/8.\n")
        assert cls.preview({private: True}, None).endswith(f"{own}the addresses of its VPC.\n")
        assert own not in cls.preview({"security_groups": ["sg-1"], private: True}, None)


@pytest.mark.parametrize("cls", ALL)
def test_previews_are_the_call_even_where_the_package_is_not(cls: type[Wrapped]) -> None:
    said: dict[str, Any] = {}

    class Recorder:
        def scale(self, count: int) -> None:
            said["scaled"] = count

    def factory(**kwargs: Any) -> Recorder:
        said.update(kwargs)
        return Recorder()

    options = filled(cls)
    text = cls.preview(options, Scaling(3))
    module, _, name = cls.factory.partition(":")
    assert f"from {module} import {name}\n" in text
    exec(text.replace(f"from {module} import {name}", ""), {name: factory})

    assert said == {**cls.keywords(options, "ID"), "n_workers": 0, "scaled": 3}
    assert "cluster.adapt(minimum=1, maximum=4)" in cls.preview(options, Scaling(1, 1, 4))


@pytest.mark.parametrize("cls", [cls for cls in ALL if cls is not Yarn])
def test_what_is_missing_comes_with_its_command(
    cls: type[Wrapped], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_wrapped, "find_spec", lambda name: None)
    missing = cls.availability()

    assert missing is not None
    assert all(name in missing.message for name in cls.needs)
    assert f'{sys.executable} -m pip install "{cls.requirement}"' in missing.hint
    monkeypatch.setattr(_wrapped, "find_spec", lambda name: object())
    assert cls.availability() is None


def test_amazon_is_there_and_the_others_are_not() -> None:
    assert (EC2.availability(), Fargate.availability()) == (None, None)
    for cls in (Azure, GCP, Coiled):
        missing = cls.availability()
        assert missing is not None
        assert "pip install" in missing.hint


def test_yarn_points_to_what_works(monkeypatch: pytest.MonkeyPatch) -> None:
    missing = Yarn.availability()
    assert missing is not None
    assert "does not work with the distributed of today" in missing.message
    assert 'pip install "dask-gateway"' in missing.hint
    monkeypatch.setattr("dasklab.deployments.yarn.metadata.version", lambda name: "0.9")
    assert Yarn.availability() is not None
    monkeypatch.setattr("dasklab.deployments.yarn.metadata.version", lambda name: "1.0")
    monkeypatch.setattr(_wrapped, "find_spec", lambda name: object())
    assert Yarn.availability() is None, "a release that may work"


@pytest.mark.parametrize(
    ("cls", "setting", "option"),
    [
        (EC2, "cloudprovider.ec2.region", "region"),
        (Fargate, "cloudprovider.ecs.environment", "environ"),
        (Azure, "cloudprovider.azure.azurevm.vm_size", "vm_size"),
        (GCP, "cloudprovider.gcp.projectid", "projectid"),
        (Yarn, "yarn.worker.memory", "worker_memory"),
    ],
)
def test_a_sites_settings_show_through(cls: type[Wrapped], setting: str, option: str) -> None:
    value: Any = {"A": "b"} if option == "environ" else "of-the-site"
    with dask.config.set({setting: value}):
        rule = cls.schema()["properties"][option]

    assert (rule["default"], rule["x-from"]) == (value, setting)


@pytest.mark.parametrize(
    ("cls", "options", "codes"),
    [
        (EC2, {}, ["cloud.security-group"]),
        (EC2, {"security_groups": ["sg-1"]}, []),
        (Azure, {"location": "x"}, ["cloud.incomplete"]),
        (Azure, dict.fromkeys(["location", "resource_group", "vnet", "security_group"], "x"), []),
        (GCP, {}, ["cloud.incomplete"]),
        (GCP, {"projectid": "x"}, []),
        (Yarn, {}, ["yarn.environment"]),
    ],
)
def test_warnings(cls: type[Wrapped], options: dict[str, Any], codes: list[str]) -> None:
    assert [advice.code for advice in cls.warnings(options, None)] == codes


def test_a_start_without_the_package_says_so() -> None:
    deployment = Coiled({}, Context("one", Scaling(1), "", sys.executable, id="abc"))
    with pytest.raises(InterpreterUnfit, match="has no coiled, which Coiled needs"):
        asyncio.run(anext(deployment.start()))


class Machines:
    """A double of a cloud's cluster: closing it may fail, as Dask's does on machines half made."""

    scheduler = None
    error: BaseException | None = None

    def __init__(self) -> None:
        self.closed = 0

    async def close(self) -> None:
        self.closed += 1
        if self.error is not None:
            raise self.error


def begun(cluster: Any) -> Azure:
    """A deployment in the process that has made the cluster."""
    deployment = Azure({}, Context("one", Scaling(1), "", sys.executable, id="abc"))
    deployment._begun, deployment.cluster = True, cluster
    return deployment


def test_only_what_was_closed_in_order_counts_as_gone() -> None:
    machines = Machines()
    asyncio.run(begun(machines).stop({"cluster": "abc"}))
    assert machines.closed == 1
    machines.error = AssertionError()
    with pytest.raises(Unsupported, match="may go on, and costs"):
        asyncio.run(begun(machines).stop({"cluster": "abc"}))
    asyncio.run(begun(None).stop({"cluster": "abc"}))  # it was never made


@pytest.mark.parametrize("cls", [Azure, Coiled, GCP])
def test_what_cannot_be_undone_says_how_to_end_it_by_hand(cls: type[Wrapped]) -> None:
    deployment = cls({}, Context("one", None, "", sys.executable, id="abc"))
    with pytest.raises(Unsupported, match="only the process that started it") as caught:
        asyncio.run(deployment.stop({"cluster": "abc"}))

    # "abc" is the cluster's: what is left can be told from what others run.
    assert "abc" in caught.value.hint
    assert "{" not in caught.value.hint
    assert {Azure: "az resource", GCP: "gcloud compute", Coiled: "coiled cluster"}[cls] in (
        caught.value.hint
    )
    assert deployment.stop_patience > 60.0, "its machines take minutes to go"


def test_machines_are_named_by_the_cluster_and_workers_as_it_calls_them() -> None:
    """Else nobody finds the former again, and the data of the latter is not moved."""
    from dask_cloudprovider.generic.vmcluster import (
        SchedulerMixin,
        VMCluster,
        VMInterface,
        WorkerMixin,
    )

    class Machine(VMInterface):  # type: ignore[misc]
        def __init__(self, cluster: Any, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.cluster = cluster

        async def create_vm(self) -> tuple[str, None]:
            return "127.0.0.1", None

        async def destroy_vm(self) -> None:
            pass

    class Scheduler(SchedulerMixin, Machine):  # type: ignore[misc]
        pass

    class Worker(WorkerMixin, Machine):  # type: ignore[misc]
        pass

    class Cloud(VMCluster):  # type: ignore[misc]
        """What dask-cloudprovider's classes of Azure and Google are to their base."""

        def __init__(self, **kwargs: Any) -> None:
            self.scheduler_class, self.worker_class = Scheduler, Worker
            super().__init__(security=False, **kwargs)

    async def look() -> None:
        cluster = vm_cluster(Cloud, "0123456789abcdef", lambda text: None)(asynchronous=True)
        name = cluster._new_worker_name(0)
        scheduler = cluster.scheduler_class(cluster=cluster)
        kind = "dask.distributed.Nanny"
        worker = cluster.worker_class("tcp://h:1", cluster=cluster, name=name, worker_class=kind)
        await cluster.close()

        assert name.startswith("dask-0123456789ab-worker-")
        assert name != cluster._new_worker_name(0), "not that of a machine that is being deleted"
        assert (worker.name, worker.command.count(name)) == (name, 1)
        assert scheduler.wait_for_scheduler.__qualname__.startswith("vm_cluster.")

    asyncio.run(look())


def test_importing_a_class_leaves_nothing_to_undo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Azure, "availability", classmethod(lambda cls: None))
    deployment = Azure({}, Context("one", None, "", sys.executable, id="abc"))

    async def first() -> Any:
        steps = deployment.start()
        found = await anext(steps)
        await steps.aclose()  # type: ignore[attr-defined]
        return found

    assert asyncio.run(first()).data == {}
