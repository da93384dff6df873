"""Covers messages.wire.history_payloads."""

from typing import Any

import pytest

from messages.errors import WireError
from messages.market import Candle, HistoryReported, PeriodReported
from messages.wire.history_payloads import history_reported, period_reported
from tests.wire.breakage import broken_rows, encoded

# open, close, high, low
NEWEST = [1_732_975_200, 1.5, 1.6, 1.8, 1.4]
MIDDLE = [1_732_971_600, 1.4, 1.5, 1.7, 1.3]
OLDEST = [1_732_968_000, 1.3, 1.4, 1.6, 1.2]
TICKS = [[1_732_978_115.342, 1.55], [1_732_978_115.86, 1.56]]
PERIOD_ROWS: list[dict[str, Any]] = [
    {"symbol_id": 291, "time": 1_726_902_000, "open": 1.3, "close": 1.4, "high": 1.6, "low": 1.2, "asset": "#AXP"},
    {"symbol_id": 291, "time": 1_726_905_600, "open": 1.4, "close": 1.5, "high": 1.7, "low": 1.3},
    {"symbol_id": 291, "time": 1_726_909_200, "open": 1.5, "close": 1.6, "high": 1.8, "low": 1.4},
]


def _history(**fields: Any) -> tuple[HistoryReported, int]:
    body = {"asset": "AEDCNY_otc", "period": 3600, "history": TICKS, **fields}
    decoded = history_reported(encoded(body), 7200.0)
    assert isinstance(decoded.event, HistoryReported)
    return decoded.event, decoded.rejected


def _period(**fields: Any) -> tuple[PeriodReported, int]:
    body = {"asset": "#AXP_otc", "index": 173_369_878_255, "data": PERIOD_ROWS, "period": 3600, **fields}
    decoded = period_reported(encoded(body), 7200.0)
    assert isinstance(decoded.event, PeriodReported)
    return decoded.event, decoded.rejected


def test_ticks_of_a_history_are_in_true_time() -> None:
    event, rejected = _history()

    assert (event.symbol, event.period_seconds, rejected) == ("AEDCNY_otc", 3600, 0)
    assert [(tick.time, tick.server_time, tick.price) for tick in event.ticks] == [
        (moment - 7200.0, moment, price) for moment, price in TICKS
    ]


def test_ticks_in_milliseconds_are_told_in_seconds() -> None:
    event, rejected = _history(history=[[1_732_978_115_342, 1.55], TICKS[1]])

    assert (event, rejected) == (_history()[0], 0)


def test_candles_stand_as_open_close_high_low() -> None:
    event, _ = _history(candles=[OLDEST])

    (candle,) = event.candles
    assert (candle.open, candle.close, candle.high, candle.low) == (1.3, 1.4, 1.6, 1.2)
    assert (candle.time, candle.period_seconds, candle.volume) == (1_732_968_000 - 7200.0, 3600, None)


def test_descending_candles_come_out_ascending_the_last_forming() -> None:
    event, _ = _history(candles=[NEWEST, MIDDLE, OLDEST])

    assert [candle.open for candle in event.candles] == [1.3, 1.4, 1.5]
    assert [candle.closed for candle in event.candles] == [True, True, False]


def test_ticks_out_of_order_come_out_ascending() -> None:
    event, _ = _history(history=TICKS[::-1])

    assert event == _history()[0]


@pytest.mark.parametrize("fields", [{}, {"candles": []}, {"candles": None}, {"history": TICKS, "candles": {}}])
def test_a_history_without_candles_still_has_ticks(fields: dict[str, Any]) -> None:
    event, rejected = _history(**fields)

    assert (event.candles, len(event.ticks), rejected) == ((), 2, 0)


@pytest.mark.parametrize("history", [[], None])
def test_a_history_without_ticks_still_has_candles(history: list[Any] | None) -> None:
    event, rejected = _history(history=history, candles=[OLDEST])

    assert (event.ticks, len(event.candles), rejected) == ((), 1, 0)


def test_a_third_column_of_a_tick_is_ignored() -> None:
    event, rejected = _history(history=[[*row, None] for row in TICKS])

    assert (event, rejected) == _history()


@pytest.mark.parametrize(("volume", "expected"), [(12, 12.0), (0, 0.0), (None, None), ("7.5", 7.5)])
def test_a_sixth_column_of_a_candle_is_its_volume(volume: Any, expected: float | None) -> None:
    event, rejected = _history(candles=[[*OLDEST, volume]])

    assert (event.candles[0].volume, rejected) == (expected, 0)


def _columns(*, volume: bool) -> dict[str, Any]:
    rows = [OLDEST, MIDDLE, NEWEST]
    columns = {name: [row[index] for row in rows] for index, name in enumerate("tochl")}
    return columns | ({"v": [1, 2, 3]} if volume else {})


@pytest.mark.parametrize("volume", [False, True])
@pytest.mark.parametrize("nested", [False, True])
def test_candles_in_columns_equal_candles_in_rows(*, nested: bool, volume: bool) -> None:
    columns = _columns(volume=volume)
    rows = [[*row, index + 1] if volume else row for index, row in enumerate([OLDEST, MIDDLE, NEWEST])]

    in_columns = _history(candles=columns) if nested else _history(**columns)

    assert in_columns == _history(candles=rows)


def test_a_broken_cell_of_a_column_loses_only_its_candle() -> None:
    event, rejected = _history(candles=_columns(volume=False) | {"c": [1.4, "NaN", 1.6]})

    assert [candle.open for candle in event.candles] == [1.3, 1.5]
    assert rejected == 1


def test_columns_of_different_lengths_are_unreadable() -> None:
    with pytest.raises(WireError, match="different lengths"):
        _history(candles=_columns(volume=False) | {"c": [1.4]})


@pytest.mark.parametrize(("name", "row"), broken_rows(MIDDLE))
def test_a_broken_field_of_a_candle_loses_only_that_row(name: str, row: list[Any]) -> None:
    event, rejected = _history(candles=[NEWEST, row, OLDEST])

    assert rejected == 1, name
    assert event == _history(candles=[NEWEST, OLDEST])[0]


@pytest.mark.parametrize(("name", "row"), broken_rows(TICKS[0]))
def test_a_broken_field_of_a_past_tick_loses_only_that_row(name: str, row: list[Any]) -> None:
    event, rejected = _history(history=[row, TICKS[1]])

    assert rejected == 1, name
    assert event == _history(history=[TICKS[1]])[0]


@pytest.mark.parametrize(
    "fields",
    [{"asset": None}, {"asset": ""}, {"period": None}, {"period": "soon"}, {"history": 5}, {"candles": "none"}],
    ids=str,
)
def test_a_history_that_says_not_of_what_is_unreadable(fields: dict[str, Any]) -> None:
    with pytest.raises(WireError):
        _history(**fields)


def test_a_page_of_candles_is_known_by_its_index() -> None:
    event, rejected = _period()

    assert (event.symbol, event.index, event.ticks, rejected) == ("#AXP_otc", 173_369_878_255, (), 0)
    assert event.candles[0] == Candle(
        symbol=event.symbol,
        time=1_726_902_000 - 7200.0,
        period_seconds=3600,
        open=1.3,
        high=1.6,
        low=1.2,
        close=1.4,
    )
    assert [candle.closed for candle in event.candles] == [True, True, True]


@pytest.mark.parametrize(("volume", "expected"), [(12, 12.0), ("7.5", 7.5), (None, None)])
def test_a_candle_of_a_page_may_have_its_volume(volume: Any, expected: float | None) -> None:
    event, rejected = _period(data=[PERIOD_ROWS[0] | {"volume": volume}])

    assert ([candle.volume for candle in event.candles], rejected) == ([expected], 0)


def test_a_page_in_any_order_comes_out_ascending() -> None:
    assert _period(data=PERIOD_ROWS[::-1]) == _period()


def test_a_page_of_ticks_has_ticks() -> None:
    event, rejected = _period(data=[{"asset": "#AXP_otc", "time": 1_726_902_000.25, "price": "1.5"}], period=0)

    (tick,) = event.ticks
    assert (tick.symbol, tick.time, tick.price) == ("#AXP_otc", 1_726_902_000.25 - 7200.0, 1.5)
    assert (event.candles, rejected) == ((), 0)


@pytest.mark.parametrize("data", [[], None])
def test_an_empty_page_is_a_page(data: list[Any] | None) -> None:
    event, rejected = _period(data=data)

    assert (event.candles, event.ticks, rejected) == ((), (), 0)


def test_a_page_without_its_period_has_candles_of_none() -> None:
    decoded = period_reported(encoded({"asset": "#AXP_otc", "index": "7", "data": PERIOD_ROWS[:1]}), 0.0)

    assert isinstance(decoded.event, PeriodReported)
    assert (decoded.event.index, decoded.event.candles[0].period_seconds) == (7, 0)


@pytest.mark.parametrize(("name", "row"), broken_rows(PERIOD_ROWS[1]))
def test_a_broken_field_of_a_page_loses_only_that_row(name: str, row: dict[str, Any]) -> None:
    event, rejected = _period(data=[PERIOD_ROWS[0], row, PERIOD_ROWS[2]])

    assert rejected == (0 if name.startswith("symbol_id") else 1)
    assert [event.candles[0], event.candles[-1]] == [*_period(data=[PERIOD_ROWS[0], PERIOD_ROWS[2]])[0].candles]


@pytest.mark.parametrize(
    "fields", [{"index": None}, {"index": 1.5}, {"index": 1e30}, {"asset": 5}, {"data": {}}], ids=str
)
def test_a_page_that_answers_nothing_is_unreadable(fields: dict[str, Any]) -> None:
    with pytest.raises(WireError) as caught:
        _period(**fields)

    assert caught.value.what == "loadHistoryPeriod"
