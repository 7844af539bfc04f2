"""A user's server stops and starts, as a Hub does it; the clusters have not noticed."""

from __future__ import annotations

import re

import pytest

from .dashboards import first_message
from .rig import Hub
from .sockets import talk


@pytest.mark.timeout(180)
def test_a_new_server_finds_the_clusters_as_they_were(hub: Hub) -> None:
    kim = hub.start_server("kim")
    made = kim.launch("weather")
    path = f"dasklab/api/clusters/{made['id']}"
    assert kim.ask("POST", f"{path}/keep", json={"pinned": True}).status_code == 200
    gone = kim.launch("gone")
    kim.ask("DELETE", f"dasklab/api/clusters/{gone['id']}")
    old = kim.view(made)
    pid = hub.server("kim")["state"]["pid"]

    hub.stop_server("kim")
    assert kim.ask("GET", "dasklab/api/clusters").status_code != 200
    kim = hub.start_server("kim")

    assert hub.server("kim")["state"]["pid"] != pid
    # It ended when it was asked, so the Hub had not to kill it (which it does after 10 s).
    took = re.search(r"User kim server took ([\d.]+) seconds to stop", hub.log)
    assert took
    assert float(took[1]) < 8
    found = {cluster["name"]: cluster for cluster in kim.clusters()}
    assert (found["weather"]["id"], found["weather"]["phase"]) == (made["id"], "running")
    assert found["weather"]["lease"]["pinned"] is True
    assert [event["kind"] for event in found["weather"]["events"]][:2] == ["launched", "started"]
    assert found["gone"]["phase"] in ("stopping", "stopped")
    # The old view ended with the server that gave it; a new one shows the same dashboard.
    assert kim.nobody().ask("GET", old.removeprefix(kim.prefix)).status_code == 403
    assert first_message(kim, kim.view(made)) == "ACK"
    kim.ask("POST", f"{path}/scale", json={"workers": 2})
    url = f"{kim.url}api/events/subscribe"
    assert talk(url, kim.headers, lambda text: made["id"] in text)
    kim.stop_clusters()
    hub.stop_server("kim")
