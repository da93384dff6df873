"""Subscriptions: which assets stream, to whom, and how aggregated.

Theory of operation. The *wanted* set is what callers asked for; it outlives connections and crashes. On each
connection every wanted asset is asked for once: when it is first wanted, or when the session is restored. Ticks go
from the router straight to whoever wants every tick; for all else there is one aggregator per asset and
aggregation, shared.

Decides who may still subscribe, and when a subscription is confirmed: at the first sign of the platform about the
asset. Does not know how candles are built.
"""

from typing import ClassVar, assert_never

from actors.address import Address, Addressee
from actors.base import Actor, Context
from actors.candles.aggregator import CandleAggregatorActor
from actors.candles.builder import builder_for
from actors.routes import CandlesOf
from messages.base import NOBODY, AddressName, Done, Incarnation
from messages.errors import BusError, InvalidAggregation, SubscriptionLimitReached, UnknownAddress, UnknownAsset
from messages.market import (
    Aggregation,
    AssetsChanged,
    CandleClosed,
    Chunk,
    Direct,
    GetSubscriptions,
    HistoryReported,
    Subscribe,
    Subscribed,
    Subscriptions,
    Symbol,
    TicksReceived,
    TimeAligned,
    Timed,
    Unsubscribe,
)
from messages.session import RestoreSession, SessionRestored
from messages.supervision import StartChild, StopChild
from messages.wire.commands import change_symbol, subscribe_for, unsubscribe_for

Inbox = Subscribe | Unsubscribe | GetSubscriptions | RestoreSession | AssetsChanged | HistoryReported | TicksReceived

SUPERVISOR = AddressName("Supervisor")
DEFAULT_PERIOD_SECONDS = 60
"""What a change of symbol asks for where the aggregation has no period of its own."""


class WantedSubscriptions:
    """What outlives a crash: who wants what, what was asked of which connection, who waits for an answer."""

    def __init__(self) -> None:
        self.listeners: dict[tuple[Symbol, Aggregation], dict[AddressName, Addressee]] = {}
        self.issued: dict[Symbol, Incarnation] = {}
        self.confirmed: dict[Symbol, Incarnation] = {}
        self.waiting: list[Subscribe] = []
        self.known: frozenset[Symbol] | None = None

    @property
    def symbols(self) -> tuple[Symbol, ...]:
        """The assets that are wanted, in the order in which they came to be."""
        return tuple(dict.fromkeys(symbol for symbol, _ in self.listeners))

    def has(self, command: Subscribe) -> bool:
        """Whether what the command asked for is still wanted."""
        return command.deliver_to in self.listeners.get((command.symbol, command.aggregation), ())


class SubscriptionsActor(Actor[Inbox]):
    """Keeps the wanted assets streaming. ``limit`` is how many one connection takes."""

    listens: ClassVar = (AssetsChanged, HistoryReported)

    def __init__(self, context: Context, wanted: WantedSubscriptions, limit: int) -> None:
        super().__init__(context)
        self._wanted = wanted
        self._limit = limit

    def on_receive(self, message: Inbox) -> None:
        """Handle one message."""
        match message:
            case Subscribe():
                self._on_subscribe(message)
            case Unsubscribe():
                self._on_unsubscribe(message)
            case GetSubscriptions():
                self._on_get_subscriptions(message)
            case RestoreSession():
                self._on_restore_session(message)
            case AssetsChanged():
                self._wanted.known = frozenset(asset.symbol for asset in message.assets)
            case HistoryReported():
                self._on_sign_of(message.symbol)
            case TicksReceived():
                self._on_sign_of(message.symbol)
            case _:
                assert_never(message)

    def _on_subscribe(self, command: Subscribe) -> None:
        try:
            listener = self._admit(command)
        except BusError as error:
            self.context.fail(command, error)
            return
        self._connect(command, listener)
        self._wanted.waiting.append(command)
        self._issue(command.symbol)
        if self._is_confirmed(command.symbol):
            self._on_sign_of(command.symbol)

    def _admit(self, command: Subscribe) -> Addressee:
        """Who is to be told. Raises the reason why the subscription cannot be."""
        wanted, symbol = self._wanted, command.symbol
        if wanted.known is not None and symbol not in wanted.known:
            raise UnknownAsset(symbol, similar(symbol, wanted.known))
        if symbol not in wanted.symbols and len(wanted.symbols) >= self._limit:
            raise SubscriptionLimitReached(symbol, self._limit, wanted.symbols)
        if not isinstance(command.aggregation, Direct):
            builder_for(symbol, command.aggregation)
        listener = self.context.system.directory.get(command.deliver_to)
        if listener is None:
            raise UnknownAddress(command.deliver_to, ())
        if isinstance(listener, Address):
            listener.refuse_strange(TicksReceived if isinstance(command.aggregation, Direct) else CandleClosed)
        return listener

    def _connect(self, command: Subscribe, listener: Addressee) -> None:
        """Lay the way from the router to the listener, before the first tick can come."""
        routes, symbol, aggregation = self.context.system.routes, command.symbol, command.aggregation
        self._wanted.listeners.setdefault((symbol, aggregation), {})[command.deliver_to] = listener
        if isinstance(aggregation, Direct):
            routes.add_ticks(symbol, listener)
            return
        routes.add(CandlesOf(symbol, aggregation), listener)
        name = aggregator_name(symbol, aggregation)
        routes.add_ticks(symbol, self.context.system.address(name))
        start = StartChild(name=name, factory=lambda context: CandleAggregatorActor(context, symbol, aggregation))
        self.context.tell(SUPERVISOR, start)

    def _issue(self, symbol: Symbol) -> None:
        """Ask the platform for the asset, once on each connection."""
        incarnation = self.context.session.incarnation
        if self._wanted.issued.get(symbol) == incarnation or not self.context.send(
            change_symbol(symbol, self._period_of(symbol))
        ):
            return
        self.context.send(subscribe_for(symbol))
        self._wanted.issued[symbol] = incarnation
        self.context.system.routes.add_ticks(symbol, self.context.address)  # until the first sign of it

    def _period_of(self, symbol: Symbol) -> int:
        kinds = [kind for wanted, kind in self._wanted.listeners if wanted == symbol]
        return min((kind.seconds for kind in kinds if isinstance(kind, TimeAligned)), default=DEFAULT_PERIOD_SECONDS)

    def _is_confirmed(self, symbol: Symbol) -> bool:
        return self._wanted.confirmed.get(symbol) == self.context.session.incarnation

    def _on_sign_of(self, symbol: Symbol) -> None:
        wanted = self._wanted
        incarnation = self.context.session.incarnation
        if wanted.issued.get(symbol) != incarnation:  # nobody wants it, or it is a late word of the connection before
            return
        wanted.confirmed[symbol] = incarnation
        self.context.system.routes.remove_ticks(symbol, self.context.address)
        answered = [command for command in wanted.waiting if command.symbol == symbol]
        wanted.waiting = [command for command in wanted.waiting if command.symbol != symbol]
        for command in answered:
            self.context.reply(command, Subscribed(request_id=command.request_id, symbol=symbol))

    def _on_restore_session(self, command: RestoreSession) -> None:
        wanted = self._wanted
        for symbol in wanted.symbols:
            # What has streamed exists, whatever a list of assets leaves out.
            if wanted.known is not None and symbol not in wanted.known and symbol not in wanted.confirmed:
                self._give_up(symbol, wanted.known)
            else:
                self._issue(symbol)
        self.context.reply(command, SessionRestored(request_id=command.request_id, incarnation=command.incarnation))

    def _give_up(self, symbol: Symbol, known: frozenset[Symbol]) -> None:
        """It was wanted before the assets were known, and there is no such asset."""
        error = UnknownAsset(symbol, similar(symbol, known))
        for command in [command for command in self._wanted.waiting if command.symbol == symbol]:
            self._wanted.waiting.remove(command)
            self.context.fail(command, error)
        self._on_unsubscribe(Unsubscribe(symbol=symbol, deliver_to=NOBODY))

    def _on_unsubscribe(self, command: Unsubscribe) -> None:
        for symbol, aggregation in tuple(self._wanted.listeners):
            if symbol == command.symbol and command.aggregation in (None, aggregation):
                self._disconnect(symbol, aggregation, command.deliver_to)
        self._wanted.waiting = [each for each in self._wanted.waiting if self._wanted.has(each)]
        if command.symbol not in self._wanted.symbols and command.symbol in self._wanted.issued:
            del self._wanted.issued[command.symbol]
            self._wanted.confirmed.pop(command.symbol, None)
            self.context.system.routes.remove_ticks(command.symbol, self.context.address)
            self.context.send(unsubscribe_for(command.symbol))
        self.context.reply(command, Done(request_id=command.request_id))

    def _disconnect(self, symbol: Symbol, aggregation: Aggregation, who: AddressName) -> None:
        listeners = self._wanted.listeners[symbol, aggregation]
        for name in [name for name in listeners if who in (NOBODY, name)]:
            self._unlisten(symbol, aggregation, listeners.pop(name))
        if listeners:
            return
        del self._wanted.listeners[symbol, aggregation]
        if not isinstance(aggregation, Direct):
            name = aggregator_name(symbol, aggregation)
            self.context.system.routes.remove_ticks(symbol, self.context.system.address(name))
            self.context.tell(SUPERVISOR, StopChild(name=name))

    def _unlisten(self, symbol: Symbol, aggregation: Aggregation, listener: Addressee) -> None:
        if isinstance(aggregation, Direct):
            self.context.system.routes.remove_ticks(symbol, listener)
        else:
            self.context.system.routes.remove(CandlesOf(symbol, aggregation), listener)

    def _on_get_subscriptions(self, query: GetSubscriptions) -> None:
        wanted = tuple(self._wanted.listeners)
        self.context.reply(query, Subscriptions(request_id=query.request_id, wanted=wanted))


def aggregator_name(symbol: Symbol, aggregation: Aggregation) -> AddressName:
    """The name of the actor that builds these candles: the same for 5 as for 5.0, another for any other number."""
    match aggregation:
        case Direct():
            raise InvalidAggregation("Direct() has no candles")
        case Chunk(ticks):
            kind = f"Chunk({int(ticks)})"
        case Timed(seconds):
            kind = f"Timed({float(seconds)!r})"
        case TimeAligned(seconds):
            kind = f"TimeAligned({int(seconds)})"
        case _:
            assert_never(aggregation)
    return AddressName(f"Candles-{symbol}-{kind}")


def similar(symbol: Symbol, known: frozenset[Symbol]) -> tuple[Symbol, ...]:
    """The symbols that somebody who wrote this one may have meant."""
    from difflib import get_close_matches  # noqa: PLC0415 - slow to import, and needed for a mistake only

    by_lower = {name.lower(): name for name in sorted(known)}
    return tuple(by_lower[match] for match in get_close_matches(symbol.lower(), by_lower, n=2, cutoff=0.6))
