"""Which cluster of a gateway is one whose host was killed before it could note the name."""

from __future__ import annotations

from datetime import datetime, timezone
from types import SimpleNamespace
from typing import Any

import pytest

from dasklab.deployments._gateway_server import unnoted
from dasklab.errors import Conflict

AT = 1_000_000.0
ASKED = {"before": ["old"], "at": AT}


def reports(**after: float) -> list[Any]:
    """What a server tells of clusters that began so many seconds after the request."""
    return [
        SimpleNamespace(name=name, start_time=datetime.fromtimestamp(AT + late, timezone.utc))
        for name, late in after.items()
    ]


def test_it_is_the_only_one_that_came_just_then() -> None:
    assert unnoted(reports(old=1, mine=2, late=60), ASKED, []) == "mine"
    assert unnoted(reports(old=1, late=60), ASKED, []) == ""


def test_those_of_other_records_are_theirs() -> None:
    others = [{"cluster": "hers"}, {"name": "dask-x"}, {}]

    assert unnoted(reports(hers=1, mine=2), ASKED, others) == "mine"
    assert unnoted(reports(hers=1), ASKED, others) == ""


@pytest.mark.parametrize("others", [[], [{"before": [], "at": AT + 1}]], ids=["two", "another"])
def test_which_it_is_is_not_guessed(others: list[dict[str, Any]]) -> None:
    new = {"mine": 1.0} if others else {"mine": 1.0, "hers": 2.0}
    with pytest.raises(Conflict, match="it is not known for which") as caught:
        unnoted(reports(**new), ASKED, others)

    assert "mine" in caught.value.message
    long_ago = {"before": [], "at": AT - 3600}
    assert unnoted(reports(mine=1.0), ASKED, [long_ago]) == "mine"
