"""Profiles from Python: what could not be launched is not saved."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import dasklab
from dasklab.client.saved import listing
from dasklab.errors import (
    DasklabError,
    DeploymentUnknown,
    EnvironmentUnknown,
    NameInvalid,
    OptionsInvalid,
    Refused,
    RequestMalformed,
    WorkersInvalid,
)
from dasklab.launching import LaunchRequest, preview

pytestmark = pytest.mark.usefixtures("catalogued")


def test_saved_profile_is_launched() -> None:
    saved = dasklab.save_profile(
        "wide", workers=(1, 8), environment="python3", options={"threads_per_worker": 3}
    )

    assert dasklab.profiles()["wide"] == {
        "deployment": "local",
        "workers": "1:8",
        "environment": "python3",
        "options": {"threads_per_worker": 3},
    }
    assert saved["workers"] == {"minimum": 1, "maximum": 8}
    assert listing() == [saved]
    assert "threads_per_worker=3" in preview(LaunchRequest("wide"))["text"]
    dasklab.remove_profile("wide")
    assert dasklab.profiles() == {}


BAD: list[tuple[dict[str, Any], type[DasklabError]]] = [
    ({"name": "a b"}, NameInvalid),
    ({"name": "local"}, NameInvalid),
    ({"deployment": "lokal"}, DeploymentUnknown),
    ({"deployment": 5}, DeploymentUnknown),
    ({"workers": -1}, WorkersInvalid),
    ({"environment": "pyhton"}, EnvironmentUnknown),
    ({"environment": ["python3"]}, RequestMalformed),
    ({"options": {"memroy_limit": "1GiB"}}, OptionsInvalid),
    ({"options": [1]}, OptionsInvalid),
]


@pytest.mark.parametrize(("given", "error"), BAD, ids=str)
def test_what_could_not_be_launched_is_not_saved(
    dask_folder: Path, given: dict[str, Any], error: type[DasklabError]
) -> None:
    with pytest.raises(error):
        dasklab.save_profile(**{"name": "mine", **given})

    assert list(dask_folder.iterdir()) == []


def test_fixed_option_is_refused(setting: Callable[..., None]) -> None:
    setting("locked", {"local": {"memory_limit": "2GiB"}})

    with pytest.raises(Refused, match="an administrator has fixed it"):
        dasklab.save_profile("mine", options={"memory_limit": "8GiB"})


def test_broken_profile_is_listed_with_its_problem(setting: Callable[..., None]) -> None:
    setting("profiles", {"odd": {"workers": "many"}, "fine": None})

    odd, fine = listing()
    assert odd["problem"]["code"] == "workers.invalid"
    assert (fine["problem"], fine["workers"], fine["path"], fine["editable"]) == (
        None,
        None,
        None,
        False,
    )
