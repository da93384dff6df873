"""Trades: sends each order once and follows it to its end.

Theory of operation. The order's id is the idempotency key: the same id again is the same order and is not sent again.
An order passes the gate, is written down, and only then goes out. A refusal names no order, only the asset, so that at
most one order of an asset is unacknowledged at a time; the next waits, until its own deadline or the loss of the
connection. What was sent and not answered is UNKNOWN: it may exist, and is never sent again; on every new connection,
and on a schedule, the platform is asked for its lists. What was never written down is forgotten, and its id free.

Decides when an order may be sent and what its answer is. Does not know which moves an order can make
(``actors.orders.ledger``), what is proof (``actors.orders.evidence``), nor who waits for a deal's result.
"""

from collections import deque
from collections.abc import Iterable
from itertools import chain
from math import inf
from typing import ClassVar

from actors.api.admission import Admission
from actors.api.limits import OrderLimits
from actors.base import Actor, Context
from actors.orders.answers import answer_of, news_of, result_or_error
from actors.orders.evidence import ARRIVAL_SECONDS
from actors.orders.gate import RiskSettings
from actors.orders.ledger import UNACKNOWLEDGED, OrderEvent, age, by_hand
from actors.orders.lookout import ListsOverdue, LookDue, Lookout
from actors.orders.memory import OrderMemory, Ticket
from actors.orders.reconciliation import Reconciliation, Word
from messages.account import BalanceReported, ServerTimeMeasured
from messages.base import AddressName, Done, Message
from messages.errors import BusError, DeadlineExceeded, NotConnected, UsageError
from messages.market import AssetsChanged, Symbol
from messages.order_errors import JournalUnavailable, OrderUnconfirmed, UnknownOrder
from messages.orders import (
    GetOrders,
    GetTrading,
    IntendOrder,
    NoteOrder,
    OrderIntended,
    OrderRecord,
    Orders,
    OrdersRecalled,
    OrderState,
    OrderStateChanged,
    SettleOrder,
    SetTradingMode,
    Trading,
    TradingModeChanged,
)
from messages.session import RestoreSession, SessionLost, SessionReady, SessionState
from messages.trading import (
    AwaitResult,
    ClosedDealsReported,
    Deal,
    DealResult,
    DealsSettled,
    OpenedDealsReported,
    PlaceTrade,
    TradeAccepted,
    TradePlaced,
    TradeRefused,
    TradeResult,
)
from messages.wire.commands import open_order

DEALS, PENDING = AddressName("Deals"), AddressName("PendingTrades")


class _OrdersOverdue(Message, frozen=True, kw_only=True):
    due: float
    """Monotonic seconds: whoever has waited until then has waited long enough."""


Inbox = (
    Word
    | PlaceTrade
    | AssetsChanged
    | RestoreSession
    | SessionReady
    | SessionLost
    | ServerTimeMeasured
    | IntendOrder
    | NoteOrder
    | SetTradingMode
    | GetTrading
    | GetOrders
    | SettleOrder
    | AwaitResult
    | LookDue
    | ListsOverdue
    | _OrdersOverdue
)


class TradesActor(Actor[Inbox]):
    """Places orders, and keeps the ledger of them."""

    listens: ClassVar = (
        TradeAccepted,
        TradeRefused,
        OpenedDealsReported,
        ClosedDealsReported,
        DealsSettled,
        BalanceReported,
        AssetsChanged,
        SessionReady,
        SessionLost,
        ServerTimeMeasured,
    )

    def __init__(
        self, context: Context, memory: OrderMemory, limits: OrderLimits, risk: RiskSettings, *, is_demo: bool
    ) -> None:
        super().__init__(context)
        self._memory, self._register, self._around = memory, memory.register, memory.around
        self._admission = Admission(context, memory, limits, risk)
        self._is_demo, self._is_taken_up, self._next_due = is_demo, False, inf
        patience_seconds = ARRIVAL_SECONDS * context.clock.scale
        self._reconciliation = Reconciliation(memory.register, patience_seconds, memory.skew_seconds)
        self._lookout = Lookout(context, memory.register, self._reconciliation)

    def on_start(self) -> None:
        """Open the journal, and take up the deadlines that the incarnation before left behind."""
        if (problem := self._take_up()) is not None:
            self.context.log("ERROR", f"the journal cannot be used, and no order is placed: {problem}")
        if self.context.session.state is SessionState.READY:
            self._lookout.ready()
        for ticket in self._memory.tickets.values():
            self._await_deadline(ticket)
        self._lose(OrderState.JOURNALED, "crashed over it")

    def on_stop(self) -> None:
        """Let others have the journal."""
        self._register.close()

    def on_receive(self, message: Inbox) -> None:  # noqa: C901, PLR0912 - one case a message
        """Handle one message."""
        match message:
            case PlaceTrade():
                self._on_place_trade(message)
            case AssetsChanged():
                self._memory.known = frozenset(asset.symbol for asset in message.assets)
            case RestoreSession():
                self._lookout.restore(message)
            case SessionReady():
                self._lookout.ready()
            case SessionLost():
                self._on_session_lost()
            case ServerTimeMeasured():
                self._memory.skew_seconds = self._reconciliation.skew_seconds = message.skew_seconds
            case IntendOrder():
                self._on_intend_order(message)
            case NoteOrder():
                self._register.note(message.order)
            case SetTradingMode():
                self._on_set_trading_mode(message)
            case GetTrading():
                self._on_get_trading(message)
            case GetOrders():
                self._on_get_orders(message)
            case SettleOrder():
                self._on_settle_order(message)
            case AwaitResult():
                self._on_await_result(message)
            case LookDue():
                self._on_look_due()
            case ListsOverdue():
                self._lookout.give_up(message)
            case _OrdersOverdue():
                self._on_orders_overdue(message.due)
            case BalanceReported() if not message.is_of(is_demo=self._is_demo):
                pass
            case _:
                self._on_word(message)
        self._register.flush()  # after the answers: nobody waits for it

    def _take_up(self) -> str | None:
        """Open the journal and follow up what it holds; why that cannot be, None once it is done."""
        problem = self._register.catch_up(self.context.clock.now())
        if problem is None:
            self._is_taken_up = True
            self.context.publish(OrdersRecalled(orders=(*self._register.ledger, *self._register.pending)))
            self._lookout.recall()
        return problem

    def _on_place_trade(self, command: PlaceTrade) -> None:
        if not self._is_taken_up:
            self._take_up()
        ticket = self._memory.tickets.get(command.order_id)
        if ticket is not None:
            ticket.askers.append(command)
            return
        try:
            known = None if command.is_new else self._admission.known(command.order_id, is_pending=False)
            if known is None:
                self._admission.check(command)
        except BusError as error:
            self.context.fail(command, error)
            return
        if known is not None:
            self._answer([command], known)
            return
        ticket = Ticket(command, self.context.clock.monotonic() + command.deadline_seconds)
        self._memory.tickets[command.order_id] = ticket
        self._await_deadline(ticket)
        self._memory.waiting.setdefault(command.symbol, deque()).append(ticket)
        self._send_next(command.symbol)

    def _send_next(self, symbol: Symbol) -> None:
        waiting = self._memory.waiting.get(symbol)
        while waiting and not self._around.is_occupied(symbol):
            ticket = waiting.popleft()
            if ticket.due <= self.context.clock.monotonic():
                self._expire(ticket)  # before its own reminder does
            else:
                self._send(ticket)

    def _send(self, ticket: Ticket) -> None:
        now, command = self.context.clock.now(), ticket.command
        known = self._register.ledger.get(command.order_id)
        if known is not None and known.state is not OrderState.DENIED:  # it was seen while it waited
            del self._memory.tickets[command.order_id]
            self._answer(ticket.askers, known)
            return
        order = self._order(command, now)
        try:
            self._admit(order, allow_duplicate=command.allow_duplicate)
        except BusError as error:
            self._fail(ticket, error)
            return
        if self.context.session.state is not SessionState.READY:  # the disk may have taken its time
            state = self.context.session.state.value
            self._register.move(order.order_id, OrderEvent.DENY, now, reason=state)
            self._fail(ticket, NotConnected(state))
            return
        frame = open_order(command, is_demo=self._is_demo)
        self._register.move(order.order_id, OrderEvent.SEND, now)
        self.context.send(frame)  # last of all: whom it wakes would have to wait for what came after it

    def _admit(self, order: OrderRecord, *, allow_duplicate: bool) -> OrderRecord:
        """The order once it is on disk and may go out. Raises BusError where it may not."""
        is_reconciled = self._lookout.is_reconciled and self._is_taken_up
        return self._admission.admit(order, allow_duplicate=allow_duplicate, is_reconciled=is_reconciled)

    def _order(self, command: PlaceTrade, now: float) -> OrderRecord:
        return OrderRecord(
            order_id=command.order_id,
            symbol=command.symbol,
            direction=command.direction,
            stake=command.stake,
            duration_seconds=command.duration_seconds,
            created=now,
            incarnation=self.context.session.incarnation,
            equity=self._reconciliation.equity(),
        )

    def _on_word(self, word: Word) -> None:
        now = self.context.clock.now()
        self._follow(self._reconciliation.hear(word, now))
        self._lookout.note_word()
        if isinstance(word, TradeAccepted):  # of which it has only overheard
            self.context.wake_soon(DEALS)
        if self._register.ledger.exposure.unacknowledged.total():  # it may have been the word that was missing
            self._follow(self._reconciliation.conclude(now, self._lookout.connected_since))

    def _follow(self, changes: Iterable[OrderStateChanged]) -> None:
        """Tell everybody what has become of orders, first of all who waits for them."""
        for change in changes:
            order = change.order
            news = news_of(change)
            if news is not None:
                self.context.log("ERROR", news)
            if order.state is OrderState.MANUAL:
                self.context.tell(DEALS, change)  # of the rest it hears by itself: no order wakes it twice
            self.context.publish(change)
            self._lookout.watch(order)
            self._send_next(order.symbol)
            ticket = self._memory.tickets.get(order.order_id)
            if ticket is not None and order.state not in UNACKNOWLEDGED:
                del self._memory.tickets[order.order_id]
                self._answer(ticket.askers, order)

    def _answer(self, askers: Iterable[PlaceTrade], order: OrderRecord) -> None:
        answer = answer_of(order)
        for asker in askers:
            if isinstance(answer, BusError):
                self.context.fail(asker, answer)
            elif isinstance(answer, Deal):
                self.context.reply(asker, TradePlaced(request_id=asker.request_id, deal=answer))

    def _on_orders_overdue(self, due: float) -> None:
        self._next_due = inf
        for ticket in tuple(self._memory.tickets.values()):
            if ticket.due > due:
                self._await_deadline(ticket)
            elif ticket.command.order_id in self._memory.tickets:  # what became of another may have ended this one too
                self._give_up(ticket)

    def _give_up(self, ticket: Ticket) -> None:
        command = ticket.command
        order = self._register.ledger.get(command.order_id)
        if order is None or order.state is OrderState.DENIED:
            self._expire(ticket)
            return
        self._fail(ticket, OrderUnconfirmed(command.symbol, command.order_id))
        if order.state is OrderState.SENT:
            self._lose(OrderState.SENT, "not answered in time", command.symbol)

    def _lose(self, state: OrderState, reason: str, symbol: Symbol | None = None) -> None:
        changes = self._reconciliation.lose(state, self.context.clock.now(), reason, symbol)
        if changes:
            self._lookout.ask()
            self._follow(changes)

    def _expire(self, ticket: Ticket) -> None:
        what = f"The order before this one on {ticket.command.symbol}; this one was not sent"
        self._fail(ticket, DeadlineExceeded(what, ticket.command.deadline_seconds))

    def _fail(self, ticket: Ticket, error: BusError) -> None:
        """Tell who waits; nothing more is to be told of this order."""
        del self._memory.tickets[ticket.command.order_id]
        waiting = self._memory.waiting.get(ticket.command.symbol, ())
        if ticket in waiting:
            self._memory.waiting[ticket.command.symbol].remove(ticket)
        for asker in ticket.askers:
            self.context.fail(asker, error)

    def _on_session_lost(self) -> None:
        """Whatever waits was meant for the market of that moment. What was sent may have been carried out."""
        for ticket in [ticket for waiting in self._memory.waiting.values() for ticket in waiting]:
            self._fail(ticket, NotConnected("lost"))
        self._lookout.lose()
        self._lose(OrderState.SENT, "lost")

    def _on_look_due(self) -> None:
        self._lookout.ask()
        self._follow(self._reconciliation.conclude(self.context.clock.now(), self._lookout.connected_since))
        self._lookout.plan()

    def _on_intend_order(self, command: IntendOrder) -> None:
        """A pending order: to be admitted here, and to be sent by whoever asks."""
        if not self._is_taken_up:
            self._take_up()
        try:
            order = self._admission.known(command.order.order_id, is_pending=True)
            order = order or self._admit(command.order, allow_duplicate=command.allow_duplicate)
        except BusError as error:
            self.context.fail(command, error)
        else:
            self.context.reply(command, OrderIntended(request_id=command.request_id, order=order))

    def _on_set_trading_mode(self, command: SetTradingMode) -> None:
        before = self._register.mode
        self._register.set_mode(command.mode)
        self.context.log("WARNING", f"trading is {command.mode.value} {command.reason}".rstrip())
        self.context.publish(TradingModeChanged(mode=command.mode, before=before, reason=command.reason))
        self.context.reply(command, Done(request_id=command.request_id))

    def _on_get_trading(self, query: GetTrading) -> None:
        self.context.reply(query, Trading(request_id=query.request_id, mode=self._register.mode))

    def _on_get_orders(self, query: GetOrders) -> None:
        ledgers = (self._register.ledger, self._register.pending)
        orders = chain.from_iterable(ledger.unresolved if query.unresolved else ledger for ledger in ledgers)
        self.context.reply(query, Orders(request_id=query.request_id, orders=tuple(sorted(orders, key=age))))

    def _on_settle_order(self, command: SettleOrder) -> None:
        order = self._register.known(command.order_id)
        if order is None:
            self.context.fail(command, UnknownOrder(command.order_id))
            return
        if order.pending is not None:
            self.context.tell(PENDING, command)
            return
        now, reason = self.context.clock.now(), command.reason or "settled by hand"
        try:
            moved = self._register.move(order.order_id, by_hand(order, command.state), now, reason=reason)
        except UsageError as error:
            self.context.fail(command, error)
            return
        self._follow([OrderStateChanged(order=moved, before=order.state)])
        self.context.reply(command, Done(request_id=command.request_id))

    def _on_await_result(self, query: AwaitResult) -> None:
        """A deal that Deals does not know: an earlier process may have known it."""
        result: DealResult | BusError
        try:
            result = result_or_error(self._register.order_of_deal(query.deal_id), query.deal_id)
        except JournalUnavailable as error:
            result = error
        if isinstance(result, BusError):
            self.context.fail(query, result)
        else:
            self.context.reply(query, TradeResult(request_id=query.request_id, result=result))

    def _await_deadline(self, ticket: Ticket) -> None:
        """One reminder for all, at the first deadline: most orders are answered long before theirs."""
        if ticket.due < self._next_due:
            self._next_due = ticket.due
            self.context.after(ticket.due - self.context.clock.monotonic(), _OrdersOverdue(due=ticket.due))
