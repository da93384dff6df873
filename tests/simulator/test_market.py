import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.assets import LISTINGS
from simulator.market import TICKS_A_MINUTE, Bar, Market
from tests.simulator.world import ASSET, START

MIDNIGHT = 1_763_942_400
MARKET = Market(seed=1)

moments = st.floats(MIDNIGHT - 7200, MIDNIGHT + 7200, allow_nan=False)


def bar_of(prices: list[float]) -> Bar:
    return Bar(prices[0], prices[-1], max(prices), min(prices))


def test_several_ticks_come_every_second() -> None:
    ticks = MARKET.ticks(ASSET, START, START + 600)
    assert len(ticks) == 10 * TICKS_A_MINUTE
    gaps = [later.time - earlier.time for earlier, later in itertools.pairwise(ticks)]
    assert 0 < min(gaps) < max(gaps) < 1


def test_the_order_of_questions_does_not_change_prices() -> None:
    forward, backward = Market(seed=5), Market(seed=5)
    moments = [MIDNIGHT + 37 * step for step in range(-100, 100)]
    asked_forward = [forward.price(ASSET, moment) for moment in moments]
    asked_backward = [backward.price(ASSET, moment) for moment in reversed(moments)]
    assert asked_forward == asked_backward[::-1]


def test_another_seed_gives_other_prices() -> None:
    assert Market(seed=2).ticks(ASSET, START, START + 9) != MARKET.ticks(ASSET, START, START + 9)


def test_prices_do_not_jump_at_minutes_or_midnight() -> None:
    ticks = MARKET.ticks(ASSET, MIDNIGHT - 120, MIDNIGHT + 120)
    steps = [abs(later.price - earlier.price) for earlier, later in itertools.pairwise(ticks)]
    assert max(steps) < 0.0005


def test_prices_keep_their_digits_and_stay_near_their_usual_price() -> None:
    for symbol, listing in list(LISTINGS.items())[::5]:
        for day in (0, 100, 200):
            price = MARKET.price(symbol, START + day * 86_400)
            assert price == round(price, listing.digits)
            assert price == pytest.approx(listing.price, rel=0.2)


@settings(max_examples=60, deadline=None)
@given(start=moments, length=st.floats(1, 5000))
def test_a_bar_is_open_close_high_low_of_its_ticks(start: float, length: float) -> None:
    prices = [tick.price for tick in MARKET.ticks(ASSET, start, start + length)]
    assert MARKET.bar(ASSET, start, start + length) == bar_of(prices)


def test_a_bar_across_days_agrees_with_its_ticks() -> None:
    start, end = MIDNIGHT - 86_400 - 61, MIDNIGHT + 33
    prices = [tick.price for tick in MARKET.ticks(ASSET, start, end)]
    assert MARKET.bar(ASSET, start, end) == bar_of(prices)


def test_a_bar_without_ticks_is_none() -> None:
    assert MARKET.bar(ASSET, START, START) is None


@settings(max_examples=60, deadline=None)
@given(moment=moments)
def test_the_price_is_that_of_the_last_tick(moment: float) -> None:
    last = MARKET.ticks(ASSET, moment - 2, moment)[-1]
    assert MARKET.price(ASSET, moment) in {last.price, MARKET.price(ASSET, last.time)}


def test_the_price_at_a_tick_is_that_tick() -> None:
    for tick in MARKET.ticks(ASSET, START, START + 60):
        assert MARKET.price(ASSET, tick.time) == tick.price


def test_live_ticks_are_those_of_history() -> None:
    live = MARKET.ticks_from(ASSET, START)
    assert [next(live) for _ in range(400)] == MARKET.ticks(ASSET, START, START + 200)[:400]


def test_a_day_has_calls_that_win_lose_and_draw() -> None:
    starts = range(MIDNIGHT, MIDNIGHT + 600)
    moves = {(a > b) - (a < b) for a, b in ((MARKET.price(ASSET, t), MARKET.price(ASSET, t + 5)) for t in starts)}
    assert moves == {-1, 0, 1}
