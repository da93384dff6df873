"""Trades: sends each order once and finds its answer.

Theory of operation. The order's id is the idempotency key: the same id again is the same order and is not sent again. A
refusal names no order, only the asset, so that at most one order of an asset is unanswered at a time; the next waits,
until its own deadline or the loss of the connection. What was sent and not answered is *unconfirmed*: it may exist, and
is never sent again. What was never sent is forgotten, and its id free.

Decides when an order may be sent and what its answer is. Does not know how a deal ends (``actors.api.deals``).
"""

from collections import deque
from enum import Enum
from typing import ClassVar, assert_never

from actors.api.limits import OrderLimits
from actors.api.subscriptions import similar
from actors.base import Actor, Context
from messages.base import Message
from messages.errors import (
    BusError,
    DeadlineExceeded,
    NotConnected,
    OrderRefused,
    OrderUnconfirmed,
    UnknownAsset,
    UsageError,
)
from messages.market import AssetsChanged, Symbol
from messages.session import SessionLost, SessionState
from messages.trading import Deal, OrderId, PlaceTrade, TradeAccepted, TradePlaced, TradeRefused
from messages.wire.commands import open_order


class OrderStage(Enum):
    """How far an order has come."""

    WAITING = "waiting"  # another order of the asset is unanswered
    SENT = "sent"
    PLACED = "placed"
    FAILED = "failed"  # refused, never sent, or unconfirmed: ``error`` says which


class Order:
    """One order and everybody who asked for it."""

    def __init__(self, command: PlaceTrade, due: float) -> None:
        self.command = command
        self.due = due
        self.askers = [command]
        self.stage = OrderStage.WAITING
        self.deal: Deal | None = None
        self.error: BusError | None = None

    def take_askers(self) -> list[PlaceTrade]:
        """Who waits for the answer, each once."""
        askers, self.askers = self.askers, []
        return askers


class _OrderOverdue(Message, frozen=True, kw_only=True):
    order: Order
    """Not its id, which may by now be that of another: an order that was not sent gives it back."""


Inbox = PlaceTrade | TradeAccepted | TradeRefused | AssetsChanged | SessionLost | _OrderOverdue


class OrderMemory:
    """What outlives a crash: the orders, and the assets there are."""

    def __init__(self) -> None:
        self.orders: dict[OrderId, Order] = {}
        self.unanswered: dict[Symbol, Order] = {}
        self.waiting: dict[Symbol, deque[Order]] = {}
        self.known: frozenset[Symbol] | None = None


class TradesActor(Actor[Inbox]):
    """Places orders."""

    listens: ClassVar = (TradeAccepted, TradeRefused, AssetsChanged, SessionLost)

    def __init__(self, context: Context, memory: OrderMemory, limits: OrderLimits, *, is_demo: bool) -> None:
        super().__init__(context)
        self._memory = memory
        self._limits = limits
        self._is_demo = is_demo

    def on_start(self) -> None:
        """Take up the deadlines again that the incarnation before left behind."""
        for order in self._memory.orders.values():
            if order.stage in (OrderStage.WAITING, OrderStage.SENT):
                self._await_deadline(order)

    def on_receive(self, message: Inbox) -> None:
        """Handle one message."""
        match message:
            case PlaceTrade():
                self._on_place_trade(message)
            case TradeAccepted():
                self._on_trade_accepted(message)
            case TradeRefused():
                self._on_trade_refused(message)
            case AssetsChanged():
                self._memory.known = frozenset(asset.symbol for asset in message.assets)
            case SessionLost():
                self._on_session_lost()
            case _OrderOverdue():
                self._on_order_overdue(message)
            case _:
                assert_never(message)

    def _on_place_trade(self, command: PlaceTrade) -> None:
        known = self._memory.orders.get(command.order_id)
        if known is not None:
            known.askers.append(command)
            self._answer(known)
            return
        order = Order(command, self.context.clock.monotonic() + command.deadline_seconds)
        self._memory.orders[command.order_id] = order
        denial = self._denial(command)
        if denial is not None:
            self._fail(order, denial)
            return
        self._await_deadline(order)
        self._memory.waiting.setdefault(command.symbol, deque()).append(order)
        self._send_next(command.symbol)

    def _denial(self, command: PlaceTrade) -> BusError | None:
        """Why nothing may be sent."""
        try:
            self._limits.check(command.stake, command.duration_seconds)
        except UsageError as error:
            return error
        state, known = self.context.session.state, self._memory.known
        if state is not SessionState.READY:
            return NotConnected(state.value)
        if known is not None and command.symbol not in known:
            return UnknownAsset(command.symbol, similar(command.symbol, known))
        return None

    def _send_next(self, symbol: Symbol) -> None:
        waiting = self._memory.waiting.get(symbol)
        while waiting and symbol not in self._memory.unanswered:
            order = waiting.popleft()
            if order.stage is not OrderStage.WAITING:
                continue  # its deadline has passed, or it was found to exist
            if order.due <= self.context.clock.monotonic():
                self._expire(order)  # before its own reminder does
            else:
                self._send(order)

    def _send(self, order: Order) -> None:
        denial = self._denial(order.command)
        if denial is None and self.context.send(open_order(order.command, is_demo=self._is_demo)):
            order.stage = OrderStage.SENT
            self._memory.unanswered[order.command.symbol] = order
        else:
            self._fail(order, denial or NotConnected(self.context.session.state.value))

    def _on_trade_accepted(self, event: TradeAccepted) -> None:
        order = self._order_of(event.deal)
        if order is None:
            return  # placed elsewhere: Deals knows it
        order.stage, order.deal, order.error = OrderStage.PLACED, event.deal, None
        self._answer(order)
        self._release(order)

    def _order_of(self, deal: Deal) -> Order | None:
        if deal.order_id is not None:
            return self._memory.orders.get(deal.order_id)
        order = self._memory.unanswered.get(deal.symbol)
        if order is None:
            return None
        command = order.command
        is_it = (command.stake, command.direction) == (deal.stake, deal.direction)
        return order if is_it else None

    def _on_trade_refused(self, event: TradeRefused) -> None:
        order = self._refused_order(event.symbol)
        if order is not None:
            self._fail(order, OrderRefused(order.command.symbol, event.reason, event.amount))

    def _refused_order(self, symbol: Symbol | None) -> Order | None:
        unanswered = self._memory.unanswered
        if symbol is not None:
            return unanswered.get(symbol)
        return next(iter(unanswered.values())) if len(unanswered) == 1 else None

    def _on_order_overdue(self, overdue: _OrderOverdue) -> None:
        order = overdue.order
        if order.stage is OrderStage.SENT:
            self._fail(order, OrderUnconfirmed(order.command.symbol, order.command.order_id))
        elif order.stage is OrderStage.WAITING:
            self._expire(order)

    def _expire(self, order: Order) -> None:
        what = f"The order before this one on {order.command.symbol}; this one was not sent"
        self._fail(order, DeadlineExceeded(what, order.command.deadline_seconds))

    def _on_session_lost(self) -> None:
        """Whatever waits was meant for the market of that moment. What was sent has its deadline."""
        for order in [each for waiting in self._memory.waiting.values() for each in waiting]:
            if order.stage is OrderStage.WAITING:
                self._fail(order, NotConnected("lost"))
        self._memory.waiting.clear()

    def _fail(self, order: Order, error: BusError) -> None:
        if order.stage is OrderStage.WAITING:
            del self._memory.orders[order.command.order_id]  # nothing was sent: the id is free again
        order.stage, order.error = OrderStage.FAILED, error
        self._answer(order)
        self._release(order)

    def _release(self, order: Order) -> None:
        symbol = order.command.symbol
        if self._memory.unanswered.get(symbol) is order:
            del self._memory.unanswered[symbol]
            self._send_next(symbol)

    def _answer(self, order: Order) -> None:
        """Tell everybody who asked, if there is something to tell."""
        if order.deal is not None:
            for asker in order.take_askers():
                self.context.reply(asker, TradePlaced(request_id=asker.request_id, deal=order.deal))
        elif order.error is not None:
            for asker in order.take_askers():
                self.context.fail(asker, order.error)

    def _await_deadline(self, order: Order) -> None:
        self.context.after(order.due - self.context.clock.monotonic(), _OrderOverdue(order=order))
