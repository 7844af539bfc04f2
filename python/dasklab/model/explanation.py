"""Why a cluster has fewer workers than are wanted, and what would change that.

Made by deployments, kept in the record, shown by ``%dask why`` and on the card. Also what is said
of options before a launch, which is of the same kind.
"""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ("Advice", "Explanation", "Job")


@dataclass(frozen=True)
class Advice:
    """A finding, with its evidence and one suggested change.

    Parameters
    ----------
    code
        What was found, for programs: ``"queue.resources"``, ``"worker.import"``, ...
    message
        What was found, in one sentence.
    hint
        What to change, in one sentence; may be empty.
    severity
        ``"note"`` (it comes by itself), ``"warning"`` or ``"error"`` (nothing will come of it).
    evidence
        Lines that show it: of a queue, a log, a job script.
    again
        Whether it has been given up until the cluster is scaled, be it to the same number.
    """

    code: str
    message: str
    hint: str = ""
    severity: str = "warning"
    evidence: tuple[str, ...] = ()
    again: bool = False


@dataclass(frozen=True)
class Job:
    """One job, pod or other thing that a worker is to run in.

    Parameters
    ----------
    id
        As the queue calls it.
    state
        ``"pending"``, ``"running"`` (its worker may not have connected yet) or ``"ended"``.
    reason
        The queue's own word for the state, such as ``Resources``; may be empty.
    text
        The same in a sentence; may be empty.
    workers
        Names of the Dask workers that it runs.
    group
        The worker group; empty for the default one.
    node
        Where it runs; empty while it does not.
    since
        When it came into this state (epoch seconds); ``None`` if the queue does not say.
    expected
        When the queue expects it to start (epoch seconds), if it says so.
    """

    id: str
    state: str
    reason: str = ""
    text: str = ""
    workers: tuple[str, ...] = ()
    group: str = ""
    node: str = ""
    since: float | None = None
    expected: float | None = None


@dataclass(frozen=True)
class Explanation:
    """What a deployment knows of its workers to come: most important advice first."""

    jobs: tuple[Job, ...] = field(default_factory=tuple)
    advice: tuple[Advice, ...] = field(default_factory=tuple)
