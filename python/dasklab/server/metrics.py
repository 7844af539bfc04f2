"""A scheduler's metrics for Prometheus: where its HTTP server answers, fetched for a scraper.

A scraper has a token and no browser: its request is an ordinary one of the REST API, and what goes
to the scheduler is a new one, to the address that a record of ours names, with nothing of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from tornado.httpclient import HTTPClientError
from tornado.simple_httpclient import SimpleAsyncHTTPClient

from ..errors import ClusterGone, HostUnreachable, Unsupported
from ..model.record import Record
from . import upstream
from .addresses import admit

__all__ = ("TEXT", "read", "targets")

TEXT = "text/plain; version=0.0.4; charset=utf-8"
"""The format of Prometheus's that every version of it reads; nothing a browser would run."""

PATIENCE = 20.0
"""Seconds for an answer: a scraper gives up after ten, as a rule."""

BODY_LIMIT = 16_000_000
"""Bytes of one answer: those of a scheduler with some thousand prefixes are one million."""


async def read(record: Record, patterns: Sequence[str]) -> bytes:
    """What a cluster's scheduler tells of itself.

    Parameters
    ----------
    patterns
        Of hosts that may be asked, beside this machine (see :func:`~.addresses.admit`).

    Raises
    ------
    ClusterGone, HostUnreachable, Refused
    Unsupported
        It has no metrics.
    """
    if record.phase.ended:
        raise ClusterGone("This cluster has ended.")
    if record.dashboard is None:
        raise HostUnreachable("This cluster's scheduler does not answer yet.", "Try again soon.")
    pinned = await admit(record.dashboard, patterns)
    client = SimpleAsyncHTTPClient(force_instance=True, resolver=pinned, max_body_size=BODY_LIMIT)
    try:
        answer = await client.fetch(
            f"{upstream.origin_of(record.dashboard)}/metrics",
            headers={"Accept": "text/plain"},
            follow_redirects=False,
            connect_timeout=PATIENCE,
            request_timeout=PATIENCE,
            raise_error=False,
        )
    except (OSError, HTTPClientError) as error:
        raise HostUnreachable("The scheduler does not answer.") from error
    finally:
        client.close()
    if answer.code == 599:
        raise HostUnreachable("The scheduler does not answer.") from answer.error
    if answer.code != 200:
        raise Unsupported(
            "This cluster's scheduler has no metrics.",
            "Install prometheus_client where the scheduler runs.",
        )
    return answer.body


def targets(records: Iterable[Record], place: str, scheme: str, base: str) -> list[dict[str, Any]]:
    """Whom to scrape, as Prometheus's ``http_sd_configs`` reads it.

    Parameters
    ----------
    place
        Host and port of this server, as the scraper knows it.
    base
        The path of the clusters of the REST API.
    """
    return [
        {
            "targets": [place],
            "labels": {
                "__scheme__": scheme,
                "__metrics_path__": f"{base}/{record.id}/metrics",
                "cluster": record.name,
                "deployment": record.deployment,
                "instance": record.id,
            },
        }
        for record in records
        if not record.phase.ended and record.dashboard is not None
    ]
