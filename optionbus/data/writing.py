"""Ticks and candles into files, in the columns in which they are read back.

Decides what is written, in which columns, and that a file is there as a whole or not at all: it is written under
another name beside its own, and renamed once it is on the disk. Numbers are written so that they come back exactly.
Does not know whether they make sense.
"""

import csv
import gzip
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from itertools import chain
from pathlib import Path
from typing import IO, Final, cast

import msgspec

from messages.errors import DataNotWritten, UsageError
from messages.market import Candle, Tick
from optionbus.data.columns import CANDLE_PRICES
from optionbus.data.data_file import ending_of
from optionbus.data.parquet_file import arrow

TICK_COLUMNS: Final = ("time", "price", "asset")
CANDLE_COLUMNS: Final = ("time", *CANDLE_PRICES, "volume", "asset")

Row = tuple[float | str | None, ...]


def write_ticks(path: str | Path, batches: Iterable[Iterable[Tick]]) -> int:
    """Write ticks to a file, which replaces one of that name; gives how many there were.

    The columns are time (UTC seconds), price and asset. Batches are taken one at a time.

    Raises:
        DataNotWritten: The disk is full, or nothing can be written there. What was there is there still.
        ExtraMissing: It is a Parquet file, and PyArrow is not installed.
        UnknownFormat: The name ends in none of ``.csv``, ``.csv.gz``, ``.jsonl``, ``.jsonl.gz`` and ``.parquet``.
    """
    return _write(Path(path), TICK_COLUMNS, ([(t.time, t.price, t.symbol) for t in batch] for batch in batches))


def write_candles(path: str | Path, candles: Iterable[Candle]) -> int:
    """Write candles of one period to a file, which replaces one of that name; gives how many there were.

    The columns are time (UTC seconds, of its begin), open, high, low, close, volume (empty where unknown) and asset.

    Raises:
        DataNotWritten: The disk is full, or nothing can be written there. What was there is there still.
        ExtraMissing: It is a Parquet file, and PyArrow is not installed.
        UnknownFormat: The name ends in none of ``.csv``, ``.csv.gz``, ``.jsonl``, ``.jsonl.gz`` and ``.parquet``.
        UsageError: They are of several periods.
    """
    return _write(Path(path), CANDLE_COLUMNS, _in_portions(_candle_rows(candles)))


def _candle_rows(candles: Iterable[Candle]) -> Iterator[Row]:
    period: float | None = None
    for each in candles:
        period = each.period_seconds if period is None else period
        if each.period_seconds != period:
            text = f"Candles of {period:g} s and of {each.period_seconds:g} s are for files of their own."
            raise UsageError(text)
        yield each.time, each.open, each.high, each.low, each.close, each.volume, each.symbol


PORTION: Final = 4096


def _in_portions(rows: Iterable[Row]) -> Iterator[list[Row]]:
    rows = iter(rows)
    for first in rows:
        yield [first, *(row for _, row in zip(range(PORTION - 1), rows, strict=False))]


def _write(path: Path, columns: tuple[str, ...], portions: Iterable[list[Row]]) -> int:
    ending = ending_of(path)
    write = _WRITERS[ending.removesuffix(".gz")]
    count = 0

    def counted() -> Iterator[list[Row]]:
        nonlocal count
        for portion in portions:
            count += len(portion)
            yield portion

    if ending == ".parquet":
        arrow()
    with _replacing(path) as file:
        if ending.endswith(".gz"):
            with gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as zipped:
                write(cast("IO[bytes]", zipped), columns, counted())
        else:
            write(file, columns, counted())
    return count


@contextmanager
def _replacing(path: Path) -> Iterator[IO[bytes]]:
    """A file that is at ``path`` once all is on the disk, and nowhere if anything fails. Raises DataNotWritten."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        raise DataNotWritten(str(path), f"{error.strerror or error}") from None
    finally:
        part.unlink(missing_ok=True)


def _write_csv(file: IO[bytes], columns: tuple[str, ...], portions: Iterable[list[Row]]) -> None:
    text = TextIOWrapper(file, encoding="utf-8", newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for portion in portions:
        writer.writerows(portion)
    text.flush()
    text.detach()


def _write_jsonl(file: IO[bytes], columns: tuple[str, ...], portions: Iterable[list[Row]]) -> None:
    encoder = msgspec.json.Encoder()
    for portion in portions:
        file.write(encoder.encode_lines([dict(zip(columns, row, strict=True)) for row in portion]))


def _write_parquet(file: IO[bytes], columns: tuple[str, ...], portions: Iterable[list[Row]]) -> None:
    pa = arrow()
    schema = pa.schema([(name, pa.string() if name == "asset" else pa.float64()) for name in columns])
    with pa.parquet.ParquetWriter(file, schema) as writer:
        for group in _in_groups(portions):
            arrays = [
                pa.array(cells, type=field.type) for cells, field in zip(zip(*group, strict=True), schema, strict=True)
            ]
            writer.write_table(pa.table(arrays, schema=schema))


_GROUP_ROWS: Final = 65_536
"""Rows of a group of a Parquet file: what is in memory at once."""


def _in_groups(portions: Iterable[list[Row]]) -> Iterator[list[Row]]:
    group: list[Row] = []
    for row in chain.from_iterable(portions):
        group.append(row)
        if len(group) == _GROUP_ROWS:
            yield group
            group = []
    if group:
        yield group


_WRITERS: Final[dict[str, Callable[[IO[bytes], tuple[str, ...], Iterable[list[Row]]], None]]] = {
    ".csv": _write_csv,
    ".jsonl": _write_jsonl,
    ".parquet": _write_parquet,
}
