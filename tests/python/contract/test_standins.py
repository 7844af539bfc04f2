"""The core of the contract on a stand-in for PBS, LSF, Moab and OAR, which runs the jobs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import pytest

from dasklab.client import Cluster
from dasklab.errors import DasklabError

from ..backends.standin import StandIn
from .jobs import FullerJobsContract, JobsContract


@pytest.fixture(scope="class")
def standin(request: pytest.FixtureRequest) -> Iterator[StandIn]:
    """The commands of the class's deployment, found first."""
    with (
        StandIn(request.cls.deployment) as standin,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("PATH", standin.path)
        yield standin


@pytest.fixture
def queued(standin: StandIn) -> Callable[[], dict[str, str]]:
    """The scripts of the jobs that it has."""
    return standin.scripts


@pytest.mark.usefixtures("standin")
class TestPBS(FullerJobsContract):
    deployment = "pbs"
    impossible: ClassVar[dict[str, Any]] = {"cores": 64, "processes": 1}


@pytest.mark.usefixtures("standin")
class TestLSF(JobsContract):
    deployment = "lsf"
    impossible: ClassVar[dict[str, Any]] = {"cores": 64, "processes": 1}


@pytest.mark.usefixtures("standin")
class TestMoab(JobsContract):
    deployment = "moab"
    impossible: ClassVar[dict[str, Any]] = {"cores": 64, "processes": 1}
    never = ("waits for nodes that have what it asks for", "warning")  # all that checkjob knows


@pytest.mark.usefixtures("standin")
class TestOAR(JobsContract):
    deployment = "oar"

    def check_preview(self, text: str, cluster: Cluster) -> None:
        """OAR is given the directives as arguments, and what is left of the script."""
        lines = [line for line in text.splitlines() if line.startswith("#OAR ")]
        rest = [line for line in text.splitlines() if not line.startswith("#")]
        super().check_preview("\n".join([*text.splitlines()[:2], *rest]), cluster)

        assert lines[1] == "#OAR -l /nodes=1/core=1,walltime=00:20:00"
        for job in self.queued_by.jobs().values():
            assert (job["cpus"], job["walltime"]) == (1, 1200.0)
            assert job["name"].startswith(lines[0].split()[-1].partition("<")[0])

    @pytest.fixture(autouse=True)
    def _standin(self, standin: StandIn) -> None:
        self.queued_by = standin

    def test_what_can_never_run_is_said_and_stopping_leaves_nothing(self, launch: Any) -> None:
        """OAR says so at once, and does not take the job."""
        before = set(self.given)
        with pytest.raises(DasklabError, match="it asks for more than there is"):
            launch("oar", workers=1, **{**self.options, "cores": 64, "processes": 1})

        assert set(self.given) == before
