"""Looks through a file of prices once, before anything runs with it.

Decides what is looked for, and gathers it: errors stop a run, remarks are printed. Nothing is mended. Memory does not
grow with the file. Does not know what is said of what was found (``optionbus.data.faults``), nor how gaps and
duplicates of one asset are told (``optionbus.data.sequence``).
"""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from math import inf, isfinite
from operator import le
from typing import Final

from msgspec import Struct

from messages.errors import BadData, DataUnreadable, InvalidArgument
from messages.findings import Finding, Severity
from messages.market import Symbol
from optionbus.data.data_file import DataFile
from optionbus.data.faults import RULES, SHOWN, finding
from optionbus.data.rows import Rows
from optionbus.data.sequence import Sequence, is_changing_night

EARLIEST: Final = datetime(1990, 1, 1, tzinfo=UTC).timestamp()
LATEST: Final = datetime(2101, 1, 1, tzinfo=UTC).timestamp()

_CLOCKS_DIFFER_SECONDS: Final = 60
"""So far ahead of this machine's clock another one's may be."""

_REPEATED_SECONDS: Final = (1800, 3600)
"""By so much times go back where an hour is repeated."""


class Findings(Struct, frozen=True, kw_only=True):
    """What is in a file of prices, and what is wrong with it.

    ``rows`` is how many rows could be read; ``begin`` and ``end`` are the times of the earliest and the latest (UTC
    seconds), None where there are none.
    """

    name: str
    rows: int
    symbols: tuple[Symbol, ...]
    begin: float | None
    end: float | None
    findings: tuple[Finding, ...]

    @property
    def errors(self) -> tuple[Finding, ...]:
        """Those that stop a run."""
        return tuple(each for each in self.findings if each.severity is Severity.ERROR)

    @property
    def remarks(self) -> tuple[Finding, ...]:
        """Those that are only told."""
        return tuple(each for each in self.findings if each.severity is Severity.REMARK)

    def raise_errors(self) -> None:
        """Stop where there are errors.

        Raises:
            BadData: There are; it carries them.
        """
        if self.errors:
            raise BadData(self.name, self.errors)


def check(data: DataFile, *, max_gap_seconds: float | None = None, now: float | None = None) -> Findings:
    """Look through a file of ticks or candles, once and from end to end.

    Args:
        data: The file, as ``read_data`` gives it.
        max_gap_seconds: A longer time without a row of an asset is a gap; None is ten times the median distance between
            its rows (of the first 10 000), and at least 60 s.
        now: The time (UTC seconds) after which the future begins; None is this machine's.

    Raises:
        InvalidArgument: ``max_gap_seconds`` is not above zero.
    """
    if max_gap_seconds is not None and not max_gap_seconds > 0:
        raise InvalidArgument("max_gap_seconds", f"{max_gap_seconds!r} is not above zero")
    moment = datetime.now(UTC).timestamp() if now is None else now
    run = _Check(data, max_gap_seconds, moment + _CLOCKS_DIFFER_SECONDS)
    try:
        for rows in data.rows():
            run.look(rows)
    except DataUnreadable as error:
        run.add(finding("damaged", text=error.problem))
    return run.findings()


class _Check:
    """What was found so far."""

    def __init__(self, data: DataFile, max_gap_seconds: float | None, future: float) -> None:
        self._data, self._max_gap_seconds, self._future = data, max_gap_seconds, future
        self._rows: dict[str, list[int]] = {}
        self._counts: Counter[str] = Counter()
        self._others: list[Finding] = []
        self._sequences: dict[Symbol, Sequence] = {}
        self._example = ""
        """What stands in the first row that cannot be read."""
        self._read, self._last, self._begin, self._end = 0, -inf, inf, -inf

    def add(self, found: Finding) -> None:
        """Take in what no row shows."""
        self._others.append(found)

    def look(self, rows: Rows) -> None:
        """Look at rows that follow those before."""
        self._note("unreadable", rows.unreadable)
        self._example = self._example or rows.example
        if not rows.times:
            return
        self._read += len(rows.times)
        self._look_at_prices(rows)
        self._look_at_times(rows)
        self._look_at_assets(rows)

    def findings(self) -> Findings:
        """All that was found, in the order of the rules."""
        for symbol in sorted(self._sequences):
            for found in self._sequences[symbol].findings():
                self.add(found)
        if not self._read and not self._counts and not self._others:
            self.add(finding("empty"))
        if len(self._sequences) > 1:
            text = f"It has {len(self._sequences)} assets: {', '.join(sorted(self._sequences))}."
            self.add(finding("several assets", text=text))
        noted = [
            finding(rule, tuple(rows), self._counts[rule], self._example if rule == "unreadable" else "")
            for rule, rows in self._rows.items()
        ]
        order = list(RULES)
        return Findings(
            name=self._data.name,
            rows=self._read,
            symbols=tuple(sorted(self._sequences)),
            begin=self._begin if self._read else None,
            end=self._end if self._read else None,
            findings=tuple(sorted([*noted, *self._others], key=lambda each: order.index(each.rule))),
        )

    def _note(self, rule: str, rows: Iterable[int]) -> None:
        for row in rows:
            self._counts[rule] += 1
            if self._counts[rule] <= SHOWN:
                self._rows.setdefault(rule, []).append(row)

    def _look_at_prices(self, rows: Rows) -> None:
        if not all(isfinite(sum(prices)) and min(prices) > 0 for prices in rows.prices):
            flawed = (any(not 0 < price < inf for price in prices) for prices in zip(*rows.prices, strict=True))
            self._note("not a price", (number for number, is_bad in zip(rows.numbers, flawed, strict=True) if is_bad))
        if len(rows.prices) == 1:
            return
        opened, highs, lows, closed = rows.prices
        pairs = ((lows, opened), (lows, closed), (opened, highs), (closed, highs))
        if not all(all(map(le, lower, upper)) for lower, upper in pairs):
            candles = zip(rows.numbers, *rows.prices, strict=True)
            # Comparisons with a NaN are false: those are no prices, and said to be none.
            impossible = (n for n, o, h, low, c in candles if low > o or low > c or o > h or c > h)
            self._note("impossible candle", impossible)

    def _look_at_times(self, rows: Rows) -> None:
        times, numbers = rows.times, rows.numbers
        earliest, latest = min(times), max(times)
        if earliest < EARLIEST or latest >= LATEST:
            wrong = (n for n, time in zip(numbers, times, strict=True) if not EARLIEST <= time < LATEST)
            self._note("impossible year", wrong)
        if latest > self._future:
            ahead = (n for n, time in zip(numbers, times, strict=True) if self._future < time < LATEST)
            self._note("future", ahead)
        before = [self._last, *times[:-1]]
        if not all(map(le, before, times)):
            back = [(n, old, time) for n, old, time in zip(numbers, before, times, strict=True) if time < old]
            repeated = {n for n, old, time in back if _is_repeated(old - time, time)}
            self._note("repeated hour", sorted(repeated))
            self._note("unsorted", (n for n, _, _ in back if n not in repeated))
        self._last = times[-1]
        self._begin, self._end = min(self._begin, earliest), max(self._end, latest)

    def _look_at_assets(self, rows: Rows) -> None:
        symbols = set(rows.symbols)
        prices = list(zip(*rows.prices, strict=True))
        if len(symbols) == 1:
            self._sequence(symbols.pop()).look(rows.numbers, rows.times, prices)
            return
        places: dict[Symbol, list[int]] = {symbol: [] for symbol in symbols}
        for place, symbol in enumerate(rows.symbols):
            places[symbol].append(place)
        for symbol, own in places.items():
            numbers, times = [rows.numbers[place] for place in own], [rows.times[place] for place in own]
            self._sequence(symbol).look(numbers, times, [prices[place] for place in own])

    def _sequence(self, symbol: Symbol) -> Sequence:
        if symbol not in self._sequences:
            self._sequences[symbol] = Sequence(symbol, self._max_gap_seconds)
        return self._sequences[symbol]


def _is_repeated(back_seconds: float, time: float) -> bool:
    shortest, longest = _REPEATED_SECONDS
    return shortest <= back_seconds <= longest and is_changing_night(time)
