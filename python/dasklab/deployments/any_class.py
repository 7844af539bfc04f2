"""Any cluster class by its name: ``module:Class`` with arguments, of any package or one's own.

For what has no deployment of its own, and for the factory that dask-labextension was configured
with. Where the class can be told, its dashboard listens on loopback and it begins without workers.
"""

from __future__ import annotations

import contextlib
import difflib
import importlib
import inspect
import os
import shutil
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from inspect import isawaitable
from typing import Any, ClassVar

from ..errors import DasklabError, OptionsInvalid, StartFailed
from ..model.explanation import Advice, Explanation
from ..model.scaling import Scaling
from . import _class_tls as tls
from ._cluster import ClusterDeployment, root_cause
from ._importing import keeping_signals
from ._own_log import explain
from .base import Checkpoint, Context, Sample

__all__ = ("AnyClass",)

OF_THEIR_OWN = {
    ("dask_jobqueue", "HTCondorCluster"): "htcondor",
    ("dask_jobqueue", "LSFCluster"): "lsf",
    ("dask_jobqueue", "MoabCluster"): "moab",
    ("dask_jobqueue", "OARCluster"): "oar",
    ("dask_jobqueue", "PBSCluster"): "pbs",
    ("dask_jobqueue", "SGECluster"): "sge",
    ("dask_jobqueue", "SLURMCluster"): "slurm",
    ("dask_gateway", "GatewayCluster"): "gateway",
    ("dask_kubernetes", "KubeCluster"): "kubernetes",
    ("dask_cloudprovider", "EC2Cluster"): "ec2",
    ("dask_cloudprovider", "FargateCluster"): "fargate",
}
"""Classes that have a deployment of their own, which undoes what a killed host has left."""

LOOPBACK = "127.0.0.1:0"
"""Where the dashboard listens: it is reached by way of the host's machine only."""

NAME = r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*"


class AnyClass(ClusterDeployment):
    """An object of a class that is named in the options, in a host of its own."""

    name = "class"
    title = "Any class"
    description = "A cluster class of any package, or one of your own, with its arguments."
    options: ClassVar[dict[str, Any]] = {
        "type": "object",
        "additionalProperties": False,
        "required": ["cluster_class"],
        "properties": {
            "cluster_class": {
                "type": "string",
                "title": "Class",
                "description": "Such as dask_jobqueue:SLURMCluster; what follows the colon is "
                "imported from the module before it, in the cluster's own environment.",
                "pattern": f"^{NAME}:{NAME}$",
                "examples": ["dask_jobqueue:SLURMCluster"],
            },
            "args": {
                "type": "array",
                "title": "Positional arguments",
                "description": "In their order, as the class takes them.",
            },
            "kwargs": {
                "type": "object",
                "title": "Keyword arguments",
                "description": 'As the class takes them, such as {"cores": 4, "memory": "8GB"}.',
            },
            "attach": {
                "type": "boolean",
                "title": "Runs already",
                "description": "Such as true for module:Class.from_name; then it goes on when "
                "its lease ends or it is detached from, and only Stop ends it.",
                "default": False,
            },
        },
    }
    launch_patience = 300.0  # it may start machines
    stop_patience = 30.0

    def __init__(self, options: dict[str, Any], context: Context) -> None:
        super().__init__(options, context)
        self.call = options
        self._tls: dict[str, str] = {}
        if options.get("attach"):
            self.can = (*type(self).can, "detach")

    @classmethod
    def preview(cls, options: dict[str, Any], scaling: Scaling | None) -> str:
        factory = find_class(options["cluster_class"])
        args, kwargs = arguments(factory, options, scaling)
        module, _, path = options["cluster_class"].partition(":")
        top = path.split(".")[0]
        lines = [f"    {value!r}," for value in args]
        more = ""
        if tls.wanted(factory, kwargs):
            more = "from distributed import Security\n"
            kwargs.pop("security", None)
        lines += [f"    {name}={value!r}," for name, value in kwargs.items()]
        lines += ["    security=Security.temporary(),"] if more else []
        text = (
            f"{more}from {module} import {top}\n\ncluster = {path}(\n" + "\n".join(lines) + "\n)\n"
        )
        if scaling is not None and scaling.adaptive:
            text += f"cluster.adapt(minimum={scaling.minimum}, maximum={scaling.maximum})\n"
        elif scaling is not None:
            text += f"cluster.scale({scaling.wanted})\n"
        return "# In a host of its own, with asynchronous=True.\n" + text

    @classmethod
    def warnings(cls, options: dict[str, Any], scaling: Scaling | None) -> list[Advice]:
        path = str(options["cluster_class"])
        found: list[Advice] = []
        if not options.get("attach"):
            with contextlib.suppress(DasklabError):  # it cannot be imported, which the launch says
                factory = find_class(path)
                found = tls.to_mind(path, factory, arguments(factory, options, scaling)[1])
        module, _, name = path.partition(":")
        better = OF_THEIR_OWN.get((module.partition(".")[0], name.rpartition(".")[2]))
        if better is None:
            return found
        return [
            *found,
            Advice(
                "class.own",
                f"If its host is killed, what {name} has submitted or started elsewhere goes on: "
                "only the class itself knows of it.",
                f"%dask start {better} does the same, says why workers wait, and leaves nothing.",
            ),
        ]

    async def start(self) -> AsyncIterator[Checkpoint]:
        path = self.call["cluster_class"]
        scaling = self.context.scaling
        os.environ.update(self.context.environ)
        self._configure()
        yield Checkpoint("class", f"Importing {path.partition(':')[0]}")
        factory = self._find()
        yield Checkpoint("cluster", f"Starting {path.partition(':')[2]}")
        with self._readable(factory):
            await self._prepare()
            args, kwargs = arguments(factory, self.call, scaling)
            if self._secures() and tls.wanted(factory, kwargs):
                kwargs["security"], self._tls = tls.credentials(
                    self.context.python, self.context.folder
                )
                if kwargs.get("protocol") == "tcp":  # ours, for workers that are threads
                    kwargs["protocol"] = "tls"
            # Before it is awaited, so that what it began can be closed if that fails.
            self.cluster = factory(*args, **kwargs, asynchronous=True)
            if isawaitable(self.cluster):
                self.cluster = await self.cluster
        self._check()
        address = str(self.cluster.scheduler_address)
        if tls.exposed(address):
            self.context.note(
                "open",
                f"The scheduler at {address} can be reached from other machines, without TLS: "
                "whoever reaches it can run code as you.",
            )
        self.watch_workers()
        if scaling is not None:
            count = f"{scaling.wanted} worker{'s' * (scaling.wanted != 1)}"
            what = "Adaptive scaling" if scaling.adaptive else f"Starting {count}"
            yield Checkpoint("workers", what)
            with self._readable(factory):
                await self.scale(scaling)

    def _configure(self) -> None:
        """Set what the class reads from Dask's configuration."""
        import dask

        if not dask.config.get("temporary-directory", None) and self.context.scratch:
            dask.config.set({"temporary-directory": self.context.scratch})

    def _secures(self) -> bool:
        """Whether it may be given credentials of ours: for what is known it is not left to luck."""
        return not self.call.get("attach")

    async def sample(self) -> Sample:
        return replace(await super().sample(), security=self._tls)

    def _find(self) -> Any:
        """The class."""
        return find_class(self.call["cluster_class"])

    async def _prepare(self) -> None:
        """Make what its arguments name, once a checkpoint can undo it."""

    def _known(self, error: BaseException) -> DasklabError | None:
        """What a failure means, where more is known of the class."""
        return None

    async def explain(self) -> Explanation:
        return await explain(self.context.log)

    async def detach(self) -> None:
        self._stop_adapting()
        comm = getattr(self.cluster, "scheduler_comm", None)
        if comm is not None:
            await comm.close_rpc()

    async def stop(self, checkpoint: dict[str, Any] | None) -> None:
        if self.call.get("attach") and hasattr(self.cluster, "shutdown_on_close"):
            self.cluster.shutdown_on_close = True  # from_name takes it for somebody else's
        await super().stop(checkpoint)
        if self._tls:
            shutil.rmtree(os.path.join(self.context.folder, "tls"), ignore_errors=True)

    def _check(self) -> None:
        """That it is a cluster, and one that a notebook can reach."""
        needed = ("scheduler_comm", "scheduler_address", "scale", "close", "status")
        missing = [name for name in needed if not hasattr(self.cluster, name)]
        if missing:
            found, self.cluster = type(self.cluster).__name__, None
            raise StartFailed(
                f"{self.call['cluster_class']} made a {found}, which is not a Dask cluster.",
                "It must be a class such as dask.distributed:LocalCluster.",
            )
        if str(self.cluster.scheduler_address).startswith("inproc:"):
            raise StartFailed(
                f"{self.call['cluster_class']} made a scheduler that only its own process can "
                "reach (inproc://).",
                'Give it the keyword argument {"protocol": "tcp"}.',
            )

    @contextlib.contextmanager
    def _readable(self, factory: Any) -> Iterator[None]:
        """Say what a failure means: the reason is often beneath several that say nothing."""
        try:
            yield
        except DasklabError:
            raise
        except Exception as error:
            known = self._known(error)
            if known is not None:
                raise known from error
            cause = root_cause(error)
            path = self.call["cluster_class"]
            if isinstance(cause, TypeError):
                given = self.call.get("kwargs", {})
                near = _nearest([name for name in given if name in str(cause)], factory)
                raise OptionsInvalid(
                    f"{path} does not take these arguments: {cause}.",
                    f"Did you mean {near}?" if near else "Compare them with its documentation.",
                ) from error
            raise StartFailed(
                f"{path} did not start: {type(cause).__name__}: {cause}",
                "The log of its host says more: %dask logs host.",
            ) from error


def find_class(path: str) -> Any:
    """What ``module:Class`` names.

    Raises
    ------
    StartFailed
        It cannot be imported here, and why.
    """
    module, _, names = path.partition(":")
    here = os.getcwd()
    if here not in sys.path:  # a class of one's own, in the working folder as for a notebook
        sys.path.append(here)
    try:
        with keeping_signals():
            found: Any = importlib.import_module(module)
        for name in names.split("."):
            found = getattr(found, name)
    except ImportError as error:
        package = module.split(".")[0].replace("_", "-")
        raise StartFailed(
            f"{sys.executable} cannot import {module}: {error}.",
            f"Install it there ({sys.executable} -m pip install {package}), "
            "or choose the environment that has it.",
        ) from error
    except AttributeError as error:
        raise StartFailed(f"There is no {names!r} in {module}.", _similar(found, names)) from error
    if not callable(found):
        raise StartFailed(f"{path} is not a class.", "Name a cluster class of the module.")
    return found


def _similar(module: Any, name: str) -> str:
    near = difflib.get_close_matches(name, dir(module), 1)
    return f"Did you mean {near[0]}?" if near else "Compare it with the package's documentation."


def _nearest(names: list[str], factory: Any) -> str:
    near = [difflib.get_close_matches(name, _parameters(factory), 1) for name in names]
    return next((found[0] for found in near if found), "")


def _parameters(factory: Any) -> list[str]:
    """Names of a class's parameters, also of those that it only passes on to its bases."""
    names: list[str] = []
    inits = [vars(base).get("__init__") for base in getattr(factory, "__mro__", ())]
    for one in [init for init in inits if init is not None] or [factory]:
        try:
            parameters = inspect.signature(one).parameters.values()
        except (TypeError, ValueError):
            break
        names += [p.name for p in parameters if p.name != "self" and p.kind not in (2, 4)]
        if not any(p.kind is p.VAR_KEYWORD for p in parameters):
            break
    return names


def arguments(
    factory: Any, options: dict[str, Any], scaling: Scaling | None
) -> tuple[list[Any], dict[str, Any]]:
    """Arguments as given, and ours where nothing was given and the class has the parameter."""
    args = list(options.get("args", ()))
    kwargs = {name.replace("-", "_"): value for name, value in options.get("kwargs", {}).items()}
    free = _parameters(factory)[len(args) :]
    wanted: dict[str, Any] = {"dashboard_address": LOOPBACK}
    if "scheduler_options" in free:  # dask_jobqueue, which refuses the other by name
        given = kwargs.get("scheduler_options") or {}
        kwargs["scheduler_options"] = {"dashboard_address": LOOPBACK, **given}
        del wanted["dashboard_address"]
    if scaling is not None:
        wanted["n_workers"] = 0  # they come by scaling, which knows a range as well
    if kwargs.get("processes") is False:
        wanted["protocol"] = "tcp"  # "inproc://" can be reached from no notebook
    ours = {name: value for name, value in wanted.items() if name in free and name not in kwargs}
    return args, {**kwargs, **ours}
