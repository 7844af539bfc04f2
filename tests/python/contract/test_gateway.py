"""Dask Gateway, against a real server with its local backend."""

from __future__ import annotations

import asyncio
import os
import stat
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import dask
import pytest
import requests

import dasklab
from dasklab.client import Cluster
from dasklab.deployments.base import Context
from dasklab.deployments.gateway import Gateway
from dasklab.errors import DasklabError, OptionsInvalid, StartFailed
from dasklab.launching import catalogue

from ..backends.gateway import GatewayServer, gateway
from ..support import kill, wait_for
from .suite import DeploymentContract, connected

__all__ = ("gateway",)

PATIENCE = 60.0


@pytest.fixture(autouse=True, scope="class")
def site(gateway: GatewayServer) -> Iterator[GatewayServer]:
    """Dask's configuration names the gateway and the login, as a site's file does."""
    with gateway.configured():
        yield gateway
    wait_for(lambda: gateway.clusters() == {}, PATIENCE, "the end of all clusters")


def undo(checkpoint: dict[str, Any]) -> None:
    """What another process does that finds nothing but a checkpoint."""
    context = Context(name="", scaling=None, scratch="", python=sys.executable)

    async def stop() -> None:
        await Gateway({}, context).stop(checkpoint)

    asyncio.run(stop())


class TestGateway(DeploymentContract):
    deployment = "gateway"
    options: ClassVar[dict[str, Any]] = {
        "worker_cores": 1,
        "cluster_options": {"environment": {"SOME": "value"}},  # launch() has one of its own
    }
    patience = PATIENCE

    def check_preview(self, text: str, cluster: Cluster) -> None:
        said: dict[str, Any] = {}
        code = text.replace("from dask_gateway import GatewayCluster", "")

        class Recorder:
            def __init__(self, **kwargs: Any) -> None:
                said.update(kwargs)

            def scale(self, count: int) -> None:
                said["scaled"] = count

        exec(code, {"GatewayCluster": Recorder})  # it is the code that a user may run instead

        with connected(cluster) as client:
            here = client.run(lambda: __import__("os").environ.get("SOME"))
            cores = {w["nthreads"] for w in client.scheduler_info(n_workers=-1)["workers"].values()}
        assert said == {
            "address": os.environ["DASK_GATEWAY__ADDRESS"],
            "worker_cores": cores.pop(),
            "environment": {"SOME": "value"},
            "scaled": len(here),
        }
        assert set(here.values()) == {"value"}

    # -- what is the gateway's own -------------------------------------------------------------
    def test_clients_get_the_credentials_of_the_cluster_as_files(self, cluster: Cluster) -> None:
        files = (cluster.record.scheduler or {})["security"]

        assert sorted(files) == ["tls_ca_file", "tls_client_cert", "tls_client_key"]
        for path in map(Path, files.values()):
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
            assert path.parent == Path(cluster.record.scratch)
        assert "PRIVATE KEY" not in str(cluster.info)

    def test_the_dashboard_is_fetched_from_the_gateway(
        self, cluster: Cluster, site: GatewayServer
    ) -> None:
        address = cluster.mount_dashboard()

        assert address.startswith(f"{site.address}/clusters/")
        assert "Dask" in requests.get(f"{address}/status", timeout=PATIENCE).text

    def test_more_than_the_gateway_allows_is_said(self, cluster: Cluster) -> None:
        cluster.scale(5, wait=True, timeout=PATIENCE)

        assert cluster.info["workers"]["wanted"] == 3
        said = [event["text"] for event in cluster.info["events"] if event["kind"] == "limited"]
        assert len(said) == 1
        assert "would exceed resource limit of 3 workers. Scaling to 3 instead." in said[0]


class TestOptions:
    def test_those_of_the_server_are_offered_and_checked(self, launch: Any) -> None:
        row = next(row for row in catalogue() if row["name"] == "gateway")
        offered = row["schema"]["properties"]

        assert offered["worker_cores"] == {
            "type": "integer",
            "title": "Worker Cores",
            "description": "Such as 1; an option of this gateway.",
            "minimum": 1,
            "maximum": 4,
            "default": 1,
            "x-group": "Options of this gateway",
        }
        assert offered["image"]["enum"] == ["small", "broken", "stuck"]
        assert offered["address"]["default"] == os.environ["DASK_GATEWAY__ADDRESS"]
        assert offered["address"]["x-from"] == "gateway.address"
        with pytest.raises(OptionsInvalid, match="worker_cores.*4"):
            launch("gateway", worker_cores=9)

    def test_what_only_the_server_can_know_is_in_its_words(self, launch: Any) -> None:
        with pytest.raises(DasklabError, match="does not take these options: .*no_such") as caught:
            launch("gateway", cluster_options={"no_such": 1})
        assert caught.value.hint == "%dask help start gateway lists what it takes."

    def test_wrong_password(self, launch: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DASK_GATEWAY__AUTH__KWARGS__PASSWORD", "wrong")
        assert "Worker Cores" not in str(catalogue()), "the form is there without its options"
        with (
            dask.config.set({"gateway.auth.kwargs.password": "wrong"}),
            pytest.raises(StartFailed, match="does not accept your login") as caught,
        ):
            launch("gateway")
        assert "gateway.auth in Dask's configuration" in caught.value.hint

    def test_nobody_there(self, launch: Any) -> None:
        with pytest.raises(StartFailed, match="cannot be reached"):
            launch("gateway", address="http://127.0.0.1:9")


class TestTrouble:
    def test_workers_that_cannot_start_end_in_a_sentence(
        self, launch: Callable[..., Cluster]
    ) -> None:
        """The bare class goes on saying "running" for ever."""
        with pytest.raises(DasklabError, match="has given it up: it says that .* has FAILED"):
            launch("gateway", workers=2, name="broken", image="broken")
        info = dasklab.clusters(ended=True)[0].info
        assert (info["name"], info["phase"]) == ("broken", "failed")
        assert "'image': 'broken'" in info["reason"]["hint"]

    def test_workers_that_do_not_come(self, launch: Callable[..., Cluster]) -> None:
        cluster = launch("gateway", workers=0, name="stuck", image="stuck")
        cluster.scale(1)
        found = wait_for(lambda: cluster.why()["advice"], PATIENCE)

        assert found[0]["code"] == "gateway.asked"
        assert "says only that the cluster is RUNNING" in found[0]["message"]
        assert any("image=stuck" in text for text in found[0]["evidence"])
        cluster.stop()

    def test_nothing_is_left_of_a_host_that_was_killed(
        self, launch: Callable[..., Cluster], site: GatewayServer
    ) -> None:
        cluster = launch("gateway", workers=1, name="killed")
        host, scratch = cluster.record.host, Path(cluster.record.scratch)
        assert host is not None
        kill(host.pid)
        wait_for(lambda: cluster.phase == "lost", PATIENCE)
        wait_for(lambda: not scratch.exists(), PATIENCE, "its credentials' end")
        wait_for(lambda: site.clusters() == {}, PATIENCE, "the end of its cluster")
        wait_for(lambda: cluster.record.checkpoint == {}, PATIENCE, "the end of undoing it")

    def test_nor_is_one_left_whose_name_it_had_no_time_to_note(self, site: GatewayServer) -> None:
        known, asked = site.begin(), {"address": site.address, "before": [], "at": time.time()}
        undo({**asked, "before": [known], "at": time.time()})
        assert list(site.clusters()) == [known], "it was there before"
        lost = site.begin()
        undo({**asked, "before": [known]})
        wait_for(lambda: lost not in site.clusters(), PATIENCE, "its end")
        assert list(site.clusters()) == [known]
        site.end(known)

    def test_stopped_by_somebody_else(
        self, launch: Callable[..., Cluster], site: GatewayServer
    ) -> None:
        cluster = launch("gateway", workers=0, name="taken")
        site.end(next(iter(site.clusters())))

        wait_for(lambda: cluster.phase == "stopped", PATIENCE, "noticing")
        assert "somebody asked it to" in cluster.info["reason"]["message"]


class TestFound:
    """One that runs already: found, attached to, let go of, and stopped for real."""

    @pytest.fixture
    def running(self, site: GatewayServer) -> Iterator[str]:
        name = site.begin(worker_cores=2)
        yield name
        site.end(name)

    def test_attached_to_it_goes_on_until_it_is_stopped(
        self, running: str, site: GatewayServer
    ) -> None:
        found = dasklab.discover()
        assert [(one.name, one.deployment) for one in found] == [(running, "gateway")]
        assert "worker_cores 2" in found[0].text
        assert not [error for error in found.silent if "Gateway" in error.message]

        cluster = found[0].attach(timeout=PATIENCE)
        assert "detach" in cluster.info["can"]
        assert list(dasklab.discover()) == [], "it is in the list now"
        cluster.scale(1, wait=True, timeout=PATIENCE)
        with connected(cluster) as client:
            assert client.submit(lambda: 5).result(timeout=PATIENCE) == 5
        cluster.detach()
        wait_for(lambda: cluster.phase == "stopped")
        assert cluster.info["reason"]["message"] == "It was let go of, and goes on."
        assert site.clusters()[running]["status"] == "RUNNING"

        again = dasklab.discover()[0].attach(timeout=PATIENCE)
        assert again.info["workers"]["running"] == 1
        host = again.record.host
        assert host is not None
        kill(host.pid)  # its host's death does not end it either
        wait_for(lambda: again.phase == "lost")
        assert site.clusters()[running]["status"] == "RUNNING"

        last = dasklab.discover()[0].attach(timeout=PATIENCE)
        last.stop()
        assert running not in site.clusters()

    def test_a_gateway_that_does_not_answer_is_named(self) -> None:
        with dask.config.set({"gateway.address": "http://127.0.0.1:9"}):
            found = dasklab.discover()

        assert list(found) == []
        silent = [error.message[:37] for error in found.silent]
        assert "Dask Gateway could not be asked: Clie" in silent
