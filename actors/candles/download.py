"""What comes of a query for the past, page by page.

Theory. The platform gives so much at a time, ending where it is told to, and nothing says how much that will be: a page
may be short, empty, longer than asked for, out of order, or repeat what another had. So the next page ends where the
ones so far begin, until there is enough. A page that shows things already seen, and nothing older, is the end of the
archive. An empty page proves nothing but its own stretch: a market that was closed for a weekend looks like that. It is
skipped, and the next page reaches twice as far, of which it shows what is newest; where no end was set, an empty
stretch of ``LONGEST_PAUSE_SECONDS`` is taken for the beginning of time.

A candle is closed for certain only if it was over when its page was asked for; one that was not has not had all its
ticks by then, and is neither closed nor complete.

Decides which page is needed next and what the answer is. Does not know who asked, nor how a page is asked for; has no
clock.
"""

from collections.abc import Iterable
from math import inf
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from messages.market import Candle, Tick

PAGE_CANDLES: Final = 150
PAGE_TICKS_SECONDS: Final = 3000
"""How many seconds of ticks are asked for at most; taken for a number of ticks it is a page as well."""

LEAST_TICKS_SECONDS: Final = 60
"""What is asked for at least: a platform that counts ticks would else be asked for ever smaller pages."""

WITNESS_SECONDS: Final = 5.0
"""How much further than needed ticks are asked for: one from before the beginning shows that it was reached."""

LONGEST_PAUSE_SECONDS: Final = 4 * 86_400
"""A weekend, and a holiday beside it."""


class Page(Struct, frozen=True):
    """A page as it was asked for at ``asked`` (UTC seconds): the last ``lookback_seconds`` before ``end``."""

    end: float
    lookback_seconds: float
    asked: float


class Download:
    """One query, and what has come of it so far.

    Attributes:
        reach: From when on (UTC seconds) there is everything that the platform has.
        is_finished: Whether no other page is needed, or would be of use.

    Args:
        period_seconds: Of the candles; 0 for ticks.
        end: Where the answer ends: nothing in it is as late as that, where it is of candles.
        since: Where it begins at the earliest.
        count: How many candles there are in it at most.
    """

    def __init__(self, period_seconds: int, end: float, since: float = -inf, count: int | None = None) -> None:
        self._period = period_seconds
        self._end = end
        self._since = since
        self._count = count
        self._candles: dict[float, Candle] = {}
        self._ticks: dict[tuple[float, float], Tick] = {}
        self._newest_of_pause = end
        self._stretched = 0.0
        self.reach = end
        self.is_finished = False

    def next_page(self, now: float) -> Page:
        """What to ask for next."""
        return Page(self.reach, max(self._lookback_seconds(), self._stretched), now)

    def take(self, page: Page, ticks: Iterable[Tick], candles: Iterable[Candle]) -> None:
        """Keep what a page brought of the kind that is wanted."""
        times = self._keep_candles(page, candles) if self._period else self._keep_ticks(ticks)
        oldest = min(times, default=None)
        if oldest is None:
            self._skip(page)
        elif oldest < self.reach:
            self.reach = self._newest_of_pause = oldest
            self._stretched = 0.0
            self.is_finished = self._has_enough()
        else:
            self.is_finished = True

    @property
    def since(self) -> float:
        """From when on the answer has everything that the platform has."""
        return max(self.reach, self._since)

    def ticks(self) -> tuple[Tick, ...]:
        """The ticks asked for, oldest first."""
        kept = [tick for tick in self._ticks.values() if tick.time >= self._since]
        return tuple(sorted(kept, key=lambda tick: tick.time))

    def candles(self) -> tuple[Candle, ...]:
        """The candles asked for, oldest first."""
        kept = [self._candles[time] for time in sorted(self._candles) if time >= self._since]
        return tuple(kept if self._count is None else kept[-self._count :])

    def _keep_candles(self, page: Page, candles: Iterable[Candle]) -> list[float]:
        wanted = [candle for candle in candles if candle.time < self._end]
        for candle in wanted:
            is_over = candle.time + self._period <= page.asked
            # At times a page leaves the period out.
            kept = replace(candle, period_seconds=self._period, closed=is_over, complete=is_over)
            self._candles[candle.time] = kept
        return [candle.time for candle in wanted]

    def _keep_ticks(self, ticks: Iterable[Tick]) -> list[float]:
        kept = {(tick.time, tick.price): tick for tick in ticks}
        # What was there first stays first among ticks of one time.
        self._ticks = kept | self._ticks
        return [time for time, _price in kept]

    def _skip(self, page: Page) -> None:
        self.reach = page.end - page.lookback_seconds
        self._stretched = max(2 * page.lookback_seconds, self._page_seconds)
        is_too_long = self._since == -inf and self._newest_of_pause - self.reach > LONGEST_PAUSE_SECONDS
        self.is_finished = is_too_long or self._has_enough()

    def _has_enough(self) -> bool:
        return self.reach <= self._since or (self._count is not None and len(self._candles) >= self._count)

    @property
    def _page_seconds(self) -> float:
        return PAGE_CANDLES * self._period or PAGE_TICKS_SECONDS

    def _lookback_seconds(self) -> float:
        """What is missing, as far as one page goes."""
        missing_seconds = self.reach - self._since
        if not self._period:
            return min(max(missing_seconds + WITNESS_SECONDS, LEAST_TICKS_SECONDS), PAGE_TICKS_SECONDS)
        missing = inf if self._count is None else self._count - len(self._candles)
        # One more: the newest may be the forming one, and no use.
        return min(missing + 1, missing_seconds // self._period + 2, PAGE_CANDLES) * self._period
