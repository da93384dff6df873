"""Covers optionbus.backtest.chart."""

import pytest

from messages.market import Tick
from optionbus.backtest.chart import ChartKeeper
from tests.optionbus.backtest.made_up import BEGIN, EURO, POUND, MadeUp


def kept(source: MadeUp, most: int) -> ChartKeeper:
    keeper = ChartKeeper(source.symbols, most)
    for _batch in keeper.watch(source.batches()):
        pass
    return keeper


@pytest.mark.parametrize(("most", "period"), [(1000, 1), (400, 5), (50, 15), (30, 60)])
def test_a_chart_is_as_fine_as_its_length_allows(most: int, period: int) -> None:
    [chart] = kept(MadeUp(600), most).charts()

    assert chart.period_seconds == period
    assert len(chart.candles) == 600 / period
    assert [candle.time % period for candle in chart.candles] == [0] * len(chart.candles)


def test_its_candles_are_those_of_the_ticks() -> None:
    [chart] = kept(MadeUp(600, prices=(3.0, 1.0, 2.0, 5.0, 4.0)), 400).charts()

    candle = chart.candles[7]
    assert (candle.time, candle.open, candle.high, candle.low, candle.close) == (BEGIN + 35, 3.0, 5.0, 1.0, 4.0)


def test_each_asset_has_a_chart() -> None:
    charts = kept(MadeUp(20, symbols=(EURO, POUND)), 100).charts()

    assert [chart.symbol for chart in charts] == [EURO, POUND]
    assert [len(chart.candles) for chart in charts] == [20, 20]


def test_what_it_watches_goes_by_unchanged() -> None:
    source = MadeUp(100)

    watched: list[tuple[Tick, ...]] = list(ChartKeeper(source.symbols).watch(source.batches()))

    assert watched == list(source.batches())
