"""Covers optionbus.data.data_file: what is read, of whom, from when to when."""

import tracemalloc
from pathlib import Path

import pytest

from messages.errors import BadData, ColumnsUnclear, DataUnreadable, InvalidArgument, UnknownFormat, UsageError
from messages.market import Candle, Symbol, Tick
from optionbus.data.checks import check
from optionbus.data.columns import Columns
from optionbus.data.data_file import DataFile, read_data
from optionbus.data.source import BATCH, TickSource

EURUSD, GBPUSD = Symbol("EURUSD"), Symbol("GBPUSD")
START = 1_706_695_200.0


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "EURUSD.csv"


def data(file: Path, text: str, said: str = "", symbol: str | None = None, period: float | None = None) -> DataFile:
    file.write_text(text)
    return read_data(file, Columns.parse(said), symbol, period)


def ticks(source: TickSource, begin: float | None = None, end: float | None = None) -> list[Tick]:
    return [tick for batch in source.batches(begin, end) for tick in batch]


def many(count: int) -> str:
    return "time,price\n" + "".join(f"{START + number},{1 + number}\n" for number in range(count))


def test_a_file_of_ticks_is_a_source_of_ticks(file: Path) -> None:
    source: TickSource = data(file, f"time,price\n{START},1.5\n{START + 1},1.6\n")

    assert (source.name, source.symbols) == ("EURUSD.csv", (EURUSD,))
    assert ticks(source) == [Tick(EURUSD, START, 1.5, START), Tick(EURUSD, START + 1, 1.6, START + 1)]
    assert ticks(source) == ticks(source)


def test_the_asset_is_as_said_or_as_the_file_is_called(file: Path) -> None:
    assert data(file, many(1)).symbols == (EURUSD,)
    assert data(file, many(1), symbol="EURUSD_otc").symbols == ("EURUSD_otc",)


def test_several_assets_come_mixed_in_the_order_of_time(file: Path) -> None:
    text = f"asset,time,price\nGBPUSD,{START},1\nEURUSD,{START},2\nGBPUSD,{START + 1},3\n"

    assert data(file, text).symbols == (EURUSD, GBPUSD)
    assert [(tick.symbol, tick.price) for tick in ticks(data(file, text))] == [(GBPUSD, 1), (EURUSD, 2), (GBPUSD, 3)]


def test_one_asset_of_several_is_read_alone(file: Path) -> None:
    one = data(file, f"asset,time,price\nGBPUSD,{START},1\nEURUSD,{START},2\nGBPUSD,{START + 1},3\n", symbol="GBPUSD")

    assert one.symbols == (GBPUSD,)
    assert [tick.price for tick in ticks(one)] == [1, 3]


@pytest.mark.parametrize("count", [1, BATCH - 1, BATCH, BATCH + 1, 3 * BATCH + 7])
def test_batches_are_neither_empty_nor_too_long(file: Path, count: int) -> None:
    batches = list(data(file, many(count)).batches())

    assert all(1 <= len(batch) <= BATCH for batch in batches)
    assert [tick.price for batch in batches for tick in batch] == list(range(1, count + 1))


@pytest.mark.parametrize(
    ("begin", "end", "first", "last"),
    [
        (None, None, 1, 2000),
        (START, START + 2000, 1, 2000),
        (START + 1, START + 3, 2, 3),
        (START + 0.5, START + 2.5, 2, 3),
        (START + 1500, None, 1501, 2000),
        (None, START + 700, 1, 700),
    ],
)
def test_the_begin_belongs_to_it_the_end_does_not(
    file: Path, begin: float | None, end: float | None, first: int, last: int
) -> None:
    prices = [tick.price for tick in ticks(data(file, many(2000)), begin, end)]

    assert prices == list(range(first, last + 1))


@pytest.mark.parametrize(("begin", "end"), [(START + 9, None), (None, START), (START + 2, START + 2)])
def test_a_stretch_without_ticks_has_no_batches(file: Path, begin: float | None, end: float | None) -> None:
    assert list(data(file, many(5)).batches(begin, end)) == []


def test_the_users_own_columns_are_read(file: Path) -> None:
    text = "when;b;a\n31.01.2024 11:00:00,25;1,5;1,6\n"

    own = data(file, text.replace("00,25", "00.25"), "time=when,price=a,timezone=Europe/Berlin")

    assert ticks(own) == [Tick(EURUSD, START + 0.25, 1.6, START + 0.25)]


@pytest.mark.parametrize(
    ("said", "price"), [("", 1.5), ("decimals=comma", 1.5), ("decimals=auto,delimiter=semicolon", 1.5)]
)
def test_decimal_commas_are_recognised(file: Path, said: str, price: float) -> None:
    assert ticks(data(file, f"time;price\n{START:.0f};1,5\n", said))[0].price == price


def test_decimal_commas_that_are_none_cannot_be_read(file: Path) -> None:
    with pytest.raises(BadData, match="unreadable"):
        ticks(data(file, f"time;price\n{START:.0f};1,5\n", "decimals=point"))


@pytest.mark.parametrize(
    ("time", "words"),
    [
        ("1706695200", "seconds since 1970"),
        ("1706695200000", "milliseconds since 1970"),
        ("1706695200000000", "microseconds since 1970"),
        ("1706695200000000000", "nanoseconds since 1970"),
        ("2024-01-31 10:00", "text, UTC where it names no time zone"),
    ],
)
def test_the_unit_of_time_is_recognised_and_said(file: Path, time: str, words: str) -> None:
    own = data(file, f"Date,Bid\n{time},1.5\n")

    assert own.reading == f"EURUSD.csv: ticks; time in 'Date' ({words}); prices in 'Bid'; asset EURUSD"
    assert ticks(own)[0].time == START


def test_a_unit_that_is_said_holds(file: Path) -> None:
    assert ticks(data(file, "time,price\n1706695200,1.5\n", "unit=ms"))[0].time == START / 1000


def test_how_candles_are_read_is_said(file: Path) -> None:
    own = data(file, "2024.01.31,10:00,1,2,1,2,7\n2024.01.31,10:05,1,2,1,2,7\n")

    assert own.reading == (
        "EURUSD.csv: candles of 300 s; time in '1' and '2' (text, UTC where it names no time zone); "
        "prices in '3', '4', '5', '6'; asset EURUSD"
    )


CANDLES = "time,open,high,low,close,volume\n1706695200,2,4,1,3,\n1706695260,3,5,2,2,7\n1706695440,2,2,2,2,8\n"


def test_candles_are_given_as_they_are(file: Path) -> None:
    first, second, third = (candle for batch in data(file, CANDLES).candles() for candle in batch)

    assert first == Candle(symbol=EURUSD, time=START, period_seconds=60, open=2, high=4, low=1, close=3)
    assert (second.volume, third.time) == (7, START + 240)


def test_candles_of_a_stretch_begin_in_it(file: Path) -> None:
    candles = data(file, CANDLES).candles(START + 1, START + 240)

    assert [candle.time for batch in candles for candle in batch] == [START + 60]


def test_candles_are_played_as_ticks(file: Path) -> None:
    played = [(round(tick.time - START, 3), tick.price) for tick in ticks(data(file, CANDLES), end=START + 120)]

    assert played == [(0, 2), (20, 1), (40, 4), (59.999, 3), (60, 3), (80, 5), (100, 2), (119.999, 2)]


@pytest.mark.parametrize(("period", "expected"), [(None, 60), (30, 30), (0.5, 0.5)])
def test_the_period_is_as_said_or_the_usual_distance(file: Path, period: float | None, expected: float) -> None:
    text = CANDLES + "1706695500,2,2,2,2,8\n"

    assert data(file, text, period=period).period_seconds == expected


@pytest.mark.parametrize(
    ("lines", "period"), [(2, None), (4, 0.0), (4, -60), (4, float("nan")), (4, float("inf")), (4, 0.001)]
)
def test_a_period_that_is_none_is_refused(file: Path, lines: int, period: float | None) -> None:
    text = "".join(CANDLES.splitlines(keepends=True)[:lines])

    with pytest.raises(InvalidArgument, match="The period"):
        data(file, text, period=period)


def test_ticks_have_no_candles(file: Path) -> None:
    with pytest.raises(UsageError, match=r"holds ticks\. batches\(\) gives them"):
        list(data(file, many(1)).candles())


def test_times_that_go_back_are_not_played(file: Path) -> None:
    source = data(file, f"time,price\n{START + 1},1\n{START},2\n")

    with pytest.raises(BadData, match=r"unsorted.*row 3") as caught:
        ticks(source)
    assert caught.value.findings[0].rows == (3,)


def test_times_that_go_back_between_pieces_are_not_played(file: Path) -> None:
    with pytest.raises(BadData, match="unsorted"):
        ticks(data(file, many(BATCH - 1) + f"{START},1\n"))


def test_rows_that_cannot_be_read_are_not_played(file: Path) -> None:
    with pytest.raises(BadData, match=r"unreadable.*rows 3, 5"):
        ticks(data(file, f"time,price\n{START},1\n{START},x\n{START},1\nsoon,1\n"))


def test_a_file_without_anything_is_said(file: Path) -> None:
    with pytest.raises(BadData, match="no rows in it"):
        data(file, "")


@pytest.mark.parametrize("name", ["a.txt", "csv", "a.csv.zip", "a.gz"])
def test_a_name_that_says_nothing_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnknownFormat, match=r"Let it end in one of \.csv, \.csv\.gz"):
        read_data(tmp_path / name)


def test_endings_in_capitals_are_known(tmp_path: Path) -> None:
    (tmp_path / "A.CSV").write_text(many(1))

    assert read_data(str(tmp_path / "A.CSV")).symbols == ("A",)


def test_a_file_that_is_not_there_is_said(file: Path) -> None:
    with pytest.raises(DataUnreadable, match="No such file"):
        read_data(file)


def test_columns_that_fit_nothing_name_what_is_there(file: Path) -> None:
    with pytest.raises(ColumnsUnclear, match=r"The columns are: foo, bar\. Say which is which, for example time=foo"):
        data(file, "foo,bar\n1,2\n")


def _peak_bytes(file: Path, rows: int, kept: list[tuple[Tick, ...]] | None = None) -> int:
    """The most memory that reading and checking so many rows take; all ticks besides, where they are kept."""
    file.write_text(many(rows))
    tracemalloc.start()
    source = read_data(file)
    for batch in source.batches():
        if kept is not None:
            kept.append(batch)
    check(source, now=START + 1e9)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def test_memory_does_not_grow_with_the_file(file: Path) -> None:
    assert _peak_bytes(file, 40_000) < 1.2 * _peak_bytes(file, 15_000)


def test_memory_that_grows_with_the_file_is_noticed(file: Path) -> None:
    assert _peak_bytes(file, 40_000, []) > 1.2 * _peak_bytes(file, 15_000, [])
