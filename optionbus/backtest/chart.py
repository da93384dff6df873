"""Candles of a whole run for its chart, of whatever length the run turns out to be.

Theory of operation. Candles are kept in the finest period that has not yet made too many of them; when there are, two
or more become one of the next period.

Decides how fine a chart is. Does not know what is drawn.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from operator import attrgetter
from typing import Final

from messages.market import Candle, Symbol, Tick
from optionbus.report.chart_view import coarser
from optionbus.report.result import Chart

MOST_CANDLES: Final = 2_000
"""How many candles a chart has at most."""

_PERIODS: Final = (1, 5, 15, 30, 60, 300, 900, 1800, 3600, 14_400, 86_400, 604_800)

_time, _price, _symbol = attrgetter("time"), attrgetter("price"), attrgetter("symbol")


class ChartKeeper:
    """The candles of each asset as far as its ticks have come."""

    def __init__(self, symbols: Sequence[Symbol], most: int = MOST_CANDLES) -> None:
        self._most = most
        self._candles: dict[Symbol, list[Candle]] = {symbol: [] for symbol in symbols}
        self._period = dict.fromkeys(symbols, 0)

    def watch(self, batches: Iterator[tuple[Tick, ...]]) -> Iterator[tuple[Tick, ...]]:
        """The same batches, each looked at as it goes by."""
        for batch in batches:
            for symbol, candles in self._candles.items():
                own = batch if len(self._candles) == 1 else tuple(tick for tick in batch if tick.symbol == symbol)
                self._add(symbol, candles, own)
            yield batch

    def charts(self) -> tuple[Chart, ...]:
        """What there is of each asset."""
        return tuple(
            Chart(symbol=symbol, period_seconds=_PERIODS[self._period[symbol]], candles=tuple(candles))
            for symbol, candles in self._candles.items()
            if candles
        )

    def _add(self, symbol: Symbol, candles: list[Candle], ticks: Sequence[Tick]) -> None:
        place = 0
        while place < len(ticks):
            period = _PERIODS[self._period[symbol]]
            start = ticks[place].time // period * period
            end = bisect_left(ticks, start + period, place, key=_time)
            prices = [tick.price for tick in ticks[place:end]]
            place = end
            candle = _candle(symbol, start, period, prices)
            before = [candles.pop()] if candles and candles[-1].time == start else []
            candles.extend(coarser([*before, candle], period))
            if len(candles) > self._most:
                self._coarsen(symbol, candles)

    def _coarsen(self, symbol: Symbol, candles: list[Candle]) -> None:
        while len(candles) > self._most // 2 and self._period[symbol] < len(_PERIODS) - 1:
            self._period[symbol] += 1
            candles[:] = coarser(candles, _PERIODS[self._period[symbol]])


def _candle(symbol: Symbol, time: float, period: int, prices: Sequence[float]) -> Candle:
    return Candle(
        symbol=symbol,
        time=time,
        period_seconds=period,
        open=prices[0],
        high=max(prices),
        low=min(prices),
        close=prices[-1],
    )
