"""How patient the operator is in tests: loaded by kopf beside the operator's own module.

Its own settings make it look once a minute at what it waits for. ``inactivity_timeout`` is off
because of what it does in kopf 1.45: it cancels the task that reads, wherever that is just then,
and an operator that was reading nothing stays without that watch.
"""

from __future__ import annotations

from typing import Any

import kopf

__all__ = ("configure",)


@kopf.on.startup()
def configure(settings: kopf.OperatorSettings, **_: Any) -> None:
    settings.background.cancellation_polling = 1.0
    settings.execution.default_backoff = 2.0
    settings.watching.inactivity_timeout = 86_400.0
