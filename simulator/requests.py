"""What clients ask of the platform: the arguments of their events.

Decides which fields must be there and which types pass. Numbers may come as strings, as browsers and bots send
them. Does not know what is done about a request.
"""

from decimal import Decimal
from math import isfinite
from typing import Annotated, Final, Literal, TypeVar

import msgspec
from msgspec import Meta, Struct

_NOT_FINITE: Final = "not a finite number"
_ABSURD_DIGITS: Final = 12
_LONGEST_UID: Final = 18

Whole = Annotated[int, Meta(ge=-(10**18), le=10**18)]
"""A number that can be written back without a thought of its length."""


class Login(Struct, frozen=True, rename="camel"):
    """``auth``."""

    session: str = ""
    session_token: str = ""
    uid: Whole | str | None = None
    is_demo: Whole | None = None
    current_url: str = ""

    @property
    def is_well_formed(self) -> bool:
        """Whether there is a session of somebody in it."""
        return bool(self.session or self.session_token) and 0 < len(str(self.uid or "")) <= _LONGEST_UID

    @property
    def wants_demo(self) -> bool:
        """Whether it is for the demo account."""
        return self.is_demo == 1 or "demo" in self.current_url


class ChangeSymbol(Struct, frozen=True):
    """``changeSymbol``: show this chart."""

    asset: str
    period: Whole


class LoadHistoryPeriod(Struct, frozen=True):
    """``loadHistoryPeriod``: what the chart showed before ``time``, which is the platform's."""

    asset: str
    index: Whole
    time: float
    offset: float
    period: Whole

    def __post_init__(self) -> None:
        if not (isfinite(self.time) and isfinite(self.offset)):
            raise ValueError(_NOT_FINITE)


class OpenOrder(Struct, frozen=True, rename="camel"):
    """``openOrder``; ``time`` is the seconds until expiry."""

    asset: str
    amount: Decimal
    action: Literal["call", "put"]
    time: Whole
    request_id: Whole | str | None = None

    def __post_init__(self) -> None:
        _check(self.amount)


class OpenPendingOrder(Struct, frozen=True, rename="camel"):
    """``openPendingOrder``."""

    open_type: Literal[0, 1]
    amount: Decimal
    asset: str
    open_time: Whole | str
    open_price: float
    timeframe: Whole
    min_payout: Whole
    command: Literal[0, 1]

    def __post_init__(self) -> None:
        _check(self.amount)


class CancelPendingOrder(Struct, frozen=True):
    """``cancelPendingOrder``."""

    ticket: str


class CancelPendingOrders(Struct, frozen=True):
    """``cancelPendingOrders``."""

    tickets: list[str]


def _check(amount: Decimal) -> None:
    # What goes in comes out again in refusals: it must be writable as JSON, and do no harm to who reads it there.
    if not amount.is_finite() or abs(amount.adjusted()) > _ABSURD_DIGITS:
        raise ValueError(_NOT_FINITE)


T = TypeVar("T")


def read(payload: bytes, shape: type[T]) -> T | None:
    """The request in a payload, None if it is not one."""
    try:
        return msgspec.json.decode(payload, type=shape, strict=False)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
