"""PBS, LSF, Moab and OAR through a stand-in that runs the jobs: real processes, real scripts."""

from __future__ import annotations

import asyncio
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dasklab.deployments.queues.base import Queue
from dasklab.deployments.queues.lsf import LSFQueue
from dasklab.deployments.queues.moab import MoabQueue
from dasklab.deployments.queues.oar import OARQueue
from dasklab.deployments.queues.pbs import PBSQueue
from dasklab.deployments.queues.runner import Runner
from dasklab.errors import QueueSilent

from ...backends.standin import StandIn
from ...support import wait_for

QUEUES: dict[str, type[Queue]] = {
    "pbs": PBSQueue,
    "lsf": LSFQueue,
    "moab": MoabQueue,
    "oar": OARQueue,
}
ASKS = {"pbs": "qstat", "lsf": "bjobs", "moab": "showq", "oar": "oarstat"}


class Rig:
    """One system with two cores, and its queue as dasklab sees it."""

    def __init__(self, system: str, standin: StandIn) -> None:
        self.system, self.standin = system, standin
        self.queue = QUEUES[system](Runner({"PATH": standin.path}), str(standin.folder))

    def submit(
        self, body: str, cores: int = 1, wall: str = "00:10:00", name: str = "dask-a"
    ) -> str:
        """Submit a job script as dask-jobqueue writes them; its id."""
        folder = self.standin.folder
        heads = {
            "pbs": f"#PBS -N {name}\n#PBS -l select=1:ncpus={cores}:mem=1GB\n#PBS -l walltime={wall}\n"
            f"#PBS -e {folder}/\n#PBS -o {folder}/",
            "lsf": f"#BSUB -J {name}\n#BSUB -n {cores}\n#BSUB -M 1000\n#BSUB -W {wall[:5]}\n"
            f"#BSUB -o {folder}/{name}-%J.out",
        }
        script = folder / "script.sh"
        head = (
            heads["pbs" if self.system == "moab" else self.system] if self.system != "oar" else ""
        )
        script.write_text(f"#!/usr/bin/env bash\n{head}\n{body}\n", encoding="utf-8")
        command = {
            "pbs": ["qsub", str(script)],
            "moab": ["msub", str(script)],
            "lsf": ["bsub", str(script)],
            "oar": ["oarsub", "-n", name, "-l", f"/nodes=1/core={cores},walltime={wall}", body],
        }[self.system]
        done = subprocess.run(
            [str(self.standin.bin / command[0]), *command[1:]],
            capture_output=True, text=True, cwd=folder, check=True, timeout=60,
        )  # fmt: skip
        return re.findall(r"\d+", done.stdout)[0]

    def jobs(self, *ids: str) -> list[Any]:
        return asyncio.run(self.queue.jobs(ids))

    def until(self, job_id: str, state: str) -> Any:
        return wait_for(
            lambda: [job for job in self.jobs(job_id) if job.state == state],
            60,
            f"{state} {job_id}",
        )[0]


@pytest.fixture(params=sorted(QUEUES))
def rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    with StandIn(request.param, slots=2) as standin:
        yield Rig(request.param, standin)


def test_jobs_wait_run_and_are_found_and_cancelled(rig: Rig, tmp_path: Path) -> None:
    first = rig.submit("exec sleep 600", cores=2)
    second = rig.submit("exec sleep 600", cores=1)
    other = rig.submit("exec sleep 600", cores=1, name="other")
    rig.until(first, "running")

    (waiting,) = rig.jobs(second)
    assert waiting.state == "pending"
    assert waiting.text.startswith("Waits until enough")
    assert [one.severity for one in asyncio.run(rig.queue.explain([waiting]))] == ["note"]
    assert asyncio.run(rig.queue.find("dask-a")) == [first, second]

    assert asyncio.run(rig.queue.cancel([first, "4711", second])) == []
    assert rig.until(first, "ended").text == "Was cancelled."
    rig.until(other, "running")
    assert asyncio.run(rig.queue.find("dask-a")) == []


def test_what_a_job_wrote_and_how_it_failed_is_known(rig: Rig) -> None:
    job_id = rig.submit("echo no module; exit 3")

    assert rig.until(job_id, "ended").text == "Failed."
    assert asyncio.run(rig.queue.output(job_id)) == ["no module"]


# LSF's shortest wall time is a minute: its words for it are in test_documented.
@pytest.mark.parametrize("rig", ["moab", "oar", "pbs"], indirect=True)
def test_the_wall_time_ends_a_job_and_is_said(rig: Rig) -> None:
    job_id = rig.submit("exec sleep 600", wall="00:00:01")

    assert rig.until(job_id, "ended").text == "Was ended by the queue at its wall time."


def test_a_command_that_hangs_is_said_to(rig: Rig) -> None:
    job_id = rig.submit("exec sleep 600")
    patient, rig.queue.run = rig.queue.run, Impatient({"PATH": rig.standin.path})
    with rig.standin.hanging(ASKS[rig.system]), pytest.raises(QueueSilent, match="not answered"):
        rig.jobs(job_id)

    rig.queue.run = patient
    assert rig.jobs(job_id)


class Impatient(Runner):
    """A runner whose deadlines are short."""

    async def __call__(self, argv: Any, deadline: float = 8.0) -> Any:
        return await super().__call__(argv, 1.0)
