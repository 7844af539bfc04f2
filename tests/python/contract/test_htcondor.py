"""The core of the contract on a real HTCondor: a pool of one machine."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, ClassVar

import pytest

from dasklab.client import Cluster

from ..backends.htcondor import HTCondor, htcondor  # noqa: F401
from ..support import wait_for
from .jobs import JobsContract

pytestmark = pytest.mark.timeout(300)  # it may have to be fetched first


@pytest.fixture
def queued(htcondor: HTCondor) -> Callable[[], dict[str, str]]:  # noqa: F811
    """The arguments of the jobs in its queue."""
    return lambda: {job_id: job["Arguments"] for job_id, job in htcondor.jobs().items()}


def words(arguments: str) -> list[str]:
    """Of ``-c it' ''is'' 'so``: HTCondor quotes as little as it can."""
    found = re.findall(r"(?:'(?:[^']|'')*'|[^\s'])+", arguments)
    unquoted = [re.sub(r"'((?:[^']|'')*)'", lambda m: m[1].replace("''", "\0"), w) for w in found]
    return [word.replace("\0", "'") for word in unquoted]


@pytest.mark.usefixtures("htcondor")
class TestHTCondorItself(JobsContract):
    deployment = "htcondor"
    options: ClassVar[dict[str, Any]] = {
        "cores": 1,
        "memory": "1GB",
        "disk": "1GB",
        "interface": "lo",
    }
    impossible: ClassVar[dict[str, Any]] = {
        "job_extra_directives": {"Requirements": '(Arch == "VAX")'}
    }
    never = ("asks for a kind of machine that there is not", "error")
    evidence = 'no machine meets Arch == "VAX"'  # by condor_q -better-analyze

    def check_preview(self, text: str, cluster: Cluster) -> None:
        """HTCondor keeps what it has read of a description."""
        given = dict(re.findall(r"^([\w.]+) = (.*)$", text, re.MULTILINE))
        flag, command = words(given["Arguments"][1:-1].replace('""', '"'))
        pattern = self.pattern(command, cluster)
        jobs = self.pool.jobs()

        assert len(jobs) == 2
        for job_id, job in jobs.items():
            first, submitted = words(job["Arguments"])
            assert (first, job["Cmd"]) == (flag, given["Executable"])
            assert re.fullmatch(pattern, submitted), f"{submitted}\n{pattern}"
            assert re.fullmatch(self.pattern(given["batch_name"], cluster), job["JobBatchName"])
            assert job["Out"] == f"{self.folder(cluster)}/output/worker-{job_id}.out"
            for name in ("DaskWorkerCores", "DaskWorkerMemory", "DaskWorkerDisk"):
                assert str(job[name]) == given[f"MY.{name}"]

    @pytest.fixture(autouse=True)
    def _pool(self, htcondor: HTCondor) -> None:  # noqa: F811
        self.pool = htcondor

    def test_more_cores_than_any_machine_has(self, launch: Any) -> None:
        launched = launch("htcondor", wait=False, **{**self.options, "cores": 64, "processes": 1})
        advice = wait_for(
            lambda: [a for a in launched.why()["advice"] if a["code"] == "queue.impossible"],
            self.patience,
        )
        assert "asks for 64 cores, the largest machine has 8" in advice[0]["evidence"][0]
        launched.stop()
