"""Reversal: what has fallen too far comes back, says the RSI; so it buys there, and sells what has risen too far.

On a random walk nothing comes back: ``python examples/strategies/honest.py`` shows it.
"""

from msgspec import Struct
from talipp.indicators import RSI

from optionbus import Candle, Strategy


class Reversal(Strategy):
    """Trades against the move when the RSI enters an extreme."""

    class Params(Struct, frozen=True, kw_only=True):
        """What can be set from outside."""

        rsi_candles: int = 14
        low: float = 30.0
        """Below it the price has fallen too far."""
        high: float = 70.0
        """Above it the price has risen too far."""
        stake: float = 1.0
        duration_seconds: int = 60

    params: Params

    def on_start(self) -> None:
        """Make the indicator; it is fed with the candles before the first, so that it has a value from the first on."""
        self.rsi = self.context.indicator(RSI(self.params.rsi_candles))
        self.was_extreme = False

    def on_candle(self, candle: Candle) -> None:
        """Trade on entering an extreme, not on staying in it: an RSI can stay there for long, and so would a loss."""
        value = self.rsi[-1]
        if value is None:  # there were too few candles before
            return
        is_extreme = not self.params.low <= value <= self.params.high
        if is_extreme and not self.was_extreme:
            place = self.context.buy if value < self.params.low else self.context.sell
            place(candle.symbol, self.params.stake, self.params.duration_seconds)
        self.was_extreme = is_extreme
