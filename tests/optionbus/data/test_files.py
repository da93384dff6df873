"""Covers the readers: optionbus.data.csv_file, jsonl_file and parquet_file."""

import gzip
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from messages.errors import DataUnreadable, ExtraMissing
from optionbus.data.csv_file import CsvTable
from optionbus.data.jsonl_file import JsonlTable
from optionbus.data.parquet_file import ParquetTable
from optionbus.data.table import PIECE_ROWS, Piece, Table
from optionbus.data.times import Cell, TimeUnit


def rows(table: Table, *columns: int) -> list[tuple[Cell, ...]]:
    """All rows, with their numbers before them."""
    return [
        (number, *cells)
        for piece in table.pieces(columns)
        for number, *cells in zip(piece.numbers, *piece.columns, strict=True)
    ]


def broken(table: Table) -> list[int]:
    return [number for piece in table.pieces((0,)) for number in piece.broken]


def csv_table(path: Path, text: str, delimiter: str | None = None, encoding: str = "utf-8") -> CsvTable:
    path.write_bytes(text.encode(encoding))
    return CsvTable(path, delimiter)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "EURUSD.csv"


@pytest.mark.parametrize(
    "text",
    [
        "time,price\n1,2\n3,4\n",
        "time,price\r\n1,2\r\n3,4",
        "time;price\n1;2\n3;4\n",
        "time\tprice\n1\t2\n3\t4\n",
        "time|price\n1|2\n3|4\n",
        '"time","price"\n"1","2"\n3,4\n',
        "\ufefftime,price\n1,2\n3,4\n",
    ],
)
def test_csv_is_read_however_it_is_written(file: Path, text: str) -> None:
    table = csv_table(file, text)

    assert (table.header, table.first) == (("time", "price"), ("1", "2"))
    assert rows(table, 1, 0) == [(2, "2", "1"), (3, "4", "3")]
    assert rows(table, 0) == [(2, "1"), (3, "3")]


def test_csv_in_utf_16_is_read(file: Path) -> None:
    assert csv_table(file, "time\tprice\n1\t2\n", encoding="utf-16").header == ("time", "price")


def test_a_delimiter_that_is_given_holds(file: Path) -> None:
    assert csv_table(file, "time price;x\n1 2;3\n", " ").header == ("time", "price;x")


def test_csv_without_a_header_has_none(file: Path) -> None:
    table = csv_table(file, "1,2\n3,4\n")

    assert (table.header, table.first) == (None, ("1", "2"))
    assert rows(table, 0) == [(1, "1"), (2, "3")]


def test_empty_lines_count_and_are_no_rows(file: Path) -> None:
    table = csv_table(file, "\ntime,price\n\n1,2\n\n3,4\n\n")

    assert rows(table, 0) == [(4, "1"), (6, "3")]
    assert broken(table) == []


def test_rows_of_another_width_are_broken(file: Path) -> None:
    table = csv_table(file, "time,price\n1,2\n3\n5,6,7\n8,9\n")

    assert rows(table, 0) == [(2, "1"), (5, "8")]
    assert broken(table) == [3, 4]


def test_bytes_that_are_no_text_end_nothing(file: Path) -> None:
    file.write_bytes(b"time,price\n1,\xff\xfe\n3,4\n")

    assert rows(CsvTable(file), 0) == [(2, "1"), (3, "3")]


def test_a_file_is_read_piece_by_piece(file: Path) -> None:
    table = csv_table(file, "time,price\n" + "1,2\n" * (2 * PIECE_ROWS))

    pieces = list(table.pieces((0,)))

    assert [len(piece.numbers) for piece in pieces] == [PIECE_ROWS - 1, PIECE_ROWS, 1]
    assert pieces[-1].numbers[-1] == 2 * PIECE_ROWS + 1


def test_an_empty_file_has_no_rows(file: Path) -> None:
    assert (csv_table(file, "").header, CsvTable(file).first) == (None, ())
    assert (csv_table(file, "time,price\n").header, CsvTable(file).first) == (("time", "price"), ())
    assert rows(CsvTable(file), 0, 1) == []


def test_a_cell_that_never_ends_is_said(file: Path) -> None:
    table = csv_table(file, "time,price\n" + "1,2\n" * 3 + '"' + "x" * 200_000)

    with pytest.raises(DataUnreadable, match="it is no CSV file"):
        rows(table, 0)


@pytest.mark.parametrize("kind", [CsvTable, JsonlTable])
def test_a_file_that_is_not_there_is_said(tmp_path: Path, kind: type[CsvTable | JsonlTable]) -> None:
    with pytest.raises(DataUnreadable, match="No such file"):
        kind(tmp_path / "none")


def test_a_parquet_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    with pytest.raises(DataUnreadable, match="No such file"):
        ParquetTable(tmp_path / "none")


def test_gzipped_files_are_unzipped(tmp_path: Path) -> None:
    file = tmp_path / "a.csv.gz"
    file.write_bytes(gzip.compress(b"time,price\n1,2\n"))

    assert rows(CsvTable(file), 0, 1) == [(2, "1", "2")]


@pytest.mark.parametrize("length", [1, -1])
def test_a_gzip_file_cut_short_is_said(tmp_path: Path, length: int) -> None:
    file, text = tmp_path / "a.csv.gz", b"time,price\n" + b"".join(b"%d,%d\n" % (n, n * n) for n in range(100_000))
    whole = gzip.compress(text)
    file.write_bytes(whole[: len(whole) // 2] if length < 0 else b"x" + whole)

    with pytest.raises(DataUnreadable, match="gzip file is damaged or cut short"):
        rows(CsvTable(file), 0)


def jsonl_table(tmp_path: Path, text: str) -> JsonlTable:
    file = tmp_path / "a.jsonl"
    file.write_text(text)
    return JsonlTable(file)


def test_json_lines_are_read_by_key(tmp_path: Path) -> None:
    table = jsonl_table(tmp_path, '{"time":1,"price":2.5}\n{"price":"4","time":3,"more":[]}\n')

    assert (table.header, table.first) == (("time", "price"), (1, 2.5))
    assert rows(table, 1, 0) == [(1, 2.5, 1), (2, "4", 3)]


def test_json_lines_that_are_no_objects_are_broken(tmp_path: Path) -> None:
    table = jsonl_table(tmp_path, '\nno\n{"time":1}\n\n{"time":2},{"time":3}\n[]\n{"price":4}\n{"time":NaN}\n{}')

    assert rows(table, 0) == [(3, 1), (7, None), (9, None)]
    assert broken(table) == [2, 5, 6, 8]


@pytest.mark.parametrize("text", ["[1, 2]\n[3, 4]\n", "time,price\n1,2\n", "{}\n"])
def test_lines_without_objects_are_said(tmp_path: Path, text: str) -> None:
    with pytest.raises(DataUnreadable, match="none of its first lines is an object such as"):
        jsonl_table(tmp_path, text)


def test_gzipped_json_lines_are_unzipped(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl.gz"
    file.write_bytes(gzip.compress(b'{"time":1}\n'))

    assert rows(JsonlTable(file), 0) == [(1, 1)]


def test_an_empty_file_of_json_lines_has_no_rows(tmp_path: Path) -> None:
    table = jsonl_table(tmp_path, "")

    assert (table.header, table.first, list(table.pieces(()))) == ((), (), [])


MOMENT = datetime(2024, 1, 31, 10, tzinfo=UTC)


def parquet_table(tmp_path: Path, *, is_utc: bool = True, **columns: object) -> ParquetTable:
    pa, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    file = tmp_path / "a.parquet"
    parquet.write_table(pa.table(columns), file, row_group_size=2)
    return ParquetTable(file, is_utc=is_utc)


def test_parquet_is_read_group_by_group(tmp_path: Path) -> None:
    table = parquet_table(tmp_path, time=[1.0, 2.0, 3.0], price=[4.0, None, 6.0])

    assert (table.header, table.first) == (("time", "price"), (1.0, 4.0))
    assert rows(table, 1, 0) == [(1, 4.0, 1.0), (2, None, 2.0), (3, 6.0, 3.0)]
    assert [len(piece.numbers) for piece in table.pieces((0,))] == [2, 1]
    assert table.time_unit(0) is None


@pytest.mark.parametrize(("unit", "per_second"), [("s", 1), ("ms", 10**3), ("us", 10**6), ("ns", 10**9)])
def test_timestamps_say_their_unit(tmp_path: Path, unit: str, per_second: int) -> None:
    pa = pytest.importorskip("pyarrow")
    table = parquet_table(tmp_path, time=pa.array([MOMENT.replace(tzinfo=None)], pa.timestamp(unit)))

    own = table.time_unit(0)
    # Parquet has no seconds: they are written as milliseconds.
    assert own is (TimeUnit.MILLISECONDS if unit == "s" else TimeUnit(unit))
    assert table.first == (int(MOMENT.timestamp()) * max(per_second, 1000),)


def test_timestamps_without_a_zone_become_texts_in_another_zone(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    naive = pa.array([MOMENT.replace(tzinfo=None)], pa.timestamp("ms"))
    aware = pa.array([MOMENT], pa.timestamp("ms", tz="Asia/Tokyo"))

    table = parquet_table(tmp_path, is_utc=False, naive=naive, aware=aware)

    assert (table.time_unit(0), table.time_unit(1)) == (TimeUnit.TEXT, TimeUnit.MILLISECONDS)
    assert table.first == ("2024-01-31 10:00:00.000", MOMENT.timestamp() * 1000)


def test_dates_and_dictionaries_become_texts(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    table = parquet_table(
        tmp_path, day=pa.array([date(2024, 1, 31)]), asset=pa.array(["EURUSD"]).dictionary_encode(), empty=pa.nulls(1)
    )

    assert table.time_unit(0) is TimeUnit.TEXT
    assert table.first == ("2024-01-31", "EURUSD", None)


def test_a_file_that_is_no_parquet_is_said(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    (tmp_path / "a.parquet").write_text("time,price\n1,2\n")

    with pytest.raises(DataUnreadable, match="no Parquet file"):
        ParquetTable(tmp_path / "a.parquet")


def test_a_parquet_file_damaged_inside_is_said(tmp_path: Path) -> None:
    parquet_table(tmp_path, time=[float(number) for number in range(1000)])
    file = tmp_path / "a.parquet"
    file.write_bytes(b"PAR1" + bytes(8000) + file.read_bytes()[8004:])

    with pytest.raises(DataUnreadable, match="cannot be read"):
        rows(ParquetTable(file), 0)


def test_parquet_without_its_package_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)

    with pytest.raises(ExtraMissing, match=r"pip install 'optionbus\[parquet\]'"):
        ParquetTable(tmp_path / "a.parquet")


def test_a_piece_has_a_number_for_each_row() -> None:
    assert Piece((1,), (("2",),)).broken == ()
