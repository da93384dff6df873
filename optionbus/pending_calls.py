"""What a client can ask about orders that wait at the platform, for a time or a price.

Decides names, argument checks and deadlines. Does not know how an answer finds its order
(``actors.api.pending_trades``).
"""

from collections.abc import Callable, Iterable
from decimal import Decimal
from math import isfinite
from typing import Any

from actors.future import Future
from messages.base import AddressName, Request
from messages.errors import InvalidArgument, UsageError
from messages.market import Symbol
from messages.order_errors import UnknownPendingOrder
from messages.trading import (
    CancelPendingOrders,
    Direction,
    GetPendingOrders,
    OpenPendingOrder,
    PendingOrder,
    PendingTrigger,
    Ticket,
)
from optionbus.arguments import checked, checked_text
from optionbus.edge import Edge, reply_of
from optionbus.trading_calls import SLACK_SECONDS, direction_of, order_id_of, stake_of

PENDING = AddressName("PendingTrades")


class PendingCalls:
    """Mixed into the client."""

    _edge: Edge

    def open_pending_order(
        self,
        open_type: PendingTrigger | int,
        amount: Decimal | float | str,
        asset: str,
        *,
        open_time: float | None = None,
        open_price: float | None = None,
        timeframe: int,
        min_payout: int,
        command: Direction | str,
        request_id: str | None = None,
        allow_duplicate: bool = False,
    ) -> Future[PendingOrder]:
        """Leave an order with the platform, which opens it even when this client is gone by then; sent at most once.

        Args:
            open_type: TIME (0) waits for ``open_time``, PRICE (1) for ``open_price``; the other one stays None.
            amount: the stake, in the account's currency; Decimal or text is exact.
            asset: the platform's symbol.
            open_time: UTC seconds; the platform knows whole ones.
            open_price: the price that the market has to reach, from whichever side it comes.
            timeframe: seconds from its opening until its expiry.
            min_payout: percent; it does not open for less.
            command: CALL or PUT; ``"call"`` and ``"put"`` will do.
            request_id: the order's id, as with ``trade``.
            allow_duplicate: as with ``trade``.

        Raises:
            InvalidStake, InvalidDuration, InvalidArgument, UsageError: at once, for what cannot be sent.
            NotConnected, OrderDenied, OrderRefused, OrderUnconfirmed: from the future, as with ``trade``.
        """
        order = OpenPendingOrder(
            order_id=order_id_of(self._edge, "OpenPendingOrder", request_id),
            trigger=_trigger_of(open_type, open_time, open_price),
            symbol=Symbol(checked_text("OpenPendingOrder", "asset", asset)),
            direction=direction_of("OpenPendingOrder", command),
            stake=stake_of(amount),
            open_time=open_time,
            open_price=open_price,
            duration_seconds=timeframe,
            min_payout_percent=min_payout,
            allow_duplicate=allow_duplicate,
        )
        return self._leave(order)

    def _leave(self, order: OpenPendingOrder) -> Future[PendingOrder]:
        self._edge.settings.orders.check(order.stake, order.duration_seconds)
        return self._ask(checked(order), reply_of("order"))

    def cancel_pending_order(self, ticket: str) -> Future[None]:
        """Take a pending order back.

        Raises (from the future):
            PendingNotCancelled: the platform does not give it up; it has opened, or was never there.
            NotConnected: nothing was sent.
        """
        return self._cancel((ticket,), lambda _reply: None)

    def cancel_pending_orders(self, tickets: Iterable[str]) -> Future[tuple[Ticket, ...]]:
        """Take several pending orders back in one message; gives their tickets once all of them are cancelled.

        Raises (from the future):
            PendingNotCancelled: not all were; ``cancelled`` are those that were, ``refused`` says why by ticket.
            DeadlineExceeded: about some of them, which it names, the platform said nothing in time.
            NotConnected: nothing was sent.
        """
        if isinstance(tickets, str) or not isinstance(tickets, Iterable):
            raise InvalidArgument("CancelPendingOrders", f"Expected a list of tickets, got {type(tickets).__name__}")
        return self._cancel(tickets, reply_of("tickets"))

    def pending_orders(self) -> Future[tuple[PendingOrder, ...]]:
        """The orders that wait at the platform, as far as it has told: it tells them all, shortly after each login.

        Example:
            >>> from optionbus import PendingTrigger, PocketOption
            >>> with PocketOption.simulated(seed=7) as client:
            ...     client.wait_ready(timeout=10)
            ...     when = {"open_time": client.server_time().get().time + 3600, "timeframe": 60, "min_payout": 80}
            ...     order = client.open_pending_order(PendingTrigger.TIME, 10, "EURUSD_otc", command="call", **when)
            ...     order.get() in client.pending_orders().get()
            True
        """
        return self._ask(GetPendingOrders(), reply_of("orders"))

    def pending_order(self, ticket: str) -> Future[PendingOrder]:
        """One order that waits. Raises UnknownPendingOrder from the future, also of one that has opened."""
        checked_text("pending_order", "ticket", ticket)
        return self._ask(GetPendingOrders(), lambda reply: _find(reply.orders, ticket))

    def _cancel(self, tickets: Iterable[str], convert: Callable[[Any], Any]) -> Future[Any]:
        texts = [checked_text("CancelPendingOrders", "ticket", ticket) for ticket in tickets]
        each_once = tuple(Ticket(ticket) for ticket in dict.fromkeys(texts))
        return self._ask(checked(CancelPendingOrders(tickets=each_once)), convert)

    def _ask(self, request: Request, convert: Callable[[Any], Any]) -> Future[Any]:
        seconds = self._edge.settings.requests.order_timeout_seconds + SLACK_SECONDS
        return self._edge.ask(PENDING, request, seconds, convert)


def _trigger_of(given: PendingTrigger | int, open_time: float | None, open_price: float | None) -> PendingTrigger:
    """What the order waits for, if that is there and nothing else is."""
    try:
        trigger = PendingTrigger(given)
    except ValueError:
        problem = f"Expected PendingTrigger.TIME or PendingTrigger.PRICE, got {given!r}"
        raise InvalidArgument("OpenPendingOrder", problem) from None
    awaited, other = (open_time, open_price) if trigger is PendingTrigger.TIME else (open_price, open_time)
    if awaited is None or other is not None or not _is_positive(awaited):
        raise UsageError("Give open_time to an order that waits for a TIME, open_price to one that waits for a PRICE.")
    return trigger


def _is_positive(number: object) -> bool:
    return isinstance(number, int | float) and isfinite(number) and number > 0


def _find(orders: tuple[PendingOrder, ...], ticket: str) -> PendingOrder:
    for order in orders:
        if order.ticket == ticket:
            return order
    raise UnknownPendingOrder(ticket)
