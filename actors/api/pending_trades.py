"""Pending orders: orders left with the platform until their time or their price comes.

Theory of operation. What is asked of the platform stays *unanswered* until it answers, the connection is lost or the
deadline passes, which runs from when the order was given. A refusal names the asset and no order, so that at most one
order of an asset is with the platform unanswered; the others wait for it. What was sent and not answered is
*unconfirmed*: it may be there, and is never sent again. Nothing waits across a reconnect.

Which orders wait is what the platform has told: its list after each login replaces all that was known, and so shows
which have opened meanwhile.

Decides when an order may be sent, and which answer is whose. Does not know what becomes of an order that opens.
"""

from collections.abc import Callable
from typing import Any, ClassVar, Generic, TypeVar, assert_never

from actors.base import Actor, Context
from messages.account import ServerTimeMeasured
from messages.base import Incarnation, Message
from messages.errors import BusError, DeadlineExceeded, NotConnected
from messages.market import Symbol
from messages.order_errors import OrderDenied, OrderRefused, OrderUnconfirmed, PendingNotCancelled
from messages.orders import TradingMode
from messages.session import SessionLost, SessionState
from messages.trading import (
    CancelPendingOrders,
    GetPendingOrders,
    OpenPendingOrder,
    PendingAccepted,
    PendingCancelled,
    PendingCancelRefused,
    PendingOrder,
    PendingOrderEnded,
    PendingOrderOpened,
    PendingOrders,
    PendingOrdersCancelled,
    PendingRefused,
    PendingReported,
    Ticket,
)
from messages.wire.clock import USUAL_OFFSET_SECONDS
from messages.wire.commands import cancel_pending_order, cancel_pending_orders, open_pending_order

C = TypeVar("C", bound=OpenPendingOrder | CancelPendingOrders)


class _AnswerOverdue(Message, frozen=True, kw_only=True):
    number: int


Inbox = (
    OpenPendingOrder
    | CancelPendingOrders
    | GetPendingOrders
    | PendingAccepted
    | PendingRefused
    | PendingCancelled
    | PendingCancelRefused
    | PendingReported
    | ServerTimeMeasured
    | SessionLost
    | _AnswerOverdue
)


class _Unanswered(Generic[C]):
    """A command; ``sent_on`` is the connection it was sent on, None while it waits for another before it."""

    def __init__(self, command: C, due: float) -> None:
        self.command = command
        self.due = due
        self.sent_on: Incarnation | None = None

    def is_lost_with(self, incarnation: Incarnation) -> bool:
        """Whether no answer can come any more once that connection is gone."""
        return self.sent_on is None or self.sent_on <= incarnation


U = TypeVar("U", bound=_Unanswered[Any])


class _Cancel(_Unanswered[CancelPendingOrders]):
    """A command to cancel, and what was answered about each of its orders so far."""

    def __init__(self, command: CancelPendingOrders, due: float) -> None:
        super().__init__(command, due)
        self.cancelled: dict[Ticket, None] = {}
        self.refused: dict[Ticket, str] = {}

    @property
    def missing(self) -> tuple[Ticket, ...]:
        """The orders about which nothing was said."""
        return tuple(
            ticket for ticket in self.command.tickets if ticket not in self.cancelled and ticket not in self.refused
        )


class PendingTradesMemory:
    """What outlives a crash: the orders, what is unanswered in the order it was asked, and the server's offset."""

    def __init__(self) -> None:
        self.orders: dict[Ticket, PendingOrder] = {}
        self.openings: dict[int, _Unanswered[OpenPendingOrder]] = {}
        self.cancels: dict[int, _Cancel] = {}
        self.offset_seconds = USUAL_OFFSET_SECONDS


class PendingTradesActor(Actor[Inbox]):
    """Opens and cancels pending orders. ``timeout_seconds``: how long a command may take; ``mode``: the kill switch."""

    listens: ClassVar = (
        PendingAccepted,
        PendingRefused,
        PendingCancelled,
        PendingCancelRefused,
        PendingReported,
        ServerTimeMeasured,
        SessionLost,
    )

    def __init__(
        self,
        context: Context,
        memory: PendingTradesMemory,
        timeout_seconds: float = 10.0,
        mode: Callable[[], TradingMode] = lambda: TradingMode.ACTIVE,
    ) -> None:
        super().__init__(context)
        self._mode = mode
        self._memory = memory
        self._openings = memory.openings
        self._cancels = memory.cancels
        self._timeout_seconds = timeout_seconds

    def on_start(self) -> None:
        """Take up the deadlines again that the incarnation before left behind."""
        for number, opening in self._openings.items():
            self._await_answer(number, opening.due)
        for number, cancel in self._cancels.items():
            self._await_answer(number, cancel.due)

    def on_receive(self, message: Inbox) -> None:  # noqa: C901 - one case a message
        """Handle one message."""
        match message:
            case OpenPendingOrder():
                self._on_open_pending_order(message)
            case CancelPendingOrders():
                self._on_cancel_pending_orders(message)
            case GetPendingOrders():
                self._on_get_pending_orders(message)
            case PendingAccepted():
                self._on_pending_accepted(message)
            case PendingRefused():
                self._on_pending_refused(message)
            case PendingCancelled():
                self._on_pending_cancelled(message)
            case PendingCancelRefused():
                self._on_pending_cancel_refused(message)
            case PendingReported():
                self._on_pending_reported(message)
            case ServerTimeMeasured():
                self._memory.offset_seconds = message.offset_seconds
            case SessionLost():
                self._on_session_lost(message)
            case _AnswerOverdue():
                self._on_answer_overdue(message)
            case _:
                assert_never(message)

    def _on_open_pending_order(self, command: OpenPendingOrder) -> None:
        mode = self._mode()
        if mode is not TradingMode.ACTIVE:
            self.context.fail(command, OrderDenied(command.symbol, "trading mode", mode.value, "active"))
            return
        self._enter(self._openings, _Unanswered(command, self._due()))
        self._send_next(command.symbol)

    def _send_next(self, symbol: Symbol) -> None:
        """Send the asset's first order, unless it is with the platform already or it is too late for it.

        None waits for a connection: those that cannot be sent end here.
        """
        while (number := self._first(symbol)) is not None:
            opening = self._openings[number]
            frame = open_pending_order(opening.command, self._memory.offset_seconds)
            is_late = opening.due <= self.context.clock.monotonic()  # its own reminder is about to end it
            if opening.sent_on is not None or is_late or self._send(opening, frame):
                return
            self._give_up(number, NotConnected(self.context.session.state.value))

    def _first(self, symbol: Symbol) -> int | None:
        return next((number for number, opening in self._openings.items() if opening.command.symbol == symbol), None)

    def _send(self, unanswered: _Unanswered[C], frame: str) -> bool:
        session = self.context.session
        if session.state is not SessionState.READY or not self.context.send(frame):
            return False
        unanswered.sent_on = session.incarnation
        return True

    def _give_up(self, number: int, reason: BusError) -> None:
        """Wait for this order no longer: if it was sent, it may be there, whatever the reason."""
        opening = self._openings.pop(number)
        command = opening.command
        unconfirmed = OrderUnconfirmed(command.symbol, str(command.request_id))
        self.context.fail(command, reason if opening.sent_on is None else unconfirmed)

    def _on_pending_accepted(self, event: PendingAccepted) -> None:
        order = event.order
        self._memory.orders[order.ticket] = order
        number = self._sent(order.symbol)
        if number is not None and _is_wished(self._openings[number].command, order):
            command = self._openings.pop(number).command
            self.context.reply(command, PendingOrderOpened(request_id=command.request_id, order=order))
            self._send_next(order.symbol)

    def _on_pending_refused(self, event: PendingRefused) -> None:
        kept = None if event.ticket is None else self._memory.orders.pop(event.ticket, None)
        if kept is not None:
            self.context.publish(PendingOrderEnded(order=kept, refusal=event.reason))
            return
        number = self._sent(event.symbol)
        if number is not None:
            command = self._openings.pop(number).command
            self.context.fail(command, OrderRefused(command.symbol, event.reason))
            self._send_next(command.symbol)

    def _sent(self, symbol: Symbol | None) -> int | None:
        """The order of the asset, or of any where none is named, that is with the platform; None if in doubt."""
        sent = [
            number
            for number, opening in self._openings.items()
            if opening.sent_on is not None and symbol in (None, opening.command.symbol)
        ]
        return sent[0] if len(sent) == 1 else None

    def _on_cancel_pending_orders(self, command: CancelPendingOrders) -> None:
        cancel, tickets = _Cancel(command, self._due()), command.tickets
        if self._mode() is TradingMode.HALTED:
            allowed = "active or reducing"
            self.context.fail(command, OrderDenied("the pending orders", "trading mode", "halted", allowed))
        elif not tickets:
            self._finish(cancel)
        elif self._send(cancel, cancel_pending_orders(tickets) if tickets[1:] else cancel_pending_order(tickets[0])):
            self._enter(self._cancels, cancel)
        else:
            self.context.fail(command, NotConnected(self.context.session.state.value))

    def _on_pending_cancelled(self, event: PendingCancelled) -> None:
        for ticket in event.tickets:
            self._memory.orders.pop(ticket, None)
        for cancel, tickets in self._answered_cancels(event.tickets):
            for ticket in tickets:
                self._memory.orders.pop(ticket, None)
            cancel.cancelled.update(dict.fromkeys(tickets))
        self._finish_cancels()

    def _on_pending_cancel_refused(self, event: PendingCancelRefused) -> None:
        for cancel, tickets in self._answered_cancels(event.tickets):
            cancel.refused.update(dict.fromkeys(tickets, event.reason))
        self._finish_cancels()

    def _answered_cancels(self, tickets: tuple[Ticket, ...]) -> list[tuple[_Cancel, list[Ticket]]]:
        """Who waits for these tickets, and for which; where none is named, the only command that waits for all."""
        is_clear = bool(tickets) or len(self._cancels) == 1
        return [
            (cancel, [ticket for ticket in cancel.missing if not tickets or ticket in tickets])
            for cancel in self._cancels.values()
            if is_clear
        ]

    def _finish_cancels(self) -> None:
        for number in [number for number, cancel in self._cancels.items() if not cancel.missing]:
            self._finish(self._cancels.pop(number))

    def _finish(self, cancel: _Cancel) -> None:
        command = cancel.command
        if cancel.refused:
            self.context.fail(command, PendingNotCancelled(cancel.refused, tuple(cancel.cancelled)))
        else:
            done = PendingOrdersCancelled(request_id=command.request_id, tickets=command.tickets)
            self.context.reply(command, done)

    def _on_pending_reported(self, event: PendingReported) -> None:
        before, self._memory.orders = self._memory.orders, {order.ticket: order for order in event.orders}
        for ticket, order in before.items():
            if ticket not in self._memory.orders:
                self.context.publish(PendingOrderEnded(order=order))

    def _on_get_pending_orders(self, query: GetPendingOrders) -> None:
        orders = tuple(self._memory.orders.values())
        self.context.reply(query, PendingOrders(request_id=query.request_id, orders=orders))

    def _on_session_lost(self, event: SessionLost) -> None:
        for number in _lost(self._openings, event.incarnation):
            self._give_up(number, NotConnected("lost"))
        for number in _lost(self._cancels, event.incarnation):
            self.context.fail(self._cancels.pop(number).command, event.error)

    def _on_answer_overdue(self, overdue: _AnswerOverdue) -> None:
        number = overdue.number
        if number in self._openings:
            symbol = self._openings[number].command.symbol
            what = f"The pending order before this one on {symbol}; this one was not sent"
            self._give_up(number, DeadlineExceeded(what, self._timeout_seconds))
            self._send_next(symbol)
        elif number in self._cancels:
            cancel = self._cancels.pop(number)
            what = f"Cancelling the pending orders {', '.join(cancel.missing)}"
            self.context.fail(cancel.command, DeadlineExceeded(what, self._timeout_seconds))

    def _due(self) -> float:
        return self.context.clock.monotonic() + self._timeout_seconds

    def _enter(self, table: dict[int, U], unanswered: U) -> None:
        number = self.context.system.new_id()
        table[number] = unanswered
        self._await_answer(number, unanswered.due)

    def _await_answer(self, number: int, due: float) -> None:
        self.context.after(due - self.context.clock.monotonic(), _AnswerOverdue(number=number))


def _is_wished(command: OpenPendingOrder, order: PendingOrder) -> bool:
    """Whether it can be the order of that command: others, given elsewhere, are reported the same way."""
    wished = (command.trigger, command.direction, command.stake)
    return wished == (order.trigger, order.direction, order.stake)


def _lost(table: dict[int, U], incarnation: Incarnation) -> list[int]:
    return [number for number, unanswered in table.items() if unanswered.is_lost_with(incarnation)]
