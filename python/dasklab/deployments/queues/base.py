"""A batch system, asked through its own commands: which jobs there are, why they wait, their end.

Nothing here knows of Dask. Every question has a deadline, because a queue's commands hang when its
daemon does, and every answer is in words that a user can act on.
"""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import os
import re
import signal
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

from ...errors import QueueError, QueueSilent
from ...model.explanation import Advice, Job
from ...processes import strip_ansi, tail

__all__ = ("Answer", "Queue", "QueueLimits", "Reason", "Runner", "tail_of")

DEADLINE = 8.0
"""Seconds for one question: a healthy queue needs tenths of one."""

CANCEL_DEADLINE = 20.0

OUTPUT_LIMIT = 8_000_000
"""Characters of an answer that are read; a site's whole queue has fewer."""

AT_ONCE = 200
"""Jobs named on one command line."""

FILTERS = ("SQUEUE_", "SCONTROL_", "SACCT_", "SINFO_", "SCANCEL_", "LSB_BJOBS_")
"""Variables with which users give these commands other formats and filters than ours."""


class Answer(NamedTuple):
    """What a command said."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        """One line of it, for a sentence: errors first."""
        lines = [line.strip() for line in f"{self.err}\n{self.out}".splitlines()]
        return next((line for line in lines if line), "it said nothing")[:300]


class Runner:
    """Runs commands, each in a process group of its own that does not outlive its deadline.

    Parameters
    ----------
    environ
        Environment variables beyond those of this process.
    """

    def __init__(self, environ: dict[str, str] | None = None) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(FILTERS)}
        # Messages are matched and times are read: in one language and one notation.
        self._environ = {**kept, "LC_ALL": "C", "SLURM_TIME_FORMAT": "%s", **(environ or {})}

    async def __call__(self, argv: Sequence[str], deadline: float = DEADLINE) -> Answer:
        """Run a command to its end.

        Raises
        ------
        QueueSilent
            It did not end within ``deadline`` seconds; it has been killed.
        QueueError
            There is no such command.
        """
        # Into files, not pipes: a daemon that a command leaves behind would keep a pipe open.
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            try:
                process = await asyncio.create_subprocess_exec(
                    *argv,
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=out,
                    stderr=err,
                    env=self._environ,
                    start_new_session=True,
                )
            except OSError as error:
                raise QueueError(
                    f"{argv[0]} cannot be run here: {error.strerror}.",
                    "Clusters of this kind are started where the batch system's commands are, "
                    "often after `module load`.",
                ) from error
            try:
                code = await asyncio.wait_for(process.wait(), deadline)
            except asyncio.TimeoutError as error:
                raise QueueSilent(
                    f"{argv[0]} has not answered within {deadline:g} seconds.",
                    "The batch system may be overloaded or down; it is asked again.",
                ) from error
            finally:
                if process.returncode is None:
                    await _kill(process)
            return Answer(code, _read(out), _read(err))


async def _kill(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(asyncio.TimeoutError):  # in a dead file system not even that helps
        await asyncio.wait_for(process.wait(), 2.0)


def _read(file: Any) -> str:
    file.seek(0)
    return str(file.read(OUTPUT_LIMIT).decode("utf-8", "replace"))


@dataclass(frozen=True)
class QueueLimits:
    """What a queue (partition, class) allows a job; ``None`` where it does not say.

    Parameters
    ----------
    queue
        Its name.
    walltime, default_walltime
        Seconds a job may run at the most, and does if it asks for no time.
    memory, cores
        Of its largest machine, in bytes and cores.
    """

    queue: str
    walltime: float | None = None
    default_walltime: float | None = None
    memory: int | None = None
    cores: int | None = None


@dataclass(frozen=True)
class Reason:
    """What a queue's own word for a state means.

    Parameters
    ----------
    code
        For programs: ``"queue.resources"``.
    text
        What a job does or did, such as ``"waits behind others"``: no capital, no full stop.
    hint, severity
        As in :class:`~dasklab.model.explanation.Advice`.
    """

    code: str
    text: str
    hint: str = ""
    severity: str = "note"

    @property
    def sentence(self) -> str:
        """The text as it stands beside one job."""
        return f"{self.text[:1].upper()}{self.text[1:]}."


class Queue(ABC):
    """One batch system.

    Parameters
    ----------
    run
        With what its commands are run.
    """

    name: ClassVar[str]
    cancelling: ClassVar[tuple[str, ...]]
    """The command that cancels, before the ids."""

    rejections: ClassVar[tuple[tuple[str, Reason], ...]] = ()
    """Patterns of what the command that submits says when it refuses."""

    def __init__(self, run: Runner) -> None:
        self.run = run

    @abstractmethod
    async def jobs(self, ids: Sequence[str]) -> list[Job]:
        """The jobs as they are now, in the order of ``ids``; unknown ones have ended."""

    @abstractmethod
    async def find(self, name: str) -> list[str]:
        """Ids of the user's jobs, waiting or running, whose name begins with ``name``."""

    @abstractmethod
    def reason(self, job: Job) -> Reason | None:
        """What the job's state and the queue's word for it mean; ``None``: nothing of note."""

    async def cancel(self, ids: Sequence[str]) -> list[str]:
        """Cancel jobs; those that were neither cancelled nor had ended are returned."""
        doubtful: list[str] = []
        for start in range(0, len(ids), AT_ONCE):
            part = list(ids[start : start + AT_ONCE])
            answer = await self.run([*self.cancelling, *part], CANCEL_DEADLINE)
            if answer.code != 0:
                doubtful += part
        if not doubtful:
            return []
        return [job.id for job in await self.jobs(doubtful) if job.state != "ended"]

    async def explain(self, jobs: Sequence[Job]) -> list[Advice]:
        """What keeps jobs from running, or has ended them: most severe first."""
        return summarized((job, self.reason(job)) for job in jobs)

    async def limits(self, options: dict[str, Any]) -> QueueLimits | None:
        """What the queue of these options allows; ``None`` if it cannot be asked that."""
        return None

    async def output(self, job_id: str) -> list[str]:
        """The last lines of what a job has written, where that can be read from here."""
        return []

    def rejection(self, text: str) -> Advice:
        """Why a submission was refused, from what the command said."""
        said = tuple(line for line in map(str.strip, strip_ansi(text).splitlines()) if line)
        for pattern, reason in self.rejections:
            if re.search(pattern, text, re.IGNORECASE):
                message = f"The batch system refused the job: it {reason.text}."
                return Advice(reason.code, message, reason.hint, "error", said[-5:])
        return Advice(
            "queue.refused",
            f"The batch system refused the job: {said[-1] if said else 'it did not say why'}"[:400],
            "The job script is in the preview.",
            "error",
            said[-5:],
        )

    # -- for the subclasses ------------------------------------------------------------------
    async def ask(self, *argv: str, accept: Iterable[int] = (0,)) -> str:
        """What a command prints.

        Raises
        ------
        QueueError
            It failed, with what it said.
        """
        answer = await self.run(argv)
        if answer.code not in accept:
            raise QueueError(
                f"{argv[0]} failed: {answer.said}", "Whether it works can be tried in a terminal."
            )
        return answer.out


def user() -> str:
    """Whose jobs are meant."""
    return getpass.getuser()


def ended(job_id: str) -> Job:
    """A job that the queue does not know any more."""
    return Job(job_id, "ended", text="The queue does not know it any more.")


def in_order(ids: Sequence[str], found: dict[str, Job]) -> list[Job]:
    """One job for each id."""
    return [found.get(job_id) or ended(job_id) for job_id in ids]


def tail_of(*paths: str, lines: int = 40) -> list[str]:
    """The last lines of the first of these files that has any."""
    for path in paths:
        if path and path != "/dev/null" and (found := tail(path, lines)):
            return found
    return []


SEVERITIES = ("error", "warning", "note")


def summarized(reasons: Iterable[tuple[Job, Reason | None]]) -> list[Advice]:
    """One finding for each kind of reason, with the jobs it is about."""
    found: dict[str, list[tuple[Job, Reason]]] = {}
    for job, reason in reasons:
        if reason is not None:
            found.setdefault(f"{reason.code} {reason.text}", []).append((job, reason))
    advice = []
    for pairs in found.values():
        reason, count = pairs[0][1], len(pairs)
        advice.append(
            Advice(
                reason.code,
                f"{'A job' if count == 1 else f'Each of {count} jobs'} {reason.text}.",
                reason.hint,
                reason.severity,
                tuple(f"{job.id} {job.state} {job.reason}".strip() for job, _ in pairs[:5]),
            )
        )
    return sorted(advice, key=lambda one: SEVERITIES.index(one.severity))
