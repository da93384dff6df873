"""What is told to whoever asks about an order or its deal.

Decides which error a state is. Does not know who asks, nor when.
"""

from typing import assert_never

from messages.errors import BusError, NotConnected
from messages.order_errors import OrderNotPlaced, OrderRefused, OrderUnconfirmed, ResultUnknown, UnknownDeal
from messages.orders import OrderRecord, OrderState, OrderStateChanged
from messages.trading import Deal, DealId, DealResult, Outcome


def answer_of(order: OrderRecord) -> Deal | BusError | None:
    """The order's deal, or why there is none; None where that is still open."""
    match order.state:
        case OrderState.CREATED | OrderState.JOURNALED | OrderState.SENT:
            return None
        case OrderState.OPEN | OrderState.CLOSED if order.deal is not None:
            return order.deal
        case OrderState.DENIED:
            return NotConnected(order.reason)
        case OrderState.REJECTED:
            return OrderRefused(order.symbol, order.reason, order.limit)
        case OrderState.NOT_PLACED:
            return OrderNotPlaced(order.symbol, order.order_id)
        case OrderState.UNKNOWN | OrderState.MANUAL | OrderState.OPEN | OrderState.CLOSED:
            return OrderUnconfirmed(order.symbol, order.order_id)
        case _:
            assert_never(order.state)


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
