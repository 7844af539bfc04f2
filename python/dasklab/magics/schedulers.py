"""``%dask start`` without a cluster: what computes for this kernel alone.

Dask's single-machine schedulers and Dask on Ray have no scheduler that could be found, scaled or
asked, so they have no host and no record. They are a choice of this notebook, kept in Dask's
configuration of this kernel, with progress beneath each cell that computes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from .display import say
from .ray import RAY, Ray
from .single_machine import SINGLE_MACHINE, SingleMachine
from .subcommands import START
from .usage import read

if TYPE_CHECKING:
    from .session import Session

__all__ = ("SCHEDULERS", "Scheduler", "chosen", "help_text", "start")

SCHEDULERS = {**SINGLE_MACHINE, "ray": RAY}


class Scheduler(Protocol):
    """What computes for a kernel."""

    kind: str

    @property
    def code(self) -> str:
        """The same without dasklab."""
        ...

    @property
    def sentence(self) -> str:
        """What computes now."""
        ...

    def enter(self) -> None:
        """Compute with it."""
        ...

    def leave(self) -> None:
        """Go back to what was before."""
        ...


def chosen(tokens: list[str]) -> bool:
    """Whether a ``start`` line asks for one of them."""
    return any(token in SCHEDULERS for token in tokens[:1])


def start(session: Session, tokens: list[str]) -> None:
    """Use one of them from now on."""
    line = read(START, tokens)
    make = Ray if line.words[0] == Ray.kind else SingleMachine
    scheduler: Scheduler = make(line, session.shell)
    if "preview" in line.flags:
        say(scheduler.code)
        return
    session.leave()
    scheduler.enter()
    session.scheduler = scheduler
    say(f"{scheduler.sentence} %dask stop goes back to what was before.")


def help_text(kind: str) -> str:
    """What ``%dask help start KIND`` says."""
    options = {
        "synchronous": "",
        "ray": "\n\n  -n N\n      CPUs of a Ray that is started here. Unset: the cores."
        "\n  --address ADDRESS\n      Of a Ray cluster that runs; auto is the one of this machine."
        "\n      Unset: RAY_ADDRESS, or a Ray of this kernel's own.",
    }
    many = "\n\n  -n N\n      Tasks at a time. Unset: the cores."
    return (
        f"\n{kind}: no cluster of dasklab's, but {SCHEDULERS[kind]}.\n"
        "It holds until %dask stop, or until the notebook is connected to a cluster."
        f"{options.get(kind, many)}"
    )
