"""How bots written for BinaryOptionsToolsV2 see our values: dicts with the platform's own names.

Decides names, texts and times: prices and money are texts, ``timestamp`` and everything about deals is on the
platform's clock, ``time`` of a candle true UTC. Does not know where values come from.
"""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from messages.market import Asset, Candle, Tick
from messages.trading import Deal, DealResult, Direction, PendingOrder
from optionbus.compat.pocketoption.models import Trade

Shape = dict[str, Any]

DIRECT_OPTION = 100
"""The platform's number for what is opened at once; there is no other here."""


def number(value: float | Decimal) -> str:
    """As a text without exponent or idle zeros."""
    text = format(Decimal(repr(value)) if isinstance(value, float) else value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def clock(server_time: float) -> str:
    """A server time as the platform writes it."""
    return datetime.fromtimestamp(int(server_time), UTC).strftime("%Y-%m-%d %H:%M:%S")


def tick(found: Tick) -> Shape:
    """One price: a candle in which nothing moved."""
    return _prices(found.symbol, found.server_time, *[found.price] * 4, is_closed=False)


def candle(found: Candle, offset: float, *, is_closed: bool) -> Shape:
    """A candle of the past, or of a subscription; ``offset`` is how far the server is ahead (seconds)."""
    prices = (found.open, found.high, found.low, found.close)
    return _prices(found.symbol, found.time + offset, *prices, is_closed=is_closed)


def _prices(symbol: str, server_time: float, *prices: float, is_closed: bool) -> Shape:
    opened, high, low, close = map(number, prices)
    return {
        "symbol": symbol,
        "timestamp": int(server_time),
        "open": opened,
        "high": high,
        "low": low,
        "close": close,
        "volume": None,
        "is_closed": is_closed,
    }


def plain_candle(found: Candle) -> Shape:
    """A candle of ``candles`` and of the live ones: numbers, and true UTC."""
    return {
        "time": int(found.time),
        "open": found.open,
        "high": found.high,
        "low": found.low,
        "close": found.close,
    }


def asset(found: Asset) -> Shape:
    """An asset."""
    return {
        "id": found.id,
        "name": found.name,
        "symbol": found.symbol,
        "is_otc": found.is_otc,
        "is_active": found.is_active,
        "payout": found.payout_percent,
        "allowed_candles": [{"time": seconds} for seconds in found.timeframes_seconds],
        "asset_type": found.kind.value,
    }


def trade(deal: Deal, uid: int) -> Trade:
    """A deal, open or closed; what this client does not keep of it is None."""
    amount = number(deal.stake)
    return Trade(
        id=deal.id,
        openTime=clock(deal.server_open_time),
        closeTime=clock(deal.server_close_time),
        openTimestamp=int(deal.server_open_time),
        closeTimestamp=int(deal.server_close_time),
        refundTime=None,
        refundTimestamp=None,
        uid=uid,
        requestId=deal.order_id,
        amount=amount,
        profit=number(deal.profit),
        percentProfit=deal.payout_percent,
        percentLoss=100,
        openPrice=number(deal.open_price),
        closePrice=number(deal.close_price or 0.0),
        command=_command(deal.direction),
        asset=deal.symbol,
        isDemo=int(bool(deal.is_demo)),
        copyTicket="",
        openMs=round(deal.server_open_time % 1 * 1000),
        closeMs=None if deal.close_price is None else round(deal.server_close_time % 1 * 1000),
        optionType=DIRECT_OPTION,
        isRollover=None,
        isCopySignal=False,
        isAI=None,
        currency=deal.currency,
        amountUsd=None,
        amountUSD=amount if deal.currency == "USD" else None,
    )


def settled(result: DealResult, uid: int) -> Trade:
    """A deal that has ended, with how."""
    shape = trade(result.deal, uid)
    shape["profit"] = number(result.profit)
    shape["result"] = result.outcome.value
    return shape


def pending(order: PendingOrder, offset: float) -> Shape:
    """An order that waits."""
    return {
        "ticket": order.ticket,
        "open_type": order.trigger.value,
        "amount": number(order.stake),
        "symbol": order.symbol,
        "open_time": None if order.open_time is None else clock(order.open_time + offset),
        "open_price": number(order.open_price or 0.0),
        "timeframe": order.duration_seconds,
        "min_payout": order.min_payout_percent,
        "command": _command(order.direction),
        "date_created": None,
        "id": None,
    }


def _command(direction: Direction) -> int:
    return 0 if direction is Direction.CALL else 1
