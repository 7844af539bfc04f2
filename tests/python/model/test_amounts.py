from __future__ import annotations

import re
from typing import Any

import pytest

from dasklab.errors import Unsupported, WorkersInvalid
from dasklab.model.amounts import Size, in_workers, wanted

SIZE = Size(cores=2, memory=4 * 10**9, per_job=10)


@pytest.mark.parametrize(
    ("value", "workers"),
    [
        ({"jobs": 3}, 30),
        ({"cores": 5}, 3),
        ({"cores": "5"}, 3),
        ({"memory": "30GB"}, 8),
        ({"memory": 4 * 10**9}, 1),
        ({"jobs": 0}, 0),
        ({"jobs": 1, "cores": 40, "memory": "4GB"}, 20),
        ({"jobs": "1:3"}, {"minimum": 10, "maximum": 30}),
        ({"memory": "0:10GB", "cores": 2}, {"minimum": 1, "maximum": 3}),
        ({"jobs": 1, "groups": {"gpu": 2}}, {"workers": 10, "groups": {"gpu": 2}}),
        (4, 4),
        ({"groups": {"gpu": 2}}, {"groups": {"gpu": 2}}),
    ],
)
def test_amounts_are_numbers_of_workers(value: object, workers: object) -> None:
    assert in_workers(value, lambda: SIZE) == workers


@pytest.mark.parametrize(
    ("value", "size", "words"),
    [
        ({"jobs": 1}, Size(2, 10**9), "are no jobs"),
        ({"memory": "1GB"}, Size(2, 0), "how much memory a worker"),
        ({"memory": "lots"}, SIZE, "no amount of memory"),
        ({"memory": True}, SIZE, "no amount of memory"),
        ({"memory": "-1GB"}, SIZE, "memory is -1GB"),
        ({"cores": 1.5}, SIZE, "no fractions"),
        ({"jobs": -1}, SIZE, "The number of jobs is -1"),
        ({"jobs": 1, "gpus": 1}, SIZE, "'gpus' is no amount"),
    ],
)
def test_what_makes_no_sense(value: object, size: Size, words: str) -> None:
    with pytest.raises(WorkersInvalid, match=words):
        in_workers(value, lambda: size)


def test_nobody_knows_what_a_worker_has() -> None:
    with pytest.raises(Unsupported, match="not known before there is one"):
        in_workers({"cores": 4}, lambda: None)


@pytest.mark.parametrize(
    ("workers", "amounts", "body"),
    [
        (4, {}, 4),
        (4, {"jobs": None}, 4),
        ("1:8", {}, {"minimum": 1, "maximum": 8}),
        (None, {"jobs": 3, "cores": None}, {"jobs": 3}),
        ("", {"memory": "9GB"}, {"memory": "9GB"}),
        ({"cores": 4}, {}, {"cores": 4}),
        ("gpu=2", {"cores": "4"}, {"cores": "4", "groups": {"gpu": 2}}),
    ],
)
def test_bodies(workers: object, amounts: dict[str, Any], body: object) -> None:
    assert wanted(workers, amounts) == body


@pytest.mark.parametrize(
    ("workers", "amounts", "words"),
    [
        (None, {}, "is nothing, not a number"),
        (4, {"jobs": 1}, "There is a number of workers, and jobs."),
        ("4 gpu=2", {"jobs": 1, "cores": 2}, "a number of workers, and jobs and cores."),
    ],
)
def test_bodies_that_say_two_things_or_nothing(
    workers: object, amounts: dict[str, Any], words: str
) -> None:
    with pytest.raises(WorkersInvalid, match=re.escape(words)):
        wanted(workers, amounts)
