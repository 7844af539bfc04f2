"""What leaves for a browser."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from dasklab.server.wire import TEXT_LIMIT, clean, dumps

ANY: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@settings(deadline=None)
@given(ANY)
def test_whatever_it_is_becomes_strict_json(value: Any) -> None:
    def refuse(text: str) -> None:
        raise AssertionError(text)

    text = dumps(clean(value))
    text.encode()
    json.loads(text, parse_constant=refuse)


def test_text_is_capped_and_loses_controls() -> None:
    assert clean("\x1b[31mred\x1b[0m\x07 \x1b]8;;http://x\x07link\x9b\u202e\ud800") == "red link"
    assert clean("a\tb\nc") == "a\tb\nc"
    assert len(clean("x" * 10**6)) == TEXT_LIMIT + 1


def test_depth_and_length_are_capped() -> None:
    nest: Any = []
    for _ in range(1000):
        nest = [nest]
    assert len(dumps(clean(nest))) < 100
    assert len(clean(list(range(10**6)))) == 10_000


def test_plain_data_is_left_as_it_is() -> None:
    data = {"a": [1, 2.5, None, True, "x"], "b": {"c": "d"}}
    assert clean(data) == data
