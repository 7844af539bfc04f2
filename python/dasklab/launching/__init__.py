"""Launching: from what a user asks for to a host that has accepted it.

Used by magics, the Python API and the server alike; blocking, and back within a fraction of a
second, because the host answers before it imports anything. Must not import distributed, a
deployment or the host: what an interpreter can launch is asked of that interpreter.

``planning`` checks a request against what is ``available``; ``starting`` gives the plan to one of
the ``standbys`` or, through ``interpreter``, to a new process. ``discovering`` asks what runs
already, and what request attaches to it.
"""

from ..profile_file import profiles
from .available import catalogue
from .discovering import Discovery, discover, pick, request_for
from .interpreter import HANDSHAKE
from .planning import LaunchRequest
from .standbys import ensure_standby, warm
from .starting import check, launch, preview
from .undoing import undo, undo_all

__all__ = (
    "HANDSHAKE",
    "Discovery",
    "LaunchRequest",
    "catalogue",
    "check",
    "discover",
    "ensure_standby",
    "launch",
    "pick",
    "preview",
    "profiles",
    "request_for",
    "undo",
    "undo_all",
    "warm",
)
