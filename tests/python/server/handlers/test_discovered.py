"""What runs already, over REST."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ..conftest import Ask


@pytest.fixture
def standing(monkeypatch: pytest.MonkeyPatch) -> str:
    folder = Path(__file__).parents[2] / "fixtures" / "discovery"
    monkeypatch.setenv("PYTHONPATH", str(folder))
    return "standing-1"


async def test_it_is_found_and_attached_to_by_a_launch(api: Ask, standing: str) -> None:
    answer = await api("GET", "discovered")
    assert answer.code == 200
    [row] = [row for row in answer.json["found"] if row["name"] == standing]
    assert any("The cloud is down." in error["message"] for error in answer.json["silent"])

    body = {"deployment": row["deployment"], "options": row["options"], "name": row["label"]}
    made = await api("POST", "clusters", body)
    assert (made.code, made.json["name"]) == (202, "class-standing-1")


async def test_what_cannot_be_looked_at(api: Ask) -> None:
    answer = await api("GET", "discovered?environment=/nowhere/python")
    assert (answer.code, answer.error["code"]) == (422, "interpreter.missing")
    answer = await api("GET", "discovered?cwd=../elsewhere")
    assert (answer.code, answer.error["code"]) == (400, "input.invalid")


async def test_detaching(api: Ask, running: Any) -> None:
    cluster = await running()
    answer = await api("POST", f"clusters/{cluster['id']}/detach")
    assert (answer.code, answer.error["code"]) == (409, "cluster.unsupported")
    answer = await api("POST", f"clusters/{cluster['id']}/detach", {"now": True})
    assert (answer.code, answer.error["code"]) == (400, "request.malformed")
    answer = await api("POST", "clusters/nobody/detach")
    assert (answer.code, answer.error["code"]) == (404, "cluster.unknown")
