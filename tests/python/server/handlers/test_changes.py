"""Scale, restart, keep."""

from __future__ import annotations

from typing import Any

import pytest

from dasklab.model.record import Phase

from ..conftest import Ask, until

# What the incumbent accepted, or answered with a traceback (peer measurement 3f), and then some.
BAD_WORKERS = [
    None, "abc", [], {}, 2.5, True, -5, 10**9, "-1", "1:2:3", "nan", [1, 2, 3],
    {"minimum": 6, "maximum": 3}, {"minimum": -3, "maximum": -1}, {"minimum": 1},
    {"minimum": "a", "maximum": "b"}, {"minimum": 0, "maximum": 0}, {"maximum": 2, "x": 1},
    {"jobs": 1}, {"cores": "many"}, {"cores": 1, "x": 1}, {"memory": [1]}, {"cores": 10**12},
]  # fmt: skip


async def test_changes_of_a_running_cluster(api: Ask, running: Any, reaches: Any) -> None:
    cluster = await running()
    path = f"clusters/{cluster['id']}"

    for workers in BAD_WORKERS:
        answer = await api("POST", f"{path}/scale", {"workers": workers})
        assert (answer.code, answer.error["code"]) == (400, "workers.invalid"), workers
    assert (await api("GET", path)).json["workers"]["wanted"] == 0, "nothing of it was done"

    scaled = await api("POST", f"{path}/scale", {"workers": 1})
    assert (scaled.code, scaled.json["workers"]["wanted"]) == (202, 1)
    assert (await api("GET", path)).json["workers"]["wanted"] == 1, "the next read shows it"

    async def arrived() -> Any:
        return (await api("GET", path)).json["workers"]["running"] == 1

    await until(arrived)
    same = await api("POST", f"{path}/scale", {"workers": {"cores": 1}})
    assert (same.code, same.json["workers"]["wanted"]) == (202, 1)
    adaptive = await api("POST", f"{path}/scale", {"workers": {"minimum": 0, "maximum": 2}})
    assert adaptive.json["workers"]["maximum"] == 2
    fixed = await api("POST", f"{path}/scale", {"workers": 1})
    assert fixed.json["workers"]["maximum"] is None, "adaptive scaling can be switched off"

    restarted = await api("POST", f"{path}/restart")
    assert restarted.code == 202
    assert restarted.json["events"][-1]["kind"] == "restart"

    pinned = await api("POST", f"{path}/keep", {"pinned": True})
    assert (pinned.code, pinned.json["lease"]["pinned"]) == (200, True)
    assert (await api("POST", f"{path}/keep", {"pinned": False})).json["lease"]["pinned"] is False
    for bad in ("yes", 1, None, []):
        answer = await api("POST", f"{path}/keep", {"pinned": bad})
        assert answer.error["code"] == "request.malformed"


@pytest.mark.parametrize(
    ("action", "body"), [("scale", {"workers": 1}), ("restart", {}), ("keep", {"pinned": True})]
)
async def test_a_cluster_that_has_ended_is_gone(
    api: Ask, registered: Any, action: str, body: Any
) -> None:
    reason = {"code": "lease.idle", "message": "Its lease has ended.", "hint": "", "details": {}}
    record = registered(phase=Phase.STOPPED, reason=reason)
    answer = await api("POST", f"clusters/{record.id}/{action}", body)
    assert (answer.code, answer.error["code"]) == (410, "cluster.gone")
    assert "Its lease has ended" in answer.error["message"]


async def test_a_host_that_does_not_answer_is_named_as_such(api: Ask, registered: Any) -> None:
    from dasklab.model.record import Endpoint

    record = registered(control=Endpoint("127.0.0.1", 1, "t"))
    answer = await api("POST", f"clusters/{record.id}/restart")
    assert (answer.code, answer.error["code"]) == (502, "host.unreachable")
