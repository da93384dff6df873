"""Breakout: a price that leaves the range of the last candles goes on in that direction, or so it is hoped.

On a random walk it goes anywhere: ``python examples/strategies/honest.py`` shows it.
"""

from collections import deque

from msgspec import Struct

from messages.market import Symbol
from optionbus import Candle, Strategy


class Breakout(Strategy):
    """Trades with the move when a candle closes outside the range of those before it."""

    class Params(Struct, frozen=True, kw_only=True):
        """What can be set from outside."""

        range_candles: int = 20
        stake: float = 1.0
        duration_seconds: int = 120

    params: Params

    def on_start(self) -> None:
        """Keep a range for each asset: the same class trades one or ten."""
        self.before: dict[Symbol, deque[Candle]] = {
            Symbol(asset): deque(maxlen=self.params.range_candles) for asset in self.assets
        }

    def on_candle(self, candle: Candle) -> None:
        """Compare with the candles before this one, then let it be one of them."""
        before = self.before[candle.symbol]
        # A range of fewer candles is narrower: there would be a break at every other one.
        if len(before) == before.maxlen and not self.is_in(candle.symbol):
            if candle.close > max(each.high for each in before):
                self.context.buy(candle.symbol, self.params.stake, self.params.duration_seconds)
            elif candle.close < min(each.low for each in before):
                self.context.sell(candle.symbol, self.params.stake, self.params.duration_seconds)
        before.append(candle)

    def is_in(self, symbol: Symbol) -> bool:
        """Whether a deal is open: the candles after a break often leave the range too, and it is the same bet."""
        return any(deal.symbol == symbol for deal in self.context.open_deals)
