"""The arithmetic of the platform's clock, which runs some half hours ahead of UTC.

Theory. A server time minus the true time of its arrival is the offset, plus what our own clock and the way
here add. The offset is a whole number of half hours; the rest is skew. One sample proves little (a message
may have waited minutes in a buffer), so the estimate is the median of the last few: a sample that stands alone
changes nothing, and a new offset holds as soon as most of them agree on it.

Has no clock of its own, and does not know where the times come from.
"""

from collections import deque
from collections.abc import Iterable
from typing import Final

USUAL_OFFSET_SECONDS: Final = 7200.0
"""What the platform was seen to use, summer and winter: assumed until samples say otherwise."""

OFFSET_STEP_SECONDS: Final = 1800.0
SAMPLES: Final = 9

_FIRST_MILLISECOND: Final = 1e12


def seconds(value: float) -> float:
    """A time in seconds, its fraction kept, from one in seconds or (above 1e12) milliseconds."""
    return value / 1000.0 if value > _FIRST_MILLISECOND else float(value)


def snapped_offset(server_time: float, utc_time: float) -> tuple[float, float]:
    """How far the server is ahead of UTC, in whole half hours, and the skew that remains; both in seconds."""
    return _snapped(server_time - utc_time)


class OffsetEstimator:
    """Follows the server's offset through samples, some of which are wrong.

    Attributes:
        offset_seconds: Server time minus UTC, a whole number of half hours.
        skew_seconds: What remains: our clock's error, and the message's way here (which makes it negative).
    """

    def __init__(self, offset_seconds: float = USUAL_OFFSET_SECONDS, samples: int = SAMPLES) -> None:
        self._differences = deque([offset_seconds] * samples, maxlen=samples)
        self.offset_seconds, self.skew_seconds = _snapped(offset_seconds)

    def add(self, server_time: float, utc_time: float) -> None:
        """Take in one server time (seconds) that arrived at this true UTC time."""
        self._differences.append(server_time - utc_time)
        self.offset_seconds, self.skew_seconds = _snapped(_middle(self._differences))


def _snapped(difference: float) -> tuple[float, float]:
    offset = round(difference / OFFSET_STEP_SECONDS) * OFFSET_STEP_SECONDS
    return offset, difference - offset


def _middle(values: Iterable[float]) -> float:
    """The median; of an even number the upper of the two in the middle. ``statistics`` takes 6 ms to import."""
    ordered = sorted(values)
    return ordered[len(ordered) // 2]
