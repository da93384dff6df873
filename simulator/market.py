"""Where the prices of the simulated platform come from: a function of seed, symbol and time, and of nothing else.

Theory. A price is its asset's usual price times ``exp(x)``. Every UTC midnight ``x`` is drawn anew around 0, so
that no price ever wanders off; between two midnights the closes of the 1440 minutes are a Brownian bridge, and
every minute gets a high and a low a little beyond its open and close. The ticks of a minute are in turn a bridge
from its open to its close, stretched so that they reach exactly its high and its low. Hence a candle of whole
minutes is known without its ticks and still agrees with them, and any moment, past or future, can be asked for at
the cost of one day and one minute, which are kept for the next question.

Has no clock and no sockets; does not know who listens. Times are true UTC seconds.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate, chain, pairwise
from math import ceil, exp, sqrt
from random import Random
from typing import Final, NamedTuple

from msgspec import Struct

from simulator.assets import LISTINGS

MINUTE_SECONDS: Final = 60
_MINUTES_A_DAY: Final = 1440
TICKS_A_MINUTE: Final = 180

_SIGMA_A_MINUTE: Final = {
    "currency": 2e-4,
    "commodity": 3e-4,
    "index": 3e-4,
    "stock": 4e-4,
    "cryptocurrency": 6e-4,
}
"""How far ``x`` moves in a minute, one standard deviation."""

_KEPT_DAYS: Final = 512
_KEPT_MINUTES: Final = 1024


class Quote(NamedTuple):
    """One price; ``time`` to the millisecond."""

    time: float
    price: float


class Bar(NamedTuple):
    """What the price did between two moments, in the platform's order."""

    open: float
    close: float
    high: float
    low: float


class _Day(Struct, frozen=True):
    """The minutes of one day, as ``x``; ``edges`` are their opens and, one further, the last close."""

    edges: list[float]
    highs: list[float]
    lows: list[float]


class _Minute(Struct, frozen=True):
    times: list[float]
    prices: list[float]


class Market:
    """Prices of every listed asset at any time."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._day = lru_cache(_KEPT_DAYS)(self._draw_day)
        self._minute = lru_cache(_KEPT_MINUTES)(self._draw_minute)

    def price(self, symbol: str, moment: float) -> float:
        """The last price at or before the moment."""
        minute = self._minute(symbol, int(moment // MINUTE_SECONDS))
        # The first tick of a minute repeats the last one of the minute before.
        return minute.prices[max(bisect_right(minute.times, moment) - 1, 0)]

    def ticks_from(self, symbol: str, start: float) -> Iterator[Quote]:
        """Every tick from ``start`` on, without end."""
        index = int(start // MINUTE_SECONDS)
        minute = self._minute(symbol, index)
        place = bisect_left(minute.times, start)
        while True:
            yield from map(Quote, minute.times[place:], minute.prices[place:])
            index, place = index + 1, 0
            minute = self._minute(symbol, index)

    def ticks(self, symbol: str, start: float, end: float) -> list[Quote]:
        """The ticks with ``start <= time < end``, ascending."""
        quotes: list[Quote] = []
        for index in range(int(start // MINUTE_SECONDS), ceil(end / MINUTE_SECONDS)):
            minute = self._minute(symbol, index)
            between = slice(bisect_left(minute.times, start), bisect_left(minute.times, end))
            quotes.extend(map(Quote, minute.times[between], minute.prices[between]))
        return quotes

    def bar(self, symbol: str, start: float, end: float) -> Bar | None:
        """Open, close, high and low of the ticks with ``start <= time < end``; None where there is none."""
        first, last = ceil(start / MINUTE_SECONDS), int(end // MINUTE_SECONDS)
        if first >= last:
            parts = [self._bar_of_ticks(symbol, start, end)]
        else:
            parts = [
                self._bar_of_ticks(symbol, start, first * MINUTE_SECONDS),
                *self._bars_of_minutes(symbol, first, last),
                self._bar_of_ticks(symbol, last * MINUTE_SECONDS, end),
            ]
        bars = [bar for bar in parts if bar is not None]
        return _join(bars) if bars else None

    def _bar_of_ticks(self, symbol: str, start: float, end: float) -> Bar | None:
        prices = [quote.price for quote in self.ticks(symbol, start, end)]
        return Bar(prices[0], prices[-1], max(prices), min(prices)) if prices else None

    def _bars_of_minutes(self, symbol: str, first: int, last: int) -> Iterator[Bar]:
        """One bar for each day that the minutes ``first <= minute < last`` touch."""
        while first < last:
            day, begin = divmod(first, _MINUTES_A_DAY)
            end = min(begin + last - first, _MINUTES_A_DAY)
            walk = self._day(symbol, day)
            extremes = walk.edges[begin], walk.edges[end], max(walk.highs[begin:end]), min(walk.lows[begin:end])
            yield Bar(*(_price(symbol, x) for x in extremes))
            first += end - begin

    def _draw_day(self, symbol: str, day: int) -> _Day:
        sigma = _SIGMA_A_MINUTE[LISTINGS[symbol].kind]
        gauss = self._random("day", symbol, day).gauss
        edges = _bridge(
            self._midnight(symbol, day),
            self._midnight(symbol, day + 1),
            [gauss(0, sigma) for _ in range(_MINUTES_A_DAY)],
        )
        pairs = list(pairwise(edges))
        highs = [max(pair) + abs(gauss(0, sigma)) / 2 for pair in pairs]
        lows = [min(pair) - abs(gauss(0, sigma)) / 2 for pair in pairs]
        return _Day(edges, highs, lows)

    def _midnight(self, symbol: str, day: int) -> float:
        sigma = _SIGMA_A_MINUTE[LISTINGS[symbol].kind] * sqrt(_MINUTES_A_DAY)
        return self._random("midnight", symbol, day).gauss(0, sigma)

    def _draw_minute(self, symbol: str, index: int) -> _Minute:
        day, place = divmod(index, _MINUTES_A_DAY)
        walk = self._day(symbol, day)
        random = self._random("minute", symbol, index)
        sigma = _SIGMA_A_MINUTE[LISTINGS[symbol].kind] / sqrt(TICKS_A_MINUTE)
        steps = [random.gauss(0, sigma) for _ in range(TICKS_A_MINUTE - 1)]
        path = _bridge(walk.edges[place], walk.edges[place + 1], steps)
        _stretch(path, walk.highs[place], walk.lows[place])
        # Kept apart by a fifth of the grid, so that rounding to milliseconds leaves them in order.
        per_second = TICKS_A_MINUTE / MINUTE_SECONDS
        offsets = [(n + 0.1 + 0.8 * random.random()) / per_second for n in range(TICKS_A_MINUTE)]
        times = [round(index * MINUTE_SECONDS + offset, 3) for offset in offsets]
        listing = LISTINGS[symbol]
        price, digits = listing.price, listing.digits
        return _Minute(times, [round(price * exp(x), digits) for x in path])

    def _random(self, purpose: str, symbol: str, index: int) -> Random:
        return Random(f"{self._seed}/{purpose}/{symbol}/{index}")


def _price(symbol: str, x: float) -> float:
    listing = LISTINGS[symbol]
    return round(listing.price * exp(x), listing.digits)


def _join(bars: list[Bar]) -> Bar:
    return Bar(bars[0].open, bars[-1].close, max(bar.high for bar in bars), min(bar.low for bar in bars))


def _bridge(start: float, end: float, steps: list[float]) -> list[float]:
    """A walk of these steps, tilted so that it begins and ends where it should; one point more than steps."""
    tilt = (end - start - sum(steps)) / len(steps)
    walk = list(accumulate(chain([start], steps), lambda x, step: x + step + tilt))
    walk[-1] = end
    return walk


def _stretch(path: list[float], high: float, low: float) -> None:
    """Let the path reach ``high`` and ``low`` and go no further; its two ends, which lie between them, stay."""
    inner = range(1, len(path) - 1)
    top, bottom = max(path[0], path[-1]), min(path[0], path[-1])
    peak, trough = max(inner, key=path.__getitem__), min(inner, key=path.__getitem__)
    above, below = path[peak] - top, bottom - path[trough]
    for place in inner:
        x = path[place]
        if x > top:
            path[place] = min(high, top + (x - top) / above * (high - top))
        elif x < bottom:
            path[place] = max(low, bottom - (bottom - x) / below * (bottom - low))
    path[peak], path[trough] = high, low
