"""The aggregator: feeds one asset's ticks to a builder and tells who wants the candles.

Decides when the clock closes a candle for which no tick came, and which candles a lost connection has left with a hole.
Does not know how a candle is built (``actors.candles.builder``), nor who listens.
"""

from collections.abc import Sequence
from math import inf, nan
from typing import ClassVar, assert_never

from actors.base import Actor, Context
from actors.candles.builder import ROUNDING_SECONDS, builder_for
from actors.routes import CandlesOf
from messages.account import ServerTimeMeasured
from messages.base import Message
from messages.market import Aggregation, Candle, CandleClosed, Symbol, TicksReceived
from messages.session import SessionLost, SessionReady

GRACE_SECONDS = 0.5
"""How late a tick may come before the clock closes its candle without it."""

BELIEVED_SECONDS = 60.0
"""A tick that was further ahead of the clock does not outlive a crash: all that followed would count as late."""

NOTHING_TOLD = (-inf, nan)


class _BoundaryDue(Message, frozen=True, kw_only=True):
    due: float


Inbox = TicksReceived | SessionLost | SessionReady | ServerTimeMeasured | _BoundaryDue


class ToldCandles:
    """What outlives a crash: where the builder stood when a candle was last told. No tick is told of in two."""

    def __init__(self) -> None:
        self.last = NOTHING_TOLD
        """Source time (UTC seconds) and price."""
        self.offset_seconds: float | None = None
        """By how much the platform's clock was ahead of UTC then."""


class CandleAggregatorActor(Actor[Inbox]):
    """Builds the candles of one asset, one way."""

    listens: ClassVar = (SessionLost, SessionReady, ServerTimeMeasured)

    def __init__(self, context: Context, symbol: Symbol, aggregation: Aggregation, told: ToldCandles) -> None:
        super().__init__(context)
        self._told = told
        self._aggregation = aggregation
        self._symbol = symbol
        self._topic = CandlesOf(symbol, aggregation)
        self._builder = builder_for(symbol, aggregation)
        if told.last[0] <= context.clock.now() + BELIEVED_SECONDS:
            self._builder.begin_after(told.last)
        self._awaited: float | None = None
        self._lag_seconds = 0.0
        """How far the latest tick was behind the clock when it came: its travel, and what the clocks differ by."""

    def on_start(self) -> None:
        """Hear the ticks at one's own address: another of the same name may have taken its way with it when it went."""
        self.context.system.routes.add_ticks(self._symbol, self.context.address)

    def on_receive(self, message: Inbox) -> None:
        """Handle one message."""
        match message:
            case TicksReceived():
                self._on_ticks_received(message)
            case SessionLost():
                self._builder.interrupt()
            case SessionReady():
                self._on_session_ready()
            case ServerTimeMeasured():
                self._on_server_time_measured(message)
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
        self._lag_seconds = self.context.clock.now() - event.ticks[-1].time
        self._await_boundary()

    def _on_session_ready(self) -> None:
        # What is over by now is closed first: the candle that forms after it was not seen from its beginning.
        self._tell(self._builder.close_until(self.context.clock.now() - self._lag_seconds))
        self._builder.resume()

    def _on_server_time_measured(self, event: ServerTimeMeasured) -> None:
        """Begin anew if the ticks' times have jumped: the old builder would take them for late ones."""
        told = self._told
        if told.offset_seconds not in (None, event.offset_seconds):
            self._builder, told.last = builder_for(self._symbol, self._aggregation), NOTHING_TOLD
        told.offset_seconds = event.offset_seconds

    def _on_boundary_due(self, boundary: _BoundaryDue) -> None:
        if self._moment_of(boundary.due) - ROUNDING_SECONDS <= self.context.clock.now():
            self._tell(self._builder.close_until(boundary.due))
        else:  # the ticks have fallen behind since
            self._awaited = None
        self._await_boundary()

    def _await_boundary(self) -> None:
        due = self._builder.due
        if due is not None and due != self._awaited:
            self._awaited = due
            self.context.at(self._moment_of(due), _BoundaryDue(due=due))

    def _moment_of(self, due: float) -> float:
        """When, by the clock, no tick of before ``due`` is to be expected any more."""
        return due + self._lag_seconds + GRACE_SECONDS

    def _tell(self, closed: Sequence[Candle]) -> None:
        routes = self.context.system.routes
        listeners = routes.listeners(self._topic) + routes.listeners(CandleClosed)
        if closed:
            self._told.last = self._builder.last
        for candle in closed:
            event = CandleClosed(aggregation=self._aggregation, candle=candle)
            for listener in listeners:
                listener.tell(event)
