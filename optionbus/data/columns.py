"""Which column of the user's file is what, as the user says it.

Decides what can be said, and how it is written on a command line: ``time=Date,price=Bid,unit=ms``. Does not know what
is in the file, nor what is guessed where nothing is said (``optionbus.data.layout``).
"""

from enum import Enum
from typing import Final, TypeVar

from msgspec import Struct, convert

from messages.errors import ColumnsUnclear
from optionbus.data.times import TimeUnit, zone_of

CANDLE_PRICES: Final = ("open", "high", "low", "close")
ROLES: Final = ("time", "price", *CANDLE_PRICES, "volume", "asset")
"""What a column may be."""

_DELIMITERS: Final = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|", "space": " ", ";": ";", "|": "|"}
Kind = TypeVar("Kind")

_EXAMPLE: Final = "Write for example time=Date,price=Bid or time=Date,open=O,high=H,low=L,close=C,unit=ms."


class Decimals(Enum):
    """What stands before the decimals of a number; AUTO is what the first rows look like."""

    AUTO = "auto"
    POINT = "point"
    COMMA = "comma"


class Columns(Struct, frozen=True, kw_only=True):
    """Which column is what; None is guessed by its name, or by its place where the file has no header.

    A column is named as in the header, or by its number from 1 on. ``time`` may be two columns, a date and a time of
    day: ``Date+Time``. A file has either ``price`` or all of ``open``, ``high``, ``low`` and ``close``.

    Raises:
        ColumnsUnclear: Nothing can be delimited like that.
        InvalidArgument: There is no such time zone.
    """

    time: str | None = None
    price: str | None = None
    open: str | None = None
    high: str | None = None
    low: str | None = None
    close: str | None = None
    volume: str | None = None
    asset: str | None = None
    unit: TimeUnit = TimeUnit.AUTO
    """What ``time`` holds."""
    timezone: str = "UTC"
    """Of times that are texts and name none: an IANA name such as Europe/Berlin, or an offset such as +02:00."""
    delimiter: str | None = None
    """Between the columns of a CSV file: one character; None is found in its first line."""
    decimals: Decimals = Decimals.AUTO

    def __post_init__(self) -> None:
        """Refuse what could mean nothing in any file."""
        zone_of(self.timezone)
        if self.delimiter is not None and (len(self.delimiter) != 1 or self.delimiter in '"\r\n'):
            raise ColumnsUnclear(f"{self.delimiter!r} is no character between columns", (), _EXAMPLE)

    @property
    def said(self) -> dict[str, str]:
        """The columns that were named, by what they are."""
        return {role: name for role in ROLES if (name := getattr(self, role)) is not None}

    @classmethod
    def parse(cls, text: str) -> "Columns":
        """What a command line says: pairs such as ``time=Date,price=Bid``, with commas between them.

        Beside the columns there are ``unit`` (s, ms, us, ns, iso, auto), ``timezone``, ``delimiter`` (comma,
        semicolon, tab, pipe, space) and ``decimals`` (point, comma, auto).

        Raises:
            ColumnsUnclear: A pair cannot be understood.
            InvalidArgument: There is no such time zone.
        """
        fields: dict[str, str] = dict(_pair(part) for part in text.split(",") if part.strip())
        unit, decimals = fields.pop("unit", "auto"), fields.pop("decimals", "auto")
        delimiter = fields.pop("delimiter", None)
        settings = {
            "unit": _one_of("unit", unit, {each.value: each for each in TimeUnit}),
            "decimals": _one_of("decimals", decimals, {each.value: each for each in Decimals}),
            "delimiter": None if delimiter is None else _one_of("delimiter", delimiter, _DELIMITERS),
        }
        return convert(fields | settings, cls)


def _pair(part: str) -> tuple[str, str]:
    key, _, value = part.partition("=")
    key, value = key.strip().lower(), value.strip()
    if not value or key not in Columns.__struct_fields__:
        keys = ", ".join(Columns.__struct_fields__)
        raise ColumnsUnclear(f"{part.strip()!r} is no pair with one of {keys} before the =", (), _EXAMPLE)
    return key, value


def _one_of(key: str, value: str, known: dict[str, Kind]) -> Kind:
    if value.lower() not in known:
        raise ColumnsUnclear(f"{key}={value} is not one of {', '.join(known)}", (), _EXAMPLE)
    return known[value.lower()]
