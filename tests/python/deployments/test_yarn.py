"""What YARN's class is called with, and that it is scaled and closed.

``dask_yarn`` here is a double: dask-yarn 0.9 cannot be imported beside the distributed of today. It
takes the arguments of 0.9's ``YarnCluster``, and runs a ``LocalCluster`` in this process.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any, ClassVar

import pytest
from distributed import Client, LocalCluster

from dasklab.deployments import _wrapped, yarn
from dasklab.deployments.base import Context
from dasklab.deployments.yarn import Yarn
from dasklab.errors import OptionsInvalid
from dasklab.model.scaling import Scaling

from ..support import on_a_loop

OPTIONS = {
    "environment": "hdfs:///envs/mine.tar.gz",
    "worker_vcores": 2,
    "worker_memory": "8 GiB",
    "worker_restarts": 3,
    "worker_env": {"OMP_NUM_THREADS": "4"},
    "queue": "research",
    "scheduler_vcores": 1,
    "scheduler_memory": "4 GiB",
    "user": "alice",
}


class YarnCluster(LocalCluster):
    """The double: threads of this process for YARN's containers."""

    calls: ClassVar[list[dict[str, Any]]] = []

    def __init__(
        self,
        environment: Any = None,
        n_workers: Any = None,
        worker_vcores: Any = None,
        worker_memory: Any = None,
        worker_restarts: Any = None,
        worker_env: Any = None,
        scheduler_vcores: Any = None,
        scheduler_memory: Any = None,
        name: str = "dask",
        queue: str = "default",
        user: str = "",
        dashboard_address: Any = None,
        asynchronous: bool = False,
    ) -> None:
        given = {key: value for key, value in locals().items() if key not in ("self", "__class__")}
        self.calls.append(given)
        super().__init__(
            name=name,
            n_workers=n_workers,
            threads_per_worker=worker_vcores,
            processes=False,
            protocol="tcp",
            host="127.0.0.1",
            dashboard_address=dashboard_address,
            asynchronous=asynchronous,
        )


@pytest.fixture
def double(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Calls of the double, which is there as a release that works would be."""
    module = ModuleType("dask_yarn")
    monkeypatch.setattr(YarnCluster, "calls", [])
    module.YarnCluster = YarnCluster  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "dask_yarn", module)
    monkeypatch.setattr(_wrapped, "_there", lambda name: True)
    found = yarn.metadata.version

    def version(name: str) -> str:
        return "1.0" if name == "dask-yarn" else found(name)

    monkeypatch.setattr(yarn.metadata, "version", version)
    return YarnCluster.calls


def made(options: dict[str, Any], folder: Any) -> Yarn:
    return Yarn(options, Context("mine", Scaling(2), str(folder), sys.executable, id="abc"))


def test_it_is_called_scaled_and_closed(double: list[dict[str, Any]], tmp_path: Any) -> None:
    @on_a_loop
    async def run() -> None:
        deployment = made(OPTIONS, tmp_path)
        steps = [checkpoint async for checkpoint in deployment.start()]
        cluster = deployment.cluster
        async with Client(cluster.scheduler_address, asynchronous=True) as client:
            await client.wait_for_workers(2)
            assert (await deployment.sample()).running == 2
            held = await client.scatter(list(range(6)), broadcast=False)
            await deployment.scale(Scaling(1))
            assert len(cluster.workers) == 1
            assert await client.gather(held) == list(range(6))
        await deployment.stop(steps[-1].data)

        assert cluster.status.name == "closed"
        assert {"cluster": "abc"} in [step.data for step in steps]

    run()
    assert double == [
        {
            **OPTIONS,
            "name": "dasklab-abc",
            "n_workers": 0,
            "dashboard_address": "127.0.0.1:0",
            "asynchronous": True,
        }
    ]


def test_an_argument_that_it_does_not_take_is_said(
    double: list[dict[str, Any]], tmp_path: Any
) -> None:
    @on_a_loop
    async def run() -> None:
        with pytest.raises(OptionsInvalid, match="does not take these arguments"):
            [step async for step in made({"worker_disk": "1 GB"}, tmp_path).start()]

    run()
    assert double == []
