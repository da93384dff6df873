"""What a follower of live candles gets, and what is kept of it.

Decides how far back a history goes, and in which words a follower is told. Does not know when something is missing
(``actors.candles.live``); has no clock.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from msgspec import Struct

from actors.candles.backfill import history_since
from actors.candles.builder import aligned_builder, builder_for
from actors.candles.feed import Feed
from actors.candles.splice import Item, Missing, Splice
from messages.base import AddressName, Message
from messages.market import (
    Aggregation,
    Candle,
    CandleClosed,
    Direct,
    LiveCandlesChanged,
    Symbol,
    Tick,
    TicksReceived,
    TimeAligned,
)

HISTORY_SECONDS: Final = 600
"""The history where candles have no boundaries to count by."""


class Following(Struct, frozen=True, kw_only=True):
    """Who follows what. ``history`` counts the closed candles to begin with, where they are aligned.

    ``shows_forming`` has LiveCandlesChanged told in place of CandleClosed.
    """

    symbol: Symbol
    aggregation: Aggregation
    follower: AddressName
    history: int
    shows_forming: bool

    @property
    def period_seconds(self) -> int | None:
        """Of candles that begin at boundaries."""
        return self.aggregation.seconds if isinstance(self.aggregation, TimeAligned) else None

    def since(self, now: float) -> float:
        """Where the history begins."""
        period = self.period_seconds
        return now - HISTORY_SECONDS if period is None else history_since(now, period, self.history)

    def feed(self, *, saw_beginning: bool) -> Feed | None:
        """What builds its candles; None where ticks are wanted."""
        period = self.period_seconds
        if isinstance(self.aggregation, Direct):
            return None
        if period is None:
            return Feed(builder_for(self.symbol, self.aggregation))
        return Feed(aligned_builder(self.symbol, period, saw_beginning=saw_beginning))

    def ticks_told(self, items: Sequence[Item]) -> Iterator[Message]:
        """What a follower of ticks is told."""
        ticks = tuple(item for item in items if isinstance(item, Tick))
        if ticks:
            yield TicksReceived(symbol=self.symbol, ticks=ticks)

    def candles_told(
        self, closed: Sequence[Candle], forming: Candle | None, missing: Sequence[Missing]
    ) -> Iterator[Message]:
        """What a follower of candles is told."""
        if not self.shows_forming:
            yield from (CandleClosed(aggregation=self.aggregation, candle=candle) for candle in closed)
            return
        yield LiveCandlesChanged(
            symbol=self.symbol,
            period_seconds=self.period_seconds or 0,
            closed=tuple(closed),
            forming=forming,
            missing=tuple((span.start, span.end) for span in missing),
        )


class LiveMemory:
    """What outlives a crash: what has been seen, and the candles as far as they have come."""

    def __init__(self) -> None:
        self.splice: Splice | None = None
        self.feed: Feed | None = None
        self.has_begun = False
        self.has_lost = False
        """Whether ticks were missed since the last time that everything was there."""
