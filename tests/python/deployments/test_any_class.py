"""What a class is given, and what is said of one that cannot be used."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
from distributed import LocalCluster, SpecCluster

from dasklab.client import Cluster
from dasklab.deployments import _class_tls, find
from dasklab.deployments.any_class import OF_THEIR_OWN, AnyClass, arguments, find_class
from dasklab.errors import DasklabError, OptionsInvalid, StartFailed
from dasklab.model.scaling import Scaling

from ..support import alive, marked, wait_for

Launch = Callable[..., Cluster]

LOOPBACK = {"dashboard_address": "127.0.0.1:0"}


@pytest.mark.parametrize(
    ("path", "better"),
    [
        ("dask_jobqueue:SLURMCluster", "slurm"),
        ("dask_jobqueue.pbs:PBSCluster", "pbs"),
        ("dask_gateway:GatewayCluster", "gateway"),
        ("dask.distributed:LocalCluster", ""),
        ("mine:SLURMCluster", ""),
    ],
)
def test_what_has_a_deployment_of_its_own_is_led_there(path: str, better: str) -> None:
    found = AnyClass.warnings({"cluster_class": path}, None)

    assert [advice.hint.split(" does")[0] for advice in found] == (
        [f"%dask start {better}"] if better else []
    )
    assert all(find(name) for name in OF_THEIR_OWN.values())


# -- what a class is given -------------------------------------------------------------------------
class Base:
    def __init__(self, n_workers: int = 1, *, processes: bool = True, protocol: str = "",
                 dashboard_address: str = ":8787") -> None: ...  # fmt: skip


class PassesOn(Base):
    def __init__(self, more: int = 0, **kwargs: Any) -> None: ...


class Takes(Base):
    def __init__(self, cores: int) -> None: ...


class OfJobs(Base):
    def __init__(self, scheduler_options: Any = None, **kwargs: Any) -> None: ...


class TakesSecurity(PassesOn):
    def __init__(self, security: Any = None, **kwargs: Any) -> None: ...


class Encrypts(Base):
    def __init__(self, security: bool = True, **kwargs: Any) -> None: ...


class ForClientsOnly(SpecCluster):  # type: ignore[misc]
    def __init__(self, **kwargs: Any) -> None: ...


@pytest.mark.parametrize(
    ("cls", "kwargs", "secured", "minded"),
    [
        (LocalCluster, {}, False, False),
        (LocalCluster, {"host": "127.0.0.1"}, False, False),
        (LocalCluster, {"host": "tcp://localhost"}, False, False),
        (LocalCluster, {"host": "0.0.0.0"}, True, False),
        (LocalCluster, {"interface": "eth0"}, True, False),
        (LocalCluster, {"interface": "eth0", "protocol": "tcp"}, False, True),
        (LocalCluster, {"interface": "eth0", "security": None}, False, True),
        (TakesSecurity, {}, True, False),
        (TakesSecurity, {"security": True}, True, False),
        (TakesSecurity, {"security": False}, False, True),
        (Encrypts, {}, False, False),
        (Encrypts, {"security": False}, False, True),
        (ForClientsOnly, {}, False, True),
        (Takes, {"cores": 1}, False, True),
    ],
)
def test_what_takes_credentials_gets_them(
    cls: Any, kwargs: dict[str, Any], secured: bool, minded: bool
) -> None:
    assert _class_tls.wanted(cls, kwargs) is secured
    assert bool(_class_tls.to_mind("mine:Cluster", cls, kwargs)) is minded


@pytest.mark.parametrize(
    ("address", "exposed"),
    [
        ("tcp://10.0.0.5:1", True), ("tcp://node1:1", True), ("tls://10.0.0.5:1", False),
        ("tcp://127.0.0.1:1", False), ("tcp://[::1]:1", False), ("gateway://10.0.0.5:1", False),
    ],
)  # fmt: skip
def test_addresses_that_others_reach(address: str, exposed: bool) -> None:
    assert _class_tls.exposed(address) is exposed


@pytest.mark.parametrize(
    ("cls", "options", "scaling", "kwargs"),
    [
        (Base, {}, None, LOOPBACK),
        (Base, {}, Scaling(3), {"n_workers": 0, **LOOPBACK}),
        (PassesOn, {}, Scaling(0, 0, 3), {"n_workers": 0, **LOOPBACK}),
        (Base, {"args": [4]}, Scaling(3), LOOPBACK),
        (Base, {"kwargs": {"n-workers": 2}}, Scaling(3), {"n_workers": 2, **LOOPBACK}),
        (Base, {"kwargs": {"dashboard_address": ":1"}}, None, {"dashboard_address": ":1"}),
        (Base, {"kwargs": {"processes": False}}, None,
         {"processes": False, "protocol": "tcp", **LOOPBACK}),
        (Takes, {"args": [4]}, Scaling(3), {}),
        (OfJobs, {}, None, {"scheduler_options": LOOPBACK}),
        (OfJobs, {"kwargs": {"scheduler_options": {"port": 1}}}, None,
         {"scheduler_options": {"port": 1, **LOOPBACK}}),
        (lambda n_workers: None, {}, Scaling(3), {"n_workers": 0}),
    ],
)  # fmt: skip
def test_arguments(
    cls: Any, options: dict[str, Any], scaling: Scaling | None, kwargs: dict[str, Any]
) -> None:
    assert arguments(cls, options, scaling) == (options.get("args", []), kwargs)


@pytest.mark.parametrize(
    ("path", "message", "hint"),
    [
        ("dask_nosuch:Cluster", "cannot import dask_nosuch: No module", "pip install dask-nosuch"),
        ("distributed:LocalClutser", "no 'LocalClutser' in distributed", "mean LocalCluster?"),
        ("distributed:__name__", "distributed:__name__ is not a class.", "Name a cluster class"),
    ],
)
def test_a_class_that_is_not_there(path: str, message: str, hint: str) -> None:
    with pytest.raises(StartFailed) as caught:
        find_class(path)

    assert message in caught.value.message
    assert hint in caught.value.hint


@pytest.mark.parametrize("path", ["distributed", "distributed.LocalCluster", "a:b c", "a:b()", ":"])
def test_a_name_that_is_none(launch: Launch, path: str) -> None:
    with pytest.raises(OptionsInvalid, match="cluster_class: .* does not fit. Such as"):
        launch("class", cluster_class=path)


# -- for real --------------------------------------------------------------------------------------
@pytest.mark.usefixtures("own_clusters")
class TestInAHost:
    @pytest.mark.parametrize(
        ("name", "kwargs", "message"),
        [
            ("Raising", {}, "own_clusters:Raising did not start: RuntimeError: The quota"),
            ("Nothing", {}, "own_clusters:Nothing made a Nothing, which is not a Dask cluster."),
            (
                "small",
                {"processes": False},
                "own process can reach (inproc://). Give it the keyword",
            ),
            ("Small", {"n_wrokers": 2}, "unexpected keyword argument 'n_wrokers'. Did you mean n_"),
        ],
    )
    def test_what_cannot_be_started_says_why(
        self, launch: Launch, home: Path, name: str, kwargs: dict[str, Any], message: str
    ) -> None:
        with pytest.raises(DasklabError) as caught:
            launch("class", cluster_class=f"own_clusters:{name}", kwargs=kwargs)

        assert message in str(caught.value)
        wait_for(lambda: not [pid for pid in marked(f"DASKLAB_HOME={home}") if alive(pid)])

    def test_a_constructor_that_blocks_can_be_cancelled(self, launch: Launch) -> None:
        cluster = launch("class", wait=False, cluster_class="own_clusters:Blocking")
        wait_for(lambda: [step.name for step in cluster.record.steps][-1] == "cluster", 30)
        assert cluster.info["phase"] == "starting", "its host answers meanwhile"
        cluster.stop()

        assert cluster.phase == "stopped"

    @pytest.mark.parametrize(
        ("name", "kwargs"),
        [
            ("Small", {"processes": False}),
            ("small", {"processes": False, "protocol": "tcp", "dashboard_address": "127.0.0.1:0"}),
        ],
        ids=["class", "function"],
    )
    def test_workers_that_are_threads_can_be_reached(
        self, launch: Launch, name: str, kwargs: dict[str, Any]
    ) -> None:
        path = f"own_clusters:{name}"
        cluster = launch("class", cluster_class=path, kwargs=kwargs, workers=(1, 2))

        assert str(cluster.scheduler_address).startswith("tcp://127.0.0.1:")
        with cluster.client() as client:
            assert client.submit(os.getpid).result(timeout=20) == cluster.record.host.pid  # type: ignore[union-attr]
        cluster.mount_dashboard()
        host = psutil.Process(cluster.record.host.pid)  # type: ignore[union-attr]
        listening = [c.laddr.ip for c in host.net_connections("tcp") if c.status == "LISTEN"]
        assert set(listening) == {"127.0.0.1"}
        cluster.stop()

    @pytest.mark.parametrize("protocol", [None, "tcp"], ids=["default", "plain"])
    def test_beyond_loopback_there_is_tls_or_it_is_said(
        self, launch: Launch, protocol: str | None
    ) -> None:
        kwargs = {"host": "0.0.0.0", **({"protocol": protocol} if protocol else {})}
        cluster = launch("class", cluster_class="own_clusters:Small", kwargs=kwargs)
        try:
            address = str(cluster.scheduler_address)
            codes = [found["code"] for found in cluster.info["warnings"]]
            noted = [event["kind"] for event in cluster.info["events"]]
            with cluster.client() as client:
                assert client.submit(lambda: 5).result(timeout=30) == 5
            if protocol:
                assert address.startswith("tcp://")
                assert codes == ["class.plain"]
                # A machine without a network has only loopback.
                assert ("open" in noted) is not address.startswith("tcp://127.")
            else:
                assert (address.startswith("tls://"), codes, "open" in noted) == (True, [], False)
                files = cluster.record.scheduler["security"]  # type: ignore[index]
                assert {os.stat(path).st_mode & 0o777 for path in files.values()} == {0o600}
        finally:
            cluster.stop()
        if not protocol:
            assert not any(os.path.exists(path) for path in files.values())

    def test_a_class_in_the_working_folder(self, launch: Launch, tmp_path: Path) -> None:
        code = "from distributed import LocalCluster\nclass Mine(LocalCluster):\n    pass\n"
        (tmp_path / "mine.py").write_text(code)
        cluster = launch("class", cluster_class="mine:Mine", cwd=str(tmp_path), workers=0)

        assert cluster.phase == "running"
        cluster.stop()
