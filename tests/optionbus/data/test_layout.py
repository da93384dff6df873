"""Covers optionbus.data.layout: names, places, and what the user says."""

import re

import pytest

from messages.errors import ColumnsUnclear
from optionbus.data.columns import Columns
from optionbus.data.layout import ORDERS, USUAL_NAMES, Layout, is_header, layout_of

SAMPLES = {"t": "2024-01-31 10:00", "n": "1.5", "x": "EURUSD"}
OHLC = (1, 2, 3, 4)


def layout(header: str | None, first: str = "", said: str = "") -> Layout:
    names = None if header is None else tuple(header.split(","))
    return layout_of(Columns.parse(said), names, tuple(first.split(",")))


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("time,price", Layout(time=(0,), prices=(1,))),
        ("Timestamp,Bid,Ask", Layout(time=(0,), prices=(1,))),
        ("SYMBOL,DATE,LAST", Layout(time=(1,), prices=(2,), asset=0)),
        ("ts,close", Layout(time=(0,), prices=(1,))),
        ("time,open,high,low,close", Layout(time=(0,), prices=OHLC)),
        ("t,O,H,L,C,datetime", Layout(time=(5,), prices=OHLC)),
        ("Gmt time,Open,High,Low,Close,Volume", Layout(time=(0,), prices=OHLC, volume=5)),
        ("close,low,high,open,date,pair", Layout(time=(4,), prices=(3, 2, 1, 0), asset=5)),
        ("time,close,open", Layout(time=(0,), prices=(1,))),
        ("price,open,high,low,close,time", Layout(time=(5,), prices=OHLC)),
    ],
)
def test_usual_names_are_known(header: str, expected: Layout) -> None:
    assert layout(header) == expected


@pytest.mark.parametrize(("role", "name"), [(role, name) for role, names in USUAL_NAMES.items() for name in names])
def test_every_usual_name_is_known_in_capitals(role: str, name: str) -> None:
    roles = ["time", "asset", *(("price",) if role == "price" else ("open", "high", "low", "close", "volume"))]
    header = ",".join(name.upper() if each == role else each for each in roles)
    own = layout(header)
    by_role = {"time": own.time[0], "asset": own.asset, "volume": own.volume, "price": own.prices[0]}
    by_role |= dict(zip(("open", "high", "low", "close"), own.prices, strict=False)) if own.is_candles else {}

    assert by_role[role] == roles.index(role)


def test_a_date_and_a_time_of_day_are_one_time() -> None:
    header, first = "<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<TICKVOL>", "2024.01.31,10:00,1,2,1,2,7"

    assert layout(header, first) == Layout(time=(0, 1), prices=(2, 3, 4, 5), volume=6)


def test_a_date_beside_a_whole_time_is_left_out() -> None:
    assert layout("date,time,price", "2024-01-31,1706695200,1.1").time == (1,)


@pytest.mark.parametrize("pattern", ORDERS)
def test_a_file_without_a_header_is_known_by_its_order(pattern: str) -> None:
    for kinds in (pattern, pattern.replace("t", "n")):
        own = layout(None, ",".join(SAMPLES[kind] for kind in kinds))
        roles = ORDERS[pattern]

        assert own.time == (roles.index("time"),)
        assert own.is_candles == ("open" in roles)
        assert own.prices == tuple(
            roles.index(each) for each in roles if each in {"price", "open", "high", "low", "close"}
        )
        assert own.asset == (roles.index("asset") if "asset" in roles else None)
        assert own.volume == (roles.index("volume") if "volume" in roles else None)


def test_a_date_and_a_time_of_day_are_known_without_a_header() -> None:
    assert layout(None, "2024.01.31,10:00,1,2,1,2,7") == Layout(time=(0, 1), prices=(2, 3, 4, 5), volume=6)


@pytest.mark.parametrize("first", ["1", "1,2,3,4", "x,y", "1,2,3,4,5,6,7,8", "1,x"])
def test_an_unknown_order_asks_for_columns(first: str) -> None:
    with pytest.raises(ColumnsUnclear, match=r"No column is known to be the time.* time=1,price=2"):
        layout(None, first)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("time=B,price=C", Layout(time=(1,), prices=(2,))),
        ("time=b,price=c", Layout(time=(1,), prices=(2,))),
        ("time=2,price=3", Layout(time=(1,), prices=(2,))),
        ("time=A+B,price=C", Layout(time=(0, 1), prices=(2,))),
        ("time=A,open=B,high=C,low=D,close=E,volume=F", Layout(time=(0,), prices=OHLC, volume=5)),
        ("time=A,price=F,asset=E", Layout(time=(0,), prices=(5,), asset=4)),
    ],
)
def test_what_is_said_holds(said: str, expected: Layout) -> None:
    assert layout("A,B,C,D,E,F", said=said) == expected


def test_a_price_that_is_named_makes_ticks_of_candles() -> None:
    assert layout("time,open,high,low,close", said="price=close") == Layout(time=(0,), prices=(4,))


@pytest.mark.parametrize(
    ("header", "said", "problem"),
    [
        ("a,b", "", "No column is known to be the time or the price of these ticks. The columns are: a, b."),
        ("time,b", "", "No column is known to be the price of these ticks."),
        ("a,open,high,low,close", "", "No column is known to be the time of these candles."),
        ("time,o,h", "open=o", "No column is known to be the low or the close of these candles."),
        ("a,b", "time=c", "There is no column 'c'. The columns are: a, b."),
        ("a,b", "time=3", "There is no column '3'."),
        ("a,b", "time=a+c", "There is no column 'c'."),
    ],
)
def test_what_does_not_fit_names_columns_and_remedy(header: str, said: str, problem: str) -> None:
    with pytest.raises(ColumnsUnclear, match=re.escape(problem)) as caught:
        layout(header, said=said)

    names = tuple(header.split(","))
    assert caught.value.found == names
    assert f"for example time={names[0]},price={names[1]}" in str(caught.value)


@pytest.mark.parametrize(
    ("row", "expected"), [("time,price", True), ("1,2", False), ("2024-01-31,x", False), ("10:00,x", False)]
)
def test_a_header_has_no_numbers_and_no_times(row: str, expected: bool) -> None:  # noqa: FBT001
    assert is_header(row.split(",")) is expected
