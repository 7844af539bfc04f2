"""The core of the contract on a real Grid Engine, on the loopback of its only host."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import pytest

from ..backends.sge import GridEngine, grid_engine  # noqa: F401
from .jobs import FullerJobsContract
from .suite import DeploymentContract


@pytest.fixture
def queued(grid_engine: GridEngine) -> Callable[[], dict[str, str]]:  # noqa: F811
    """The scripts that it has spooled, of the jobs that it lists."""
    return grid_engine.scripts


@pytest.mark.usefixtures("grid_engine")
class TestGridEngine(FullerJobsContract):
    deployment = "sge"
    impossible: ClassVar[dict[str, Any]] = {"walltime": "48h"}

    test_adaptive_follows_the_load_and_loses_no_data = (
        DeploymentContract.test_adaptive_follows_the_load_and_loses_no_data
    )
    test_restart_gives_new_workers_and_forgets = (
        DeploymentContract.test_restart_gives_new_workers_and_forgets
    )
