from __future__ import annotations

from typing import Any, ClassVar

import pytest

from dasklab.client import Cluster

from .suite import DeploymentContract, connected


@pytest.mark.usefixtures("own_clusters")
class TestAnyClass(DeploymentContract):
    deployment = "class"
    options: ClassVar[dict[str, Any]] = {
        "cluster_class": "own_clusters:Small",
        "kwargs": {"threads-per-worker": 1, "resources": {"GPU": 2}},
    }

    def check_preview(self, text: str, cluster: Cluster) -> None:
        said: dict[str, Any] = {}
        code = text.replace("from own_clusters import Small", "")

        class Recorder:
            def scale(self, count: int) -> None:
                said["scaled"] = count

        def small(**kwargs: Any) -> Recorder:
            said.update(kwargs)
            return Recorder()

        exec(code, {"Small": small})  # it is the code that a user may run instead

        assert said == {
            "threads_per_worker": 1,
            "resources": {"GPU": 2},
            "dashboard_address": "127.0.0.1:0",
            "n_workers": 0,
            "scaled": 2,
        }
        with connected(cluster) as client:
            identity = client.scheduler_info(n_workers=-1)
            resources = client.run(lambda dask_worker: dask_worker.state.total_resources)
        assert len(identity["workers"]) == said["scaled"]
        assert {worker["nthreads"] for worker in identity["workers"].values()} == {1}
        assert list(resources.values()) == [said["resources"]] * 2
