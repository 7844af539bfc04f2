"""The seam between a host and a way to run Dask.

A host drives exactly one deployment object. Everything here runs on the event loop of the
cluster, never on the host's own, so that a busy scheduler cannot keep the host from answering.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, ClassVar

from ..errors import DasklabError, Unsupported
from ..model.amounts import Size
from ..model.explanation import Advice, Explanation
from ..model.record import Endpoint
from ..model.scaling import Scaling
from ..model.worker_counts import WorkerCounts

__all__ = ("ENVIRON", "Checkpoint", "Context", "Deployment", "Sample")

ENVIRON: dict[str, Any] = {
    "type": "object",
    "title": "Environment variables",
    # What an operating system takes; a nanny only says that its worker failed to start.
    "propertyNames": {"pattern": "^[^=\\u0000]+$"},
    "additionalProperties": {"type": "string", "pattern": "^[^\\u0000]*$"},
}
"""The schema of an option with environment variables, but for its description and group."""


@dataclass(frozen=True)
class Checkpoint:
    """Said by a deployment before it takes a step.

    Parameters
    ----------
    step, title
        The step about to be taken: a word, and what to show.
    data
        JSON with which :meth:`Deployment.stop` can undo everything so far from another process.
    pending
        The step is in other hands, such as a queue's: no deadline counts until the next one, and
        :meth:`Deployment.explain` is asked meanwhile.
    """

    step: str
    title: str
    data: dict[str, Any] = field(default_factory=dict)
    pending: bool = False


@dataclass(frozen=True)
class Context:
    """What a deployment may know about the cluster it runs.

    Parameters
    ----------
    id
        The cluster's, unique for ever: to be in the names of jobs, so that they can be found.
    scratch
        A folder of this cluster's own, removed after it.
    environ
        Environment variables that workers must get beyond what they inherit.
    changed
        To be called (from any thread) when :meth:`Deployment.sample` would say something new.
    note
        Adds a line to the cluster's history: a kind and a sentence (from any thread).
    step
        Says which step of the launch begins after :meth:`Deployment.start` has returned, with a
        word and a title (the same word again changes the title); ``None``: the last one is done.
    folder
        For files that other machines read as well, such as certificates and what jobs write;
        not made yet. It goes with the record, later than the cluster.
    log
        The file with what the host and the processes that it starts write; empty if there is none.
    others
        The checkpoints of all other clusters: what is theirs must not be taken for ours.
    """

    name: str
    scaling: Scaling | None
    scratch: str
    python: str
    id: str = ""
    environ: dict[str, str] = field(default_factory=dict)
    changed: Callable[[], None] = lambda: None
    note: Callable[[str, str], None] = lambda kind, text: None
    step: Callable[[str | None, str], None] = lambda name, title: None
    folder: str = ""
    log: str = ""
    others: Callable[[], Iterable[dict[str, Any]]] = tuple


@dataclass(frozen=True)
class Sample:
    """A cluster at one moment. Bytes; ``cpu`` in cores in use.

    ``wanted``, ``minimum`` and ``maximum`` as in :class:`~dasklab.model.scaling.Scaling`.
    ``activity`` is any number that changes when tasks do. ``security`` names the files that a
    client of a TLS scheduler needs: ``tls_ca_file``, ``tls_client_cert``, ``tls_client_key``.
    ``groups`` is how many workers of each group are wanted, where there are groups.
    """

    address: str
    scheduler_id: str
    wanted: int
    minimum: int | None
    maximum: int | None
    running: int
    cores: int
    memory_used: int
    memory_limit: int
    cpu: float
    tasks: dict[str, int]
    clients: int
    activity: int = 0
    security: dict[str, str] = field(default_factory=dict)
    groups: dict[str, int] = field(default_factory=dict)

    @property
    def busy(self) -> bool:
        """Whether anything runs or waits to run."""
        return bool(self.tasks.get("processing") or self.tasks.get("waiting"))


class Deployment(ABC):
    """One way to run a Dask cluster.

    Class attributes say what it is: ``name`` (what users type), ``title``, ``description`` (one
    sentence) and ``options`` (a JSON Schema written as plain data: the form, the magic's
    arguments, completion, help and validation all come from it).

    Parameters
    ----------
    options
        Validated against the schema.
    context
        The cluster it is for.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    description: ClassVar[str] = ""
    options: ClassVar[dict[str, Any]]

    takes: ClassVar[WorkerCounts] = WorkerCounts()
    """The numbers of workers that a launch may ask for; refused before anything is started."""

    launch_patience: ClassVar[float] = 0.0
    """Seconds that a launch is given in any case, for machines that have to boot first; beyond
    them ``dasklab.launch.deadline`` counts."""

    stop_patience: ClassVar[float] = 6.0
    """Seconds that :meth:`stop` is given at the end of the host. What is left then is undone by
    another process, where the checkpoint is enough for that."""

    counted: ClassVar[bool] = True
    """Whether it is known how many workers are wanted. Where it is not, because others start them,
    :meth:`explain` is asked now and then, also while none is known to be missing."""

    undone_anywhere: ClassVar[bool] = False
    """Whether :meth:`stop` can undo a checkpoint on any machine, because what it names belongs to
    none: jobs of a queue, pods, clusters of a server."""

    can: tuple[str, ...] = (
        "scale",
        "adapt",
        "restart",
        "stop",
        "keep",
        "dashboard",
        "logs",
    )

    def __init__(self, options: dict[str, Any], context: Context) -> None:
        self.given = options
        self.context = context

    @classmethod
    def availability(cls) -> DasklabError | None:
        """What is missing to use it under this interpreter and how to get it; ``None`` = ready.

        Cheap, and never raises.
        """
        return None

    @classmethod
    def schema(cls) -> dict[str, Any]:
        """The options under this interpreter and its Dask configuration.

        :attr:`options`, with the defaults that a site's configuration gives (``x-from`` names the
        setting).
        """
        return cls.options

    @classmethod
    def changing(cls) -> bool:
        """Whether :meth:`schema` depends on what no file tells of, such as a server's options."""
        return False

    @classmethod
    def warm(cls) -> None:
        """Import what a launch here will need, in a process that has the time (a standby)."""

    @classmethod
    def worker_limit(cls) -> int | None:
        """Most workers that make sense here; ``None`` when only the site's limit counts."""
        return None

    def size(self) -> Size | None:
        """What one worker (of no group) has; ``None``: whatever those have that are there."""
        return None

    @classmethod
    def preview(cls, options: dict[str, Any], scaling: Scaling | None) -> str:
        """Exactly what a launch with these options would run."""
        raise Unsupported(f"{cls.title} has no preview.")

    @classmethod
    def warnings(cls, options: dict[str, Any], scaling: Scaling | None) -> list[Advice]:
        """What to mind before a launch with these options; may ask a queue, within seconds."""
        return []

    @classmethod
    async def discover(cls) -> list[dict[str, Any]]:
        """Clusters of this kind that run already, whoever started them.

        Each with ``name``, ``text`` (a sentence), the ``options`` with which a launch of this
        deployment attaches to it, and ``address`` of its scheduler where that is known (those that
        are in the list already are left out by it, or by their name in a checkpoint). Called with
        a deadline. What cannot be reached is raised, and named to the user.
        """
        return []

    @abstractmethod
    def start(self) -> AsyncIterator[Checkpoint]:
        """Start the cluster, yielding a checkpoint before each step that leaves something behind.

        Each checkpoint is in the record before the next step is taken. Failing at any point,
        the last one is given to :meth:`stop`.
        """

    @abstractmethod
    async def stop(self, checkpoint: dict[str, Any] | None) -> None:
        """End everything. Called at any point of a life, also twice, also in a new process.

        Raises
        ------
        DasklabError
            Something may be left; the checkpoint is kept. :class:`~dasklab.errors.Unsupported`
            where trying again is of no use.
        """

    async def detach(self) -> None:
        """Let go of a cluster that was there before us (``"detach"`` in :attr:`can`); it goes on.

        So end those that were only attached to, unless their user has said that they shall stop:
        by a lease, a signal, the end of their host.
        """
        raise Unsupported(f"{self.title} cannot let go of a cluster.")

    @property
    def closed(self) -> bool:
        """Whether the cluster ended without us."""
        return False

    @property
    def end_reason(self) -> DasklabError | None:
        """Why it did, if that is known; :class:`~dasklab.errors.ClusterGone` for on purpose."""
        return None

    @abstractmethod
    async def sample(self) -> Sample:
        """The cluster as it is now; cheap, called twice a second."""

    async def explain(self) -> Explanation:
        """Why there are fewer workers than wanted, and where they are to run.

        Called every few seconds while workers are missing. Queues are asked with deadlines.
        """
        return Explanation()

    async def collect(self, since: dict[str, Any] | None) -> dict[str, Any] | None:
        """Telemetry since an earlier answer (see :mod:`dasklab.telemetry.collector`).

        ``None``: this way to run Dask has none.
        """
        return None

    def news(self, since: dict[str, Any] | None) -> bool:
        """Whether :meth:`collect` may have something new; cheap, and called from any thread."""
        return True

    async def profile(
        self, since: float | None, until: float | None, prefix: str | None
    ) -> dict[str, Any]:
        """Dask's statistical profile of a time (epoch seconds), of one prefix or of all tasks."""
        raise Unsupported("This way to run Dask has no profile.")

    async def graph(self, known: str | None) -> dict[str, Any]:
        """The task graph of the current computation (:mod:`dasklab.telemetry.task_graph`)."""
        raise Unsupported("This way to run Dask tells no task graph.")

    def place(self) -> Endpoint | None:
        """Where the scheduler's HTTP server listens, whether or not it has pages yet."""
        return None

    @abstractmethod
    async def scale(self, scaling: Scaling) -> None:
        """Have that many workers; fewer only after their data has moved to others."""

    @abstractmethod
    async def restart(self) -> None:
        """Restart all workers and forget all tasks and data."""

    @abstractmethod
    async def logs(self, source: str, lines: int) -> list[dict[str, Any]]:
        """Log lines of ``"scheduler"`` or ``"workers"``: source, at, level, text; oldest first."""

    @abstractmethod
    async def dashboard(self) -> Endpoint:
        """Where the scheduler's dashboard listens, made ready if it is not.

        Raises
        ------
        Unsupported
            There is none, with the reason.
        """
