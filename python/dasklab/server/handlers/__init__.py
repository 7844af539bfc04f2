"""REST, one file per resource. Each has ``routes``: pairs of a pattern and a handler.

A handler takes the request apart, calls the client API and answers: three to eight lines. Errors
are raised, never caught; the base class knows their form.
"""

from __future__ import annotations

from typing import Any

from . import (
    changes,
    clusters,
    code,
    dashboards,
    deployments,
    discovered,
    environments,
    kernels,
    logs,
    metrics,
    openapi,
    preview,
    profiles,
    shared,
    standby,
    telemetry,
    unknown,
)

__all__ = ("routes",)

routes: list[tuple[str, Any]] = [
    *clusters.routes,
    *changes.routes,
    *logs.routes,
    *telemetry.routes,
    *metrics.routes,
    *dashboards.routes,
    *code.routes,
    *preview.routes,
    *standby.routes,
    *deployments.routes,
    *discovered.routes,
    *environments.routes,
    *kernels.routes,
    *profiles.routes,
    *shared.routes,
    *openapi.routes,
    *unknown.routes,  # last: it matches everything
]
