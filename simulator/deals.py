"""One deal: what it is worth, and the rows in which the platform tells of it.

Decides win, loss and draw. Does not know the market, the balance or who is told.
"""

from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from msgspec import Struct

from simulator.clocks import SERVER_AHEAD_SECONDS, text

CALL, PUT = 0, 1
_CENT: Final = Decimal("0.01")


def cents(amount: Decimal) -> Decimal:
    """Money as it can be paid: to the cent, halves up."""
    return amount.quantize(_CENT, ROUND_HALF_UP)


# The platform tells of one deal in three ways, with different columns. Only the first has the request's id.
_SHARED: Final = (
    "id", "openTime", "closeTime", "openTimestamp", "closeTimestamp", "uid", "isDemo", "amount", "profit",
    "percentProfit", "percentLoss", "openPrice", "closePrice", "command", "asset", "copyTicket", "openMs",
    "optionType", "isCopySignal", "currency",
)  # fmt: skip
_CONFIRMED: Final = (*_SHARED, "requestId")
_OPENED: Final = (*_SHARED, "isRollover", "amountUSD")
_CLOSED: Final = (*_OPENED, "refundTime", "refundTimestamp", "closeMs", "isAI", "amountUsd")


class Deal(Struct, frozen=True, kw_only=True):
    """A deal; ``close_price`` is None while it is open. Times are true UTC seconds."""

    id: str
    uid: int | str
    is_demo: bool
    asset: str
    command: int
    amount: Decimal
    payout_percent: int
    opened: float
    closes: float
    open_price: float
    close_price: float | None = None
    request_id: int | str | None = None

    @property
    def profit(self) -> Decimal:
        """The net gain; the one to be expected while it is open."""
        move = 0.0 if self.close_price is None else self.close_price - self.open_price
        if self.close_price is not None and move == 0:
            return Decimal(0)
        if self.close_price is None or (move > 0) == (self.command == CALL):
            return cents(self.amount * self.payout_percent / 100)
        return -self.amount

    @property
    def returned(self) -> Decimal:
        """What goes back to the balance when it closes."""
        return self.amount + self.profit

    def confirmed_row(self) -> dict[str, object]:
        """As in ``successopenOrder``."""
        return self._row(_CONFIRMED)

    def opened_row(self) -> dict[str, object]:
        """As in ``updateOpenedDeals``."""
        return self._row(_OPENED)

    def closed_row(self) -> dict[str, object]:
        """As in ``updateClosedDeals`` and ``successcloseOrder``."""
        return self._row(_CLOSED)

    def _row(self, columns: tuple[str, ...]) -> dict[str, object]:
        opened, closes = self.opened + SERVER_AHEAD_SECONDS, self.closes + SERVER_AHEAD_SECONDS
        everything: dict[str, object] = {
            "id": self.id,
            "openTime": text(opened),
            "closeTime": text(closes),
            "openTimestamp": int(opened),
            "closeTimestamp": int(closes),
            "refundTime": None,
            "refundTimestamp": None,
            "uid": self.uid,
            "isDemo": int(self.is_demo),
            "amount": self.amount,
            "profit": self.profit,
            "percentProfit": self.payout_percent,
            "percentLoss": 100,
            "openPrice": self.open_price,
            "closePrice": self.close_price or 0,
            "command": self.command,
            "asset": self.asset,
            "requestId": self.request_id,
            "copyTicket": "",
            "openMs": int(opened % 1 * 1000),
            "closeMs": int(closes % 1 * 1000),
            "optionType": 100,
            "isRollover": False,
            "isCopySignal": False,
            "isAI": False,
            "currency": "USD",
            "amountUsd": self.amount,
            "amountUSD": self.amount,
        }
        return {column: everything[column] for column in columns}
