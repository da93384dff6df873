"""Ticks of the simulated market, as far into the past or the future as is asked for.

Decides how the ticks of several assets are put in order. Does not know who trades on them.
"""

from collections.abc import Iterator, Sequence
from heapq import merge
from itertools import chain
from operator import attrgetter

from actors.stepped import START
from messages.errors import UnknownAsset
from messages.market import Symbol, Tick
from simulator.assets import LISTINGS
from simulator.market import MINUTE_SECONDS, Market

_BATCH = 512
_STRETCH_SECONDS = 20 * MINUTE_SECONDS

DEFAULT_BEGIN = START
"""Where virtual time begins elsewhere too."""
DEFAULT_SECONDS = 86_400.0


class SimulatedSource:
    """The market of one seed. ``begin`` and ``end`` are what is played unless something else is asked for."""

    def __init__(self, seed: int, symbols: Sequence[str]) -> None:
        for symbol in symbols:
            if symbol not in LISTINGS:
                raise UnknownAsset(symbol, ())
        self.seed = seed
        self.name = f"simulated:{seed}"
        self.symbols = tuple(Symbol(symbol) for symbol in symbols)
        self._market = Market(seed)

    def __reduce__(self) -> tuple[type["SimulatedSource"], tuple[int, tuple[Symbol, ...]]]:
        """Another process makes its own."""
        return SimulatedSource, (self.seed, self.symbols)

    def batches(self, begin: float | None = None, end: float | None = None) -> Iterator[tuple[Tick, ...]]:
        """The ticks with ``begin <= time < end``, in the order of time; a day of them unless it is said otherwise."""
        start = DEFAULT_BEGIN if begin is None else begin
        stop = start + DEFAULT_SECONDS if end is None else end
        while start < stop:
            upto = min(stop, (start // _STRETCH_SECONDS + 1) * _STRETCH_SECONDS)
            ticks = self._stretch(start, upto)
            for place in range(0, len(ticks), _BATCH):
                yield tuple(ticks[place : place + _BATCH])
            start = upto

    def _stretch(self, start: float, stop: float) -> list[Tick]:
        streams = [
            [Tick(symbol, quote.time, quote.price, quote.time) for quote in self._market.ticks(symbol, start, stop)]
            for symbol in self.symbols
        ]
        return list(chain(*streams) if len(streams) == 1 else merge(*streams, key=attrgetter("time")))
