"""EC2 and Fargate from launch to nothing, with dask-cloudprovider, on a stand-in of Amazon."""

from __future__ import annotations

import asyncio
import copy
import importlib
import sys
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import dask.config
import numpy as np
import pytest

import dasklab
from dasklab.client import Cluster
from dasklab.deployments._wrapped import Wrapped
from dasklab.deployments.base import Context
from dasklab.deployments.ec2 import EC2
from dasklab.deployments.fargate import Fargate
from dasklab.errors import DasklabError, StartFailed
from dasklab.model.scaling import Scaling

from ..backends.amazon import _moto, amazon, left, private, signed_in  # noqa: F401
from ..support import kill, wait_for
from .suite import connected, kinds

pytestmark = [pytest.mark.usefixtures("amazon"), pytest.mark.timeout(180)]

PATIENCE = 90.0

MADE = {
    "ec2": ["instance", "security group"],
    "fargate": ["ECS cluster", "task", "task definition", "role", "security group"],
}


class Cloud(NamedTuple):
    """A deployment, its options, and what is done with the workers' machines."""

    name: str
    options: dict[str, Any]


@pytest.fixture(params=["ec2", "fargate"])
def cloud(
    request: pytest.FixtureRequest,
    private: dict[str, str],  # noqa: F811
) -> Iterator[Cloud]:
    """Both, in a network whose addresses are loopback's, for somebody who has configured a lot."""
    with dask.config.set({"jobqueue.slurm.job-script-prologue": ["x" * 16_384]}):
        yield _cloud(request.param, private)


def _cloud(name: str, private: dict[str, str]) -> Cloud:  # noqa: F811
    if name == "fargate":
        network = {"vpc": private["vpc"], "subnets": [private["subnet"]]}
        size = {"worker_cpu": 2048, "worker_mem": 4096}
        return Cloud("fargate", {**network, **size, "fargate_use_private_ip": True})
    network = {"vpc": private["vpc"], "subnet_id": private["subnet"], "use_private_ip": True}
    return Cloud("ec2", {**network, "ami": private["image"], "bootstrap": False})


def test_from_launch_to_nothing(cloud: Cloud, launch: Callable[..., Cluster]) -> None:
    cluster = launch(cloud.name, workers=2, timeout=PATIENCE, **cloud.options)
    cluster.wait(2, timeout=PATIENCE)

    info = cluster.info
    assert [step["state"] for step in info["steps"]] == ["done"] * len(info["steps"])
    address = urlsplit(str(cluster.scheduler_address))
    assert str(address.hostname).startswith("127.7")
    assert address.scheme == ("tls" if cloud.name == "ec2" else "tcp")
    made = " ".join(left(cluster.id))
    assert all(word in made for word in MADE[cloud.name])

    with connected(cluster) as client:
        assert client.gather(client.map(lambda x: x + 1, range(20))) == list(range(1, 21))
        data = [np.random.default_rng(number).random(20_000) for number in range(4)]
        there = list(client.scheduler_info(n_workers=-1)["workers"])
        futures = [client.scatter(d, workers=[there[n % 2]]) for n, d in enumerate(data)]
        assert [len(keys) for keys in client.has_what().values()] == [2, 2]
        cluster.scale(1, wait=True, timeout=PATIENCE)
        for found, sent in zip(client.gather(futures), data):
            np.testing.assert_array_equal(found, sent)
    assert "worker-lost" not in kinds(cluster)
    assert wait_for(lambda: cluster.logs("scheduler"))
    assert wait_for(lambda: cluster.logs("workers"))

    cluster.stop()
    assert (cluster.info["phase"], cluster.record.checkpoint) == ("stopped", {})
    assert left(cluster.id) == []


def test_a_host_killed_in_the_middle_of_a_launch(cloud: Cloud) -> None:
    """Its warden has another process undo what the record names; that one knows nothing else."""
    cluster = dasklab.launch(cloud.name, workers=2, wait=False, **cloud.options)
    first = "instance" if cloud.name == "ec2" else "role"
    wait_for(lambda: first in " ".join(left(cluster.id)), PATIENCE, "something to be undone")
    assert cluster.record.phase.value == "starting"
    assert cluster.record.host is not None
    kill(cluster.record.host.pid)

    wait_for(lambda: not cluster.record.checkpoint, PATIENCE, "its undoing")
    assert left(cluster.id) == []


class Attempt(NamedTuple):
    """A launch within this process that came to nothing."""

    message: str
    hint: str


@pytest.fixture
def own_configuration() -> Iterator[None]:
    """dask-cloudprovider sets what TLS needs for the whole process, and never takes it back."""
    for name in ("distributed", "dask_cloudprovider.aws"):  # which bring defaults in
        importlib.import_module(name)
    before = copy.deepcopy(dask.config.config)
    yield
    dask.config.config.clear()
    dask.config.config.update(before)


def attempt(cls: type[Wrapped], options: dict[str, Any], workers: int = 0) -> Attempt:
    """Launch, and have another process' object undo what there is by then."""

    async def run() -> DasklabError:
        checkpoint: dict[str, Any] = {}
        begun = cls(options, Context("one", Scaling(workers), "", sys.executable, id="failing"))
        try:
            async for step in begun.start():
                checkpoint = step.data
        except DasklabError as error:
            return error
        finally:
            await begun.stop(checkpoint)
            await cls({}, Context("other", None, "", sys.executable)).stop(checkpoint)
        raise AssertionError("It was started.")

    error = asyncio.run(run())
    assert left("failing") == [], error
    return Attempt(error.message, error.hint)


@pytest.mark.filterwarnings("ignore:Creating your cluster:UserWarning")
@pytest.mark.usefixtures("own_configuration")
def test_what_is_refused_is_said(cloud: Cloud) -> None:
    if cloud.name != "ec2":
        refused = attempt(Fargate, {**cloud.options, "image": "missing:1"})
        assert refused.message.startswith("The scheduler's container has ended. The image cannot")
        assert "name and tag" in refused.hint
        return
    refused = attempt(EC2, {**cloud.options, "docker_image": "missing:1"})
    assert refused.message.startswith("The scheduler's machine has ended. The image cannot be")
    assert "name and tag" in refused.hint
    refused = attempt(EC2, {**cloud.options, "ami": "ami-00000000"})
    assert refused.message.startswith("AWS has no such machine image in this region. It says Inv")
    refused = attempt(EC2, {**cloud.options, "worker_instance_type": "c5.large"}, workers=2)
    assert refused.message.startswith("More was asked for than your quota at AWS allows. It says")
    assert "Service Quotas" in refused.hint
    refused = attempt(EC2, {**cloud.options, "use_private_ip": False})
    assert "who may reach the cluster" in refused.message
    assert "--allow-from" in refused.hint


@pytest.mark.usefixtures("signed_in")
def test_credentials_that_aws_does_not_know(launch: Callable[..., Cluster]) -> None:
    with pytest.raises(StartFailed, match="does not accept the credentials") as caught:
        launch("ec2", timeout=PATIENCE, use_private_ip=True)
    assert "aws configure" in caught.value.hint
