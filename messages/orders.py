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
from messages.trading import Deal, Direction, OrderId


class OrderState(Enum):
    """Where an order stands; the table of moves is in ``actors.orders.ledger``."""

    CREATED = "created"
    DENIED = "denied"  # by this client: nothing was sent
    JOURNALED = "journaled"  # durable; whether it was sent only this process knows
    SENT = "sent"
    OPEN = "open"
    REJECTED = "rejected"  # by the platform
    UNKNOWN = "unknown"  # it may exist
    NOT_PLACED = "not placed"  # shown not to exist
    CLOSED = "closed"
    MANUAL = "manual"  # only a person can say


class TradingMode(Enum):
    """The kill switch."""

    ACTIVE = "active"
    REDUCING = "reducing"  # no new orders; pending ones may be taken back
    HALTED = "halted"  # nothing that concerns orders goes out


class OrderRecord(Struct, frozen=True, kw_only=True):
    """One order as the ledger knows it. Times are true UTC seconds, money is in the account's currency.

    ``limit`` is the one that a refusal named. ``equity`` is the balance and all open stakes just before it went out;
    None where that was not known. ``is_external`` says that it was placed elsewhere and only seen here.
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

    @property
    def expiry(self) -> float:
        """When its deal expires, or would have."""
        return self.created + self.duration_seconds if self.deal is None else self.deal.close_time


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
    """Say by hand how an order that nobody could resolve has ended: CLOSED or NOT_PLACED. Answered by Done."""

    order_id: OrderId
    state: OrderState
    reason: str = ""
