"""The rows of one asset, one after the other: what is missing between them, and what is there twice.

Decides what a gap is, which gap is a weekend or an hour that summer time took, and what a duplicate is. Rows that are
out of order are somebody else's (``optionbus.data.checks``) and count for nothing here.
"""

from collections.abc import Sequence as Rows
from datetime import UTC, datetime
from itertools import pairwise
from math import ceil
from statistics import median
from typing import Final

from messages.findings import Finding
from messages.market import Symbol
from optionbus.data.faults import SHOWN, finding

SMALLEST_GAP_SECONDS: Final = 60.0
MEDIANS: Final = 10
FOR_MEDIAN: Final = 10_000
"""So many distances are looked at before it is known what a gap is."""

_HOUR_SECONDS, _DAY_SECONDS, _WEEK_SECONDS = 3600, 86_400, 604_800
_LONGEST_WEEKEND_SECONDS: Final = 4 * _DAY_SECONDS
_SATURDAY_NOON_SECONDS: Final = 2 * _DAY_SECONDS + _DAY_SECONDS / 2
"""Of the week that began on Thursday, 1 January 1970."""

_SUNDAY: Final = 6
_CHANGING_MONTHS: Final = frozenset({3, 4, 9, 10, 11})
_END_OF_NIGHT: Final = 5


def is_changing_night(time: float) -> bool:
    """Whether local time, taken for UTC, may be that of a night in which clocks are changed somewhere."""
    moment = datetime.fromtimestamp(time, UTC)
    is_night = moment.weekday() == _SUNDAY and moment.hour <= _END_OF_NIGHT
    return is_night and moment.month in _CHANGING_MONTHS


class Sequence:
    """What one asset's rows showed so far. ``max_gap_seconds`` None is found out from the first of them."""

    def __init__(self, symbol: Symbol, max_gap_seconds: float | None) -> None:
        self._symbol, self._max_gap_seconds = symbol, max_gap_seconds
        self._distances: list[float] = []
        self._waiting: list[tuple[int, float, float]] = []
        """Row, begin and end of what may be gaps, until it is known what a gap is."""
        self._time: float | None = None
        self._prices: set[tuple[float, ...]] = set()
        """Of the rows of the latest time."""
        self._rows: dict[str, list[int]] = {}
        self._counts: dict[str, int] = {}
        self._longest = 0.0

    def look(self, numbers: Rows[int], times: Rows[float], prices: Rows[tuple[float, ...]]) -> None:
        """Look at rows (their numbers, times in UTC seconds, and prices) that follow those before."""
        before = times[0] if self._time is None else self._time
        distances = [after - earlier for earlier, after in pairwise([before, *times])]
        self._look_for_gaps(numbers, times, distances)
        self._look_for_duplicates(numbers, times, prices, distances)
        self._time = times[-1]

    def findings(self) -> tuple[Finding, ...]:
        """What was found."""
        self._settle()
        return tuple(
            finding(rule, tuple(rows), self._counts[rule], self._gaps() if rule == "gap" else self._of_asset())
            for rule, rows in self._rows.items()
        )

    def _of_asset(self) -> str:
        return f"{self._symbol}:" if self._symbol else ""

    def _gaps(self) -> str:
        longest = ceil(self._longest)
        return (
            f"{self._of_asset()} Nothing is there for longer than {self._max_gap_seconds:g} s before these rows, "
            f"{longest} s at most. Fetch what is missing, or give max_gap_seconds={longest} if the market was closed."
        )

    def _look_for_gaps(self, numbers: Rows[int], times: Rows[float], distances: list[float]) -> None:
        limit = SMALLEST_GAP_SECONDS if self._max_gap_seconds is None else self._max_gap_seconds
        if max(distances) > limit:
            spans = zip(numbers, times, distances, strict=True)
            self._waiting += [(row, time - distance, time) for row, time, distance in spans if distance > limit]
        if self._max_gap_seconds is None:
            self._distances += [distance for distance in distances if distance >= 0]
            if len(self._distances) < FOR_MEDIAN:
                return
        self._settle()

    def _settle(self) -> None:
        """Say of what was noted whether it is a gap."""
        if self._max_gap_seconds is None:
            # The first row's distance is from itself.
            usual = median(self._distances[1:]) if len(self._distances) > 1 else 0.0
            self._max_gap_seconds = max(MEDIANS * usual, SMALLEST_GAP_SECONDS)
            self._distances.clear()
        for row, begin, end in self._waiting:
            if end - begin > self._max_gap_seconds:
                rule = _kind(begin, end, self._max_gap_seconds / MEDIANS)
                self._longest = max(self._longest, end - begin if rule == "gap" else 0.0)
                self._note(rule, row)
        self._waiting.clear()

    def _look_for_duplicates(
        self, numbers: Rows[int], times: Rows[float], prices: Rows[tuple[float, ...]], distances: list[float]
    ) -> None:
        if min(distances[1:] or [1.0]) > 0 and (self._time is None or distances[0] > 0):
            self._prices = {prices[-1]}
            return
        latest = self._time
        for row, time, own in zip(numbers, times, prices, strict=True):
            if time != latest:
                self._prices = {own}
            elif own in self._prices:
                self._note("duplicate", row)
            else:
                self._prices.add(own)
                if len(own) > 1:
                    self._note("contradiction", row)
            latest = time

    def _note(self, rule: str, row: int) -> None:
        self._counts[rule] = self._counts.get(rule, 0) + 1
        if self._counts[rule] <= SHOWN:
            self._rows.setdefault(rule, []).append(row)


def _kind(begin: float, end: float, usual_seconds: float) -> str:
    """What a gap is, where rows are usually so far apart."""
    saturday_noon = begin + (_SATURDAY_NOON_SECONDS - begin) % _WEEK_SECONDS  # the next one
    if saturday_noon < end and end - begin <= _LONGEST_WEEKEND_SECONDS:
        return "weekend"
    more_seconds = end - begin - _HOUR_SECONDS
    is_hour = 0 <= more_seconds <= max(usual_seconds, SMALLEST_GAP_SECONDS)
    return "missing hour" if is_hour and is_changing_night(end) else "gap"
