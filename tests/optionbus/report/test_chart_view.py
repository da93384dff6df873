"""Covers optionbus.report.chart_view and optionbus.report.axis."""

import pytest

from messages.market import Symbol
from optionbus.report.axis import Scale, padded, round_values, times
from optionbus.report.chart_view import MOST_CANDLES, MOST_CHARTS, MOST_TRADES, coarser, view, views
from optionbus.report.equity import equity_curve
from optionbus.report.equity_svg import MOST_POINTS, thinned
from tests.optionbus.report.runs import BEGIN, EURUSD, GBPUSD, candles, run, trade


def test_coarser_candles_keep_the_first_the_last_and_the_extremes() -> None:
    fine = candles(EURUSD, 10).candles
    first, second = coarser(fine, 300)

    assert (first.time, second.time, first.period_seconds) == (BEGIN, BEGIN + 300, 300)
    assert (first.open, first.close) == (fine[0].open, fine[4].close)
    assert first.high == max(candle.high for candle in fine[:5])
    assert first.low == min(candle.low for candle in fine[:5])
    assert first.ticks == 40


def test_more_candles_than_can_be_drawn_are_made_coarser() -> None:
    shown = view(candles(EURUSD, 1000), [trade(0, "W"), trade(490, "W")])

    assert shown is not None
    assert shown.period_seconds == 240
    assert len(shown.candles) <= MOST_CANDLES + 1


def test_only_candles_around_the_trades_are_drawn() -> None:
    shown = view(candles(EURUSD, 1000), [trade(200, "W")])

    assert shown is not None
    assert (shown.period_seconds, shown.left_out) == (60, 0)
    assert shown.span == (BEGIN + 24000 - 20 * 60, BEGIN + 24060 + 21 * 60)


def test_of_many_trades_the_last_are_drawn() -> None:
    shown = view(candles(EURUSD, 1000), [trade(number, "W") for number in range(MOST_TRADES + 5)])

    assert shown is not None
    assert (len(shown.trades), shown.left_out) == (MOST_TRADES, 5)
    assert shown.trades[0].order_id == "order-5"


def test_without_candles_there_is_no_view() -> None:
    assert view(candles(EURUSD, 0), [trade(0, "W")]) is None
    assert view(candles(EURUSD, 5), [trade(400, "W")]) is None


def test_the_most_traded_asset_comes_first() -> None:
    charts = (candles(EURUSD, 50), candles(GBPUSD, 50))
    trades = [trade(0, "W"), trade(1, "W", symbol=GBPUSD), trade(2, "L", symbol=GBPUSD)]

    assert [each.symbol for each in views(run(trades, charts=charts))] == [GBPUSD, EURUSD]


def test_no_more_charts_are_made_than_anybody_looks_at() -> None:
    charts = tuple(candles(Symbol(f"asset {number}"), 5) for number in range(MOST_CHARTS + 3))

    assert len(views(run(charts=charts))) == MOST_CHARTS


def test_a_long_curve_keeps_its_extremes_and_its_ends() -> None:
    curve = equity_curve(run("WLLWWLLLWW" * 500))
    kept = [point for point, _ in thinned(curve)]

    assert len(kept) <= MOST_POINTS + 2
    assert (kept[0], kept[-1]) == (curve[0], curve[-1])
    assert min(kept, key=lambda point: point.balance).balance == min(point.balance for point in curve)
    assert max(kept, key=lambda point: point.balance).balance == max(point.balance for point in curve)


@pytest.mark.parametrize(
    ("low", "high", "values", "digits"),
    [
        (0, 10, [0, 2, 4, 6, 8, 10], 0),
        (993.2, 1009.9, [995, 1000, 1005], 0),
        (1.0981, 1.1042, [1.1, 1.102, 1.104], 3),
        (-3, 3, [-2, 0, 2], 0),
        (5, 5, [], 0),
    ],
)
def test_round_values_lie_between_the_two(low: float, high: float, values: list[float], digits: int) -> None:
    assert round_values(low, high) == (values, digits)


def test_a_value_lies_where_its_scale_puts_it() -> None:
    assert [Scale(0, 10, 100, 0).at(value) for value in (0, 5, 10)] == [100, 50, 0]
    assert Scale(3, 3, 0, 100).at(3) == 50
    assert padded(0, 100) == (-6, 106)
    assert padded(0, 0) == (-1, 1)


@pytest.mark.parametrize(
    ("span", "label"), [(60, "00:00:00"), (3600, "00:00"), (2 * 86400, "01-01 00:00"), (90 * 86400, "2026-01-01")]
)
def test_times_are_written_as_short_as_they_can_be(span: float, label: str) -> None:
    assert times(BEGIN, BEGIN + span)[0] == (BEGIN, label)


def test_a_moment_has_one_time() -> None:
    assert len(times(BEGIN, BEGIN)) == 1
