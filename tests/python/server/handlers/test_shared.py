"""Settings that kernels follow, over REST and in the file."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest

from dasklab.registry import Registry
from dasklab.shared import read_shared

from ..conftest import Ask


async def test_set_and_read_by_whoever_looks(api: Ask, home: Path) -> None:
    assert (await api("GET", "shared")).json == {"strips": False}
    assert (await api("PUT", "shared", {"strips": True})).json == {"strips": True}
    assert read_shared(Registry(home)) == {"strips": True}
    assert stat.S_IMODE((home / "shared.json").stat().st_mode) == 0o600
    assert (await api("PUT", "shared", {})).json == {"strips": True}
    assert (await api("PUT", "shared", {"strips": False})).json == {"strips": False}
    assert [path.name for path in home.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize("body", [{"strips": "yes"}, {"strips": None}, {"stripes": True}, "["])
async def test_bad_values_are_refused(api: Ask, home: Path, body: Any) -> None:
    await api("PUT", "shared", {"strips": True})
    assert (await api("PUT", "shared", body)).code == 400
    assert read_shared(Registry(home)) == {"strips": True}


@pytest.mark.parametrize("text", ["", "[]", "{", '{"strips": "yes"}', "\x00" * 20_000])
def test_a_damaged_file_is_as_if_nothing_was_set(home: Path, text: str) -> None:
    home.mkdir(exist_ok=True)
    (home / "shared.json").write_text(text)
    assert read_shared(Registry(home)) == {"strips": False}
