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


@pytest.mark.parametrize(
    ("shortest", "longest", "lowest", "highest"),
    [
        (61, 60, "1", "100"),
        (5, 60, "101", "100"),
        (5, 60, "0", "100"),
        (5, 60, "-1", "100"),
        (5, 60, "1", "Infinity"),
        (5, 60, "1", "NaN"),
        (5, 60, "NaN", "100"),
    ],
)
def test_limits_that_leave_no_order_are_refused(shortest: int, longest: int, lowest: str, highest: str) -> None:
    with pytest.raises(ValueError, match="Expected"):
        OrderLimits(
            min_stake=Decimal(lowest),
            max_stake=Decimal(highest),
            min_duration_seconds=shortest,
            max_duration_seconds=longest,
        )


def test_limits_may_leave_a_single_order() -> None:
    only = OrderLimits(min_stake=Decimal(1), max_stake=Decimal(1), min_duration_seconds=60, max_duration_seconds=60)

    only.check(Decimal(1), 60)
