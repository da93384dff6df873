"""Candles of any whole period, compiled from ticks.

Decides which ticks are of use, and which candles are complete. Knows neither clock nor actor.
"""

from collections.abc import Iterable

from actors.candles.builder import aligned_builder
from messages.market import Candle, Symbol, Tick


def compiled(symbol: Symbol, ticks: Iterable[Tick], period_seconds: int, since: float) -> tuple[Candle, ...]:
    """The candles of the ticks at ``since`` or later, oldest first; the last one is forming.

    They begin at multiples of the period since 1970, UTC, and are built as the live ones are. The first is incomplete
    unless a tick before it is there; a period without ticks has no candle.

    Args:
        symbol: Whose ticks they are.
        ticks: Oldest first; those before ``since`` are witnesses only.
        period_seconds: Any whole number of seconds.
        since: UTC seconds.
    """
    builder = aligned_builder(symbol, period_seconds)
    closed = [candle for tick in ticks for candle in builder.add(tick)]
    candles = closed if builder.forming is None else [*closed, builder.forming]
    return tuple(candle for candle in candles if candle.time + period_seconds > since)
