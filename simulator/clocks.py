"""The platform's clock, and how wire times are written.

Decides the distance between the platform's clock and UTC. Reads no clock itself.
"""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

SERVER_AHEAD_SECONDS: Final = 7200
"""The platform's clock runs this far ahead of UTC, summer and winter."""

_EPOCH: Final = datetime.fromtimestamp(0, UTC)
_CALENDAR: Final = "%Y-%m-%d %H:%M:%S"
_FIRST_MILLISECOND_STAMP: Final = 1e12
_KEPT_TEXTS: Final = 4096


def server_time(moment: float) -> float:
    """A UTC moment on the platform's clock, to the millisecond."""
    return round(moment + SERVER_AHEAD_SECONDS, 3)


def true_time(server: float) -> float:
    """The UTC moment of a platform time, which may be in seconds or milliseconds."""
    seconds = server / 1000 if server > _FIRST_MILLISECOND_STAMP else server
    return seconds - SERVER_AHEAD_SECONDS


@lru_cache(_KEPT_TEXTS)
def text(seconds: float) -> str:
    """As in ``openTime``: a calendar time to the second, of whichever clock the seconds are."""
    return (_EPOCH + timedelta(seconds=int(seconds))).strftime(_CALENDAR)


def seconds_of(time: str) -> float | None:
    """The seconds of such a text, on the same clock; None if it is none."""
    try:
        moment = datetime.strptime(time, _CALENDAR).replace(tzinfo=UTC)
    except ValueError:
        return None
    return (moment - _EPOCH).total_seconds()
