from __future__ import annotations

import json
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dasklab import errors
from dasklab.errors import DasklabError, from_wire


def tree(cls: type[DasklabError] = DasklabError) -> list[type[DasklabError]]:
    return [cls, *(found for sub in cls.__subclasses__() for found in tree(sub))]


CLASSES = [cls for cls in tree() if cls.__module__ == "dasklab.errors"]


def test_codes_are_unique() -> None:
    counts = Counter(cls.code for cls in CLASSES)

    assert [code for code, count in counts.items() if count > 1] == []


def test_every_class_is_public_and_in_the_picture_of_the_tree() -> None:
    for cls in CLASSES:
        assert cls.__name__ in errors.__all__
        assert cls.__name__ in (errors.__doc__ or "")
        assert cls.__doc__


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_travels_and_comes_back_as_the_same_class(cls: type[DasklabError]) -> None:
    error = cls("It broke.", "Mend it.", details={"names": ["a"]})

    back = from_wire(json.loads(json.dumps(error.to_wire())))

    assert type(back) is cls
    assert back.to_wire() == error.to_wire()
    assert 400 <= cls.status < 600
    assert str(back) == "It broke. Mend it."


@pytest.mark.parametrize(
    "data",
    [
        None,
        5,
        "error",
        [],
        {},
        {"code": 5},
        {"code": []},
        {"code": "of.a.later.version", "message": None, "hint": 3, "details": "x"},
        {"code": "cluster.gone", "details": [1, 2]},
    ],
    ids=repr,
)
def test_from_wire_takes_anything(data: object) -> None:
    error = from_wire(data)

    assert isinstance(error, DasklabError)
    assert isinstance(error.details, dict)
    json.dumps(error.to_wire())


def test_an_unknown_code_keeps_its_words() -> None:
    error = from_wire({"code": "later.reason", "message": "It is later.", "hint": "Upgrade."})

    assert type(error) is DasklabError
    assert str(error) == "It is later. Upgrade."


def test_foreign_text_is_cut() -> None:
    error = DasklabError("x" * 10_000_000, "y" * 10_000_000)

    assert len(json.dumps(error.to_wire())) < 10_000


@given(st.dictionaries(st.sampled_from(["code", "message", "hint", "details"]), st.text()))
def test_from_wire_never_raises(data: dict[str, str]) -> None:
    from_wire(data).to_wire()
