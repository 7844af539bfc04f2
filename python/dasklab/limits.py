"""How many clusters a user may have, and workers a cluster: ``dasklab.limits`` of Dask's settings.

Launching and publishing keep to them. The smallest value counts of all that the configuration's
files and this process have: an administrator's file caps what a user's own file says, and anybody
may cap themselves further.
"""

from __future__ import annotations

from . import config
from .config_files import config_files, section
from .errors import InputError

__all__ = ("limit_of",)


def limit_of(what: str) -> int:
    """The most ``clusters`` of a user, or ``workers`` of a cluster.

    Raises
    ------
    InputError
        A value is no whole number above 0.
    """
    values = [section(file, "limits").get(what) for file in config_files()]
    files = [value for value in values if value is not None]
    return min(_sound(what, value) for value in [*files, config.get(f"limits.{what}")])


def _sound(what: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise InputError(
            f"dasklab.limits.{what} is {str(value)[:40]!r} in Dask's configuration.",
            "Give a whole number above 0.",
        )
    return value
