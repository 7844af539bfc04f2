"""What the options of a batch system amount to: one job's size, its times, its arguments.

Read by the launch, its preview and its warnings, so that they cannot differ.
"""

from __future__ import annotations

import os
import re
import shlex
import sys
from dataclasses import dataclass, field
from typing import Any

from ..errors import OptionsInvalid
from ._jobs import jobqueue

__all__ = ("Request", "clock_time", "read_group", "read_request", "read_time")

UNITS = {"s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0}

MARGIN = 300.0
"""Seconds before the wall time in which a worker hands on its data and leaves."""

PAGES = ["--dashboard-address", "127.0.0.1:0"]
"""A worker's own pages ask nobody who they are: other users of its node, and of the network, have
no business there."""

OURS = ("groups", "lifetime", "scheduler_port", "tls", "log_directory", "interface", "walltime")
"""Options that are not handed to dask-jobqueue as they are."""

OWN_WORDS = (
    "job_extra_directives",
    "job_directives_skip",
    "resource_spec",
    "job_cpu",
    "job_mem",
    "job_extra",
    "header_skip",
)
"""Options, or settings of a site, that change what the size of a job says (two by old names)."""


def read_time(text: str, two: tuple[int, int] = (60, 1)) -> float | None:
    """Seconds of ``4h``, ``90 min``, ``04:00:00`` or ``1-00:00:00``; ``None``: no such time.

    Parameters
    ----------
    two
        What each part of a time of two parts counts, in seconds: batch systems differ.
    """
    text = text.strip()
    if match := re.fullmatch(r"(\d+(?:\.\d+)?)\s*([a-z]+)", text):
        unit = UNITS.get(match[2][:1])
        return None if unit is None else float(match[1]) * unit
    match = re.fullmatch(r"(?:(\d+)-)?(\d+):(\d{1,2})(?::(\d{1,2}))?", text)
    if match is None:
        return None
    days, first, second = (int(part or 0) for part in match.groups()[:3])
    if match[4] is None:
        return days * 86_400.0 + first * two[0] + second * two[1]
    return days * 86_400.0 + first * 3_600.0 + second * 60.0 + int(match[4])


def clock_time(seconds: float) -> str:
    """``HH:MM:SS``, as most batch systems take it."""
    minutes, second = divmod(round(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours:02}:{minute:02}:{second:02}"


@dataclass(frozen=True)
class Request:
    """One job.

    Parameters
    ----------
    cores, memory, processes
        Of the job (bytes); its processes share them.
    walltime, lifetime, stagger
        Seconds; ``None`` where there is none, or it cannot be read.
    lifetime_from
        ``"option"``, ``"walltime"`` or ``"site"`` (among its arguments for workers); else empty.
    default_walltime
        Whether the wall time is neither the user's nor the site's, but dask-jobqueue's.
    own_words
        Whether directives of the user's or the site's own may ask the queue for something else.
    python, interface, queue, local_directory, log_directory
        As the workers get them; empty where nothing is said.
    keywords
        For the cluster class of dask-jobqueue.
    """

    cores: int
    memory: int
    processes: int
    walltime: float | None = None
    lifetime: float | None = None
    stagger: float = 0.0
    lifetime_from: str = ""
    default_walltime: bool = False
    own_words: bool = False
    python: str = ""
    interface: str = ""
    queue: str = ""
    local_directory: str = ""
    log_directory: str = ""
    keywords: dict[str, Any] = field(default_factory=dict)


def read_request(
    options: dict[str, Any],
    section: str,
    *,
    two: tuple[int, int] = (60, 1),
    write_time: Any = clock_time,
    python: str = sys.executable,
) -> Request:
    """What options and the site's ``jobqueue.SECTION`` amount to; imports dask-jobqueue.

    Parameters
    ----------
    two, write_time
        How this batch system reads a time of two parts, and how it writes one.

    Raises
    ------
    OptionsInvalid
    """
    import dask
    from dask.utils import parse_bytes
    from distributed.deploy.utils import nprocesses_nthreads

    jobqueue()  # brings the defaults of its configuration in
    site_before = dask.config.get(f"jobqueue.{section}", {})

    def value(name: str, default: Any = None) -> Any:
        given = options.get(name)
        if given is not None:
            return given
        found = site_before.get(name.replace("_", "-"))
        return default if found is None else found

    memory = value("memory")
    cores = value("cores", value("processes"))  # who names only these wants a core for each
    if cores is None or memory is None:
        raise OptionsInvalid(
            "A job has no size: memory, and cores or processes, must be given.",
            "Write: --cores 4 --memory 8GB",
        )
    cores, memory = int(cores), int(parse_bytes(str(memory)))
    processes = int(value("processes") or nprocesses_nthreads(cores)[0])
    if processes > cores:
        raise OptionsInvalid(
            f"processes: {processes} processes cannot share {cores} cores.",
            "Give more cores, or fewer processes.",
        )
    walltime_text = value("walltime")
    walltime = None if walltime_text is None else read_time(str(walltime_text), two)
    worker_args = [str(argument) for argument in value("worker_extra_args", [])]
    lifetime, stagger, lifetime_from = _lifetime(options, walltime, worker_args)
    if lifetime is not None and lifetime_from != "site":
        worker_args += ["--lifetime", f"{lifetime:g}s", "--lifetime-stagger", f"{stagger:g}s"]
    if not any(argument.startswith(("--dashboard", "--no-dashboard")) for argument in worker_args):
        worker_args += PAGES
    keywords = {name: item for name, item in options.items() if name not in OURS}
    keywords.update(cores=cores, memory=f"{memory}B", processes=processes)
    keywords["worker_extra_args"] = worker_args
    if options.get("walltime") is not None and walltime is not None:
        text = str(walltime_text).strip()
        keywords["walltime"] = text if ":" in text else write_time(walltime)
    keywords["python"] = str(value("python", python))
    return Request(
        cores=cores,
        memory=memory,
        processes=processes,
        walltime=walltime,
        lifetime=lifetime,
        stagger=stagger,
        lifetime_from=lifetime_from,
        default_walltime="walltime" not in options and not _set_by_site(section, "walltime"),
        own_words=any(value(name) for name in OWN_WORDS),
        python=keywords["python"],
        interface=str(value("interface", "")),
        queue=str(value("queue", "")),
        local_directory=os.path.expandvars(str(value("local_directory", ""))),
        log_directory=os.path.expanduser(os.path.expandvars(str(value("log_directory", "")))),
        keywords=keywords,
    )


def _set_by_site(section: str, name: str) -> bool:
    """Whether somebody has set it in a file or a variable: all but dask-jobqueue's own defaults."""
    import dask

    files = dask.config.collect()
    return bool(dask.config.get(f"jobqueue.{section}.{name}", None, config=files))


def _lifetime(
    options: dict[str, Any], walltime: float | None, worker_args: list[str]
) -> tuple[float | None, float, str]:
    """Lifetime and stagger in seconds, and where they come from."""
    text = str(options.get("lifetime", "auto"))
    if text == "none":
        return None, 0.0, ""
    if text != "auto":
        seconds = read_time(text) or 0.0
        if not seconds or (walltime and seconds >= walltime):
            raise OptionsInvalid(
                f"lifetime: {text} is not shorter than the wall time.",
                "Leave some minutes between them, in which data moves.",
            )
        return seconds, round(min(0.1 * seconds, 120.0), 1), "option"
    site = _seconds_of(worker_args, "--lifetime")
    if site is not None:
        return site, _seconds_of(worker_args, "--lifetime-stagger") or 0.0, "site"
    if walltime is None:
        return None, 0.0, ""
    margin = min(MARGIN, walltime / 3)
    return round(walltime - margin), round(0.4 * margin), "walltime"


def _seconds_of(arguments: list[str], option: str) -> float | None:
    """The time that arguments of ``dask worker`` give an option; ``None`` if they do not."""
    for place, argument in enumerate(arguments):
        name, equals, rest = argument.partition("=")
        if name == option:
            text = rest if equals else "".join(arguments[place + 1 : place + 2])
            return read_time(text if not text.isdigit() else f"{text}s")
    return None


def read_group(schema: dict[str, Any], name: str, text: str) -> dict[str, Any]:
    """Options of a worker group from ``OPTION=VALUE OPTION=VALUE``.

    Raises
    ------
    OptionsInvalid
    """
    found: dict[str, Any] = {}
    rules = {key: rule for key, rule in schema["properties"].items() if key not in _CLUSTER}
    for word in shlex.split(text):
        option, equals, value = word.partition("=")
        option = option.replace("-", "_")
        if not equals or option not in rules:
            raise OptionsInvalid(
                f"groups[{name}]: {word[:80]!r} is not an option of a job and its value.",
                'Such as gpu="queue=gpu memory=64GB"; there are: ' + ", ".join(rules) + ".",
            )
        kind = rules[option].get("type")
        if kind == "integer" and not value.isdigit():
            raise OptionsInvalid(f"groups[{name}]: {option} is {value[:40]!r}, not a number.")
        if "pattern" in rules[option] and not re.search(rules[option]["pattern"], value):
            example = rules[option]["description"].split(";")[0]
            raise OptionsInvalid(f"groups[{name}]: {option} is {value[:40]!r}.", f"{example}.")
        if kind == "integer":
            found[option] = int(value)
        elif kind == "array":
            found[option] = [part for part in value.split(",") if part]
        else:
            found[option] = value
    return found


_CLUSTER = ("groups", "interface", "scheduler_port", "tls", "log_directory")
"""Options of the whole cluster: no group has another."""
