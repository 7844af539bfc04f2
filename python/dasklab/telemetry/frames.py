"""Frames: how telemetry travels, a JSON header and columns behind it.

``u32`` length of the header, the header (padded with spaces), then for each table that the header
names, in its order, each column's bytes, every part padded to a multiple of eight: a browser looks
at the columns where they lie, without copying. Numbers are little-endian. The header says for each
table how many ``rows`` it has and what is peculiar to it (``cursor``, ``base``, ``dropped``).
"""

from __future__ import annotations

import json
import struct
import sys
from array import array
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from .tables import TABLES, TASKS, VERSION, Table

__all__ = (
    "FRAME_ROWS",
    "Columns",
    "FrameInvalid",
    "decode",
    "encode",
    "join",
    "split",
    "start_times",
)

FRAME_ROWS = 50_000
"""Most task rows of a frame: 850 kB. jupyter-server-proxy and its like refuse 10 MB, and a frame
should not hold up the one behind it."""

HEADER_LIMIT = 16_000_000
"""Most bytes of a header that is read."""

FOREIGN = sys.byteorder == "big"

Columns: TypeAlias = Mapping[str, "array[Any]"]


class FrameInvalid(ValueError):
    """These bytes are no frame."""


def encode(header: Mapping[str, Any], tables: Mapping[str, Sequence[Any]]) -> bytes:
    """A frame.

    Parameters
    ----------
    header
        JSON; its ``tables`` has an entry with ``rows`` for each of ``tables``.
    tables
        For each table one buffer (array, memoryview, bytes) a column, in the table's order.
    """
    text = json.dumps({"v": VERSION, **header}, separators=(",", ":"), allow_nan=False).encode()
    text += b" " * (-(len(text) + 4) % 8)
    parts: list[Any] = [struct.pack("<I", len(text)), text]
    for name in header["tables"]:
        for column, buffer in zip(TABLES[name].columns, tables[name], strict=True):
            data = memoryview(_little(buffer, column.code)).cast("B")
            parts.append(data)
            if len(data) % 8:
                parts.append(bytes(-len(data) % 8))
    return b"".join(parts)


def decode(frame: bytes) -> tuple[dict[str, Any], dict[str, Columns]]:
    """The header and the columns of a frame.

    Raises
    ------
    FrameInvalid
        Not a frame, cut, or of a version that is not ours.
    """
    try:
        (length,) = struct.unpack_from("<I", frame)
        if length > HEADER_LIMIT or 4 + length > len(frame):
            raise FrameInvalid("The header is longer than the frame.")
        header = json.loads(frame[4 : 4 + length])
        if header["v"] != VERSION:
            raise FrameInvalid(f"The frame is of version {header['v']!r}, not {VERSION}.")
        position = 4 + length
        tables: dict[str, Columns] = {}
        for name, entry in header["tables"].items():
            tables[name], position = _columns(TABLES[name], int(entry["rows"]), frame, position)
    except FrameInvalid:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, struct.error) as error:
        raise FrameInvalid(f"These bytes are no frame ({error}).") from error
    if position != len(frame):
        raise FrameInvalid("The frame is not as long as its header says.")
    return header, tables


def _columns(table: Table, rows: int, frame: bytes, position: int) -> tuple[Columns, int]:
    found = {}
    for column in table.columns:
        size = rows * column.size
        if rows < 0 or position + size > len(frame):
            raise FrameInvalid("The frame is shorter than its header says.")
        values = array(column.code)
        values.frombytes(frame[position : position + size])
        found[column.name] = array(column.code, _little(values, column.code))
        position += size + (-size % 8)
    return found, position


def _little(buffer: Any, code: str) -> Any:
    """The same numbers with the wire's order of bytes."""
    if not FOREIGN:
        return buffer
    swapped = array(code, buffer)
    swapped.byteswap()
    return swapped


def join(frames: Iterable[bytes]) -> bytes:
    """Frames one behind the other, each behind its length (``u32``): an answer, or a file."""
    return b"".join(part for frame in frames for part in (struct.pack("<I", len(frame)), frame))


def split(data: bytes) -> Iterable[bytes]:
    """The frames that :func:`join` put together.

    Raises
    ------
    FrameInvalid
        The last one is cut.
    """
    position = 0
    while position < len(data):
        end = position + 4
        if end > len(data) or end + (length := struct.unpack_from("<I", data, position)[0]) > len(
            data
        ):
            raise FrameInvalid("The last frame is cut.")
        yield data[end : end + length]
        position = end + length


def start_times(header: Mapping[str, Any], columns: Columns) -> list[float]:
    """When the rows of ``tasks`` began, in epoch seconds."""
    base = float(header["tables"][TASKS.name]["base"])
    return [base + start for start in columns["start"]]
