"""The core of the contract on a stand-in for PBS, LSF, Moab and OAR, which really runs the jobs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import pytest

from ..backends.standin import StandIn
from .jobs import JobsContract


@pytest.fixture(scope="class")
def standin(request: pytest.FixtureRequest) -> Iterator[StandIn]:
    """The commands of the class's deployment, found first."""
    with StandIn(request.cls.deployment) as standin, pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", standin.path)
        yield standin


@pytest.fixture
def queued(standin: StandIn) -> Callable[[], dict[str, str]]:
    """The scripts of the jobs that it has."""
    return standin.scripts


@pytest.mark.usefixtures("standin")
class TestPBS(JobsContract):
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


@pytest.mark.usefixtures("standin")
class TestOAR(JobsContract):
    deployment = "oar"
