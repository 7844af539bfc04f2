"""What a launch would run; what is refused is tested with the clusters."""

from __future__ import annotations

from dasklab.registry import Registry

from ..conftest import Ask


async def test_the_preview_says_what_would_run_and_runs_nothing(
    api: Ask, registry: Registry
) -> None:
    body = {"workers": 2, "options": {"threads_per_worker": 3}}
    answer = await api("POST", "preview", body)
    assert answer.code == 200
    assert "n_workers=2" in answer.json["text"]
    assert "threads_per_worker=3" in answer.json["text"]
    assert registry.records() == ([], [])
