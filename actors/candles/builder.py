"""Candles out of ticks, one tick at a time.

Decides which candle a tick belongs to, when a candle is over, and whether it is complete. Has no clock and no
actor: time is what ticks carry, and what ``close_until`` is told. Does not look at the tick's symbol.

Theory. One accumulator builds every kind of candle; the kinds differ only in what ends a window:

- ``Chunk``: the tick that fills it, which it includes. Its period is the time from its first tick to its last.
- ``Timed``: the first tick a period or more after the one that opened it, which it includes.
- ``TimeAligned``: its end boundary, which belongs to the next window. A tick at or past it closes the candle, or
  ``close_until`` does.

The next tick opens the next window, so that a period without ticks has no candle.

Time only moves forward. A tick older than the last one, or than the end of a closed aligned window, is late; a tick
of the last one's time and price is a duplicate. Neither is in any candle, both are counted: a closed candle stays as
it was, and a replay of ticks already seen does no harm (but where several prices share the very last time, they
count again). Should the source's clock be set back, all ticks are late until it has caught up: only a new
builder helps.

The first aligned window is incomplete, unless somebody saw it begin. All others begin under watch, or with their first
tick. A candle of part of an aligned window may stand for the ticks of that part.
"""

import sys
from math import inf, nan, nextafter
from typing import Final, assert_never

from actors.candles.boundaries import boundary_before, is_aligned_period
from messages.errors import InvalidAggregation
from messages.market import Aggregation, Candle, Chunk, Direct, Symbol, Tick, TimeAligned, Timed

ROUNDING_SECONDS: Final = 1e-6
"""Times of today are floats 0.24 µs apart: without this, one in five ticks just 0.7 s later would seem too early."""


class CandleBuilder:
    """The forming candle of one symbol; as it stands, it builds chunks. Made by ``builder_for``.

    Attributes:
        late: Ticks left out because their time had passed.
        duplicates: Ticks left out because they repeated the last one.
    """

    __slots__ = (
        "_close",
        "_complete",
        "_due",
        "_high",
        "_is_interrupted",
        "_last_time",
        "_low",
        "_max_ticks",
        "_open",
        "_ripe",
        "_symbol",
        "_ticks",
        "_time",
        "duplicates",
        "late",
    )

    def __init__(self, symbol: Symbol, max_ticks: int = sys.maxsize) -> None:
        self._symbol, self._max_ticks = symbol, max_ticks
        self._time = self._open = self._high = self._low = self._close = nan
        self._ticks = 0
        self._last_time = -inf
        self._ripe = inf  # from here on a tick is the window's last one
        self._due = inf  # from here on a tick is the next window's
        self._complete = True
        self._is_interrupted = False
        self.late = self.duplicates = 0

    def add(self, tick: Tick) -> tuple[Candle, ...]:
        """Take in a tick; gives the candle that it closed, if any."""
        time, price = tick.time, tick.price
        if time <= self._last_time and self._left_out(time, price):
            return ()
        closed = self.close_until(time) if time >= self._due else ()
        self._last_time, self._close = time, price
        if not self._ticks:
            self._open = self._high = self._low = price
            self._begin(time)
        elif price > self._high:
            self._high = price
        elif price < self._low:
            self._low = price
        self._ticks += 1
        if time >= self._ripe or self._ticks >= self._max_ticks:
            return (self._finish(),)
        return closed

    @property
    def forming(self) -> Candle | None:
        """The candle as far as it has come; None where the next tick opens one."""
        return self._candle(closed=False) if self._ticks else None

    @property
    def due(self) -> float | None:
        """When the forming candle is over, tick or none (source time, UTC seconds); None where only ticks end it."""
        return None if self._due == inf else self._due

    def close_until(self, source_time: float) -> tuple[Candle, ...]:
        """Close what is over at this time (of the ticks' source, UTC seconds) and that no tick closed."""
        if source_time < self._due:
            return ()
        self._last_time = self._due
        candle = self._finish()
        self._close = nan  # a tick just at the boundary repeats nothing, whatever its price
        return (candle,)

    @property
    def last(self) -> tuple[float, float]:
        """The time before which no tick is taken in any more (of the source, UTC seconds), and the price then."""
        return self._last_time, self._close

    def begin_after(self, last: tuple[float, float]) -> None:
        """Go on after the ``last`` of another builder: its ticks were told of in its candles."""
        self._last_time, self._close = last

    def interrupt(self) -> None:
        """From here on ticks may be missed: no candle is complete until one has begun after ``resume``."""
        self._is_interrupted, self._complete = True, False

    def resume(self) -> None:
        """From here on no ticks are missed; what was missed of the present window stays missed."""
        self._is_interrupted = False

    def _left_out(self, time: float, price: float) -> bool:
        if time < self._last_time:
            self.late += 1
            return True
        if price == self._close:
            self.duplicates += 1
            return True
        return False

    def _finish(self) -> Candle:
        candle = self._candle(closed=True)
        self._ticks = 0
        self._due = inf
        self._complete = not self._is_interrupted
        return candle

    def _candle(self, *, closed: bool) -> Candle:
        return Candle(
            symbol=self._symbol,
            time=self._time,
            period_seconds=self._period_seconds(),
            open=self._open,
            high=self._high,
            low=self._low,
            close=self._close,
            ticks=self._ticks,
            closed=closed,
            complete=self._complete,
        )

    def _begin(self, time: float) -> None:
        self._time = time

    def _period_seconds(self) -> float:
        return self._last_time - self._time


class _TimedBuilder(CandleBuilder):
    __slots__ = ("_seconds",)

    def __init__(self, symbol: Symbol, seconds: float) -> None:
        super().__init__(symbol)
        self._seconds = seconds

    def _begin(self, time: float) -> None:
        self._time = time
        self._ripe = max(time + self._seconds - ROUNDING_SECONDS, nextafter(time, inf))

    def _period_seconds(self) -> float:
        return self._seconds


class AlignedBuilder(_TimedBuilder):
    """Builds candles that begin at multiples of their period. Made by ``builder_for`` or ``aligned_builder``."""

    __slots__ = ()

    def __init__(self, symbol: Symbol, seconds: float, *, saw_beginning: bool = False) -> None:
        super().__init__(symbol, seconds)
        self._complete = saw_beginning

    def absorb(self, part: Candle) -> tuple[Candle, ...]:
        """Take in the closed candle of part of a window, in place of its ticks; gives the candle that it closed.

        Its first ticks may have been added before.
        """
        closed = self.close_until(part.time)
        if not self._ticks:
            self._open, self._high, self._low = part.open, part.high, part.low
            self._begin(part.time)
        self._high, self._low = max(self._high, part.high), min(self._low, part.low)
        self._close = part.close
        self._last_time = nextafter(part.time + part.period_seconds, -inf)
        self._ticks += max(part.ticks, 1)  # the platform does not say how many
        return closed

    def _begin(self, time: float) -> None:
        self._time = boundary_before(time, self._seconds)
        self._due = self._time + self._seconds


def aligned_builder(symbol: Symbol, seconds: int, *, saw_beginning: bool = False) -> AlignedBuilder:
    """A builder of candles that begin at multiples of any whole number of seconds since 1970, UTC.

    ``saw_beginning`` says that the first window's ticks will all be there.
    """
    return AlignedBuilder(symbol, seconds, saw_beginning=saw_beginning)


def builder_for(symbol: Symbol, aggregation: Aggregation) -> CandleBuilder:
    """A builder of such candles that has seen nothing yet.

    Raises:
        InvalidAggregation: No candle can be built that way, or none is wanted (``Direct``).
    """
    match aggregation:
        case Chunk(ticks=ticks) if ticks >= 1 and ticks % 1 == 0:
            return CandleBuilder(symbol, ticks)
        case Timed(seconds=seconds) if 0 < seconds < inf:
            return _TimedBuilder(symbol, seconds)
        case TimeAligned(seconds=seconds) if is_aligned_period(seconds):
            return AlignedBuilder(symbol, seconds)
        case Direct() | Chunk() | Timed() | TimeAligned():
            problem = f"{aggregation!r} builds no candles"
            raise InvalidAggregation(problem)
    assert_never(aggregation)
