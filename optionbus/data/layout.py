"""What stands where in a file: the user's word first, else the usual names, else the order.

Decides which column is the time, which the price or the candle's prices, which the volume and which the asset. Knows
the header and the first rows, and nothing of how a file is read.
"""

import re
from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from messages.errors import ColumnsUnclear
from optionbus.data.columns import CANDLE_PRICES, Columns
from optionbus.data.times import Cell, is_time

USUAL_NAMES: Final = {
    "time": ("time", "timestamp", "datetime", "date", "ts", "gmt time", "time_utc", "open_time"),
    "price": ("price", "bid", "last", "close"),
    "open": ("open", "o"),
    "high": ("high", "h"),
    "low": ("low", "l"),
    "close": ("close", "c"),
    "volume": ("volume", "vol", "v", "tickvol", "tick_volume"),
    "asset": ("asset", "symbol", "pair", "instrument", "ticker"),
}
"""By what names a column is known, likeliest first; case and the <> of some exports do not matter."""

ORDERS: Final = {
    "tn": ("time", "price"),
    "tnx": ("time", "price", "asset"),
    "xtn": ("asset", "time", "price"),
    "tnnnn": ("time", *CANDLE_PRICES),
    "tnnnnn": ("time", *CANDLE_PRICES, "volume"),
    "tnnnnx": ("time", *CANDLE_PRICES, "asset"),
    "tnnnnnx": ("time", *CANDLE_PRICES, "volume", "asset"),
    "xtnnnn": ("asset", "time", *CANDLE_PRICES),
    "xtnnnnn": ("asset", "time", *CANDLE_PRICES, "volume"),
}
"""What the columns of a file without a header are, by what is in them: time, number, other text."""

_TIME_OF_DAY: Final = re.compile(r"\d\d?:\d\d(:\d\d(\.\d+)?)?")


class Layout(Struct, frozen=True, kw_only=True):
    """Which column is what, counted from 0.

    ``prices`` are one, or open, high, low and close; ``time`` is one, or two: a date and a time of day.
    """

    time: tuple[int, ...]
    prices: tuple[int, ...]
    volume: int | None = None
    asset: int | None = None

    @property
    def is_candles(self) -> bool:
        """Whether the file holds candles."""
        return len(self.prices) > 1

    @property
    def columns(self) -> tuple[int, ...]:
        """All columns that are read: times, prices, then volume and asset if there are such."""
        return (*self.time, *self.prices, *(each for each in (self.volume, self.asset) if each is not None))


def layout_of(columns: Columns, header: tuple[str, ...] | None, first: Sequence[Cell]) -> Layout:
    """Find out what stands where in a file of that header (None where it has none) and that first row.

    Raises:
        ColumnsUnclear: A column that was named is not there, or nothing fits.
    """
    names = header if header is not None else tuple(str(number + 1) for number in range(len(first)))
    said = {role: _named(name, names) for role, name in columns.said.items()}
    guessed = _by_name(names, first) if header is not None else _by_order(first)
    found = _one_kind(said, guessed)
    prices = CANDLE_PRICES if "open" in found else ("price",)
    missing = [role for role in ("time", *prices) if role not in found]
    if missing:
        kind = "candles" if "open" in found else "ticks"
        raise _unclear(f"No column is known to be the {' or the '.join(missing)} of these {kind}", names)
    return Layout(
        time=found["time"],
        prices=tuple(found[role][0] for role in prices),
        volume=found["volume"][0] if "volume" in found and len(prices) > 1 else None,
        asset=found["asset"][0] if "asset" in found else None,
    )


def _one_kind(said: dict[str, tuple[int, ...]], guessed: dict[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
    """Either the price or the prices of candles: those that were named, else the candles if they are all there."""
    found = guessed | said
    has_candles = all(role in found for role in CANDLE_PRICES)
    is_ticks = "price" in said or not (has_candles or any(role in said for role in CANDLE_PRICES))
    if is_ticks:
        return {role: place for role, place in found.items() if role not in CANDLE_PRICES}
    return {"open": (), **{role: place for role, place in found.items() if role != "price"}} if has_candles else found


def _by_name(names: tuple[str, ...], first: Sequence[Cell]) -> dict[str, tuple[int, ...]]:
    plain = [name.strip().strip("<>").strip().lower() for name in names]
    known = ((role, next((plain.index(name) for name in usual if name in plain), None)) for role, usual in _USUAL)
    found: dict[str, tuple[int, ...]] = {role: (place,) for role, place in known if place is not None}
    if "date" in plain and "time" in plain:
        day, hour = plain.index("date"), plain.index("time")
        if hour < len(first) and _TIME_OF_DAY.fullmatch(str(first[hour]).strip()):
            found["time"] = (day, hour)
    return found


_USUAL: Final = tuple(USUAL_NAMES.items())


def _by_order(first: Sequence[Cell]) -> dict[str, tuple[int, ...]]:
    kinds = "".join(_kind(cell) for cell in first)
    if len(first) > 1 and kinds[0] == "t" and _TIME_OF_DAY.fullmatch(str(first[1]).strip()):
        roles = ORDERS.get("t" + kinds[2:], ())
        return {role: (0, 1) if role == "time" else (place + 1,) for place, role in enumerate(roles)}
    for pattern, roles in ORDERS.items():
        if re.fullmatch(pattern.replace("t", "[tn]"), kinds):
            return {role: (place,) for place, role in enumerate(roles)}
    return {}


def _kind(cell: Cell) -> str:
    if isinstance(cell, int | float):
        return "n"
    text = (cell or "").strip()
    if re.fullmatch(r"[+-]?\d*[.,]?\d+([eE][+-]?\d+)?", text):
        return "n"
    return "t" if is_time(text) else "x"


def is_header(cells: Sequence[str]) -> bool:
    """Whether a file's first row names its columns: none of it is a number or a time."""
    return all(_kind(cell) == "x" and not _TIME_OF_DAY.fullmatch(cell.strip()) for cell in cells)


def _named(name: str, names: tuple[str, ...]) -> tuple[int, ...]:
    if name not in names and "+" in name:
        return tuple(place for part in name.split("+") for place in _named(part.strip(), names))
    if name in names:
        return (names.index(name),)
    lower = [each.strip().lower() for each in names]
    if name.lower() in lower:
        return (lower.index(name.lower()),)
    if name.isdecimal() and 1 <= int(name) <= len(names):
        return (int(name) - 1,)
    raise _unclear(f"There is no column {name!r}", names)


def _unclear(problem: str, names: tuple[str, ...]) -> ColumnsUnclear:
    example = dict(zip(("time", "price"), (*names, "2", "1"), strict=False))
    pairs = ",".join(f"{role}={name}" for role, name in example.items())
    advice = (
        f"Say which is which, for example {pairs} (or open=…,high=…,low=…,close=… for candles): "
        "Columns.parse(text), or Columns(time=…, price=…)."
    )
    return ColumnsUnclear(problem, names, advice)
