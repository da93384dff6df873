"""Covers optionbus.report.equity."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from optionbus.report.equity import (
    Drawdown,
    EquityPoint,
    deepest_drawdown,
    equity_curve,
    longest_losing_streak,
    time_in_market,
)
from tests.optionbus.report.runs import BEGIN, run, trade


def curve(*balances: int) -> tuple[EquityPoint, ...]:
    """One balance a second."""
    return tuple(EquityPoint(float(time), Decimal(balance)) for time, balance in enumerate(balances))


def fall(money: int, percent: float, peak: int, begin: int, trough: int, recovery: int | None) -> Drawdown:
    return Drawdown(
        money=Decimal(money), percent=percent, peak=Decimal(peak), begin=begin, trough=trough, recovery=recovery
    )


@pytest.mark.parametrize(
    ("balances", "expected"),
    [
        pytest.param((100,), None, id="one point"),
        pytest.param((100, 110, 110, 120), None, id="never fell"),
        pytest.param((100, 80), fall(20, 20.0, 100, 0, 1, None), id="not recovered"),
        pytest.param((100, 80, 99), fall(20, 20.0, 100, 0, 1, None), id="not quite recovered"),
        pytest.param((100, 80, 100), fall(20, 20.0, 100, 0, 1, 2), id="recovered to the peak"),
        pytest.param((100, 75, 90, 130, 120), fall(25, 25.0, 100, 0, 1, 3), id="recovered above the peak"),
        pytest.param((100, 90, 100, 200, 150, 210), fall(50, 25.0, 200, 3, 4, 5), id="the deeper one comes later"),
        pytest.param((100, 50, 200, 160), fall(50, 50.0, 100, 0, 1, 2), id="the deeper one comes first"),
        pytest.param((100, 90, 100, 90), fall(10, 10.0, 100, 0, 1, 2), id="the first of two as deep"),
        pytest.param((100, 100, 90), fall(10, 10.0, 100, 1, 2, None), id="begins when last at the peak"),
        pytest.param((100, 90, 95, 80, 100), fall(20, 20.0, 100, 0, 3, 4), id="a rise on the way down"),
        pytest.param((100, 80, 85, 80, 100), fall(20, 20.0, 100, 0, 1, 4), id="the trough is reached twice"),
    ],
)
def test_the_deepest_drawdown_is(balances: tuple[int, ...], expected: Drawdown | None) -> None:
    assert deepest_drawdown(curve(*balances)) == expected


def test_a_fall_from_nothing_has_no_percentage() -> None:
    drawdown = deepest_drawdown(curve(0, -10))

    assert drawdown is not None
    assert (drawdown.money, drawdown.percent) == (Decimal(10), None)


def test_the_curve_begins_with_the_balance_and_has_each_close() -> None:
    points = equity_curve(run("WLD"))

    assert points == (
        EquityPoint(BEGIN, Decimal(1000)),
        EquityPoint(BEGIN + 60, Decimal("1009.2")),
        EquityPoint(BEGIN + 180, Decimal("999.2")),
        EquityPoint(BEGIN + 300, Decimal("999.2")),
    )


def test_what_closes_in_one_moment_is_one_point() -> None:
    points = equity_curve(run([trade(0, "L"), trade(0, "W")]))

    assert points == (EquityPoint(BEGIN, Decimal(1000)), EquityPoint(BEGIN + 60, Decimal("999.2")))


def test_a_close_at_the_very_beginning_leaves_the_first_point() -> None:
    early = replace(trade(0, "W"), close_time=BEGIN)

    assert [point.balance for point in equity_curve(run([early]))] == [Decimal(1000), Decimal("1009.2")]


@pytest.mark.parametrize(
    ("letters", "longest"),
    [("", 0), ("W", 0), ("L", 1), ("LLWL", 2), ("LWLLL", 3), ("LDL", 2), ("DDD", 0), ("LDWDL", 1)],
)
def test_the_longest_losing_streak_is(letters: str, longest: int) -> None:
    assert longest_losing_streak(run(letters).trades) == longest


def test_time_in_the_market_counts_each_moment_once() -> None:
    # open from 0 to 60, from 30 to 90 and from 120 to 180: 90 + 60 of 300 seconds
    trades = [trade(0, "W"), replace(trade(0, "L"), open_time=BEGIN + 30, close_time=BEGIN + 90), trade(1, "W")]

    assert time_in_market(run(trades, end=BEGIN + 300)) == pytest.approx(150 / 300)


def test_time_in_the_market_ends_with_the_run() -> None:
    assert time_in_market(run([trade(0, "W", duration=600)], end=BEGIN + 300)) == 1.0


def test_a_deal_within_another_adds_no_time() -> None:
    trades = [trade(0, "W", duration=200), trade(1, "L", duration=30)]

    assert time_in_market(run(trades, end=BEGIN + 400)) == pytest.approx(0.5)


def test_a_run_without_length_has_no_time_in_the_market() -> None:
    assert time_in_market(run(end=BEGIN)) is None
