"""What keeps a user's server alive in the eyes of a Hub: the user, and not our own traffic.

The Hub believes two witnesses: the server itself, which reports its ``last_activity``, and the
proxy, which takes whatever a browser sends, and each request that succeeds, for activity.

This Hub is at the root of its site, and the servers here may be culled: it is of this file only.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import datetime

import pytest
from tornado.websocket import WebSocketClientConnection

from dasklab.client import Cluster
from dasklab.registry import Registry

from ..support import wait_for
from .dashboards import page_open
from .rig import Hub, User
from .sockets import connected

CHANGES = 24
"""Of a cluster. With at most five events a second the Hub asks its proxy five times meanwhile."""


ROUNDS = 8
"""Of changes, in the first of which the Hub still hears of what was before. If our traffic were
activity, it would hear of it in every one."""


@pytest.fixture(scope="module")
def hub() -> Iterator[Hub]:
    """At the root of a site."""
    with Hub("/") as hub:
        yield hub


@pytest.fixture
def eve(hub: Hub) -> Iterator[User]:
    """A user with a running server and a cluster."""
    eve = hub.start_server("eve")
    eve.launch("of-eve")
    yield eve
    eve = hub.start_server("eve")
    eve.stop_clusters()


def moment(text: str) -> float:
    """Epoch seconds."""
    return datetime.fromisoformat(text).timestamp()


def by_hub(user: User) -> float:
    """The Hub's word on a server's last activity; asking for it is none."""
    return moment(user.hub.server(user.name)["last_activity"])


def by_server(user: User) -> float:
    """The server's own word; for the Hub's proxy, asking is activity."""
    return moment(user.get("api/status")["last_activity"])


def change(user: User, number: int) -> None:
    """Change the user's cluster, from elsewhere: a shell or a notebook, not through the server."""
    registry = Registry(user.hub.state(user.name))
    (record,) = [one for one in registry.records()[0] if not one.phase.ended]
    Cluster(record, registry=registry).keep(number % 2 == 0)


@asynccontextmanager
async def open_lab(user: User, path: str) -> AsyncIterator[list[str]]:
    """What an open panel and a pane hold: the events, and a page that draws; yields the events."""

    async def hear(events: WebSocketClientConnection) -> None:
        while (message := await events.read_message()) is not None:
            heard.append(str(message))

    async def draw(page: WebSocketClientConnection) -> None:
        for part in ({"msgid": "1", "msgtype": "PULL-DOC-REQ"}, {}, {}):
            await page.write_message(json.dumps(part))
        while (message := await page.read_message()) is not None:
            if "PULL-DOC-REPLY" in str(message):
                drawn.set()

    heard: list[str] = []
    drawn = asyncio.Event()
    url = f"{user.url}api/events/subscribe"
    async with connected(url, user.headers) as events, page_open(user, path) as page:
        tasks = [asyncio.create_task(hear(events)), asyncio.create_task(draw(page))]
        await asyncio.wait_for(drawn.wait(), 60)  # Bokeh is imported for it
        try:
            yield heard
        finally:
            page.close()
            events.close()
            await asyncio.wait(tasks)  # each has read to the end


async def hear_changes(user: User, heard: list[str]) -> None:
    """Make the changes; each is heard."""
    for number in range(CHANGES):
        known = len(heard)
        await asyncio.to_thread(change, user, number)
        while not any("of-eve" in message for message in heard[known:]):
            await asyncio.sleep(0.01)


def test_our_websockets_and_events_are_no_activity(hub: Hub, eve: User) -> None:
    server_before = by_server(eve)
    path = eve.view(eve.clusters()[0])

    async def quiet() -> bool:
        """Whether the Hub hears of nothing while the cluster changes and changes."""
        async with open_lab(eve, path) as events:
            for _ in range(ROUNDS):
                before = by_hub(eve)
                await asyncio.wait_for(hear_changes(eve, events), 60)
                if by_hub(eve) == before:
                    return True
            return False

    assert asyncio.run(quiet())
    assert by_server(eve) == server_before


def test_our_requests_are_no_activity_of_the_server_and_the_users_are(hub: Hub, eve: User) -> None:
    (cluster,) = eve.clusters()
    before = by_server(eve)
    eve.nobody().fetch(eve.view(cluster))
    for path in ("deployments", "environments", f"clusters/{cluster['id']}/logs"):
        eve.get(f"dasklab/api/{path}")
    assert by_server(eve) == before

    eve.get("api/contents")

    after = by_server(eve)
    assert after > before
    wait_for(lambda: by_hub(eve) >= after, 20, "the Hub's hearing of it")


@contextlib.contextmanager
def culler(hub: Hub, timeout: int) -> Iterator[None]:
    """jupyterhub-idle-culler, as a Hub's administrator runs it."""
    process = subprocess.Popen(
        [
            sys.executable, "-m", "jupyterhub_idle_culler", f"--url={hub.url}hub/api",
            f"--timeout={timeout}", "--cull-every=1",
        ],
        env={"JUPYTERHUB_API_TOKEN": hub.culler_token, "HOME": str(hub.folder)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield
    finally:
        process.terminate()
        process.wait(10)


@pytest.mark.timeout(300)
def test_an_open_panel_does_not_keep_a_server_that_nobody_uses(hub: Hub, eve: User) -> None:
    busy = hub.start_server("busy")
    path = eve.view(eve.clusters()[0])

    async def look() -> int:
        async with open_lab(eve, path) as heard:
            number = 0
            while await asyncio.to_thread(hub.server, "eve"):
                known = len(heard)
                await asyncio.to_thread(change, eve, number)
                await asyncio.to_thread(busy.get, "api/contents")  # this user does something
                number += 1
                # At the pace of the events: a Hub that is asked all the time culls nobody.
                deadline = time.monotonic() + 2
                while len(heard) == known and time.monotonic() < deadline:
                    await asyncio.sleep(0.05)
            return len(heard)

    # Longer than the busy user's server may keep its user waiting, on a machine that is busy too.
    with culler(hub, timeout=12):
        assert asyncio.run(asyncio.wait_for(look(), 200)) > 10
        assert hub.server("busy")
    hub.stop_server("busy")

    # What was culled is the server; the cluster was no part of it.
    again = hub.start_server("eve")
    assert [cluster["phase"] for cluster in again.clusters()] == ["running"]
    assert again.view(again.clusters()[0]).startswith("/user/eve/dasklab/view/")
