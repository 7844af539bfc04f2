"""The colours of prefixes in the front end are those of the Dask that is installed."""

from __future__ import annotations

import json

from distributed.utils import color_of

from .support import SOURCE

FIXTURE = SOURCE.parents[1] / "tests" / "fixtures" / "colours.json"


def test_prefixes_have_the_colours_of_dask() -> None:
    expected = json.loads(FIXTURE.read_text(encoding="utf-8"))

    assert {name: color_of(name).lower() for name in expected} == expected
