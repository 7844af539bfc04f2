"""``%dask plot``, ``record``, ``recordings``, ``compare`` and ``report``."""

from __future__ import annotations

import difflib
import math
import time
from typing import TYPE_CHECKING

from ..client import AsyncCluster
from ..client.words import clock, line
from ..errors import ClusterUnknown, DeadlinePassed, UsageError
from ..widgets.answers import ask_once
from ..widgets.bundle import MIME, payload
from ..widgets.comparing import compare_html, compare_text
from ..widgets.following import Following, whole_life
from ..widgets.pictures import PICTURES
from ..widgets.plots import show_plots
from ..widgets.recording import Recording, find, listed, save
from ..widgets.reporting import write_report
from ..widgets.strip import plots_html, strip_text
from ..widgets.summary import figures, summarise
from .cells import current_cell
from .display import say, show
from .subcommands import SUBCOMMANDS
from .usage import read
from .watching import find_cluster

if TYPE_CHECKING:
    from .session import Session

__all__ = ("compare", "plot", "record", "recordings", "report")

USUAL = ("task-stream", "progress", "memory", "workers-memory")
LAST = 60.0
PATIENCE = 10.0


def read_seconds(text: str | None, usual: float) -> float:
    """A time that goes back from now.

    Raises
    ------
    UsageError
        It is none, or lies in the future.
    """
    from dask.utils import parse_timedelta

    if text is None:
        return usual
    try:
        ahead = text.startswith("-")
        seconds = float(parse_timedelta(text.lstrip("-"), default="s")) * (-1 if ahead else 1)
    except (ValueError, KeyError, TypeError):
        seconds = math.nan
    if not math.isfinite(seconds):
        raise UsageError(f"{text[:40]!r} is no duration.", "Write it like 60s or 5m.")
    if seconds <= 0:
        raise UsageError(
            f"The last {text[:40]} would lie in the future: there is nothing to plot yet.",
            "Write how far to go back, like 60s or 5m.",
        )
    return seconds


def plot(session: Session, tokens: list[str]) -> None:
    """Live plots beneath the cell, or those of a recording."""
    words = read(SUBCOMMANDS["plot"], tokens)
    names = list(words.words or USUAL)
    for name in names:
        if name not in PICTURES:
            near = difflib.get_close_matches(name, PICTURES, 1, 0.4)
            hint = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(PICTURES)}."
            raise UsageError(f"There is no plot {name[:60]!r}.", hint)
    names = list(dict.fromkeys(names))
    last, kept = words.values.get("last"), words.values.get("recording")
    if kept is not None:
        if last is not None:
            raise UsageError(
                "--last is of a cluster that runs.", "A recording is shown whole: leave it out."
            )
        _show_recording(session, find(kept, session.registry), names)
        return
    seconds = read_seconds(last, LAST)
    cluster = AsyncCluster(session.require().record, registry=session.registry)
    show_plots(session.shell, cluster, names, seconds, current_cell())


def _show_recording(session: Session, found: Recording, names: list[str]) -> None:
    show(
        session,
        plots_html(found.run, names, title=found.name),
        f"{found.name}: {strip_text(found.summary)}",
        {MIME: payload("plots", names, title=found.name, run=found.run)},
    )


# -- recordings ------------------------------------------------------------------------------
def _of_cluster(session: Session, seconds: float | None) -> Recording:
    """What is known of the current cluster's last seconds, or of all its life."""
    cluster = AsyncCluster(session.require().record, registry=session.registry)
    now = time.time()
    since = 0.0 if seconds is None else now - seconds
    following = Following(cluster, seconds, lambda: None, lambda: since)
    try:
        if not following.catch_up(PATIENCE) and not following.ready.is_set():
            raise DeadlinePassed(f"{cluster.name} sends no telemetry.", "Try again in a moment.")
        run = whole_life(following, now) if seconds is None else following.cut(since, now)
    finally:
        following.stop()
    run.answers = ask_once(cluster, run)
    return Recording(cluster.name, cluster.name, run, summarise(run))


def _last_run(session: Session) -> Recording | None:
    """That of a cell, with what its cluster tells only when it is asked, while that lives."""
    found = session.last_run
    if found is not None and not found.run.answers:
        watched = find_cluster(session)
        if watched is not None and watched[0].name == found.cluster:
            found.run.answers = ask_once(watched[0], found.run)
    return found


def record(session: Session, tokens: list[str]) -> None:
    """Keep the last run of this notebook, or the current cluster's last seconds."""
    words = read(SUBCOMMANDS["record"], tokens)
    name, last = words.words[0], words.values.get("last")
    if last is not None:
        found = _of_cluster(session, read_seconds(last, LAST))
    else:
        found = _last_run(session) or _of_cluster(session, None)
    path = save(name, found.cluster, found.run, found.summary, session.registry)
    say(f"Recorded as {path.stem}: {' · '.join(figures(found.summary)[:2])}.")


def recordings(session: Session, tokens: list[str]) -> None:
    """All that are kept."""
    read(SUBCOMMANDS["recordings"], tokens)
    found = listed(session.registry)
    if not found:
        say("There are no recordings yet. Watch a cell: %%dask, or record one: %dask record NAME")
        return
    rows = [
        f"{one.name:<24} {clock(one.since):<14} {line(one.cluster, 24):<24} "
        + " · ".join(figures(one.summary)[:2])
        for one in found
    ]
    say("\n".join(rows))


def compare(session: Session, tokens: list[str]) -> None:
    """Two recordings beside each other."""
    names = read(SUBCOMMANDS["compare"], tokens).words
    one, other = (find(name, session.registry) for name in names)
    show(session, compare_html(one, other), compare_text(one, other))


def report(session: Session, tokens: list[str]) -> None:
    """A page about a recording, the last run, or all that the current cluster did."""
    words = read(SUBCOMMANDS["report"], tokens).words
    if len(words) > 1:
        found = find(words[1], session.registry)
    else:
        try:
            found = _last_run(session) or _of_cluster(session, None)
        except ClusterUnknown:
            found = find("last", session.registry)
    path = write_report(words[0], found)
    say(f"Wrote {path}: {' · '.join(figures(found.summary)[:2])}.")
