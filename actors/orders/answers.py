"""What is told to whoever asks about an order or its deal.

Decides which error a state is. Does not know who asks, nor when.
"""

from actors.orders.pending_forms import pending_order
from messages.errors import BusError, NotConnected
from messages.order_errors import OrderNotPlaced, OrderRefused, OrderUnconfirmed, ResultUnknown, UnknownDeal
from messages.orders import OrderRecord, OrderState, OrderStateChanged
from messages.trading import Deal, DealId, DealResult, Outcome, PendingOrder


def answer_of(order: OrderRecord) -> Deal | PendingOrder | BusError | None:
    """The order's deal, or the order as it waits or waited, or why there is none; None where that is still open."""
    if order.state in (OrderState.CREATED, OrderState.JOURNALED, OrderState.SENT):
        return None
    return _found(order) or _error(order)


def _found(order: OrderRecord) -> Deal | PendingOrder | None:
    if order.state in (OrderState.OPEN, OrderState.CLOSED):
        return order.deal
    return pending_order(order) if order.state in (OrderState.WAITING, OrderState.ENDED) else None


def _error(order: OrderRecord) -> BusError:
    match order.state:
        case OrderState.DENIED:
            return NotConnected(order.reason)
        case OrderState.REJECTED:
            return OrderRefused(order.symbol, order.reason, order.limit)
        case OrderState.NOT_PLACED:
            return OrderNotPlaced(order.symbol, order.order_id)
        case _:
            return OrderUnconfirmed(order.symbol, order.order_id)


def result_or_error(order: OrderRecord | None, deal_id: DealId) -> DealResult | BusError:
    """The result of a deal that is known from its order alone, or why there is none."""
    if order is None or order.deal is None:
        return UnknownDeal(deal_id)
    if order.state is OrderState.CLOSED and order.deal.close_price is not None:
        return result_of(order.deal)
    return ResultUnknown(deal_id)


def news_of(change: OrderStateChanged) -> str | None:
    """What an operator has to be told of a move; None where it is as expected."""
    order = change.order
    if change.is_alarm:
        return f"order {order.order_id} was {change.before.value}, and is {order.state.value} after all"
    if order.state is OrderState.MANUAL:
        return (
            f"order {order.order_id} on {order.symbol}: {order.reason}. Look it up on the platform and settle it "
            f"(run.py orders); until then no order is placed on {order.symbol}"
        )
    return None


def result_of(deal: Deal) -> DealResult:
    """How a closed deal ended."""
    return DealResult(outcome=_outcome(deal), profit=deal.profit, deal=deal)


def _outcome(deal: Deal) -> Outcome:
    if deal.profit == 0:
        return Outcome.DRAW
    return Outcome.WIN if deal.profit > 0 else Outcome.LOSS
