"""The words for orders and deals.

An *order* is the wish, a *deal* what the platform made of it. Stakes and profits are Decimal,
prices float, times true UTC seconds.
"""

from decimal import Decimal
from enum import Enum
from typing import Annotated, ClassVar, NewType

from msgspec import Meta, Struct

from messages.base import Command, Delivery, Event, Query, Reply
from messages.market import Symbol

OrderId = NewType("OrderId", str)
"""The caller's id of an order (a UUID): the same id is the same order."""

DealId = NewType("DealId", str)
"""The platform's id of a deal."""

Ticket = NewType("Ticket", str)
"""The platform's id of a pending order."""


class Direction(Enum):
    """Where the price is expected to go."""

    CALL = "call"
    PUT = "put"


class Outcome(Enum):
    """How a deal ended."""

    WIN = "win"
    LOSS = "loss"
    DRAW = "draw"


class Deal(Struct, frozen=True, kw_only=True):
    """A deal, open or closed.

    ``profit`` is the expected gain while it is open, then the net gain: minus the stake on a loss,
    0 on a draw. ``close_price`` is None while it is open.
    """

    id: DealId
    symbol: Symbol
    direction: Direction
    stake: Decimal
    profit: Decimal
    payout_percent: int
    open_price: float
    close_price: float | None
    open_time: float
    close_time: float
    server_open_time: float
    server_close_time: float
    is_demo: bool | None
    order_id: OrderId | None = None
    currency: str | None = None


class DealResult(Struct, frozen=True, kw_only=True):
    """How a deal ended; ``profit`` is net."""

    outcome: Outcome
    profit: Decimal
    deal: Deal


class PlaceTrade(Command, frozen=True, kw_only=True):
    """Open a deal now. Answered by TradePlaced; sent at most once."""

    order_id: OrderId
    symbol: Symbol
    direction: Direction
    stake: Decimal
    duration_seconds: int
    deadline_seconds: Annotated[float, Meta(gt=0)]
    allow_duplicate: bool = False
    """Place it though the same was placed a moment ago."""
    is_new: bool = False
    """Its id was made for it, so that no order can have it yet."""


class TradePlaced(Reply, frozen=True, kw_only=True):
    """The platform opened the deal."""

    deal: Deal


class TradeAccepted(Event, frozen=True, kw_only=True):
    """The platform says that a deal was opened."""

    deal: Deal


class TradeRefused(Event, frozen=True, kw_only=True):
    """The platform refused an order; it names the asset, not the order."""

    symbol: Symbol | None
    reason: str
    amount: Decimal | None


class OpenedDealsReported(Event, frozen=True, kw_only=True):
    """The platform's list of open deals; ``rejected`` rows of it could not be read, so that a deal may be missing."""

    deals: tuple[Deal, ...]
    rejected: int = 0


class ClosedDealsReported(Event, frozen=True, kw_only=True):
    """The platform's list of the last closed deals; ``rejected`` as with the open ones."""

    deals: tuple[Deal, ...]
    rejected: int = 0


class DealsSettled(Event, frozen=True, kw_only=True):
    """Deals that have just closed; ``gross_profit`` as the platform counts it, over all of them."""

    gross_profit: Decimal | None
    deals: tuple[Deal, ...]


class DealOpened(Event, frozen=True, kw_only=True):
    """A deal is open that was not known before."""

    deal: Deal


class DealClosed(Event, frozen=True, kw_only=True):
    """A deal has closed; said once for each."""

    result: DealResult


class AwaitResult(Query, frozen=True, kw_only=True):
    """Ask how a deal ended; answered when it has, or already had."""

    deal_id: DealId
    deadline_seconds: float | None = None
    """None: until the deal's expiry and a grace period."""


class TradeResult(Reply, frozen=True, kw_only=True):
    """How a deal ended."""

    result: DealResult


class GetDeals(Query, frozen=True, kw_only=True):
    """Ask for the deals known to this client."""


class Deals(Reply, frozen=True, kw_only=True):
    """Deals, oldest first."""

    opened: tuple[Deal, ...]
    closed: tuple[Deal, ...]


class ClearClosedDeals(Command, frozen=True, kw_only=True):
    """Forget the closed deals."""

    delivery: ClassVar[Delivery] = Delivery.REDELIVER


class PendingTrigger(Enum):
    """What lets a pending order open: a time or a price."""

    TIME = 0
    PRICE = 1


class PendingOrder(Struct, frozen=True, kw_only=True):
    """An order that waits at the platform. ``open_time`` (UTC) is None for one that waits for a price."""

    ticket: Ticket
    trigger: PendingTrigger
    symbol: Symbol
    direction: Direction
    stake: Decimal
    open_time: float | None
    open_price: float | None
    duration_seconds: int
    min_payout_percent: int
    created: float | None = None
    """When the platform took it (UTC), where it says so."""


class OpenPendingOrder(Command, frozen=True, kw_only=True):
    """Leave an order with the platform. Answered by PendingOrderOpened; sent at most once."""

    order_id: OrderId
    trigger: PendingTrigger
    symbol: Symbol
    direction: Direction
    stake: Decimal
    open_time: float | None
    open_price: float | None
    duration_seconds: int
    min_payout_percent: Annotated[int, Meta(ge=0)]
    allow_duplicate: bool = False
    """Leave it though the same was left a moment ago."""


class PendingOrderOpened(Reply, frozen=True, kw_only=True):
    """The platform keeps the order."""

    order: PendingOrder


class CancelPendingOrders(Command, frozen=True, kw_only=True):
    """Take pending orders back. Answered by PendingOrdersCancelled, once each of them is."""

    tickets: tuple[Ticket, ...]


class PendingOrdersCancelled(Reply, frozen=True, kw_only=True):
    """The platform gave all of them up."""

    tickets: tuple[Ticket, ...]


class GetPendingOrders(Query, frozen=True, kw_only=True):
    """Ask for the pending orders."""


class PendingOrders(Reply, frozen=True, kw_only=True):
    """The pending orders known to this client."""

    orders: tuple[PendingOrder, ...]


class PendingAccepted(Event, frozen=True, kw_only=True):
    """The platform says that it keeps an order."""

    order: PendingOrder


class PendingRefused(Event, frozen=True, kw_only=True):
    """The platform does not keep an order, or could not open one that it kept, which then has a known ticket."""

    symbol: Symbol | None
    reason: str
    ticket: Ticket | None = None


class PendingCancelled(Event, frozen=True, kw_only=True):
    """The platform gave pending orders up."""

    tickets: tuple[Ticket, ...]


class PendingCancelRefused(Event, frozen=True, kw_only=True):
    """The platform did not give pending orders up."""

    tickets: tuple[Ticket, ...]
    reason: str


class PendingReported(Event, frozen=True, kw_only=True):
    """The platform's list of pending orders; ``rejected`` as with deals."""

    orders: tuple[PendingOrder, ...]
    rejected: int = 0


class PendingOrderEnded(Event, frozen=True, kw_only=True):
    """An order waits no longer, and it was not this client that took it back; said once for each.

    ``refusal`` is why it could not open, in the platform's words. None: it has opened, or was cancelled elsewhere;
    which of the two the platform does not say.
    """

    order: PendingOrder
    refusal: str | None = None
