"""Where values lie on a drawing, and which of them are written beside it.

Decides round values and the writing of times. Pure. Does not know what is drawn.
"""

import math
from datetime import UTC, datetime

from msgspec import Struct

_DAY = 86400


class Scale(Struct, frozen=True):
    """Values from ``low`` to ``high``, laid out from ``start`` to ``end``."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """Where a value lies; in the middle if all are the same."""
        if self.high == self.low:
            return (self.start + self.end) / 2
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


def padded(low: float, high: float, part: float = 0.06) -> tuple[float, float]:
    """With room below and above; a single value gets some too."""
    room = (high - low) * part or abs(high) * part or 1.0
    return low - room, high + room


def round_values(low: float, high: float, most: int = 5) -> tuple[list[float], int]:
    """Round values between the two, about ``most`` of them, and the digits that they need."""
    if high <= low:
        return [], 0
    raw = (high - low) / most
    size = 10.0 ** math.floor(math.log10(raw))
    step = next(size * factor for factor in (1, 2, 5, 10) if size * factor >= raw * (1 - 1e-9))
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(place * step, digits) for place in range(first, last + 1)], digits


def times(low: float, high: float, count: int = 4) -> list[tuple[float, str]]:
    """``count`` times from the first to the last, UTC, written as short as the stretch allows."""
    span = high - low
    form = "%Y-%m-%d" if span > 60 * _DAY else "%m-%d %H:%M" if span > _DAY else "%H:%M" if span > 600 else "%H:%M:%S"  # noqa: PLR2004
    moments = [low + span * place / (count - 1) for place in range(count)] if span > 0 else [low]
    return [(moment, datetime.fromtimestamp(moment, UTC).strftime(form)) for moment in moments]
