"""Subscriptions: which assets stream, to whom, and how aggregated.

Theory of operation. The *wanted* set is what callers asked for; it outlives connections and crashes. On each
connection every wanted asset is asked for once: when it is first wanted, or when the session is restored. Ticks go
from the router straight to whoever wants every tick; for all else there is one aggregator per asset and
aggregation, shared. Where there are several lines, each asset lives on one of them, and its aggregators with it.
While something is wanted, the times of the latest ticks are looked at now and then: no tick costs a message for that.

Decides who may still subscribe, and when a subscription is confirmed: at the first sign of the platform about the
asset. Does not know how candles are built, which line an asset is given (``actors.api.placement``), nor what is stale
(``actors.api.freshness``).
"""

from typing import ClassVar, Final, assert_never

from actors.address import Address, Addressee
from actors.api.freshness import Freshness
from actors.api.placement import Placement
from actors.base import Actor, Context
from actors.candles.aggregator import CandleAggregatorActor, ToldCandles
from actors.candles.builder import builder_for
from actors.routes import CandlesOf
from messages.account import ServerTimeMeasured
from messages.base import NOBODY, AddressName, Done, Incarnation, Message
from messages.errors import (
    BusError,
    InvalidAggregation,
    SubscriptionLimitReached,
    UnknownAddress,
    UnknownAsset,
)
from messages.market import (
    Aggregation,
    AssetsChanged,
    CandleClosed,
    Chunk,
    Direct,
    GetSubscriptions,
    HistoryReported,
    StreamStale,
    Subscribe,
    Subscribed,
    Subscriptions,
    Symbol,
    TicksReceived,
    TimeAligned,
    Timed,
    Unsubscribe,
)
from messages.session import RestoreSession, SessionRestored, SessionState, SessionStateChanged
from messages.supervision import StartChild, StopChild
from messages.wire.commands import change_symbol, subscribe_for, unsubscribe_for

LOOK_SECONDS: Final = 1.0
"""How often, on the market's clock, somebody looks whether the streams are silent."""

SHORTEST_LOOK_SECONDS: Final = 0.05
"""The same at least, on the hand's clock, where the market's runs fast."""


class _LookDue(Message, frozen=True, kw_only=True):
    pass


Inbox = (
    Subscribe
    | Unsubscribe
    | GetSubscriptions
    | RestoreSession
    | AssetsChanged
    | HistoryReported
    | TicksReceived
    | SessionStateChanged
    | ServerTimeMeasured
    | _LookDue
)

Asked = tuple[int, Incarnation]
"""The line and the incarnation of a connection."""

SUPERVISOR = AddressName("Supervisor")
DEFAULT_PERIOD_SECONDS = 60
"""What a change of symbol asks for where the aggregation has no period of its own."""


class WantedSubscriptions:
    """What outlives a crash: who wants what, what was asked of which connection, who waits, what is silent."""

    def __init__(self, silence_seconds: float = 10.0) -> None:
        self.listeners: dict[tuple[Symbol, Aggregation], dict[AddressName, Addressee]] = {}
        self.told: dict[tuple[Symbol, Aggregation], ToldCandles] = {}
        self.issued: dict[Symbol, Asked] = {}
        self.confirmed: dict[Symbol, Asked] = {}
        self.waiting: list[Subscribe] = []
        self.known: frozenset[Symbol] | None = None
        self.freshness = Freshness(silence_seconds)
        self.skew_seconds = 0.0

    @property
    def symbols(self) -> tuple[Symbol, ...]:
        """The assets that are wanted, in the order in which they came to be."""
        return tuple(dict.fromkeys(symbol for symbol, _ in self.listeners))

    def has(self, command: Subscribe) -> bool:
        """Whether what the command asked for is still wanted."""
        return command.deliver_to in self.listeners.get((command.symbol, command.aggregation), ())


class SubscriptionsActor(Actor[Inbox]):
    """Keeps the wanted assets streaming. ``limit`` is how many one connection takes."""

    listens: ClassVar = (AssetsChanged, HistoryReported, ServerTimeMeasured)

    def __init__(self, context: Context, wanted: WantedSubscriptions, limit: int) -> None:
        super().__init__(context)
        self._wanted = wanted
        self._placement = Placement(context.system.lines, context.system.routes.homes, limit)
        self._is_looking = False

    def on_start(self) -> None:
        """Hear of the other lines, and go on where the incarnation before stopped."""
        for line in self.context.system.lines[1:]:
            self.context.system.routes.add(line.topic(SessionStateChanged), self.context.address)
        self._move_out()
        self._await_look()

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
                self._on_assets_changed(message)
            case HistoryReported() | TicksReceived():
                self._on_sign_of(message.symbol)
            case SessionStateChanged():
                self._move_out()
            case ServerTimeMeasured():
                self._wanted.skew_seconds = message.skew_seconds
            case _LookDue():
                self._on_look_due()
            case _:
                assert_never(message)

    def _on_subscribe(self, command: Subscribe) -> None:
        try:
            listener = self._admit(command)
        except BusError as error:
            self.context.fail(command, error)
            return
        self._placement.place(command.symbol)
        self._connect(command, listener)
        self._wanted.waiting.append(command)
        self._issue(command.symbol)
        self._look(command.symbol)
        self._await_look()
        if self._is_confirmed(command.symbol):
            self._on_sign_of(command.symbol)

    def _admit(self, command: Subscribe) -> Addressee:
        """Who is to be told. Raises the reason why the subscription cannot be."""
        wanted, symbol = self._wanted, command.symbol
        if wanted.known is not None and symbol not in wanted.known:
            raise UnknownAsset(symbol, similar(symbol, wanted.known))
        if symbol not in wanted.symbols and len(wanted.symbols) >= self._placement.capacity:
            raise SubscriptionLimitReached(symbol, self._placement.capacity, wanted.symbols)
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
        routes.add_ticks(symbol, self.context.system.address(aggregator_name(symbol, aggregation)))
        self._start_aggregator(symbol, aggregation)

    def _start_aggregator(self, symbol: Symbol, aggregation: Aggregation) -> None:
        home = self._placement.home(symbol)
        told = self._wanted.told.setdefault((symbol, aggregation), ToldCandles())
        start = StartChild(
            name=aggregator_name(symbol, aggregation),
            factory=lambda context: CandleAggregatorActor(context, symbol, aggregation, told),
            line=home.index if home is not None else 0,
        )
        self.context.tell(SUPERVISOR, start)

    def _connection_of(self, symbol: Symbol) -> Asked | None:
        """The connection on which the asset is to stream."""
        home = self._placement.home(symbol)
        return None if home is None else (home.index, home.session.incarnation)

    def _issue(self, symbol: Symbol) -> None:
        """Ask the platform for the asset, once on each connection."""
        home, connection = self._placement.home(symbol), self._connection_of(symbol)
        if connection is None or self._wanted.issued.get(symbol) == connection:
            return
        if not self.context.send(change_symbol(symbol, self._period_of(symbol)), home):
            return
        self.context.send(subscribe_for(symbol), home)
        self._wanted.issued[symbol] = connection
        self.context.system.routes.add_ticks(symbol, self.context.address)  # until the first sign of it

    def _period_of(self, symbol: Symbol) -> int:
        kinds = [kind for wanted, kind in self._wanted.listeners if wanted == symbol]
        return min((kind.seconds for kind in kinds if isinstance(kind, TimeAligned)), default=DEFAULT_PERIOD_SECONDS)

    def _is_confirmed(self, symbol: Symbol) -> bool:
        connection = self._connection_of(symbol)
        return connection is not None and self._wanted.confirmed.get(symbol) == connection

    def _on_sign_of(self, symbol: Symbol) -> None:
        wanted = self._wanted
        connection = self._connection_of(symbol)
        # Nobody wants it, or it is a late word of the connection before.
        if connection is None or wanted.issued.get(symbol) != connection:
            return
        wanted.confirmed[symbol] = connection
        self.context.system.routes.remove_ticks(symbol, self.context.address)
        answered = [command for command in wanted.waiting if command.symbol == symbol]
        wanted.waiting = [command for command in wanted.waiting if command.symbol != symbol]
        for command in answered:
            self.context.reply(command, Subscribed(request_id=command.request_id, symbol=symbol))

    def _on_restore_session(self, command: RestoreSession) -> None:
        for symbol in self._wanted.symbols:
            home = self._placement.home(symbol)
            if home is not None and home.index == command.line:
                self._issue(symbol)
        self.context.reply(command, SessionRestored(request_id=command.request_id, incarnation=command.incarnation))

    def _on_assets_changed(self, event: AssetsChanged) -> None:
        wanted = self._wanted
        wanted.known = known = frozenset(asset.symbol for asset in event.assets)
        for symbol in wanted.symbols:
            # What has streamed exists, whatever a list of assets leaves out.
            if symbol not in known and symbol not in wanted.confirmed:
                self._give_up(symbol, known)

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
        if command.symbol not in self._wanted.symbols:
            self._forget(command.symbol)
            self._house()
        self.context.reply(command, Done(request_id=command.request_id))

    def _forget(self, symbol: Symbol) -> None:
        """Nobody wants the asset any more."""
        home = self._placement.leave(symbol)
        self._wanted.freshness.forget(symbol)
        if self._wanted.issued.pop(symbol, None) is not None:
            self._wanted.confirmed.pop(symbol, None)
            self.context.system.routes.remove_ticks(symbol, self.context.address)
            self.context.send(unsubscribe_for(symbol), home)

    def _move_out(self) -> None:
        """Leave the lines that have given up."""
        for symbol in self._placement.clear():
            self._wanted.issued.pop(symbol, None)
        self._house()

    def _house(self) -> None:
        """Give a line to those wanted assets that have none, if there is room, and let them stream there."""
        for symbol in self._wanted.symbols:
            if self._placement.home(symbol) is not None or self._placement.place(symbol) is None:
                continue
            for aggregation in [kind for wanted, kind in self._wanted.listeners if wanted == symbol]:
                if not isinstance(aggregation, Direct):  # a new one, that hears of the new line
                    self.context.tell(SUPERVISOR, StopChild(name=aggregator_name(symbol, aggregation)))
                    self._start_aggregator(symbol, aggregation)
            self._issue(symbol)

    def _await_look(self) -> None:
        if self._wanted.listeners and not self._is_looking:
            self._is_looking = True
            self.context.after(max(LOOK_SECONDS / self.context.clock.scale, SHORTEST_LOOK_SECONDS), _LookDue())

    def _on_look_due(self) -> None:
        for symbol in self._wanted.symbols:
            self._look(symbol)
        self._is_looking = False
        self._await_look()

    def _look(self, symbol: Symbol) -> None:
        now = self.context.clock.now() + self._wanted.skew_seconds
        home = self._placement.home(symbol)
        latest = home.latest.get(symbol) if home is not None else None
        is_up = home is not None and home.session.state is SessionState.READY
        news = self._wanted.freshness.look(symbol, latest, now, is_up=is_up)
        if news is not None:
            self.context.publish(news)
            level, text = (
                ("WARNING", "has been silent for") if isinstance(news, StreamStale) else ("INFO", "streams again after")
            )
            self.context.log(level, f"{symbol} {text} {news.silent_seconds:.1f} s")

    def _disconnect(self, symbol: Symbol, aggregation: Aggregation, who: AddressName) -> None:
        listeners = self._wanted.listeners[symbol, aggregation]
        for name in [name for name in listeners if who in (NOBODY, name)]:
            self._unlisten(symbol, aggregation, listeners.pop(name))
        if listeners:
            return
        del self._wanted.listeners[symbol, aggregation]
        self._wanted.told.pop((symbol, aggregation), None)
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
        wanted, stale = tuple(self._wanted.listeners), self._wanted.freshness.stale
        self.context.reply(query, Subscriptions(request_id=query.request_id, wanted=wanted, stale=stale))


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
