"""The contract on a real Slurm: jobs of one worker, on the loopback of its only node."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from distributed.diskutils import WorkSpace

from dasklab.client import Cluster

from ..backends.slurm import ask, slurm  # noqa: F401
from .suite import DeploymentContract


@pytest.mark.usefixtures("slurm")
class TestSlurm(DeploymentContract):
    deployment = "slurm"
    options: ClassVar[dict[str, Any]] = {
        "cores": 1,
        "memory": "1GB",
        "walltime": "20m",
        "interface": "lo",
    }
    patience = 60.0

    @pytest.fixture(autouse=True)
    def _next_worker(self, home: Path) -> Iterator[None]:
        """What the next worker of this node does, as ever in Dask: remove what dead ones had.

        Slurm's signal also reaches workers that are just ending, and ends those before they tidy.
        """
        yield
        scratch = home.parent / "tmp" / "dask-scratch-space"
        if scratch.exists():
            WorkSpace(str(scratch)).new_work_dir(prefix="next-").release()

    def check_preview(self, text: str, cluster: Cluster) -> None:
        """Line by line what Slurm has been given, but for what only the launch knows."""
        _, head, script = text.split("\n", 2)
        pattern = re.escape(script.strip()).replace("<worker>", "shared-\\d+")
        pattern = pattern.replace("<port>", cluster.scheduler_address.rsplit(":", 1)[1])
        pattern = pattern.replace("<id>", "[0-9a-f]{10}")
        pattern = pattern.replace("<folder>", re.escape(self.folder(cluster)))

        assert head == "# 2 jobs, each submitted with: sbatch"
        jobs = ask("squeue", "--noheader", "-o", "%A").split()
        assert len(jobs) == 2
        for job in jobs:
            given = ask("scontrol", "write", "batch_script", job, "-")
            assert re.fullmatch(pattern, given), given

    def folder(self, cluster: Cluster) -> str:
        return str(cluster._cluster._registry.folder / "jobs" / cluster.id)
