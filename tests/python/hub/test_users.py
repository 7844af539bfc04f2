"""Two users of one Hub: neither sees nor reaches what is the other's.

To the system they are one user, so nothing but the Hub, the server and our own code keeps them
apart.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from .dashboards import first_message
from .rig import Hub, User
from .sockets import refused, talk

REFUSED = (401, 403, 404)
CHANGED = "https://dasklab.dev/events/cluster/v1"


@pytest.fixture
def cluster(ada: User) -> dict[str, Any]:
    """Ada's."""
    return ada.launch("of-ada")


def test_each_user_has_a_list_of_their_own(ada: User, bob: User, cluster: dict[str, Any]) -> None:
    assert [found["name"] for found in ada.clusters()] == ["of-ada"]
    assert bob.clusters() == []
    unknown = bob.ask("GET", f"dasklab/api/clusters/{cluster['id']}")
    assert (unknown.status_code, unknown.json()["error"]["code"]) == (404, "cluster.unknown")
    (record,) = (ada.hub.state("ada") / "clusters").glob("*.json")
    assert record.stat().st_mode & 0o077 == 0
    # A name is free for everybody: it is a name in one's own list.
    assert bob.launch("of-ada")["name"] == "of-ada"


PATHS = [
    ("GET", "dasklab/api/clusters"),
    ("GET", "dasklab/api/clusters/{id}"),
    ("GET", "dasklab/api/clusters/{id}/logs"),
    ("GET", "dasklab/api/clusters/{id}/pages"),
    ("POST", "dasklab/api/clusters/{id}/view"),
    ("POST", "dasklab/api/clusters/{id}/scale"),
    ("POST", "dasklab/api/clusters"),
    ("DELETE", "dasklab/api/clusters/{id}"),
    ("GET", "dasklab/dashboard/{id}/status"),
]


def test_nobody_but_the_owner_is_answered(ada: User, bob: User, cluster: dict[str, Any]) -> None:
    for method, path in PATHS:
        there = path.format(id=cluster["id"])
        for who in (ada.asked_by(bob), ada.nobody()):
            answer = who.ask(method, there, json={} if method == "POST" else None)
            # Who has not logged in is sent to do so, which ends where it began: no access.
            away = answer.status_code == 302 and "/hub/api/oauth2/" in answer.headers["Location"]
            assert answer.status_code in REFUSED or away, (method, there, answer.status_code)
            assert "of-ada" not in answer.text
    assert ada.get(f"dasklab/api/clusters/{cluster['id']}")["phase"] == "running"


def test_the_cookies_of_another_user_open_nothing(
    hub: Hub, ada: User, bob: User, cluster: dict[str, Any]
) -> None:
    with hub.browser("bob") as browser:
        assert browser.get(f"{bob.url}lab", timeout=30).url.startswith(f"{bob.url}lab")
        mine = browser.get(f"{bob.url}dasklab/api/clusters", timeout=30)
        assert (mine.status_code, mine.json()["clusters"]) == (200, [])

        # Pages lead through the Hub's login, which says no; so there is no cookie for the rest.
        assert browser.get(f"{ada.url}lab", timeout=30).status_code in REFUSED
        for path in (f"dashboard/{cluster['id']}", "api/clusters"):
            other = browser.get(f"{ada.url}dasklab/{path}", timeout=30)
            assert other.status_code in REFUSED, (path, other.status_code)
            assert "of-ada" not in other.text


def test_the_cookies_of_the_owner_do(hub: Hub, ada: User, cluster: dict[str, Any]) -> None:
    with hub.browser("ada") as browser:
        browser.get(f"{ada.url}lab", timeout=30)
        answer = browser.get(f"{ada.url}dasklab/api/clusters", timeout=30)
        page = browser.get(f"{ada.url}dasklab/dashboard/{cluster['id']}/status", timeout=30)

    assert [found["name"] for found in answer.json()["clusters"]] == ["of-ada"]
    assert page.status_code == 200
    assert f"{ada.prefix}dasklab/view/" in page.url
    # The Hub forbids framing; JupyterLab on this very server may all the same.
    policy = page.headers["Content-Security-Policy"]
    assert policy == "sandbox allow-scripts; frame-ancestors 'self'"


def test_a_capability_opens_nothing_on_the_server_of_another_user(
    ada: User, bob: User, cluster: dict[str, Any]
) -> None:
    path = ada.view(cluster)
    assert path.startswith(f"{ada.prefix}dasklab/view/")
    inner = path.removeprefix(ada.prefix)
    assert ada.nobody().ask("GET", inner).status_code == 200
    assert first_message(ada, path) == "ACK"

    for who in (bob, bob.nobody()):
        answer = who.ask("GET", inner)
        assert answer.status_code == 403
        assert "text/html" in answer.headers["Content-Type"]
        assert refused(f"{bob.url}{inner}/ws", {**who.headers, "Origin": "null"}) == 403
    # Nor does another cluster's id help on one's own server.
    assert bob.ask("POST", f"dasklab/api/clusters/{cluster['id']}/view", json={}).status_code == 404


def test_events_are_heard_by_their_user_only(ada: User, bob: User) -> None:
    url = f"{ada.url}api/events/subscribe"
    assert refused(url) in REFUSED
    assert refused(url, bob.headers) in REFUSED
    ada.clusters(), bob.clusters()  # both servers follow their clusters from now on

    made = ada.launch("heard")
    ada.ask("POST", f"dasklab/api/clusters/{made['id']}/scale", json={"workers": 2})
    message = talk(url, ada.headers, lambda text: made["id"] in text)

    assert json.loads(message)["schema_id"] == CHANGED
    assert not list((bob.hub.state("bob") / "clusters").glob(f"{made['id']}*"))
