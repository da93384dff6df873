"""Where aligned periods begin and end.

Decides which periods divide a day and which boundaries lie around a time. Boundaries are multiples of the
period since 1970, which for a divisor of a day is the same as since midnight UTC: local time and its summer
shift play no part. A boundary belongs to the period that it begins.

Does not know what happens in a period (``actors.candles.builder``), and has no clock.
"""

from typing import Final

DAY_SECONDS: Final = 86_400


def is_aligned_period(seconds: float) -> bool:
    """Whether whole periods of so many whole seconds fill a day."""
    return 1 <= seconds <= DAY_SECONDS and seconds % 1 == 0 and DAY_SECONDS % seconds == 0


def boundary_before(time: float, seconds: float) -> float:
    """The last boundary at or before ``time`` (UTC seconds), for a period of ``seconds``.

    Exact: floats floor-divide by way of a remainder that is never rounded, so the last float
    before a boundary still lies in the period that ends there.
    """
    return time // seconds * seconds


def boundary_after(time: float, seconds: float) -> float:
    """The first boundary later than ``time`` (UTC seconds), for a period of ``seconds``."""
    return boundary_before(time, seconds) + seconds
