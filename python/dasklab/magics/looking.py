"""Bare ``%dask``, ``list``, ``logs``, ``open``, ``config`` and ``help``."""

from __future__ import annotations

import contextlib
import html
import json
from typing import TYPE_CHECKING, Any

from ..client.following import Follower
from ..client.listing import brief, list_html, list_text
from ..client.pages import choose_page
from ..client.words import line as one_line
from ..errors import DasklabError, DeploymentUnknown, Unsupported, UsageError
from ..links import base_url, dashboard_path
from ..model.logs import check_source, read_lines
from .asking import find_schema
from .display import say, show, show_card
from .schedulers import SCHEDULERS, help_text
from .subcommands import START, SUBCOMMANDS
from .usage import read, subcommand

if TYPE_CHECKING:
    from ..client import Cluster
    from .session import Session

__all__ = ("config", "help_", "logs", "open_page", "show_current", "show_list")

LINES = "50"
ENDED = 1_000


def show_current(session: Session) -> None:
    """The current cluster's card, or what to do when there is none."""
    if session.scheduler is not None:
        say(session.scheduler.sentence)
        return
    cluster = session.cluster
    if cluster is not None:
        with contextlib.suppress(DasklabError):
            show_card(session, cluster.info)
            return
        session.cluster = None
    names = [item.name for item in session.registry.records()[0] if not item.phase.ended]
    say("This notebook has no cluster yet.")
    if names:
        say(f"Running: {', '.join(names[:10])}. Use one: %dask use {names[0]}")
    say("Start one: %dask start local -n 2" + ("" if names else "   (more: %dask help)"))


def show_list(session: Session, tokens: list[str]) -> None:
    """All clusters; those that ended lately below them."""
    line = read(SUBCOMMANDS["list"], tokens)
    records, problems = session.registry.records()
    infos = [brief(record) for record in records]
    wire = [problem.to_wire() for problem in problems]
    cluster = session.cluster
    current = cluster.id if cluster is not None else None
    more: dict[str, Any] = {"recent": ENDED} if "all" in line.flags else {}
    text = list_text(infos, wire, current, **more)
    show(session, list_html(infos, wire, current, **more) if session.notebook else "", text)


# -- logs -----------------------------------------------------------------------------------------
def logs(session: Session, tokens: list[str]) -> None:
    """Log lines of the current cluster; with ``-f`` those to come, until interrupted."""
    line = read(SUBCOMMANDS["logs"], tokens)
    source = check_source(line.words[0] if line.words else "host")
    count = read_lines(line.values.get("lines") or LINES)
    cluster = session.require()
    Follower(cluster, source, say).show(count, follow="follow" in line.flags)


# -- open -----------------------------------------------------------------------------------------
def open_page(session: Session, tokens: list[str]) -> None:
    """A dashboard page below the cell; its address in a terminal."""
    line = read(SUBCOMMANDS["open"], tokens)
    cluster = session.require()
    if "dashboard" not in cluster.info.get("can", ()):
        raise Unsupported(
            f"The cluster {cluster.name!r} is {cluster.phase}: it has no dashboard to open."
        )
    pages = cluster.pages()
    session.pages = list(pages)
    page = choose_page(line.words[0] if line.words else "status", pages)
    base = base_url()
    if not session.notebook or base is None:
        say(f"{cluster.mount_dashboard()}/{page}")
        return
    path = dashboard_path(base, cluster.id, page)
    text = f"{pages[page]} of {cluster.name}: {path}"
    show(session, _frame(cluster, page, pages[page], path), text)


def _frame(cluster: Cluster, page: str, title: str, path: str) -> str:
    """The page in a frame that can reach nothing of the notebook, and a way to a pane."""
    safe_path = html.escape(path)
    arguments = html.escape(json.dumps({"cluster": cluster.id, "page": page}))
    name = html.escape(f"{title} of {cluster.name}")
    return (
        f'<div style="margin:4px 0;"><b>{html.escape(title)}</b> of {html.escape(cluster.name)} · '
        f'<a href="{safe_path}" target="_blank" rel="noopener">in a new tab</a> · '
        f'<button type="button" data-commandlinker-command="dasklab:open-dashboard-page" '
        f'data-commandlinker-args="{arguments}">in a pane</button></div>'
        f'<iframe src="{safe_path}" title="{name}" sandbox="allow-scripts" '
        f'referrerpolicy="no-referrer" loading="lazy" width="100%" height="480" '
        f'style="border:1px solid rgba(128,128,128,0.35);width:100%;height:480px;"></iframe>'
    )


# -- config, help --------------------------------------------------------------------------------
def config(session: Session, tokens: list[str]) -> None:
    """The effective settings, and where files are."""
    read(SUBCOMMANDS["config"], tokens)
    import dask.config
    import yaml

    from ..config import get
    from ..profile_file import own_file, profiles

    get("publish")  # has the defaults loaded
    settings = dict(dask.config.get("dasklab"))
    with contextlib.suppress(DasklabError):  # what is no section is shown as it is
        settings["profiles"] = profiles()
    text = yaml.safe_dump({"dasklab": settings}, sort_keys=False, default_flow_style=False)
    say(text)
    base = base_url()
    rows = (
        ("Records and logs", session.registry.folder),
        ("Profiles are saved in", own_file()),
        ("Dask's configuration", ", ".join(str(path) for path in dask.config.paths)),
        ("Links", f"{base}dasklab/" if base else "straight to dashboards: no Jupyter server"),
    )
    for name, value in rows:
        say(f"{name:<21} {value}")


def help_(session: Session, tokens: list[str]) -> None:
    """What there is; a subcommand; the options of a deployment."""
    words = read(SUBCOMMANDS["help"], tokens).words
    if not words:
        width = max(len(name) for name in SUBCOMMANDS)
        say("%dask" + " " * (width + 2) + "the current cluster")
        for name, command in SUBCOMMANDS.items():
            say(f"%dask {name:<{width}}  {command.summary}")
        say("\n%dask help SUBCOMMAND says more.")
        return
    command = subcommand(words[0])
    if len(words) > 1 and command is not START:
        raise UsageError(f"%dask {command.name} has no deployments.", "Try %dask help start local")
    say(f"{command.line}\n\n{command.summary[:1].upper()}{command.summary[1:]}.")
    if command.more:
        say(f"\n{command.more}")
    if command is START and len(words) > 1 and words[1] in SCHEDULERS:
        say(help_text(words[1]))
    elif command is START:
        _help_options(session, words[1] if len(words) > 1 else "local")


def _help_options(session: Session, deployment: str) -> None:
    schema = find_schema(session, deployment, None)
    if schema is None:
        names = [row["name"] for row in session.catalogue(None)]
        raise DeploymentUnknown(
            f"There is no deployment or profile {deployment[:80]!r}.",
            f"There are: {', '.join([*names, *session.profiles])}.",
            details={"names": names},
        )
    say(f"\nOptions of {deployment}:")
    group = None
    for name, rule in schema.get("properties", {}).items():
        if rule.get("x-group") != group:
            group = rule.get("x-group")
            say(f"\n{group}:")
        say(f"\n  {_option_line(name, rule)}")
        text = one_line(rule.get("description", ""), 500)
        say(f"      {one_line(rule.get('title', ''), 100)}. {text}".rstrip())


def _option_line(name: str, rule: dict[str, Any]) -> str:
    """How an option is written, and its default."""
    flag = f"--{name.replace('_', '-')}"
    if flag in START.values or flag in START.flags:
        flag = f"--set {name}="
    kind = rule.get("type", "")
    choices = [str(choice.get("const")) for choice in rule.get("oneOf", ())]
    choices += [str(choice) for choice in rule.get("enum", ())]
    if kind == "boolean":
        value = f" | --no-{name.replace('_', '-')}"
    elif choices:
        value = f" {'|'.join(choices)}"
    else:
        shapes = {"integer": "N", "number": "X", "array": "A,B,...", "object": "NAME=VALUE,..."}
        value = f" {shapes.get(str(kind), 'TEXT')}"
    default = rule.get("default")
    written = f"{flag}{value.lstrip() if flag.endswith('=') else value}"
    return written + ("" if default is None else f"   (default {json.dumps(default)})")
