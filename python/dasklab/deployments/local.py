"""Workers on this machine: Dask's LocalCluster, on loopback, in a host of its own."""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import AsyncIterator, Iterator
from typing import Any, ClassVar

from ..errors import DasklabError, OptionsInvalid, PortTaken, StartFailed
from ..model.amounts import Size
from ..model.explanation import Explanation
from ..model.scaling import Scaling
from ._cluster import ClusterDeployment, root_cause
from ._gpus import OPTION, VISIBLE, gpus, with_gpus
from ._own_log import explain
from .base import ENVIRON, Checkpoint

__all__ = ("Local",)

BYTES = r"^\s*([0-9]*\.?[0-9]+([eE][+-]?[0-9]+)?)\s*([kKmMgGtTpP]i?)?[bB]?\s*$|^auto$"

PROCESSES = "Worker processes"
PLACES = "Files and network"


class Local(ClusterDeployment):
    """Processes (or threads) of this machine."""

    name = "local"
    title = "Local"
    description = "Workers on this machine."
    options: ClassVar[dict[str, Any]] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "threads_per_worker": {
                "type": "integer",
                "title": "Threads per worker",
                "description": "Tasks a worker runs at a time. Unset: the cores, shared out.",
                "minimum": 1,
                "maximum": 1024,
            },
            "memory_limit": {
                "type": "string",
                "title": "Memory per worker",
                "description": "Such as 4GiB; at 95 % of it a worker is restarted. "
                "auto: the machine's memory, shared out.",
                "pattern": BYTES,
                "default": "auto",
            },
            "processes": {
                "type": "boolean",
                "title": "Processes",
                "x-group": PROCESSES,
                "description": "A process per worker; threads of one process share its memory, "
                "and its GIL.",
                "default": True,
            },
            "multiprocessing_method": {
                "title": "How processes start",
                "x-group": PROCESSES,
                "description": "forkserver is several times faster; spawn starts each worker "
                "from scratch.",
                "oneOf": [
                    {"const": "forkserver", "title": "forkserver"},
                    {"const": "spawn", "title": "spawn"},
                ],
                "default": "forkserver",
            },
            "environ": {
                **ENVIRON,
                "x-group": PROCESSES,
                "description": "Such as OMP_NUM_THREADS=4.",
            },
            "preload": {
                "type": "array",
                "title": "Preload on workers",
                "x-group": PROCESSES,
                "description": "Modules or files that each worker imports at its start.",
                "items": {"type": "string", "minLength": 1},
            },
            "resources": {
                "type": "object",
                "title": "Resources per worker",
                "x-group": PROCESSES,
                "description": "What a worker has and tasks may ask for, such as GPU=1.",
                "additionalProperties": {"type": "number", "minimum": 0},
            },
            "local_directory": {
                "type": "string",
                "title": "Scratch folder",
                "x-group": PLACES,
                "description": "Where workers spill to. Unset: a folder of the cluster's own, "
                "removed with it.",
                "minLength": 1,
            },
            "scheduler_port": {
                "type": "integer",
                "title": "Scheduler port",
                "x-group": PLACES,
                "description": "On 127.0.0.1. 0: any free one.",
                "minimum": 0,
                "maximum": 65535,
                "default": 0,
            },
        },
    }

    @classmethod
    def schema(cls) -> dict[str, Any]:
        """With an option for GPUs where there are any."""
        count = len(gpus())
        if not count:
            return cls.options
        properties = {**cls.options["properties"], "gpus": {**OPTION, "maximum": count}}
        return {**cls.options, "properties": properties}

    @classmethod
    def worker_limit(cls) -> int:
        """Eight a core, and no fewer than 32: more only takes the machine down."""
        return max(32, 8 * (os.cpu_count() or 1))

    @classmethod
    def arguments(cls, options: dict[str, Any], scaling: Scaling | None) -> dict[str, Any]:
        """The arguments of ``LocalCluster`` that a launch amounts to, and nothing else.

        Memory is shared out so that all workers together never have more than the machine.
        Source of ``auto``: ``distributed.worker_memory.parse_memory_limit``, which shares it out
        by threads and so gives four workers on two cores twice the machine.
        """
        from dask.system import CPU_COUNT
        from distributed.deploy.utils import nprocesses_nthreads
        from distributed.system import MEMORY_LIMIT

        processes = options.get("processes", True)
        threads = options.get("threads_per_worker")
        if scaling is None and options.get("gpus") and processes:
            scaling = Scaling(options["gpus"])
        if scaling is None:
            count = max(1, CPU_COUNT // threads) if threads else nprocesses_nthreads()[0]
            scaling = Scaling(count if processes else 1)
        most = max(1, scaling.maximum or scaling.wanted)
        threads = threads or max(1, CPU_COUNT // most)
        memory: str | int = options.get("memory_limit", "auto")
        if memory == "auto":
            memory = MEMORY_LIMIT // max(most, CPU_COUNT // threads, 1)
        arguments: dict[str, Any] = {
            "n_workers": scaling.wanted,
            "threads_per_worker": threads,
            "memory_limit": memory,
            "processes": processes,
            "host": "127.0.0.1",
            "protocol": "tcp",
            "scheduler_port": options.get("scheduler_port", 0),
        }
        for name in ("local_directory", "resources", "preload"):
            if options.get(name):
                arguments[name] = options[name]
        if options.get("gpus"):
            if not processes:
                raise OptionsInvalid(
                    "gpus: threads of one process have all the same GPUs.",
                    "Leave processes on, or gpus at 0.",
                )
            arguments["resources"] = {"GPU": 1, **arguments.get("resources", {})}
        if options.get("environ"):
            arguments["env"] = options["environ"]  # %dask's own --env chooses an interpreter
        return arguments

    def size(self) -> Size:
        from dask.utils import parse_bytes

        arguments = self.arguments(self.given, self.context.scaling)
        return Size(arguments["threads_per_worker"], int(parse_bytes(arguments["memory_limit"])))

    @classmethod
    def preview(cls, options: dict[str, Any], scaling: Scaling | None) -> str:
        arguments = cls.arguments(options, scaling)
        method = options.get("multiprocessing_method", "forkserver")
        lines = [f"    {name}={value!r}," for name, value in arguments.items()]
        text = "from dask.distributed import LocalCluster\n\ncluster = LocalCluster(\n"
        text += "\n".join(lines) + "\n)\n"
        if scaling is not None and scaling.adaptive:
            text += f"cluster.adapt(minimum={scaling.minimum}, maximum={scaling.maximum})\n"
        if arguments["processes"]:
            text = f"# distributed.worker.multiprocessing-method: {method}\n" + text
        if options.get("gpus"):
            text = f"# Each worker gets one of {options['gpus']} GPUs, by {VISIBLE}.\n" + text
        return "# In a host of its own; the dashboard is added when it is first opened.\n" + text

    async def start(self) -> AsyncIterator[Checkpoint]:
        import dask
        from distributed import LocalCluster

        with self._readable():
            arguments = self.arguments(self.given, self.context.scaling)
        count = arguments.pop("n_workers")
        environ = {**self.context.environ, **arguments.pop("env", {})}
        if arguments["processes"] and environ:
            arguments["env"] = environ
        else:
            os.environ.update(environ)  # workers that are threads of this process have its own
        if not dask.config.get("temporary-directory", None) and self.context.scratch:
            arguments.setdefault("local_directory", self.context.scratch)
            dask.config.set({"temporary-directory": self.context.scratch})  # the scheduler's too
        dask.config.set(
            {
                "distributed.worker.multiprocessing-method": self.given.get(
                    "multiprocessing_method", "forkserver"
                )
            }
        )
        yield Checkpoint("scheduler", "Starting the scheduler")
        with self._readable():
            self.cluster = self._class(LocalCluster)(
                name=self.context.name,
                asynchronous=True,
                n_workers=0,
                dashboard_address=None,
                # The HTTP server stays (loopback, any port); Bokeh comes when asked for.
                scheduler_kwargs={"dashboard": False, "dashboard_address": "127.0.0.1:0"},
                silence_logs=False,
                **arguments,
            )
            await self.cluster
        self.watch_workers()
        scaling = self.context.scaling
        if scaling is not None and scaling.adaptive:
            yield Checkpoint("workers", "Adaptive scaling")
            await self.scale(scaling)
        elif count:
            yield Checkpoint("workers", f"Starting {count} worker{'s' * (count != 1)}")
            with self._readable():
                await self.scale(Scaling(count))

    def _class(self, base: type[Any]) -> type[Any]:
        """LocalCluster, or one that gives out GPUs."""
        wanted = self.given.get("gpus", 0)
        if not wanted:
            return base
        devices = gpus()[:wanted]
        if len(devices) < wanted:
            raise OptionsInvalid(
                f"gpus: {wanted} were asked for, and nvidia-smi names {len(devices)}.",
                f"See whether {VISIBLE} hides some.",
            )
        return with_gpus(base, devices)

    async def explain(self) -> Explanation:
        return await explain(self.context.log)

    @contextlib.contextmanager
    def _readable(self) -> Iterator[None]:
        """Say what a failure of LocalCluster means: Dask only says "Nanny failed to start."."""
        try:
            yield
        except DasklabError:
            raise
        except Exception as error:
            cause = root_cause(error)
            port = self.given.get("scheduler_port", 0)
            if port and (isinstance(cause, OSError) or re.search("in use", str(error))):
                raise PortTaken(
                    f"Port {port} of 127.0.0.1 is taken.",
                    "Choose another scheduler_port, or leave it unset for any free one.",
                ) from error
            if isinstance(cause, (TypeError, ValueError)):
                raise OptionsInvalid(
                    f"Dask does not take these options: {cause}",
                    "Compare them with %dask help start local.",
                    details={"options": json.loads(json.dumps(self.given, default=str))},
                ) from error
            raise StartFailed(
                f"The cluster did not start: {type(cause).__name__}: {cause}",
                "The log of its host says more: %dask logs host.",
            ) from error
