"""How fast something grows, by the robust slope of Theil and Sen, and how sure that is.

Theory. The slope is the median of the slopes between all pairs of points, which a quarter of bad points does not move
far. Its interval is that of Sen (1968): the number of pairs that rise less the number of those that fall, Kendall's S,
has for points without a trend the variance n(n - 1)(2n + 5)/18. So of the N sorted slopes those of the ranks (N - C)/2
and (N + C)/2 + 1, with C = 1.96 standard deviations, enclose the true one with 95 %. Ranks are rounded outwards; where
there are too few points for them the interval is as wide as the slopes.

Decides nothing of what is good enough. Pure; the interval takes errors of different points for independent.
"""

import math
from collections.abc import Sequence
from itertools import combinations, pairwise
from statistics import median
from typing import Final

from msgspec import Struct

Z: Final = 1.959964
"""Two-sided 95 % of the normal distribution."""


class Slope(Struct, frozen=True, kw_only=True):
    """Growth in one unit of time, and the 95 % interval."""

    per_unit: float
    low: float
    high: float


def theil_sen(times: Sequence[float], values: Sequence[float]) -> Slope:
    """The slope of at least two points at different times; takes n(n - 1)/2 steps and as much room.

    Raises:
        ValueError: there are fewer.
    """
    points = zip(times, values, strict=True)
    slopes = sorted((y2 - y1) / (t2 - t1) for (t1, y1), (t2, y2) in combinations(points, 2) if t1 != t2)
    if not slopes:
        raise ValueError("a slope takes two points at different times")
    count, number = len(times), len(slopes)
    spread = Z * math.sqrt(count * (count - 1) * (2 * count + 5) / 18)
    low_rank = max(1, math.floor((number - spread) / 2))
    high_rank = min(number, math.ceil((number + spread) / 2 + 1))
    return Slope(per_unit=median(slopes), low=slopes[low_rank - 1], high=slopes[high_rank - 1])


def thinned(times: Sequence[float], values: Sequence[float], most: int) -> tuple[list[float], list[float]]:
    """At most so many points: each the medians of a stretch of neighbours, all stretches as long as can be."""
    count = min(most, len(times))
    edges = [len(times) * number // count for number in range(count + 1)] if count else [0]
    stretches = [slice(begin, end) for begin, end in pairwise(edges)]
    return [median(times[it]) for it in stretches], [median(values[it]) for it in stretches]
