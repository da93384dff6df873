"""One account: its money, its deals, its pending orders, and what it may not do.

Decides whether an order is taken and what the balance is after it. Does not know prices, time or connections.
"""

from collections import deque
from decimal import Decimal
from typing import Final

from msgspec import Struct

from simulator.assets import Listing
from simulator.deals import Deal
from simulator.requests import OpenOrder

MIN_AMOUNT: Final = Decimal(1)
MAX_AMOUNT: Final = Decimal(20_000)
MAX_DURATION_SECONDS: Final = 43_200
MAX_DEMO_DEALS: Final = 10
KEPT_CLOSED_DEALS: Final = 20


class Denial(Struct, frozen=True):
    """Why an order is not taken; ``amount`` is the limit where one was reached, else the order's."""

    error: str
    amount: Decimal


class Account:
    """What one user has, demo or real."""

    def __init__(self, uid: int | str, balance: Decimal, *, is_demo: bool) -> None:
        self.uid = uid
        self.is_demo = is_demo
        self.balance = balance
        self.opened: dict[str, Deal] = {}
        self.closed: deque[Deal] = deque(maxlen=KEPT_CLOSED_DEALS)
        self.pending: dict[str, dict[str, object]] = {}

    def deny(self, order: OpenOrder, listing: Listing | None) -> Denial | None:
        """Why this order is not taken, None if it is; ``listing`` is its asset, None if there is none."""
        if order.amount < MIN_AMOUNT:
            return Denial("MinAmount", MIN_AMOUNT)
        if order.amount > MAX_AMOUNT:
            return Denial("MaxAmount", MAX_AMOUNT)
        if self.is_demo and len(self.opened) >= MAX_DEMO_DEALS:
            return Denial("MaxDemoTrades", Decimal(MAX_DEMO_DEALS))
        error = self._fault(order, listing)
        return Denial(error, order.amount) if error else None

    def _fault(self, order: OpenOrder, listing: Listing | None) -> str | None:
        if listing is None:
            return "UnknownAsset"
        if not listing.is_active:
            return "AssetClosed"
        if not listing.min_duration_seconds <= order.time <= MAX_DURATION_SECONDS:
            return "InvalidDuration"
        return "InsufficientBalance" if order.amount > self.balance else None

    def open(self, deal: Deal) -> None:
        """Take the stake."""
        self.balance -= deal.amount
        self.opened[deal.id] = deal

    def close(self, deal: Deal) -> None:
        """Pay out a deal that has its close price."""
        del self.opened[deal.id]
        self.closed.append(deal)
        self.balance += deal.returned
