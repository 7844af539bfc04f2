"""The reader of a ``%dask`` line: words, options, and one sentence for what makes no sense."""

from __future__ import annotations

import difflib
import re
import shlex
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ..errors import UsageError
from .subcommands import SUBCOMMANDS, Subcommand

__all__ = ("Line", "read", "split", "subcommand", "switches")

NUMBER = re.compile(r"-(\d|\.\d|inf|nan)", re.IGNORECASE)
"""The beginning of a negative number: a value that was typed wrong, not an option."""


@dataclass
class Line:
    """What a line said.

    Parameters
    ----------
    words
        Words that are no options.
    values, flags
        The subcommand's own options, by meaning.
    others
        Options of a deployment: name, and its text (``None`` where none was given).
    """

    words: list[str] = field(default_factory=list)
    values: dict[str, str] = field(default_factory=dict)
    flags: set[str] = field(default_factory=set)
    others: list[tuple[str, str | None]] = field(default_factory=list)


def _near(word: str, names: Iterable[str], otherwise: str) -> str:
    found = difflib.get_close_matches(word, list(names), 1, 0.5)
    return f"Did you mean {found[0]}?" if found else otherwise


def split(text: str) -> list[str]:
    """The words of a line, as a shell would split them.

    Raises
    ------
    UsageError
        A quote is left open.
    """
    try:
        return shlex.split(text)
    except ValueError as error:
        raise UsageError(
            f"The line cannot be read: {str(error)[:1].lower()}{str(error)[1:]}.",
            "Close the quote, or put a backslash before it.",
        ) from None


def subcommand(word: str) -> Subcommand:
    """The subcommand of that name.

    Raises
    ------
    UsageError
        With the nearest one.
    """
    if word in SUBCOMMANDS:
        return SUBCOMMANDS[word]
    raise UsageError(
        f"%dask has no subcommand {word[:60]!r}.",
        _near(word, SUBCOMMANDS, f"There are: {', '.join(SUBCOMMANDS)}."),
        details={"names": list(SUBCOMMANDS)},
    )


def read(command: Subcommand, tokens: list[str], switches: Iterable[str] = ()) -> Line:
    """Read what follows a subcommand.

    Parameters
    ----------
    switches
        Names of a deployment's options that are true or false: they need no value.

    Raises
    ------
    UsageError
        One sentence, and how it is written.
    """
    line = Line()
    switches = set(switches)
    rest = list(tokens)
    while rest:
        word = rest.pop(0)
        if word == "--":
            line.words += rest
            break
        if word == "-" or not word.startswith("-") or NUMBER.match(word):
            line.words.append(word)
            continue
        name, equals, text = word.partition("=")
        if name in command.flags:
            if equals:
                raise UsageError(f"{name} takes no value.", f"Write: {command.line}")
            line.flags.add(command.flags[name])
        elif name in command.values:
            value = text if equals else _value(rest)
            if not value:
                raise UsageError(f"{name} needs a value.", f"Write: {command.line}")
            _keep(command, line, name, value)
        elif word[:2] in command.values and not word.startswith("--"):
            _keep(command, line, word[:2], word[2:])
        elif command.others and name.startswith("--") and len(name) > 2:
            line.others.append(_other(name, text if equals else None, rest, switches))
        else:
            options = [*command.values, *command.flags]
            raise UsageError(
                f"%dask {command.name} has no option {name[:60]}.",
                _near(name, options, f"Write: {command.line}"),
            )
    _check_words(command, line)
    return line


def _value(rest: list[str]) -> str | None:
    """The next word, unless that is another option."""
    if rest and (not rest[0].startswith("-") or NUMBER.match(rest[0])):
        return rest.pop(0)
    return None


def _keep(command: Subcommand, line: Line, name: str, value: str) -> None:
    meaning = command.values[name]
    if meaning == "set":
        option, equals, text = value.partition("=")
        if not equals or not option:
            raise UsageError(
                "--set needs an option and its value.", "Write: --set memory_limit=2GiB"
            )
        line.others.append((option.replace("-", "_"), text))
    else:
        line.values[meaning] = value


def _other(
    name: str, text: str | None, rest: list[str], switches: set[str]
) -> tuple[str, str | None]:
    option = name[2:].replace("-", "_")
    if text is not None:
        return option, text
    if option in switches:
        words = ("true", "false", "yes", "no", "on", "off")
        return option, rest.pop(0) if rest and rest[0].lower() in words else "true"
    if option.startswith("no_") and option[3:] in switches:
        return option[3:], "false"
    return option, _value(rest)


def _check_words(command: Subcommand, line: Line) -> None:
    least, most = command.names
    if len(line.words) < least:
        what = "a NAME" if command.name == "use" else command.usage.split(" ")[0]
        raise UsageError(f"%dask {command.name} needs {what}.", f"Write: {command.line}")
    if len(line.words) > most:
        extra = line.words[most]
        raise UsageError(
            f"%dask {command.name} does not know what to do with {extra[:60]!r}.",
            f"Write: {command.line}",
        )


def switches(schema: dict[str, Any]) -> list[str]:
    """A deployment's options that are true or false."""
    properties = schema.get("properties", {})
    return [name for name, rule in properties.items() if rule.get("type") == "boolean"]
