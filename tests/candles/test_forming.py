"""Covers actors.candles.forming."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.candles.forming import with_ticks
from messages.market import Candle, Symbol, Tick

SYMBOL = Symbol("EURUSD_otc")
START = 1_700_000_040.0
"""A whole minute."""


def tick(second: float, price: float) -> Tick:
    return Tick(SYMBOL, START + second, price, START + second + 7200)


def candle(second: float, prices: Sequence[float], *, closed: bool = True, complete: bool = True) -> Candle:
    """From open, high, low, close."""
    opened, high, low, close = prices
    return Candle(
        symbol=SYMBOL,
        time=START + second,
        period_seconds=60,
        open=opened,
        high=high,
        low=low,
        close=close,
        closed=closed,
        complete=complete,
    )


BEFORE = candle(-60, (9.0, 9.5, 8.5, 9.0))
STALE = candle(0, (5.0, 6.0, 4.0, 5.5), closed=False)


@pytest.mark.parametrize(
    ("ticks", "expected"),
    [
        ([], (5.0, 6.0, 4.0, 5.5)),
        ([tick(30, 5.0)], (5.0, 6.0, 4.0, 5.0)),
        ([tick(30, 7.0)], (5.0, 7.0, 4.0, 7.0)),
        ([tick(30, 3.0)], (5.0, 6.0, 3.0, 3.0)),
        ([tick(30, 7.0), tick(31, 3.0), tick(32, 5.0)], (5.0, 7.0, 3.0, 5.0)),
        ([tick(0, 7.0)], (5.0, 7.0, 4.0, 7.0)),
        ([tick(59.999, 7.0)], (5.0, 7.0, 4.0, 7.0)),
        ([tick(-0.001, 7.0)], (5.0, 6.0, 4.0, 5.5)),
    ],
    ids=["none", "between", "higher", "lower", "several", "at its start", "at its end", "before it"],
)
def test_ticks_are_applied_to_the_stale_candle(ticks: list[Tick], expected: tuple[float, ...]) -> None:
    assert with_ticks([BEFORE, STALE], ticks, 60) == (BEFORE, candle(0, expected, closed=False))


def test_a_tick_past_its_end_closes_the_stale_candle_and_opens_the_next() -> None:
    result = with_ticks([STALE], [tick(59, 5.2), tick(60, 5.1), tick(61, 5.3)], 60)

    assert result == (candle(0, (5.0, 6.0, 4.0, 5.2)), candle(60, (5.1, 5.3, 5.1, 5.3), closed=False))


def test_a_period_without_ticks_has_no_candle() -> None:
    result = with_ticks([STALE], [tick(59, 5.2), tick(185, 5.1)], 60)

    assert [each.time - START for each in result] == [0, 180]


def test_a_candle_whose_beginning_or_end_was_not_seen_is_incomplete() -> None:
    result = with_ticks([STALE], [tick(90, 5.1), tick(120, 5.2)], 60)

    assert [each.complete for each in result] == [False, False, True]


def test_without_candles_all_come_from_the_ticks() -> None:
    result = with_ticks([], [tick(30, 5.0), tick(45, 6.0), tick(75, 7.0)], 60)

    assert result == (
        candle(0, (5.0, 6.0, 5.0, 6.0), complete=False),
        candle(60, (7.0, 7.0, 7.0, 7.0), closed=False),
    )


def test_candles_from_ticks_begin_where_the_platforms_clock_says() -> None:
    four_hours = 4 * 3600

    (only,) = with_ticks([], [tick(30, 5.0)], four_hours)

    assert (only.time + 7200) % four_hours == 0


def test_without_anything_there_is_nothing() -> None:
    assert with_ticks([], [], 60) == ()


def test_what_was_given_is_left_as_it_was() -> None:
    given_candles = [BEFORE, STALE]

    with_ticks(given_candles, [tick(30, 7.0), tick(90, 8.0)], 60)

    assert given_candles == [BEFORE, STALE]


@given(
    st.lists(st.tuples(st.floats(-300, 1000), st.floats(0.1, 10)), max_size=40),
    st.sampled_from([[], [STALE], [BEFORE, STALE]]),
)
def test_candles_stay_in_order_and_only_the_last_is_open(
    drawn: list[tuple[float, float]], candles: list[Candle]
) -> None:
    ticks = [tick(second, price) for second, price in sorted(drawn)]

    result = with_ticks(candles, ticks, 60)

    times = [each.time for each in result]
    assert times == sorted(set(times))
    assert [each.closed for each in result] == [True] * (len(result) - 1) + [False] * bool(result)
    assert all(each.low <= min(each.open, each.close) <= max(each.open, each.close) <= each.high for each in result)
    assert not ticks or not result or ticks[-1].time < START or result[-1].close == ticks[-1].price
