"""The figures of a run: what came of it, and what that is worth.

Decides which figures there are. Sums of money are exact (Decimal); means, rates and ratios are float, and None where
they have no meaning. docs/reports.md says what each of them means. Pure: no files, no clock. Does not know how they
are told.
"""

from collections import Counter
from decimal import Decimal
from statistics import median

from msgspec import Struct

from optionbus.report.equity import (
    Drawdown,
    EquityPoint,
    deepest_drawdown,
    equity_curve,
    longest_losing_streak,
    time_in_market,
)
from optionbus.report.intervals import Estimate, Verdict, deviation, mean, ratio, trades_to_tell, verdict, wilson
from optionbus.report.result import Refusal, RunResult, Trade
from optionbus.report.tally import Breakdown, Looks, breakdowns, cells, looks, total


class RefusalCount(Struct, frozen=True, kw_only=True):
    """How often orders came to nothing for the same reason."""

    reason: str
    orders: int


class Figures(Struct, frozen=True, kw_only=True):
    """All figures of a run, in the account's currency. Rates and parts go from 0 to 1."""

    verdict: Verdict
    trades: int
    wins: int
    losses: int
    draws: int
    win_rate: Estimate | None
    """Of the trades that won or lost."""
    break_even: float | None
    """The win rate at which the payouts of these trades would have gained nothing."""
    trades_to_tell_a_point: int | None
    """About how many decided trades it takes to tell a win rate one point off break-even."""
    initial_balance: Decimal
    final_balance: Decimal
    net_profit: Decimal
    return_on_balance: float | None
    profit_factor: float | None
    """What was won over what was lost; None where nothing was lost."""
    staked: Decimal
    mean_stake: float | None
    median_stake: float | None
    expectancy: Estimate | None
    """The mean profit of a trade."""
    expectancy_per_unit: Estimate | None
    """The profit of one unit of stake."""
    mean_over_deviation: float | None
    """The mean profit of a trade over its standard deviation: of a trade, not of a year."""
    longest_losing_streak: int
    time_in_market: float | None
    drawdown: Drawdown | None
    looks: Looks
    breakdowns: tuple[Breakdown, ...]
    refusals: tuple[RefusalCount, ...]
    """The most frequent first."""
    open_orders: int
    equity: tuple[EquityPoint, ...]


class _Money(Struct, frozen=True, kw_only=True):
    """The figures that are about money."""

    net_profit: Decimal
    return_on_balance: float | None
    profit_factor: float | None
    staked: Decimal
    mean_stake: float | None
    median_stake: float | None
    expectancy: Estimate | None
    expectancy_per_unit: Estimate | None
    mean_over_deviation: float | None


def figures(result: RunResult) -> Figures:
    """Count a run."""
    counted = cells(result.trades)
    whole, groups, curve = total(counted.values()), breakdowns(counted), equity_curve(result)
    rate, even, money = wilson(whole.wins, whole.decided), whole.break_even, _money(result)
    return Figures(
        verdict=verdict(rate, even),
        trades=whole.decided + whole.draws,
        wins=whole.wins,
        losses=whole.losses,
        draws=whole.draws,
        win_rate=rate,
        break_even=even,
        trades_to_tell_a_point=trades_to_tell(even),
        initial_balance=result.initial_balance,
        final_balance=result.final_balance,
        net_profit=money.net_profit,
        return_on_balance=money.return_on_balance,
        profit_factor=money.profit_factor,
        staked=money.staked,
        mean_stake=money.mean_stake,
        median_stake=money.median_stake,
        expectancy=money.expectancy,
        expectancy_per_unit=money.expectancy_per_unit,
        mean_over_deviation=money.mean_over_deviation,
        longest_losing_streak=longest_losing_streak(result.trades),
        time_in_market=time_in_market(result),
        drawdown=deepest_drawdown(curve),
        looks=looks(groups),
        breakdowns=groups,
        refusals=_reasons(result.refusals),
        open_orders=result.open_orders,
        equity=curve,
    )


def _money(result: RunResult) -> _Money:
    trades = result.trades
    net, staked = _sum(trades, "profit"), _sum(trades, "stake")
    won = sum((trade.profit for trade in trades if trade.profit > 0), Decimal(0))
    profits, stakes = [float(trade.profit) for trade in trades], [float(trade.stake) for trade in trades]
    spread = deviation(profits)
    return _Money(
        net_profit=net,
        return_on_balance=float(net / result.initial_balance) if result.initial_balance > 0 else None,
        profit_factor=float(won / (won - net)) if won != net else None,
        staked=staked,
        mean_stake=float(staked / len(trades)) if trades else None,
        median_stake=median(stakes) if trades else None,
        expectancy=mean(profits),
        expectancy_per_unit=ratio(profits, stakes),
        mean_over_deviation=float(net / len(trades)) / spread if spread else None,
    )


def _sum(trades: tuple[Trade, ...], field: str) -> Decimal:
    return sum((getattr(trade, field) for trade in trades), Decimal(0))


def _reasons(refusals: tuple[Refusal, ...]) -> tuple[RefusalCount, ...]:
    counted = Counter(refusal.reason for refusal in refusals)
    ordered = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    return tuple(RefusalCount(reason=reason, orders=orders) for reason, orders in ordered)
