"""From a ``%dask`` line to the function that does it; and how it ends when it goes wrong.

An error is raised, so that a script or ``nbconvert --execute`` stops there, and is shown as its
sentence alone: IPython asks an exception for ``_render_traceback_``.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..client.render import error_text
from ..errors import DasklabError
from . import discovering, lifecycle, looking, recordings, software, starting, watching, why
from .subcommands import SUBCOMMANDS
from .usage import split, subcommand

if TYPE_CHECKING:
    from .session import Session

__all__ = ("run",)

Command = Callable[["Session", list[str]], None]

COMMANDS: dict[str, Command] = {
    "start": starting.start,
    "use": lifecycle.use,
    "discover": discovering.discover,
    "scale": lifecycle.scale,
    "restart": lifecycle.restart,
    "stop": lifecycle.stop,
    "detach": discovering.detach,
    "keep": lifecycle.keep,
    "why": why.why,
    "versions": software.versions,
    "install": software.install,
    "list": looking.show_list,
    "logs": looking.logs,
    "open": looking.open_page,
    "watch": watching.watch,
    "plot": recordings.plot,
    "record": recordings.record,
    "recordings": recordings.recordings,
    "compare": recordings.compare,
    "report": recordings.report,
    "config": looking.config,
    "help": looking.help_,
}
assert COMMANDS.keys() == SUBCOMMANDS.keys()


def run(session: Session, line: str) -> None:
    """Do what a line says.

    Raises
    ------
    DasklabError
        What is wrong; rendered as one sentence by IPython.
    KeyboardInterrupt
        The user interrupted; rendered as one sentence too.
    """
    try:
        tokens = split(line)
        if not tokens:
            looking.show_current(session)
        elif tokens[0] in ("-h", "--help", "?"):
            looking.help_(session, tokens[1:])
        else:
            command = subcommand(tokens[0])
            if any(token in ("-h", "--help") for token in tokens[1:]):
                looking.help_(session, [command.name])
            else:
                COMMANDS[command.name](session, tokens[1:])
    except DasklabError as error:
        _show_as(error, error_text(error.to_wire()), session.notebook)
        raise
    except KeyboardInterrupt as interrupt:
        words = " ".join(str(word) for word in interrupt.args) or "Interrupted."
        _show_as(interrupt, words, session.notebook)
        raise


def _show_as(error: BaseException, text: str, notebook: bool) -> None:
    printed = False

    def render() -> list[str]:
        nonlocal printed
        if notebook:
            return [text]
        if not printed:  # IPython asks once more, for its history
            # It would print it to standard output, which may be redirected.
            sys.stderr.write(f"{text}\n")
            printed = True
        return []

    shown: Any = error
    shown._render_traceback_ = render
