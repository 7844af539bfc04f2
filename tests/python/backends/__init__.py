"""Real batch systems, daemons and clouds' stand-ins, started by fixtures for the contract tests.

One module for each: a class that starts and stops it on loopback, everything of it in one folder,
and a fixture for a session. What Debian has is in ``tests/packages.txt``; ``tests/run`` installs it.
"""

from __future__ import annotations

import os
import shutil

import pytest

__all__ = ("require",)


def require(*commands: str) -> None:
    """Leave the tests out that need commands which this machine does not have; in CI, fail."""
    missing = [command for command in commands if shutil.which(command) is None]
    if not missing:
        return
    sentence = f"LEFT OUT: there is no {', '.join(missing)} (as root tests/run installs it)"
    if os.environ.get("CI") == "true":
        pytest.fail(sentence)
    pytest.skip(sentence)
