"""Prices that tests make up."""

from collections.abc import Iterator, Sequence

from messages.market import Symbol, Tick

BEGIN = 1_700_000_040.0
"""A full minute."""
EURO, POUND = Symbol("EURUSD_otc"), Symbol("GBPUSD_otc")


class MadeUp:
    """A tick a second: these prices, again and again."""

    name = "made up"

    def __init__(
        self, seconds: int, prices: Sequence[float] = (1.0, 1.1, 1.2, 1.1), symbols: tuple[Symbol, ...] = (EURO,)
    ) -> None:
        self.symbols = symbols
        self._seconds = seconds
        self._prices = prices

    def price(self, time: float) -> float:
        """The price at that second."""
        return self._prices[int(time - BEGIN) % len(self._prices)]

    def batches(self, begin: float | None = None, end: float | None = None) -> Iterator[tuple[Tick, ...]]:
        """Ten seconds at a time."""
        for start in range(0, self._seconds, 10):
            times = [BEGIN + second for second in range(start, min(start + 10, self._seconds))]
            wanted = [time for time in times if (begin is None or time >= begin) and (end is None or time < end)]
            batch = tuple(Tick(symbol, time, self.price(time), time) for time in wanted for symbol in self.symbols)
            if batch:
                yield batch
