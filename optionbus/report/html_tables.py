"""The tables of the page: groups, trades, refusals, and what the run was given.

Decides their columns, and how many rows are shown. Does not know where on the page they stand.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from optionbus.report.figures import Figures
from optionbus.report.html_bars import profit_bar, rate_bar
from optionbus.report.markup import Markup, element, joined, table, text
from optionbus.report.parameters import parameter_text, without_folders
from optionbus.report.result import RunResult, Trade
from optionbus.report.tally import Breakdown, Group
from optionbus.report.words import HEADINGS, counted, gain, length, moment, money, percent, percent_range, price

SHOWN_AT_EACH_END: Final = 100
MOST_REASONS: Final = 30


def breakdown_table(breakdown: Breakdown) -> Markup:
    """What came of each group."""
    most = max((abs(group.profit) for group in breakdown.groups), default=Decimal(0))
    heads = (breakdown.by, "trades", "win rate", "", "95 %", "break-even", "profit", "")
    rows = (_group(group, most) for group in breakdown.groups)
    return joined(
        [
            element("h3", text(HEADINGS[breakdown.by])),
            element("div", table(heads, rows, numbers=frozenset({1, 2, 4, 5, 6})), class_="wrap"),
        ]
    )


def _group(group: Group, most: Decimal) -> tuple[Markup, ...]:
    return (
        text(group.name),
        text(f"{group.trades:,}"),
        text(percent(group.win_rate.value if group.win_rate else None)),
        rate_bar(group.win_rate, group.break_even, group.verdict),
        text(percent_range(group.win_rate)),
        text(percent(group.break_even)),
        gained(group.profit),
        profit_bar(group.profit, most),
    )


def trades_table(trades: tuple[Trade, ...]) -> Markup:
    """Every trade; of too many the first and the last."""
    heads = (
        "opened (UTC)",
        "asset",
        "direction",
        "expiry",
        "stake",
        "payout",
        "open",
        "close",
        "outcome",
        "profit",
        "strategy",
    )
    numbers = frozenset({3, 4, 5, 6, 7, 9})
    left_out = len(trades) - 2 * SHOWN_AT_EACH_END
    if left_out <= 0:
        return table(heads, map(_trade, trades), numbers=numbers)
    said = f"{counted(left_out, 'trade')} between these and the next are left out here. The report in JSON has all."
    return joined(
        [
            table(heads, map(_trade, trades[:SHOWN_AT_EACH_END]), numbers=numbers),
            element("p", text(said), class_="soft"),
            table(heads, map(_trade, trades[-SHOWN_AT_EACH_END:]), numbers=numbers),
        ]
    )


def _trade(trade: Trade) -> tuple[Markup, ...]:
    return (
        text(moment(trade.open_time)),
        text(trade.symbol),
        text(("▲ " if trade.direction.value == "call" else "▼ ") + trade.direction.value),
        text(f"{trade.duration_seconds} s"),
        text(money(trade.stake)),
        text(f"{trade.payout_percent} %"),
        text(price(trade.open_price)),
        text(price(trade.close_price)),
        element("span", text(trade.outcome.value), class_=trade.outcome.value),
        gained(trade.profit),
        text(trade.strategy),
    )


def refusals_table(found: Figures) -> Markup:
    """The most frequent reasons why orders came to nothing."""
    rows = [(text(f"{each.orders:,}"), text(each.reason)) for each in found.refusals[:MOST_REASONS]]
    rest = found.refusals[MOST_REASONS:]
    if rest:
        rows.append((text(f"{sum(each.orders for each in rest):,}"), text(f"{counted(len(rest), 'other reason')}")))
    return element("div", table(("orders", "reason"), rows), class_="wrap")


def assumptions_table(result: RunResult) -> Markup:
    """What the run was given, and what is taken for granted in the figures."""
    rows = [(text(name), text(value)) for name, value in _assumptions(result)]
    return element("div", table(("what", "value"), rows), class_="wrap")


def _assumptions(result: RunResult) -> Iterator[tuple[str, str]]:
    yield "prices", f"{without_folders(result.source)}; {counted(result.ticks, 'tick')}"
    yield "period", f"{moment(result.begin)} to {moment(result.end)} UTC ({length(result.end - result.begin)})"
    yield "balance", f"{money(result.initial_balance)} to {money(result.final_balance)} {result.currency}"
    payouts = sorted({trade.payout_percent for trade in result.trades})
    if payouts:
        yield "payouts", f"{payouts[0]} %" if len(payouts) == 1 else f"{payouts[0]} to {payouts[-1]} %"
    for strategy in sorted(result.parameters):
        given = result.parameters[strategy]
        for name in sorted(given):
            yield f"{strategy}: {name}", parameter_text(given[name])


def gained(profit: Decimal) -> Markup:
    """A profit, coloured by its sign."""
    return element("span", text(gain(profit)), class_="gain" if profit > 0 else "fall" if profit < 0 else None)
