"""Covers optionbus.data.writing: what is written comes back, as a whole or not at all."""

import gzip
import resource
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from messages.errors import DataNotWritten, ExtraMissing, UnknownFormat, UsageError
from messages.market import Candle, Symbol, Tick
from optionbus.data.checks import check
from optionbus.data.data_file import ENDINGS, read_data
from optionbus.data.writing import write_candles, write_ticks

every_ending = pytest.mark.parametrize("ending", ENDINGS)
START = 1_706_695_200.0

times = st.floats(min_value=631_152_000, max_value=4_102_444_800)
prices = st.floats(min_value=0, exclude_min=True, allow_infinity=False)
symbols = st.text("ABCXYZ0123456789_#/.,;\" é'", min_size=1, max_size=12).map(Symbol)
ticks = st.lists(st.builds(lambda s, t, p: Tick(s, t, p, t), symbols, times, prices), min_size=1, max_size=30)
same_file = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


def tick(number: int) -> Tick:
    return Tick(Symbol("EURUSD"), START + number, 1.5, START + number)


@pytest.fixture(autouse=True)
def _with_parquet(request: pytest.FixtureRequest) -> None:
    callspec = getattr(request.node, "callspec", None)
    if callspec is not None and callspec.params.get("ending") == ".parquet":
        pytest.importorskip("pyarrow")


@every_ending
@same_file
@given(found=ticks)
def test_ticks_come_back_exactly(tmp_path: Path, ending: str, found: list[Tick]) -> None:
    found = sorted(found, key=lambda each: each.time)
    path = tmp_path / f"a{ending}"

    assert write_ticks(path, [found[:7], [], found[7:]]) == len(found)

    assert [each for batch in read_data(path).batches() for each in batch] == found


@every_ending
@same_file
@given(found=ticks, volumes=st.lists(st.none() | st.floats(0, 1e12), min_size=1), period=st.integers(1, 86_400))
def test_candles_come_back_exactly(
    tmp_path: Path, ending: str, found: list[Tick], volumes: list[float | None], period: int
) -> None:
    candles = [
        Candle(
            symbol=each.symbol,
            time=each.time,
            period_seconds=period,
            open=each.price,
            high=each.price * 1.5,
            low=each.price / 3,
            close=each.price / 1.1,
            volume=volumes[number % len(volumes)],
        )
        for number, each in enumerate(sorted(found, key=lambda each: each.time))
        if each.price < 1e300
    ]
    path = tmp_path / f"a{ending}"

    assert write_candles(path, iter(candles)) == len(candles)

    read = read_data(path, period=period).candles() if candles else iter(())
    assert [each for batch in read for each in batch] == candles


@every_ending
def test_a_long_file_comes_back_without_findings(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a{ending}"
    count = 70_000 if ending == ".parquet" else 5_000  # more than a group of rows

    write_ticks(path, ([tick(number + each) for each in range(500)] for number in range(0, count, 500)))

    assert [each for batch in read_data(path).batches() for each in batch] == [tick(number) for number in range(count)]
    assert check(read_data(path)).findings == ()


@every_ending
def test_no_ticks_make_a_file_without_rows(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a{ending}"

    assert write_ticks(path, []) == 0
    assert path.exists()


def test_what_is_written_can_be_read_by_anybody(tmp_path: Path) -> None:
    candle = Candle(symbol=Symbol("A"), time=START, period_seconds=60, open=1.0, high=2.0, low=0.5, close=1.5)

    write_ticks(tmp_path / "t.csv", [[tick(0)]])
    write_ticks(tmp_path / "t.jsonl.gz", [[tick(0)]])
    write_candles(tmp_path / "c.csv", [candle])

    assert (tmp_path / "t.csv").read_text() == "time,price,asset\n1706695200.0,1.5,EURUSD\n"
    assert (tmp_path / "c.csv").read_text() == (
        "time,open,high,low,close,volume,asset\n1706695200.0,1.0,2.0,0.5,1.5,,A\n"
    )
    line = b'{"time":1706695200.0,"price":1.5,"asset":"EURUSD"}\n'
    assert gzip.decompress((tmp_path / "t.jsonl.gz").read_bytes()) == line


def test_the_same_ticks_make_the_same_bytes(tmp_path: Path) -> None:
    first, second = tmp_path / "a.csv.gz", tmp_path / "b.csv.gz"

    write_ticks(first, [[tick(0)]])
    write_ticks(second, [[tick(0)]])

    assert first.read_bytes() == second.read_bytes()


@pytest.fixture
def small_disk() -> Iterator[None]:
    """Files cannot grow beyond a few bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@every_ending
@pytest.mark.usefixtures("small_disk")
def test_a_full_disk_leaves_no_half_file(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a{ending}"
    path.write_bytes(b"before")

    with pytest.raises(DataNotWritten, match=r"was not written: .*Make room"):
        write_ticks(path, [[tick(number) for number in range(5000)]])

    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


@every_ending
def test_ticks_that_fail_half_way_leave_no_half_file(tmp_path: Path, ending: str) -> None:
    def failing() -> Iterator[list[Tick]]:
        yield [tick(number) for number in range(5000)]
        raise LookupError

    with pytest.raises(LookupError):
        write_ticks(tmp_path / f"a{ending}", failing())

    assert list(tmp_path.iterdir()) == []


@every_ending
def test_a_file_that_was_there_is_replaced(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a{ending}"
    path.write_bytes(b"before")

    write_ticks(path, [[tick(0)]])

    assert read_data(path).symbols == ("EURUSD",)
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(DataNotWritten, match="No such file or directory"):
        write_ticks(tmp_path / "none" / "a.csv", [])


def test_candles_of_two_periods_are_refused(tmp_path: Path) -> None:
    first = Candle(symbol=Symbol("A"), time=START, period_seconds=60, open=1, high=1, low=1, close=1)
    second = Candle(symbol=Symbol("A"), time=START + 60, period_seconds=300, open=1, high=1, low=1, close=1)

    with pytest.raises(UsageError, match="Candles of 60 s and of 300 s"):
        write_candles(tmp_path / "a.csv", [first, second])
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_says_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownFormat):
        write_ticks(tmp_path / "a.txt", [])


def test_parquet_without_its_package_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)

    with pytest.raises(ExtraMissing):
        write_ticks(tmp_path / "a.parquet", [])
    assert list(tmp_path.iterdir()) == []
