"""The core of the contract, for the batch systems beside Slurm: they share all of its code.

What differs between them is how jobs are written, submitted, found, explained and cancelled; that
is what is tested here, with one launch for each.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar

import pytest

from dasklab.client import Cluster
from dasklab.errors import DasklabError
from dasklab.launching import LaunchRequest, preview

from ..support import kill, wait_for
from .suite import DeploymentContract

__all__ = ("FullerJobsContract", "JobsContract")


class JobsContract:
    """A part of :class:`DeploymentContract`, and what only jobs have.

    The subclass has a fixture ``queued``, which is called for the scripts of the jobs that the
    system has, by their ids; jobs that have ended are not among them.
    """

    deployment: ClassVar[str]
    options: ClassVar[dict[str, Any]] = {
        "cores": 1,
        "memory": "1GB",
        "walltime": "20m",
        "interface": "lo",
    }
    impossible: ClassVar[dict[str, Any]] = {}
    """Options with which a job can never run, but is taken."""

    never: ClassVar[tuple[str, str]] = ("asks for", "error")
    """What is said of it then, and how severe that is."""

    evidence: ClassVar[str] = ""
    """And of what the system has said to it."""

    patience: ClassVar[float] = 60.0

    cluster = DeploymentContract.cluster
    test_is_ready_and_says_what_it_is = DeploymentContract.test_is_ready_and_says_what_it_is
    test_it_computes = DeploymentContract.test_it_computes

    def __init_subclass__(cls, **keywords: Any) -> None:
        """The cluster of the class is gone after this one: it is the last of each subclass."""
        super().__init_subclass__(**keywords)
        cls.test_a_killed_host_leaves_no_job = JobsContract.check_that_a_killed_host_leaves_no_job  # type: ignore[attr-defined]

    @pytest.mark.usefixtures("catalogued")
    def test_preview_is_what_runs(self, cluster: Cluster) -> None:
        request = LaunchRequest(self.deployment, workers=2, options=dict(self.options))
        self.check_preview(preview(request)["text"], cluster)

    def check_preview(self, text: str, cluster: Cluster) -> None:
        """Line by line what the system has been given, but for what only the launch knows."""
        _, head, script = text.split("\n", 2)
        pattern = self.pattern(script, cluster)

        assert head.startswith("# 2 jobs, each submitted with: ")
        assert len(self.given) == 2
        for given in self.given.values():
            assert re.fullmatch(pattern, given.strip()), f"{given}\n{pattern}"

    def folder(self, cluster: Cluster) -> str:
        """Where its jobs write."""
        return str(cluster._cluster._registry.folder / "jobs" / cluster.id)

    def pattern(self, previewed: str, cluster: Cluster) -> str:
        """What a part of a preview becomes when it is submitted."""
        pattern = re.escape(previewed.strip()).replace("<worker>", r"shared-\d+")
        pattern = pattern.replace("<port>", cluster.scheduler_address.rsplit(":", 1)[1])
        pattern = pattern.replace("<folder>", re.escape(self.folder(cluster)))
        return pattern.replace("<id>", "[0-9a-f]{10}")

    @pytest.fixture(autouse=True)
    def _queue(self, queued: Any) -> None:
        self._queued = queued

    @property
    def given(self) -> dict[str, str]:
        """The scripts of the jobs that are there."""
        return dict(self._queued())

    def test_output_of_jobs_is_among_the_logs(self, cluster: Cluster) -> None:
        def sources() -> set[str]:
            return {line["source"] for line in cluster.logs("workers", 200)}

        wait_for(lambda: {f"job {job}" for job in self.given} <= sources(), self.patience)

    def test_scaling_down_loses_no_data(self, cluster: Cluster) -> None:
        DeploymentContract.test_scaling_down_loses_no_data(self, cluster)  # type: ignore[arg-type]
        wait_for(lambda: len(self.given) == 1, self.patience, "the end of two jobs")

    def test_what_can_never_run_is_said_and_stopping_leaves_nothing(self, launch: Any) -> None:
        before = set(self.given)
        options = {**self.options, **self.impossible}
        cluster = launch(self.deployment, workers=1, wait=False, **options)
        try:
            advice = wait_for(
                lambda: [one for one in cluster.why()["advice"] if self.never[0] in one["message"]],
                self.patience,
                "an explanation",
            )
            assert advice[0]["severity"] == self.never[1]
            assert advice[0]["hint"]
            assert self.evidence in "\n".join(advice[0]["evidence"])
            assert len(set(self.given) - before) == 1
        finally:
            cluster.stop()
        assert set(self.given) == before

    def check_that_a_killed_host_leaves_no_job(self, cluster: Cluster) -> None:
        wait_for(lambda: len(self.given) == 2, self.patience, "two jobs, and no others")
        kill(cluster.record.host.pid)

        wait_for(
            lambda: cluster.record.phase.ended and not cluster.record.checkpoint, self.patience
        )
        wait_for(lambda: not self.given, self.patience, "an empty queue")
        assert "cancelled" in [event.kind for event in cluster.record.events]


class FullerJobsContract(JobsContract):
    """With what is as well tested with one or two of them."""

    def test_a_queue_that_there_is_not_is_refused_in_words(self, launch: Any) -> None:
        with pytest.raises(DasklabError, match="asks for a queue") as info:
            launch(self.deployment, workers=1, **{**self.options, "queue": "no-such-queue"})

        assert info.value.hint
