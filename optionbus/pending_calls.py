"""What a client can ask about orders that wait at the platform, for a time or a price.

Decides names, argument checks and deadlines. Does not know how an answer finds its order
(``actors.api.pending_trades``).
"""

from collections.abc import Callable
from decimal import Decimal
from math import isfinite
from typing import Any

from actors.future import Future
from messages.base import AddressName, Request
from messages.errors import UsageError
from messages.market import Symbol
from messages.trading import (
    CancelPendingOrder,
    Direction,
    GetPendingOrders,
    OpenPendingOrder,
    PendingOrder,
    PendingTrigger,
    Ticket,
)
from optionbus.arguments import checked
from optionbus.edge import Edge, reply_of
from optionbus.trading_calls import SLACK_SECONDS, stake_of

PENDING = AddressName("PendingTrades")


class PendingCalls:
    """Mixed into the client."""

    _edge: Edge

    def open_pending_order(
        self,
        open_type: PendingTrigger,
        amount: Decimal | float | str,
        asset: str,
        *,
        open_time: float | None = None,
        open_price: float | None = None,
        timeframe: int,
        min_payout: int,
        command: Direction,
    ) -> Future[PendingOrder]:
        """Leave an order with the platform.

        Args:
            open_type: whether it waits for ``open_time`` or for ``open_price``; the other stays None.
            amount: the stake, in the account's currency; Decimal or text is exact.
            asset: the platform's symbol.
            open_time: UTC seconds.
            open_price: the price.
            timeframe: seconds from its opening until its expiry.
            min_payout: percent; it does not open for less.
            command: CALL or PUT.

        Raises:
            InvalidStake, InvalidDuration, UsageError: at once, for what cannot be sent.
            NotConnected, OrderRefused, OrderUnconfirmed: from the future, as with ``trade``.
        """
        stake = stake_of(amount)
        self._edge.settings.orders.check(stake, timeframe)
        _check_trigger(open_type, open_time, open_price)
        order = OpenPendingOrder(
            trigger=open_type,
            symbol=Symbol(asset),
            direction=command,
            stake=stake,
            open_time=open_time,
            open_price=open_price,
            duration_seconds=timeframe,
            min_payout_percent=min_payout,
        )
        return self._ask(checked(order), reply_of("order"))

    def cancel_pending_order(self, ticket: str) -> Future[None]:
        """Take a pending order back. Raises OrderError from the future where the platform does not give it up."""
        return self._ask(checked(CancelPendingOrder(ticket=Ticket(ticket))), lambda _reply: None)

    def pending_orders(self) -> Future[tuple[PendingOrder, ...]]:
        """The orders that wait at the platform, as far as it has told."""
        return self._ask(GetPendingOrders(), reply_of("orders"))

    def _ask(self, request: Request, convert: Callable[[Any], Any]) -> Future[Any]:
        seconds = self._edge.settings.requests.order_timeout_seconds + SLACK_SECONDS
        return self._edge.ask(PENDING, request, seconds, convert)


def _check_trigger(trigger: PendingTrigger, open_time: float | None, open_price: float | None) -> None:
    awaited, other = (open_time, open_price) if trigger is PendingTrigger.TIME else (open_price, open_time)
    if awaited is None or other is not None or not isfinite(awaited) or awaited <= 0:
        raise UsageError("Give open_time to an order that waits for a TIME, open_price to one that waits for a PRICE.")
