"""What a trial of a sweep is worth, and how much of that the best of many owes to luck.

Theory of operation. A trial is judged by the lower end of an interval of 95 %: a few lucky trades have a wide one. That
does not undo the choosing: of many trials that all just break even the best looks good. How good is known. The win
rates of n trades lie around the break-even rate b with the deviation sqrt(b · (1 - b) / n), and the largest of k draws
from a normal distribution is about (1 - g) · q(1 - 1/k) + g · q(1 - 1/(e·k)), with its quantiles q and Euler's
constant g. Trials that trade alike count for fewer than k, so that this is rather too much than too little.

Decides what is counted, and the formulas. Pure: no files, no clock. Does not know what was tried.
"""

import math
from enum import Enum
from statistics import NormalDist
from typing import Final

from msgspec import Struct

from optionbus.report.figures import figures
from optionbus.report.intervals import Estimate
from optionbus.report.result import RunResult

LEAST_TRADES: Final = 30
"""With fewer trades a trial is not judged: the intervals do not hold for so few."""

_GAMMA: Final = 0.5772156649015329
_RARE: Final = 0.95


class Objective(Enum):
    """What makes one trial better than another."""

    PROFIT_LOW = "profit-low"
    """The lower end of the interval of the profit of one unit staked."""
    RATE_LOW = "rate-low"
    """The lower end of the interval of the win rate, less the break-even rate."""
    PROFIT = "profit"
    """The profit of one unit staked, however few the trades: chooses the lucky."""


class Score(Struct, frozen=True, kw_only=True):
    """What came of one run. ``worth`` is what is compared; without one there is a ``reason``."""

    worth: float | None
    reason: str = ""
    has_failed: bool = False
    """Whether it could not be run to its end."""
    trades: int = 0
    wins: int = 0
    losses: int = 0
    win_rate: Estimate | None = None
    break_even: float | None = None
    per_unit: Estimate | None = None
    """The profit of one unit staked."""
    net_profit: str = "0"


class Luck(Struct, frozen=True, kw_only=True):
    """What the best of so many trials would look like, had all of them just broken even."""

    trials: int
    trades: int
    win_rate: float
    """Of the luckiest, on average."""
    per_unit: float
    """The profit of one unit staked that goes with it."""
    rare_win_rate: float
    """What the luckiest reaches in one sweep of twenty."""
    rare_per_unit: float
    is_exceeded: bool
    """Whether the best one has won more often than even that."""


def failed(reason: str) -> Score:
    """Of a trial that could not be run to its end."""
    return Score(worth=None, reason=reason, has_failed=True)


def score(result: RunResult, objective: Objective, least_trades: int = LEAST_TRADES) -> Score:
    """Judge a run."""
    found = figures(result)
    worth, reason = None, ""
    if found.trades < max(least_trades, 1):
        reason = f"{found.trades} trades, fewer than {max(least_trades, 1)}"
    else:
        worth = _worth(objective, found.win_rate, found.break_even, found.expectancy_per_unit)
        reason = "" if worth is not None else "no trade was decided"
    return Score(
        worth=worth,
        reason=reason,
        trades=found.trades,
        wins=found.wins,
        losses=found.losses,
        win_rate=found.win_rate,
        break_even=found.break_even,
        per_unit=found.expectancy_per_unit,
        net_profit=str(found.net_profit),
    )


def luck(best: Score, trials: int) -> Luck | None:
    """How the best of so many trials compares with the luckiest; None where nothing was decided."""
    decided, even = best.wins + best.losses, best.break_even
    if not decided or even is None or best.win_rate is None or not 0 < even < 1 or trials < 1:
        return None
    deviation = math.sqrt(even * (1 - even) / decided)
    usual = min(1.0, even + _largest(trials) * deviation)
    rare = min(1.0, even + NormalDist().inv_cdf(_RARE ** (1 / trials)) * deviation)
    return Luck(
        trials=trials,
        trades=decided,
        win_rate=usual,
        per_unit=usual / even - 1,
        rare_win_rate=rare,
        rare_per_unit=rare / even - 1,
        is_exceeded=best.win_rate.value > rare,
    )


def _worth(objective: Objective, rate: Estimate | None, even: float | None, per_unit: Estimate | None) -> float | None:
    if rate is None or even is None or per_unit is None:
        return None
    low = 0.0 if rate.low is None else rate.low
    match objective:
        case Objective.RATE_LOW:
            return low - even
        case Objective.PROFIT_LOW:  # where all trades ended alike, there is an interval of the win rate only
            return low / even - 1 if per_unit.low is None else per_unit.low
        case Objective.PROFIT:
            return per_unit.value


def _largest(draws: int) -> float:
    """About the mean of the largest of so many draws from the normal distribution; of one it is 0."""
    if draws == 1:
        return 0.0
    quantile = NormalDist().inv_cdf
    return (1 - _GAMMA) * quantile(1 - 1 / draws) + _GAMMA * quantile(1 - 1 / (draws * math.e))
