"""Covers optionbus.report.intervals."""

import math

import pytest

from optionbus.report.intervals import (
    Estimate,
    Verdict,
    break_even,
    chance_above,
    deviation,
    mean,
    ratio,
    trades_to_tell,
    verdict,
    wilson,
)


@pytest.mark.parametrize(
    ("wins", "decided", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_gives_the_bounds_that_newcombe_published(wins: int, decided: int, low: float, high: float) -> None:
    rate = wilson(wins, decided)  # R. G. Newcombe, Statistics in Medicine 17 (1998), table I, method 3

    assert rate is not None
    assert rate.value == wins / decided
    assert rate.low == pytest.approx(low, abs=5e-5)
    assert rate.high == pytest.approx(high, abs=5e-5)


@pytest.mark.parametrize("decided", [1, 7, 20, 1000])
def test_a_rate_of_all_or_nothing_reaches_the_end(decided: int) -> None:
    none, every = wilson(0, decided), wilson(decided, decided)

    assert none is not None
    assert every is not None
    assert (none.low, every.high) == (0.0, 1.0)


def test_of_nothing_there_is_no_rate_and_no_mean() -> None:
    assert (wilson(0, 0), mean([]), ratio([], []), deviation([])) == (None, None, None, None)


def test_a_mean_has_the_interval_of_its_standard_error() -> None:
    # mean 2; squares 1 + 0 + 1 = 2, over n - 1 = 2: variance 1; error 1 / sqrt(3) = 0.57735; times 1.959964 = 1.131586
    middle = mean([1.0, 2.0, 3.0])

    assert middle is not None
    assert middle.value == 2.0
    assert middle.low == pytest.approx(2 - 1.131586, abs=1e-6)
    assert middle.high == pytest.approx(2 + 1.131586, abs=1e-6)


@pytest.mark.parametrize("values", [[4.0], [4.0, 4.0]])
def test_values_that_do_not_differ_have_no_interval(values: list[float]) -> None:
    assert mean(values) == Estimate(4.0, None, None)


def test_a_ratio_with_equal_stakes_is_the_mean_over_the_stake() -> None:
    gains = [9.2, -10.0, 9.2, -10.0, 9.2]
    each, unit = mean(gains), ratio(gains, [10.0] * 5)

    assert each is not None
    assert unit is not None
    assert unit.value == pytest.approx(each.value / 10)
    assert unit.low == pytest.approx((each.low or 0) / 10)
    assert unit.high == pytest.approx((each.high or 0) / 10)


def test_a_ratio_weighs_by_the_stakes() -> None:
    # gains 9 - 20 = -11 over stakes 30: -0.366667. Off it: 9 + 3.666667 = 12.666667 and -20 + 7.333333 = -12.666667.
    # Their deviation: sqrt(2 · 160.4444 / 1) = 17.913372; error 17.913372 · sqrt(2) / 30 = 0.844444
    unit = ratio([9.0, -20.0], [10.0, 20.0])

    assert unit is not None
    assert unit.value == pytest.approx(-11 / 30)
    assert (unit.high or 0) - unit.value == pytest.approx(1.959964 * 0.844444, abs=1e-5)


@pytest.mark.parametrize(
    ("staked", "returned", "even"),
    [(10, 19.2, 0.520833), (10, 18, 0.555556), (10, 20, 0.5), (10, 10, 1.0)],
)
def test_one_payout_breaks_even_at_one_over_one_plus_it(staked: float, returned: float, even: float) -> None:
    assert break_even(staked, returned) == pytest.approx(even, abs=1e-6)


def test_at_the_break_even_rate_the_expected_profit_is_nothing() -> None:
    stakes, payouts = [10.0, 30.0, 5.0], [0.92, 0.8, 0.5]
    even = break_even(sum(stakes), sum(s * (1 + p) for s, p in zip(stakes, payouts, strict=True)))

    assert even is not None
    assert sum(even * s * p - (1 - even) * s for s, p in zip(stakes, payouts, strict=True)) == pytest.approx(0)


def test_without_stakes_nothing_breaks_even() -> None:
    assert break_even(0, 0) is None


@pytest.mark.parametrize(
    ("low", "high", "even", "expected"),
    [
        (0.53, 0.60, 0.52, Verdict.ABOVE),
        (0.52, 0.60, 0.52, Verdict.UNTOLD),
        (0.40, 0.60, 0.52, Verdict.UNTOLD),
        (0.40, 0.52, 0.52, Verdict.UNTOLD),
        (0.40, 0.51, 0.52, Verdict.BELOW),
        (0.40, 0.51, None, Verdict.UNTOLD),
    ],
)
def test_the_verdict_is_where_the_interval_lies(low: float, high: float, even: float | None, expected: Verdict) -> None:
    assert verdict(Estimate((low + high) / 2, low, high), even) is expected


def test_without_a_rate_nothing_can_be_told() -> None:
    assert verdict(None, 0.52) is Verdict.UNTOLD


def test_a_point_of_edge_takes_some_twenty_thousand_trades() -> None:
    # (1.959964 + 0.841621)² = 7.848880; times 0.25 / 0.0001 = 19622.2, and 19588.1 at 1 / 1.92
    assert trades_to_tell(0.5) == 19623
    assert trades_to_tell(1 / 1.92) == 19589
    assert trades_to_tell(None) is None


def test_the_chance_above_is_counted_win_by_win() -> None:
    # of 5 at 0.5, above are those with more than 2.5 + 1.96 · sqrt(1.25) = 4.69 wins: all five, 1 / 32
    assert chance_above(5, 0.5) == pytest.approx(1 / 32)
    # of 3 there would have to be more than 1.5 + 1.96 · 0.866 = 3.197
    assert chance_above(3, 0.5) == 0.0


@pytest.mark.parametrize("decided", [5, 12, 50, 200])
def test_the_chance_above_agrees_with_the_verdict(decided: int) -> None:
    even = 1 / 1.92
    above = [wins for wins in range(decided + 1) if verdict(wilson(wins, decided), even) is Verdict.ABOVE]
    chance = sum(math.comb(decided, wins) * even**wins * (1 - even) ** (decided - wins) for wins in above)

    assert chance_above(decided, even) == pytest.approx(chance)


def test_the_chance_above_is_near_one_in_forty() -> None:
    assert chance_above(1000, 0.52) == pytest.approx(0.025, abs=0.003)
    assert chance_above(1001, 0.52) == 0.025


@pytest.mark.parametrize("even", [None, 0.0, 1.0])
def test_where_nothing_breaks_even_nothing_is_above(even: float | None) -> None:
    assert chance_above(100, even) == 0.0
