"""dask-jobqueue's classes, with what they do wrong put right.

A command that submits has a deadline and says why it was refused; a job that was cancelled counts
as closed; jobs that have died are nobody's but ours to replace (SpecCluster, when a worker is
lost, would submit again without end). Used by ``_batch`` only.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from ._importing import keeping_signals
from .queues.base import Runner

__all__ = ("Refusal", "cluster_class", "command_of", "jobqueue")

SUBMIT_DEADLINE = 30.0
"""Seconds for one submission: a loaded controller takes some, and a launch waits for it."""


def jobqueue() -> Any:
    """The package dask_jobqueue."""
    with keeping_signals():
        import dask_jobqueue
    return dask_jobqueue


class Refusal(Exception):
    """The command that submits has failed; its text is what it said."""


class Submitter(Runner):
    """Runs what submits: jobs get its environment, as a rule, so it is the user's."""

    def __init__(self) -> None:
        super().__init__()
        self._environ = dict(os.environ)


def cluster_class(
    base: type[Any],
    cancel: Callable[[str], Awaitable[None]],
    submitted: Callable[[str, str], None],
) -> type[Any]:
    """A subclass of one of dask-jobqueue's clusters.

    Parameters
    ----------
    cancel
        Cancels one job.
    submitted
        Told of each job that was submitted: its name in the cluster, and its id.
    """

    run = Submitter()

    class Job(base.job_cls):  # type: ignore[misc, name-defined]
        @staticmethod
        async def _call(command: Sequence[str], *, shell: bool = False, **_: Any) -> str:
            if shell:
                # LSF's sends the reason of a refusal to /dev/null.
                text = " ".join(command).removesuffix("2> /dev/null")
                command = ["/bin/sh", "-c", text]
            answer = await run(list(command), SUBMIT_DEADLINE)
            if answer.code != 0:
                raise Refusal(f"{answer.err}\n{answer.out}".strip() or f"exit code {answer.code}")
            return str(answer.out)

        async def start(self) -> None:
            await super().start()
            submitted(self.name, str(self.job_id))

        async def close(self) -> None:
            if self.job_id:
                await cancel(str(self.job_id))
            # Its own leaves the status as it was, over which SpecCluster fails when it closes.
            from distributed.core import Status

            self.status = Status.closed
            self._event_finished.set()

    class Cluster(base):  # type: ignore[misc]
        job_cls = Job

        def _update_worker_status(self, op: str, message: Any) -> None:
            from distributed.deploy.cluster import Cluster as Plain

            Plain._update_worker_status(self, op, message)

    return Cluster


def command_of(job_class: type[Any]) -> str:
    """The command that submits, for people."""
    return shlex.join(shlex.split(str(job_class.submit_command)))
