"""A file as rows of cells: the port that the readers of CSV, JSON lines and Parquet implement.

Decides what a reader gives. Does not know what a cell means (``optionbus.data.layout``).
"""

from collections.abc import Iterator, Sequence
from typing import Final, Protocol

from msgspec import Struct

from optionbus.data.times import Cell, TimeUnit

PIECE_ROWS: Final = 512
"""How many rows are read at a time: of a file, no more is in memory. More of them are read slower, not faster: there is
more for the garbage collector to look through, and less in the processor's cache."""


class Piece(Struct, frozen=True, gc=False):
    """Some rows that follow each other.

    ``numbers`` are those of the rows in the file, from 1 on; ``columns`` the cells, a column at a time, in the order
    in which the columns were asked for; ``broken`` the numbers of rows that are none, and are not in ``columns``.
    """

    numbers: Sequence[int]
    columns: tuple[Sequence[Cell], ...]
    broken: tuple[int, ...] = ()


class Table(Protocol):
    """A file that is read from its beginning as often as wanted, in memory that does not grow with it."""

    @property
    def header(self) -> tuple[str, ...] | None:
        """The names of the columns; None where the file does not say."""
        ...

    @property
    def first(self) -> tuple[Cell, ...]:
        """The first row after the header; empty where there is none."""
        ...

    def time_unit(self, column: int) -> TimeUnit | None:
        """The unit that the file itself says a column of times is in, if it does."""
        ...

    def pieces(self, columns: tuple[int, ...]) -> Iterator[Piece]:
        """The rows, of these columns (counted from 0).

        Raises:
            DataUnreadable: The file ends early, or is not what its name says.
        """
        ...
