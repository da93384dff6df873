"""Covers optionbus.data.columns: what can be said on a command line."""

import pytest

from messages.errors import ColumnsUnclear, InvalidArgument
from optionbus.data.columns import Columns, Decimals
from optionbus.data.times import TimeUnit


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("", Columns()),
        ("time=Date,price=Bid", Columns(time="Date", price="Bid")),
        (" TIME = Open time , close=C ", Columns(time="Open time", close="C")),
        ("time=Date+Time", Columns(time="Date+Time")),
        (
            "open=o,high=h,low=l,close=c,volume=v,asset=s",
            Columns(open="o", high="h", low="l", close="c", volume="v", asset="s"),
        ),
        ("unit=ms", Columns(unit=TimeUnit.MILLISECONDS)),
        ("unit=iso,timezone=Europe/Berlin", Columns(unit=TimeUnit.TEXT, timezone="Europe/Berlin")),
        ("timezone=+02:00", Columns(timezone="+02:00")),
        ("delimiter=semicolon,decimals=comma", Columns(delimiter=";", decimals=Decimals.COMMA)),
        ("delimiter=tab", Columns(delimiter="\t")),
        ("delimiter=;", Columns(delimiter=";")),
    ],
)
def test_pairs_say_which_column_is_what(text: str, columns: Columns) -> None:
    assert Columns.parse(text) == columns


@pytest.mark.parametrize("text", ["Date", "time=", "tiem=Date", "unit=minutes", "delimiter=x", "decimals=dot"])
def test_a_pair_that_cannot_be_understood_is_refused(text: str) -> None:
    with pytest.raises(ColumnsUnclear, match="Write for example time=Date,price=Bid"):
        Columns.parse(text)


def test_a_zone_that_does_not_exist_is_refused() -> None:
    with pytest.raises(InvalidArgument):
        Columns.parse("timezone=Atlantis")


@pytest.mark.parametrize("delimiter", ["", ",,", '"', "\n"])
def test_a_delimiter_that_is_none_is_refused(delimiter: str) -> None:
    with pytest.raises(ColumnsUnclear, match="no character between columns"):
        Columns(delimiter=delimiter)


def test_columns_have_a_zone_that_exists() -> None:
    with pytest.raises(InvalidArgument, match="A time zone"):
        Columns(timezone="Atlantis")
