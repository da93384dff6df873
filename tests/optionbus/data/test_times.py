"""Covers optionbus.data.times, cell by cell."""

from datetime import UTC, datetime

import pytest

from messages.errors import InvalidArgument
from optionbus.data.times import Cell, TimeReader, TimeUnit, is_time, recognised, zone_of

MOMENT = datetime(2024, 1, 31, 10, 0, 0, 250_000, tzinfo=UTC).timestamp()


def read(*cells: Cell, unit: TimeUnit = TimeUnit.TEXT, zone: str = "UTC") -> list[float]:
    return TimeReader(unit, zone_of(zone)).read(cells)


@pytest.mark.parametrize(
    ("cell", "unit"),
    [
        ("1706695200.25", TimeUnit.SECONDS),
        (1706695200.25, TimeUnit.SECONDS),
        ("1706695200250", TimeUnit.MILLISECONDS),
        (1706695200250, TimeUnit.MILLISECONDS),
        ("1706695200250000", TimeUnit.MICROSECONDS),
        ("1706695200250000000", TimeUnit.NANOSECONDS),
        ("2024-01-31T10:00:00.25Z", TimeUnit.TEXT),
        ("2024-01-31 10:00:00.250", TimeUnit.TEXT),
        ("2024-01-31T12:00:00.25+02:00", TimeUnit.TEXT),
        ("20240131 100000.250", TimeUnit.TEXT),
        ("2024.01.31 10:00:00.250", TimeUnit.TEXT),
        ("2024/01/31 10:00:00.250", TimeUnit.TEXT),
        ("31.01.2024 10:00:00.250", TimeUnit.TEXT),
        (" 2024-01-31 10:00:00.250 ", TimeUnit.TEXT),
        ("20240131 100000250", TimeUnit.TEXT),
    ],
)
def test_a_time_is_recognised_and_read(cell: Cell, unit: TimeUnit) -> None:
    assert recognised((cell,)) is unit
    assert read(cell, unit=unit) == [MOMENT]


@pytest.mark.parametrize(("cell", "seconds"), [("20240131", 0), ("20240131100000", 36_000)])
def test_digits_that_are_a_date_are_read_as_one(cell: str, seconds: float) -> None:
    assert recognised((cell,)) is TimeUnit.TEXT
    assert read(cell) == [datetime(2024, 1, 31, tzinfo=UTC).timestamp() + seconds]


@pytest.mark.parametrize("cell", ["soon", "", "2024-13-01", "01/31/2024", "nan", "inf", None])
def test_what_is_no_time_is_not_read(cell: Cell) -> None:
    for unit in (TimeUnit.TEXT, TimeUnit.SECONDS):
        with pytest.raises((ValueError, TypeError)):
            read(cell, unit=unit)


@pytest.mark.parametrize("cells", [(), (None,), ("soon",), ("nan",)])
def test_what_is_not_recognised_is_taken_for_seconds(cells: tuple[Cell, ...]) -> None:
    assert recognised(cells) is TimeUnit.SECONDS


def test_a_number_is_no_text_of_a_time() -> None:
    assert not is_time("20240131")
    assert is_time("2024-01-31")


@pytest.mark.parametrize(
    ("zone", "hours"),
    [("UTC", 0), ("utc", 0), ("Z", 0), ("Europe/Berlin", 1), ("+02:00", 2), ("-0530", -5.5), ("America/New_York", -5)],
)
def test_a_text_without_a_zone_is_in_the_one_given(zone: str, hours: float) -> None:
    assert read("2024-01-31 10:00:00.250", zone=zone) == [MOMENT - hours * 3600]


def test_a_text_with_a_zone_keeps_it() -> None:
    assert read("2024-01-31T10:00:00.25Z", zone="+02:00") == [MOMENT]


@pytest.mark.parametrize("zone", ["Berlin", "", "+2", "+25:00", "../etc"])
def test_a_zone_that_does_not_exist_is_refused(zone: str) -> None:
    with pytest.raises(InvalidArgument, match=r"Europe/Berlin nor an offset such as \+02:00"):
        zone_of(zone)


def test_the_hour_that_comes_twice_goes_on() -> None:
    texts = [f"2024-10-27 {time}" for time in ("01:50", "02:10", "02:50", "02:10", "02:50", "03:10")]

    times = read(*texts, zone="Europe/Berlin")

    assert [time - times[0] for time in times] == [0, 1200, 3600, 4800, 7200, 8400]


def test_the_hour_that_is_left_out_leaves_no_hole() -> None:
    first, second = read("2024-03-31 01:59:00", "2024-03-31 03:00:00", zone="Europe/Berlin")

    assert second - first == 60


def test_a_column_that_fails_can_be_read_cell_by_cell() -> None:
    reader = TimeReader(TimeUnit.TEXT, zone_of("Europe/Berlin"))
    with pytest.raises(ValueError, match="soon"):
        reader.read(["2024-10-27 02:10", "2024-10-27 02:50", "soon"])

    again = [reader.read([text])[0] for text in ("2024-10-27 02:10", "2024-10-27 02:50")]

    assert again[1] - again[0] == 2400
