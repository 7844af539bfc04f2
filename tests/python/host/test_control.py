"""The control API of a real host: who may ask, and what nonsense gets."""

from __future__ import annotations

import http.client
import json
from typing import Any

import pytest

from dasklab.client import Cluster


class Door:
    """Speaks raw HTTP to a host."""

    def __init__(self, cluster: Cluster) -> None:
        endpoint = cluster.record.control
        assert endpoint is not None
        self.endpoint = endpoint

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | str | None = None,
        headers: dict[str, str] | None = None,
    ) -> tuple[int, Any]:
        """Status and JSON; with the token unless other headers are given."""
        connection = http.client.HTTPConnection(self.endpoint.host, self.endpoint.port, timeout=20)
        try:
            if headers is None:
                headers = {"Authorization": f"Bearer {self.endpoint.token}"}
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            content = response.read()
            return response.status, json.loads(content) if content else None
        finally:
            connection.close()


@pytest.fixture
def door(shared: Cluster) -> Door:
    return Door(shared)


PATHS = [
    ("GET", "/status"),
    ("GET", "/watch"),
    ("POST", "/scale"),
    ("POST", "/stop"),
    ("POST", "/restart"),
    ("POST", "/keep"),
    ("POST", "/why"),
    ("POST", "/logs"),
    ("POST", "/dashboard"),
    ("POST", "/launch"),
    ("GET", "/nonsense"),
]


class TestControl:
    def test_listens_on_loopback_only(self, door: Door) -> None:
        import psutil

        assert door.endpoint.host == "127.0.0.1"
        listening = [
            connection.laddr.ip
            for connection in psutil.net_connections("tcp")
            if connection.status == "LISTEN" and connection.laddr.port == door.endpoint.port
        ]
        assert listening == ["127.0.0.1"]

    def test_everything_of_the_cluster_listens_on_loopback_only(self, shared: Cluster) -> None:
        """LocalCluster's dashboard is on 0.0.0.0 and without a password by default."""
        import psutil

        from dasklab.processes import offspring

        shared.mount_dashboard()
        host = shared.record.host
        assert host is not None
        family = {host.pid, *offspring(host.pid)}
        listening = {
            connection.laddr.ip
            for connection in psutil.net_connections("tcp")
            if connection.status == "LISTEN" and connection.pid in family
        }
        assert listening == {"127.0.0.1"}

    @pytest.mark.parametrize(("method", "path"), PATHS)
    @pytest.mark.parametrize(
        "authorization",
        [
            None,
            "",
            "Bearer",
            "Bearer ",
            "Bearer wrong",
            "token {token}",
            "bearer {token}x",
            "{token}",
        ],
        ids=str,
    )
    def test_nobody_gets_in_without_the_token(
        self, door: Door, method: str, path: str, authorization: str | None
    ) -> None:
        headers = {}
        if authorization is not None:
            headers["Authorization"] = authorization.format(token=door.endpoint.token)
        if path == "/watch":
            headers |= {
                "Upgrade": "websocket",
                "Connection": "Upgrade",
                "Sec-WebSocket-Version": "13",
                "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
            }
            with pytest.raises(ValueError):  # a page, not JSON
                door.ask(method, path, None, headers)
            return
        status, answer = door.ask(method, path, None, headers)

        assert status == 403
        assert answer["error"]["code"] == "refused"
        assert door.endpoint.token not in json.dumps(answer)

    @pytest.mark.parametrize(
        "host", ["localhost", "evil.example", "127.0.0.1", "127.0.0.1:1", "::1"]
    )
    def test_a_name_that_resolves_to_here_is_not_here(self, door: Door, host: str) -> None:
        """DNS rebinding: a page's own name that leads to 127.0.0.1."""
        headers = {"Authorization": f"Bearer {door.endpoint.token}", "Host": host}
        status, answer = door.ask("GET", "/status", None, headers)

        assert (status, answer["error"]["code"]) == (403, "refused")

    def test_no_page_opens_the_websocket(self, door: Door) -> None:
        headers = {
            "Authorization": f"Bearer {door.endpoint.token}",
            "Origin": f"http://127.0.0.1:{door.endpoint.port}",
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
        }
        connection = http.client.HTTPConnection(door.endpoint.host, door.endpoint.port, timeout=20)
        connection.request("GET", "/watch", None, headers)
        assert connection.getresponse().status == 403
        connection.close()

    @pytest.mark.parametrize(
        ("path", "body"),
        [
            ("/scale", b"{"),
            ("/scale", b"[]"),
            ("/scale", b'"4"'),
            ("/scale", b"\xff\xfe"),
            ("/scale", b"null"),
            ("/scale", b"[" * 100_000),
            ("/scale", b'{"workers": 1' + b"0" * 5_000 + b"}"),
            ("/keep", b'{"pinned": "yes"}'),
            ("/keep", b'{"pinned": null}'),
            ("/logs", b'{"source": "kernel"}'),
            ("/logs", b'{"source": ["host"]}'),
            ("/logs", b'{"source": "scheduler", "lines": 0}'),
            ("/logs", b'{"source": "scheduler", "lines": "5"}'),
            ("/logs", b'{"source": "scheduler", "lines": true}'),
            ("/logs", b'{"source": "scheduler", "lines": 1000000}'),
        ],
    )
    def test_malformed_request_is_said(self, door: Door, path: str, body: bytes) -> None:
        status, answer = door.ask("POST", path, body)

        assert status == 400
        assert answer["error"]["code"] in ("request.malformed", "workers.invalid")
        assert answer["error"]["message"].endswith(".")

    @pytest.mark.parametrize("body", [b"{}", b"", b'{"workers": null}', b'{"workers": NaN}'])
    def test_scaling_to_nothing_in_particular(self, door: Door, body: bytes) -> None:
        status, answer = door.ask("POST", "/scale", body)

        assert (status, answer["error"]["code"]) == (400, "workers.invalid")

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("GET", "/"),
            ("GET", "/nonsense"),
            ("POST", "/status/"),
            ("GET", "/../status"),
            ("GET", "//status"),
            ("GET", "/%2e%2e/status"),
        ],
    )
    def test_unknown_request(self, door: Door, method: str, path: str) -> None:
        status, answer = door.ask(method, path)

        assert status == 404
        assert answer["error"]["message"] == "There is no such request."

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("GET", "/stop"),
            ("DELETE", "/stop"),
            ("PUT", "/scale"),
            ("POST", "/status"),
            ("PATCH", "/x"),
        ],
    )
    def test_unknown_method_does_nothing(
        self, door: Door, shared: Cluster, method: str, path: str
    ) -> None:
        status, answer = door.ask(method, path)

        assert status in (404, 405)
        assert "Something went wrong" not in answer["error"]["message"]
        assert shared.phase == "running"

    def test_a_host_takes_no_second_cluster(self, door: Door) -> None:
        status, answer = door.ask("POST", "/launch", b'{"id": "x"}')

        assert (status, answer["error"]["code"]) == (403, "refused")

    def test_huge_body_is_not_taken(self, door: Door) -> None:
        with pytest.raises((OSError, http.client.HTTPException)):
            door.ask("POST", "/scale", b" " * 20_000_000)
        assert door.ask("GET", "/status")[0] == 200

    def test_status_is_the_public_part(self, door: Door) -> None:
        status, answer = door.ask("GET", "/status")

        assert status == 200
        assert answer["name"] == "shared"
        assert not {"control", "host", "warden", "scratch", "checkpoint", "dashboard"} & set(answer)
