"""Trend: while the quick average is above the slow one the price is said to rise, so it buys; below it sells.

A cool-down keeps its deals apart, and after a losing streak it stops for the day. Neither makes it win: on a random
walk ``python examples/strategies/honest.py`` shows what is left. They only make it lose more slowly; and since a day
that is ended by a streak ends in losses, the share that it wins looks worse than a coin's.
"""

from msgspec import Struct
from talipp.indicators import EMA

from messages.trading import DealResult, Outcome
from optionbus import Candle, Strategy

DAY_SECONDS = 86_400


class Trend(Strategy):
    """Trades with two moving averages."""

    class Params(Struct, frozen=True, kw_only=True):
        """What can be set from outside."""

        quick_candles: int = 8
        slow_candles: int = 21
        cool_down_seconds: int = 300
        """How long nothing is traded after a deal has closed."""
        streak: int = 5
        """So many losses in a row, and it stops until the next day (UTC)."""
        stake: float = 1.0
        duration_seconds: int = 60

    params: Params

    def on_start(self) -> None:
        """Make the averages."""
        self.quick = self.context.indicator(EMA(self.params.quick_candles))
        self.slow = self.context.indicator(EMA(self.params.slow_candles))
        self.quiet_until, self.losses = 0.0, 0

    def on_candle(self, candle: Candle) -> None:
        """Trade unless it is quiet, or an order or a deal is still under way."""
        context = self.context
        # The time is the market's, not the computer's: so the cool-down is the same in a backtest.
        is_busy = context.time < self.quiet_until or context.open_deals or context.unanswered
        if is_busy or self.quick[-1] is None or self.slow[-1] is None:
            return
        place = context.buy if self.quick[-1] > self.slow[-1] else context.sell
        place(candle.symbol, self.params.stake, self.params.duration_seconds)

    def on_deal_closed(self, result: DealResult) -> None:
        """Cool down, or stop for the day."""
        self.losses = self.losses + 1 if result.outcome is Outcome.LOSS else 0
        self.quiet_until = self.context.time + self.params.cool_down_seconds
        if self.losses >= self.params.streak:
            self.losses = 0
            self.quiet_until = (self.context.time // DAY_SECONDS + 1) * DAY_SECONDS
