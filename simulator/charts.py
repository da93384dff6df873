"""What a chart shows: the replies to ``changeSymbol`` and ``loadHistoryPeriod``.

Decides how many candles and ticks one reply has, and how stale its newest candle is. A candle begins at a multiple
of its period on the platform's clock. Does not know who asked.
"""

from bisect import bisect_left
from collections.abc import Iterator
from functools import lru_cache
from math import ceil
from typing import Final

from simulator.assets import LISTINGS
from simulator.clocks import SERVER_AHEAD_SECONDS, server_time, true_time
from simulator.market import MINUTE_SECONDS, Bar, Market
from simulator.requests import ChangeSymbol, LoadHistoryPeriod

LONGEST_PERIOD_SECONDS: Final = 86_400
RECENT_CANDLES: Final = 100
RECENT_TICKS_SECONDS: Final = 600
STALE_SECONDS: Final = 300
PAGE_CANDLES: Final = 150
PAGE_TICKS: Final = 3000
KEPT_SECONDS: Final = 365 * 86_400
"""Whoever pages further back gets an empty page."""

_KEPT_BARS: Final = 4096
_KEPT_MINUTES: Final = 256

Point = list[float]
"""The platform's time and the price of a tick."""


class Charts:
    """Candles and ticks in the platform's shapes; ``speed`` shortens the candles.

    Some clients count ``offset`` in candles, some in seconds. Taken as candles it is never less than was meant;
    ``offset_in_seconds`` takes it as seconds.
    """

    def __init__(self, market: Market, speed: float, *, offset_in_seconds: bool = False) -> None:
        self._market = market
        self._speed = speed
        self._offset_in_seconds = offset_in_seconds
        # What is past stays as it is, and whoever comes back asks for nearly the same again.
        self._bar = lru_cache(_KEPT_BARS)(market.bar)
        self._minute = lru_cache(_KEPT_MINUTES)(self._points_of_minute)

    def recent(self, request: ChangeSymbol, now: float) -> dict[str, object] | None:
        """Recent ticks, ascending, and candles, descending; None for what cannot be shown."""
        if request.asset not in LISTINGS or not 0 < request.period <= LONGEST_PERIOD_SECONDS:
            return None
        return {
            "asset": request.asset,
            "period": request.period,
            "history": self._points(request.asset, now - RECENT_TICKS_SECONDS, now),
            "candles": [[start, *bar] for start, bar in self._recent_candles(request, now)],
        }

    def page(self, request: LoadHistoryPeriod, now: float) -> dict[str, object] | None:
        """What ended before the time asked for: candles, or ticks where the period is 0; None if neither can be."""
        if request.asset not in LISTINGS or not 0 <= request.period <= LONGEST_PERIOD_SECONDS:
            return None
        end = min(true_time(request.time), now)
        return {
            "asset": request.asset,
            "index": request.index,
            "data": self._rows(request, end) if end > now - KEPT_SECONDS else [],
            "period": request.period,
        }

    def _points(self, symbol: str, start: float, end: float) -> list[Point]:
        """The ticks with ``start <= time < end``, ascending."""
        points: list[Point] = []
        for index in range(int(start // MINUTE_SECONDS), ceil(end / MINUTE_SECONDS)):
            times, minute = self._minute(symbol, index)
            points += minute[bisect_left(times, start) : bisect_left(times, end)]
        return points

    def _points_of_minute(self, symbol: str, index: int) -> tuple[list[float], list[Point]]:
        """The ticks of a minute, and the times (UTC) by which they are found."""
        ticks = self._market.ticks(symbol, index * MINUTE_SECONDS, (index + 1) * MINUTE_SECONDS)
        return [tick.time for tick in ticks], [[server_time(tick.time), tick.price] for tick in ticks]

    def _recent_candles(self, request: ChangeSymbol, now: float) -> Iterator[tuple[int, Bar]]:
        length = self._length(request.period)
        forming = _floor(now, length)
        # The platform's forming candle lags behind its ticks: whoever wants it fresh applies those on top.
        stale = max((forming + now) / 2, now - STALE_SECONDS)
        begun = self._market.bar(request.asset, forming, stale)
        if begun is not None:
            yield forming + SERVER_AHEAD_SECONDS, begun
        yield from self._candles(request.asset, forming, length, RECENT_CANDLES - 1)

    def _candles(self, symbol: str, end: int, length: int, count: int) -> Iterator[tuple[int, Bar]]:
        """Closed candles, newest first, each with the platform's time of its beginning."""
        for start in range(end - length, end - (count + 1) * length, -length):
            bar = self._bar(symbol, start, start + length)
            if bar is not None:
                yield start + SERVER_AHEAD_SECONDS, bar

    def _rows(self, request: LoadHistoryPeriod, end: float) -> list[dict[str, object]]:
        return self._candle_rows(request, end) if request.period else self._tick_rows(request, end)

    def _candle_rows(self, request: LoadHistoryPeriod, end: float) -> list[dict[str, object]]:
        length = self._length(request.period)
        wanted = request.offset / request.period if self._offset_in_seconds else request.offset
        count = int(min(max(wanted, 1), PAGE_CANDLES))
        candles = list(self._candles(request.asset, _floor(end, length), length, count))
        symbol_id = LISTINGS[request.asset].id
        return [
            {"symbol_id": symbol_id, "time": start, **bar._asdict(), "asset": request.asset}
            for start, bar in reversed(candles)
        ]

    def _tick_rows(self, request: LoadHistoryPeriod, end: float) -> list[dict[str, object]]:
        lookback = min(max(request.offset, 1), PAGE_TICKS)
        ticks = self._market.ticks(request.asset, end - lookback, end)[-PAGE_TICKS:]
        return [{"asset": request.asset, "time": server_time(tick.time), "price": tick.price} for tick in ticks]

    def _length(self, period: int) -> int:
        return max(1, round(period / self._speed))


def _floor(moment: float, length: int) -> int:
    """The beginning of the candle around a moment, in UTC; the platform aligns candles on its own clock."""
    return int((moment + SERVER_AHEAD_SECONDS) // length) * length - SERVER_AHEAD_SECONDS
