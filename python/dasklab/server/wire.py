"""What leaves for a browser: strict JSON, text capped and without control characters.

Names, reasons and log lines come from schedulers, workers and records, so they are foreign text
and may be megabytes. One bad cluster must not spoil the list of all.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

__all__ = ("TEXT_LIMIT", "clean", "dumps")

TEXT_LIMIT = 8_000
"""Characters of one text. A log line of a host has at most 2,000."""

ITEM_LIMIT = 10_000
"""Entries of one list or object: the most log lines that can be asked for."""

DEPTH_LIMIT = 32

CONTROL = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # terminal colours and cursor movements
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"  # window titles, links
    r"|[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]"  # controls and lone surrogates
    r"|[\u202a-\u202e\u2066-\u2069]"  # what makes text read in another order than it is
)


def clean(value: Any, depth: int = 0) -> Any:
    """Plain JSON data that is safe to send.

    Parameters
    ----------
    value
        Anything that :func:`json.loads` may give, NaN and infinities included (they become null).
    """
    if isinstance(value, str):
        text = value if len(value) <= TEXT_LIMIT else f"{value[:TEXT_LIMIT]}…"
        return CONTROL.sub("", text)
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if depth > DEPTH_LIMIT:
        return None
    if isinstance(value, dict):
        pairs = list(value.items())[:ITEM_LIMIT]
        return {clean(str(key)): clean(item, depth + 1) for key, item in pairs}
    if isinstance(value, (list, tuple)):
        return [clean(item, depth + 1) for item in value[:ITEM_LIMIT]]
    return clean(str(value))


def dumps(value: Any) -> str:
    """JSON text of clean data."""
    return json.dumps(value, allow_nan=False, separators=(",", ":"))
