"""When a wait for workers is over, and what is said of those that stay away or stay."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dasklab.client.waiting import kept, scaled, warn_of_kept
from dasklab.errors import StartFailed


def cluster(running: int, wanted: int, *events: tuple[str, str]) -> dict[str, Any]:
    """The JSON of a cluster with these events."""
    return {
        "name": "mine",
        "workers": {"running": running, "wanted": wanted},
        "events": [{"at": 1.0, "kind": kind, "text": text} for kind, text in events],
    }


FAILED = ("scale-failed", "OSError: no room.")


def test_over_when_they_are_there() -> None:
    assert not scaled(cluster(1, 2))
    assert scaled(cluster(2, 2))


def test_over_when_it_has_failed() -> None:
    with pytest.raises(StartFailed, match="mine could not be scaled: OSError: no room."):
        scaled(cluster(1, 2, ("scale", "2"), FAILED))


def test_failure_of_before_is_none_of_this_scaling() -> None:
    assert not scaled(cluster(1, 2, ("scale", "2"), FAILED, ("scale", "2"), ("started", "x")))


def test_workers_that_stay_are_warned_of() -> None:
    stay = "1 of 2 workers stay: their data finds no room elsewhere."
    info = cluster(2, 2, ("scale", "0"), ("kept", "before"), ("scale", "1"), ("kept", stay))

    assert kept(info) == [stay]
    with pytest.warns(UserWarning, match="mine: 1 of 2 workers stay"):
        warn_of_kept(info)


def test_wait_ends_when_workers_fail_to_start(launch: Any, tmp_path: Path) -> None:
    preload = tmp_path / "broken.py"
    preload.write_text("raise RuntimeError('not on this machine')")
    found = launch(workers=0, name="mine", preload=[str(preload)])

    with pytest.raises(StartFailed, match="mine could not be scaled: ") as caught:
        found.scale(1, wait=True, timeout=60)
    assert "%dask logs host" in caught.value.hint
    assert found.phase in ("waiting", "running")
    found.stop()
