"""Who gets which asset's ticks, and when.

Decides that only the assets subscribed last stream on a connection. A tick is made once, however many listen.
Does not know what a connection is beyond its id.
"""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import NewType, Protocol

from simulator.agenda import Agenda
from simulator.assets import LISTINGS
from simulator.clocks import server_time
from simulator.market import Market, Quote

ConnectionId = NewType("ConnectionId", int)
"""Counts the connections of a broker, from 1."""

Row = list[str | float]
"""A tick as it is told: symbol, the platform's time, price."""


class Deliver(Protocol):
    """Tells connections an event with its argument."""

    def __call__(
        self, connections: Iterable[ConnectionId], /, event: str, argument: object, *, inline: bool = False
    ) -> None:
        """``inline``: in one message with its name, not as an attachment."""


class Streams:
    """The ticks that are on their way; ``limit`` assets a connection, so many ticks a message."""

    def __init__(self, market: Market, agenda: Agenda, limit: int, deliver: Deliver, ticks_a_message: int = 1) -> None:
        self._market = market
        self._agenda = agenda
        self._limit = limit
        self._deliver = deliver
        self._ticks_a_message = ticks_a_message
        self._held: dict[str, list[Row]] = {}
        self.muted: set[str] = set()
        """Assets of which nothing is said; their market goes on."""
        # Dictionaries for sets that keep the order in which things were subscribed.
        self._wanted: dict[ConnectionId, dict[str, None]] = {}
        self._listeners: dict[str, dict[ConnectionId, None]] = {}

    def subscribe(self, connection: ConnectionId, symbol: str, now: float) -> bool:
        """Let the asset stream; the one subscribed longest ago goes if there are too many. False: no such asset."""
        if symbol not in LISTINGS:
            return False
        wanted = self._wanted.setdefault(connection, {})
        wanted.pop(symbol, None)
        wanted[symbol] = None
        if len(wanted) > self._limit:
            self.unsubscribe(connection, next(iter(wanted)))
        if symbol not in self._listeners:
            self._listeners[symbol] = {}
            self._begin(symbol, now)
        self._listeners[symbol][connection] = None
        return True

    def unsubscribe(self, connection: ConnectionId, symbol: str) -> None:
        """Let the asset stream no more."""
        self._wanted.get(connection, {}).pop(symbol, None)
        self._listeners.get(symbol, {}).pop(connection, None)

    def forget(self, connection: ConnectionId) -> None:
        """End all that streams on the connection."""
        for symbol in tuple(self._wanted.pop(connection, {})):
            self._listeners[symbol].pop(connection, None)

    def _begin(self, symbol: str, now: float) -> None:
        quotes = self._market.ticks_from(symbol, now)
        self._schedule(symbol, quotes, next(quote for quote in quotes if quote.time > now))

    def _schedule(self, symbol: str, quotes: Iterator[Quote], quote: Quote) -> None:
        self._agenda.at(quote.time, partial(self._tick, symbol, quotes, quote))

    def _tick(self, symbol: str, quotes: Iterator[Quote], quote: Quote, _moment: float) -> None:
        listeners = self._listeners[symbol]
        if not listeners:
            del self._listeners[symbol]
            self._held.pop(symbol, None)
            return
        if symbol not in self.muted:
            row: Row = [symbol, server_time(quote.time), quote.price]
            rows = [row] if self._ticks_a_message == 1 else self._gathered(symbol, row)
            if rows:
                self._deliver(listeners, "updateStream", rows)
        self._schedule(symbol, quotes, next(quotes))

    def _gathered(self, symbol: str, row: Row) -> list[Row]:
        """What to say now: the ticks held back, once there are enough."""
        held = self._held.setdefault(symbol, [])
        held.append(row)
        return self._held.pop(symbol) if len(held) == self._ticks_a_message else []
