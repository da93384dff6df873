"""What can be said of a rate or a mean from so many trades, and how surely.

Decides the formulas: Wilson's interval for a win rate, the normal approximation for a mean, the break-even rate of the
payouts, and how many groups look good by chance. All intervals are of 95 %, and take the trades to be independent:
deals that overlap are less, so that the truth may lie further out. Pure functions of numbers. Does not know what a
trade is.
"""

import math
from collections.abc import Sequence
from enum import Enum
from typing import Final

from msgspec import Struct

Z: Final = 1.959963984540054
"""How many standard errors a normal interval of 95 % has to either side."""
Z_POWER: Final = 0.8416212335729143
"""The same for a chance of 80 % to see what is there."""
POINT: Final = 0.01
"""The edge that is asked about: one percentage point of win rate."""

_EXACT_UP_TO: Final = 1000
_TAIL: Final = 0.025


class Estimate(Struct, frozen=True):
    """A value and its interval of 95 %; ``low`` and ``high`` are None where there are too few values for one."""

    value: float
    low: float | None
    high: float | None


class Verdict(Enum):
    """Where the interval of the win rate lies."""

    ABOVE = "above break-even"
    BELOW = "below break-even"
    UNTOLD = "cannot be told from break-even"


def wilson(wins: int, decided: int) -> Estimate | None:
    """The win rate of so many decided trades, with Wilson's score interval; None where there is none."""
    if not decided:
        return None
    rate, weight = wins / decided, Z * Z / decided
    middle = (rate + weight / 2) / (1 + weight)
    reach = Z * math.sqrt(rate * (1 - rate) / decided + weight / (4 * decided)) / (1 + weight)
    return Estimate(
        rate, max(0.0, middle - reach) if wins else 0.0, min(1.0, middle + reach) if wins < decided else 1.0
    )


def mean(values: Sequence[float]) -> Estimate | None:
    """Their mean, plus and minus ``Z`` sample standard deviations of it.

    The normal approximation: with a few dozen values or fewer the interval is too narrow. Without two values that
    differ there is none.
    """
    if not values:
        return None
    middle, spread = math.fsum(values) / len(values), deviation(values)
    return _around(middle, spread / math.sqrt(len(values)) if spread else None)


def ratio(gains: Sequence[float], stakes: Sequence[float]) -> Estimate | None:
    """What one unit of stake has gained: the sum of the gains over that of the stakes.

    Its standard error is that of a ratio of means, from what each gain lies off its share; with equal stakes that of
    the mean gain, divided by the stake. Approximate as ``mean`` is.
    """
    total = math.fsum(stakes)
    if not total:
        return None
    rate = math.fsum(gains) / total
    off = [gain - rate * stake for gain, stake in zip(gains, stakes, strict=True)]
    spread = deviation(off)
    return _around(rate, spread * math.sqrt(len(off)) / total if spread else None)


def deviation(values: Sequence[float]) -> float | None:
    """The sample standard deviation (n - 1); None for fewer than two, and where all are the same."""
    if len(values) < 2 or min(values) == max(values):  # noqa: PLR2004 - of one there is no deviation
        return None
    middle = math.fsum(values) / len(values)
    return math.sqrt(math.fsum((value - middle) ** 2 for value in values) / (len(values) - 1))


def break_even(staked: float, returned: float) -> float | None:
    """The win rate at which nothing is gained or lost.

    ``staked`` is the sum of all stakes s, ``returned`` that of s · (1 + p): what had come back, had all been won. With
    the win rate w the expected profit is w · sum(s · p) - (1 - w) · sum(s). That is 0 at w = sum(s) / sum(s · (1 + p)),
    for one payout 1 / (1 + p). A draw gives the stake back, and is in neither sum.
    """
    return staked / returned if returned else None


def verdict(rate: Estimate | None, even: float | None) -> Verdict:
    """Where the interval lies; where it holds the break-even rate, nothing can be told."""
    if rate is None or even is None or rate.low is None or rate.high is None:
        return Verdict.UNTOLD
    if rate.low > even:
        return Verdict.ABOVE
    return Verdict.BELOW if rate.high < even else Verdict.UNTOLD


def trades_to_tell(even: float | None, edge: float = POINT) -> int | None:
    """About how many decided trades tell a win rate that lies ``edge`` off break-even, with a chance of 80 %.

    The normal approximation: (Z + Z_POWER)² · b · (1 - b) / edge².
    """
    if even is None:
        return None
    return math.ceil((Z + Z_POWER) ** 2 * even * (1 - even) / edge**2)


def chance_above(decided: int, even: float | None) -> float:
    """The chance that a group which just breaks even is called ABOVE.

    Wilson's lower bound is above b with more than n · b + Z · sqrt(n · b · (1 - b)) wins: the chance of so many is
    that of the binomial distribution. It is near 2.5 %, which is what is given for large groups.
    """
    if not decided or even is None or not 0 < even < 1:
        return 0.0
    if decided > _EXACT_UP_TO:
        return _TAIL
    least = math.floor(decided * even + Z * math.sqrt(decided * even * (1 - even))) + 1
    return math.fsum(
        math.comb(decided, wins) * even**wins * (1 - even) ** (decided - wins) for wins in range(least, decided + 1)
    )


def _around(middle: float, error: float | None) -> Estimate:
    return Estimate(middle, None, None) if error is None else Estimate(middle, middle - Z * error, middle + Z * error)
