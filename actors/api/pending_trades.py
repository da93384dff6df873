"""Pending orders: orders left with the platform until their time or their price comes.

Theory of operation. An order is written down by Trades, which keeps the journal and the gate, before it is sent, and
sent once. A refusal names the asset and no order, so that at most one order of an asset is unacknowledged; the others
wait for it, until their own deadline or the loss of the connection. What was sent and not answered is UNKNOWN: it may
be there, and is never sent again; the platform's list, which is asked for on a schedule, tells what became of it.

Which orders wait is what the platform has told, those that were given elsewhere included.

Decides when an order may be sent and what its answer is. Does not know what the list proves
(``actors.orders.pending_reconciliation``), nor what becomes of an order that opens.
"""

from collections.abc import Callable, Iterable
from typing import ClassVar, assert_never

from msgspec.structs import replace

from actors.api.pending_cancels import CancelDesk, CancelOverdue, Cancels
from actors.base import Actor, Context
from actors.orders.answers import answer_of, news_of
from actors.orders.evidence import ARRIVAL_SECONDS
from actors.orders.ledger import UNACKNOWLEDGED, Ledger, OrderEvent, by_hand
from actors.orders.pending_forms import intention
from actors.orders.pending_lookout import PendingLookDue, PendingLookout
from actors.orders.pending_reconciliation import PendingReconciliation
from messages.account import ServerTimeMeasured
from messages.base import AddressName, Done, Message, RequestFailed, RequestId
from messages.errors import ActorCrashed, BusError, DeadlineExceeded, NotConnected, UsageError
from messages.market import Symbol
from messages.order_errors import OrderUnconfirmed, UnknownOrder
from messages.orders import (
    IntendOrder,
    NoteOrder,
    OrderIntended,
    OrderRecord,
    OrdersRecalled,
    OrderState,
    OrderStateChanged,
    SettleOrder,
    TradingMode,
)
from messages.session import SessionLost, SessionReady, SessionState
from messages.trading import (
    CancelPendingOrders,
    GetPendingOrders,
    OpenPendingOrder,
    OrderId,
    PendingAccepted,
    PendingCancelled,
    PendingCancelRefused,
    PendingOrder,
    PendingOrderEnded,
    PendingOrderOpened,
    PendingOrders,
    PendingRefused,
    PendingReported,
    Ticket,
)
from messages.wire.clock import USUAL_OFFSET_SECONDS
from messages.wire.commands import open_pending_order

TRADES = AddressName("Trades")


class _OpeningOverdue(Message, frozen=True, kw_only=True):
    order_id: OrderId


Inbox = (
    OpenPendingOrder
    | CancelPendingOrders
    | GetPendingOrders
    | SettleOrder
    | OrderIntended
    | RequestFailed
    | OrdersRecalled
    | PendingAccepted
    | PendingRefused
    | PendingCancelled
    | PendingCancelRefused
    | PendingReported
    | ServerTimeMeasured
    | SessionReady
    | SessionLost
    | _OpeningOverdue
    | CancelOverdue
    | PendingLookDue
)


class _Opening:
    """An order that somebody waits for; ``intent`` is what asks to write it down, None while another is before it."""

    def __init__(self, command: OpenPendingOrder, due: float) -> None:
        self.command = command
        self.due = due
        self.askers = [command]
        self.intent: IntendOrder | None = None


class PendingTradesMemory:
    """What outlives a crash: our orders, all that wait, who waits for an answer, and what is known of the time."""

    def __init__(self) -> None:
        self.ledger = Ledger()
        self.orders: dict[Ticket, PendingOrder] = {}
        self.openings: dict[OrderId, _Opening] = {}
        self.cancels: Cancels = {}
        self.offset_seconds = USUAL_OFFSET_SECONDS
        self.skew_seconds = 0.0


class PendingTradesActor(Actor[Inbox]):
    """Opens and cancels pending orders. ``timeout_seconds``: how long a command may take; ``mode``: the kill switch."""

    listens: ClassVar = (
        OrdersRecalled,
        PendingAccepted,
        PendingRefused,
        PendingCancelled,
        PendingCancelRefused,
        PendingReported,
        ServerTimeMeasured,
        SessionReady,
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
        self._memory, self._ledger, self._openings = memory, memory.ledger, memory.openings
        self._cancels = CancelDesk(context, memory.cancels, timeout_seconds, mode)
        self._timeout_seconds = timeout_seconds
        patience_seconds = ARRIVAL_SECONDS * context.clock.scale
        self._reconciliation = PendingReconciliation(memory.ledger, patience_seconds, memory.skew_seconds)
        self._lookout = PendingLookout(context, memory.ledger)

    def on_start(self) -> None:
        """Take up again what the incarnation before left behind."""
        self._cancels.take_up()
        for opening in self._openings.values():
            opening.intent = None  # whatever was answered to that, it is not sent before it is in the ledger
            self._remind(opening.due, _OpeningOverdue(order_id=opening.command.order_id))
        for symbol in {opening.command.symbol for opening in self._openings.values()}:
            self._send_next(symbol)
        if self.context.session.state is SessionState.READY:
            self._lookout.ready()
            self._lookout.look()

    def on_receive(self, message: Inbox) -> None:  # noqa: C901, PLR0912 - one case a message
        """Handle one message."""
        match message:
            case OpenPendingOrder():
                self._on_open_pending_order(message)
            case OrderIntended():
                self._on_order_intended(message.order)
            case RequestFailed():
                self._on_request_failed(message)
            case CancelPendingOrders():
                self._cancels.send(message)
            case GetPendingOrders():
                orders = tuple(self._memory.orders.values())
                self.context.reply(message, PendingOrders(request_id=message.request_id, orders=orders))
            case SettleOrder():
                self._on_settle_order(message)
            case OrdersRecalled():
                self._on_orders_recalled(message)
            case PendingAccepted() | PendingRefused() | PendingReported():
                self._on_word(message)
            case PendingCancelled():
                self._on_pending_cancelled(message)
            case PendingCancelRefused():
                self._cancels.refuse(message)
            case ServerTimeMeasured():
                self._on_server_time_measured(message)
            case SessionReady():
                self._lookout.ready()
            case SessionLost():
                self._on_session_lost(message)
            case _OpeningOverdue():
                self._on_opening_overdue(message.order_id)
            case CancelOverdue():
                self._cancels.give_up(message)
            case PendingLookDue():
                self._on_look_due()
            case _:
                assert_never(message)

    def _on_server_time_measured(self, measured: ServerTimeMeasured) -> None:
        self._memory.offset_seconds = measured.offset_seconds
        self._memory.skew_seconds = self._reconciliation.skew_seconds = measured.skew_seconds

    def _on_open_pending_order(self, command: OpenPendingOrder) -> None:
        order_id, known = command.order_id, self._ledger.get(command.order_id)
        opening = self._openings.get(order_id)
        if opening is not None:
            opening.askers.append(command)
        elif known is not None and known.state is not OrderState.DENIED:
            self._answer([command], known)
        else:
            due = self.context.clock.monotonic() + self._timeout_seconds
            self._openings[order_id] = _Opening(command, due)
            self._remind(due, _OpeningOverdue(order_id=order_id))
            self._send_next(command.symbol)

    def _send_next(self, symbol: Symbol) -> None:
        """Have the asset's first order written down, unless another is unacknowledged or it is too late for it.

        None waits for a connection: those that cannot be sent end here.
        """
        waiting = [opening for opening in self._openings.values() if opening.command.symbol == symbol]
        for opening in waiting:
            is_late = opening.due <= self.context.clock.monotonic()  # its own reminder is about to end it
            if self._ledger.exposure.unacknowledged[symbol] or opening.intent is not None or is_late:
                return
            state = self.context.session.state
            if state is SessionState.READY:
                self._intend(opening)
                return
            self._fail(opening, NotConnected(state.value))

    def _intend(self, opening: _Opening) -> None:
        command = opening.command
        opening.intent = IntendOrder(
            order=intention(command, self.context.clock.now()),
            allow_duplicate=command.allow_duplicate,
            reply_to=self.context.name,
            request_id=RequestId(self.context.system.new_id()),
        )
        self.context.tell(TRADES, opening.intent)

    def _on_order_intended(self, order: OrderRecord) -> None:
        known, opening = self._ledger.get(order.order_id), self._openings.get(order.order_id)
        if known is not None and known.state is not OrderState.DENIED:  # told twice
            return
        self._ledger.enter(order)
        if order.state is not OrderState.JOURNALED:  # an earlier process placed it
            self._end_opening(order)
            self._send_next(order.symbol)
        elif opening is None:
            self._deny(order, "nobody waits for it any more")
        elif opening.due <= self.context.clock.monotonic():  # before its own reminder comes
            self._expire(opening)
            self._deny(order, "its turn did not come in time")
        elif self.context.session.state is not SessionState.READY:  # the disk may have taken its time
            self._deny(order, self.context.session.state.value)
        else:
            self._send(order, opening.command)

    def _send(self, order: OrderRecord, command: OpenPendingOrder) -> None:
        frame, incarnation = open_pending_order(command, self._memory.offset_seconds), self.context.session.incarnation
        self._ledger.move(order.order_id, OrderEvent.SEND, self.context.clock.now(), incarnation=incarnation)
        self.context.send(frame)

    def _deny(self, order: OrderRecord, reason: str) -> None:
        """It was written down, and never sent."""
        denied = self._ledger.move(order.order_id, OrderEvent.DENY, self.context.clock.now(), reason=reason)
        self._follow([OrderStateChanged(order=denied, before=order.state)])

    def _on_request_failed(self, failed: RequestFailed) -> None:
        """Trades did not let an order pass."""
        for opening in tuple(self._openings.values()):
            intent = opening.intent
            if intent is not None and intent.request_id == failed.request_id:
                self._fail(opening, failed.error)
                if isinstance(failed.error, ActorCrashed):  # it may be written down, and was not sent
                    denied = replace(intent.order, state=OrderState.DENIED, reason="crashed over it")
                    self.context.tell(TRADES, NoteOrder(order=denied))
                self._send_next(opening.command.symbol)

    def _on_word(self, word: PendingAccepted | PendingRefused | PendingReported) -> None:
        now, waiting, reconciliation = self.context.clock.now(), self._memory.orders, self._reconciliation
        match word:
            case PendingAccepted():
                waiting[word.order.ticket] = word.order
                changes = reconciliation.accept(word.order, now)
            case PendingRefused():
                kept = None if word.ticket is None else waiting.pop(word.ticket, None)
                if kept is not None:
                    self.context.publish(PendingOrderEnded(order=kept, refusal=word.reason))
                # One that waited, of whomever, answers nobody.
                changes = reconciliation.refuse(word, now, is_answer=kept is None)
            case PendingReported():
                self._memory.orders = {order.ticket: order for order in word.orders}
                for ticket in waiting.keys() - self._memory.orders.keys():
                    self.context.publish(PendingOrderEnded(order=waiting[ticket]))
                changes = reconciliation.hear(word, now)
            case _:
                assert_never(word)
        self._follow(changes)
        if self._ledger.exposure.unacknowledged.total():
            self._follow(reconciliation.conclude(now, self._lookout.connected_since))
            if isinstance(word, PendingReported) and reconciliation.needs_another_list:
                self._lookout.ask()

    def _follow(self, changes: Iterable[OrderStateChanged]) -> None:
        """Tell everybody what has become of orders, first of all who waits for them."""
        for change in changes:
            order, news = change.order, news_of(change)
            if order.state not in UNACKNOWLEDGED:
                self._end_opening(order)
            self.context.tell(TRADES, NoteOrder(order=order))
            if news is not None:
                self.context.log("ERROR", news)
            self.context.publish(change)
            self._send_next(order.symbol)
            if order.state is OrderState.UNKNOWN:
                self._lookout.look()

    def _end_opening(self, order: OrderRecord) -> None:
        opening = self._openings.pop(order.order_id, None)
        if opening is not None:
            self._answer(opening.askers, order)

    def _answer(self, askers: Iterable[OpenPendingOrder], order: OrderRecord) -> None:
        answer = answer_of(order)
        for asker in askers:
            if isinstance(answer, BusError):
                self.context.fail(asker, answer)
            elif isinstance(answer, PendingOrder):
                told = self._memory.orders.get(answer.ticket, answer)
                self.context.reply(asker, PendingOrderOpened(request_id=asker.request_id, order=told))

    def _expire(self, opening: _Opening) -> None:
        what = f"The pending order before this one on {opening.command.symbol}; this one was not sent"
        self._fail(opening, DeadlineExceeded(what, self._timeout_seconds))

    def _fail(self, opening: _Opening, error: BusError) -> None:
        del self._openings[opening.command.order_id]
        for asker in opening.askers:
            self.context.fail(asker, error)

    def _on_opening_overdue(self, order_id: OrderId) -> None:
        opening, order = self._openings.get(order_id), self._ledger.get(order_id)
        if opening is None:
            return
        if order is None or order.state is OrderState.DENIED:
            self._expire(opening)
            self._send_next(opening.command.symbol)
            return
        self._fail(opening, OrderUnconfirmed(order.symbol, order_id))
        if order.state is OrderState.SENT:
            self._lose(order, "not answered in time")

    def _lose(self, order: OrderRecord, reason: str) -> None:
        self._follow(self._reconciliation.lose(order, self.context.clock.now(), reason))

    def _on_session_lost(self, event: SessionLost) -> None:
        """Whatever waits was meant for that moment. What was sent may have been kept."""
        self._lookout.lose()
        self._reconciliation.begin_anew()
        for order in self._ledger.unresolved:
            if order.state is OrderState.SENT and order.incarnation <= event.incarnation:
                self._lose(order, "lost")
        for opening in tuple(self._openings.values()):
            known = self._ledger.get(opening.command.order_id)
            if known is None or known.state is OrderState.DENIED:
                self._fail(opening, NotConnected("lost"))
        self._cancels.lose(event)

    def _on_orders_recalled(self, event: OrdersRecalled) -> None:
        """What an earlier process left with the platform, or may have."""
        for order in event.orders:
            if order.pending is not None and self._ledger.get(order.order_id) is None:
                self._ledger.enter(order)
        self._lookout.look()

    def _on_settle_order(self, command: SettleOrder) -> None:
        order = self._ledger.get(command.order_id)
        if order is None:
            self.context.fail(command, UnknownOrder(command.order_id))
            return
        now, reason = self.context.clock.now(), command.reason or "settled by hand"
        try:
            moved = self._ledger.move(order.order_id, by_hand(order, command.state), now, reason=reason)
        except UsageError as error:
            self.context.fail(command, error)
            return
        self._follow([OrderStateChanged(order=moved, before=order.state)])
        self.context.reply(command, Done(request_id=command.request_id))

    def _on_look_due(self) -> None:
        self._lookout.look()
        self._follow(self._reconciliation.conclude(self.context.clock.now(), self._lookout.connected_since))

    def _on_pending_cancelled(self, event: PendingCancelled) -> None:
        tickets = self._cancels.confirm(event)
        for ticket in tickets:
            self._memory.orders.pop(ticket, None)
        self._follow(self._reconciliation.cancel(tickets, self.context.clock.now()))

    def _remind(self, due: float, message: Message) -> None:
        self.context.after(due - self.context.clock.monotonic(), message)
