"""Cells made into symbols, times and prices, a whole column at a time.

Decides which rows can be read and which cannot. Does not know whether what was read makes sense
(``optionbus.data.checks``), nor where the rows came from.
"""

from collections.abc import Iterator, Sequence
from datetime import tzinfo
from itertools import compress
from typing import Final

from msgspec import Struct, structs

from messages.market import Symbol
from optionbus.data.layout import Layout
from optionbus.data.table import Piece, Table
from optionbus.data.times import Cell, TimeReader, TimeUnit

UNREADABLE: Final = (ValueError, TypeError, OverflowError)


class Rows(Struct, frozen=True, gc=False):
    """Some rows that follow each other; all lists are of the same length.

    ``numbers`` are those of the rows in the file; ``times`` UTC seconds; ``prices`` one list, or those of open, high,
    low and close; ``volumes`` None where nothing tells. The rows in ``unreadable`` are in none of them; ``example``
    says what stands in the first.
    """

    numbers: Sequence[int]
    symbols: Sequence[Symbol]
    times: list[float]
    prices: tuple[list[float], ...]
    volumes: Sequence[float | None]
    unreadable: tuple[int, ...] = ()
    example: str = ""


class RowReader:
    """Reads the rows of a table, once. ``symbol`` is the asset of them all, or the one that is wanted of several."""

    def __init__(
        self, table: Table, layout: Layout, *, unit: TimeUnit, zone: tzinfo, symbol: Symbol | None, has_commas: bool
    ) -> None:
        self._table, self._layout, self._symbol, self._has_commas = table, layout, symbol, has_commas
        self._times = TimeReader(unit, zone)

    def __iter__(self) -> Iterator[Rows]:
        """All rows, from the first one on. Raises DataUnreadable."""
        for piece in self._table.pieces(self._layout.columns):
            try:
                rows = self._read(piece.numbers, piece.columns)
            except UNREADABLE:
                rows = self._one_by_one(piece)
            if piece.broken:
                unreadable = tuple(sorted({*rows.unreadable, *piece.broken}))
                rows = structs.replace(rows, unreadable=unreadable)
            if rows.times or rows.unreadable:
                yield self._wanted(rows)

    def _read(self, numbers: Sequence[int], columns: Sequence[Sequence[Cell]]) -> Rows:
        layout, count = self._layout, len(numbers)
        rest = iter(columns)
        parts = [next(rest) for _ in layout.time]
        times = self._times.read(parts[0] if len(parts) == 1 else [f"{a} {b}" for a, b in zip(*parts, strict=True)])
        prices = tuple(self._numbers(next(rest)) for _ in layout.prices)
        volumes = [None] * count if layout.volume is None else self._volumes(next(rest))
        symbols = [self._symbol or Symbol("")] * count if layout.asset is None else _symbols(next(rest))
        return Rows(numbers, symbols, times, prices, volumes)

    def _one_by_one(self, piece: Piece) -> Rows:
        """What can be read of a piece that cannot be read as a whole."""
        read: list[Rows] = []
        unreadable: list[int] = []
        example = ""
        for number, *cells in zip(piece.numbers, *piece.columns, strict=True):
            try:
                read.append(self._read((number,), [(cell,) for cell in cells]))
            except UNREADABLE:
                unreadable.append(number)
                example = example or f"Row {number} has {', '.join(map(repr, cells))}."
        prices = tuple([rows.prices[place][0] for rows in read] for place in range(len(self._layout.prices)))
        return Rows(
            [rows.numbers[0] for rows in read],
            [rows.symbols[0] for rows in read],
            [rows.times[0] for rows in read],
            prices,
            [rows.volumes[0] for rows in read],
            tuple(unreadable),
            example,
        )

    def _numbers(self, cells: Sequence[Cell]) -> list[float]:
        if self._has_commas:
            cells = [cell.replace(",", ".") if isinstance(cell, str) else cell for cell in cells]
        return list(map(float, cells))  # type: ignore[arg-type] # None raises TypeError

    def _volumes(self, cells: Sequence[Cell]) -> list[float | None]:
        if None not in cells and "" not in cells:
            return [*self._numbers(cells)]
        return [None if cell is None or cell == "" else self._numbers((cell,))[0] for cell in cells]

    def _wanted(self, rows: Rows) -> Rows:
        if self._layout.asset is None or self._symbol is None or set(rows.symbols) == {self._symbol}:
            return rows
        is_wanted = [symbol == self._symbol for symbol in rows.symbols]
        return structs.replace(
            rows,
            numbers=list(compress(rows.numbers, is_wanted)),
            symbols=list(compress(rows.symbols, is_wanted)),
            times=list(compress(rows.times, is_wanted)),
            prices=tuple(list(compress(prices, is_wanted)) for prices in rows.prices),
            volumes=list(compress(rows.volumes, is_wanted)),
        )


def _symbols(cells: Sequence[Cell]) -> list[Symbol]:
    if None in cells or "" in cells:
        raise ValueError
    return list(map(Symbol, map(str, cells)))
