"""Covers optionbus.report.figures and optionbus.report.tally."""

from decimal import Decimal
from random import Random

import pytest

from messages.trading import Direction
from optionbus.report.figures import RefusalCount, figures
from optionbus.report.intervals import Estimate, Verdict, verdict, wilson
from optionbus.report.tally import GROUPINGS, Breakdown, cells
from tests.optionbus.report.runs import BEGIN, EURUSD, GBPUSD, busy_run, run, trade


def by(name: str, found: tuple[Breakdown, ...]) -> dict[str, tuple[int, int, Decimal]]:
    """Of each group its trades, its wins and its profit."""
    breakdown = next(each for each in found if each.by == name)
    return {group.name: (group.trades, group.wins, group.profit) for group in breakdown.groups}


def test_a_small_run_has_the_figures_that_were_computed_by_hand() -> None:
    # stakes 10 at 92 %: +9.2 -10 +9.2 +9.2 -10, and a draw: 7.6 in all
    found = figures(run("WLWWLD"))

    assert (found.trades, found.wins, found.losses, found.draws) == (6, 3, 2, 1)
    assert found.net_profit == Decimal("7.6")
    assert found.return_on_balance == pytest.approx(0.0076)
    assert found.profit_factor == pytest.approx(27.6 / 20)
    assert (found.staked, found.mean_stake, found.median_stake) == (Decimal(60), 10.0, 10.0)
    assert found.break_even == pytest.approx(1 / 1.92)
    assert (found.longest_losing_streak, found.open_orders) == (1, 0)


def test_the_win_rate_leaves_draws_out() -> None:
    # 3 of 5; Wilson: weight 3.841459 / 5 = 0.768292; (0.6 + 0.384146) / 1.768292 = 0.556552;
    # 1.959964 · sqrt(0.24 / 5 + 0.768292 / 20) / 1.768292 = 0.325828
    rate = figures(run("WLWWLD")).win_rate

    assert rate is not None
    assert rate.value == pytest.approx(0.6)
    assert rate.low == pytest.approx(0.556552 - 0.325828, abs=1e-5)
    assert rate.high == pytest.approx(0.556552 + 0.325828, abs=1e-5)


def test_the_expectancy_counts_draws() -> None:
    # mean 7.6 / 6 = 1.266667; squares 3 · 9.2² + 2 · 10² = 453.92, less 6 · 1.266667² = 9.626667: 444.293333;
    # over 5: 88.858667, its root 9.426487; error 9.426487 / sqrt(6) = 3.848347; times 1.959964 = 7.542622
    found = figures(run("WLWWLD"))

    assert found.expectancy is not None
    assert found.expectancy.value == pytest.approx(7.6 / 6)
    assert found.expectancy.low == pytest.approx(1.266667 - 7.542622, abs=1e-5)
    assert found.expectancy.high == pytest.approx(1.266667 + 7.542622, abs=1e-5)
    assert found.expectancy_per_unit is not None
    assert found.expectancy_per_unit.value == pytest.approx(7.6 / 60)
    assert found.mean_over_deviation == pytest.approx(1.266667 / 9.426487, abs=1e-6)


def test_stakes_that_differ_have_a_mean_and_a_median() -> None:
    found = figures(run([trade(n, "W", stake=stake) for n, stake in enumerate(["5", "10", "12", "100"])]))

    assert (found.mean_stake, found.median_stake) == (127 / 4, 11.0)


def test_mixed_payouts_break_even_by_their_stakes() -> None:
    # decided: 10 at 92 % and 30 at 50 %: 40 / (19.2 + 45) = 0.623053; the draw of 1000 at 10 % is in neither sum
    trades = [trade(0, "W"), trade(1, "L", stake="30", payout=50), trade(2, "D", stake="1000", payout=10)]

    assert figures(run(trades)).break_even == pytest.approx(40 / 64.2)


def test_a_run_without_trades_has_no_figures_but_zeros() -> None:
    found = figures(run())

    assert found.verdict is Verdict.UNTOLD
    assert (found.trades, found.net_profit, found.staked, found.return_on_balance) == (0, Decimal(0), Decimal(0), 0.0)
    assert {found.win_rate, found.break_even, found.profit_factor, found.mean_stake, found.median_stake} == {None}
    assert {found.expectancy, found.expectancy_per_unit, found.mean_over_deviation, found.drawdown} == {None}
    assert found.trades_to_tell_a_point is None
    assert (found.looks.groups, found.looks.above, found.looks.above_by_chance) == (0, 0, 0)
    assert [(each.by, each.groups) for each in found.breakdowns] == [(name, ()) for name in GROUPINGS]


def test_one_trade_tells_nothing() -> None:
    found = figures(run("W"))

    assert found.verdict is Verdict.UNTOLD
    assert found.profit_factor is None
    assert found.expectancy == Estimate(9.2, None, None)
    assert found.looks.groups == 0


def test_an_account_without_money_has_no_return() -> None:
    assert figures(run("W", initial="0")).return_on_balance is None


def test_trades_are_grouped_in_five_ways() -> None:
    trades = [
        trade(0, "W"),
        trade(1, "L", symbol=GBPUSD, direction=Direction.PUT, strategy="reversal"),
        trade(30, "W", duration=5),  # an hour later
        trade(31, "D", symbol=GBPUSD, duration=300),
    ]
    found = figures(run(trades)).breakdowns

    assert by("asset", found) == {EURUSD: (2, 2, Decimal("18.4")), GBPUSD: (2, 0, Decimal(-10))}
    assert by("hour", found) == {"00:00": (2, 1, Decimal("-0.8")), "01:00": (2, 1, Decimal("9.2"))}
    assert by("expiry", found) == {
        "5 s": (1, 1, Decimal("9.2")),
        "60 s": (2, 1, Decimal("-0.8")),
        "300 s": (1, 0, Decimal(0)),
    }
    assert by("direction", found) == {"call": (3, 2, Decimal("18.4")), "put": (1, 0, Decimal(-10))}
    assert by("strategy", found) == {"momentum": (3, 2, Decimal("18.4")), "reversal": (1, 0, Decimal(-10))}


def test_groups_stand_in_the_order_of_what_they_are() -> None:
    trades = [trade(n * 30, "W", duration=duration) for n, duration in enumerate([3600, 5, 60, 15])]
    found = figures(run(trades)).breakdowns

    assert list(by("expiry", found)) == ["5 s", "15 s", "60 s", "3600 s"]
    assert list(by("hour", found)) == ["00:00", "01:00", "02:00", "03:00"]


def test_the_hour_is_that_of_the_opening() -> None:
    last_second = trade(0, "W", duration=3600)

    assert list(by("hour", figures(run([last_second])).breakdowns)) == ["00:00"]
    assert last_second.close_time == BEGIN + 3600


@pytest.mark.parametrize("name", GROUPINGS)
def test_every_grouping_has_all_trades_once(name: str) -> None:
    result = busy_run()
    found, groups = figures(result), by(name, figures(result).breakdowns).values()

    assert sum(trades for trades, _, _ in groups) == found.trades
    assert sum(wins for _, wins, _ in groups) == found.wins
    assert sum(profit for _, _, profit in groups) == found.net_profit


def test_a_group_has_its_own_break_even_and_verdict() -> None:
    trades = [trade(n, "W", payout=92) for n in range(20)]
    trades += [trade(n, "L", payout=50, symbol=GBPUSD) for n in range(20, 40)]
    first, second = figures(run(trades)).breakdowns[0].groups

    assert (first.verdict, second.verdict) == (Verdict.ABOVE, Verdict.BELOW)
    assert first.break_even == pytest.approx(1 / 1.92)
    assert second.break_even == pytest.approx(1 / 1.5)


def test_only_groups_beside_others_are_looks() -> None:
    # two assets of 5 trades; all else is one group each: hour, expiry, direction, strategy
    trades = [trade(n, "W", payout=100) for n in range(5)]
    trades += [trade(n, "L", payout=100, symbol=GBPUSD) for n in range(5, 10)]
    looked = figures(run(trades)).looks

    assert (looked.groups, looked.above) == (2, 1)
    assert looked.above_by_chance == pytest.approx(2 / 32)


def test_reasons_are_counted_and_the_most_frequent_comes_first() -> None:
    assert figures(busy_run()).refusals == (
        RefusalCount(reason="The stake is above the limit of 10.", orders=3),
        RefusalCount(reason="The asset is closed.", orders=1),
    )


def test_a_million_fair_coins_are_below_break_even() -> None:
    random, count = Random(20260101), 1_000_000
    rate = wilson(sum(random.random() < 0.5 for _ in range(count)), count)

    assert rate is not None
    assert rate.low is not None
    assert rate.high is not None
    assert rate.low < 0.5 < rate.high
    assert rate.high - rate.low == pytest.approx(2 * 1.96 * 0.5 / 1000, rel=0.001)
    assert verdict(rate, 1 / 1.92) is Verdict.BELOW


def test_trades_on_fair_coins_lose_what_the_payout_keeps() -> None:
    random = Random(20260101)
    win, loss = trade(0, "W"), trade(0, "L")
    found = figures(run([win if random.random() < 0.5 else loss for _ in range(100_000)], initial="10000000"))

    assert found.win_rate is not None
    assert found.win_rate.low is not None
    assert found.win_rate.high is not None
    assert found.win_rate.low < 0.5 < found.win_rate.high
    assert found.verdict is Verdict.BELOW
    # half of 0.92 less half of 1: -0.04 of each unit; its error is 0.96 / sqrt(100 000) = 0.003
    assert found.expectancy_per_unit is not None
    assert found.expectancy_per_unit.value == pytest.approx(-0.04, abs=0.009)


def test_a_cell_is_there_for_each_combination_that_there_is() -> None:
    assert len(cells([trade(0, "W"), trade(1, "L"), trade(2, "W", symbol=GBPUSD)])) == 2
