"""Clusters that run already, for notebooks and scripts: found, and attached to when wanted."""

from __future__ import annotations

from typing import Any

from .. import launching
from .blocking import Cluster
from .words import line

__all__ = ("FoundCluster", "discover", "found_text")


class FoundCluster:
    """A cluster that runs and is in no list of yours.

    Get them from :func:`dasklab.discover`.
    """

    def __init__(self, row: dict[str, Any], environment: str | None) -> None:
        self._row = row
        self._environment = environment

    def __repr__(self) -> str:
        return f"<FoundCluster {self.name!r} ({self.deployment}): {self.text}>"

    @property
    def name(self) -> str:
        """What it is called where it runs."""
        return str(self._row["name"])

    @property
    def deployment(self) -> str:
        """The deployment that attaches to it."""
        return str(self._row["deployment"])

    @property
    def text(self) -> str:
        """What is known of it, in a sentence."""
        return str(self._row["text"])

    def attach(self, *, timeout: float | None = None) -> Cluster:
        """Have a host for it, so that it is in the list; the cluster is not changed by that.

        Parameters
        ----------
        timeout
            Seconds to wait at the most.

        Raises
        ------
        DasklabError
        """
        cluster = Cluster(launching.launch(launching.request_for(self._row, self._environment)))
        cluster.wait(0, timeout=timeout)
        return cluster


class Found(list[FoundCluster]):
    """What was found; ``silent`` says what could not be asked."""

    silent: tuple[Any, ...] = ()


def discover(environment: str | None = None) -> Found:
    """Clusters that run already and are in no list of yours; takes some seconds.

    Asked are all deployments that know of some (Dask Gateway, scheduler files) and the packages
    with entry points ``dask_cluster_discovery``.

    Parameters
    ----------
    environment
        Kernelspec or path of an interpreter whose packages are asked; this one by default.

    Returns
    -------
    list of FoundCluster
        Its ``silent`` has an error for each that could not be asked.
    """
    answer = launching.discover(environment)
    found = Found(FoundCluster(row, environment) for row in answer.found)
    found.silent = answer.silent
    return found


def found_text(answer: launching.Discovery) -> str:
    """What was found, as lines."""
    lines = []
    for row in answer.found:
        lines += [
            f"{line(row['name'], 80)}  ({line(row['source'], 40)})",
            f"    {line(row['text'], 300)}",
        ]
    if answer.found:
        lines.append(f"Attach to one: %dask use {line(answer.found[0]['name'], 80)}")
    else:
        lines.append("Nothing was found that runs and is not in %dask list.")
    return "\n".join([*lines, *(f"Not asked: {error}" for error in answer.silent)])
