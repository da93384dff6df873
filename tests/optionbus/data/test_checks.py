"""Covers optionbus.data.checks, sequence and faults: each flaw is found, and good data has none."""

import gzip
import math
from datetime import UTC, datetime
from pathlib import Path

import pytest

from messages.errors import BadData, InvalidArgument
from messages.findings import Finding, Severity
from optionbus.data.checks import Findings, check
from optionbus.data.columns import Columns
from optionbus.data.data_file import read_data
from optionbus.data.faults import RULES, finding
from optionbus.data.sequence import FOR_MEDIAN, is_changing_night
from optionbus.data.table import PIECE_ROWS

WEDNESDAY = datetime(2024, 1, 31, 10, tzinfo=UTC).timestamp()
FRIDAY = datetime(2024, 2, 2, 21, 59, tzinfo=UTC).timestamp()
NOW = datetime(2024, 6, 1, tzinfo=UTC).timestamp()
HOUR, DAY = 3600, 86_400

TICKS = "time,price\n"
CANDLES = "time,open,high,low,close\n"
ASSETS = "time,price,asset\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "EURUSD.csv"


def checked(file: Path, text: str, said: str = "", max_gap_seconds: float | None = None, now: float = NOW) -> Findings:
    file.write_text(text)
    return check(read_data(file, Columns.parse(said)), max_gap_seconds=max_gap_seconds, now=now)


def found(
    file: Path, text: str, said: str = "", max_gap_seconds: float | None = None
) -> list[tuple[str, tuple[int, ...]]]:
    """The rules and the rows of what is found."""
    return [(each.rule, each.rows) for each in checked(file, text, said, max_gap_seconds).findings]


def ticks(*times: float, begin: float = WEDNESDAY) -> str:
    return TICKS + "".join(f"{begin + time},1.5\n" for time in times)


def texts(*moments: str) -> str:
    return TICKS + "".join(f"{moment},1.5\n" for moment in moments)


def candles(*fours: str, seconds: int = 60) -> str:
    return CANDLES + "".join(f"{WEDNESDAY + seconds * number},{four}\n" for number, four in enumerate(fours))


GOOD = {
    "ticks": ticks(*range(3 * PIECE_ROWS)),
    "ticks of the same time and other prices": TICKS + "".join(f"{WEDNESDAY},{price}\n" for price in (1, 2, 3)),
    "ticks some seconds apart": ticks(0, 1, 2, 61, 62, 63),
    "one tick": ticks(0),
    "candles": candles("2,4,1,3", "3,3,3,3", "3,5,2,2"),
    "two assets of a candle's time": f"{CANDLES[:-1]},asset\n{WEDNESDAY},1,1,1,1,A\n{WEDNESDAY},2,2,2,2,B\n"
    f"{WEDNESDAY + 60},1,1,1,1,A\n",
    "candles of a day over a weekend": candles(*["1,1,1,1"] * 3, seconds=DAY) + f"{WEDNESDAY + 5 * DAY},1,1,1,1\n",
    "texts": texts("2024-01-31 10:00", "2024-01-31 10:01"),
}


@pytest.mark.parametrize("name", GOOD)
def test_good_data_has_no_errors(file: Path, name: str) -> None:
    findings = checked(file, GOOD[name])

    assert [each.rule for each in findings.findings] == (["several assets"] if "assets" in name else [])
    findings.raise_errors()


def test_findings_say_what_is_in_the_file(file: Path) -> None:
    findings = checked(file, f"{ASSETS}{WEDNESDAY},1,B\n{WEDNESDAY + 1},1,A\n")

    assert (findings.name, findings.rows, findings.symbols) == ("EURUSD.csv", 2, ("A", "B"))
    assert (findings.begin, findings.end) == (WEDNESDAY, WEDNESDAY + 1)


@pytest.mark.parametrize("text", [TICKS, CANDLES, "\n\ntime,price\n\n"])
def test_a_file_without_rows_is_empty(file: Path, text: str) -> None:
    findings = checked(file, text)

    assert [each.rule for each in findings.errors] == ["empty"]
    assert (findings.rows, findings.symbols, findings.begin, findings.end) == (0, (), None, None)


@pytest.mark.parametrize(
    "row", ["soon,1.5", f"{WEDNESDAY},x", f"{WEDNESDAY},", f"{WEDNESDAY}", f"{WEDNESDAY},1,2", "nan,1"]
)
def test_rows_that_cannot_be_read_are_found(file: Path, row: str) -> None:
    assert found(file, f"{ticks(0)}{row}\n{WEDNESDAY},2\n") == [("unreadable", (3,))]


def test_what_stands_in_the_first_of_them_is_said(file: Path) -> None:
    text = texts("2024-01-31 10:00", "01/31/2024 10:01", "soon")
    said = checked(file, text).errors[0].text

    assert said.startswith("Row 3 has '01/31/2024 10:01', '1.5'. A time or a number there cannot be read")


def test_rows_without_an_asset_cannot_be_read(file: Path) -> None:
    assert found(file, f"{ASSETS}{WEDNESDAY},1,A\n{WEDNESDAY},2,\n") == [("unreadable", (3,))]


def test_a_file_of_nothing_readable_is_not_called_empty(file: Path) -> None:
    assert found(file, "time,price\nsoon,1\n") == [("unreadable", (2,))]


def test_a_file_cut_short_is_damaged(tmp_path: Path) -> None:
    file = tmp_path / "EURUSD.csv.gz"
    whole = gzip.compress(
        "".join([TICKS, *(f"{WEDNESDAY + n},{1 + math.sin(n) / 9}\n" for n in range(9_000))]).encode()
    )
    file.write_bytes(whole[:-2000])

    findings = check(read_data(file), now=NOW)

    assert [each.rule for each in findings.errors] == ["damaged"]
    assert "cut short" in str(findings.errors[0])


@pytest.mark.parametrize("price", ["nan", "inf", "-inf", "0", "-1.5", "-0.0"])
def test_what_is_no_price_is_found(file: Path, price: str) -> None:
    assert found(file, f"{ticks(0)}{WEDNESDAY},{price}\n") == [("not a price", (3,))]


@pytest.mark.parametrize("place", range(4))
@pytest.mark.parametrize("price", ["nan", "0"])
def test_every_price_of_a_candle_is_looked_at(file: Path, place: int, price: str) -> None:
    four = ["2", "2", "2", "2"]
    four[place] = price

    assert ("not a price", (3,)) in found(file, candles("2,2,2,2", ",".join(four)))


@pytest.mark.parametrize("four", ["2,1,3,2", "5,4,1,3", "0.5,4,1,3", "2,4,1,5", "2,4,1,0.5"])
def test_candles_that_cannot_be_are_found(file: Path, four: str) -> None:
    assert found(file, candles("2,4,1,3", four)) == [("impossible candle", (3,))]


@pytest.mark.parametrize("four", ["1,4,1,4", "4,4,1,1", "1,1,1,1"])
def test_candles_at_their_limits_are_good(file: Path, four: str) -> None:
    assert found(file, candles("2,4,1,3", four)) == []


def test_times_that_go_back_are_found(file: Path) -> None:
    assert found(file, ticks(0, 2, 1, 3, 2.5)) == [("unsorted", (4, 6))]


def test_times_that_go_back_between_pieces_are_found(file: Path) -> None:
    assert found(file, ticks(*range(PIECE_ROWS - 1), PIECE_ROWS - 3.5)) == [("unsorted", (PIECE_ROWS + 1,))]


def test_times_of_several_assets_are_sorted_together(file: Path) -> None:
    text = f"{ASSETS}{WEDNESDAY + 1},1,A\n{WEDNESDAY},1,B\n"

    assert found(file, text) == [("unsorted", (3,)), ("several assets", ())]


def test_a_tick_that_is_there_twice_is_remarked(file: Path) -> None:
    findings = checked(file, ticks(0, 0, 1, 1, 1))

    assert [(each.rule, each.rows, each.count) for each in findings.remarks] == [("duplicate", (3, 5, 6), 3)]
    assert findings.errors == ()


def test_a_tick_that_comes_again_after_another_price_is_remarked(file: Path) -> None:
    text = TICKS + "".join(f"{WEDNESDAY},{price}\n" for price in (1, 2, 1))

    assert found(file, text) == [("duplicate", (4,))]


def test_duplicates_are_found_between_pieces(file: Path) -> None:
    times = [*range(PIECE_ROWS - 1), PIECE_ROWS - 2, PIECE_ROWS - 1]

    assert found(file, ticks(*times)) == [("duplicate", (PIECE_ROWS + 1,))]


def test_the_same_price_of_another_asset_is_no_duplicate(file: Path) -> None:
    assert found(file, f"{ASSETS}{WEDNESDAY},1,A\n{WEDNESDAY},1,B\n") == [("several assets", ())]


def test_a_candle_that_is_there_twice_is_remarked(file: Path) -> None:
    text = candles("2,4,1,3", "2,4,1,3") + f"{WEDNESDAY + 60},2,4,1,3\n"

    assert found(file, text) == [("duplicate", (4,))]


def test_a_candle_that_is_there_with_other_prices_is_an_error(file: Path) -> None:
    findings = checked(file, candles("2,4,1,3", "2,4,1,3") + f"{WEDNESDAY + 60},2,4,1,3.5\n")

    assert [(each.rule, each.rows) for each in findings.errors] == [("contradiction", (4,))]


@pytest.mark.parametrize(
    ("times", "limit", "rows"),
    [
        ((0, 1, 2, 62, 63), None, ()),
        ((0, 1, 2, 62.5, 63), None, (5,)),
        ((0, 10, 20, 120, 130), None, ()),
        ((0, 10, 20, 121, 131), None, (5,)),
        ((0, 1, 2, 62.5, 63), 61, ()),
        ((0, 1, 2, 62.5, 63), 5, (5,)),
        ((0, 6, 12), 5, (3, 4)),
        ((0, 5, 10), 5, ()),
        ((0, 100), None, ()),
    ],
)
def test_a_gap_is_longer_than_ten_usual_distances(
    file: Path, times: tuple[float, ...], limit: float | None, rows: tuple[int, ...]
) -> None:
    assert found(file, ticks(*times), max_gap_seconds=limit) == ([("gap", rows)] if rows else [])


@pytest.mark.parametrize("limit", [0, -1, math.nan])
def test_a_limit_that_is_none_is_refused(file: Path, limit: float) -> None:
    with pytest.raises(InvalidArgument, match="max_gap_seconds"):
        checked(file, ticks(0), max_gap_seconds=limit)


def test_a_gap_is_found_once_the_usual_distance_is_known(file: Path) -> None:
    times = [*range(FOR_MEDIAN + 10), FOR_MEDIAN + 100]

    assert found(file, ticks(*times)) == [("gap", (FOR_MEDIAN + 12,))]


def test_a_gap_says_how_long_it_is(file: Path) -> None:
    error = checked(file, ticks(0, 1, 2, 100_002.5, 100_003)).errors[0]

    assert "EURUSD: Nothing is there for longer than 60 s before these rows, 100001 s at most." in error.text
    assert "give max_gap_seconds=100001 if the market was closed" in error.text
    assert found(file, ticks(0, 1, 2, 100_002.5, 100_003), max_gap_seconds=100_001) == []


def test_a_gap_of_one_asset_is_found_among_others(file: Path) -> None:
    rows = [(time, asset) for time in range(0, 600, 10) for asset in "AB" if asset == "A" or not 100 < time < 400]
    text = ASSETS + "".join(f"{WEDNESDAY + time},1.5,{asset}\n" for time, asset in rows)

    assert found(file, text) == [("gap", (2 + rows.index((400, "B")),)), ("several assets", ())]


@pytest.mark.parametrize(
    ("begin", "hours", "rule"),
    [
        (FRIDAY, 48, "weekend"),
        (FRIDAY - DAY, 95, "weekend"),
        (FRIDAY - DAY, 97, "gap"),
        (FRIDAY, 12, "gap"),
        (FRIDAY + 2 * DAY, 24, "gap"),
        (WEDNESDAY, 48, "gap"),
    ],
)
def test_a_weekend_is_a_remark(file: Path, begin: float, hours: int, rule: str) -> None:
    later = hours * HOUR
    findings = checked(file, ticks(0, 1, 2, 2 + later, 3 + later, 4 + later, begin=begin))

    assert [(each.rule, each.rows) for each in findings.findings] == [(rule, (5,))]
    assert findings.findings[0].severity is (Severity.REMARK if rule == "weekend" else Severity.ERROR)


def test_times_in_the_future_are_found(file: Path) -> None:
    text = ticks(0, 30, 61, 62)

    assert [(each.rule, each.rows) for each in checked(file, text, now=WEDNESDAY).errors] == [("future", (4, 5))]
    assert checked(file, text, now=WEDNESDAY + 62).findings == ()


def test_the_machines_own_clock_says_what_the_future_is(file: Path) -> None:
    file.write_text("time,price\n2099-01-01,1\n")

    assert [each.rule for each in check(read_data(file)).errors] == ["future"]


@pytest.mark.parametrize(
    ("time", "unit"), [("1706695200", "ms"), ("1706695200000", "s"), ("1706695200000", "us"), ("1989-12-31", "iso")]
)
def test_a_unit_that_is_another_one_is_found(file: Path, time: str, unit: str) -> None:
    error = checked(file, f"{TICKS}{time},1\n", f"unit={unit}").errors[0]

    assert (error.rule, error.rows) == ("impossible year", (2,))
    assert "unit=s, ms, us, ns or iso" in error.text


@pytest.mark.parametrize("time", ["1990-01-01", "2024-05-31"])
def test_years_of_markets_are_good(file: Path, time: str) -> None:
    assert found(file, texts(time)) == []


AUTUMN = ("2023-10-29 02:58", "2023-10-29 02:59", "2023-10-29 02:00", "2023-10-29 02:01")
SPRING = ("2024-03-31 01:57", "2024-03-31 01:58", "2024-03-31 01:59", "2024-03-31 03:00", "2024-03-31 03:01")


def test_an_hour_that_comes_twice_is_an_error(file: Path) -> None:
    findings = checked(file, texts(*AUTUMN))

    assert [(each.rule, each.rows) for each in findings.errors] == [("repeated hour", (4,))]
    assert "timezone=Europe/Berlin" in findings.errors[0].text


def test_an_hour_that_is_missing_is_a_remark(file: Path) -> None:
    seconds = tuple(f"2024-03-31 01:59:5{second}" for second in range(10))
    findings = checked(file, texts(*seconds, *SPRING[3:4]))

    assert [(each.rule, each.rows) for each in findings.remarks] == [("missing hour", (12,))]
    assert findings.errors == ()


def test_an_hour_that_is_missing_among_candles_is_a_remark(file: Path) -> None:
    four = "1,1,1,1"
    text = CANDLES + "".join(f"{moment},{four}\n" for moment in SPRING)

    assert found(file, text) == [("missing hour", (5,))]


@pytest.mark.parametrize("moments", [AUTUMN, SPRING])
def test_in_their_own_zone_these_hours_are_good(file: Path, moments: tuple[str, ...]) -> None:
    assert found(file, texts(*moments), "timezone=Europe/Berlin") == []


@pytest.mark.parametrize(
    ("moments", "rule"),
    [
        (tuple(each.replace("10-29", "10-25") for each in AUTUMN), "unsorted"),
        (tuple(each.replace("2024-03-31", "2024-03-27") for each in SPRING), "gap"),
    ],
)
def test_the_same_hour_in_another_night_is_something_else(file: Path, moments: tuple[str, ...], rule: str) -> None:
    assert [each for each, _ in found(file, texts(*moments))] == [rule]


@pytest.mark.parametrize(
    ("moment", "expected"),
    [("2024-03-31 03:00", True), ("2024-03-31 06:00", False), ("2024-03-30 03:00", False), ("2024-06-30 03:00", False)],
)
def test_clocks_are_changed_on_some_sunday_nights(moment: str, expected: bool) -> None:  # noqa: FBT001
    assert is_changing_night(datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp()) is expected


def test_several_assets_are_remarked(file: Path) -> None:
    findings = checked(file, f"{ASSETS}{WEDNESDAY},1,B\n{WEDNESDAY},1,A\n")

    assert [each.text for each in findings.remarks] == ["It has 2 assets: A, B."]


def test_many_rows_are_counted_and_ten_are_named(file: Path) -> None:
    text = TICKS + f"{WEDNESDAY},0\n" * (2 * PIECE_ROWS)
    error = checked(file, text).errors[0]

    assert (error.rows, error.count) == (tuple(range(2, 12)), 2 * PIECE_ROWS)
    assert str(error).endswith(f"(rows 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and {2 * PIECE_ROWS - 10} more)")


def test_errors_stop_and_are_carried(file: Path) -> None:
    findings = checked(file, ticks(0, 0) + f"{WEDNESDAY},0\nsoon,1\n")

    with pytest.raises(BadData) as caught:
        findings.raise_errors()

    assert caught.value.findings == findings.errors
    assert [each.rule for each in findings.errors] == ["unreadable", "not a price"]
    assert str(caught.value).startswith(
        "EURUSD.csv cannot be used:\n  error, unreadable: Row 5 has 'soon', '1'. A time"
    )


def test_remarks_stop_nothing(file: Path) -> None:
    checked(file, ticks(0, 0)).raise_errors()


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_says_what_to_do(rule: str) -> None:
    said = finding(rule, (1,), 1, "Something is so." if rule in {"damaged", "gap", "several assets"} else "")

    assert said.text.endswith(".")
    assert str(said) == f"{said.severity.value}, {rule}: {said.text} (row 1)"


def test_a_finding_without_rows_names_none() -> None:
    assert str(Finding(severity=Severity.REMARK, rule="rule", text="Text.")) == "remark, rule: Text."
