"""CSV files, plain or gzipped.

Decides where the columns end, whether there is a header, and what a row is that has too few or too many cells. Does not
know what the columns are.
"""

import csv
import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from itertools import islice
from pathlib import Path
from typing import IO, Final, TextIO, cast

from messages.errors import DataUnreadable
from optionbus.data.layout import is_header
from optionbus.data.table import PIECE_ROWS, Piece
from optionbus.data.times import Cell, TimeUnit

_DELIMITERS: Final = ("\t", ";", "|", ",")
"""The first of them that is in the first line is between the columns: a comma may be in numbers."""

_UTF16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """A file's bytes, unzipped where its name ends in ``.gz``.

    Raises:
        DataUnreadable: It is not there, or its bytes are not what its name says; also while it is read.
    """
    try:
        with path.open("rb") as file:
            yield cast("IO[bytes]", gzip.GzipFile(fileobj=file)) if path.suffix.lower() == ".gz" else file
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise DataUnreadable(str(path), f"the gzip file is damaged or cut short ({error}). Fetch it again.") from None
    except OSError as error:
        raise DataUnreadable(str(path), f"{error.strerror}.") from None


class CsvTable:
    """A CSV file. Raises DataUnreadable where it is not there."""

    def __init__(self, path: Path, delimiter: str | None = None) -> None:
        self._path = path
        with opened(path) as file:
            mark = file.read(2)
        self._encoding = "utf-16" if mark in _UTF16_MARKS else "utf-8-sig"
        with self._text() as text:
            line = next((line for line in text if line.strip()), "")
        self._delimiter = delimiter or next((each for each in _DELIMITERS if each in line), ",")
        with self._rows() as rows:
            filled = islice((tuple(row) for row in rows if row), 2)
            first = next(filled, ())
            has_header = bool(first) and is_header(first)
            self.header: tuple[str, ...] | None = first if has_header else None
            self.first: tuple[Cell, ...] = next(filled, ()) if has_header else first
            self._width = len(first)

    def time_unit(self, column: int) -> TimeUnit | None:  # noqa: ARG002
        """It never says."""
        return None

    def pieces(self, columns: tuple[int, ...]) -> Iterator[Piece]:
        """The rows; see ``Table``."""
        number = 1
        with self._rows() as rows:
            while read := list(islice(rows, PIECE_ROWS)):
                numbers: range | list[int] = range(number, number + len(read))
                number += len(read)
                if self.header is not None and numbers[0] == 1:
                    header = next((place for place, row in enumerate(read) if row), len(read) - 1)
                    numbers, read = numbers[header + 1 :], read[header + 1 :]
                yield self._piece(numbers, read, columns)

    def _piece(self, numbers: range | list[int], rows: list[list[str]], columns: tuple[int, ...]) -> Piece:
        width = self._width
        try:
            cells = tuple(zip(*rows, strict=True))
        except ValueError:
            cells = ()
        if len(cells) == width:
            return Piece(numbers, tuple(cells[column] for column in columns))
        whole = [(number, row) for number, row in zip(numbers, rows, strict=True) if len(row) == width]
        broken = tuple(number for number, row in zip(numbers, rows, strict=True) if row and len(row) != width)
        by_column = tuple(tuple(row[column] for _, row in whole) for column in columns)
        return Piece([number for number, _ in whole], by_column, broken)

    @contextmanager
    def _rows(self) -> Iterator[Iterator[list[str]]]:
        with self._text() as text:
            try:
                yield csv.reader(text, delimiter=self._delimiter)
            except csv.Error as error:
                raise DataUnreadable(str(self._path), f"it is no CSV file ({error}).") from None

    @contextmanager
    def _text(self) -> Iterator[TextIO]:
        with opened(self._path) as file:
            # Bytes that are no text become cells that are no numbers, and are found as such.
            yield TextIOWrapper(file, encoding=self._encoding, errors="replace", newline="")
