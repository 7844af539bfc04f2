"""``%dask versions`` and ``%dask install``."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from ..client.words import line, plural
from .display import say
from .subcommands import SUBCOMMANDS
from .usage import read, split

if TYPE_CHECKING:
    from .session import Session

__all__ = ("install", "versions", "versions_text")

MOST = 60
"""Rows of a table that are shown."""


def versions(session: Session, tokens: list[str]) -> None:
    """What differs between notebook, scheduler and workers."""
    read(SUBCOMMANDS["versions"], tokens)
    cluster = session.require()
    say(versions_text(cluster.name, cluster.versions()))


def versions_text(name: str, found: dict[str, Any]) -> str:
    """The packages that differ, a row each; those that only one side has in one line."""
    packages, different = found["packages"], found["different"]
    workers = len(found["executables"]["workers"])
    compared = plural(len(packages), "package")
    if not different:
        return (
            f"{name}: {compared}, and Python, are the same in this notebook, the scheduler and "
            f"{plural(workers, 'worker')}."
        )
    rows, only_here, only_there = [], [], []
    for package in different:
        row = packages[package]
        there = {row["scheduler"], *row["workers"].values()}
        if there == {None}:
            only_here.append(package)
        elif row["notebook"] is None:
            only_there.append(package)
        else:
            rows.append((package, row["notebook"], row["scheduler"] or "missing", _workers(row)))
    lines = [f"{name}: {len(different)} of {compared} that are imported somewhere differ."]
    if rows:
        table = [("", "notebook", "scheduler", "workers"), *rows[:MOST]]
        widths = [
            max(len(line(cell, 60)) for cell in column) for column in zip(*table, strict=True)
        ]
        for cells in table:
            padded = (f"{line(c, 60):<{w}}" for c, w in zip(cells, widths, strict=True))
            lines.append(f"  {'  '.join(padded)}".rstrip())
        if len(rows) > MOST:
            lines.append(f"  ... and {len(rows) - MOST} more.")
    if only_here:
        lines.append(f"Only in this notebook: {line(', '.join(only_here), 2_000)}.")
    if only_there:
        lines.append(f"Only in the cluster: {line(', '.join(only_there), 2_000)}.")
    return "\n".join(lines)


def _workers(row: dict[str, Any]) -> str:
    """``1.26.4``, or how many have which."""
    counts = Counter(version or "missing" for version in row["workers"].values())
    if len(counts) == 1:
        return str(next(iter(counts)))
    return ", ".join(f"{version} ({count})" for version, count in counts.most_common())


def install(session: Session, tokens: list[str]) -> None:
    """Install packages on all workers."""
    found = read(SUBCOMMANDS["install"], tokens)
    cluster = session.require()
    cluster.install(*found.words, pip_options=split(found.values.get("pip", "")))
    names = line(", ".join(found.words), 500)
    say(f"{cluster.name}: {names} is installed on all workers, and on those to come.")
