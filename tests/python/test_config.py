from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from dasklab import config
from dasklab.errors import InputError
from dasklab.model.spec import Lease

from .support import SOURCE


def test_leases_are_on_by_default() -> None:
    assert config.lease() == Lease(idle=3_600.0, no_client=1_200.0, max_age=7 * 86_400.0)
    assert config.lease() == Lease()


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("20 minutes", 1200),
        ("1h", 3600),
        (90, 90),
        ("90", 90),
        (0.5, 0.5),
        ("7d", 604800),
        (None, None),
    ],
)
def test_duration(setting: Callable[..., None], value: object, seconds: float | None) -> None:
    setting("lease.idle", value)

    assert config.seconds("lease.idle") == seconds
    assert config.lease().idle == seconds


@pytest.mark.parametrize(
    "value",
    [
        "",
        "soon",
        "-1h",
        -5,
        0,
        "0s",
        True,
        False,
        "nan",
        float("nan"),
        "inf",
        float("inf"),
        [],
        {},
        "1 fortnight",
        "1h30",
    ],
    ids=repr,
)
def test_bad_duration_names_the_setting(setting: Callable[..., None], value: object) -> None:
    setting("lease.no-client", value)

    with pytest.raises(InputError, match=r"dasklab\.lease\.no-client is .* which is no duration"):
        config.lease()


def test_lease_that_is_not_a_section(setting: Callable[..., None]) -> None:
    setting("lease", "1h")

    with pytest.raises(InputError, match=r"dasklab\.lease"):
        config.lease()


def test_unknown_setting() -> None:
    with pytest.raises(KeyError):
        config.get("nonsense")


@pytest.mark.parametrize(
    ("variable", "value"),
    [("DASK_DASKLAB__LEASE__NO_CLIENT", "5m"), ("DASK_DASKLAB__LEASE__IDLE", "300")],
)
def test_settings_from_the_environment(variable: str, value: str) -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(SOURCE.parent)!r})\n"
        "from dasklab import config; lease = config.lease(); print(lease.idle, lease.no_client)"
    )
    environ: Any = {**os.environ, variable: value}
    out = subprocess.run(
        [sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True
    ).stdout
    assert "300.0" in out.split()
