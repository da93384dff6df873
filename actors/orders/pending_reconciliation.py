"""What the platform says of pending orders, held against ours.

Theory of operation. The platform's list of the orders that wait is the truth about them, and it names none of ours: an
order that was sent and not answered is known again by its content and by when the platform took it. One that is alike,
and no other, is it; two that are alike are nobody's. An order that two lists in a row do not have, which were told late
enough, was not kept, if its time has not come yet; else it may have opened, and a person has to look. What waited and
is in the list no more has ended, by opening or by being cancelled, which the platform does not say.

Decides which pending order moves where. Does not know who waits for it, nor when the platform is asked.
"""

from collections.abc import Iterable
from math import isclose
from typing import cast

from msgspec import Struct
from msgspec.structs import replace

from actors.orders.evidence import verdict_due
from actors.orders.ledger import SKEW_SECONDS, Ledger, OrderEvent, is_alarm, is_timely
from messages.orders import OrderRecord, OrderState, OrderStateChanged, PendingTerms
from messages.trading import OrderId, PendingOrder, PendingRefused, PendingReported, PendingTrigger, Ticket

_ANSWERABLE = (OrderState.SENT, OrderState.UNKNOWN)
_DOUBTED = (OrderState.REJECTED, OrderState.NOT_PLACED, OrderState.MANUAL)

_NOT_LISTED = "the platform's list does not have it"
_MAY_HAVE_OPENED = "it is in no list, and may have opened before the list was told"
_UNTOLD = "no list of the platform tells what became of it"


class _List(Struct, frozen=True):
    """The platform's list of all orders that wait, and when it came."""

    told: PendingReported
    received: float


class PendingReconciliation:
    """Holds what the platform tells against the ledger of pending orders.

    ``patience_seconds``: how long an order may be on its way; ``skew_seconds``: how far the platform's clock was
    measured to be ahead of ours.
    """

    def __init__(self, ledger: Ledger, patience_seconds: float, skew_seconds: float = 0.0) -> None:
        self._ledger = ledger
        self._patience_seconds = patience_seconds
        self.skew_seconds = skew_seconds
        self._clouded: set[OrderId] = set()
        """Of these something like them was listed that nobody knew: it may be theirs, whatever its time."""
        self._lists: tuple[_List, ...] = ()
        """The last two on this connection, the latest last."""

    def begin_anew(self) -> None:
        """Another connection: nothing was told yet."""
        self._lists = ()

    @property
    def needs_another_list(self) -> bool:
        """Whether the latest does not have an order that the one before may have had."""
        unknown = (order for order in self._ledger.unresolved if order.state is OrderState.UNKNOWN)
        return any(self._is_not_in(each, order) for each in self._lists[-1:] for order in unknown)

    def accept(self, told: PendingOrder, now: float) -> list[OrderStateChanged]:
        """The platform keeps an order: the answer to one of ours, or one that was given elsewhere."""
        owner = self._holder(told.ticket) or self._only(
            order for order in self._nameless(_ANSWERABLE) if _is_like(order, told)
        )
        return self._keep(owner, told, now)

    def refuse(self, refused: PendingRefused, now: float, *, is_answer: bool) -> list[OrderStateChanged]:
        """The platform does not keep an order, or could not open one that it kept, which is no answer."""
        holder = None if refused.ticket is None else self._holder(refused.ticket)
        if holder is not None:
            return self._end(holder, now, refused.reason)
        if not is_answer:
            return []
        meant = self._only(
            order for order in self._nameless(_ANSWERABLE) if refused.symbol is None or refused.symbol == order.symbol
        )
        return [] if meant is None else [self._move(meant, OrderEvent.REFUSE, now, reason=refused.reason)]

    def cancel(self, tickets: Iterable[Ticket], now: float) -> list[OrderStateChanged]:
        """The platform has given orders up."""
        holders = (self._holder(ticket) for ticket in tickets)
        return [change for holder in holders if holder is not None for change in self._end(holder, now, "cancelled")]

    def hear(self, told: PendingReported, now: float) -> list[OrderStateChanged]:
        """The platform's list of all that wait."""
        self._lists = (*self._lists[-1:], _List(told, now))
        changes = [change for each in told.orders for change in self._keep(self._owner(each), each, now)]
        nameless = tuple(self._nameless(_ANSWERABLE))
        for each in self._free(told):
            self._clouded.update(order.order_id for order in nameless if _is_like(order, each))
        tickets = {each.ticket for each in told.orders}
        for order in self._ledger.unresolved:
            if order.state is OrderState.WAITING and not told.rejected and _ticket(order) not in tickets:
                changes += self._end(order, now, "waits no longer")
        return changes

    def conclude(self, now: float, connected_since: float | None) -> list[OrderStateChanged]:
        """Move the orders of which time and the platform's silence say enough."""
        changes = []
        for order in self._ledger.unresolved:
            event, reason = self._conclusion(order, now, connected_since)
            if event is not None:
                changes.append(self._move(order, event, now, reason=reason))
        return changes

    def lose(self, order: OrderRecord, now: float, reason: str) -> list[OrderStateChanged]:
        """No answer will come to it."""
        return [self._move(order, OrderEvent.LOSE, now, reason=reason)]

    def _conclusion(
        self, order: OrderRecord, now: float, connected_since: float | None
    ) -> tuple[OrderEvent | None, str]:
        if order.state is not OrderState.UNKNOWN:
            return None, ""
        if self._is_missing(order):
            opens = _opens(order) - max(0.0, self.skew_seconds) - SKEW_SECONDS
            is_ruled_out = self._lists[-1].received < opens and order.order_id not in self._clouded
            return (OrderEvent.RULE_OUT, _NOT_LISTED) if is_ruled_out else (OrderEvent.GIVE_UP, _MAY_HAVE_OPENED)
        if connected_since is not None and now >= verdict_due(order, connected_since):
            return OrderEvent.GIVE_UP, _UNTOLD
        return None, ""

    def _is_missing(self, order: OrderRecord) -> bool:
        """Whether two lists in a row do not have it: one may be short of a row without saying so."""
        return len(self._lists) == 2 and all(self._is_not_in(each, order) for each in self._lists)  # noqa: PLR2004

    def _is_not_in(self, a_list: _List, order: OrderRecord) -> bool:
        """Whether it was told whole and late enough, and has nothing like the order, whenever that was kept."""
        told = a_list.told
        if told.rejected or a_list.received < max(order.created, order.updated) + self._patience_seconds:
            return False
        return not any(_is_like(order, each) for each in self._free(told))

    def _owner(self, told: PendingOrder) -> OrderRecord | None:
        """Whose it is, by ticket or else by content; one that is on its way is left to its answer."""
        holder = self._holder(told.ticket)
        if holder is not None:
            return holder
        for states in ((OrderState.UNKNOWN,), _DOUBTED):
            alike = [order for order in self._nameless(states) if self._may_be(order, told)]
            if alike:
                return self._only(alike) if self._is_only_one(alike[0], told) else None
        return None

    def _is_only_one(self, order: OrderRecord, told: PendingOrder) -> bool:
        """Whether nothing else that waits might be the order."""
        return not any(
            other.ticket != told.ticket and self._holder(other.ticket) is None and self._may_be(order, other)
            for a_list in self._lists[-1:]
            for other in a_list.told.orders
        )

    def _may_be(self, order: OrderRecord, told: PendingOrder) -> bool:
        """Whether it can be the order, by its terms and by when the platform took it."""
        taken = order.created if told.created is None else told.created
        return (
            is_timely(order, taken, self._patience_seconds, self.skew_seconds)
            and _is_like(order, told)
            and _has_terms(order, told)
        )

    def _free(self, told: PendingReported) -> Iterable[PendingOrder]:
        return (each for each in told.orders if self._holder(each.ticket) is None)

    def _nameless(self, states: tuple[OrderState, ...]) -> Iterable[OrderRecord]:
        return (order for order in self._ledger if order.state in states and _ticket(order) is None)

    def _holder(self, ticket: Ticket) -> OrderRecord | None:
        return next((order for order in self._ledger if _ticket(order) == ticket), None)

    @staticmethod
    def _only(orders: Iterable[OrderRecord]) -> OrderRecord | None:
        found = list(orders)
        return found[0] if len(found) == 1 else None

    def _keep(self, order: OrderRecord | None, told: PendingOrder, now: float) -> list[OrderStateChanged]:
        if order is None or order.pending is None or order.state is OrderState.WAITING:
            return []
        pending = replace(order.pending, ticket=told.ticket)
        return [self._move(order, OrderEvent.KEEP, now, pending=pending, reason="")]

    def _end(self, order: OrderRecord, now: float, reason: str) -> list[OrderStateChanged]:
        if order.state is not OrderState.WAITING:
            return []
        return [self._move(order, OrderEvent.END, now, reason=reason)]

    def _move(self, order: OrderRecord, event: OrderEvent, now: float, **changes: object) -> OrderStateChanged:
        moved = self._ledger.move(order.order_id, event, now, **changes)
        if moved.state is not OrderState.UNKNOWN:
            self._clouded.discard(order.order_id)
        return OrderStateChanged(order=moved, before=order.state, is_alarm=is_alarm(order.state, moved.state))


def _terms(order: OrderRecord) -> PendingTerms:
    return cast(PendingTerms, order.pending)  # the ledger of pending orders holds no others


def _ticket(order: OrderRecord) -> Ticket | None:
    return _terms(order).ticket


def _opens(order: OrderRecord) -> float:
    """Before when it cannot have opened; a price may be reached at any time."""
    opens = _terms(order).open_time
    return 0.0 if opens is None else opens


def _is_like(order: OrderRecord, told: PendingOrder) -> bool:
    """Whether it might be the order at all; prices and times may be told otherwise than they were given."""
    ours = (order.symbol, _terms(order).trigger, order.direction, order.stake)
    return ours == (told.symbol, told.trigger, told.direction, told.stake)


def _has_terms(order: OrderRecord, told: PendingOrder) -> bool:
    terms = _terms(order)
    if (order.duration_seconds, terms.min_payout_percent) != (told.duration_seconds, told.min_payout_percent):
        return False
    if terms.trigger is PendingTrigger.PRICE:
        return isclose(terms.open_price or 0, told.open_price or 0, rel_tol=1e-9)
    return abs((terms.open_time or 0) - (told.open_time or 0)) <= SKEW_SECONDS
