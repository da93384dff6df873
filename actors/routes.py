"""Who wants what: the one table by which events find their listeners.

Theory of operation. A topic is an event's class, or ``CandlesOf`` one asset; ticks have a table by symbol.
Readers look up a tuple and never lock; writers replace the tuple under a lock. Addresses
outlive actors, so nothing is registered anew after a restart.

Decides who is told. Does not know why, nor how an event was decoded.
"""

from collections.abc import Callable, Hashable, Iterable
from threading import Lock
from typing import Protocol

from msgspec import Struct

from actors.rules import Predicate
from messages.base import Message
from messages.market import Aggregation, Symbol


class Listener(Protocol):
    """Somebody who can be told."""

    @property
    def tell(self) -> Callable[[Message], None]:
        """Take a message; never blocks, never raises."""


class CandlesOf(Struct, frozen=True):
    """The topic of the candles of one asset, aggregated one way."""

    symbol: Symbol
    aggregation: Aggregation


class Routes:
    """Topics, rules and taps, each with its listeners in order of registration."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._topics: dict[Hashable, tuple[Listener, ...]] = {}
        self.ticks: dict[Symbol, tuple[Listener, ...]] = {}
        self.homes: dict[Symbol, int] = {}
        """The line on which each wanted asset is to stream: its ticks on others are told to nobody."""
        self.rules: tuple[tuple[Predicate, Listener], ...] = ()
        self._rules: dict[Hashable, tuple[Predicate, Listener]] = {}
        self.taps: tuple[Listener, ...] = ()

    def listeners(self, topic: Hashable) -> tuple[Listener, ...]:
        """Who wants this topic."""
        return self._topics.get(topic, ())

    def listen(self, wanted: Iterable[Hashable | Predicate], listener: Listener) -> None:
        """Register for topics, such as classes of events, and for frames that satisfy a rule."""
        for topic in wanted:
            if isinstance(topic, Predicate):
                self.add_rule(topic, listener)
            else:
                self.add(topic, listener)

    def add(self, topic: Hashable, listener: Listener) -> None:
        """Let the listener hear of the topic, once."""
        with self._lock:
            self._topics[topic] = _with(self._topics.get(topic, ()), listener)

    def overhear(self, topics: Iterable[Hashable], listener: Listener) -> None:
        """Let the listener hear of these topics before those who are woken for them."""
        for topic in topics:
            with self._lock:
                others = _without(self._topics.get(topic, ()), listener)
                self._topics[topic] = (listener, *others)

    def remove(self, topic: Hashable, listener: Listener) -> None:
        """Let the listener hear no more of the topic."""
        with self._lock:
            left = _without(self._topics.get(topic, ()), listener)
            if left:  # set in one go: a reader must not find the others gone meanwhile
                self._topics[topic] = left
            else:
                self._topics.pop(topic, None)

    def add_ticks(self, symbol: Symbol, listener: Listener) -> None:
        """Let the listener hear the ticks of one asset, once."""
        with self._lock:
            self.ticks = self.ticks | {symbol: _with(self.ticks.get(symbol, ()), listener)}

    def remove_ticks(self, symbol: Symbol, listener: Listener) -> None:
        """Let the listener hear no more ticks of the asset."""
        with self._lock:
            left = _without(self.ticks.get(symbol, ()), listener)
            others = {other: listeners for other, listeners in self.ticks.items() if other != symbol}
            self.ticks = others | {symbol: left} if left else others

    def add_rule(self, rule: Predicate, listener: Listener, key: Hashable = None) -> None:
        """Let the listener get every frame that satisfies the rule.

        ``key`` names the entry: another of that key replaces it. Without one the same pair is entered once.
        """
        with self._lock:
            self._rules[key or (id(rule), id(listener))] = (rule, listener)
            self.rules = tuple(self._rules.values())

    def remove_rule(self, key: Hashable) -> None:
        """Let the entry of this key be gone; the listener's others stay."""
        with self._lock:
            if self._rules.pop(key, None) is not None:
                self.rules = tuple(self._rules.values())

    def remove_rules(self, listener: Listener) -> None:
        """Let the listener get no frames by rules any more."""
        with self._lock:
            self._rules = {key: entry for key, entry in self._rules.items() if entry[1] is not listener}
            self.rules = tuple(self._rules.values())

    def forget(self, listener: Listener) -> None:
        """Let the listener hear nothing any more."""
        self.remove_rules(listener)
        self.remove_tap(listener)
        for symbol in tuple(self.ticks):
            self.remove_ticks(symbol, listener)
        for topic in tuple(self._topics):
            self.remove(topic, listener)

    def add_tap(self, listener: Listener) -> None:
        """Let the listener get every frame, in and out."""
        with self._lock:
            self.taps = _with(self.taps, listener)

    def remove_tap(self, listener: Listener) -> None:
        """Let the listener get frames no more."""
        with self._lock:
            self.taps = _without(self.taps, listener)


def _with(listeners: tuple[Listener, ...], listener: Listener) -> tuple[Listener, ...]:
    return listeners if listener in listeners else (*listeners, listener)


def _without(listeners: tuple[Listener, ...], listener: Listener) -> tuple[Listener, ...]:
    return tuple(other for other in listeners if other is not listener)
