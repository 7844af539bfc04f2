"""Telemetry: a websocket of frames, windows of it, the keys of rows; profile and task graph."""

from __future__ import annotations

import math

from jupyter_server.auth.decorator import authorized
from tornado import web

from ...errors import RequestMalformed
from ..base import ApiHandler
from ..relay import TelemetryRelay

__all__ = ("routes",)

KEYS_MOST = 1_000


class Window(ApiHandler):
    """The tasks of a time, as finely as a width can show."""

    @web.authenticated
    @authorized
    async def get(self, cluster_id: str) -> None:
        """Read; frames, each behind its length."""
        cluster = await self.cluster(cluster_id)
        since, until = (_time(self.get_query_argument(name, ""), name) for name in TIMES)
        width = _whole(self.get_query_argument("width", "1200"), "width", 1, 20_000)
        frames = await cluster.telemetry.window(since, until, width)
        self.finish(frames, set_content_type="application/octet-stream")


class Keys(ApiHandler):
    """The keys of rows, for who points at one."""

    @web.authenticated
    @authorized
    async def get(self, cluster_id: str) -> None:
        """Read."""
        cluster = await self.cluster(cluster_id)
        first = _whole(self.get_query_argument("from", ""), "from", 0, 2**53)
        rows = _whole(self.get_query_argument("rows", "1"), "rows", 1, KEYS_MOST)
        self.answer(await cluster.telemetry.keys(first, rows))


class Profile(ApiHandler):
    """Where tasks spent their time, by call stack."""

    @web.authenticated
    @authorized
    async def get(self, cluster_id: str) -> None:
        """Read."""
        cluster = await self.cluster(cluster_id)
        since, until = (_time(self.get_query_argument(name, ""), name) for name in TIMES)
        prefix = self.get_query_argument("prefix", "") or None
        self.answer(await cluster.telemetry.profile(since, until, prefix))


class Graph(ApiHandler):
    """The task graph of the current computation."""

    @web.authenticated
    @authorized
    async def get(self, cluster_id: str) -> None:
        """Read."""
        cluster = await self.cluster(cluster_id)
        known = self.get_query_argument("known", "") or None
        self.answer(await cluster.telemetry.graph(known))


TIMES = ("since", "until")


def _time(text: str, name: str) -> float | None:
    if not text:
        return None
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise RequestMalformed(f"{name} is {text[:40]!r}.", "Give a time in seconds since 1970.")
    return number


def _whole(text: str, name: str, least: int, most: int) -> int:
    sound = text.isascii() and text.isdigit() and len(text) < 18
    if not sound or not least <= int(text) <= most:
        raise RequestMalformed(
            f"{name} is {text[:40]!r}.", f"Give a number from {least} to {most}."
        )
    return int(text)


routes = [
    (r"api/clusters/([^/]+)/telemetry", TelemetryRelay),
    (r"api/clusters/([^/]+)/telemetry/window", Window),
    (r"api/clusters/([^/]+)/telemetry/tasks", Keys),
    (r"api/clusters/([^/]+)/telemetry/profile", Profile),
    (r"api/clusters/([^/]+)/telemetry/graph", Graph),
]
