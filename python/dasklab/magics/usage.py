"""The grammar of ``%dask``: its subcommands as data, and the reader of a line.

Parsing, completion and help all come from :data:`SUBCOMMANDS`. Standard library only.
"""

from __future__ import annotations

import difflib
import re
import shlex
from collections.abc import Iterable
from dataclasses import dataclass, field

from ..errors import UsageError

__all__ = ("SUBCOMMANDS", "Line", "Subcommand", "read", "split", "subcommand")

NUMBER = re.compile(r"-(\d|\.\d|inf|nan)", re.IGNORECASE)
"""The beginning of a negative number: a value that was typed wrong, not an option."""


@dataclass(frozen=True)
class Subcommand:
    """One subcommand.

    Parameters
    ----------
    usage
        What may follow its name.
    summary
        One line for ``%dask help``.
    more
        What else ``%dask help NAME`` says.
    values
        Options that take a value, as typed, and what they mean.
    flags
        Options that take none.
    names
        Least and greatest number of words that are no options.
    others
        Whether any other ``--option`` is one of a deployment.
    """

    name: str
    usage: str
    summary: str
    more: str = ""
    values: dict[str, str] = field(default_factory=dict)
    flags: dict[str, str] = field(default_factory=dict)
    names: tuple[int, int] = (0, 0)
    others: bool = False

    @property
    def line(self) -> str:
        """How to write it."""
        return f"%dask {self.name} {self.usage}".rstrip()


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


START = Subcommand(
    "start",
    "[DEPLOYMENT|PROFILE] [-n N | --adapt MIN:MAX] [--name X] [--env KERNELSPEC|PYTHON] "
    "[--preview] [--no-wait] [--OPTION VALUE ...]",
    "start a cluster in a process of its own and connect `client` to it",
    "-n N, --n-workers N   that many workers\n"
    "--adapt MIN:MAX       as many workers as the work needs, within limits\n"
    "--name X              what to call it; DEPLOYMENT-1, -2, ... otherwise\n"
    "--env ENV             a kernelspec, or the path of a Python; this one otherwise\n"
    "--preview             only show what would run\n"
    "--no-wait             come back at once\n"
    "--set OPTION=VALUE    any option by name, also one that is called like those above",
    values={
        "-n": "workers",
        "--n-workers": "workers",
        "--workers": "workers",
        "--adapt": "adapt",
        "--name": "name",
        "--env": "env",
        "--set": "set",
    },
    flags={"--preview": "preview", "--no-wait": "no-wait"},
    names=(0, 1),
    others=True,
)

SUBCOMMANDS: dict[str, Subcommand] = {
    found.name: found
    for found in (
        START,
        Subcommand(
            "list",
            "[--all]",
            "all your clusters, from every notebook",
            "--all   also all that ended in the last day",
            flags={"--all": "all"},
        ),
        Subcommand(
            "use",
            "NAME|ADDRESS",
            "connect `client` to a cluster that is there",
            names=(1, 1),
        ),
        Subcommand(
            "scale",
            "N|MIN:MAX [--wait]",
            "change the number of workers, or let it follow the work",
            "--wait   come back when the workers are there, or gone with their data moved",
            flags={"--wait": "wait"},
            names=(1, 1),
        ),
        Subcommand("restart", "", "restart all workers; tasks and data are forgotten"),
        Subcommand(
            "stop",
            "[NAME|--all]",
            "end the current cluster, another one, or all",
            flags={"--all": "all"},
            names=(0, 1),
        ),
        Subcommand(
            "keep",
            "[--off]",
            "keep the current cluster: no lease ends it",
            "--off   let its lease count again",
            flags={"--off": "off"},
        ),
        Subcommand(
            "logs",
            "[scheduler|workers|host] [-n N] [-f]",
            "what the current cluster says",
            "-n N         so many lines, 50 otherwise\n-f, --follow until interrupted",
            values={"-n": "lines", "--lines": "lines"},
            flags={"-f": "follow", "--follow": "follow"},
            names=(0, 1),
        ),
        Subcommand(
            "open",
            "[PAGE]",
            "a page of the dashboard, below the cell",
            "PAGE is `status` otherwise; <tab> offers the others.",
            names=(0, 1),
        ),
        Subcommand("config", "", "dasklab's settings, and where files are"),
        Subcommand(
            "help",
            "[SUBCOMMAND [DEPLOYMENT]]",
            "this; `%dask help start local` lists the options of a deployment",
            names=(0, 2),
        ),
    )
}


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

