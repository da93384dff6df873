"""What the platform says about pending orders: kept, refused, given up, or all of them.

Decides how the JSON of those events becomes the vocabulary's. The same content comes bare or wrapped, once or
twice, in an object's ``data``; every level is looked at, the outermost first.
Does not know which request an answer belongs to (``actors.api``).
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from msgspec import Raw, Struct
from msgspec.json import Decoder

from messages.trading import (
    PendingAccepted,
    PendingCancelled,
    PendingCancelRefused,
    PendingOrder,
    PendingRefused,
    PendingReported,
    PendingTrigger,
    Ticket,
)
from messages.wire.reading import (
    DIRECTIONS,
    Choice,
    Decoded,
    Identity,
    Implausible,
    Integer,
    Name,
    Percent,
    PriceOrZero,
    Rows,
    Seconds,
    attempt,
    check_money,
    read,
    reason_text,
)

NO_TIME: Final = "0000-00-00 00:00:00"
"""The ``openTime`` of an order that waits for a price."""

_DEEPEST_LEVEL: Final = 3


class _Order(Struct, frozen=True, rename="camel"):
    ticket: Identity
    open_type: Choice
    amount: Decimal
    symbol: Name
    open_time: str | None
    timeframe: Seconds
    min_payout: Percent
    command: Choice
    open_price: PriceOrZero | None = None
    date_created: Raw = Raw()

    def __post_init__(self) -> None:
        check_money(self.amount)


class _Level(Struct, frozen=True):
    """One object of a nest of them: ``data`` is what is inside it."""

    data: Raw = Raw()
    error: str | Integer | None = None
    symbol: Name | None = None
    ticket: Identity | None = None
    tickets: tuple[Identity, ...] | None = None
    cancelled: tuple[Identity, ...] | None = None

    def all_tickets(self) -> tuple[str | int, ...]:
        own = () if self.ticket is None else (self.ticket,)
        return (*own, *(self.tickets or ()), *(self.cancelled or ()))


_ORDER: Final = Decoder(_Order, strict=False)
_ORDERS: Final = Rows(_Order)
_LEVEL: Final = Decoder(_Level, strict=False)
_TEXT: Final = Decoder(str)


def pending_accepted(payload: bytes, offset_seconds: float) -> Decoded:
    """From ``successopenPendingOrder``: one order."""
    what = "successopenPendingOrder"
    innermost = _innermost(what, payload)
    order = attempt(what, lambda: _order(_ORDER.decode(innermost), offset_seconds))
    return Decoded(PendingAccepted(order=order))


def pending_refused(payload: bytes, _offset_seconds: float) -> Decoded:
    """From ``failopenPendingOrder``: the order and, on another level, what was wrong with it."""
    levels = _levels("failopenPendingOrder", payload)
    symbol = next((level.symbol for level in levels if level.symbol is not None), None)
    ticket = next(iter(_tickets(levels)), None)
    return Decoded(PendingRefused(symbol=symbol, reason=_error(levels), ticket=ticket))


def pending_cancelled(payload: bytes, _offset_seconds: float) -> Decoded:
    """From ``successcancelPendingOrder`` and ``…Orders``: one ticket or several."""
    levels = _levels("successcancelPendingOrder", payload)
    return Decoded(PendingCancelled(tickets=_tickets(levels)))


def pending_cancel_refused(payload: bytes, _offset_seconds: float) -> Decoded:
    """From ``failcancelPendingOrder`` and ``…Orders``: tickets where it names them."""
    levels = _levels("failcancelPendingOrder", payload)
    return Decoded(PendingCancelRefused(tickets=_tickets(levels), reason=_error(levels)))


def pending_reported(payload: bytes, offset_seconds: float) -> Decoded:
    """From ``successupdatePending``: a list of orders."""
    what = "successupdatePending"
    innermost = _innermost(what, payload)
    orders, rejected = _ORDERS.read(what, innermost, lambda row: _order(row, offset_seconds))
    return Decoded(PendingReported(orders=tuple(orders), rejected=rejected), rejected)


def _levels(what: str, payload: bytes) -> list[_Level]:
    levels = [read(what, _LEVEL, payload)]
    while len(levels) < _DEEPEST_LEVEL and _is_object(levels[-1].data):
        levels.append(read(what, _LEVEL, levels[-1].data))
    return levels


def _innermost(what: str, payload: bytes) -> bytes:
    for _ in range(1, _DEEPEST_LEVEL):
        if not _is_object(payload) or not (data := read(what, _LEVEL, payload).data):
            break
        payload = data
    return payload


def _is_object(payload: bytes) -> bool:
    return bytes(payload).lstrip().startswith(b"{")


def _error(levels: Iterable[_Level]) -> str:
    return reason_text(next((level.error for level in levels if level.error is not None), None))


def _tickets(levels: Iterable[_Level]) -> tuple[Ticket, ...]:
    return tuple(Ticket(str(ticket)) for level in levels for ticket in level.all_tickets())


def _order(row: _Order, offset_seconds: float) -> PendingOrder:
    return PendingOrder(
        ticket=Ticket(str(row.ticket)),
        trigger=PendingTrigger(row.open_type),
        symbol=row.symbol,
        direction=DIRECTIONS[row.command],
        stake=row.amount,
        open_time=_open_time(row.open_time, offset_seconds),
        open_price=row.open_price or None,
        duration_seconds=row.timeframe,
        min_payout_percent=int(row.min_payout),
        created=_created(row.date_created, offset_seconds),
    )


def _open_time(text: str | None, offset_seconds: float) -> float | None:
    if text is None or text == NO_TIME:
        return None
    try:
        return _moment(text, offset_seconds)
    except ValueError:
        message = "openTime is no date"
        raise Implausible(message) from None


def _created(column: Raw, offset_seconds: float) -> float | None:
    """None where it cannot be read: it is of use, and no order is dropped for the want of it."""
    try:
        return _moment(_TEXT.decode(column), offset_seconds)
    except ValueError:  # of which msgspec's errors are a kind
        return None


def _moment(text: str, offset_seconds: float) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() - offset_seconds
