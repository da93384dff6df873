"""What to fetch so that nothing is missing: candles for what is long ago, ticks for the rest.

Theory. Ticks tell everything but are many; candles are few but end at boundaries, on the platform's clock, and the last
one is not over. So a long stretch is fetched as candles up to a *seam* that lies a little before now, and as ticks from
there on. The platform aligns candles on its own clock, some half hours ahead of UTC: those of a period that divides
half an hour begin at the same moments on both, and all others are put together from such.

Decides what is asked for. Does not know who answers; has no clock.
"""

from math import gcd
from typing import Final

from msgspec import Struct

from actors.candles.boundaries import boundary_before
from actors.candles.splice import ROUNDING_SECONDS

TIMEFRAMES_SECONDS: Final = (1800, 900, 600, 300, 180, 120, 60, 30, 15, 10, 5)
"""The candles of the platform that begin at the same moments on its clock as on UTC."""

MOST_TICKS_SECONDS: Final = 1800
"""Up to so long ticks alone are fetched."""

LONGEST_TICKS_SECONDS: Final = 86_400
"""Where there are no candles to be had, this is all that is fetched."""

SETTLED_SECONDS: Final = 5.0
"""How long after its end a candle of the platform is taken for final."""


class Backfill(Struct, frozen=True):
    """What to fetch: ticks from a time on, and where there is a seam, candles of ``part_seconds`` until there."""

    ticks_since: float
    part_seconds: int = 0
    candles_since: float = 0.0
    seam: float | None = None


def part_seconds(period_seconds: int) -> int | None:
    """The longest candles of the platform of which whole numbers make one of this period; None: there are none."""
    common = gcd(period_seconds, TIMEFRAMES_SECONDS[0])
    return next((seconds for seconds in TIMEFRAMES_SECONDS if common % seconds == 0), None)


def backfill(since: float, now: float, period_seconds: int | None) -> Backfill:
    """What to fetch to know everything from ``since`` until ``now`` (UTC seconds of the platform's).

    Args:
        since: Of the last tick seen, or where the first candle begins.
        now: Until when.
        period_seconds: Of the candles that are to be built, if they are aligned.
    """
    part = None if period_seconds is None else part_seconds(period_seconds)
    if part is None or now - since <= MOST_TICKS_SECONDS:
        return Backfill(max(since, now - LONGEST_TICKS_SECONDS) - ROUNDING_SECONDS)
    seam = boundary_before(now - SETTLED_SECONDS, part)
    return Backfill(seam - ROUNDING_SECONDS, part, boundary_before(since, part), seam)


def history_since(now: float, period_seconds: int, count: int) -> float:
    """Where the first of so many closed candles before the forming one begins, as far as there is a way to them."""
    since = boundary_before(now, period_seconds) - count * period_seconds
    if part_seconds(period_seconds) is not None:
        return since
    return max(since, boundary_before(now - LONGEST_TICKS_SECONDS, period_seconds) + period_seconds)
