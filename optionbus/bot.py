"""Several strategies over several assets, together: live, at the simulated broker, or on prices of the past.

Decides nothing but who takes part. What is done with them is the client's and the backtest's.
"""

from collections.abc import Sequence
from typing import Any, Self

from msgspec import Struct

from actors.strategies.strategy import Strategy
from optionbus.backtest.engine import Backtest, Progress
from optionbus.client import PocketOption
from optionbus.data.source import TickSource
from optionbus.report.result import RunResult


class Bot:
    """Strategies that trade one account.

    Example:
        >>> from optionbus import Bot, Strategy
        >>> from optionbus.backtest.source import SimulatedSource
        >>> class Contrarian(Strategy):
        ...     def on_candle(self, candle):
        ...         if candle.close > candle.open:
        ...             self.context.sell(candle.symbol, 1, 60)
        >>> bot = Bot().add(Contrarian, assets=["EURUSD_otc"], period_seconds=60)
        >>> result = bot.backtest(SimulatedSource(7, ["EURUSD_otc"]), end=1_700_003_600)
        >>> len(result.trades) > 10
        True
    """

    def __init__(self, *strategies: type[Strategy]) -> None:
        self.strategies = strategies

    def add(
        self,
        strategy: type[Strategy],
        *,
        assets: Sequence[str] | None = None,
        period_seconds: int | None = None,
        params: Struct | None = None,
        name: str | None = None,
    ) -> Self:
        """Let a strategy take part, with these assets, this period and these parameters; gives the bot."""
        configured = strategy.configured(assets=assets, period_seconds=period_seconds, params=params, name=name)
        self.strategies = (*self.strategies, configured)
        return self

    def client(self, ssid: str, **options: Any) -> PocketOption:  # noqa: ANN401 - those of PocketOption
        """A client with the strategies in it; takes what PocketOption takes."""
        return PocketOption(ssid, actors=self.strategies, **options)

    def simulated(self, **options: Any) -> PocketOption:  # noqa: ANN401 - those of PocketOption.simulated
        """A client of the simulated broker with the strategies in it; takes what PocketOption.simulated takes."""
        return PocketOption.simulated(actors=self.strategies, **options)

    def backtest(
        self,
        source: TickSource,
        *,
        progress: Progress = lambda _time, _ticks: None,
        **options: Any,  # noqa: ANN401
    ) -> RunResult:
        """Let the strategies trade on a source; takes what Backtest takes."""
        return Backtest(self.strategies, source, **options).run(progress)
