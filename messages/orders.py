"""The words for the life of an order, from the wish to its end, and for who may trade.

Decides what is kept of an order and what may be said about it. Does not know which moves are legal
(``actors.orders.ledger``), nor where orders are kept.
"""

from decimal import Decimal
from enum import Enum
from typing import ClassVar

from msgspec import Struct

from messages.base import Command, Delivery, Event, Incarnation, Query, Reply
from messages.market import Symbol
from messages.trading import Deal, Direction, OrderId, PendingTrigger, Ticket


class OrderState(Enum):
    """Where an order stands; the table of moves is in ``actors.orders.ledger``."""

    __hash__ = object.__hash__  # by identity, as they are compared: what Enum does instead is slow, and done often

    CREATED = "created"
    DENIED = "denied"  # by this client: nothing was sent
    JOURNALED = "journaled"  # durable; whether it was sent only this process knows
    SENT = "sent"
    OPEN = "open"
    WAITING = "waiting"  # a pending order, with the platform
    REJECTED = "rejected"  # by the platform
    UNKNOWN = "unknown"  # it may exist
    NOT_PLACED = "not placed"  # shown not to exist
    CLOSED = "closed"
    ENDED = "ended"  # a pending order that waits no longer: it has opened, or was cancelled
    MANUAL = "manual"  # only a person can say


class TradingMode(Enum):
    """The kill switch."""

    ACTIVE = "active"
    REDUCING = "reducing"  # no new orders; pending ones may be taken back
    HALTED = "halted"  # nothing that concerns orders goes out


class PendingTerms(Struct, frozen=True, kw_only=True):
    """What a pending order waits for; ``ticket`` is what the platform calls it, once it has said so."""

    trigger: PendingTrigger
    open_time: float | None
    open_price: float | None
    min_payout_percent: int
    ticket: Ticket | None = None


class OrderRecord(Struct, frozen=True, kw_only=True):
    """One order as the ledger knows it. Times are true UTC seconds, money is in the account's currency.

    ``limit`` is the one that a refusal named. ``equity`` is the balance and all open stakes just before it went out;
    None where that was not known. ``is_external`` says that it was placed elsewhere and only seen here. ``pending`` is
    None for an order that is to be carried out at once.
    """

    order_id: OrderId
    symbol: Symbol
    direction: Direction
    stake: Decimal
    duration_seconds: int
    created: float
    state: OrderState = OrderState.CREATED
    updated: float = 0.0
    incarnation: Incarnation = Incarnation(0)
    deal: Deal | None = None
    reason: str = ""
    limit: Decimal | None = None
    equity: Decimal | None = None
    is_external: bool = False
    pending: PendingTerms | None = None

    @property
    def expiry(self) -> float:
        """When its deal expires, or would have; of one that waits for a price, the earliest that it could."""
        if self.deal is not None:
            return self.deal.close_time
        opens = None if self.pending is None else self.pending.open_time
        return (self.created if opens is None else opens) + self.duration_seconds


class OrderStateChanged(Event, frozen=True, kw_only=True):
    """An order has moved. ``is_alarm`` says that it was believed not to exist, and does."""

    order: OrderRecord
    before: OrderState
    is_alarm: bool = False


class TradingModeChanged(Event, frozen=True, kw_only=True):
    """The kill switch was moved."""

    mode: TradingMode
    before: TradingMode
    reason: str


class SetTradingMode(Command, frozen=True, kw_only=True):
    """Move the kill switch. Answered by Done."""

    delivery: ClassVar[Delivery] = Delivery.REDELIVER
    mode: TradingMode
    reason: str = ""


class GetTrading(Query, frozen=True, kw_only=True):
    """Ask where the kill switch stands."""


class Trading(Reply, frozen=True, kw_only=True):
    """Where the kill switch stands."""

    mode: TradingMode


class IntendOrder(Command, frozen=True, kw_only=True):
    """Let an order pass the gate and write it down, and send nothing. Answered by OrderIntended."""

    order: OrderRecord
    allow_duplicate: bool = False


class OrderIntended(Reply, frozen=True, kw_only=True):
    """The order is on disk: JOURNALED, and free to go out; or as it stands, where it was there before."""

    order: OrderRecord


class NoteOrder(Command, frozen=True, kw_only=True):
    """Write down what has become of a pending order. Not answered."""

    delivery: ClassVar[Delivery] = Delivery.REDELIVER
    order: OrderRecord


class GetOrders(Query, frozen=True, kw_only=True):
    """Ask for the orders of this account; ``unresolved`` leaves out those whose end is known."""

    unresolved: bool = False


class Orders(Reply, frozen=True, kw_only=True):
    """Orders, oldest first."""

    orders: tuple[OrderRecord, ...]


class OrdersRecalled(Event, frozen=True, kw_only=True):
    """What the journal knew when it was opened."""

    orders: tuple[OrderRecord, ...]


class SettleOrder(Command, frozen=True, kw_only=True):
    """Say by hand how an order that nobody could resolve has ended: CLOSED or NOT_PLACED. Answered by Done.

    CLOSED, said of a pending order: it waits no longer.
    """

    order_id: OrderId
    state: OrderState
    reason: str = ""
