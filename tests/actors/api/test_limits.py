from decimal import Decimal

import pytest

from actors.api.limits import OrderLimits
from messages.errors import InvalidDuration, InvalidStake, UsageError

LIMITS = OrderLimits(min_stake=Decimal(1), max_stake=Decimal(100), min_duration_seconds=5, max_duration_seconds=60)


@pytest.mark.parametrize("stake", ["1", "1.00", "99.99", "100"])
@pytest.mark.parametrize("duration", [5, 30, 60])
def test_both_ends_are_within_the_limits(stake: str, duration: int) -> None:
    try:
        LIMITS.check(Decimal(stake), duration)
    except UsageError as error:
        pytest.fail(str(error))


@pytest.mark.parametrize("stake", ["0", "-1", "0.99", "100.01", "NaN", "sNaN", "Infinity", "-Infinity"])
def test_a_stake_outside_is_refused(stake: str) -> None:
    with pytest.raises(InvalidStake, match="from 1 to 100"):
        LIMITS.check(Decimal(stake), 30)


@pytest.mark.parametrize("duration", [4, 61, 0, -5, 30.0, True, "30", None])
def test_a_duration_outside_is_refused(duration: object) -> None:
    with pytest.raises(InvalidDuration, match="from 5 to 60"):
        LIMITS.check(Decimal(1), duration)
