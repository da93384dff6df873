"""Parquet files, a group of rows at a time. Needs the extra ``parquet``.

Decides how columns of Parquet's types become cells: timestamps as numbers in their own unit, or, where they name no
time zone and one was given, as texts. Does not know what the columns are.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from messages.errors import DataUnreadable, ExtraMissing
from optionbus.data.table import Piece
from optionbus.data.times import Cell, TimeUnit

_BATCH_ROWS: Final = 4096
"""Rows that are read at a time: what a batch costs is much, what a row costs is little."""


def arrow() -> ModuleType:
    """PyArrow, with its Parquet part.

    Raises:
        ExtraMissing: It is not installed.
    """
    try:
        import pyarrow as pa  # noqa: PLC0415 - an extra: most never read Parquet
        import pyarrow.parquet  # noqa: PLC0415
    except ImportError:
        raise ExtraMissing("Parquet", "parquet") from None
    module: ModuleType = pa
    return module


class ParquetTable:
    """A Parquet file; ``is_utc`` says that its timestamps without a time zone are UTC.

    Raises:
        DataUnreadable: It is not there, or no Parquet file.
        ExtraMissing: PyArrow is not installed.
    """

    def __init__(self, path: Path, *, is_utc: bool = True) -> None:
        self._path, self._is_utc, self._arrow = path, is_utc, arrow()
        with self._opened() as file:
            self._schema = file.schema_arrow
        self.header: tuple[str, ...] | None = tuple(self._schema.names)
        first = next(self.pieces(tuple(range(len(self._schema.names)))), None)
        self.first: tuple[Cell, ...] = () if first is None else tuple(column[0] for column in first.columns)

    def __reduce__(self) -> tuple[Callable[[Path], "ParquetTable"], tuple[Path]]:
        """Another process opens it anew."""
        return partial(ParquetTable, is_utc=self._is_utc), (self._path,)

    def time_unit(self, column: int) -> TimeUnit | None:
        """Timestamps say it."""
        kind = self._schema.field(column).type
        types = self._arrow.types
        if types.is_date(kind) or (types.is_timestamp(kind) and not self._is_number(kind)):
            return TimeUnit.TEXT
        return TimeUnit(kind.unit) if types.is_timestamp(kind) else None

    def pieces(self, columns: tuple[int, ...]) -> Iterator[Piece]:
        """The rows; see ``Table``. They are counted from 1, as there is no header among them."""
        number = 1
        names = [self._schema.names[column] for column in columns]
        with self._opened() as file:
            for group in range(file.num_row_groups):
                for batch in file.iter_batches(batch_size=_BATCH_ROWS, row_groups=[group], columns=names):
                    if batch.num_rows:
                        cells = tuple(self._cells(batch.column(name)) for name in names)
                        yield Piece(range(number, number + batch.num_rows), cells)
                    number += batch.num_rows

    def _cells(self, column: Any) -> list[Cell]:  # noqa: ANN401 - PyArrow has no types
        kind, types = column.type, self._arrow.types
        if types.is_dictionary(kind):
            column = column.dictionary_decode()
        elif types.is_timestamp(kind):
            column = column.cast(self._arrow.int64() if self._is_number(kind) else self._arrow.string())
        elif types.is_date(kind):
            column = column.cast(self._arrow.string())
        cells: list[Cell] = column.to_pylist()
        return cells

    def _is_number(self, timestamp: Any) -> bool:  # noqa: ANN401 - PyArrow has no types
        return self._is_utc or timestamp.tz is not None

    @contextmanager
    def _opened(self) -> Iterator[Any]:
        try:
            with self._arrow.parquet.ParquetFile(self._path) as file:
                yield file
        except self._arrow.ArrowException as error:
            problem = f"it is no Parquet file, or damaged ({str(error).splitlines()[0]})."
            raise DataUnreadable(str(self._path), problem) from None
        except OSError as error:
            problem = f"{error.strerror or str(error).splitlines()[0]}."
            raise DataUnreadable(str(self._path), problem) from None
