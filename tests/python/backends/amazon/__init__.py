"""A stand-in of Amazon for a session: moto's server on loopback, with machines that run.

moto keeps what is asked of it and runs nothing. What EC2 and ECS would do with it is done beside it
(``machines.py``, ``tasks.py``): processes of this machine, at addresses of loopback. Networks are
made of such addresses as well (``private``), so that no test connects to any other.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

__all__ = ("REGION", "amazon", "client", "left", "private", "signed_in")

REGION = "eu-central-1"
ROOT = Path(__file__).parents[4]
MODULE = "tests.python.backends.amazon"
OWN = ("DASKLAB_HOME", "TMPDIR", "DASK_CONFIG", "PYTHONPATH")
"""Of the test that happens to start it, not of what serves all of them."""


def client(service: str) -> Any:
    """A client of the stand-in, with the credentials that tests have."""
    import botocore.session

    return botocore.session.get_session().create_client(service, region_name=REGION)


@pytest.fixture(scope="session")
def _moto() -> Iterator[str]:
    environ = {key: value for key, value in os.environ.items() if key not in OWN}
    environ |= {"PYTHONPATH": str(ROOT), "MOTO_ENABLE_AMI_VALIDATION": "true"}
    environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"  # those that Amazon has for everybody
    with tempfile.TemporaryDirectory(prefix="amazon-") as folder, tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [sys.executable, "-m", MODULE, folder],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, env=environ, cwd=folder,
        )  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.stdin.close()  # it ends what it runs, then itself
            try:
                process.wait(20)
            finally:
                process.kill()
                process.wait()
                process.stdout.close()


@pytest.fixture
def amazon(_moto: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Everything that asks Amazon asks the stand-in."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", _moto)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return _moto


@pytest.fixture
def signed_in(amazon: str) -> Iterator[None]:
    """Keys are looked at, and those that tests have are unknown."""

    def look_at_keys_after(count: str) -> None:
        url, kind = f"{amazon}/moto-api/reset-auth", {"Content-Type": "text/plain"}
        request = urllib.request.Request(url, data=count.encode(), headers=kind)
        with urllib.request.urlopen(request, timeout=10):
            pass

    look_at_keys_after("0")
    yield
    look_at_keys_after("inf")


@pytest.fixture
def private(amazon: str) -> dict[str, str]:
    """A VPC of loopback's addresses and its subnet: what a machine has there, this one reaches."""
    ec2 = client("ec2")
    vpc = ec2.create_vpc(CidrBlock="127.77.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="127.77.0.0/20")["Subnet"]["SubnetId"]
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    image = ec2.describe_images()["Images"][0]["ImageId"]
    ec2.close()
    ecs = client("ecs")
    ecs.put_account_setting(name="taskLongArnFormat", value="enabled")  # as accounts have it now
    ecs.close()
    return {"vpc": vpc, "subnet": subnet, "image": image}


def left(cluster: str) -> list[str]:
    """Everything that Amazon has of a cluster: by its id, in names and tags."""
    ec2, ecs, iam, logs = map(client, ("ec2", "ecs", "iam", "logs"))
    found = []
    for reservation in ec2.describe_instances()["Reservations"]:
        for one in reservation["Instances"]:
            if cluster in str(one.get("Tags")) and one["State"]["Name"] != "terminated":
                found.append(f"instance {one['InstanceId']}")
    groups = ec2.describe_security_groups()["SecurityGroups"]
    found += [f"security group {g['GroupName']}" for g in groups if cluster in g["GroupName"]]
    for arn in ecs.list_clusters()["clusterArns"]:
        [described] = ecs.describe_clusters(clusters=[arn])["clusters"]
        if cluster in arn and described["status"] == "ACTIVE":
            found.append(f"ECS cluster {arn}")
            found += [f"task {task}" for task in ecs.list_tasks(cluster=arn)["taskArns"]]
    families = ecs.list_task_definitions(status="ACTIVE")["taskDefinitionArns"]
    found += [f"task definition {arn}" for arn in families if cluster in arn]
    roles = iam.list_roles()["Roles"]
    found += [f"role {role['RoleName']}" for role in roles if cluster in role["RoleName"]]
    named = [group["logGroupName"] for group in logs.describe_log_groups()["logGroups"]]
    found += [f"log group {name}" for name in named if name != "dask-ecs"]  # the account's
    for one in (ec2, ecs, iam, logs):
        one.close()
    return found
