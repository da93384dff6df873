"""Candles out of a row of ticks, of candles that stand for ticks, and of marks where ticks are missing.

Decides what a missing stretch does to the candles around it: those that lie partly in it are not complete. Does not
know where the row comes from (``actors.candles.splice``), nor how a candle is built (``actors.candles.builder``).
"""

from collections.abc import Iterable
from math import inf

from actors.candles.builder import AlignedBuilder, CandleBuilder
from actors.candles.splice import Item, Missing
from messages.market import Candle, Tick


class Feed:
    """Feeds a builder."""

    def __init__(self, builder: CandleBuilder) -> None:
        self._builder = builder
        self._resumes = inf
        """Where the missing stretch ends that has begun."""

    @property
    def forming(self) -> Candle | None:
        """The candle as far as it has come."""
        return self._builder.forming

    @property
    def due(self) -> float | None:
        """When the forming candle is over, tick or none (UTC seconds)."""
        return self._builder.due

    def take(self, items: Iterable[Item]) -> list[Candle]:
        """The candles that these close, oldest first."""
        return [candle for item in items for candle in self._take(item)]

    def close_until(self, source_time: float) -> list[Candle]:
        """The candles that are over at a time (UTC seconds) until which every tick is known."""
        return list(self._builder.close_until(source_time))

    def _take(self, item: Item) -> tuple[Candle, ...]:
        if isinstance(item, Missing):
            self._builder.interrupt()
            self._resumes = item.end
            return ()
        closed = self._resume() if item.time >= self._resumes else ()
        if isinstance(item, Tick):
            return closed + self._builder.add(item)
        assert isinstance(self._builder, AlignedBuilder)  # noqa: S101 - for no other are candles fetched
        return closed + self._builder.absorb(item)

    def _resume(self) -> tuple[Candle, ...]:
        # Closed while interrupted: the candle that the stretch ends in has not been seen from its beginning.
        closed = self._builder.close_until(self._resumes)
        self._builder.resume()
        self._resumes = inf
        return closed
