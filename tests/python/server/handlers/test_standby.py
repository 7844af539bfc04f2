"""What the panel asks for when it opens: a standby for the launch that may come."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from typing import Any

import pytest

from dasklab.registry import Registry

from ...support import wait_for
from ..conftest import Ask


async def test_a_standby_is_started_once(
    api: Ask, registry: Registry, setting: Callable[[str, Any], None]
) -> None:
    setting("standby.enabled", True)
    answer = await api("POST", "standby", {"workers": 2})
    assert (answer.code, answer.json) == (202, {"started": True})
    assert (await api("POST", "standby", {})).json == {"started": False}
    found = await asyncio.to_thread(
        wait_for, lambda: list(registry.standbys.glob("*.json")), 60, "a standby"
    )
    assert registry.records() == ([], [])
    pid = int(found[0].stem.rsplit("-", 1)[1])
    os.kill(pid, signal.SIGTERM)
    await asyncio.to_thread(wait_for, lambda: not found[0].exists(), 30, "the standby's end")


async def test_none_where_the_configuration_wants_none(api: Ask, registry: Registry) -> None:
    assert (await api("POST", "standby", {})).json == {"started": False}


async def test_bad_requests_are_refused(api: Ask) -> None:
    for body, code in (
        ({"profile": "none-such"}, "deployment.unknown"),
        ({"environment": 3}, "request.malformed"),
        ({"wrong": 1}, "request.malformed"),
    ):
        answer = await api("POST", "standby", body)
        assert answer.error["code"] == code


@pytest.mark.parametrize("dasklab_config", [{"allow_launch": False}])
async def test_nothing_is_warmed_where_nothing_is_launched(api: Ask) -> None:
    answer = await api("POST", "standby", {})
    assert (answer.code, answer.error["code"]) == (403, "refused")
