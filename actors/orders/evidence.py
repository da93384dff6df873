"""What the platform's own words prove about an order that nobody acknowledged.

Theory of operation. The platform tells of deals in lists: those that are open, the last twenty that closed. To be in
one is proof. To be in none proves little: the order may be on its way, the list may be cut short, partly unreadable, or
short of a row without saying so. An order is shown not to exist only once all of this is so:

- it would have expired, and a grace period is over;
- both lists and the balance were told after that, the closed deals twice;
- every row could be read, no deal that has ended for certain in the hour before is left out, nor one that the next list
  has, and the closed deals reach back to before the order was written;
- the money agrees: the balance, told last, and the open stakes are what they were, plus what the deals since then have
  brought; and no other order was on its way, neither then nor now.

Anything less proves nothing, and when the time is up a person has to look.

Decides what counts as proof, and when to look again. Knows no clock, no connection, no journal.
"""

import math
from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from actors.orders.ledger import SKEW_SECONDS
from messages.orders import OrderRecord, OrderState
from messages.trading import ClosedDealsReported, Deal

ARRIVAL_SECONDS: Final = 15.0
"""How long after it was written an order may have reached the platform."""

GRACE_SECONDS: Final = ARRIVAL_SECONDS + 5.0
"""How long after its expiry a deal may go without a word of it: it may have begun late, and the word be late too."""

LOOKS_SECONDS: Final = (5.0, 15.0, 60.0)
"""When to look at the lists again, after the first look at once; then after its expiry and grace."""

AGAIN_SECONDS: Final = (10.0, 5.0)
"""How long before it is given up there are further looks: lists can be held against each other."""

PATIENCE_SECONDS: Final = 15.0
"""How long after its expiry and grace, with a connection, an order may stay without an end."""

CLOSED_LIST_LENGTH: Final = 20

MEMORY_SECONDS: Final = 3600.0
"""A deal that closed earlier may be in no list any more, however short: a day may have begun, or an account anew."""


class Sheet(Struct, frozen=True):
    """A list of deals as the platform told it.

    Attributes:
        is_whole: Every row could be read.
        leaves_out: A deal that must be in it is not.
    """

    deals: tuple[Deal, ...]
    received: float
    is_whole: bool = True
    leaves_out: bool = False


class Statement(Struct, frozen=True):
    """The platform's latest word on the account, on the present connection; None where there was none yet."""

    opened: Sheet | None = None
    closed: Sheet | None = None
    closed_before: Sheet | None = None
    """The list of closed deals before that one."""
    balance: Decimal | None = None
    balance_received: float = 0.0
    is_balance_current: bool = False
    """Whether no order has opened or closed since the balance was told."""

    @property
    def is_complete(self) -> bool:
        """Whether everything was told, and could be read."""
        sheets = (self.opened, self.closed)
        return self.balance is not None and all(sheet is not None and sheet.is_whole for sheet in sheets)


def closed_sheet(told: ClosedDealsReported, now: float, known: Iterable[OrderRecord]) -> Sheet:
    """The list of closed deals, held against all orders that were known when it came.

    One that leaves out a deal that has ended for certain may leave out others.
    """
    sheet = Sheet(told.deals, now, not told.rejected)
    return replace(sheet, leaves_out=_leaves_out(sheet, (order.deal for order in known if _has_ended(order, now))))


def in_hindsight(sheet: Sheet, later: Sheet) -> Sheet:
    """A list of closed deals, held against the next: what had closed by then must be in both."""
    closed = (deal for deal in later.deals if deal.close_time < sheet.received - SKEW_SECONDS)
    return replace(sheet, leaves_out=sheet.leaves_out or _leaves_out(sheet, closed))


def is_told(order: OrderRecord, told: Statement) -> bool:
    """Whether all of the statement was told when the order should have ended.

    The balance has to be told last: what has just opened or closed is in both then.
    """
    opened, closed, before = told.opened, told.closed, told.closed_before
    if opened is None or closed is None or before is None or not (told.is_complete and before.is_whole):
        return False
    is_last = told.is_balance_current and told.balance_received >= max(opened.received, closed.received)
    return is_last and min(opened.received, before.received) >= due(order)


def is_heard_out(order: OrderRecord, told: Statement) -> bool:
    """Whether it was told, and nothing seems to be left out."""
    lists = (told.closed, told.closed_before)
    return is_told(order, told) and not any(sheet is not None and sheet.leaves_out for sheet in lists)


def due(order: OrderRecord) -> float:
    """When an order or its deal should have ended, whatever it became; no sooner than a grace after it was lost."""
    lost = order.updated if order.state is OrderState.UNKNOWN else 0.0
    return max(order.expiry, lost) + GRACE_SECONDS


def verdict_due(order: OrderRecord, connected_since: float) -> float:
    """When to give up on an order that nobody has a word of, on a connection that is as old."""
    return max(due(order), connected_since) + PATIENCE_SECONDS


def next_look(order: OrderRecord, now: float, connected_since: float) -> float | None:
    """When to look at an order again; None where there is nothing to look for any more."""
    looks = LOOKS_SECONDS if order.state is OrderState.UNKNOWN else ()
    verdict = verdict_due(order, connected_since)
    ends = (due(order), *(verdict - wait for wait in AGAIN_SECONDS), verdict)
    moments = (*(order.updated + wait for wait in looks), *ends)
    return min((moment for moment in moments if moment > now), default=None)


def is_ruled_out(order: OrderRecord, told: Statement, equity: Decimal | None) -> bool:
    """Whether the statement shows that the order was never carried out; it must hold no deal that might be its.

    ``equity`` is the balance and all open stakes now.
    """
    closed = told.closed
    if closed is None or order.equity is None or not is_heard_out(order, told):
        return False
    return _reaches_back(closed, order.created) and equity == order.equity + _gain(closed, order)


def _reaches_back(closed: Sheet, moment: float) -> bool:
    """Whether every deal that closed since then is in the list."""
    if len(closed.deals) < CLOSED_LIST_LENGTH:
        return True
    return min(deal.close_time for deal in closed.deals) < moment - SKEW_SECONDS


def _leaves_out(sheet: Sheet, closed: Iterable[Deal | None]) -> bool:
    """Whether one of these deals, which had closed when the list came, must be in it and is not."""
    listed = {deal.id for deal in sheet.deals}
    missing = (deal.close_time for deal in closed if deal is not None and deal.id not in listed)
    latest = max(missing, default=-math.inf)
    return latest >= sheet.received - MEMORY_SECONDS and _reaches_back(sheet, latest)


def _has_ended(order: OrderRecord, now: float) -> bool:
    """Whether the order's deal has: the platform has told its end, or opened it long enough ago."""
    if order.state is OrderState.CLOSED:
        return order.deal is not None and order.deal.close_price is not None
    return order.state in (OrderState.OPEN, OrderState.MANUAL) and due(order) <= now


def _gain(closed: Sheet, order: OrderRecord) -> Decimal:
    """What the deals that closed since the order was written have brought."""
    return sum((deal.profit for deal in closed.deals if deal.close_time >= order.created), Decimal(0))
