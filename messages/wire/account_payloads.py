"""What the platform says about the account: its balance, and its deals.

Decides how the JSON of the balance, of opened, refused and closed deals becomes the vocabulary's: money as it
was written, times in true UTC through ``offset_seconds``.
Does not know which order a deal belongs to, or who won (``actors.orders``).
"""

from decimal import Decimal
from typing import Final

from msgspec import Raw, Struct
from msgspec.json import Decoder

from messages.account import BalanceReported
from messages.trading import (
    ClosedDealsReported,
    Deal,
    DealId,
    DealsSettled,
    OpenedDealsReported,
    OrderId,
    TradeAccepted,
    TradeRefused,
)
from messages.wire.reading import (
    DIRECTIONS,
    Choice,
    Decoded,
    Identity,
    Implausible,
    Integer,
    Moment,
    Name,
    Percent,
    PriceOrZero,
    Rows,
    attempt,
    check_money,
    read,
    reason_text,
    salvage,
    server_seconds,
)


class _Balance(Struct, frozen=True, rename="camel"):
    balance: Decimal
    is_demo: bool | None = None

    def __post_init__(self) -> None:
        check_money(self.balance)


class _Deal(Struct, frozen=True, rename="camel"):
    """What is used of a deal; its other fields may be missing or hold anything."""

    id: Identity
    asset: Name
    command: Choice
    amount: Decimal
    profit: Decimal
    percent_profit: Percent
    open_price: PriceOrZero
    open_timestamp: Moment
    close_timestamp: Moment
    close_price: PriceOrZero | None = None
    is_demo: bool | None = None
    request_id: Identity | None = None
    currency: str | None = None

    def __post_init__(self) -> None:
        check_money(self.amount, self.profit)


class _Settlement(Struct, frozen=True):
    deals: Raw
    profit: Raw = Raw(b"null")


class _Refusal(Struct, frozen=True):
    error: str | Integer | None = None
    asset: Name | None = None
    amount: Decimal | None = None

    def __post_init__(self) -> None:
        check_money(self.amount)


_BALANCE: Final = Decoder(_Balance, strict=False)
_DEAL: Final = Decoder(_Deal, strict=False)
_DEALS: Final = Rows(_Deal)
_SETTLEMENT: Final = Decoder(_Settlement, strict=False)
_GROSS_PROFIT: Final = Decoder(Decimal | None, strict=False)
_REFUSAL: Final = Decoder(_Refusal, strict=False)


def balance_reported(payload: bytes, _offset_seconds: float) -> Decoded:
    """From ``successupdateBalance``."""
    body = read("successupdateBalance", _BALANCE, payload)
    return Decoded(BalanceReported(is_demo=body.is_demo, amount=body.balance))


def trade_accepted(payload: bytes, offset_seconds: float) -> Decoded:
    """From ``successopenOrder``: one deal."""
    deal = attempt("successopenOrder", lambda: _deal(_DEAL.decode(payload), offset_seconds))
    return Decoded(TradeAccepted(deal=deal))


def trade_refused(payload: bytes, _offset_seconds: float) -> Decoded:
    """From ``failopenOrder``, which does not say which order it refuses."""
    body = read("failopenOrder", _REFUSAL, payload)
    return Decoded(TradeRefused(symbol=body.asset, reason=reason_text(body.error), amount=body.amount))


def opened_deals_reported(payload: bytes, offset_seconds: float) -> Decoded:
    """From ``updateOpenedDeals``: a list of deals."""
    deals, rejected = _DEALS.read("updateOpenedDeals", payload, lambda row: _deal(row, offset_seconds))
    return Decoded(OpenedDealsReported(deals=tuple(deals), rejected=rejected), rejected)


def closed_deals_reported(payload: bytes, offset_seconds: float) -> Decoded:
    """From ``updateClosedDeals``: a list of deals."""
    deals, rejected = _DEALS.read("updateClosedDeals", payload, lambda row: _closed_deal(row, offset_seconds))
    return Decoded(ClosedDealsReported(deals=tuple(deals), rejected=rejected), rejected)


def deals_settled(payload: bytes, offset_seconds: float) -> Decoded:
    """From ``successcloseOrder``: deals, and the gross profit over all of them, which must not cost the deals."""
    what = "successcloseOrder"
    body = read(what, _SETTLEMENT, payload)
    deals, rejected = _DEALS.read(what, body.deals, lambda row: _closed_deal(row, offset_seconds))
    profits, bad_profits = salvage([body.profit], _gross_profit)
    event = DealsSettled(gross_profit=next(iter(profits), None), deals=tuple(deals))
    return Decoded(event, rejected + bad_profits)


def _gross_profit(field: Raw) -> Decimal | None:
    profit: Decimal | None = _GROSS_PROFIT.decode(field)
    check_money(profit)
    return profit


def _closed_deal(row: _Deal, offset_seconds: float) -> Deal:
    deal = _deal(row, offset_seconds)
    if deal.close_price is None:
        message = "a closed deal without a closing price"
        raise Implausible(message)
    return deal


def _deal(row: _Deal, offset_seconds: float) -> Deal:
    opened, closed = server_seconds(row.open_timestamp), server_seconds(row.close_timestamp)
    return Deal(
        id=DealId(str(row.id)),
        symbol=row.asset,
        direction=DIRECTIONS[row.command],
        stake=row.amount,
        profit=row.profit,
        payout_percent=int(row.percent_profit),
        open_price=row.open_price,
        close_price=row.close_price or None,  # 0 while it is open
        open_time=opened - offset_seconds,
        close_time=closed - offset_seconds,
        server_open_time=opened,
        server_close_time=closed,
        is_demo=row.is_demo,
        order_id=None if row.request_id is None else OrderId(str(row.request_id)),
        currency=row.currency,
    )
