"""Dashboards that are served over HTTPS with a certificate of the cluster's own."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dasklab.model.record import Endpoint

from ..backends.schedulers import RunningScheduler, running_tls_scheduler
from .conftest import Ask

__all__ = ("running_tls_scheduler",)


@pytest.fixture
def viewed(registered: Any, extension: Any, running_tls_scheduler: RunningScheduler) -> Any:
    """The path of its dashboard, seen with this authority."""

    def view(ca: str) -> str:
        port = json.loads(running_tls_scheduler.file.read_text())["services"]["dashboard"]
        record = registered(Endpoint("127.0.0.1", port, "", "https", ca))
        return str(extension.url("view", extension.capabilities.mint(record.id).token))

    return view


async def test_pages_and_websockets_pass(
    viewed: Any, fetch: Ask, connect: Any, running_tls_scheduler: RunningScheduler
) -> None:
    view = viewed(running_tls_scheduler.tls["tls_ca_file"])
    answer = await fetch("GET", f"{view}/status", anonymous=True)

    assert answer.code == 200
    assert "Content-Security-Policy" in answer.headers
    socket = await connect(f"{view}/eventstream", {"Origin": "null"})
    await socket.write_message('{"name": "ping"}')
    while "pong" not in (said := str(await socket.read_message())):
        assert said != "None", "it was closed"


@pytest.mark.parametrize("ca", ["", "{other}", "/no/file"])
async def test_a_certificate_of_somebody_else_is_not_trusted(
    viewed: Any, fetch: Ask, tmp_path: Any, ca: str
) -> None:
    from distributed import Security

    other = tmp_path / "other.pem"
    other.write_text(Security.temporary().tls_ca_file)
    answer = await fetch("GET", f"{viewed(ca.format(other=other))}/status", anonymous=True)

    assert answer.code == 502
    assert b"does not answer" in answer.body
