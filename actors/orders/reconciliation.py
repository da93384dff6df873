"""Reconciliation: what the platform says of deals, held against the orders.

Theory of operation. Every sighting of a deal moves the order that it belongs to; a deal that belongs to none was placed
elsewhere and is adopted. While an order of an asset is on its way, a deal of that asset that names no order is nobody's
yet: the answer will tell, or the next list. What no word was said of is looked for again and again, then shown not to
exist, or given up to a person.

Decides which order moves where. Does not know who waits for an order, nor when the platform is asked.
"""

from collections.abc import Collection, Iterable
from decimal import Decimal
from typing import assert_never

from msgspec.structs import replace

from actors.orders.evidence import (
    Sheet,
    Statement,
    closed_sheet,
    in_hindsight,
    is_heard_out,
    is_ruled_out,
    is_told,
    verdict_due,
)
from actors.orders.ledger import MISSING, UNACKNOWLEDGED, OrderEvent, is_alarm, is_like
from actors.orders.register import Register
from messages.account import BalanceReported
from messages.market import Symbol
from messages.orders import OrderRecord, OrderState, OrderStateChanged
from messages.trading import (
    ClosedDealsReported,
    Deal,
    DealsSettled,
    OpenedDealsReported,
    OrderId,
    TradeAccepted,
    TradeRefused,
)

Word = TradeAccepted | TradeRefused | OpenedDealsReported | ClosedDealsReported | DealsSettled | BalanceReported
"""What the platform says about the account."""

_ON_THE_WAY = UNACKNOWLEDGED - {OrderState.UNKNOWN}

_MOVES_MONEY = frozenset({OrderEvent.OPEN, OrderEvent.CLOSE})

_UNANSWERED = MISSING | {OrderState.SENT}
"""The states of the orders that an answer without an id may be meant for."""

_NOT_LISTED = "it is in no list, and the money does not show that it was not placed"
_NO_RESULT = "it has expired, and no list tells how it ended"


class Reconciliation:
    """Holds what the platform tells against the register.

    ``patience_seconds``: how long an order may be on its way; ``skew_seconds``: how far the platform's clock was
    measured to be ahead of ours.
    """

    def __init__(self, register: Register, patience_seconds: float, skew_seconds: float = 0.0) -> None:
        self._register = register
        self._patience_seconds = patience_seconds
        self.skew_seconds = skew_seconds
        self.told = Statement()
        self._equity_before: Decimal | None = None
        """What the equity was before the orders that are on their way; None since the platform has said anything."""
        self._clouded: set[OrderId] = set()
        """Of these a deal that nobody knew was heard since, which is like them: it may be theirs, whatever its time."""
        self.recall()

    def recall(self) -> None:
        """The register has been read: nobody knows which of its deals were heard of before which orders."""
        self.begin_anew()
        for order in self._register.ledger:
            if order.is_external and order.deal is not None:
                self._cloud(order.deal)

    def begin_anew(self) -> None:
        """Another connection: nothing was told yet."""
        self.told = Statement()
        self._equity_before = None

    def equity(self) -> Decimal | None:
        """The balance and all open stakes, to be noted with an order; None where nobody can tell.

        While other orders are on their way, the balance may be without their stakes already; after one has opened or
        closed, until it is told again, it may not know of that yet.
        """
        if not self._register.ledger.exposure.unacknowledged.total():
            self._equity_before = self._equity if self.told.is_balance_current else None
        return self._equity_before

    @property
    def _equity(self) -> Decimal | None:
        balance = self.told.balance
        return None if balance is None else balance + self._register.ledger.exposure.open_stakes

    def hear(self, word: Word, now: float) -> list[OrderStateChanged]:
        """What the platform has said, and which orders it moves."""
        self._equity_before = None
        match word:
            case TradeAccepted():
                return self._see(word.deal, now, OrderState.OPEN, among=_UNANSWERED)
            case TradeRefused():
                return self._refuse(word, now)
            case OpenedDealsReported():
                self.told = replace(self.told, opened=Sheet(word.deals, now, not word.rejected))
                return [change for deal in word.deals for change in self._see(deal, now, OrderState.OPEN)]
            case ClosedDealsReported():
                sheet = closed_sheet(word, now, self._register.ledger)
                before = None if self.told.closed is None else in_hindsight(self.told.closed, sheet)
                self.told = replace(self.told, closed=sheet, closed_before=before)
                return self._settle(word.deals, now)
            case DealsSettled():
                return self._settle(word.deals, now)
            case BalanceReported():
                self.told = replace(self.told, balance=word.amount, balance_received=now, is_balance_current=True)
                return []
            case _:
                assert_never(word)

    def conclude(self, now: float, connected_since: float | None) -> list[OrderStateChanged]:
        """Move the orders of which time and the platform's silence say enough."""
        unresolved = self._register.ledger.unresolved
        is_quiet = not any(order.state in _ON_THE_WAY for order in unresolved)  # else the balance may know of more
        changes = []
        for order in unresolved:
            is_over = connected_since is not None and now >= verdict_due(order, connected_since)
            event, reason = self._conclusion(order, is_quiet=is_quiet, is_over=is_over)
            if event is not None:
                changes.append(self._move(order, event, now, reason=reason))
        return changes

    def lose(self, state: OrderState, now: float, reason: str, symbol: Symbol | None = None) -> list[OrderStateChanged]:
        """No answer will come to the orders in that state, on that asset or on any."""
        lost = [
            order
            for order in self._register.ledger.unresolved
            if order.state is state and symbol in (None, order.symbol)
        ]
        return [self._move(order, OrderEvent.LOSE, now, reason=reason) for order in lost]

    def _refuse(self, refused: TradeRefused, now: float) -> list[OrderStateChanged]:
        """A refusal names the asset at most: it is believed where it can mean one order alone."""
        unanswered = (OrderState.SENT, OrderState.UNKNOWN)
        meant = [
            order
            for order in self._register.ledger.unresolved
            if order.state in unanswered and refused.symbol in (None, order.symbol)
        ]
        if len(meant) != 1:
            return []
        return [self._move(meant[0], OrderEvent.REFUSE, now, reason=refused.reason, limit=refused.amount)]

    def _settle(self, deals: Iterable[Deal], now: float) -> list[OrderStateChanged]:
        return [change for deal in deals for change in self._see(deal, now, OrderState.CLOSED)]

    def _conclusion(self, order: OrderRecord, *, is_quiet: bool, is_over: bool) -> tuple[OrderEvent | None, str]:
        if is_quiet and order.state is OrderState.UNKNOWN and self._is_ruled_out(order):
            return OrderEvent.RULE_OUT, "it is in no list, and the money is as if it had never been"
        if order.state is OrderState.UNKNOWN:
            is_clear = is_quiet and is_heard_out(order, self.told)
            return (OrderEvent.GIVE_UP, _NOT_LISTED) if is_over or is_clear else (None, "")
        if order.state is OrderState.OPEN:  # it is left out itself
            is_clear = is_quiet and is_told(order, self.told)
            return (OrderEvent.GIVE_UP, _NO_RESULT) if is_over or is_clear else (None, "")
        return None, ""

    def _is_ruled_out(self, order: OrderRecord) -> bool:
        return order.order_id not in self._clouded and is_ruled_out(order, self.told, self._equity)

    def _see(
        self, deal: Deal, now: float, state: OrderState, among: Collection[OrderState] = MISSING
    ) -> list[OrderStateChanged]:
        owner = self._register.ledger.owner(deal, self._patience_seconds, among, self.skew_seconds)
        if owner is None:
            self._adopt(deal, now, state)
            return []
        return self._follow(owner, deal if owner.is_external else replace(deal, order_id=owner.order_id), now, state)

    def _follow(self, order: OrderRecord, deal: Deal, now: float, state: OrderState) -> list[OrderStateChanged]:
        if order.state is OrderState.CLOSED or order.state is state:
            return []
        if state is OrderState.OPEN:
            return [self._move(order, OrderEvent.OPEN, now, deal=deal, reason="")]
        changes = []
        if order.state is OrderState.SENT:  # its end is seen before its beginning
            changes = [self._move(order, OrderEvent.OPEN, now, deal=deal)]
            order = changes[0].order
        return [*changes, self._move(order, OrderEvent.CLOSE, now, deal=deal, reason="")]

    def _adopt(self, deal: Deal, now: float, state: OrderState) -> None:
        ledger = self._register.ledger
        known = ledger.of_deal(deal.id)
        if known is not None:
            return
        self._cloud(deal)
        if deal.order_id is None and any(
            order.symbol == deal.symbol and order.state is OrderState.SENT for order in ledger.unresolved
        ):
            return
        name = deal.order_id
        order = OrderRecord(
            order_id=OrderId(f"deal-{deal.id}") if name is None or ledger.get(name) is not None else name,
            symbol=deal.symbol,
            direction=deal.direction,
            stake=deal.stake,
            duration_seconds=round(deal.close_time - deal.open_time),
            created=deal.open_time,
            state=state,
            updated=now,
            deal=deal,
            is_external=True,
        )
        self._register.adopt(order)
        self._doubt_balance()

    def _move(self, order: OrderRecord, event: OrderEvent, now: float, **changes: object) -> OrderStateChanged:
        moved = self._register.move(order.order_id, event, now, **changes)
        if moved.state is not OrderState.UNKNOWN:
            self._clouded.discard(order.order_id)
        if event in _MOVES_MONEY:
            self._doubt_balance()
        return OrderStateChanged(order=moved, before=order.state, is_alarm=is_alarm(order.state, moved.state))

    def _cloud(self, deal: Deal) -> None:
        if deal.order_id is None:
            awaited = (order for order in self._register.ledger.unresolved if order.state in UNACKNOWLEDGED)
            self._clouded.update(order.order_id for order in awaited if is_like(order, deal))

    def _doubt_balance(self) -> None:
        self.told = replace(self.told, is_balance_current=False)
