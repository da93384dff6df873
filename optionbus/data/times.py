"""Times as files have them, made into UTC seconds.

Decides how a number or a text is a time: in which unit, and in which time zone where a text names none. Understands
numbers since 1970 in s, ms, µs and ns; ISO 8601; and with it ``2024.01.31 10:00``, ``2024/01/31 10:00``,
``31.01.2024 10:00``, ``20240131100000`` and ``20240131 100000250``. Has no clock, and does not know whether a time
makes sense (``optionbus.data.checks``).

In the hour that comes twice when summer ends, a text in a time zone is taken for the second of the two once times
would go back by more than half an hour.
"""

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from enum import Enum
from math import inf, isfinite
from typing import Final
from zoneinfo import ZoneInfo

from messages.errors import InvalidArgument

Cell = str | float | int | None
"""What a file has in one place."""


class TimeUnit(Enum):
    """What a column of times holds; AUTO is what its first row looks like."""

    AUTO = "auto"
    SECONDS = "s"
    MILLISECONDS = "ms"
    MICROSECONDS = "us"
    NANOSECONDS = "ns"
    TEXT = "iso"


PER_SECOND: Final = {
    TimeUnit.SECONDS: 1,
    TimeUnit.MILLISECONDS: 1_000,
    TimeUnit.MICROSECONDS: 1_000_000,
    TimeUnit.NANOSECONDS: 1_000_000_000,
}

_SMALLEST: Final = (
    (1e17, TimeUnit.NANOSECONDS),
    (1e14, TimeUnit.MICROSECONDS),
    (1e11, TimeUnit.MILLISECONDS),
    (-inf, TimeUnit.SECONDS),
)
"""From which number on a time is in which unit: each bound is the year 5138 in the next coarser one, or 1973 in it."""

_DIGITS: Final = re.compile(r"(19|20)\d{6}(\d{6})?")
"""A date, with or without a time of day, that could be a number; as one it would be a time of 1970, or after 2500."""

_HALF_HOUR_SECONDS: Final = 1800
_OFFSET: Final = re.compile(r"([+-])(\d\d):?(\d\d)")


def zone_of(name: str) -> tzinfo:
    """The time zone of an IANA name, or of an offset such as ``+02:00``.

    Raises:
        InvalidArgument: It is neither.
    """
    if name.upper() in {"UTC", "Z", "GMT"}:
        return UTC
    offset = _OFFSET.fullmatch(name)
    try:
        if offset is None:
            return ZoneInfo(name)
        sign, hours, minutes = offset.groups()
        return timezone((-1 if sign == "-" else 1) * timedelta(hours=int(hours), minutes=int(minutes)))
    except (ValueError, OSError, KeyError):  # KeyError: ZoneInfoNotFoundError
        problem = f"{name!r} is neither a name such as Europe/Berlin nor an offset such as +02:00"
        raise InvalidArgument("A time zone", problem) from None


def recognised(cells: Sequence[Cell]) -> TimeUnit:
    """The unit that the first of these cells is in; seconds where there is none."""
    for cell in cells:
        if isinstance(cell, str) and _DIGITS.fullmatch(cell.strip()):
            return TimeUnit.TEXT
        try:
            size = abs(float(cell)) if cell is not None else inf
        except ValueError:
            if _is_text(str(cell)):
                return TimeUnit.TEXT
        else:
            if isfinite(size):
                return next(unit for smallest, unit in _SMALLEST if size >= smallest)
    return TimeUnit.SECONDS


def is_time(text: str) -> bool:
    """Whether a text is a time that can be read, and no mere number."""
    try:
        float(text)
    except ValueError:
        return _is_text(text)
    return False


class TimeReader:
    """Reads one column of times from its beginning to its end."""

    def __init__(self, unit: TimeUnit, zone: tzinfo) -> None:
        self._zone = zone
        self._per_second = PER_SECOND.get(unit)
        self._last = -inf
        self._is_second = False
        """Whether the last time was in the second of two hours of the same name."""
        self._repeats_hours = isinstance(zone, ZoneInfo)

    def read(self, cells: Sequence[Cell]) -> list[float]:
        """All of them as UTC seconds.

        Raises:
            ValueError, TypeError or OverflowError: One of them, or more, is no time.
        """
        if self._per_second is None:
            return self._texts(cells)
        seconds = self._numbers(cells)
        if not isfinite(sum(seconds)):
            raise ValueError
        return [*seconds] if self._per_second == 1 else [number / self._per_second for number in seconds]

    def _numbers(self, cells: Sequence[Cell]) -> Sequence[float]:
        if self._per_second == PER_SECOND[TimeUnit.NANOSECONDS]:
            with suppress(ValueError):
                return list(map(int, cells))  # type: ignore[arg-type] # more digits than a float has
        return list(map(float, cells))  # type: ignore[arg-type] # None raises TypeError

    def _texts(self, cells: Sequence[Cell]) -> list[float]:
        if not cells:
            return []
        texts: Sequence[str] = cells  # type: ignore[assignment] # others raise TypeError
        plain = _plainer(texts[0])
        if plain is not None:
            texts = [_made_plain(text) for text in texts]
        before, seconds = (self._last, self._is_second), self._seconds
        try:
            return [seconds(text) for text in texts]
        except (ValueError, TypeError):
            self._last, self._is_second = before  # they are read again, one by one
            raise

    def _seconds(self, text: str) -> float:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=self._zone)
        seconds = moment.timestamp()
        if self._repeats_hours:
            self._is_second = seconds < self._last - (0 if self._is_second else _HALF_HOUR_SECONDS)
            if self._is_second:
                seconds = moment.replace(fold=1).timestamp()
            self._last = seconds
        return seconds


def _is_text(text: str) -> bool:
    try:
        datetime.fromisoformat(_made_plain(text))
    except ValueError:
        return False
    return True


def _plainer(text: str) -> Callable[[str], str] | None:
    """What makes ISO 8601 of a text that is nearly it; None where it is that already."""
    if not isinstance(text, str):
        raise TypeError
    if text[4:5] in {".", "/"}:
        return lambda each: each[:10].replace(text[4], "-") + each[10:]
    if text[2:3] == "." == text[5:6]:
        return lambda each: f"{each[6:10]}-{each[3:5]}-{each[:2]}{each[10:]}"
    if len(text) == len("20240131100000") and text.isdecimal():
        return lambda each: f"{each[:8]}T{each[8:]}"
    if len(text) == len("20240131 100000250") and text[9:].isdecimal():
        return lambda each: f"{each[:15]}.{each[15:]}"
    return None if text == text.strip() else str.strip


def _made_plain(text: str) -> str:
    text = text.strip()
    plain = _plainer(text)
    return text if plain is None else plain(text)
