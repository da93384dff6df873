"""Deals: which are open, which have closed, and how.

Theory of operation. The platform tells of deals in many ways and more than once; the book takes every sighting and
says of each deal once that it was opened and once that it has closed. Who asks for a result waits until the deal has
closed, at most until its expiry and a grace period; who asks after the expiry, for a grace period.

Acceptances are overheard, and Trades has the book woken for them once it has answered: a thread that wakes for the book
would hold the answer up by as much as a tenth.

The book holds as many closed deals as the ledger does orders; of an older one the journal knows the end. Whose end has
been told is remembered longer, by as many deals as the platform has ever listed at once: so none of a list is news
twice.

Decides what is news. Does not know who placed a deal, or why.
"""

from typing import Any, ClassVar, assert_never

from msgspec.structs import replace

from actors.base import Actor, Context
from actors.orders.answers import result_of
from actors.orders.ledger import KEPT_FINAL
from messages.base import AddressName, Done, Message, RequestId
from messages.errors import DeadlineExceeded
from messages.order_errors import ResultUnknown
from messages.orders import OrdersRecalled, OrderState, OrderStateChanged
from messages.trading import (
    AwaitResult,
    ClearClosedDeals,
    ClosedDealsReported,
    Deal,
    DealClosed,
    DealId,
    DealOpened,
    DealResult,
    Deals,
    DealsSettled,
    GetDeals,
    OpenedDealsReported,
    TradeAccepted,
    TradeResult,
)

TRADES = AddressName("Trades")

GRACE_SECONDS = 10.0
"""How long after its expiry a deal may go without a result."""


class _ResultOverdue(Message, frozen=True, kw_only=True):
    request_id: RequestId


Inbox = (
    TradeAccepted
    | OpenedDealsReported
    | ClosedDealsReported
    | DealsSettled
    | OrdersRecalled
    | OrderStateChanged
    | AwaitResult
    | GetDeals
    | ClearClosedDeals
    | _ResultOverdue
)


class DealBook:
    """What outlives a crash: the deals seen, and who waits for which."""

    def __init__(self) -> None:
        self.opened: dict[DealId, Deal] = {}
        self.closed: dict[DealId, DealResult] = {}
        self.waiting: dict[RequestId, AwaitResult] = {}
        self.settled: dict[DealId, None] = {}
        """Deals whose end has been told, also of those since cleared; last seen last."""
        self.most_listed = 0

    def settle(self, result: DealResult) -> None:
        """A deal has ended; the oldest ends beyond the bounds are forgotten."""
        self.closed[result.deal.id] = result
        self.settled[result.deal.id] = None
        _shed(self.closed, KEPT_FINAL)
        _shed(self.settled, KEPT_FINAL + self.most_listed)

    def has_told(self, deal_id: DealId) -> bool:
        """Whether its end has been told; it is seen once more."""
        if deal_id not in self.settled:
            return False
        del self.settled[deal_id]
        self.settled[deal_id] = None
        return True


class DealsActor(Actor[Inbox]):
    """Keeps the book of deals."""

    listens: ClassVar[tuple[type[Message], ...]] = (
        OpenedDealsReported,
        ClosedDealsReported,
        DealsSettled,
        OrdersRecalled,
    )
    overhears: ClassVar[tuple[type[Message], ...]] = (TradeAccepted,)

    def __init__(self, context: Context, book: DealBook, grace_seconds: float = GRACE_SECONDS) -> None:
        super().__init__(context)
        self._book = book
        self._grace_seconds = grace_seconds

    def on_start(self) -> None:
        """Take up the waiting again that the incarnation before left behind."""
        for query in self._book.waiting.values():
            self._await_end(query)

    def on_receive(self, message: Inbox) -> None:  # noqa: C901 - one case a message
        """Handle one message."""
        match message:
            case TradeAccepted():
                self._open(message.deal)
            case OpenedDealsReported():
                for deal in message.deals:
                    self._open(deal)
            case ClosedDealsReported() | DealsSettled():
                self._book.most_listed = max(self._book.most_listed, len(message.deals))
                for deal in message.deals:
                    self._close(deal)
            case OrdersRecalled():
                self._on_orders_recalled(message)
            case OrderStateChanged():
                self._on_order_state_changed(message)
            case AwaitResult():
                self._on_await_result(message)
            case GetDeals():
                self._on_get_deals(message)
            case ClearClosedDeals():
                self._book.closed.clear()
                self.context.reply(message, Done(request_id=message.request_id))
            case _ResultOverdue():
                self._on_result_overdue(message)
            case _:
                assert_never(message)

    def _open(self, deal: Deal) -> None:
        book = self._book
        if deal.id in book.settled:
            return
        known = book.opened.get(deal.id)
        if known is None:
            book.opened[deal.id] = deal
            self.context.publish(DealOpened(deal=deal))
        elif known.order_id is None:  # the lists name no order, the acknowledgement does
            book.opened[deal.id] = deal

    def _close(self, deal: Deal) -> None:
        book = self._book
        if book.has_told(deal.id):
            return
        opened = book.opened.pop(deal.id, None)
        result = result_of(_with_order(deal, opened))
        book.settle(result)
        self.context.publish(DealClosed(result=result))
        for query in [query for query in book.waiting.values() if query.deal_id == deal.id]:
            del book.waiting[query.request_id]
            self._on_await_result(query)

    def _on_orders_recalled(self, event: OrdersRecalled) -> None:
        """What an earlier process knew is no news."""
        book = self._book
        for order in event.orders:
            if order.deal is None or order.deal.id in book.settled:
                continue
            if order.state is OrderState.CLOSED and order.deal.close_price is not None:
                book.settle(result_of(order.deal))
            elif order.state is OrderState.OPEN:
                book.opened.setdefault(order.deal.id, order.deal)

    def _on_order_state_changed(self, event: OrderStateChanged) -> None:
        """A deal whose end nobody can tell is waited for no longer."""
        deal = event.order.deal
        if event.order.state is not OrderState.MANUAL or deal is None:
            return
        self._book.opened.pop(deal.id, None)
        for query in [query for query in self._book.waiting.values() if query.deal_id == deal.id]:
            del self._book.waiting[query.request_id]
            self.context.fail(query, ResultUnknown(deal.id))

    def _on_await_result(self, query: AwaitResult) -> None:
        book = self._book
        if query.deal_id in book.closed:
            reply = TradeResult(request_id=query.request_id, result=book.closed[query.deal_id])
            self.context.reply(query, reply)
        elif query.deal_id not in book.opened:
            self.context.tell(TRADES, query)  # the journal may know it
        else:
            book.waiting[query.request_id] = query
            self._await_end(query)

    def _await_end(self, query: AwaitResult) -> None:
        overdue = _ResultOverdue(request_id=query.request_id)
        if query.deadline_seconds is None:
            expiry = self._book.opened[query.deal_id].close_time
            self.context.at(max(expiry, self.context.clock.now()) + self._grace_seconds, overdue)
        else:
            self.context.after(query.deadline_seconds, overdue)

    def _on_result_overdue(self, overdue: _ResultOverdue) -> None:
        query = self._book.waiting.pop(overdue.request_id, None)
        if query is not None:
            waited = self._grace_seconds if query.deadline_seconds is None else query.deadline_seconds
            self.context.fail(query, DeadlineExceeded(f"The result of deal {query.deal_id}", waited))

    def _on_get_deals(self, query: GetDeals) -> None:
        opened = tuple(sorted(self._book.opened.values(), key=_age))
        closed = tuple(sorted((result.deal for result in self._book.closed.values()), key=_age))
        self.context.reply(query, Deals(request_id=query.request_id, opened=opened, closed=closed))


def _shed(deals: dict[DealId, Any], room: int) -> None:
    while len(deals) > room:
        del deals[next(iter(deals))]


def _with_order(deal: Deal, opened: Deal | None) -> Deal:
    known = opened.order_id if opened is not None else None
    return deal if known is None else replace(deal, order_id=known)


def _age(deal: Deal) -> tuple[float, DealId]:
    return deal.open_time, deal.id
