from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dasklab.errors import WorkersInvalid
from dasklab.model.scaling import Scaling


class Index:
    """A whole number that is not an ``int``, as numpy's are."""

    def __index__(self) -> int:
        return 4


@pytest.mark.parametrize("value", [4, "4", " 4 ", "4.0", 4.0, "+4", "4e0", Index()])
def test_parse_count(value: object) -> None:
    assert Scaling.parse(value) == Scaling(4)


def test_parse_count_of_numpy() -> None:
    import numpy as np

    assert Scaling.parse(np.int64(4)) == Scaling(4)
    assert Scaling.parse((np.int32(1), np.float64(4.0))) == Scaling(1, 1, 4)
    for value in (np.bool_(True), np.float64("nan"), np.array([1, 2, 3]), np.float32(1.5)):
        with pytest.raises(WorkersInvalid):
            Scaling.parse(value)


def test_parse_exponent_is_the_number_it_says() -> None:
    assert Scaling.parse("1e3") == Scaling(1000)
    with pytest.raises(WorkersInvalid, match=r"is 10000, more than the 1000"):
        Scaling.parse("1e4")


@pytest.mark.parametrize(
    "value",
    ["1:8", " 1 : 8 ", (1, 8), [1, 8], ("1", 8.0), {"minimum": 1, "maximum": 8}],
)
def test_parse_range(value: object) -> None:
    scaling = Scaling.parse(value)

    assert scaling == Scaling(1, 1, 8)
    assert scaling.adaptive


def test_parse_range_without_minimum_begins_at_zero() -> None:
    assert Scaling.parse({"maximum": 8}) == Scaling(0, 0, 8)


BAD = [
    (-1, "is -1: there cannot be fewer than 0 workers"),
    ("-5", "is -5: there cannot be fewer than 0 workers"),
    (-(10**30), "there cannot be fewer than 0 workers"),
    (2.5, "is 2.5: there are no fractions of workers"),
    ("2.5", "is 2.5: there are no fractions of workers"),
    ("0.1", "there are no fractions of workers"),
    (True, "is true, which is not a number"),
    (False, "is false, which is not a number"),
    (math.nan, "is nan, which is not a usable number"),
    ("NaN", "is nan, which is not a usable number"),
    (math.inf, "is inf, which is not a usable number"),
    ("-inf", "is -inf, which is not a usable number"),
    ("Infinity", "is inf, which is not a usable number"),
    (1001, "is 1001, more than the 1000 that are allowed here"),
    (10**9, "more than the 1000 that are allowed here"),
    (1e300, "more than the 1000 that are allowed here"),
    (10**5000, "more than the 1000 that are allowed here"),
    ("9" * 5000, "number"),
    ("9" * 400, "more than the 1000 that are allowed here"),
    ("1e999", "is inf, which is not a usable number"),
    ("many", "is 'many', which is not a number"),
    ("", "is '', which is not a number"),
    ("  ", "is '', which is not a number"),
    ("4 workers", "is '4 workers', which is not a number"),
    ("0x10", "which is not a number"),
    ("1,5", "which is not a number"),
    ("x" * 100_000, "which is not a number"),
    (None, "is nothing, not a number"),
    (b"4", "is a bytes, not a number"),
    (4j, "is a complex, not a number"),
    (Decimal("4.5"), "not a number"),
    (Fraction(9, 2), "not a number"),
    (object(), "is a object, not a number"),
    ({4}, "is a set, not a number"),
    ([], "has two ends, not 0"),
    ([4], "has two ends, not 1"),
    ((1, 2, 3), "has two ends, not 3"),
    ({}, "the maximum is missing"),
    ({"minimum": 1}, "the maximum is missing"),
    ({"minimum": 1, "maximum": 2, "wanted": 1}, "not 'wanted'"),
    ({1: 2}, "not '1'"),
    ({"minimum": None, "maximum": 3}, "The least number of workers is nothing"),
    ({"minimum": 1, "maximum": True}, "The greatest number of workers is true"),
    ({"minimum": [1], "maximum": 3}, "The least number of workers is a list"),
    ((6, 3), "The least number of workers, 6, is above the greatest, 3"),
    ("6:3", "The least number of workers, 6, is above the greatest, 3"),
    ("-3:-1", "there cannot be fewer than 0 workers"),
    ("0:0", "never starts a worker"),
    ("1:", "The greatest number of workers is '', which is not a number"),
    (":8", "The least number of workers is '', which is not a number"),
    ("1:8:2", "is '8:2', which is not a number"),
    ("1:1001", "more than the 1000 that are allowed here"),
    ((0, math.nan), "The greatest number of workers is nan"),
]


@pytest.mark.parametrize(("value", "sentence"), BAD, ids=range(len(BAD)))
def test_parse_bad_count_says_why(value: object, sentence: str) -> None:
    with pytest.raises(WorkersInvalid) as caught:
        Scaling.parse(value)

    assert sentence in caught.value.message
    assert caught.value.hint
    assert len(str(caught.value)) < 300


def test_parse_obeys_limit() -> None:
    assert Scaling.parse(3, limit=3) == Scaling(3)
    with pytest.raises(WorkersInvalid, match="more than the 3 that are allowed here"):
        Scaling.parse(4, limit=3)
    with pytest.raises(WorkersInvalid, match="more than the 3"):
        Scaling.parse((1, 4), limit=3)


def test_parse_range_above_names_the_range_that_would_do() -> None:
    with pytest.raises(WorkersInvalid) as caught:
        Scaling.parse("6:3")

    assert caught.value.hint == "Give 3:6."


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["minimum", "maximum", "x"]), inner, max_size=3)
    ),
    max_leaves=5,
)


@given(ANYTHING)
def test_parse_of_anything_is_a_scaling_or_a_sentence(value: Any) -> None:
    try:
        scaling = Scaling.parse(value, limit=50)
    except WorkersInvalid as error:
        assert error.message
    else:
        assert 0 <= scaling.wanted <= 50
        assert not isinstance(scaling.wanted, bool)
        assert Scaling.parse(scaling.request(), limit=50) == scaling
        assert Scaling.parse(scaling, limit=50) == scaling


def test_wire_form() -> None:
    assert Scaling(2).to_wire() == {"wanted": 2, "minimum": None, "maximum": None}
    assert Scaling(1, 1, 8).to_wire() == {"wanted": 1, "minimum": 1, "maximum": 8}
    assert Scaling(1, 1, 8).request() == {"minimum": 1, "maximum": 8}


@pytest.mark.parametrize(
    ("value", "wire"),
    [
        ("4 gpu=2", {"wanted": 6, "minimum": None, "maximum": None, "groups": {"gpu": 2}}),
        ("1:8, gpu=2", {"wanted": 3, "minimum": 1, "maximum": 8, "groups": {"gpu": 2}}),
        (
            {"workers": 4, "groups": {"gpu": 2}},
            {"wanted": 6, "minimum": None, "maximum": None, "groups": {"gpu": 2}},
        ),
    ],
)
def test_groups(value: object, wire: object) -> None:
    found = Scaling.parse(value)

    assert found.to_wire() == wire
    assert Scaling.parse(found.request()) == found


def test_groups_alone_leave_the_rest_as_it_is() -> None:
    found = Scaling.parse("gpu=2 big=1")
    before = {"wanted": 5, "minimum": None, "maximum": None, "groups": {"gpu": 1, "big": 0}}

    assert Scaling.parse(found.request()) == found
    assert found.beside(before) == Scaling(4, groups={"gpu": 2, "big": 1})
    assert Scaling.parse(3).beside(before) == Scaling(3, groups={"gpu": 1, "big": 0})
    ranged = {"wanted": 2, "minimum": 1, "maximum": 8, "groups": {"gpu": 0, "big": 0}}
    assert found.beside(ranged).request() == {
        "workers": {"minimum": 1, "maximum": 8},
        "groups": {"gpu": 2, "big": 1},
    }


def test_groups_that_are_not_there() -> None:
    for before in ({"wanted": 1}, {"wanted": 1, "groups": {"big": 1}}):
        with pytest.raises(WorkersInvalid, match="no worker group 'gpu'"):
            Scaling.parse("gpu=1").beside(before)


@pytest.mark.parametrize(
    "value", ["gpu=", "=2", "2 3", "2 3 gpu=1", "gpu=1 gpu=2", "gpu=-1", "999 gpu=2", {"groups": 3}]
)
def test_groups_that_make_no_sense(value: object) -> None:
    with pytest.raises(WorkersInvalid) as caught:
        Scaling.parse(value)
    assert caught.value.hint
