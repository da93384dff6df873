"""Indicators: fed with each closed candle, warmed up with those before.

Decides what an indicator is fed with, and that it keeps no more than it needs. Does not know how one is computed.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final, Protocol

from messages.market import Candle, Symbol

WARM_UP: Final = 200
"""How many candles an indicator is given before the first, unless it is said otherwise."""

_KEPT: Final = 2_000
"""How many values an indicator may pile up before the older half goes."""

Reading = Callable[[Candle], Any]
"""What of a candle an indicator is fed with."""


class Indicator(Protocol):
    """What talipp's indicators have in common."""

    input_values: list[Any]

    def add(self, value: Any) -> None:  # noqa: ANN401 - a float or an OHLCV
        """Take in a value."""

    def purge_oldest(self, size: int) -> None:
        """Forget the oldest values."""


def close(candle: Candle) -> float:
    """The closing price: what most indicators are made of."""
    return candle.close


def ohlcv(candle: Candle) -> object:
    """The whole candle, for indicators of highs and lows."""
    from talipp.ohlcv import OHLCV  # noqa: PLC0415 - only where it is asked for

    return OHLCV(candle.open, candle.high, candle.low, candle.close, candle.volume or 0)


class Indicators:
    """The indicators of one asset and period, in the order in which they were made."""

    def __init__(self, symbol: Symbol, period_seconds: int) -> None:
        self.symbol = symbol
        self.period_seconds = period_seconds
        self.warm_up = 0
        self._latest = 0.0
        self._fed: list[tuple[Indicator, Reading]] = []

    def add(self, indicator: Indicator, reading: Reading, warm_up: int) -> None:
        """Have an indicator fed from now on."""
        self._fed.append((indicator, reading))
        self.warm_up = max(self.warm_up, warm_up)

    def feed(self, candle: Candle) -> None:
        """A candle has closed; one that was fed already changes nothing."""
        if candle.time < self._latest:
            return
        self._latest = candle.time + self.period_seconds
        for indicator, reading in self._fed:
            indicator.add(reading(candle))
            if len(indicator.input_values) > _KEPT:
                indicator.purge_oldest(_KEPT // 2)

    def feed_all(self, candles: Iterable[Candle]) -> None:
        """The candles before the first."""
        for candle in candles:
            self.feed(candle)
