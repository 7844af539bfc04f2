"""A program in a pod of its own beside a cluster that lives no longer than it: a ``DaskJob``.

The operator makes both, tells the program where the scheduler is, and removes the cluster when the
program has ended. What became of it is read from its pod: the DaskJob's status comes later.
"""

from __future__ import annotations

import logging
import time
from typing import Any

from ...errors import ClusterGone, DasklabError
from ..base import Context
from .api import Api
from .explaining import container_of, explain, state_of
from .seeing import Waiting, see

__all__ = ("RUNNER", "JobFailed", "Runner", "WaitingBeside")

logger = logging.getLogger(__name__)

RUNNER = "job-runner"
"""What the operator calls the part of a DaskJob that is no cluster."""

LOOK = 2.0
"""Seconds between two looks at the pod."""

TAIL = 40
"""Lines of the program's output beside the reason for its end; the host's log has more of them."""

OUTPUT = 1_000


class JobFailed(DasklabError):
    """The program of a DaskJob has ended with an error."""

    code = "kubernetes.job"
    status = 422


class Runner:
    """Watches the program of one DaskJob.

    Attributes
    ----------
    over
        What became of it: :class:`~dasklab.errors.ClusterGone` for the best.
    launched
        Whether the cluster's own steps are done, so that what the program waits for is the next.
    """

    def __init__(self, api: Api, name: str, context: Context) -> None:
        self._api = api
        self._name = name
        self._context = context
        self._runs = False
        self._said = ""
        self._looked = 0.0
        self.launched = False
        self.over: DasklabError | None = None

    async def ended(self, *, now: bool = False) -> bool:
        """Whether it has; asked for every two seconds, or ``now``."""
        if self.over is None and (now or time.monotonic() - self._looked > LOOK):
            self._looked = time.monotonic()
            await self._look()
        return self.over is not None

    async def _look(self) -> None:
        pods = await self._api.of("Pod", self._name, RUNNER)
        for pod in pods:
            phase = pod.get("status", {}).get("phase")
            if phase in ("Succeeded", "Failed"):
                self.over = await self._end(pod, phase)
            elif not self._runs and state_of(pod)[0] == "running":
                self._runs = True
                self._context.note("job", "The job runs.")
        if self.launched:
            await self._tell()

    async def _tell(self) -> None:
        """Say as a step why its pod does not run, for as long as it does not."""
        what = ""
        if not self._runs and self.over is None:
            found = explain(await see(self._api, self._name, RUNNER)).advice
            what = found[0].message if found else "It is made."
        if what != self._said:
            self._said = what
            self._context.step("job" if what else None, f"Waiting for the job's pod: {what}")

    async def _end(self, pod: dict[str, Any], phase: str) -> DasklabError:
        lines = await self._api.logs(pod["metadata"]["name"], OUTPUT)
        logger.info("The job has written:\n%s", "\n".join(lines))
        details = {"log": lines[-TAIL:]}
        if phase == "Succeeded":
            return ClusterGone("The job has succeeded; its cluster went with it.", details=details)
        state = container_of(pod).get("state", {}).get("terminated", {})
        why = pod["status"].get("message") or f"exit code {state.get('exitCode', 'unknown')}"
        last = next((line.strip() for line in reversed(lines) if line.strip()), "")
        return JobFailed(
            f"The job has failed ({why})" + (f": {last[:300]}" if last else "."),
            "Its last lines say why; the log of the host has more of them.",
            details=details,
        )


class WaitingBeside(Waiting):
    """The wait for the scheduler of a DaskJob, whose program may have ended by then."""

    def __init__(self, api: Api, name: str, runner: Runner) -> None:
        super().__init__(api, name, "DaskJob")
        self._runner = runner

    async def look(self) -> tuple[bool, str]:
        if await self._runner.ended():
            raise ClusterGone("Its job has ended.")  # the deployment says how
        return await super().look()
