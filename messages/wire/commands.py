"""What is said to the platform, as the text of each message.

Decides names, fields and their forms: times the platform reads are in its own time, money is a JSON number.
Does not know whether something may be sent now, nor whether an order makes sense.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from msgspec.json import Encoder

from messages.market import Symbol
from messages.trading import OpenPendingOrder, PlaceTrade, Ticket
from messages.wire.framing import encode_event, event_of
from messages.wire.pending_payloads import NO_TIME
from messages.wire.reading import DIRECTIONS

ORDER_EVENTS: Final = frozenset({"openOrder", "openPendingOrder"})
"""What opens a deal, or may later."""

_OPTION_TYPE: Final = 100  # the only kind of trade this client makes

_encode: Final = Encoder(decimal_format="number").encode


def order_in(data: str | bytes) -> str | None:
    """The name of the order that a message is, None where it is none; an attachment alone is no message."""
    event = event_of(data) if isinstance(data, str) else None
    return event if event in ORDER_EVENTS else None


def change_symbol(symbol: Symbol, period_seconds: int) -> str:
    """Show this asset: answered by its history, and its ticks begin to stream."""
    return _frame("changeSymbol", {"asset": symbol, "period": period_seconds})


def subscribe_for(symbol: Symbol) -> str:
    """Let the ticks of this asset stream."""
    return _frame("subfor", symbol)


def unsubscribe_for(symbol: Symbol) -> str:
    """Let them stream no more."""
    return _frame("unsubfor", symbol)


def keep_alive() -> str:
    """Say that somebody is there: a connection without a word for 180 s is closed."""
    return encode_event("ps", None)


def get_balance() -> str:
    """Ask for the balance."""
    return encode_event("getBalance", None)


def load_assets() -> str:
    """Ask for the assets."""
    return encode_event("assets/load", None)


ACCOUNT_QUERIES: Final = (
    encode_event("updateOpenedDeals", None),
    encode_event("updateClosedDeals", None),
    get_balance(),
)
"""Asks for the lists of deals and the balance, which the platform tells unasked after a login."""

PENDING_QUERY: Final = encode_event("successupdatePending", None)
"""Asks for the list of pending orders, which the platform tells unasked as well."""

LOGIN_FRAMES: Final = (
    load_assets(),
    encode_event("indicator/load", None),
    encode_event("favorite/load", None),
    encode_event("price-alert/load", None),
    get_balance(),
)
"""What a browser sends once it is logged in, in its order."""


def open_order(trade: PlaceTrade, *, is_demo: bool) -> str:
    """Open a deal now; the answer may echo ``requestId``."""
    return _frame(
        "openOrder",
        {
            "asset": trade.symbol,
            "amount": trade.stake,
            "action": trade.direction.value,
            "isDemo": int(is_demo),
            "requestId": trade.order_id,
            "optionType": _OPTION_TYPE,
            "time": trade.duration_seconds,
        },
    )


def load_history_period(symbol: Symbol, index: int, server_time: int, offset: int, period_seconds: int) -> str:
    """Ask for a page of older candles.

    Args:
        symbol: Whose candles.
        index: Any number; the answer carries it and nothing else to know it by.
        server_time: Where the page ends, in the platform's time, seconds.
        offset: How far back it goes: candles or seconds, sources disagree.
        period_seconds: Of one candle.
    """
    return _frame(
        "loadHistoryPeriod",
        {"asset": symbol, "index": index, "time": server_time, "offset": offset, "period": period_seconds},
    )


def open_pending_order(order: OpenPendingOrder, offset_seconds: float) -> str:
    """Leave an order with the platform; ``offset_seconds`` is server time minus UTC."""
    return _frame(
        "openPendingOrder",
        {
            "openType": order.trigger.value,
            "amount": order.stake,
            "asset": order.symbol,
            "openTime": NO_TIME if order.open_time is None else _server_text(order.open_time + offset_seconds),
            "openPrice": order.open_price or 0,
            "timeframe": order.duration_seconds,
            "minPayout": order.min_payout_percent,
            "command": DIRECTIONS.index(order.direction),
        },
    )


def cancel_pending_order(ticket: Ticket) -> str:
    """Take one pending order back."""
    return _frame("cancelPendingOrder", {"ticket": ticket})


def cancel_pending_orders(tickets: Iterable[Ticket]) -> str:
    """Take several pending orders back at once."""
    return _frame("cancelPendingOrders", {"tickets": list(tickets)})


def _frame(event: str, argument: object) -> str:
    return encode_event(event, _encode(argument))


def _server_text(server_time: float) -> str:
    return datetime.fromtimestamp(round(server_time), UTC).strftime("%Y-%m-%d %H:%M:%S")
