"""The ticks of a session as a file for other programs: CSV or JSON lines, appended to as they come.

Decides the columns: time (UTC seconds), price, asset. Numbers are written so that they come back exactly. Does not know
where ticks come from.
"""

import csv
from collections.abc import Iterable
from io import StringIO
from pathlib import Path
from typing import Final

import msgspec

from messages.errors import UsageError
from messages.market import Tick

COLUMNS: Final = ("time", "price", "asset")


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
