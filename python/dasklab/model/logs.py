"""Which log lines are asked for: read in one place, so that every door has the same words."""

from __future__ import annotations

from ..errors import RequestMalformed

__all__ = ("SOURCES", "check_lines", "check_source", "read_lines")

SOURCES = ("scheduler", "workers", "host")

MOST_LINES = 10_000


def check_source(value: object) -> str:
    """Whose log it is.

    Raises
    ------
    RequestMalformed
        Nobody's.
    """
    if not isinstance(value, str) or value not in SOURCES:
        raise RequestMalformed(
            f"There are no logs of {str(value)[:60]!r}.", f"Give one of {', '.join(SOURCES)}."
        )
    return value


def check_lines(value: object) -> int:
    """A number of lines.

    Raises
    ------
    RequestMalformed
        It is none, or too great.
    """
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST_LINES:
        raise RequestMalformed(
            f"The number of lines is not one from 1 to {MOST_LINES}.", "Give one such as 50."
        )
    return value


def read_lines(text: str) -> int:
    """A number of lines from where everything is text: a shell, an address.

    Raises
    ------
    RequestMalformed
        See :func:`check_lines`.
    """
    whole = text.isascii() and text.isdigit() and len(text) < 8
    return check_lines(int(text) if whole else None)
