from __future__ import annotations

import sys
from types import ModuleType
from typing import Any, ClassVar

import pytest

from dasklab.client import Cluster

from ..support import wait_for
from .suite import DeploymentContract, connected


class TestLocal(DeploymentContract):
    deployment = "local"
    options: ClassVar[dict[str, Any]] = {
        "threads_per_worker": 3,
        "memory_limit": "700MiB",
        "resources": {"GPU": 2},
        "environ": {"MY_VARIABLE": "x"},
    }

    def test_adaptive_follows_the_load_and_loses_no_data(self, cluster: Cluster) -> None:
        said = "Adaptive scaling goes from "

        def decisions() -> list[str]:
            texts = list(cluster.telemetry.events().query("kind == 'scale'")["text"])
            return [text.removeprefix(said) for text in texts if text.startswith(said)]

        before = len(decisions())
        super().test_adaptive_follows_the_load_and_loses_no_data(cluster)
        wait_for(
            lambda: [text for text in decisions()[before:] if text.endswith(" to 3 workers.")],
            self.patience,
        )
        found = decisions()[before:]
        assert found[0].startswith("3 to ")
        assert found[0].endswith("1 worker.") or len(found) > 2, found

    def check_preview(self, text: str, cluster: Cluster) -> None:
        said: dict[str, Any] = {}
        module = ModuleType("dask.distributed")
        module.LocalCluster = said.update  # type: ignore[attr-defined]
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(sys.modules, "dask.distributed", module)
            exec(text, {})  # it is the code that a user may run instead

        assert said["host"] == "127.0.0.1"
        with connected(cluster) as client:
            identity = client.scheduler_info(n_workers=-1)
            environ = client.run(lambda: __import__("os").environ["MY_VARIABLE"])
            resources = client.run(lambda dask_worker: dask_worker.state.total_resources)
        assert identity["address"].startswith(f"{said['protocol']}://{said['host']}:")
        assert len(identity["workers"]) == said["n_workers"]
        for worker in identity["workers"].values():
            assert worker["nthreads"] == said["threads_per_worker"]
            assert worker["memory_limit"] == 700 * 2**20
            assert worker["host"] == said["host"]
        assert set(environ.values()) == {said["env"]["MY_VARIABLE"]}
        assert list(resources.values()) == [said["resources"]] * 2


class TestLocalSpawn(DeploymentContract):
    """The part that depends on how processes start."""

    deployment = "local"
    options: ClassVar[dict[str, Any]] = {"multiprocessing_method": "spawn"}


# Only what differs: the rest would be the same code again, at a second a worker.
for name in [name for name in vars(DeploymentContract) if name.startswith("test_")]:
    if name != "test_scaling_down_loses_no_data":
        setattr(TestLocalSpawn, name, None)
