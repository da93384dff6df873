"""A file of ticks or candles as a source of ticks.

Decides which reader a name asks for, of which asset and period a file is, and that ticks which cannot be played in
order are not played at all. Does not know whether the prices make sense (``optionbus.data.checks``): check before you
run.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from math import inf
from pathlib import Path
from typing import Final

from messages.errors import BadData, InvalidArgument, UnknownFormat, UsageError
from messages.market import Candle, Symbol, Tick
from optionbus.data.columns import Columns, Decimals
from optionbus.data.csv_file import CsvTable
from optionbus.data.faults import finding
from optionbus.data.jsonl_file import JsonlTable
from optionbus.data.layout import Layout, layout_of
from optionbus.data.parquet_file import ParquetTable
from optionbus.data.playing import SHORTEST_PERIOD_SECONDS, period_of, played
from optionbus.data.rows import RowReader, Rows
from optionbus.data.source import BATCH
from optionbus.data.table import Table
from optionbus.data.times import Cell, TimeUnit, recognised, zone_of

ENDINGS: Final = (".csv", ".csv.gz", ".jsonl", ".jsonl.gz", ".parquet")
_UNIT_NAMES: Final = {
    TimeUnit.SECONDS: "seconds since 1970",
    TimeUnit.MILLISECONDS: "milliseconds since 1970",
    TimeUnit.MICROSECONDS: "microseconds since 1970",
    TimeUnit.NANOSECONDS: "nanoseconds since 1970",
}


def ending_of(path: Path) -> str:
    """Which of ``ENDINGS`` a name has.

    Raises:
        UnknownFormat: None of them.
    """
    name = path.name.lower()
    ending = next((each for each in ENDINGS if name.endswith(each)), None)
    if ending is None:
        raise UnknownFormat(str(path), ENDINGS)
    return ending


def read_data(
    path: str | Path, columns: Columns | None = None, symbol: str | None = None, period: float | None = None
) -> "DataFile":
    """Open a file of ticks or candles; only its first rows are read.

    Args:
        path: ``.csv``, ``.jsonl``, both also with ``.gz``, or ``.parquet``.
        columns: Which column is what; guessed where nothing is said.
        symbol: The asset, where the file has no column of assets (else: its name up to the first dot). Where it has
            one, only this asset is read.
        period: Of candles, in seconds; else the most frequent distance between them.

    Raises:
        BadData: There is nothing in it.
        ColumnsUnclear: Which column is what cannot be told.
        DataUnreadable: It is not there, or is not what its name says.
        ExtraMissing: It is a Parquet file, and PyArrow is not installed.
        InvalidArgument: There is no such period, or none can be told.
        UnknownFormat: Its name ends in something else.
    """
    path, columns = Path(path), columns or Columns()
    ending = ending_of(path)
    if ending == ".parquet":
        table: Table = ParquetTable(path, is_utc=columns.timezone.upper() == "UTC")
    else:
        table = CsvTable(path, columns.delimiter) if ending.startswith(".csv") else JsonlTable(path)
    if not table.first and not table.header:
        raise BadData(path.name, (finding("empty"),))
    return DataFile(path, table, columns, None if symbol is None else Symbol(symbol), period)


class DataFile:
    """A file of ticks or candles; a ``TickSource``. Made by ``read_data``.

    Attributes:
        name: The file's name, without its folder.
        period_seconds: Of its candles; None where it holds ticks.
    """

    def __init__(
        self, path: Path, table: Table, columns: Columns, symbol: Symbol | None, period_seconds: float | None
    ) -> None:
        self.name: Final = path.name
        self._table, self._columns = table, columns
        self._layout: Final[Layout] = layout_of(columns, table.header, table.first)
        self._symbols: tuple[Symbol, ...] | None = None
        if symbol is None and self._layout.asset is None:
            symbol = Symbol(path.name.partition(".")[0])
        self._symbol = symbol
        times = [table.first[self._layout.time[0]]] if table.first else []
        own = table.time_unit(self._layout.time[0])
        said = columns.unit if columns.unit is not TimeUnit.AUTO else None
        self._unit = TimeUnit.TEXT if len(self._layout.time) > 1 else own or said or recognised(times)
        self._has_commas = _has_commas(columns.decimals, [table.first[each] for each in self._layout.prices if times])
        self.period_seconds: Final = self._period(period_seconds) if self.is_candles else None

    @property
    def is_candles(self) -> bool:
        """Whether the file holds candles, which are played as ticks."""
        return self._layout.is_candles

    @property
    def symbols(self) -> tuple[Symbol, ...]:
        """The assets in the file, sorted; the file is read through for them once, if it was not before."""
        if self._symbols is None:
            for _ in self.rows():
                pass
        return self._symbols or ()

    @property
    def reading(self) -> str:
        """How the file is read, in a line for the user: what was guessed stands in it."""
        names = self._table.header or tuple(str(number + 1) for number in range(len(self._table.first)))
        prices = ", ".join(repr(names[each]) for each in self._layout.prices)
        asset = self._symbol if self._layout.asset is None else f"as in {names[self._layout.asset]!r}"
        unit = _UNIT_NAMES.get(self._unit, f"text, {self._columns.timezone} where it names no time zone")
        kind = "ticks" if self.period_seconds is None else f"candles of {self.period_seconds:g} s"
        time = " and ".join(repr(names[each]) for each in self._layout.time)
        return f"{self.name}: {kind}; time in {time} ({unit}); prices in {prices}; asset {asset}"

    def rows(self) -> Iterator[Rows]:
        """What is in the file, as it stands there, unchecked: some rows at a time.

        Raises:
            DataUnreadable: The file ends early, or is not what its name says.
        """
        seen: set[Symbol] = set()
        for rows in self._reader():
            seen.update(rows.symbols)
            yield rows
        self._symbols = tuple(sorted(seen))

    def batches(self, begin: float | None = None, end: float | None = None) -> Iterator[tuple[Tick, ...]]:
        """Its ticks from ``begin`` on and before ``end`` (UTC seconds), in batches; see ``TickSource``.

        Candles are played as ticks (``optionbus.data.playing``).

        Raises:
            BadData: A row cannot be read, or times go back.
            DataUnreadable: The file ends early, or is not what its name says.
        """
        least, bound = -inf if begin is None else begin, inf if end is None else end
        for ticks in self._played() if self.is_candles else self._ticks():
            times = [tick.time for tick in ticks]
            first, last = bisect_left(times, least), bisect_left(times, bound)
            for place in range(first, last, BATCH):
                yield tuple(ticks[place : min(place + BATCH, last)])
            if last < len(ticks):
                return

    def candles(self, begin: float | None = None, end: float | None = None) -> Iterator[tuple[Candle, ...]]:
        """Its candles that begin at ``begin`` or later and before ``end`` (UTC seconds), as they are in the file.

        Raises:
            BadData: A row cannot be read, or times go back.
            DataUnreadable: The file ends early, or is not what its name says.
            UsageError: The file holds ticks.
        """
        if self.period_seconds is None:
            raise UsageError(f"{self.name} holds ticks. batches() gives them; builder_for() builds candles of them.")
        least, bound = -inf if begin is None else begin, inf if end is None else end
        for rows in self._in_order():
            columns = (rows.symbols, rows.times, *rows.prices, rows.volumes)
            candles = tuple(
                Candle(
                    symbol=symbol,
                    time=time,
                    period_seconds=self.period_seconds,
                    open=opened,
                    high=high,
                    low=low,
                    close=close,
                    volume=volume,
                )
                for symbol, time, opened, high, low, close, volume in zip(*columns, strict=True)
                if least <= time < bound
            )
            if candles:
                yield candles
            if rows.times and rows.times[-1] >= bound:
                return

    def _reader(self) -> Iterable[Rows]:
        return RowReader(
            self._table,
            self._layout,
            unit=self._unit,
            zone=zone_of(self._columns.timezone),
            symbol=self._symbol,
            has_commas=self._has_commas,
        )

    def _period(self, said: float | None) -> float:
        period = period_of(self._reader()) if said is None else said
        if period is None and not self._table.first:
            return 0.0  # there are no candles: whoever checks is told
        if period is None:
            problem = f"{self.name} has no two candles of an asset to tell it by: give it, in seconds"
            raise InvalidArgument("The period", problem)
        if not SHORTEST_PERIOD_SECONDS <= period < inf:
            raise InvalidArgument("The period", f"{period:g} s is not at least {SHORTEST_PERIOD_SECONDS} s")
        return period

    def _ticks(self) -> Iterator[list[Tick]]:
        for rows in self._in_order():
            yield list(map(Tick, rows.symbols, rows.times, rows.prices[0], rows.times))

    def _played(self) -> Iterator[list[Tick]]:
        return played(self.candles())

    def _in_order(self) -> Iterator[Rows]:
        """The rows, if they can be read and are in order. Raises BadData."""
        last = -inf
        for rows in self.rows():
            if rows.unreadable:
                found = finding("unreadable", rows.unreadable, len(rows.unreadable), rows.example)
                raise BadData(self.name, (found,))
            times = [last, *rows.times]
            if sorted(times) != times:
                place = next(place for place, time in enumerate(rows.times) if time < times[place])
                raise BadData(self.name, (finding("unsorted", (rows.numbers[place],), 1),))
            last = times[-1]
            yield rows


def _has_commas(decimals: Decimals, prices: list[Cell]) -> bool:
    if decimals is not Decimals.AUTO:
        return decimals is Decimals.COMMA
    return any(re.fullmatch(r"\s*\d+,\d+\s*", cell) for cell in prices if isinstance(cell, str))
