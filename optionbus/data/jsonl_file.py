"""Files of JSON lines, plain or gzipped: an object in each line.

Decides what a row is, and that the keys of the first object are the columns. Does not know what they mean.
"""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

import msgspec

from messages.errors import DataUnreadable
from optionbus.data.csv_file import opened
from optionbus.data.table import PIECE_ROWS, Piece
from optionbus.data.times import Cell, TimeUnit

Row = dict[str, object]

_ONE: Final = msgspec.json.Decoder(Row)
_MANY: Final = msgspec.json.Decoder(list[Row])


class JsonlTable:
    """A file of JSON lines. Raises DataUnreadable where it is not there, or there are no objects in it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with opened(path) as file:
            rows = [_decoded(line) for line in islice((line for line in file if line.strip()), PIECE_ROWS)]
        row = next((row for row in rows if row is not None), {})
        if rows and not row:
            example = '{"time": 1706695200.25, "price": 1.0832}'
            raise DataUnreadable(str(path), f"none of its first lines is an object such as {example}.")
        self.header: tuple[str, ...] | None = tuple(row)
        self.first: tuple[Cell, ...] = tuple(map(_cell, row.values()))

    def time_unit(self, column: int) -> TimeUnit | None:  # noqa: ARG002
        """It never says."""
        return None

    def pieces(self, columns: tuple[int, ...]) -> Iterator[Piece]:
        """The rows; see ``Table``."""
        names = [self.header[column] for column in columns] if self.header else []
        number = 1
        with opened(self._path) as file:
            while lines := list(islice(file, PIECE_ROWS)):
                yield _piece(range(number, number + len(lines)), lines, names)
                number += len(lines)


def _piece(numbers: range, lines: list[bytes], names: list[str]) -> Piece:
    try:
        rows = _MANY.decode(b"[" + b",".join(lines) + b"]")
    except msgspec.DecodeError:
        rows = []
    if len(rows) == len(lines):
        return Piece(numbers, _columns(rows, names))
    read = [(number, _decoded(line)) for number, line in zip(numbers, lines, strict=True) if line.strip()]
    broken = tuple(number for number, row in read if row is None)
    whole = [(number, row) for number, row in read if row is not None]
    return Piece([number for number, _ in whole], _columns([row for _, row in whole], names), broken)


def _columns(rows: list[Row], names: list[str]) -> tuple[list[Cell], ...]:
    """What is missing is None, which is no number: it is found as such. So is what is neither text nor number."""
    return tuple([row.get(name) for row in rows] for name in names)  # type: ignore[misc]


def _decoded(line: bytes) -> Row | None:
    try:
        return _ONE.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _cell(value: object) -> Cell:
    return value if isinstance(value, str | int | float) else None
