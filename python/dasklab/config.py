"""dasklab's settings: a section of Dask's own configuration.

Dask is imported when the first setting is asked for, never before: loading the extension must
cost a kernel nothing.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

from .errors import InputError
from .model.spec import Lease

__all__ = ("get", "lease", "seconds")


@functools.cache
def _load_defaults() -> None:
    import dask.config
    import yaml

    text = (Path(__file__).parent / "dasklab.yaml").read_text(encoding="utf-8")
    dask.config.update_defaults(yaml.safe_load(text))


def get(name: str) -> Any:
    """One setting, such as ``get("limits.workers")``.

    Raises
    ------
    KeyError
        There is no such setting.
    InputError
        What the configuration has where a section should be is none.
    """
    import dask.config

    _load_defaults()
    try:
        return dask.config.get(f"dasklab.{name}")
    except (TypeError, IndexError) as error:
        section = f"dasklab.{name}".rpartition(".")[0]
        raise InputError(
            f"{section} is not a section in Dask's configuration.",
            "Compare it with the defaults in dasklab.yaml.",
        ) from error


def seconds(name: str) -> float | None:
    """A duration in seconds; ``None`` where it is null.

    Raises
    ------
    InputError
        The configured value is no duration.
    """
    from dask.utils import parse_timedelta

    value = get(name)
    if value is None:
        return None
    try:
        number = float(parse_timedelta(value, default="s"))
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        number = -1.0
    if not 0 < number < float("inf"):
        raise InputError(
            f"dasklab.{name} is {str(value)[:60]!r} in Dask's configuration, which is no duration.",
            'Write it like "20 minutes" or "1h", or null for no limit.',
        )
    return number


def lease() -> Lease:
    """The configured lease of new clusters."""
    return Lease(
        idle=seconds("lease.idle"),
        no_client=seconds("lease.no-client"),
        max_age=seconds("lease.max-age"),
    )
