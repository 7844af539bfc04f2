from __future__ import annotations

from typing import Any, ClassVar

import pytest
import yaml

from dasklab.client import Cluster

from ..backends.kubernetes import Rig, kubernetes  # noqa: F401
from ..support import wait_for
from .suite import DeploymentContract, connected

pytestmark = pytest.mark.timeout(240)


class TestKubernetes(DeploymentContract):
    """With the real operator, on a stand-in of Kubernetes' API server and node."""

    deployment = "kubernetes"
    options: ClassVar[dict[str, Any]] = {
        "memory": "700Mi",
        "threads": 3,
        "environ": {"MY_VARIABLE": "x"},
    }
    patience = 60.0
    rig: Rig

    @pytest.fixture(autouse=True)
    def _rig(self, kubernetes: Rig) -> None:  # noqa: F811
        kubernetes.operate()
        self.rig = kubernetes

    def check_preview(self, text: str, cluster: Cluster) -> None:
        name = self.named(cluster)
        said = list(yaml.safe_load_all(text.replace("dask-NAME-ID", name)))
        kinds = {"DaskCluster": "daskclusters", "DaskWorkerGroup": "daskworkergroups"}
        for document in said:
            meta = document["metadata"]
            path = f"{self.rig.path(kinds[document['kind']])}/{meta['name']}"
            there = self.rig.call("GET", path)
            assert there["spec"] == document["spec"]
            assert meta["labels"].items() <= there["metadata"]["labels"].items()
        assert len(said) == 1
        with connected(cluster) as client:
            environ = client.run(lambda: __import__("os").environ["MY_VARIABLE"])
            threads = [
                w["nthreads"] for w in client.scheduler_info(n_workers=-1)["workers"].values()
            ]
        assert (set(environ.values()), threads) == ({"x"}, [3, 3])

    def named(self, cluster: Cluster) -> str:
        """The DaskCluster's name."""
        assert cluster.record.checkpoint is not None
        return str(cluster.record.checkpoint["name"])

    def test_stop_leaves_a_record_and_nothing_else(self, launch: Any, home: Any) -> None:
        before = sorted(self.rig.names())
        super().test_stop_leaves_a_record_and_nothing_else(launch, home)

        wait_for(lambda: sorted(self.rig.names()) == before, 60, "the end of what it made")

    def test_logs_are_by_pod(self, cluster: Cluster) -> None:
        pods = {name.partition("/")[2] for name in self.rig.names("pods")}
        lines = cluster.logs("workers", 50)

        assert {line["source"] for line in lines} <= pods
        assert len({line["source"] for line in lines}) == 2
        assert "INFO" in {line["level"] for line in lines}
