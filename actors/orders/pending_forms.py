"""The forms of a pending order: as it is wished, as the ledger keeps it, as the platform has it.

Decides which field is which. Knows no state.
"""

from messages.orders import OrderRecord, PendingTerms
from messages.trading import OpenPendingOrder, PendingOrder


def intention(command: OpenPendingOrder, now: float) -> OrderRecord:
    """The order as it is to be written down."""
    terms = PendingTerms(
        trigger=command.trigger,
        open_time=command.open_time,
        open_price=command.open_price,
        min_payout_percent=command.min_payout_percent,
    )
    return OrderRecord(
        order_id=command.order_id,
        symbol=command.symbol,
        direction=command.direction,
        stake=command.stake,
        duration_seconds=command.duration_seconds,
        created=now,
        pending=terms,
    )


def pending_order(order: OrderRecord) -> PendingOrder | None:
    """A pending order as the platform has it; None where it has not said how it calls it."""
    terms = order.pending
    if terms is None or terms.ticket is None:
        return None
    return PendingOrder(
        ticket=terms.ticket,
        trigger=terms.trigger,
        symbol=order.symbol,
        direction=order.direction,
        stake=order.stake,
        open_time=terms.open_time,
        open_price=terms.open_price,
        duration_seconds=order.duration_seconds,
        min_payout_percent=terms.min_payout_percent,
    )
