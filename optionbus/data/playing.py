"""Candles played as ticks.

Decides at what times, and in which order, the four prices of a candle come: open at once; then low and high, the high
first where the candle fell (close below open), at a third and at two thirds of its period; close a millisecond before
its end. So the candles of the same period that are built of these ticks have the same four prices. What the price
really did in between, nobody knows: results that depend on it are no results.

Does not know where the candles come from.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from operator import attrgetter
from typing import Final

from messages.market import Candle, Tick
from optionbus.data.rows import Rows

BEFORE_END_SECONDS: Final = 0.001
SHORTEST_PERIOD_SECONDS: Final = 0.01

_FOR_PERIOD: Final = 10_000
"""So many distances between candles are looked at to find their period."""

_time_of: Final = attrgetter("time")


def ticks_of(candle: Candle) -> tuple[Tick, Tick, Tick, Tick]:
    """The ticks that a candle is played as: open, the two extremes, close; with server_time the same as time."""
    begin, period = candle.time, candle.period_seconds
    extremes = (candle.high, candle.low) if candle.close < candle.open else (candle.low, candle.high)
    first, second, last = begin + period / 3, begin + period * 2 / 3, begin + period - BEFORE_END_SECONDS
    return (
        Tick(candle.symbol, begin, candle.open, begin),
        Tick(candle.symbol, first, extremes[0], first),
        Tick(candle.symbol, second, extremes[1], second),
        Tick(candle.symbol, last, candle.close, last),
    )


def played(batches: Iterable[tuple[Candle, ...]]) -> Iterator[list[Tick]]:
    """The ticks of candles of one period and any assets, whose times do not decrease; neither do those of the ticks."""
    waiting: list[Tick] = []
    for candles in batches:
        for candle in candles:
            waiting += ticks_of(candle)
        waiting.sort(key=_time_of)
        latest = candles[-1].time  # the next candle may begin then, but no earlier
        ready = next((place for place, tick in enumerate(waiting) if tick.time >= latest), len(waiting))
        if ready:
            yield waiting[:ready]
        del waiting[:ready]
    if waiting:
        yield waiting


def period_of(pieces: Iterable[Rows]) -> float | None:
    """The most frequent distance (seconds) between candles of an asset, of the first ones; the shorter of two.

    None where no asset has two candles.
    """
    distances: Counter[float] = Counter()
    last: dict[str, float] = {}
    for rows in pieces:
        for symbol, time in zip(rows.symbols, rows.times, strict=True):
            distances[time - last.get(symbol, time)] += 1
            last[symbol] = time
        if distances.total() >= _FOR_PERIOD:
            break
    frequent = [(-count, distance) for distance, count in distances.items() if distance > 0]
    return min(frequent)[1] if frequent else None
