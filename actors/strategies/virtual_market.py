"""The virtual market: an actor that answers what the trading modules answer, and sends nothing to anybody.

Theory of operation. It goes by the names of the modules that it stands for. On paper it hears the ticks of the real
market, and nothing else is different. In a backtest the ticks are played to it (``actors.strategies.player``), and it
answers for prices too. Orders pass the gate that they pass everywhere.

Decides who is told what. Does not know prices and moments of deals (``actors.strategies.market_model``).
"""

from collections.abc import Iterable
from typing import ClassVar, assert_never

from actors.api.limits import OrderLimits
from actors.api.subscriptions import similar
from actors.base import Actor, Context
from actors.orders.answers import result_of
from actors.orders.gate import RiskSettings, denial
from actors.orders.ledger import OrderEvent
from actors.orders.memory_journal import MemoryJournal
from actors.orders.register import Register
from actors.orders.standing import Surroundings
from actors.strategies.market_model import Filled, Happening, MarketModel, MarketSettings, Refused, Settled, Wish
from messages.account import Balance, BalanceChanged, GetBalance
from messages.base import AddressName, Done, Message, Reply, RequestId
from messages.errors import BusError, DeadlineExceeded, UnknownAsset, UsageError
from messages.market import AssetsChanged, Direct, Subscribe, Symbol, TicksReceived
from messages.order_errors import OrderDenied, OrderRefused, UnknownDeal, UnknownOrder
from messages.orders import (
    GetOrders,
    GetTrading,
    OrderRecord,
    Orders,
    SettleOrder,
    SetTradingMode,
    Trading,
    TradingModeChanged,
)
from messages.session import RestoreSession, SessionRestored
from messages.trading import (
    AwaitResult,
    CancelPendingOrders,
    Deal,
    DealClosed,
    DealId,
    DealOpened,
    DealResult,
    Deals,
    GetDeals,
    GetPendingOrders,
    OpenPendingOrder,
    OrderId,
    PendingOrders,
    PlaceTrade,
    TradePlaced,
    TradeResult,
)

MARKET = AddressName("Market")
STANDS_FOR = ("Trades", "Deals", "Balance", "PendingTrades")
SUBSCRIPTIONS = AddressName("Subscriptions")

_LIMITS = OrderLimits()
"""What may be staked, and for how long: as on the platform."""

_LATE_SECONDS = 1.0
"""How long after its end a deal is settled where no tick has shown that it is over."""


class _SettleDue(Message, frozen=True, kw_only=True):
    """A deal is over, whether or not a tick has shown it."""


class _FillOverdue(Message, frozen=True, kw_only=True):
    """An order has waited for a price as long as its asker does."""

    command: PlaceTrade


TradingRequest = (
    PlaceTrade
    | AwaitResult
    | GetDeals
    | GetBalance
    | GetOrders
    | GetTrading
    | SetTradingMode
    | SettleOrder
    | OpenPendingOrder
    | CancelPendingOrders
    | GetPendingOrders
)


class MarketMemory:
    """What outlives a crash: the market, what came of every order, and who waits for what."""

    def __init__(self, settings: MarketSettings, risk: RiskSettings) -> None:
        self.model = MarketModel(settings)
        self.risk = risk
        self.known: frozenset[Symbol] | None = None
        """The assets that there are; None while that is not known."""
        self.shut: frozenset[Symbol] = frozenset()
        """Those of them that cannot be traded now."""
        self.register = Register(MemoryJournal)
        self.around = Surroundings(self.register)
        self.settled: list[Settled] = []
        self.refused: list[Refused] = []
        self.closed: dict[DealId, DealResult] = {}
        self.asked: dict[OrderId, PlaceTrade] = {}
        self.waiting: dict[RequestId, AwaitResult] = {}


class TradingAnswers:
    """Answers for orders, deals and the balance, through the context of one actor."""

    def __init__(self, context: Context, memory: MarketMemory) -> None:
        self._context = context
        self._memory = memory
        self._model = memory.model
        self._told = memory.model.balance

    def answer(self, request: TradingRequest, decided: float) -> list[Happening]:
        """Answer a request of that time; gives what it has brought about."""
        match request:
            case PlaceTrade():
                return self.tell(self._place(request, decided))
            case AwaitResult():
                self._on_await_result(request)
            case SetTradingMode():
                self._on_set_trading_mode(request)
            case OpenPendingOrder() | CancelPendingOrders():
                self._context.fail(request, UsageError("There are no pending orders where nothing is sent."))
            case SettleOrder():
                self._context.fail(request, UnknownOrder(request.order_id))
            case GetDeals() | GetBalance() | GetOrders() | GetTrading() | GetPendingOrders():
                self._context.reply(request, self._told_of(request))
            case _:
                assert_never(request)
        return []

    def _told_of(self, query: GetDeals | GetBalance | GetOrders | GetTrading | GetPendingOrders) -> Reply:
        number, memory = query.request_id, self._memory
        match query:
            case GetDeals():
                closed = tuple(result.deal for result in memory.closed.values())
                return Deals(request_id=number, opened=tuple(self._model.opened.values()), closed=closed)
            case GetBalance():
                return Balance(request_id=number, is_demo=True, amount=self._model.balance)
            case GetOrders():
                ledger = memory.register.ledger
                return Orders(request_id=number, orders=tuple(ledger.unresolved if query.unresolved else ledger))
            case GetTrading():
                return Trading(request_id=number, mode=memory.register.mode)
            case GetPendingOrders():
                return PendingOrders(request_id=number, orders=())
            case _:
                assert_never(query)

    def _on_set_trading_mode(self, command: SetTradingMode) -> None:
        register, before = self._memory.register, self._memory.register.mode
        register.set_mode(command.mode)
        self._context.publish(TradingModeChanged(mode=command.mode, before=before, reason=command.reason))
        self._context.reply(command, Done(request_id=command.request_id))

    def tell(self, happenings: list[Happening]) -> list[Happening]:
        """Tell everybody whom it concerns; gives the same."""
        for happening in happenings:
            match happening:
                case Filled():
                    self._note(happening.wish.order_id, OrderEvent.OPEN, deal=happening.deal)
                    self._on_filled(happening.deal)
                case Refused():
                    self._memory.refused.append(happening)
                    self._note(happening.wish.order_id, OrderEvent.REFUSE)
                    self._context.fail(self._memory.asked.pop(happening.wish.order_id), happening.error)
                case Settled():
                    self._memory.settled.append(happening)
                    self._note(happening.wish.order_id, OrderEvent.CLOSE, deal=happening.deal)
                    self._on_settled(happening.deal)
                case _:
                    assert_never(happening)
        return happenings

    def _place(self, command: PlaceTrade, decided: float) -> list[Happening]:
        self._memory.asked[command.order_id] = command
        order = OrderRecord(
            order_id=command.order_id,
            symbol=command.symbol,
            direction=command.direction,
            stake=command.stake,
            duration_seconds=command.duration_seconds,
            created=decided,
        )
        wish = Wish(
            order_id=command.order_id,
            asker=command.reply_to,
            symbol=command.symbol,
            direction=command.direction,
            stake=command.stake,
            duration_seconds=command.duration_seconds,
            decided=decided,
        )
        objection = self._impossible(command) or self._denial(order, allow_duplicate=command.allow_duplicate)
        if objection is not None:
            return [Refused(wish, objection)]
        self._memory.register.intend(order, decided)
        self._memory.register.move(order.order_id, OrderEvent.SEND, decided)
        self._memory.around.add(order)
        return self._model.place(wish)

    def _impossible(self, command: PlaceTrade) -> BusError | None:
        """Why the platform would not have it."""
        known = self._memory.known
        try:
            _LIMITS.check(command.stake, command.duration_seconds)
        except BusError as error:
            return error
        if known is not None and command.symbol not in known:
            return UnknownAsset(command.symbol, similar(command.symbol, known))
        if command.symbol in self._memory.shut:
            return OrderRefused(command.symbol, "the asset is closed", None)
        return None

    def _denial(self, order: OrderRecord, *, allow_duplicate: bool) -> OrderDenied | None:
        """What the gate says."""
        latest, risk = self._model.latest(order.symbol), self._memory.risk
        standing = self._memory.around.standing(
            order,
            is_reconciled=True,
            silence=0.0,
            tick_age=None if latest is None else order.created - latest,
            counts_losses=risk.max_loss_per_day is not None,
        )
        return denial(order, standing, risk, allow_duplicate=allow_duplicate)

    def _note(self, order_id: OrderId, event: OrderEvent, **changes: object) -> None:
        register = self._memory.register
        if register.known(order_id) is not None:  # else it was denied
            register.move(order_id, event, self._context.clock.now(), **changes)

    def _on_filled(self, deal: Deal) -> None:
        command = self._memory.asked.pop(deal.order_id or OrderId(""))
        self._context.publish(DealOpened(deal=deal))
        self._context.reply(command, TradePlaced(request_id=command.request_id, deal=deal))
        self._tell_balance()

    def _on_settled(self, deal: Deal) -> None:
        result = self._memory.closed[deal.id] = result_of(deal)
        self._context.publish(DealClosed(result=result))
        for query in [query for query in self._memory.waiting.values() if query.deal_id == deal.id]:
            del self._memory.waiting[query.request_id]
            self._context.reply(query, TradeResult(request_id=query.request_id, result=result))
        self._tell_balance()

    def _tell_balance(self) -> None:
        before, self._told = self._told, self._model.balance
        if before != self._told:
            self._context.publish(BalanceChanged(is_demo=True, amount=self._told, before=before))

    def _on_await_result(self, query: AwaitResult) -> None:
        result = self._memory.closed.get(query.deal_id)
        if result is not None:
            self._context.reply(query, TradeResult(request_id=query.request_id, result=result))
        elif query.deal_id in self._model.opened:
            self._memory.waiting[query.request_id] = query
        else:
            self._context.fail(query, UnknownDeal(query.deal_id))


Inbox = TradingRequest | TicksReceived | AssetsChanged | RestoreSession | _SettleDue | _FillOverdue


class VirtualMarketActor(Actor[Inbox]):
    """Trades on paper: on the ticks of the market that is there."""

    listens: ClassVar = (AssetsChanged,)

    def __init__(self, context: Context, memory: MarketMemory) -> None:
        super().__init__(context)
        self._memory, self._model = memory, memory.model
        self._answers = TradingAnswers(context, memory)
        stand_in(context, STANDS_FOR)

    def on_start(self) -> None:
        """Say what there is to trade with."""
        self.context.publish(BalanceChanged(is_demo=True, amount=self._model.balance, before=None))

    def on_receive(self, message: Inbox) -> None:
        """Handle one message."""
        match message:
            case TicksReceived():
                for tick in message.ticks:
                    self._settle_later(self._answers.tell(self._model.feel(tick)))
            case AssetsChanged():
                self._memory.known = frozenset(asset.symbol for asset in message.assets)
                self._memory.shut = frozenset(asset.symbol for asset in message.assets if not asset.is_active)
                self._model.payouts.update({asset.symbol: asset.payout_percent for asset in message.assets})
            case RestoreSession():
                restored = SessionRestored(request_id=message.request_id, incarnation=message.incarnation)
                self.context.reply(message, restored)
            case PlaceTrade():
                self._on_place_trade(message)
            case _FillOverdue():
                self._on_fill_overdue(message.command)
            case _SettleDue():
                self._answers.tell(self._model.settle_before(self.context.clock.now()))
            case _:
                self._answers.answer(message, 0.0)

    def _on_place_trade(self, command: PlaceTrade) -> None:
        latest = self._model.latest(command.symbol)
        decided = self.context.clock.now() if latest is None else latest
        happenings = self._answers.answer(command, decided)
        self._settle_later(happenings)
        if happenings:
            return
        if latest is None:
            wanted = Subscribe(symbol=command.symbol, aggregation=Direct(), deliver_to=self.context.name)
            self.context.tell(SUBSCRIPTIONS, wanted)
        self.context.after(command.deadline_seconds, _FillOverdue(command=command))

    def _on_fill_overdue(self, command: PlaceTrade) -> None:
        wish = self._model.withdraw(command.order_id)
        if wish is not None:
            error = DeadlineExceeded(f"A price of {wish.symbol}; nothing was placed", command.deadline_seconds)
            self._answers.tell([Refused(wish, error)])

    def _settle_later(self, happenings: Iterable[Happening]) -> None:
        for happening in happenings:
            if isinstance(happening, Filled):
                self.context.at(happening.deal.close_time + _LATE_SECONDS, _SettleDue())


def stand_in(context: Context, names: Iterable[str]) -> None:
    """Let whatever is told to these names be told to this actor, from before anybody is started after it."""
    for name in names:
        context.system.directory.enter(AddressName(name), context.address)
