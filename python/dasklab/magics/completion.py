"""What ``<tab>`` offers after ``%dask``. Must be quick: it only looks at what is known already."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Any

from .schedulers import SCHEDULERS
from .subcommands import SUBCOMMANDS, Subcommand
from .usage import switches

if TYPE_CHECKING:
    from .session import Session

__all__ = ("complete",)

PLOTS = ("task-stream", "progress", "cluster-map", "workers-memory", "cpu", "nprocessing")
"""Offered until a dashboard has been opened; from then on, all that it has."""


def complete(session: Session, text: str, symbol: str) -> list[str]:
    """The words that may stand where the cursor is; never raises.

    Parameters
    ----------
    text
        The line up to the cursor.
    symbol
        What IPython will replace: the part of a word after its last ``=``, ``/``, ``:`` and so on.
    """
    try:
        text = text.lstrip()
        match = re.match(r"%dask(\s+)", text)
        if match is None:
            return []
        session.refresh()
        words = text[match.end() :].split()
        word = words.pop() if words and not text[-1].isspace() else ""
        found = _after(session, words, word)
        cut = len(word) - len(symbol) if word.endswith(symbol) else 0
        return sorted({item[cut:] for item in found if item.startswith(word)})
    except Exception:  # noqa: BLE001  a <tab> must never show a traceback
        return []


def _after(session: Session, words: list[str], word: str) -> list[str]:
    """All that may follow these words."""
    if not words:
        return list(SUBCOMMANDS)
    command = SUBCOMMANDS.get(words[0])
    if command is None:
        return []
    given = words[1:]
    option, equals, _ = word.partition("=")
    if equals:
        return [f"{option}={value}" for value in _values(session, command, option, given)]
    if given and given[-1].startswith("-"):
        values = _values(session, command, given[-1], given)
        if values or given[-1] in command.values:
            return values
    if word.startswith("-"):
        return _options(session, command, given)
    names = _names(session, command, given)
    # Options too, but only where nothing else is left to say.
    return names or (_options(session, command, given) if not word else [])


def _names(session: Session, command: Subcommand, given: list[str]) -> list[str]:
    words = _words(session, command, given)
    if command.name == "help":
        if not words:
            return list(SUBCOMMANDS)
        return [*_deployments(session), *SCHEDULERS] if words == ["start"] else []
    if command.name == "plot":
        from ..widgets.pictures import PICTURES

        return [name for name in PICTURES if name not in words]
    if len(words) >= command.names[1]:
        return []
    if command.name == "start":
        return [*_deployments(session), *session.profiles, *SCHEDULERS]
    if command.name == "use":
        return [*_clusters(session), *session.discovered]
    if command.name in ("stop", "detach"):
        return _clusters(session)
    if command.name == "compare" or (command.name == "report" and words):
        return _recordings(session)
    if command.name == "logs":
        return ["scheduler", "workers", "host"]
    if command.name == "open":
        from ..client.pages import COMMON

        paths = session.pages or [*COMMON, *PLOTS]
        return [*paths, *(path.removeprefix("individual-") for path in paths)]
    return []


def _words(session: Session, command: Subcommand, given: list[str]) -> list[str]:
    """The words so far that are neither options nor their values."""
    flags = {*command.flags, *(_written(name) for name in switches(_schema(session, given)))}
    words: list[str] = []
    value_follows = False
    for word in given:
        if word.startswith("-"):
            takes = word in command.values or (command.others and word not in flags)
            value_follows = takes and "=" not in word and not word.startswith("--no-")
        elif value_follows:
            value_follows = False
        else:
            words.append(word)
    return words


def _clusters(session: Session) -> list[str]:
    return [item.name for item in session.registry.records()[0] if not item.phase.ended]


def _recordings(session: Session) -> list[str]:
    from ..widgets.recording import names

    return names(session.registry)


def _deployments(session: Session) -> list[str]:
    return [str(row["name"]) for row in session.catalogues.get(None, ())]


def _written(option: str) -> str:
    return f"--{option.replace('_', '-')}"


def _options(session: Session, command: Subcommand, given: list[str]) -> list[str]:
    found = [*command.values, *command.flags]
    if command.others:
        schema = _schema(session, given)
        names = list(schema.get("properties", {}))
        found += [_written(name) for name in names]
        found += [f"--no-{name.replace('_', '-')}" for name in switches(schema)]
    return [name for name in found if name not in given]


def _schema(session: Session, given: list[str]) -> dict[str, Any]:
    """The options of the deployment that is being started, as far as it is known."""
    environment = None
    name = given[0] if given and not given[0].startswith("-") else "local"
    for option, value in itertools.pairwise(given):
        if option == "--env":
            environment = value
    profile = session.profiles.get(name)
    if profile is not None:
        name = str(profile.get("deployment", "local"))
    rows = session.catalogues.get(environment) or session.catalogues.get(None) or []
    for row in rows:
        if row["name"] == name:
            return dict(row["schema"])
    return {}


def _values(session: Session, command: Subcommand, option: str, given: list[str]) -> list[str]:
    """The values of an option, where they can be listed."""
    if option == "--env":
        return session.kernelspecs
    if option == "--recording":
        return _recordings(session)
    if not command.others or not option.startswith("--"):
        return []
    rule = _schema(session, given).get("properties", {}).get(option[2:].replace("-", "_"), {})
    found = [str(choice.get("const")) for choice in rule.get("oneOf", ())]
    return found + [str(choice) for choice in rule.get("enum", ())]
