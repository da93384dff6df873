"""One trial of a sweep: a strategy with some parameters, played on some prices and judged.

Decides what a process has to be given to run trials: a class that can be imported by its name, and what it was
configured with. Does not know which trials there are, nor where they are run.
"""

import pickle
from collections.abc import Callable
from typing import Self

from msgspec import Struct

from actors.strategies.market_model import MarketSettings
from actors.strategies.strategy import Strategy
from messages.errors import BusError, UsageError
from optionbus.backtest.engine import Backtest
from optionbus.backtest.ranges import Chosen, made_of
from optionbus.backtest.score import Objective, Score, failed, score
from optionbus.data.source import TickSource


class Recipe(Struct, frozen=True, kw_only=True):
    """A strategy as another process can make it: a class of a module, and what it was configured with."""

    base: type[Strategy]
    assets: tuple[str, ...]
    period_seconds: int
    params: Struct | None
    name: str

    @classmethod
    def of(cls, kind: type[Strategy]) -> Self:
        """That of a strategy."""
        base = kind
        while "configured_from" in vars(base):
            base = vars(base)["configured_from"]
        return cls(
            base=base,
            assets=kind.assets,
            period_seconds=kind.period_seconds,
            params=kind.params,
            name=kind.__name__,
        )

    def made(self, chosen: Chosen) -> type[Strategy]:
        """The strategy with what was chosen."""
        params = made_of(self.base.Params, self.params, chosen)
        return self.base.configured(
            assets=self.assets, period_seconds=self.period_seconds, params=params, name=self.name
        )


class Span(Struct, frozen=True):
    """From when to when a trial is played, in UTC seconds; None: as far as the source goes."""

    begin: float | None
    end: float | None


class Experiment(Struct, frozen=True, kw_only=True):
    """All that the trials of a sweep have in common."""

    recipe: Recipe
    source: TickSource
    market: MarketSettings | None
    seed: int
    objective: Objective
    least_trades: int

    def run(self, chosen: Chosen, span: Span, progress: Callable[[], None] = lambda: None) -> Score:
        """Play one trial and judge it; ``progress`` is called now and then."""
        try:
            kind = self.recipe.made(chosen)
        except UsageError as error:
            return Score(worth=None, reason=str(error))
        try:
            run = Backtest([kind], self.source, begin=span.begin, end=span.end, market=self.market, seed=self.seed)
            result = run.run(lambda _time, _ticks: progress())
        except BusError as error:
            return failed(str(error))
        return score(result, self.objective, self.least_trades)

    def packed(self) -> bytes:
        """For another process.

        Raises:
            UsageError: it cannot be had there.
        """
        try:
            return pickle.dumps(self)
        except (pickle.PicklingError, AttributeError, TypeError) as error:
            raise UsageError(
                f"Another process cannot be given that: {error}. Put the strategy into a module, or use one job."
            ) from None
