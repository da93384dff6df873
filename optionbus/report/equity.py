"""How the balance went from close to close, and how far it fell.

Decides what a drawdown, a losing streak and the time in the market are. Pure functions of a run. Does not know the
money that is out in open deals: a stake counts when its deal has closed.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from msgspec import Struct

from messages.trading import Outcome
from optionbus.report.result import RunResult, Trade


class EquityPoint(Struct, frozen=True, array_like=True, gc=False):
    """The balance from a time (UTC seconds) on."""

    time: float
    balance: Decimal


class Drawdown(Struct, frozen=True, kw_only=True):
    """A fall from a peak of the balance. ``recovery`` is None where the peak was not reached again."""

    money: Decimal
    percent: float | None
    """Of the peak; None where that was not above zero."""
    peak: Decimal
    begin: float
    """When the balance was last at its peak."""
    trough: float
    recovery: float | None


def equity_curve(result: RunResult) -> tuple[EquityPoint, ...]:
    """The balance at the beginning, and after each moment at which deals closed."""
    balance, points = result.initial_balance, [EquityPoint(result.begin, result.initial_balance)]
    for trade in result.trades:
        balance += trade.profit
        if len(points) > 1 and points[-1].time == trade.close_time:
            points.pop()  # what closed in one moment has no order
        points.append(EquityPoint(trade.close_time, balance))
    return tuple(points)


def deepest_drawdown(curve: Sequence[EquityPoint]) -> Drawdown | None:
    """The fall that cost the most money, the first of several; None where the balance never fell."""
    peak = curve[0]
    top, low, deepest = peak, peak, Decimal(0)
    for point in curve:
        if point.balance >= peak.balance:
            peak = point
        elif peak.balance - point.balance > deepest:
            top, low, deepest = peak, point, peak.balance - point.balance
    if not deepest:
        return None
    later = (point.time for point in curve if point.time > low.time and point.balance >= top.balance)
    return Drawdown(
        money=deepest,
        percent=float(deepest / top.balance * 100) if top.balance > 0 else None,
        peak=top.balance,
        begin=top.time,
        trough=low.time,
        recovery=next(later, None),
    )


def longest_losing_streak(trades: Iterable[Trade]) -> int:
    """The most losses in a row, in the order of their closes; a draw neither adds to them nor ends them."""
    longest = streak = 0
    for trade in trades:
        if trade.outcome is Outcome.LOSS:
            streak += 1
            longest = max(longest, streak)
        elif trade.outcome is Outcome.WIN:
            streak = 0
    return longest


def time_in_market(result: RunResult) -> float | None:
    """The part of the run, from 0 to 1, in which at least one deal was open; None for a run without length."""
    if result.end <= result.begin:
        return None
    held, until = 0.0, result.begin
    for begin, end in sorted((trade.open_time, trade.close_time) for trade in result.trades):
        begins, ends = max(begin, until), min(end, result.end)
        if ends > begins:
            held, until = held + ends - begins, ends
    return held / (result.end - result.begin)
