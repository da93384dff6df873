"""The base of strategies: an actor that trades, whatever the market behind it is.

Theory of operation. A strategy is told ticks in batches and handles them one by one; the candles of its assets are
built of them here, so that a candle has closed before the tick that showed it is handled. A candle of which a tick may
be missing is fetched from history, and what comes after it waits for that. Where the market is played (a backtest), the
strategy says how many ticks it has handled, and stops at each tick on which it has asked for something: the answer
comes before the next tick, whatever the speed.

Decides in which order a strategy hears of things. Does not decide anything about trading, nor who answers.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import partial
from typing import Any, ClassVar, Self, assert_never

from msgspec import Struct
from msgspec.structs import asdict

from actors.base import Actor, Context
from actors.candles.builder import CandleBuilder, builder_for
from actors.failures import summary
from actors.orders.answers import result_of
from actors.strategies.context import CANDLES, StrategyContext
from actors.strategies.memory import StrategyMemory
from messages.account import BalanceChanged, GetBalance
from messages.base import AddressName, Message, Reply, RequestFailed, RequestId
from messages.errors import BusError, UsageError
from messages.market import (
    Asset,
    AssetsChanged,
    Candle,
    Candles,
    Direct,
    GetAssets,
    GetCandles,
    StreamStale,
    Subscribe,
    Symbol,
    Tick,
    TicksReceived,
    TimeAligned,
)
from messages.order_errors import OrderUnconfirmed
from messages.orders import OrderRecord, OrderState, OrderStateChanged
from messages.session import SessionLost, SessionReady, SessionState
from messages.strategies import TicksConsumed, TicksPlayed
from messages.trading import Deal, DealClosed, DealResult, OrderId, TradePlaced

BALANCE, ASSETS, SUBSCRIPTIONS = AddressName("Balance"), AddressName("Assets"), AddressName("Subscriptions")
PLAYER = AddressName("Market")

MOST_MISSED = 200
"""How many candles are fetched after a gap, at most."""


class _Begin(Message, frozen=True, kw_only=True):
    """What a strategy tells itself first."""


Inbox = (
    TicksReceived
    | TicksPlayed
    | Reply
    | DealClosed
    | OrderStateChanged
    | BalanceChanged
    | AssetsChanged
    | StreamStale
    | SessionLost
    | SessionReady
    | _Begin
)


class Strategy(Actor[Inbox]):
    """Subclass it and define the ``on_…`` methods that you need; none of them may wait.

    ``assets`` are what it is told of, ``period_seconds`` is how long its candles last, ``Params`` what can be set from
    outside, as ``self.params``. ``configured`` gives the same strategy with others. The market is ``self.context``.

    Example:
        >>> class Contrarian(Strategy):
        ...     def on_candle(self, candle):
        ...         if candle.close > candle.open and not self.context.open_deals:
        ...             self.context.sell(candle.symbol, 1, 60)
    """

    class Params(Struct, frozen=True, kw_only=True):
        """What can be set from outside."""

    assets: ClassVar[tuple[str, ...]] = ("EURUSD_otc",)
    period_seconds: ClassVar[int] = 60
    params: Any = None
    listens: ClassVar = (
        DealClosed,
        OrderStateChanged,
        BalanceChanged,
        AssetsChanged,
        StreamStale,
        SessionLost,
        SessionReady,
    )
    context: StrategyContext

    def __init__(self, context: Context, memory: StrategyMemory | None = None, *, is_played: bool = False) -> None:
        super().__init__(context)
        self._memory = memory or StrategyMemory()
        self._is_played = is_played
        self._symbols = tuple(Symbol(asset) for asset in self.assets)
        self.context = StrategyContext(context, self._memory, self._symbols, self.period_seconds)
        self.params = self.Params() if self.params is None else self.params
        self._builders: dict[Symbol, CandleBuilder] = {
            symbol: builder_for(symbol, TimeAligned(self.period_seconds)) for symbol in self._symbols
        }
        self._resuming: set[Symbol] = set()
        """The assets that have had no tick since the session was lost."""
        self._has_begun = False
        self._fetches: dict[RequestId, tuple[Symbol, float | None]] = {}
        """What history was asked for: the asset, and the end of the candle that was missed."""
        self._is_warm = False
        self._told_until: dict[Symbol, float] = {}  # the end of the last candle of each asset
        self._held: list[Tick] = []
        self._interrupted: Tick | None = None  # it showed that a candle has to be fetched before it
        context.address.tell(_Begin())

    @classmethod
    def configured(
        cls,
        *,
        assets: Sequence[str] | None = None,
        period_seconds: int | None = None,
        params: Struct | None = None,
        name: str | None = None,
    ) -> type[Self]:
        """The same strategy with other assets, period, parameters or name; what is left out stays as it is."""
        if isinstance(assets, str) or (assets is not None and not assets):
            raise UsageError("Give the assets of a strategy as a list with one symbol or more.")
        if params is not None and not isinstance(params, cls.Params):
            raise UsageError(f"The parameters of {cls.__name__} are {cls.__name__}.Params.")
        chosen = None if assets is None else tuple(assets)
        changes = {"assets": chosen, "period_seconds": period_seconds, "params": params}
        given = {key: value for key, value in changes.items() if value is not None}
        own = {"__doc__": cls.__doc__, "__module__": cls.__module__, "configured_from": cls}
        return type(name or cls.__name__, (cls,), {**own, **given})

    @classmethod
    def maker(cls, *, is_played: bool = False) -> partial[Self]:
        """What makes each life; all have one memory."""
        return partial(cls, memory=StrategyMemory(), is_played=is_played)

    @classmethod
    def parameters(cls) -> dict[str, object]:
        """What was set: assets, period and parameters, for reports."""
        params = cls.params if cls.params is not None else cls.Params()
        return {"assets": list(cls.assets), "period_seconds": cls.period_seconds, **asdict(params)}

    # What a strategy may define.

    def on_start(self) -> None:
        """Called first, in each life: make the indicators here."""

    def on_tick(self, tick: Tick) -> None:
        """Called with each tick of the assets."""

    def on_candle(self, candle: Candle) -> None:
        """Called with each candle that has closed, after the indicators were fed with it."""

    def on_deal_opened(self, deal: Deal) -> None:
        """Called when an order of this strategy has become a deal."""

    def on_deal_closed(self, result: DealResult) -> None:
        """Called when a deal of this strategy has closed."""

    def on_order_failed(self, order_id: OrderId, error: BusError) -> None:
        """Called when an order has come to nothing, or nobody knows what it came to (OrderUnconfirmed)."""
        self.context.log("WARNING", f"{order_id}: {error}")

    def on_balance_update(self, balance: Decimal) -> None:
        """Called when the balance has changed."""

    def on_stale(self, symbol: Symbol) -> None:
        """Called when an asset has had no tick for longer than usual."""

    def on_error(self, error: BusError) -> None:
        """Called when something that was asked ended in an error."""
        self.context.log("WARNING", str(error))

    def on_restart(self, failure: str) -> None:
        """Called after ``on_start`` in the life after one that ended in this failure."""
        self.context.log("WARNING", f"goes on after {failure}")

    def on_stop(self) -> None:
        """Called last, unless it failed."""

    def on_failure(self, exception_type: Any, exception_value: Any, traceback: Any) -> None:  # noqa: ANN401, ARG002 - pykka's
        """Keeps what it died of for the next life."""
        self._memory.failure = summary(exception_value)

    # How it hears of things.

    def on_receive(self, message: Inbox) -> None:  # noqa: C901, PLR0912 - one case a message
        """Handle one message; not to be overridden."""
        if not self._has_begun:
            self._begin()
        match message:
            case TicksPlayed():
                self._play(message)
            case TicksReceived():
                self._on_ticks_received(message.ticks)
            case TradePlaced():
                self._on_trade_placed(message)
            case RequestFailed():
                self._on_request_failed(message)
            case Reply():
                self._on_reply(message)
            case DealClosed():
                self._on_deal_closed(message.result)
            case OrderStateChanged():
                self._on_order_state_changed(message.order)
            case BalanceChanged():
                self._on_balance(message.amount)
            case AssetsChanged():
                self._on_assets(message.assets)
            case StreamStale():
                if message.symbol in self._builders:
                    self.on_stale(message.symbol)
            case SessionLost():
                for builder in self._builders.values():
                    builder.interrupt()
            case SessionReady():
                self._warm_up()
                self._resuming.update(self._builders)
            case _Begin():
                pass  # it has begun
            case _:
                assert_never(message)

    def _begin(self) -> None:
        self._has_begun = True
        context, failure = self.context, self._memory.failure
        context.ask(ASSETS, GetAssets(), lambda reply: self._on_assets(reply.assets))
        context.ask(BALANCE, GetBalance(), lambda reply: self._on_balance(reply.amount))
        for symbol in self._symbols:
            wanted = Subscribe(symbol=symbol, aggregation=Direct(), deliver_to=context.name)
            context.ask(SUBSCRIPTIONS, wanted, lambda _reply: None)
        if self._is_played or context.session.state is SessionState.READY:
            self._warm_up()
        if failure:
            self._memory.failure = ""
            self.on_restart(failure)
        if self._is_played and self._memory.owed is not None:
            self._consumed(self._memory.owed, self._memory.consumed)

    def _warm_up(self) -> None:
        """Give the indicators what was before, once."""
        for indicators in () if self._is_warm else self.context.indicators.values():
            self._fetch(indicators.symbol, indicators.warm_up, None)
        self._is_warm = True

    def _consumed(self, number: int, count: int) -> None:
        self._memory.owed = None
        self.context.tell(PLAYER, TicksConsumed(number=number, strategy=self.context.name, count=count))

    def _play(self, played: TicksPlayed) -> None:
        """Handle ticks until something was asked, and say how many."""
        self._memory.owed, self._memory.consumed = played.number, min(1, len(played.ticks))
        self._consumed(played.number, self._handle(played.ticks))

    def _on_ticks_received(self, ticks: Sequence[Tick]) -> None:
        self._held.extend(ticks)
        while self._held and not self._fetches:
            held, self._held = self._held, []
            self._held[:0] = held[self._handle(held) :]

    def _handle(self, ticks: Sequence[Tick]) -> int:
        """Handle ticks one by one, as far as can be without an answer; gives how many."""
        context, builders = self.context, self._builders
        on_tick = self.on_tick if type(self).on_tick is not Strategy.on_tick else None
        context.has_asked = False
        index = 0
        if self._fetches:  # it was started anew, and the past is not told yet
            return 0
        for index, tick in enumerate(ticks, 1):
            builder = builders.get(tick.symbol)
            if builder is None:
                continue
            context.time = tick.time
            closed = builder.add(tick)
            if self._resuming and tick.symbol in self._resuming:  # of its window the beginning was missed
                self._resuming.discard(tick.symbol)
                builder.resume()
            if closed or on_tick is not None or context.has_timers:
                self._memory.consumed = index
                context.run_timers()
                for candle in closed:
                    self._on_closed(candle)
                if self._fetches:
                    self._interrupted = tick
                elif on_tick is not None:
                    on_tick(tick)
            if context.has_asked and (self._is_played or self._fetches):
                break
        return index

    def _on_closed(self, candle: Candle) -> None:
        if candle.complete:
            self._tell(candle)
            return
        end = candle.time + self.period_seconds
        missed = (end - self._told_until.get(candle.symbol, candle.time)) // self.period_seconds
        self._fetch(candle.symbol, min(max(int(missed), 1), MOST_MISSED), end)

    def _tell(self, candle: Candle) -> None:
        if candle.time < self._told_until.get(candle.symbol, 0.0):
            return
        self._told_until[candle.symbol] = candle.time + self.period_seconds
        indicators = self.context.indicators.get((candle.symbol, self.period_seconds))
        if indicators is not None:
            indicators.feed(candle)
        self.on_candle(candle)

    def _fetch(self, symbol: Symbol, count: int, end: float | None) -> None:
        """Ask history for candles; all ticks wait for it. ``end``: of the last one that was missed."""
        query = GetCandles(symbol=symbol, period_seconds=self.period_seconds, count=count, end=end)
        self._fetches[self.context.put(CANDLES, query)] = symbol, end

    def _on_candles(self, reply: Candles | RequestFailed) -> None:
        """History has answered; where it could not, there are no such candles."""
        symbol, end = self._fetches.pop(reply.request_id)
        candles = reply.candles if isinstance(reply, Candles) else ()
        closed = [candle for candle in candles if candle.closed and candle.complete]
        if end is not None:
            for candle in closed:
                self._tell(candle)
        elif closed:
            self.context.indicators[symbol, self.period_seconds].feed_all(closed)
            self._told_until[symbol] = closed[-1].time + self.period_seconds
        if self._fetches:
            return
        tick, self._interrupted = self._interrupted, None
        if tick is not None:
            self.on_tick(tick)
        self._on_ticks_received(())

    def _on_trade_placed(self, reply: TradePlaced) -> None:
        if self._memory.placed.pop(reply.request_id, None) is not None:
            self._opened(reply.deal)

    def _opened(self, deal: Deal) -> None:
        if deal.id not in self._memory.deals:
            self._memory.deals[deal.id] = deal
            self.context.time = max(self.context.time, deal.open_time)
            self.on_deal_opened(deal)

    def _on_deal_closed(self, result: DealResult) -> None:
        known = self._memory.deals.pop(result.deal.id, None)
        if known is not None:
            if known.order_id is not None:
                self._memory.orders.discard(known.order_id)
            self.context.time = max(self.context.time, result.deal.close_time)
            self.on_deal_closed(result)

    def _on_order_state_changed(self, order: OrderRecord) -> None:
        """An order that nobody knew the end of may be found later."""
        if order.deal is None or order.order_id not in self._memory.orders:
            return
        if order.state is OrderState.OPEN and order.order_id not in self._memory.placed.values():
            self._opened(order.deal)
        elif order.state is OrderState.CLOSED and order.deal.id not in self._memory.deals:
            self._opened(order.deal)
            self._on_deal_closed(result_of(order.deal))

    def _on_request_failed(self, failed: RequestFailed) -> None:
        order_id = self._memory.placed.pop(failed.request_id, None)
        if order_id is not None:
            if not isinstance(failed.error, OrderUnconfirmed):
                self._memory.orders.discard(order_id)
            self.on_order_failed(order_id, failed.error)
            return
        if failed.request_id in self._fetches:
            self._on_candles(failed)
        else:
            self.context.callbacks.pop(failed.request_id, None)
        self.on_error(failed.error)

    def _on_reply(self, reply: Reply) -> None:
        callback = self.context.callbacks.pop(reply.request_id, None)
        if isinstance(reply, Candles) and reply.request_id in self._fetches:
            self._on_candles(reply)
        elif callback is not None:
            callback(reply)

    def _on_balance(self, amount: Decimal) -> None:
        before, self.context.balance = self.context.balance, amount
        if before is not None and before != amount:
            self.on_balance_update(amount)

    def _on_assets(self, assets: Iterable[Asset]) -> None:
        self.context.assets = {asset.symbol: asset for asset in assets}
