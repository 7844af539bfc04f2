"""Frames: what is written is read again, and nothing else is taken for one."""

from __future__ import annotations

import json
import runpy
import struct
from array import array
from pathlib import Path
from typing import Any

import pytest

from dasklab.telemetry.frames import FrameInvalid, decode, encode, join, split
from dasklab.telemetry.tables import TABLES, TASKS

FIXTURES = Path(__file__).parents[2] / "fixtures" / "telemetry"


def columns(rows: int) -> list[array[Any]]:
    return [
        array(column.code, [number % 200 for number in range(rows)]) for column in TASKS.columns
    ]


def frame(rows: int = 3) -> bytes:
    return encode({"tables": {"tasks": {"rows": rows, "base": 0.0}}}, {"tasks": columns(rows)})


@pytest.mark.parametrize("rows", [0, 1, 7, 8, 1_000])
def test_what_is_written_is_read(rows: int) -> None:
    header, tables = decode(frame(rows))

    assert header == {"v": 1, "tables": {"tasks": {"rows": rows, "base": 0.0}}}
    assert list(tables["tasks"].values()) == columns(rows)
    assert tuple(tables["tasks"]) == TASKS.names


def test_every_column_lies_where_a_typed_array_may_look() -> None:
    made = frame(5)
    (length,) = struct.unpack_from("<I", made)

    assert (4 + length) % 8 == 0
    assert len(made) % 8 == 0
    assert len(made) == 4 + length + 3 * 24 + 2 * 16 + 8


def test_a_task_takes_seventeen_bytes() -> None:
    assert TASKS.width == 17
    assert (len(frame(10_000)) - len(frame(0))) / 10_000 < 17.01


@pytest.mark.parametrize(
    "damaged",
    [
        b"",
        b"\0",
        b"\xff\xff\xff\xff" + bytes(20),
        frame()[:-1],
        frame()[:-8],
        frame() + bytes(8),
        struct.pack("<I", 4) + b"null",
        struct.pack("<I", 4) + b"\xff\xff\xff\xff",
        frame().replace(b'"v":1', b'"v":2'),
        frame().replace(b'"rows":3', b'"rows":9'),
        frame().replace(b'"rows":3', b'"rows":-'),
        frame().replace(b'"tasks"', b'"tusks"'),
    ],
)
def test_anything_else_is_no_frame(damaged: bytes) -> None:
    with pytest.raises(FrameInvalid):
        decode(damaged)


def test_frames_in_a_file_are_those_that_were_put_there() -> None:
    frames = [frame(number) for number in range(4)]

    assert list(split(join(frames))) == frames
    with pytest.raises(FrameInvalid):
        list(split(join(frames)[:-1]))
    with pytest.raises(FrameInvalid):
        list(split(join(frames) + b"\1\0"))


def test_a_header_without_numbers_is_not_sent() -> None:
    with pytest.raises(ValueError, match="JSON"):
        encode({"tables": {}, "time": float("nan")}, {})


def test_the_fixture_is_what_the_code_makes() -> None:
    """It is what the front end is tested with: a change of format shows here first."""
    made = runpy.run_path(str(FIXTURES / "make.py"))
    frames = list(split((FIXTURES / "run.frames").read_bytes()))

    assert frames == made["frames"]()
    assert json.loads((FIXTURES / "run.json").read_text("utf-8")) == made["expected"](frames)


def test_units_are_said_where_there_are_any() -> None:
    for table in TABLES.values():
        assert {column.code for column in table.columns} <= set("fdBHI")
        assert len(set(table.names)) == len(table.names)
