"""``%dask start threads``, ``processes`` or ``synchronous``: Dask's single-machine schedulers."""

from __future__ import annotations

from typing import Any

from ..client.words import plural
from ..errors import UsageError
from ..model.scaling import Scaling
from .usage import Line

__all__ = ("SINGLE_MACHINE", "SingleMachine", "refuse_others", "tasks_at_a_time")

SINGLE_MACHINE = {
    "threads": "threads of this kernel; good where most time is spent in NumPy, pandas and their "
    "like, which let go of the GIL",
    "processes": "processes of this machine; each task and its result are sent to and fro",
    "synchronous": "one task after the other in this very thread; for debuggers",
}
MOST = 1_000


class SingleMachine:
    """One of them, from :meth:`enter` on this kernel's.

    Parameters
    ----------
    line
        What ``%dask start`` was given.
    shell
        IPython's shell.
    """

    def __init__(self, line: Line, shell: Any) -> None:
        self.kind = line.words[0]
        refuse_others(line)
        self.workers = tasks_at_a_time(line)
        self._shell = shell
        self._settings: Any = None
        self._progress: Any = None

    @property
    def code(self) -> str:
        """The same without dasklab."""
        more = "" if self.workers is None else f", num_workers={self.workers}"
        return f"import dask\n\ndask.config.set(scheduler={self.kind!r}{more})"

    @property
    def sentence(self) -> str:
        """What computes now."""
        number = "" if self.workers is None else f", {plural(self.workers, 'task')} at a time"
        return f"Dask computes in this notebook with its scheduler `{self.kind}`{number}."

    def enter(self) -> None:
        """Compute with it."""
        import dask

        from ..widgets.single_machine import SingleMachineProgress

        settings: dict[str, Any] = {"scheduler": self.kind}
        if self.workers is not None:
            settings["num_workers"] = self.workers
        self._settings = dask.config.set(settings)
        self._progress = SingleMachineProgress(self._shell)
        self._progress.register()

    def leave(self) -> None:
        """Go back to what was before."""
        self._progress.unregister()
        self._settings.__exit__(None, None, None)


def refuse_others(line: Line, *known: str) -> None:
    """Refuse options that make no sense without a cluster, but ``-n`` and those that are known.

    Raises
    ------
    UsageError
    """
    kind = line.words[0]
    unfit = [name for name in line.values if name != "workers"]
    unfit += [name for name, _ in line.others if name not in known]
    if unfit or "no-wait" in line.flags:
        name = (unfit or ["no-wait"])[0]
        options = ["" if kind == "synchronous" else " [-n N]", *(f" [--{one} …]" for one in known)]
        raise UsageError(
            f"{kind} has no option --{name.replace('_', '-')}: it is no cluster of dasklab's.",
            f"Write: %dask start {kind}{''.join(options)}",
        )


def tasks_at_a_time(line: Line) -> int | None:
    """What ``-n`` says, if anything.

    Raises
    ------
    UsageError, WorkersInvalid
    """
    kind, text = line.words[0], line.values.get("workers")
    if text is None:
        return None
    scaling = Scaling.parse(text, limit=MOST)
    if kind == "synchronous" or scaling.adaptive or scaling.wanted < 1:
        raise UsageError(
            f"{kind} cannot run {text[:40]} tasks at a time.",
            "synchronous runs one; the others a number above 0: -n 4",
        )
    return scaling.wanted
