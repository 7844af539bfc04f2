"""Workers that are jobs of a batch system: dask-jobqueue beneath, and the queue asked about them.

The module of a system says which class of dask-jobqueue, which commands and which
:class:`~.queues.base.Queue`; everything else is here and in its neighbours: what options amount to
(``_batch_request``), what to mind (``_batch_advice``), jobs that die (``_guard``), growing and
shrinking by whole jobs (``_batch_scaling``).
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from collections.abc import AsyncIterator
from importlib.util import find_spec
from typing import Any, ClassVar

from ..errors import DasklabError, LaunchError, OptionsInvalid, QueueError, StartFailed
from ..model.amounts import Size
from ..model.explanation import Advice, Explanation
from ..model.scaling import Scaling
from ..tls import is_loopback, make, write
from ._batch_advice import find_warnings
from ._batch_options import BATCH, with_site
from ._batch_request import Request, clock_time, read_group, read_request
from ._batch_scaling import were
from ._batch_script import preview
from ._batch_watching import JobWatching
from ._jobs import cluster_class, jobqueue
from .base import Checkpoint, Context, Sample
from .queues.base import Queue, Runner

__all__ = ("BatchDeployment",)

FROM_SITE = (
    "SLURM_",
    "SGE_",
    "PBS_",
    "LSF_",
    "LSB_",
    "CONDOR_",
    "_CONDOR_",
    "OAR",
    "MOAB",
    "TORQUE",
)
"""Beginnings of the variables by which commands find their batch system."""

CANCELLING = 3
"""How often it is looked for jobs that were submitted while others were cancelled."""


class BatchDeployment(JobWatching):
    """Base of the deployments that submit jobs.

    Class attributes beside those of every deployment: ``cluster_class`` (of dask-jobqueue),
    ``section`` (of ``jobqueue`` in Dask's configuration), ``commands`` (that must be there),
    ``queue_class``, and how times are read and written.
    """

    options: ClassVar[dict[str, Any]] = BATCH
    launch_patience = 120.0  # a loaded controller takes its time with each job
    undone_anywhere = True
    cluster_class: ClassVar[str]
    section: ClassVar[str]
    commands: ClassVar[tuple[str, ...]]
    queue_class: ClassVar[type[Queue]]
    two: ClassVar[tuple[int, int]] = (60, 1)
    """What the parts of a time ``A:B`` count, in seconds: minutes and seconds by default."""

    # -- what it is ----------------------------------------------------------------------------
    @classmethod
    def availability(cls) -> DasklabError | None:
        if find_spec("dask_jobqueue") is None:
            return LaunchError(
                f"{cls.title} needs dask-jobqueue, which {sys.executable} does not have.",
                f"Run: {sys.executable} -m pip install dask-jobqueue",
            )
        missing = [command for command in cls.commands if shutil.which(command) is None]
        if missing:
            return LaunchError(
                f"There is no {missing[0]} on this machine.",
                f"Use {cls.title} where its commands are found: on a login node, often after "
                "`module load`.",
            )
        return None

    @classmethod
    def schema(cls) -> dict[str, Any]:
        return with_site(cls.options, cls.section)

    @classmethod
    def write_time(cls, seconds: float) -> str:
        """A wall time as this system takes it."""
        return clock_time(seconds)

    @classmethod
    def requests(cls, options: dict[str, Any], python: str = sys.executable) -> dict[str, Request]:
        """What is asked of the queue for one job of each group; that without a name first.

        Raises
        ------
        OptionsInvalid
        """
        found = {"": options}
        for name, text in (options.get("groups") or {}).items():
            found[name] = {**options, **read_group(cls.options, name, text)}
        return {
            name: read_request(
                given, cls.section, two=cls.two, write_time=cls.write_time, python=python
            )
            for name, given in found.items()
        }

    @classmethod
    def base_class(cls) -> Any:
        """The class of dask-jobqueue."""
        return getattr(jobqueue(), cls.cluster_class)

    @classmethod
    def preview(cls, options: dict[str, Any], scaling: Scaling | None) -> str:
        return preview(cls, options, scaling)

    @classmethod
    def warnings(cls, options: dict[str, Any], scaling: Scaling | None) -> list[Advice]:
        queue = cls.queue_class(Runner())
        requests = cls.requests(options)
        try:
            host, _ = listening(requests[""], cls.section)
        except OptionsInvalid:  # no such interface, as the preview says and the launch
            host = ""
        return find_warnings(cls.title, requests, options, queue, host)

    # -- one cluster ---------------------------------------------------------------------------
    def __init__(self, options: dict[str, Any], context: Context) -> None:
        super().__init__(options, context)
        self.queue = self.queue_class(Runner())
        self.job_name = job_name(context.id)

    async def start(self) -> AsyncIterator[Checkpoint]:
        import dask

        os.environ.update(self.context.environ)
        if not dask.config.get("temporary-directory", None) and self.context.scratch:
            dask.config.set({"temporary-directory": self.context.scratch})  # the scheduler's
        undo = {
            "name": self.job_name,
            "environ": {
                name: value
                for name, value in os.environ.items()
                if name == "PATH" or name.startswith(FROM_SITE)
            },
        }
        yield Checkpoint("scheduler", "Starting the scheduler", undo)
        self.requests_of = self.requests(self.given, self.context.python)
        self.queue = self.queue_class(Runner(), str(self.keywords("")["log_directory"]))
        self.cluster = self._make()
        try:
            await self.cluster
        except (RuntimeError, OSError) as error:
            raise StartFailed(
                f"The scheduler did not start: {error}",
                "Another interface or scheduler_port may do.",
            ) from error
        self.watch_workers()
        scaling = self.context.scaling
        if scaling is None:
            scaling = Scaling(self.requests_of[""].processes)
        jobs = self.jobs_for("", scaling.wanted)
        what = f"Submitting {jobs} job{'s' * (jobs != 1)} to {self.title}"
        yield Checkpoint("submit", "Adaptive scaling" if scaling.adaptive else what, undo)
        await self.scale(scaling)
        if self.refused is not None and not self.known:
            raise StartFailed(
                self.refused.message,
                self.refused.hint,
                details={"log": list(self.refused.evidence)},
            )

    def _make(self) -> Any:
        """The cluster, without jobs and not yet started."""
        request = self.requests_of[""]
        host, options = listening(request, self.section)
        options.update(dashboard=False, dashboard_address="127.0.0.1:0")
        if self.given.get("scheduler_port"):
            options["port"] = self.given["scheduler_port"]
        security = None
        if uses_tls(self.given, host):
            security = make(self.context.python)
            self.tls = write(security, os.path.join(self.context.folder, "tls"))
            # The scheduler keeps what it has; workers read it from files that their nodes see.
            security.tls_worker_cert = self.tls["tls_client_cert"]
            security.tls_worker_key = self.tls["tls_client_key"]
            security.tls_ca_file = self.tls["tls_ca_file"]
        cls = cluster_class(self.base_class(), self._cancel_one, self.submitted)
        return cls(
            asynchronous=True,
            name=self.context.name,
            silence_logs=False,
            security=security,
            interface=request.interface or None,
            scheduler_options=options,
            **self.keywords(""),
        )

    def keywords(self, group: str) -> dict[str, Any]:
        """For the jobs of a group: what its options say, and what is the cluster's own."""
        request = self.requests_of[group]
        folder = request.log_directory or os.path.join(self.context.folder, "output")
        return {**request.keywords, "job_name": self.job_name, "log_directory": folder}

    def size(self) -> Size | None:
        request = self.requests_of.get("")
        if request is None:
            return None
        each = request.processes
        return Size(request.cores // each, request.memory // each, each)

    async def sample(self) -> Sample:
        sample = self.count(await super().sample())
        if sample.running:
            self.launched()
        return sample

    async def explain(self) -> Explanation:
        return await self.look() if self.cluster is not None else Explanation()

    async def restart(self) -> None:
        self.guard.again()
        await super().restart()
        await self.grow()

    async def logs(self, source: str, lines: int) -> list[dict[str, Any]]:
        found = await super().logs(source, lines)
        if source == "workers":
            outputs = {grave.job.id: grave.output for grave in self.dead}
            for job in list(self.known.values()):
                outputs[job.id] = await self._output(job.id)
            found += [
                {"source": f"job {job_id}", "at": None, "level": "", "text": text}
                for job_id, output in outputs.items()
                for text in output[-lines:]
            ]
        return found

    # -- the end -------------------------------------------------------------------------------
    async def stop(self, checkpoint: dict[str, Any] | None) -> None:
        """Cancel all jobs, those of a start that was cut off too; then close what is here.

        Raises
        ------
        QueueError
            Some are still there, or the queue does not answer.
        """
        self.ending = True
        self._stop_adapting()
        undo = checkpoint or {}
        if self.cluster is None:
            if undo.get("name"):
                await self._cancel_all(
                    self.queue_class(Runner(dict(undo.get("environ", {})))), str(undo["name"])
                )
        else:
            submitting = self._scaling.locked()
            try:
                await self._cancel_all(self.queue, self.job_name)
            finally:
                await super().stop(checkpoint)
            if submitting:  # it has ended with the cluster: what it brought is in the queue now
                await self._cancel_all(self.queue, self.job_name)
        shutil.rmtree(os.path.join(self.context.folder, "tls"), ignore_errors=True)

    async def _cancel_all(self, queue: Queue, name: str) -> None:
        left: list[str] = []
        cancelled: set[str] = set()
        for _ in range(CANCELLING):
            found = sorted(
                {*await queue.find(name), *left} | {job.id for job in self.known.values()}
            )
            self.known.clear()
            if not found:
                break
            left = await queue.cancel(found)
            cancelled |= set(found) - set(left)
        if cancelled:
            self.context.note("cancelled", f"{were(sorted(cancelled))} cancelled.")
        if left:
            raise QueueError(
                f"{were(left)} not cancelled: the queue says that they are still there.",
                "They are cancelled later, or by hand.",
            )

    async def _cancel_one(self, job_id: str) -> None:
        if not self.ending:  # else all are cancelled at once
            await self.queue.cancel([job_id])


def job_name(cluster_id: str) -> str:
    """The name of a cluster's jobs: 15 characters, which is what some systems keep of it."""
    return f"dask-{hashlib.sha256(cluster_id.encode()).hexdigest()[:10]}"


def listening(request: Request, section: str) -> tuple[str, dict[str, Any]]:
    """The address that the scheduler is to listen on, and its options as the site has set them.

    Raises
    ------
    OptionsInvalid
        There is no such interface.
    """
    import dask
    from distributed.utils import get_ip, get_ip_interface

    options = dict(dask.config.get(f"jobqueue.{section}.scheduler-options", None) or {})
    interface = options.get("interface") or request.interface
    if "host" in options:
        return str(options["host"]), options
    if not interface:
        options["host"] = get_ip()
        return str(options["host"]), options
    try:
        return str(get_ip_interface(interface)), options
    except ValueError as error:
        import psutil

        raise OptionsInvalid(
            f"interface: this machine has none called {interface!r}.",
            f"It has {', '.join(sorted(psutil.net_if_addrs()))}.",
        ) from error


def uses_tls(options: dict[str, Any], host: str) -> bool:
    """Whether the scheduler asks for certificates."""
    wanted = options.get("tls", "auto")
    return bool(wanted == "on" or (wanted == "auto" and not is_loopback([host])))
