"""The ``dasklab`` command: clusters from a shell, without a notebook or a browser.

Exit codes: 0, 1 when something went wrong (a sentence on standard error), 2 for a command line
that cannot be understood, 130 when interrupted.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence

from .errors import DasklabError
from .model.logs import SOURCES, check_source, read_lines

__all__ = ("main",)

INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command.

    Parameters
    ----------
    argv
        Its words after the name; those of this process by default.

    Returns
    -------
    int
        The exit code.
    """
    arguments = _parser().parse_args(argv)
    try:
        return int(arguments.run(arguments))
    except DasklabError as error:
        from .client.render import error_text

        # The words are the same everywhere; here they must name this command.
        text = error_text(error.to_wire()).replace("%dask list", "dasklab list")
        print(text, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # into head, less
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="dasklab", description="Your Dask clusters.")
    parser.add_argument("--version", action="version", version=_version())
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    found = commands.add_parser("list", help="all your clusters")
    found.add_argument("--all", action="store_true", help="also those that ended in the last day")
    found.add_argument("--json", action="store_true", help="everything that is known, as JSON")
    found.set_defaults(run=_list)

    stop = commands.add_parser("stop", help="end clusters and all that belongs to them")
    stop.add_argument("names", nargs="*", metavar="NAME", help="a name, id or address")
    stop.add_argument(
        "--all", action="store_true", help="every one; those that were found running go on"
    )
    stop.set_defaults(run=_stop, parser=stop)

    logs = commands.add_parser("logs", help="what a cluster says")
    logs.add_argument("name", metavar="NAME", help="a name, id or address")
    logs.add_argument(
        "source", nargs="?", metavar="SOURCE", default="host", help=f"one of {', '.join(SOURCES)}"
    )
    logs.add_argument("-n", "--lines", default="50", metavar="N", help="so many lines")
    logs.add_argument("-f", "--follow", action="store_true", help="until interrupted")
    logs.set_defaults(run=_logs)
    return parser


def _version() -> str:
    from . import __version__

    return f"dasklab {__version__}"


def _list(arguments: argparse.Namespace) -> int:
    from .client.listing import list_text
    from .registry import Registry

    records, problems = Registry().records()
    infos = [record.to_wire() for record in records if arguments.all or not record.phase.ended]
    if arguments.json:
        wire = {"clusters": infos, "problems": [problem.to_wire() for problem in problems]}
        print(json.dumps(wire, indent=2))
        return 0
    if infos:
        print(list_text(infos, recent=len(infos)))
    else:
        print("No cluster runs.")
    for problem in problems:
        print(problem, file=sys.stderr)
    return 0


def _stop(arguments: argparse.Namespace) -> int:
    from .client import clusters, find
    from .client.stopping import stop_all

    if bool(arguments.names) == arguments.all:
        arguments.parser.error("give names, or --all")
    chosen = clusters() if arguments.all else [find(name) for name in arguments.names]
    if not chosen:
        print("There is no cluster to stop.")
        return 0
    ended = [cluster for cluster in chosen if cluster.record.phase.ended]
    for cluster in ended:
        print(f"{cluster.name} is {cluster.phase} already.")
    living = [cluster for cluster in chosen if cluster not in ended]
    stop_all(living, say=print, detach=arguments.all)
    return 0


def _logs(arguments: argparse.Namespace) -> int:
    from .client import find
    from .client.following import Follower

    def out(text: str) -> None:
        print(text, flush=True)

    source, count = check_source(arguments.source), read_lines(arguments.lines)
    Follower(find(arguments.name), source, out).show(count, follow=arguments.follow)
    return 0
