"""The ticks of a session as a file for other programs: CSV or JSON lines, appended to as they come.

Decides the columns: time (UTC seconds), price, asset; and the order, which is that of time over all assets together.
Numbers are written so that they come back exactly. Does not know where ticks come from.
"""

import csv
from collections.abc import Iterable
from heapq import heappop, heappush
from io import StringIO
from math import inf
from pathlib import Path
from typing import Final

import msgspec

from messages.errors import UsageError
from messages.market import Tick

COLUMNS: Final = ("time", "price", "asset")

HELD_SECONDS: Final = 10.0
"""By so much, of the market's time, ticks of one asset may come later than those of another."""


class TickOrder:
    """Puts ticks of several assets, each of which come in order, into one."""

    def __init__(self) -> None:
        self._held: list[tuple[float, int, Tick]] = []
        self._count = 0
        self._newest = 0.0

    def add(self, ticks: Iterable[Tick]) -> list[Tick]:
        """Take some in; gives those that no earlier one will come after."""
        for tick in ticks:
            self._count += 1
            heappush(self._held, (tick.time, self._count, tick))
            self._newest = max(self._newest, tick.time)
        return self._taken(self._newest - HELD_SECONDS)

    def rest(self) -> list[Tick]:
        """All that are left, at the end."""
        return self._taken(inf)

    def _taken(self, until: float) -> list[Tick]:
        taken = []
        while self._held and self._held[0][0] <= until:
            taken.append(heappop(self._held)[2])
        return taken


def tick_writer(file: Path) -> "CsvTicks | JsonTicks":
    """What writes the ticks of a file of that name. Raises UsageError where its ending says of no format."""
    match file.suffix.lower():
        case ".csv":
            return CsvTicks()
        case ".jsonl":
            return JsonTicks()
        case _:
            raise UsageError(f"Ticks are written to files that end in .csv or .jsonl, not to {file.name!r}.")


class CsvTicks:
    """A line of names, then one for each tick."""

    head = (",".join(COLUMNS) + "\n").encode()

    def lines(self, ticks: Iterable[Tick]) -> bytes:
        """These ticks, as bytes to append."""
        text = StringIO()
        csv.writer(text, lineterminator="\n").writerows((tick.time, tick.price, tick.symbol) for tick in ticks)
        return text.getvalue().encode()


class JsonTicks:
    """An object for each tick."""

    head = b""

    def lines(self, ticks: Iterable[Tick]) -> bytes:
        """These ticks, as bytes to append."""
        return msgspec.json.Encoder().encode_lines(
            [{"time": tick.time, "price": tick.price, "asset": tick.symbol} for tick in ticks]
        )
