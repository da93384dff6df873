"""What a client can ask about money: the balance, orders, deals and their results.

Decides names, argument checks and deadlines. Does not know how an order finds its answer (``actors.api.trades``).
"""

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from actors.future import Future
from actors.orders.ids import new_order_id
from messages.account import GetBalance
from messages.base import AddressName
from messages.errors import InvalidArgument
from messages.market import Symbol
from messages.order_errors import UnknownDeal
from messages.trading import (
    AwaitResult,
    ClearClosedDeals,
    Deal,
    DealId,
    DealResult,
    Deals,
    Direction,
    GetDeals,
    OrderId,
    PlaceTrade,
)
from optionbus.arguments import checked, checked_text
from optionbus.edge import Edge, reply_of

DEALS = AddressName("Deals")

RESULT_SECONDS = 2 * 86_400.0
"""The Deals actor answers by itself, at the latest after a deal's expiry: this is for when it is gone."""

SLACK_SECONDS = 0.05
"""How much longer than an actor with a deadline of its own the edge waits: the actor's error says more."""


class TradingCalls:
    """Mixed into the client."""

    _edge: Edge

    def balance(self) -> Future[Decimal]:
        """The balance, in the account's currency."""
        return self._edge.ask(AddressName("Balance"), GetBalance(), convert=reply_of("amount"))

    def buy(
        self,
        asset: str,
        amount: Decimal | float | str,
        duration: int,
        *,
        request_id: str | None = None,
        allow_duplicate: bool = False,
        timeout: float | None = None,
    ) -> Future[Deal]:
        """Place a call: a bet that the price will be higher in ``duration`` seconds. See ``trade``."""
        return self.trade(
            asset,
            Direction.CALL,
            amount,
            duration,
            request_id=request_id,
            allow_duplicate=allow_duplicate,
            timeout=timeout,
        )

    def sell(
        self,
        asset: str,
        amount: Decimal | float | str,
        duration: int,
        *,
        request_id: str | None = None,
        allow_duplicate: bool = False,
        timeout: float | None = None,
    ) -> Future[Deal]:
        """Place a put: a bet that the price will be lower in ``duration`` seconds. See ``trade``."""
        return self.trade(
            asset,
            Direction.PUT,
            amount,
            duration,
            request_id=request_id,
            allow_duplicate=allow_duplicate,
            timeout=timeout,
        )

    def trade(
        self,
        asset: str,
        direction: Direction | str,
        amount: Decimal | float | str,
        duration: int,
        *,
        request_id: str | None = None,
        allow_duplicate: bool = False,
        timeout: float | None = None,
    ) -> Future[Deal]:
        """Open a deal now. The order is sent at most once.

        Args:
            asset: the platform's symbol.
            direction: CALL or PUT; ``"call"`` and ``"put"`` will do.
            amount: the stake, in the account's currency; Decimal or text is exact.
            duration: seconds until expiry.
            request_id: the order's id; the same id again is the same order. None: a new one.
            allow_duplicate: place it though the same was placed in the last two seconds under another id.
            timeout: seconds until an unanswered order counts as unconfirmed.

        Raises (at once):
            InvalidStake, InvalidDuration: out of the platform's limits.
            InvalidArgument: one of them is of the wrong type.

        Raises (from the future):
            NotConnected, UnknownAsset: nothing was sent.
            OrderDenied: nothing was sent; it says which rule denied it, what that saw and what it allows.
            OrderRefused: the platform said no.
            OrderUnconfirmed: sent once, not answered in time.
        """
        command = PlaceTrade(
            order_id=order_id_of(self._edge, "PlaceTrade", request_id),
            symbol=Symbol(asset),
            direction=direction_of("PlaceTrade", direction),
            stake=stake_of(amount),
            duration_seconds=duration,
            deadline_seconds=self._edge.settings.requests.order_timeout_seconds if timeout is None else timeout,
            allow_duplicate=allow_duplicate,
            is_new=request_id is None,
        )
        return self._place(command)

    def _place(self, command: PlaceTrade) -> Future[Deal]:
        self._edge.settings.orders.check(command.stake, command.duration_seconds)
        seconds = checked(command).deadline_seconds + SLACK_SECONDS
        return self._edge.ask(AddressName("Trades"), command, seconds, reply_of("deal"))

    def result(self, deal_id: str, timeout: float | None = None) -> Future[DealResult]:
        """How a deal ended; works before, at and after its expiry.

        Args:
            deal_id: the id of a Deal.
            timeout: seconds; None waits until its expiry and a few seconds more.

        Raises (from the future):
            UnknownDeal: no such deal was seen.
            DeadlineExceeded: it has not closed in time.

        Example:
            >>> with PocketOption.simulated(seed=7) as client:
            ...     client.wait_ready(timeout=10)
            ...     deal = client.trade("EURUSD_otc", "call", 10, duration=60).get()
            ...     result = client.result(deal.id).get()
            >>> result.profit in (-10, 0, deal.stake * deal.payout_percent / 100)
            True
        """
        query = checked(AwaitResult(deal_id=DealId(deal_id), deadline_seconds=timeout))
        seconds = RESULT_SECONDS if timeout is None else timeout + SLACK_SECONDS
        return self._edge.ask(DEALS, query, seconds, reply_of("result"))

    def deal_end_time(self, deal_id: str) -> Future[float]:
        """When a deal expires or expired: UTC seconds. Raises UnknownDeal from the future."""
        checked_text("deal_end_time", "deal_id", deal_id)
        return self._ask_deals(lambda deals: _find((*deals.opened, *deals.closed), deal_id).close_time)

    def opened_deals(self) -> Future[tuple[Deal, ...]]:
        """The open deals, oldest first, also those opened elsewhere."""
        return self._ask_deals(lambda deals: deals.opened)

    def closed_deals(self) -> Future[tuple[Deal, ...]]:
        """The closed deals seen so far, oldest first; the last thousand."""
        return self._ask_deals(lambda deals: deals.closed)

    def opened_deal(self, deal_id: str) -> Future[Deal]:
        """One open deal. Raises UnknownDeal from the future."""
        checked_text("opened_deal", "deal_id", deal_id)
        return self._ask_deals(lambda deals: _find(deals.opened, deal_id))

    def closed_deal(self, deal_id: str) -> Future[Deal]:
        """One closed deal. Raises UnknownDeal from the future."""
        checked_text("closed_deal", "deal_id", deal_id)
        return self._ask_deals(lambda deals: _find(deals.closed, deal_id))

    def clear_closed_deals(self) -> Future[None]:
        """Forget the closed deals."""
        return self._edge.ask(DEALS, ClearClosedDeals(), convert=lambda _reply: None)

    def _ask_deals(self, convert: Callable[[Deals], Any]) -> Future[Any]:
        return self._edge.ask(DEALS, GetDeals(), convert=convert)


def order_id_of(edge: Edge, request: str, given: str | None) -> OrderId:
    """The id that was given, or a new one. Raises InvalidArgument."""
    if given is None:
        return new_order_id(edge.runtime.random)
    return OrderId(checked_text(request, "request_id", given))


def direction_of(request: str, given: Direction | str) -> Direction:
    """The direction, also by its name. Raises InvalidArgument."""
    try:
        return Direction(given)
    except ValueError:
        raise InvalidArgument(request, f"Expected call or put, got {given!r}") from None


def stake_of(amount: Decimal | float | str) -> Decimal:
    """The amount exactly as written; what is no number is not a number."""
    try:
        return Decimal(str(amount))
    except InvalidOperation:
        return Decimal("NaN")


def _find(deals: tuple[Deal, ...], deal_id: str) -> Deal:
    for deal in deals:
        if deal.id == deal_id:
            return deal
    raise UnknownDeal(deal_id)
