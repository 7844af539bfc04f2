"""The figures of a run: what it cost, and where the time went."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from ..client.words import amount, duration, plural
from .run import Run
from .sums import COMPUTE, DISK, TRANSFER, Sum, add_up, merge

__all__ = ("Part", "Summary", "difference", "figures", "summarise")


@dataclass
class Part:
    """What one prefix did; ``seconds`` of computing."""

    tasks: int = 0
    seconds: float = 0.0
    transfer: float = 0.0
    nbytes: float = 0.0


@dataclass
class Summary:
    """A run in numbers.

    Parameters
    ----------
    threads, workers
        The most that there were at a time.
    compute, transfer, disk, other, elsewhere, idle
        Seconds of all threads together; they add up to ``wall`` × the threads that there were on an
        average, unless transfers happened beside computing. ``elsewhere``: for other cells.
    moved, spilled
        Bytes that workers sent each other and wrote to disk; ``None`` where nobody counted. Of
        the latter then what lay there at most, beyond what there was at the beginning.
    peak
        Bytes that the workers used at most, of ``limit``.
    """

    wall: float = 0.0
    tasks: int = 0
    threads: int = 0
    workers: int = 0
    compute: float = 0.0
    transfer: float = 0.0
    disk: float = 0.0
    other: float = 0.0
    elsewhere: float = 0.0
    idle: float = 0.0
    nbytes: float = 0.0
    moved: int | None = None
    spilled: int | None = None
    peak: float = 0.0
    limit: float = 0.0
    retries: int = 0
    failed: int = 0
    prefixes: dict[str, Part] = field(default_factory=dict)

    def to_wire(self) -> dict[str, Any]:
        """As JSON data."""
        return asdict(self)


def summarise(run: Run, moved: int | None = None, spilled: int | None = None) -> Summary:
    """The figures of a run.

    Parameters
    ----------
    moved, spilled
        Bytes, where they have been counted; else what workers have told of counts.
    """
    if moved is None:
        moved = run.moved
    found = Summary(wall=run.span, moved=moved, spilled=spilled, limit=run.limit)
    kinds: dict[int, Sum] = {}
    add_up(run.rows, run.since, run.until, kinds)
    whole = Sum()
    named = [*run.earlier.items(), *((run.prefixes[kind], sums) for kind, sums in kinds.items())]
    for name, sums in named:
        merge(whole, sums)
        part = found.prefixes.setdefault(name, Part())
        part.tasks += sums.tasks
        part.seconds += sums.spent[COMPUTE]
        part.transfer += sums.spent[TRANSFER]
        part.nbytes += sums.nbytes
    spent = whole.spent
    found.tasks, found.failed, found.retries = whole.tasks, whole.failed, whole.retries
    found.nbytes = whole.nbytes
    found.compute, found.transfer = spent[COMPUTE], spent[TRANSFER]
    found.disk = sum(spent[action] for action in DISK)
    found.other = spent[4] + spent[5]
    lanes = len({row[3] for row in run.rows})
    found.threads = max([*run.cluster.get("threads", ()), lanes])
    found.workers = max(run.cluster.get("workers", ()), default=0)
    found.elsewhere = run.elsewhere
    busy = sum(spent) + run.elsewhere
    found.idle = max((_threads(run) or lanes) * found.wall - busy, 0.0)
    found.peak = max(run.cluster.get("used", ()), default=0.0)
    on_disk = run.cluster.get("spilled", ())
    # What lay there before is not of this run.
    if found.spilled is None and (more := max(on_disk, default=0.0) - sum(on_disk[:1])) > 0:
        found.spilled = int(more)
    return found


def _threads(run: Run) -> float:
    """How many threads there were on an average, as in the page; 0 where nobody has said."""
    times, counts = run.cluster.get("time", []), run.cluster.get("threads", [])
    if not times or times[0] >= run.until:
        return float(counts[-1]) if counts else 0.0
    held = zip(times, [*times[1:], run.until], counts, strict=True)
    seconds = float(sum((end - at) * count for at, end, count in held))
    return seconds / float(run.until - times[0])


def shares(summary: Summary) -> list[tuple[str, float]]:
    """Of the threads' time: what it went to, and how much of it."""
    parts = [
        ("compute", summary.compute),
        ("transfer", summary.transfer),
        ("disk", summary.disk),
        ("other", summary.other),
        *([("other cells", summary.elsewhere)] if summary.elsewhere else []),
        ("idle", summary.idle),
    ]
    whole = sum(seconds for _, seconds in parts) or 1.0
    return [(name, seconds / whole) for name, seconds in parts]


def figures(summary: Summary) -> list[str]:
    """The summary in a few words each."""
    said = [duration(summary.wall), plural(summary.tasks, "task")]
    if summary.threads:
        said.append(plural(summary.threads, "thread"))
    if summary.tasks:
        said.append(
            ", ".join(f"{name} {share:.0%}" for name, share in shares(summary) if share >= 0.005)
        )
    if summary.moved is not None:
        said.append(f"{amount(summary.moved)} moved")
    if summary.spilled:
        said.append(f"{amount(summary.spilled)} spilled")
    if summary.limit:
        said.append(f"peak {amount(summary.peak)} of {amount(summary.limit)}")
    if summary.retries:
        said.append(f"{summary.retries:,} run again")
    if summary.failed:
        said.append(f"{summary.failed:,} failed")
    return said


def difference(one: Summary, other: Summary) -> list[tuple[str, Part, Part]]:
    """Two runs by prefix, the greatest difference of computing first."""
    names = {**one.prefixes, **other.prefixes}
    rows = [
        (name, one.prefixes.get(name, Part()), other.prefixes.get(name, Part())) for name in names
    ]
    return sorted(rows, key=lambda row: -abs(row[2].seconds - row[1].seconds))
