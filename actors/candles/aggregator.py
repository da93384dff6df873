"""The aggregator: feeds one asset's ticks to a builder and tells who wants the candles.

Decides when the clock closes a candle for which no tick came. Does not know how a candle is built
(``actors.candles.builder``), nor who listens.
"""

from collections.abc import Iterable
from typing import ClassVar, assert_never

from actors.base import Actor, Context
from actors.candles.builder import builder_for
from actors.routes import CandlesOf
from messages.base import Message
from messages.market import Aggregation, Candle, CandleClosed, Symbol, TicksReceived

GRACE_SECONDS = 0.5
"""How late a tick may come before the clock closes its candle without it."""


class _BoundaryDue(Message, frozen=True, kw_only=True):
    due: float


Inbox = TicksReceived | _BoundaryDue


class CandleAggregatorActor(Actor[Inbox]):
    """Builds the candles of one asset, one way."""

    listens: ClassVar = ()

    def __init__(self, context: Context, symbol: Symbol, aggregation: Aggregation) -> None:
        super().__init__(context)
        self._aggregation = aggregation
        self._symbol = symbol
        self._topic = CandlesOf(symbol, aggregation)
        self._builder = builder_for(symbol, aggregation)
        self._awaited: float | None = None

    def on_start(self) -> None:
        """Hear the ticks at one's own address: another of the same name may have taken its way with it when it went."""
        self.context.system.routes.add_ticks(self._symbol, self.context.address)

    def on_receive(self, message: Inbox) -> None:
        """Handle one message."""
        match message:
            case TicksReceived():
                self._on_ticks_received(message)
            case _BoundaryDue():
                self._on_boundary_due(message)
            case _:
                assert_never(message)

    def _on_ticks_received(self, event: TicksReceived) -> None:
        add = self._builder.add
        for tick in event.ticks:
            closed = add(tick)
            if closed:
                self._tell(closed)
        self._await_boundary()

    def _on_boundary_due(self, boundary: _BoundaryDue) -> None:
        self._tell(self._builder.close_until(boundary.due))
        self._await_boundary()

    def _await_boundary(self) -> None:
        due = self._builder.due
        if due is not None and due != self._awaited:
            self._awaited = due
            self.context.at(due + GRACE_SECONDS, _BoundaryDue(due=due))

    def _tell(self, closed: Iterable[Candle]) -> None:
        routes = self.context.system.routes
        listeners = routes.listeners(self._topic) + routes.listeners(CandleClosed)
        for candle in closed:
            event = CandleClosed(aggregation=self._aggregation, candle=candle)
            for listener in listeners:
                listener.tell(event)
