"""What an order may be at all: the platform's limits of stake and duration.

Decides which orders are not worth sending. Does not know risk, balance or assets.
"""

from decimal import Decimal
from typing import Annotated

from msgspec import Meta, Struct

from messages.errors import InvalidDuration, InvalidStake


class OrderLimits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The limits, both ends included: stakes in the account's currency, durations in whole seconds."""

    min_stake: Decimal = Decimal(1)
    """The smallest stake, in the account's currency."""
    max_stake: Decimal = Decimal(20_000)
    """The largest stake."""
    min_duration_seconds: Annotated[int, Meta(ge=1)] = 1
    """The shortest time until expiry."""
    max_duration_seconds: Annotated[int, Meta(ge=1)] = 43_200
    """The longest time until expiry."""

    def __post_init__(self) -> None:
        """Raises ValueError where no order would be within the limits."""
        lowest, highest = self.min_stake, self.max_stake
        if not (lowest.is_finite() and highest.is_finite() and 0 < lowest <= highest):
            raise ValueError("Expected finite 0 < min_stake <= max_stake")
        if self.min_duration_seconds > self.max_duration_seconds:
            raise ValueError("Expected min_duration_seconds <= max_duration_seconds")

    def check(self, stake: Decimal, duration_seconds: object) -> None:
        """Raises InvalidStake or InvalidDuration."""
        if not (stake.is_finite() and self.min_stake <= stake <= self.max_stake):
            raise InvalidStake(stake, self.min_stake, self.max_stake)
        shortest, longest = self.min_duration_seconds, self.max_duration_seconds
        if type(duration_seconds) is not int or not shortest <= duration_seconds <= longest:
            raise InvalidDuration(duration_seconds, shortest, longest)
