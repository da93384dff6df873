"""Live candles as their holder sees them.

Decides that a slow reader loses no closed candle: what was not read becomes one item with what comes next. Does not
know how gaps are filled (``actors.candles.live``).
"""

from collections.abc import Callable
from typing import Any

from actors.future import Waiter
from messages.base import AddressName
from messages.market import Candle, LiveCandlesChanged, Symbol, TimeAligned
from optionbus.stream import Stream
from optionbus.subscription import Subscription

LiveItem = tuple[tuple[Candle, ...], Candle | None]
"""The candles that have closed since the last item, and the forming one."""


class LiveStream(Stream[LiveItem]):
    """Holds one item at most. Of what closed it keeps the latest ``buffer`` candles; ``dropped`` counts the others."""

    def __init__(self, name: str, waiter: Waiter, buffer: int) -> None:
        super().__init__(name, waiter, lambda _message: (), buffer=buffer)
        self.missing: tuple[tuple[float, float], ...] = ()

    def tell(self, message: LiveCandlesChanged) -> None:
        """Add what has changed to what nobody has read yet."""
        if self._has_ended:
            return
        try:
            waiting, _forming = self._items.pop()
        except IndexError:
            waiting = ()
        closed = waiting + message.closed
        excess = max(0, len(closed) - self._capacity)
        self.dropped += excess
        self.missing += message.missing
        self._items.append((closed[excess:], message.forming))
        if self._readers:
            self._wake()


class LiveCandles(Subscription[LiveItem]):
    """Yields ``(closed, forming)``: the candles that have closed since the last item, and the forming one or None.

    The first item is the history. Nothing is left out between two items, nor by a lost connection: what it has cost is
    fetched. ``dropped`` counts closed candles that were not read for too long.
    """

    def __init__(
        self, symbol: Symbol, period_seconds: int, stream: LiveStream, close: Callable[[Subscription[Any]], None]
    ) -> None:
        super().__init__(symbol, TimeAligned(period_seconds), AddressName(stream.name), stream, close)
        self.period_seconds = period_seconds
        self._live = stream

    @property
    def missing(self) -> tuple[tuple[float, float], ...]:
        """The stretches so far (start and end, UTC seconds) for which ticks were missed and could not be fetched.

        Candles partly in one are not ``complete``; of those wholly in one there are none.
        """
        return self._live.missing
