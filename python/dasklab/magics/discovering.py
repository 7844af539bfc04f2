"""``%dask discover`` and ``detach``; ``%dask use`` of what was found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..client import Cluster
from ..client.found import found_text
from ..client.words import stopped_sentence
from ..launching import discover as ask
from ..launching import launch, pick, request_for
from .display import say
from .subcommands import SUBCOMMANDS
from .usage import read

if TYPE_CHECKING:
    from .session import Session

__all__ = ("attach", "detach", "discover")


def discover(session: Session, tokens: list[str]) -> None:
    """Say what runs and is in no list."""
    line = read(SUBCOMMANDS["discover"], tokens)
    environment = line.values.get("env")
    found = ask(environment, registry=session.registry)
    session.discovered = {str(row["name"]): (row, environment) for row in found.found}
    say(found_text(found))


def attach(session: Session, name: str) -> Cluster:
    """A cluster of the list for one that was found, now or by the last ``%dask discover``.

    Raises
    ------
    ClusterUnknown
        Nothing that runs is called so.
    """
    rows: tuple[dict[str, Any], ...] = tuple(row for row, _ in session.discovered.values())
    environment = None
    if not any(str(row["name"]).startswith(name) for row in rows):
        rows = ask(registry=session.registry).found
    row = pick(rows, name)
    _, environment = session.discovered.get(str(row["name"]), (row, None))
    record = launch(request_for(row, environment), registry=session.registry)
    session.discovered.pop(str(row["name"]), None)
    return Cluster(record, registry=session.registry)


def detach(session: Session, tokens: list[str]) -> None:
    """Let go of a cluster that was attached to."""
    line = read(SUBCOMMANDS["detach"], tokens)
    if line.words:
        cluster = Cluster(session.registry.find(line.words[0]), registry=session.registry)
    else:
        cluster = session.require()
    cluster.detach()
    session.drop(cluster.id)
    say(stopped_sentence(cluster.name, cluster.phase, found=True, detached=True))
