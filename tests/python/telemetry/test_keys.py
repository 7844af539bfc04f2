"""Keys of rows: compressed, bounded, found again by number."""

from __future__ import annotations

from dasklab.telemetry.keys import BLOCK, Keys


def test_every_key_is_found_by_its_number() -> None:
    keys = Keys(10**6)
    names = [f"inc-{number}" for number in range(3 * BLOCK + 5)]
    for begin in range(0, len(names), 1_000):
        keys.add(names[begin : begin + 1_000])

    assert keys.end == len(names)
    for place in (0, BLOCK - 1, BLOCK, 2 * BLOCK + 7, 3 * BLOCK, 3 * BLOCK + 4):
        assert keys.find(place, 1) == [names[place]]
    assert keys.find(BLOCK - 2, 4) == names[BLOCK - 2 : BLOCK + 2]
    assert keys.find(3 * BLOCK + 4, 3) == [names[-1], None, None]


def test_the_oldest_go_first() -> None:
    keys = Keys(60_000)
    keys.add([f"inc-{number:032x}" for number in range(20 * BLOCK)])

    assert keys.size <= 60_000
    assert keys.find(0, 1) == [None]
    assert keys.find(20 * BLOCK - 1, 1) == [f"inc-{20 * BLOCK - 1:032x}"]


def test_a_hostile_key_is_one_key() -> None:
    keys = Keys(10**6)
    names = ["a\x1eb\x1ec", "\ud800", "", "\0", "é" * 200] * BLOCK
    keys.add(names)

    assert keys.find(4, 1) == ["é" * 200]
    assert keys.find(5 * BLOCK - 1, 1) == ["é" * 200]
    assert keys.find(2, 2) == ["", "\0"]


def test_they_are_the_same_from_a_file() -> None:
    keys = Keys(60_000)
    keys.add([f"inc-{number:032x}" for number in range(20 * BLOCK + 5)])
    written = keys.dump()
    found = Keys.load(written)

    assert len(written) < 61_000
    assert found.end == keys.end == 20 * BLOCK + 5
    for place in (0, 19 * BLOCK - 1, 20 * BLOCK + 4, 20 * BLOCK + 5):
        assert found.find(place, 2) == keys.find(place, 2)


def test_a_damaged_file_has_no_keys() -> None:
    keys = Keys(10**6)
    keys.add([f"inc-{number}" for number in range(2 * BLOCK)])
    written = keys.dump()

    cut = Keys.load(written[:-1])
    assert (cut.find(0, 1), cut.find(BLOCK, 1)) == (["inc-0"], [None])
    assert Keys.load(written[:20] + bytes(len(written) - 20)).find(0, 2) == [None, None]
    assert Keys.load(b"").find(0, 1) == [None]
