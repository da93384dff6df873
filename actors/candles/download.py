"""What comes of a query for the past, page by page.

Theory. The platform gives so much at a time, ending where it is told to, and nothing says how much that will be: a page
may be short, empty, longer than asked for, out of order, or repeat what another had. So the next page ends where the
ones so far begin, until there is enough. A page that shows things already seen, and nothing older, is the end of the
archive. An empty page proves nothing but its own stretch: a market that was closed for a weekend looks like that. It is
skipped, and the next page reaches twice as far, of which it shows what is newest; where no end was set, an empty
stretch of ``LONGEST_PAUSE_SECONDS`` is taken for the beginning of time.

A page of ``PAGE_CANDLES`` rows or more was a full one, and says how far the pages before it will reach: several of them
are asked for at once. Those that reach less far leave a gap, which is asked for next; what lies beyond it waits.

A candle is closed for certain only if it was over when its page was asked for; one that was not has not had all its
ticks by then, and is neither closed nor complete.

Decides which page is needed next and what the answer is. Does not know who asked, nor how a page is asked for; has no
clock.
"""

from collections.abc import Iterable
from math import inf
from operator import attrgetter
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

AT_ONCE: Final = 8
"""How many pages are asked for at once."""

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
        self._tick_pages: list[tuple[Tick, ...]] = []
        self._newest_of_pause = end
        self._stretched = 0.0
        self._page_reach = 0.0
        """How many seconds a page is known to bring; 0: it is not known."""
        self._waiting: dict[float, tuple[Page, tuple[Tick, ...], tuple[Candle, ...]]] = {}
        """Pages that came while those after them are missing, by their end."""
        self.reach = end
        self.is_finished = False

    def next_pages(self, now: float) -> tuple[Page, ...]:
        """What to ask for next."""
        first = Page(self.reach, max(self._lookback_seconds(self.reach), self._stretched), now)
        if not self._page_reach or self._waiting:
            return (first,)
        ends = (self.reach - number * self._page_reach for number in range(1, AT_ONCE))
        return (first, *(Page(end, self._lookback_seconds(end), now) for end in ends if self._is_needed(end)))

    def take(self, page: Page, ticks: Iterable[Tick], candles: Iterable[Candle]) -> None:
        """Keep what a page brought of the kind that is wanted, once everything after it is there."""
        self._waiting[page.end] = (page, tuple(ticks), tuple(candles))
        while not self.is_finished and (ends := [end for end in self._waiting if end >= self.reach]):
            self._join(*self._waiting.pop(max(ends)))

    def _join(self, page: Page, ticks: tuple[Tick, ...], candles: tuple[Candle, ...]) -> None:
        times = self._keep_candles(page, candles) if self._period else self._keep_ticks(ticks)
        oldest = min(times, default=None)
        if oldest is None:
            self._skip(page)
        elif oldest < self.reach:
            self.reach = self._newest_of_pause = oldest
            self._stretched = 0.0
            reach = len(times) * self._period or max(times) - oldest
            self._page_reach = reach if len(times) >= PAGE_CANDLES else 0.0
            self.is_finished = self._has_enough()
        elif page.end == self.reach:
            self.is_finished = True

    @property
    def since(self) -> float:
        """From when on the answer has everything that the platform has."""
        return max(self.reach, self._since)

    def ticks(self) -> tuple[Tick, ...]:
        """The ticks asked for, oldest first."""
        # What came first stays first among ticks of one time: the page that was joined last is the oldest.
        kept = {(tick.time, tick.price): tick for page in reversed(self._tick_pages) for tick in page}
        return tuple(sorted((tick for tick in kept.values() if tick.time >= self._since), key=attrgetter("time")))

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

    def _keep_ticks(self, ticks: tuple[Tick, ...]) -> list[float]:
        self._tick_pages.append(ticks)
        return [tick.time for tick in ticks]

    def _skip(self, page: Page) -> None:
        self.reach = min(self.reach, page.end - page.lookback_seconds)
        self._stretched = max(2 * page.lookback_seconds, self._page_seconds)
        is_too_long = self._since == -inf and self._newest_of_pause - self.reach > LONGEST_PAUSE_SECONDS
        self.is_finished = is_too_long or self._has_enough()

    def _has_enough(self) -> bool:
        return self.reach <= self._since or (self._count is not None and len(self._candles) >= self._count)

    @property
    def _page_seconds(self) -> float:
        return PAGE_CANDLES * self._period or PAGE_TICKS_SECONDS

    def _is_needed(self, end: float) -> bool:
        """Whether something is missing before that, where everything after it is there."""
        return end > self._since and self._missing(end) > 0

    def _missing(self, end: float) -> float:
        """How many candles are missing before that."""
        if self._count is None:
            return inf
        return self._count - len(self._candles) - (self.reach - end) / self._period

    def _lookback_seconds(self, end: float) -> float:
        """What is missing before that, as far as one page goes."""
        missing_seconds = end - self._since
        if not self._period:
            return min(max(missing_seconds + WITNESS_SECONDS, LEAST_TICKS_SECONDS), PAGE_TICKS_SECONDS)
        # One more: the newest may be the forming one, and no use.
        return min(self._missing(end) + 1, missing_seconds // self._period + 2, PAGE_CANDLES) * self._period
