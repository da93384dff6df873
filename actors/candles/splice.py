"""What was missed, joined to what streams: one row of ticks and candles without gaps or duplicates.

Theory. A stream is either *whole*: each tick follows on the one before and may be passed on at once; or it has a hole,
which begins at the last tick before a loss and ends at the first tick after it. While there is a hole, ticks are held
back. What is fetched meanwhile reaches from before the hole to after its end, and so repeats what was passed on and
what is held back; by time and price each tick is passed on once. If what was fetched does not cover the hole, what
remains of it is marked, and nothing is put in its place.

Between a loss and the next login ticks of either connection may come in; none of them ends a hole.

Decides what may be passed on, in which order, and what is missing. Does not know who fetches, nor what is built of it;
has no clock.
"""

from collections.abc import Sequence
from math import inf
from typing import Final

from msgspec import Struct

from messages.market import Candle, Candles, Tick, Ticks

ROUNDING_SECONDS: Final = 0.001
"""Archives keep times to the millisecond."""


class Missing(Struct, frozen=True):
    """No ticks are known after ``start`` and before ``end`` (UTC seconds), and there may have been some."""

    start: float
    end: float


Item = Tick | Candle | Missing


class Coverage(Struct, frozen=True):
    """What was fetched: closed candles as far as ``seam``, ticks after it.

    ``candles_since`` and ``ticks_since`` say from when on each has everything that there was; inf: it has nothing.
    """

    ticks: Sequence[Tick] = ()
    ticks_since: float = inf
    candles: Sequence[Candle] = ()
    candles_since: float = inf
    seam: float = -inf

    def uncovered(self, hole: Missing) -> list[Missing]:
        """What of a hole remains."""
        if self.candles_since < self.seam:
            before = Missing(hole.start, min(hole.end, self.candles_since))
            after = Missing(max(hole.start, self.seam), min(hole.end, self.ticks_since))
            spans = [before, after]
        else:
            spans = [Missing(hole.start, min(hole.end, self.ticks_since))]
        return [span for span in spans if span.start < span.end]


class _Hole:
    def __init__(self, start: float) -> None:
        self.start = start
        self.end: float | None = None
        self.is_over = False


class Splice:
    """Joins one asset's ticks. Begins with a hole from ``since`` on."""

    def __init__(self, since: float) -> None:
        self._last = -inf
        self._last_prices: set[float] = set()
        self._held: list[Tick] = []
        self._holes = [_Hole(since)]

    @property
    def since(self) -> float | None:
        """Where the first hole begins (UTC seconds); None where there is none."""
        return self._holes[0].start if self._holes else None

    @property
    def until(self) -> float | None:
        """Where the last hole ends (UTC seconds); None where that is not known, or there is none."""
        return self._holes[-1].end if self._holes else None

    @property
    def is_over(self) -> bool:
        """Whether ticks stream again, as far as is known; the next one shows where the hole ends."""
        return not self._holes or self._holes[-1].is_over

    def interrupt(self) -> None:
        """From here on ticks may be missed."""
        if not self._holes:
            self._holes.append(_Hole(self._last))
        elif self._holes[-1].end is not None:
            self._holes.append(_Hole(self._held[-1].time))
        self._holes[-1].is_over = False

    def resume(self) -> None:
        """From the next tick on none is missed."""
        if self._holes:
            self._holes[-1].is_over = True

    def stream(self, ticks: Sequence[Tick]) -> list[Tick]:
        """Take in what streams; gives what may be passed on."""
        if not self._holes:
            return [tick for tick in ticks if self._is_new(tick)]
        self._held.extend(ticks)
        hole = self._holes[-1]
        if hole.is_over and hole.end is None:
            hole.end = ticks[0].time
        return []

    def fill(self, fetched: Coverage) -> list[Item]:
        """Close the holes with what was fetched; gives everything that may now be passed on, in order."""
        missing = [
            left
            for hole in self._holes
            for left in fetched.uncovered(Missing(hole.start, inf if hole.end is None else hole.end))
        ]
        held, self._held, self._holes = self._held, [], []
        ticks = {(tick.time, tick.price): tick for tick in (*fetched.ticks, *held) if tick.time >= fetched.seam}
        items: list[tuple[float, int, Item]] = [(left.start, 1, left) for left in missing]
        items += [(part.time, 0, part) for part in fetched.candles if part.time < fetched.seam]
        items += [(tick.time, 0, tick) for tick in sorted(ticks.values(), key=_time) if self._is_new(tick)]
        return [item for _time, _rank, item in sorted(items, key=lambda entry: entry[:2])]

    def _is_new(self, tick: Tick) -> bool:
        if tick.time > self._last:
            self._last, self._last_prices = tick.time, {tick.price}
            return True
        if tick.time == self._last and tick.price not in self._last_prices:
            self._last_prices.add(tick.price)
            return True
        return False


def history(start: float, ticks: Ticks, candles: Candles | None, seam: float | None) -> Coverage:
    """What answers about the time from ``start`` on cover: all that there is, wherever the archive begins."""
    if candles is None or seam is None:
        return Coverage(ticks.ticks, start, seam=start)
    return Coverage(ticks.ticks, max(ticks.since, seam), candles.candles, start, seam)


def refill(start: float, ticks: Ticks, candles: Candles | None, seam: float | None) -> Coverage:
    """What answers about a hole that begins at ``start`` cover."""
    if candles is None or seam is None:
        return Coverage(ticks.ticks, _reaching(ticks.since, start, [tick.time for tick in ticks.ticks]))
    since = _reaching(candles.since, start, [candle.time for candle in candles.candles])
    return Coverage(ticks.ticks, max(ticks.since, seam), candles.candles, since, seam)


def _reaching(since: float, start: float, times: Sequence[float]) -> float:
    """From when on an answer has everything, which says so of the time since ``since``.

    The last tick before the hole was there to be fetched: an answer that does not show it has not everything.
    """
    oldest = min(times, default=inf)
    return since if oldest <= start + ROUNDING_SECONDS else max(since, oldest)


def _time(tick: Tick) -> float:
    return tick.time
