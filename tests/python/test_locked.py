"""Options that an administrator has fixed, at every door."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dasklab.errors import InputError, Refused
from dasklab.launching import LaunchRequest, catalogue, launch, preview
from dasklab.locked import locked

Setting = Callable[..., None]

LOCK = "dasklab: {locked: {local: {memory-limit: 2GiB, threads_per_worker: 2}}}"

pytestmark = pytest.mark.usefixtures("catalogued")


@pytest.fixture
def fixed(dask_folder: Path) -> None:
    """Two options are fixed in a file."""
    (dask_folder / "00-admin.yaml").write_text(LOCK)


@pytest.mark.usefixtures("fixed")
def test_fixed_options_are_filled_in() -> None:
    text = preview(LaunchRequest("local", workers=1))["text"]

    assert "threads_per_worker=2" in text
    assert "memory_limit='2GiB'" in text
    [row] = [row for row in catalogue() if row["name"] == "local"]
    assert row["locked"] == {"memory_limit": "2GiB", "threads_per_worker": 2}


@pytest.mark.usefixtures("fixed")
def test_the_same_value_may_be_given() -> None:
    assert preview(LaunchRequest("local", workers=1, options={"threads-per-worker": 2}))


@pytest.mark.usefixtures("fixed")
@pytest.mark.parametrize("door", [launch, preview])
def test_another_value_is_refused_in_one_sentence_for_each(door: Callable[..., Any]) -> None:
    options = {"memory_limit": "64GiB", "threads_per_worker": 9}
    with pytest.raises(Refused) as caught:
        door(LaunchRequest("local", options=options))

    assert caught.value.message == (
        'memory_limit: an administrator has fixed it at "2GiB". '
        "threads_per_worker: an administrator has fixed it at 2."
    )
    assert [error["option"] for error in caught.value.details["errors"]] == list(options)


@pytest.mark.usefixtures("fixed")
def test_profile_does_not_get_round_it(setting: Setting) -> None:
    setting("profiles", {"mine": {"options": {"memory_limit": "64GiB"}}})

    with pytest.raises(Refused, match="an administrator has fixed it"):
        launch(LaunchRequest("mine"))


@pytest.mark.usefixtures("fixed")
def test_later_file_and_this_process_do_not_undo_it(dask_folder: Path, setting: Setting) -> None:
    (dask_folder / "99-mine.yaml").write_text("dasklab: {locked: {local: {memory_limit: 9GiB}}}")
    setting("locked", {"local": {"memory_limit": "64GiB", "processes": True}})

    assert locked("local") == {
        "memory_limit": "2GiB",
        "threads_per_worker": 2,
        "processes": True,
    }


def test_nothing_is_fixed_elsewhere(setting: Setting) -> None:
    setting("locked", {"slurm": {"queue": "x"}, "local": None})

    assert locked("local") == {}


@pytest.mark.parametrize("found", ["x", ["x"], {"local": ["memory_limit"]}], ids=str)
def test_section_that_is_none(setting: Setting, found: object) -> None:
    setting("locked", found)

    with pytest.raises(InputError, match=r"dasklab\.locked.* is not a section"):
        launch(LaunchRequest("local"))


@pytest.mark.parametrize("found", [{"memroy_limit": "2GiB"}, {"memory_limit": 5}], ids=str)
def test_what_does_not_fit_the_deployment_is_the_administrators(
    setting: Setting, found: object
) -> None:
    setting("locked", {"local": found})

    with pytest.raises(InputError, match=r"dasklab\.locked\.local .* does not fit: mem") as caught:
        launch(LaunchRequest("local"))
    assert caught.value.hint == "It is for an administrator to mend."
