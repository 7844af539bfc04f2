"""The contract on a real Grid Engine: jobs of one worker, on the loopback of its only host."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, ClassVar

import pytest

from dasklab.client import Cluster

from ..backends.sge import GridEngine, grid_engine  # noqa: F401
from .suite import DeploymentContract


@pytest.mark.usefixtures("grid_engine")
class TestGridEngine(DeploymentContract):
    deployment = "sge"
    options: ClassVar[dict[str, Any]] = {
        "cores": 1,
        "memory": "1GB",
        "walltime": "20m",
        "interface": "lo",
    }
    patience = 60.0

    @pytest.fixture(autouse=True)
    def _rig(self, grid_engine: GridEngine) -> None:  # noqa: F811
        self.rig = grid_engine

    def check_preview(self, text: str, cluster: Cluster) -> None:
        """Line by line what Grid Engine has been given, but for what only the launch knows."""
        _, head, script = text.split("\n", 2)
        folder = str(cluster._cluster._registry.folder / "jobs" / cluster.id)
        pattern = re.escape(script.strip()).replace("<worker>", "shared-\\d+")
        pattern = pattern.replace("<port>", cluster.scheduler_address.rsplit(":", 1)[1])
        pattern = pattern.replace("<id>", "[0-9a-f]{10}").replace("<folder>", re.escape(folder))

        assert head == "# 2 jobs, each submitted with: qsub"
        jobs = self.rig.jobs()
        assert len(jobs) == 2
        for job in jobs:
            name = f"spool/job_scripts/{int(job) // 10000:02}/{int(job) % 10000:04}"
            given = next(
                path
                for path in (self.rig.folder / name, self.rig.folder / "spool/job_scripts" / job)
                if path.exists()
            )
            assert re.fullmatch(pattern, Path(given).read_text(encoding="utf-8").strip())
