"""Covers optionbus.backtest.score."""

from random import Random
from statistics import fmean

import pytest

from optionbus.backtest.engine import Backtest
from optionbus.backtest.score import Objective, Score, luck, score
from optionbus.report.figures import figures
from optionbus.report.intervals import wilson
from optionbus.report.result import RunResult
from tests.optionbus.backtest.made_up import MadeUp
from tests.optionbus.backtest.swept import Swept

MIXED = (1.0, 1.1, 1.2, 1.1, 1.3, 1.0, 1.25)


def run(prices: tuple[float, ...] = MIXED, every: int = 5) -> RunResult:
    return Backtest([Swept.configured(params=Swept.Params(every=every))], MadeUp(400, prices)).run()


def of(wins: int, losses: int, even: float = 0.52) -> Score:
    rate = wilson(wins, wins + losses)
    return Score(worth=0.0, trades=wins + losses, wins=wins, losses=losses, win_rate=rate, break_even=even)


def test_the_lower_end_of_the_profit_is_what_counts() -> None:
    result = run()
    found = figures(result).expectancy_per_unit
    assert found is not None

    assert score(result, Objective.PROFIT_LOW).worth == found.low
    assert score(result, Objective.PROFIT).worth == found.value


def test_the_lower_end_of_the_win_rate_counts_less_break_even() -> None:
    result = run()
    found = figures(result)
    assert found.win_rate is not None
    assert found.win_rate.low is not None
    assert found.break_even is not None

    assert score(result, Objective.RATE_LOW).worth == found.win_rate.low - found.break_even


def test_trades_that_all_ended_alike_have_a_worth() -> None:
    won = score(run(tuple(1 + second / 1000 for second in range(400))), Objective.PROFIT_LOW)

    assert won.losses == 0
    assert won.per_unit is not None
    assert won.worth is not None
    assert 0 < won.worth < won.per_unit.value


def test_trades_that_decided_nothing_have_none() -> None:
    found = score(run((1.0,)), Objective.PROFIT_LOW)

    assert (found.worth, found.reason) == (None, "no trade was decided")


def test_few_trades_have_no_worth() -> None:
    found = score(run(), Objective.PROFIT_LOW, least_trades=1000)

    assert found.worth is None
    assert "fewer than 1000" in found.reason


@pytest.mark.parametrize("trials", [1, 2, 10, 100])
def test_the_luck_of_many_is_that_of_trials_that_break_even(trials: int) -> None:
    trades, even, random = 400, 0.52, Random(1)
    deviation = (even * (1 - even) / trades) ** 0.5
    best = [max(random.gauss(even, deviation) for _ in range(trials)) for _ in range(2000)]

    found = luck(of(208, 192, even), trials)

    assert found is not None
    assert found.win_rate == pytest.approx(fmean(best), abs=0.12 * deviation)
    assert sum(rate > found.rare_win_rate for rate in best) / len(best) == pytest.approx(0.05, abs=0.02)
    assert found.per_unit == pytest.approx(found.win_rate / even - 1)


def test_more_trials_have_more_luck() -> None:
    found = [luck(of(220, 180), trials) for trials in (1, 5, 50, 500)]

    rates = [each.rare_win_rate for each in found if each is not None]
    assert rates == sorted(rates)
    assert [each.is_exceeded for each in found if each is not None] == [False, False, False, False]


def test_who_wins_more_often_than_the_luckiest_exceeds_luck() -> None:
    found = [luck(of(wins, 400 - wins), 100) for wins in (230, 250)]

    assert [each.is_exceeded for each in found if each is not None] == [False, True]


@pytest.mark.parametrize("best", [of(0, 0), Score(worth=0.0, wins=3, losses=4), of(3, 4, 1.0)])
def test_of_what_decided_nothing_there_is_no_luck(best: Score) -> None:
    assert luck(best, 10) is None
