"""MPI: a scheduler and workers that are the ranks of one ``mpirun``, through dask-mpi.

For allocations in which MPI is how processes get onto nodes. The world has the size it was started
with: nothing can be added to it, so such a cluster does not scale. Everything hangs on the one
``mpirun``, which is a process of the host's own: it ends with the host, whatever ends that.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import shlex
import shutil
import signal
import sys
from collections import deque
from collections.abc import AsyncIterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar

from ..errors import (
    ClusterGone,
    DasklabError,
    InterpreterUnfit,
    StartFailed,
    Unsupported,
)
from ..model.explanation import Advice, Explanation
from ..model.scaling import Scaling
from ..model.worker_counts import WorkerCounts
from ..processes import strip_ansi
from ..tls import CLIENT, is_loopback, make, of_files, write
from ._cluster import ClusterDeployment
from ._elsewhere import Elsewhere
from ._mpi_failures import explain_failure
from ._mpi_options import OPTIONS
from .base import Checkpoint, Context, Sample

__all__ = ("Mpi",)

logger = logging.getLogger(__name__)

WORKERS = 2
"""Workers of a launch that does not say how many."""

LINES = 60
"""Lines of what ``mpirun`` said last, for the reason of a failure."""

LOOK = 0.1
"""Seconds between looks for the scheduler's file: its name is all that dask-mpi tells."""

QUEUED = ("srun", "jsrun", "aprun", "flux", "bsub", "qrsh", "salloc")
"""Launchers that may hand their ranks to a queue first, where nobody knows how long they wait."""

PATIENCE = 4.0
"""Seconds in which the ranks must end in order; ``mpirun`` itself ends them then."""


class Mpi(ClusterDeployment):
    """The ranks of one ``mpirun``: the scheduler is rank 0, the others are workers."""

    name = "mpi"
    title = "MPI"
    description = "A scheduler and workers that one mpirun starts; a fixed number of them."
    can = ("restart", "stop", "keep", "dashboard", "logs")
    options: ClassVar[dict[str, Any]] = OPTIONS
    takes = WorkerCounts(
        adaptive=False,
        least=1,
        why="An MPI world has a fixed number of ranks, at least one of them a worker.",
        hint="Give a number of workers, such as -n 4.",
    )

    def __init__(self, options: dict[str, Any], context: Context) -> None:
        super().__init__(options, context)
        self._process: asyncio.subprocess.Process | None = None
        self._said: deque[str] = deque(maxlen=LINES)
        self._reading: asyncio.Task[None] | None = None
        self._file = Path()
        self._wanted = WORKERS
        self._tls: dict[str, str] = {}

    # -- before a launch -------------------------------------------------------------------------
    @classmethod
    def availability(cls) -> DasklabError | None:
        missing = [name for name in ("dask_mpi", "mpi4py") if find_spec(name) is None]
        if missing:
            packages = " ".join(name.replace("_", "-") for name in missing)
            return InterpreterUnfit(
                f"{sys.executable} has no {' and no '.join(packages.split())}.",
                f"Run: {sys.executable} -m pip install {packages}",
            )
        if not any(shutil.which(name) for name in ("mpirun", "mpiexec", "srun")):
            return InterpreterUnfit(
                "There is no mpirun, mpiexec or srun on this machine.",
                "Load your site's MPI module where Jupyter starts, or install it: "
                "apt-get install openmpi-bin",
            )
        return None

    @classmethod
    def command(
        cls,
        options: dict[str, Any],
        scaling: Scaling | None,
        file: str,
        tls: dict[str, str] | None = None,
    ) -> list[str]:
        """The one command line that a launch amounts to.

        Parameters
        ----------
        tls
            Files of credentials that were made for this cluster; the site's own are known to all
            ranks by Dask's configuration.

        Raises
        ------
        WorkersInvalid
        """
        cls.takes.check(scaling)
        workers = scaling.wanted if scaling is not None else WORKERS
        launcher = shlex.split(options.get("launcher", "mpirun"))
        if options.get("oversubscribe"):
            launcher.append("--oversubscribe")
        if options.get("hosts"):
            launcher += ["--host", ",".join(options["hosts"])]
        # mpi4py ends the whole world when a rank fails; else the others wait for it for ever.
        python = [sys.executable, "-m", "mpi4py", "-m", "dask_mpi.cli", "--scheduler-file", file]
        if tls:
            # Not every launcher hands variables on to other hosts; all of them run a program.
            python = ["env", *_variables(tls), *python]
        arguments = {
            "--interface": options.get("interface", "lo"),
            "--protocol": "tls://" if uses_tls(options) else "tcp://",
            "--nthreads": str(options.get("nthreads", 1)),
            "--memory-limit": options.get("memory_limit", "auto"),
            "--dashboard-address": "127.0.0.1:0",
            # Its own default is every interface, for each worker's pages as well.
            "--worker-options": json.dumps({"dashboard_address": "127.0.0.1:0"}),
        }
        if options.get("local_directory"):
            arguments["--local-directory"] = os.path.expanduser(options["local_directory"])
        rest = [part for pair in arguments.items() for part in pair]
        return [*launcher, "-n", str(workers + 1), *python, *rest]

    @classmethod
    def preview(cls, options: dict[str, Any], scaling: Scaling | None) -> str:
        folder = options.get("shared_directory", "SCRATCH")
        files = {name: f"FOLDER/{name.removeprefix('tls_')}.pem" for name in CLIENT}
        command = cls.command(
            options, scaling, f"{folder}/scheduler.json", files if uses_tls(options) else None
        )
        text = "# Rank 0 is the scheduler. SCRATCH is a folder of the cluster's own"
        text += ", FOLDER one that all hosts see.\n" if uses_tls(options) else ".\n"
        return text + shlex.join(command).replace(" --", " \\\n    --") + "\n"

    @classmethod
    def warnings(cls, options: dict[str, Any], scaling: Scaling | None) -> list[Advice]:
        found = []
        outside = not _on_loopback(options)
        if outside and not uses_tls(options):
            found.append(
                Advice(
                    "mpi.open",
                    f"Whoever reaches {options['interface']} of these hosts can run code as you "
                    "while the cluster runs: its scheduler asks nobody who they are.",
                    "Leave tls at auto where that network is not yours alone.",
                )
            )
        if options.get("hosts") and not outside:
            found.append(
                Advice(
                    "mpi.loopback",
                    "Workers on other hosts cannot reach a scheduler on loopback.",
                    "Give --interface, such as ib0 or eth0.",
                )
            )
        return found

    # -- its life --------------------------------------------------------------------------------
    async def start(self) -> AsyncIterator[Checkpoint]:
        scaling = self.context.scaling
        self._wanted = scaling.wanted if scaling is not None else WORKERS
        self._file = self._place()
        known = {"file": str(self._file), "tls": str(self._file.with_suffix("")) + "-tls"}
        if not self.given.get("shared_directory") and self.context.folder:
            known["tls"] = os.path.join(self.context.folder, "tls")
        yield Checkpoint("mpirun", f"Starting {self._wanted + 1} ranks", known)
        made = self._credentials(known["tls"]) if uses_tls(self.given) else None
        command = self.command(self.given, scaling, str(self._file), made)
        try:
            self._process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                env=self._environ(),
            )
        except OSError as error:
            raise StartFailed(
                f"{command[0]} cannot be run: {error.strerror}.",
                "Load your site's MPI module where Jupyter starts, or give --launcher.",
            ) from error
        self._reading = asyncio.get_running_loop().create_task(self._read())
        queued = os.path.basename(command[0]) in QUEUED
        title = f"Waiting until {command[0]} has started rank 0" if queued else "Waiting for rank 0"
        yield Checkpoint("scheduler", title, known, pending=queued)
        address = await self._address()
        self.cluster = Elsewhere(address, of_files(self._tls), self.context.changed)
        await self.cluster.connect()

    def _credentials(self, folder: str) -> dict[str, str] | None:
        """Write those of this cluster; ``None`` where the site has its own."""
        security = make(self.context.python)
        self._tls = write(security, folder)
        return self._tls if "\n" in str(security.tls_client_cert) else None

    def _environ(self) -> dict[str, str]:
        """What ranks inherit; where they spill to is removed with the cluster, if it is here."""
        environ = {**os.environ, **self.context.environ}
        if self.context.scratch and not self.given.get("hosts"):
            environ.setdefault("DASK_TEMPORARY_DIRECTORY", self.context.scratch)
        return environ

    def _place(self) -> Path:
        """Where the scheduler leaves its address; with the cluster's id, so that it is its own."""
        shared = self.given.get("shared_directory")
        folder = os.path.expanduser(shared) if shared else self.context.scratch
        return Path(folder or ".") / f"dask-{self.context.id or os.getpid()}.json"

    async def _read(self) -> None:
        """Copy what the ranks say into the host's log."""
        assert self._process is not None
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            text = strip_ansi(line.decode("utf-8", "replace").rstrip())[:2_000]
            self._said.append(text)
            logger.info("mpirun: %s", text)
        await self._process.wait()
        self.context.changed()

    async def _address(self) -> str:
        """Where the scheduler listens, once it says so."""
        assert self._process is not None
        while True:
            with contextlib.suppress(OSError, ValueError, KeyError):
                return str(json.loads(self._file.read_bytes())["address"])
            if self._process.returncode is not None:
                raise self._failure("did not start")
            await asyncio.sleep(LOOK)

    def _failure(self, what: str) -> StartFailed:
        code = self._process.returncode if self._process is not None else None
        return explain_failure(f"mpirun {what}", code, list(self._said), self._wanted + 1)

    @property
    def closed(self) -> bool:
        return self._process is not None and self._process.returncode is not None

    @property
    def end_reason(self) -> DasklabError | None:
        if self._process is None or self._process.returncode in (None, 0):
            return None
        return self._failure("has ended")

    async def sample(self) -> Sample:
        assert self._reading is not None
        asking = asyncio.get_running_loop().create_task(self._ask_scheduler())
        try:
            # To a scheduler that is gone distributed goes on connecting for half a minute.
            await asyncio.wait({asking, self._reading}, return_when=asyncio.FIRST_COMPLETED)
            if not asking.done():
                raise ClusterGone("The ranks have ended.")
            seen = asking.result()
        finally:
            asking.cancel()
        return Sample(wanted=self._wanted, minimum=None, maximum=None, security=self._tls, **seen)

    async def explain(self) -> Explanation:
        evidence = tuple(list(self._said)[-8:])
        if self.cluster is None:
            return Explanation(
                advice=(
                    Advice(
                        "mpi.queued",
                        "The launcher has not started the ranks yet: they wait in a queue, as a "
                        "rule, until it has room for all of them.",
                        "The queue says more (squeue, qstat); fewer ranks start sooner.",
                        evidence=evidence,
                    ),
                )
            )
        return Explanation(
            advice=(
                Advice(
                    "mpi.workers",
                    "All ranks were started at once; those that are missing have not connected, "
                    "or have ended.",
                    "What mpirun said is in %dask logs host; on several hosts --interface must "
                    "name one that all of them share.",
                    evidence=evidence,
                ),
            )
        )

    async def scale(self, scaling: Scaling) -> None:
        raise Unsupported(
            "An MPI world keeps the number of ranks it was started with.",
            "Start another one: %dask start mpi -n 4",
        )

    # -- the end ---------------------------------------------------------------------------------
    async def stop(self, checkpoint: dict[str, Any] | None) -> None:
        process = self._process
        if process is not None and process.returncode is None:
            if self.cluster is not None:
                with contextlib.suppress(OSError, asyncio.TimeoutError):
                    await asyncio.wait_for(self.cluster.scheduler_comm.terminate(), PATIENCE / 2)
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(process.wait(), PATIENCE / 2)
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)  # mpirun passes it on to every host
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(process.wait(), PATIENCE / 2)
        if self.cluster is not None:
            await self.cluster.close()
        if self._reading is not None:
            self._reading.cancel()
        file = (checkpoint or {}).get("file")
        if file:
            await asyncio.to_thread(Path(file).unlink, missing_ok=True)
        if folder := (checkpoint or {}).get("tls"):
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


def _on_loopback(options: dict[str, Any]) -> bool:
    """Whether other machines cannot reach what listens on the interface."""
    from distributed.utils import get_ip_interface

    interface = options.get("interface", "lo")
    try:
        return is_loopback([get_ip_interface(interface)])
    except ValueError:  # this machine has none of that name; those of the ranks may
        return False


def uses_tls(options: dict[str, Any]) -> bool:
    """Whether the scheduler asks for certificates."""
    wanted = options.get("tls", "auto")
    return bool(wanted == "on" or (wanted == "auto" and not _on_loopback(options)))


def _variables(tls: dict[str, str]) -> list[str]:
    """Dask's configuration of TLS; one certificate is made for all that a cluster consists of."""
    prefix = "DASK_DISTRIBUTED__COMM__"
    found = [f"{prefix}REQUIRE_ENCRYPTION=True", f"{prefix}TLS__CA_FILE={tls['tls_ca_file']}"]
    for role in ("SCHEDULER", "WORKER", "CLIENT"):
        found.append(f"{prefix}TLS__{role}__CERT={tls['tls_client_cert']}")
        found.append(f"{prefix}TLS__{role}__KEY={tls['tls_client_key']}")
    return found
