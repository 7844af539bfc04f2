"""The keys of rows, for who points at one: too long to be sent, too many to be kept as they are.

A key has sixty characters, of which most are those of its neighbour: a million take 15 MB in
compressed blocks, and 150 as strings. Standard library only.
"""

from __future__ import annotations

import struct
import zlib

__all__ = ("Keys",)

BLOCK = 4_096
"""Keys that are compressed together: 5 ms to do, 1 ms to read one of them again."""

SEPARATOR = "\x1e"

HEAD = struct.Struct("<QII")
"""Before each block in a file: the number of its first key, how many there are, and bytes."""

BLOCK_BYTES = 16_000_000
"""Of a block's text, at the most: keys have 200 characters."""


class Keys:
    """Keys by the numbers of their rows, as many of the newest as fit.

    Parameters
    ----------
    most
        Bytes.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._blocks: list[tuple[int, int, bytes]] = []  # first, count, compressed
        self._size = 0
        self._open: list[str] = []
        self._first = 0
        self._last: tuple[int, list[str]] = (-1, [])

    @property
    def end(self) -> int:
        """The number of the next."""
        return self._first + len(self._open)

    @property
    def size(self) -> int:
        """Bytes of the compressed ones."""
        return self._size

    def add(self, keys: list[str]) -> None:
        """Add the keys of the next rows."""
        self._open += keys
        while len(self._open) >= BLOCK:
            self._seal(BLOCK)

    def dump(self) -> bytes:
        """All of them, for a file."""
        if self._open:
            self._seal(len(self._open))
        return b"".join(
            part
            for first, count, data in self._blocks
            for part in (HEAD.pack(first, count, len(data)), data)
        )

    @classmethod
    def load(cls, data: bytes) -> Keys:
        """What :meth:`dump` gave; of a file that is cut, what is whole."""
        found = cls(len(data))
        place = 0
        while place + HEAD.size <= len(data):
            first, count, length = HEAD.unpack_from(data, place)
            place += HEAD.size
            if place + length > len(data):
                break
            found._blocks.append((first, count, data[place : place + length]))
            found._first = first + count
            place += length
        return found

    def _seal(self, count: int) -> None:
        keys = self._open[:count]
        text = SEPARATOR.join(keys)
        if text.count(SEPARATOR) >= count:  # somebody's key has one
            text = SEPARATOR.join(key.replace(SEPARATOR, " ") for key in keys)
        data = zlib.compress(text.encode("utf-8", "replace"), 1)
        self._blocks.append((self._first, count, data))
        self._size += len(data)
        self._first += count
        del self._open[:count]
        while self._size > self._most and self._blocks:
            self._size -= len(self._blocks.pop(0)[2])

    def find(self, cursor: int, rows: int) -> list[str | None]:
        """The keys of rows; ``None`` for those that are kept no more."""
        return [self._one(number) for number in range(cursor, cursor + rows)]

    def _one(self, number: int) -> str | None:
        if number >= self._first:
            place = number - self._first
            return self._open[place] if place < len(self._open) else None
        first, keys = self._last
        if not (first >= 0 and first <= number < first + len(keys)):
            for first, count, data in reversed(self._blocks):
                if first <= number < first + count:
                    keys = _read(data)
                    self._last = (first, keys)
                    break
            else:
                return None
        place = number - first
        return keys[place] if place < len(keys) else None


def _read(data: bytes) -> list[str]:
    """The keys of a block; none of one that is damaged."""
    try:
        text = zlib.decompressobj().decompress(data, BLOCK_BYTES)
    except zlib.error:
        return []
    return text.decode("utf-8", "replace").split(SEPARATOR)
