"""Runs a batch system's commands, each with a deadline.

Nothing here knows of any of them, nor of Dask. A queue's commands hang when its daemon does, and
a host must not hang with them.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import tempfile
from collections.abc import Sequence
from typing import Any, NamedTuple

from ...errors import QueueError, QueueSilent

__all__ = ("Answer", "Runner")

DEADLINE = 8.0
"""Seconds for one question: a healthy queue needs tenths of one."""

OUTPUT_LIMIT = 8_000_000
"""Characters of an answer that are read; a site's whole queue has fewer."""

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
