"""How anything from the platform is read: bounded numbers, and lists of which a row can fail alone.

Decides what a number, a name and an id may be, and that whatever is wrong ends in a WireError whose reason
has no content in it. The platform sends numbers as strings at times, hence ``strict=False``; a number that is
not finite or far beyond what it can mean is refused.
Does not know what any event looks like (``market_payloads`` and its neighbours).
"""

import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from decimal import Decimal
from typing import Annotated, Final, Generic, TypeVar

from msgspec import Meta, MsgspecError, Raw, Struct
from msgspec.json import Decoder

from messages.base import Event
from messages.errors import WireError
from messages.market import Symbol
from messages.trading import Direction
from messages.wire.clock import seconds

T = TypeVar("T")
Row = TypeVar("Row")

Moment = Annotated[float, Meta(gt=0, lt=1e14)]
"""A server time as sent, in seconds or milliseconds."""
Price = Annotated[float, Meta(gt=0, lt=1e12)]
PriceOrZero = Annotated[float, Meta(ge=0, lt=1e12)]
"""A price that may not exist, which the platform says with 0."""
Volume = Annotated[float, Meta(ge=0, lt=1e15)] | None
Percent = Annotated[float, Meta(ge=0, le=10_000)]
Seconds = Annotated[int, Meta(ge=0, le=10**9)]
Integer = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
Choice = Annotated[int, Meta(ge=0, le=1)]
"""One of two, such as call and put."""
Name = Annotated[Symbol, Meta(min_length=1, max_length=100)]
Identity = Annotated[str, Meta(min_length=1, max_length=100)] | Integer
"""An id that is echoed as it was sent, text or number."""

DIRECTIONS: Final = (Direction.CALL, Direction.PUT)
"""By the platform's ``command``."""

LATEST_SECONDS: Final = 1e11
"""No time is later (the year 5138); a greater number is milliseconds or nonsense."""

MAX_ITEMS: Final = 40_000
"""Eight times what the platform was seen to send in one payload; each takes a multiple of its text."""

_CERTAINLY_FEW_BYTES: Final = 2 * MAX_ITEMS

# msgspec's errors and UnicodeDecodeError are ValueErrors; decimal's are ArithmeticErrors.
UNREADABLE: Final = (ValueError, ArithmeticError, RecursionError)

_RAW_ROWS: Final = Decoder(list[Raw])

_STRING_OR_NAN: Final = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|-?(?:NaN|Infinity)', re.DOTALL)

_MONEY_DIGITS: Final = 12
_MONEY_DECIMALS: Final = 30  # floats written out have up to 17


class Implausible(ValueError):
    """Well-formed, yet nothing that can be meant; the text has no content in it."""


class Decoded(Struct, frozen=True):
    """An event, and how many rows of its payload were dropped as unreadable."""

    event: Event
    rejected: int = 0


def refuse_heaps(what: str, payload: bytes | Raw) -> None:
    """Raises WireError where there are more items than can be meant, before anything is made of them."""
    if memoryview(payload).nbytes > _CERTAINLY_FEW_BYTES and bytes(payload).count(b",") > MAX_ITEMS:
        raise WireError(what, "more items than can be meant")


def read(what: str, decoder: Decoder[T], payload: bytes) -> T:
    """The decoded payload.

    Raises:
        WireError: It cannot be read.
    """
    return attempt(what, lambda: decoder.decode(payload))


def attempt(what: str, reading: Callable[[], T]) -> T:
    """The result of ``reading``, its errors turned into a WireError about ``what``."""
    try:
        return reading()
    except UNREADABLE as error:
        reason = _reason(error)
    # Raised out here so that it carries no context: a UnicodeDecodeError holds the whole payload.
    raise WireError(what, reason)


def mended(decode: Callable[[bytes], T], payload: bytes) -> T:
    """What ``decode`` makes of the payload, with null for each bare NaN and Infinity where they break it.

    JSON has no such words, some writers do: one of them must not cost the rows that are good.

    Raises:
        WireError: It cannot be read all the same.
    """
    try:
        return decode(payload)
    except WireError:
        if b"NaN" not in payload and b"Infinity" not in payload:
            raise
    return decode(_STRING_OR_NAN.sub(lambda found: found[0] if found[0].startswith(b'"') else b"null", payload))


class Rows(Generic[Row]):
    """Reads a list of rows in one go and, where that fails, row by row."""

    def __init__(self, row: type[Row]) -> None:
        self._whole: Decoder[list[Row]] = Decoder(list[row], strict=False)  # type: ignore[valid-type]
        self._single = Decoder(row, strict=False)

    def read(self, what: str, payload: bytes, convert: Callable[[Row], T]) -> tuple[list[T], int]:
        """The rows, converted, and how many were dropped.

        Raises:
            WireError: It is no list, or one of too many items.
        """
        refuse_heaps(what, payload)
        with suppress(*UNREADABLE):
            return [convert(row) for row in self._whole.decode(payload)], 0
        raws = read(what, _RAW_ROWS, payload)
        return salvage(raws, lambda raw: convert(self._single.decode(raw)))


def salvage(rows: Iterable[Row], convert: Callable[[Row], T]) -> tuple[list[T], int]:
    """What could be converted, and how many rows could not."""
    kept: list[T] = []
    rejected = 0
    for row in rows:
        try:
            kept.append(convert(row))
        except UNREADABLE:
            rejected += 1
    return kept, rejected


def server_seconds(moment: float) -> float:
    """A server time in seconds, or Implausible."""
    if moment <= LATEST_SECONDS:  # nearly always
        return moment
    moment = seconds(moment)
    if moment > LATEST_SECONDS:
        message = "a time beyond all dates"
        raise Implausible(message)
    return moment


def check_money(*amounts: Decimal | None) -> None:
    """Implausible where an amount is not finite, or has more digits than money has; for a ``__post_init__``."""
    for amount in amounts:
        if amount is not None and not _is_money(amount):
            message = "an amount out of bounds"
            raise Implausible(message)


def reason_text(error: str | int | None) -> str:
    """The platform's word for a refusal."""
    return "no reason given" if error is None else str(error)


def _is_money(amount: Decimal) -> bool:
    # The exponent too: 0E+999999999 is zero, and kills whoever writes it out.
    exponent = amount.as_tuple().exponent
    is_sane = isinstance(exponent, int) and -_MONEY_DECIMALS <= exponent <= _MONEY_DIGITS
    return is_sane and amount.adjusted() < _MONEY_DIGITS


def _reason(error: BaseException) -> str:
    if isinstance(error, RecursionError):
        return "nested too deeply"
    if isinstance(error, MsgspecError | Implausible):  # msgspec names the field and the type, not what was there
        return str(error)
    return "not UTF-8" if isinstance(error, UnicodeError) else "a number out of bounds"
