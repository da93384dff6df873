"""The words for the account: its balance, and the platform's clock.

Money is Decimal, in the account's currency.
"""

from decimal import Decimal

from messages.base import Event, Query, Reply


class BalanceReported(Event, frozen=True, kw_only=True):
    """The platform's word on a balance: it also reports the account that is not used."""

    is_demo: bool | None
    amount: Decimal

    def is_of(self, *, is_demo: bool) -> bool:
        """Whether it is the balance of the account that is used; the platform may not say which it is."""
        return self.is_demo is None or self.is_demo == is_demo


class BalanceChanged(Event, frozen=True, kw_only=True):
    """The balance differs from what it was."""

    is_demo: bool
    amount: Decimal
    before: Decimal | None


class GetBalance(Query, frozen=True, kw_only=True):
    """Ask for the balance; answered once it is known."""


class Balance(Reply, frozen=True, kw_only=True):
    """The balance."""

    is_demo: bool
    amount: Decimal


class ServerTimeMeasured(Event, frozen=True, kw_only=True):
    """The platform's clock was compared with ours.

    ``offset_seconds`` is a whole number of half hours; ``skew_seconds`` is what remains.
    """

    offset_seconds: float
    skew_seconds: float


class GetServerTime(Query, frozen=True, kw_only=True):
    """Ask what time it is on the platform."""


class ServerTime(Reply, frozen=True, kw_only=True):
    """True UTC as the platform sees it, and its raw clock, both in seconds.

    The platform's clock is ``offset_seconds + skew_seconds`` ahead of ours: the offset is a whole number of half
    hours, the skew what remains of the latest samples. ``age_seconds`` is how old the last of them is; None: there
    was none yet, and the offset is the usual one.
    """

    time: float
    server_time: float
    offset_seconds: float
    skew_seconds: float
    age_seconds: float | None
