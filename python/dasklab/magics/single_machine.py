"""``%dask start threads``, ``processes`` or ``synchronous``: Dask without a cluster.

These schedulers run in this kernel and end with each computation: there is no process to find, to
scale or to stop, so they have no host and no record. They are a choice of this notebook, kept in
Dask's configuration of this kernel, with progress beneath each cell that computes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..client.words import plural
from ..errors import UsageError
from ..model.scaling import Scaling
from .display import say
from .subcommands import START
from .usage import Line, read

if TYPE_CHECKING:
    from .session import Session

__all__ = ("SINGLE_MACHINE", "SingleMachine", "chosen", "help_text", "start")

SINGLE_MACHINE = {
    "threads": "threads of this kernel; good where most time is spent in NumPy, pandas and their "
    "like, which let go of the GIL",
    "processes": "processes of this machine; each task and its result are sent to and fro",
    "synchronous": "one task after the other in this very thread; for debuggers",
}
MOST = 1_000


class SingleMachine:
    """One of Dask's single-machine schedulers, from now on this kernel's.

    Parameters
    ----------
    kind
        One of :data:`SINGLE_MACHINE`.
    workers
        How many tasks at a time; Dask's default (the cores) where it is ``None``.
    """

    def __init__(self, kind: str, workers: int | None, shell: Any) -> None:
        import dask

        from ..widgets.single_machine import SingleMachineProgress

        self.kind = kind
        self.workers = workers
        settings: dict[str, Any] = {"scheduler": kind}
        if workers is not None:
            settings["num_workers"] = workers
        self._settings = dask.config.set(settings)
        self._progress = SingleMachineProgress(shell)
        self._progress.register()

    def leave(self) -> None:
        """Go back to what was before."""
        self._progress.unregister()
        self._settings.__exit__(None, None, None)

    @property
    def sentence(self) -> str:
        """What computes now."""
        many = "" if self.workers is None else f", {plural(self.workers, 'task')} at a time"
        return f"Dask computes in this notebook with its scheduler `{self.kind}`{many}."


def chosen(tokens: list[str]) -> bool:
    """Whether a ``start`` line asks for one of them."""
    return any(token in SINGLE_MACHINE for token in tokens[:1])


def start(session: Session, tokens: list[str]) -> None:
    """Use one of them from now on."""
    line = read(START, tokens)
    workers = _workers(line)
    kind = line.words[0]
    if "preview" in line.flags:
        more = "" if workers is None else f", num_workers={workers}"
        say(f"import dask\n\ndask.config.set(scheduler={kind!r}{more})")
        return
    session.leave()
    session.single_machine = SingleMachine(kind, workers, session.shell)
    say(f"{session.single_machine.sentence} %dask stop goes back to what was before.")


def _workers(line: Line) -> int | None:
    kind = line.words[0]
    unfit = [name for name in line.values if name != "workers"]
    unfit += [name for name, _ in line.others]
    if unfit or "no-wait" in line.flags:
        name = (unfit or ["no-wait"])[0]
        raise UsageError(
            f"{kind} has no option --{name.replace('_', '-')}: it is no cluster.",
            f"Write: %dask start {kind}" + ("" if kind == "synchronous" else " [-n N]"),
        )
    text = line.values.get("workers")
    if text is None:
        return None
    scaling = Scaling.parse(text, limit=MOST)
    if kind == "synchronous" or scaling.adaptive or scaling.wanted < 1:
        raise UsageError(
            f"{kind} cannot run {text[:40]} tasks at a time.",
            "synchronous runs one; threads and processes a number above 0: -n 4",
        )
    return scaling.wanted


def help_text(kind: str) -> str:
    """What ``%dask help start KIND`` says."""
    option = "" if kind == "synchronous" else "\n\n  -n N\n      Tasks at a time. Unset: the cores."
    return (
        f"\n{kind}: no cluster, but {SINGLE_MACHINE[kind]}.\n"
        f"It holds until %dask stop, or until the notebook is connected to a cluster.{option}"
    )
