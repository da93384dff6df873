"""Covers optionbus.data.playing: the ticks of candles, and the candles of those ticks."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.candles.builder import builder_for
from messages.market import Candle, Symbol, Tick, TimeAligned
from optionbus.data.playing import period_of, played, ticks_of
from optionbus.data.rows import Rows

START = 1_706_659_200
"""Midnight."""

PERIODS = (1, 5, 60, 300, 3600, 86_400)
prices = st.floats(min_value=1e-6, max_value=1e6)


def candle(symbol: str, time: float, period: float, *four: float) -> Candle:
    opened, high, low, close = four
    return Candle(symbol=Symbol(symbol), time=time, period_seconds=period, open=opened, high=high, low=low, close=close)


@st.composite
def candles(draw: st.DrawFn) -> tuple[Candle, ...]:
    """Candles of two assets and one period, oldest first, with gaps."""
    period = draw(st.sampled_from(PERIODS))
    places = draw(st.lists(st.tuples(st.integers(0, 50), st.sampled_from("AB")), unique=True, min_size=1, max_size=20))
    found = []
    for place, symbol in sorted(places):
        opened, close, *others = draw(st.tuples(prices, prices, prices, prices))
        four = (opened, max(opened, close, *others), min(opened, close, *others), close)
        found.append(candle(symbol, START + place * period, period, *four))
    return tuple(found)


@pytest.mark.parametrize(
    ("four", "order"),
    [
        ((2, 4, 1, 3), (2, 1, 4, 3)),
        ((3, 4, 1, 2), (3, 4, 1, 2)),
        ((2, 4, 1, 2), (2, 1, 4, 2)),
        ((1, 1, 1, 1), (1,) * 4),
    ],
)
def test_the_extremes_come_in_the_way_of_the_candle(four: tuple[float, ...], order: tuple[float, ...]) -> None:
    ticks = ticks_of(candle("A", START, 60, *four))

    assert tuple(tick.price for tick in ticks) == order
    assert [tick.time - START for tick in ticks] == pytest.approx([0, 20, 40, 59.999], abs=1e-6)
    assert all(tick.server_time == tick.time for tick in ticks)


@given(candles(), st.integers(1, 20))
def test_candles_built_of_the_ticks_are_the_same(given_candles: tuple[Candle, ...], size: int) -> None:
    batches = [given_candles[place : place + size] for place in range(0, len(given_candles), size)]
    ticks = [tick for portion in played(batches) for tick in portion]
    period = int(given_candles[0].period_seconds)

    for symbol in {each.symbol for each in given_candles}:
        own = [each for each in given_candles if each.symbol == symbol]
        assert _built(symbol, period, ticks) == [(c.time, c.open, c.high, c.low, c.close) for c in own]


def _built(symbol: Symbol, period: int, ticks: list[Tick]) -> list[tuple[float, ...]]:
    builder = builder_for(symbol, TimeAligned(period))
    built = [each for tick in ticks if tick.symbol == symbol for each in builder.add(tick)]
    built += builder.close_until(ticks[-1].time + period)
    assert builder.late == 0
    return [(c.time, c.open, c.high, c.low, c.close) for c in built]


@given(candles(), st.integers(1, 20))
def test_times_of_ticks_never_go_back(given_candles: tuple[Candle, ...], size: int) -> None:
    batches = [given_candles[place : place + size] for place in range(0, len(given_candles), size)]
    ticks = [tick for portion in played(batches) for tick in portion]

    assert len(ticks) == 4 * len(given_candles)
    assert all(before.time <= after.time for before, after in pairwise(ticks))


def test_few_ticks_wait_for_the_next_candles() -> None:
    batches = ((candle("A", START + 60 * number, 60, 1, 1, 1, 1),) for number in range(1000))

    assert max(len(portion) for portion in played(batches)) <= 8


@pytest.mark.parametrize(
    ("times", "period"),
    [
        ([0, 60, 120, 300], 60),
        ([0, 300, 360, 660], 300),
        ([0, 60, 180], 60),
        ([0, 0, 0, 5], 5),
        ([60, 0, 60], 60),
        ([0], None),
        ([0, 0], None),
        ([], None),
    ],
)
def test_the_period_is_the_most_frequent_distance(times: list[float], period: float | None) -> None:
    assert period_of([_rows(times, ["A"] * len(times))]) == period


def test_distances_are_those_of_one_asset() -> None:
    times, symbols = [0.0, 10.0, 60.0, 70.0, 120.0], ["A", "B", "A", "B", "A"]

    assert period_of([_rows(times[:2], symbols[:2]), _rows(times[2:], symbols[2:])]) == 60


def _rows(times: list[float], symbols: list[str]) -> Rows:
    return Rows(range(len(times)), [Symbol(each) for each in symbols], times, (times,), [None] * len(times))
