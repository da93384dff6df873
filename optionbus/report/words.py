"""The figures in words: the same ones in the browser and on the terminal.

Decides how numbers are written, which figures are the key ones, and what has to be said beside them so that they are
not taken for more than they are. Does not know how they are laid out.
"""

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from msgspec import Struct

from optionbus.report.equity import Drawdown
from optionbus.report.figures import Figures
from optionbus.report.intervals import Estimate, Verdict
from optionbus.report.result import RunResult

NOTHING: Final = "–"  # noqa: RUF001 - the dash of a figure that has no meaning
FEW: Final = 30
"""Below so many trades the normal approximation is a poor one."""

_UNPRINTABLE: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u202a-\u202e\u2066-\u2069]")
"""What has no place in a report: controls, halves of characters, and what turns the direction of writing."""

_MINUTE, _HOUR, _DAY = 60, 3600, 86400

HEADINGS: Final = {
    "asset": "By asset",
    "hour": "By hour of day (UTC)",
    "expiry": "By expiry",
    "direction": "By direction",
    "strategy": "By strategy",
}


class KeyFigure(Struct, frozen=True):
    """A figure, and what is to be said with it."""

    name: str
    value: str
    note: str = ""


def printable(words: str) -> str:
    """Words from outside, without what a terminal or a browser would obey."""
    return _UNPRINTABLE.sub("\ufffd", words)


def money(value: Decimal | float) -> str:
    """With two digits."""
    return f"{value:,.2f}"


def gain(value: Decimal | float) -> str:
    """With two digits and its sign."""
    shown = f"{value:+,.2f}"
    return "0.00" if shown in {"+0.00", "-0.00"} else shown


def percent(part: float | None, digits: int = 1) -> str:
    """Of a part from 0 to 1."""
    return NOTHING if part is None else f"{part * 100:.{digits}f} %"


def percent_range(rate: Estimate | None) -> str:
    """The interval of a rate."""
    if rate is None or rate.low is None or rate.high is None:
        return NOTHING
    return f"{rate.low * 100:.1f} to {rate.high * 100:.1f} %"


def moment(utc_seconds: float) -> str:
    """Date and time, UTC."""
    return datetime.fromtimestamp(utc_seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")


def price(value: float) -> str:
    """As many digits as it has, ten at most."""
    return f"{value:.10g}"


def length(seconds: float) -> str:
    """A stretch of time in its two largest units."""
    left = round(seconds)
    if left < _MINUTE:
        return f"{left} s"
    days, hours, minutes = left // _DAY, left % _DAY // _HOUR, left % _HOUR // _MINUTE
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min {left % _MINUTE} s" if left % _MINUTE else f"{minutes} min"


def counted(number: int, what: str) -> str:
    """``1 trade``, ``2 trades``."""
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def headline(found: Figures) -> str:
    """The verdict, as a sentence."""
    if not found.wins + found.losses:
        return "No trade was decided"
    if found.verdict is Verdict.UNTOLD:
        return "The win rate cannot be told from break-even"
    return f"The win rate is {found.verdict.value}"


def because(found: Figures) -> str:
    """Why it is this verdict, and what would take to know more."""
    decided, rate = found.wins + found.losses, found.win_rate
    if rate is None:
        return "Without a trade that won or lost there is nothing to judge."
    said = (
        f"{percent(rate.value)} of {counted(decided, 'decided trade')} won (95 %: {percent_range(rate)}); "
        f"the payouts need {percent(found.break_even)}."
    )
    needed = found.trades_to_tell_a_point
    if found.verdict is not Verdict.UNTOLD or needed is None:
        return said
    return f"{said} To tell an edge of one point takes about {_about(needed)} decided trades."


def key_figures(found: Figures) -> tuple[KeyFigure, ...]:
    """The figures that are looked at first."""
    rate, ending = found.win_rate, f"{found.draws:,} drawn" if found.draws else ""
    return (
        KeyFigure("Net profit", gain(found.net_profit), f"{_signed_percent(found.return_on_balance)} of the balance"),
        KeyFigure("Trades", f"{found.trades:,}", _joined(f"{found.wins:,} won, {found.losses:,} lost", ending)),
        KeyFigure("Win rate", percent(rate.value if rate else None), f"95 %: {percent_range(rate)}"),
        KeyFigure("Break-even", percent(found.break_even), "what the payouts need"),
        KeyFigure("Per trade", _value(found.expectancy), f"95 %: {_range(found.expectancy)}"),
        KeyFigure("Per unit staked", _value(found.expectancy_per_unit, 3), _unit_note(found.expectancy_per_unit)),
        KeyFigure("Profit factor", _number(found.profit_factor), "won over lost"),
        KeyFigure("Maximum drawdown", *_drawdown(found.drawdown)),
        KeyFigure("Longest losing streak", f"{found.longest_losing_streak:,}", "losses in a row"),
        KeyFigure("Stake", _number(found.mean_stake), f"mean; median {_number(found.median_stake)}"),
        KeyFigure("Time in the market", percent(found.time_in_market), "of the run with a deal open"),
        KeyFigure("Mean over deviation", _number(found.mean_over_deviation, 3), "of one trade, not of a year"),
    )


def remarks(result: RunResult, found: Figures) -> tuple[str, ...]:
    """What has to be said beside the figures, the weightiest first."""
    said = []
    looks, decided = found.looks, found.wins + found.losses
    if looks.groups:
        said.append(
            f"{looks.groups} groups were looked at, {looks.above} of them above break-even. If none did more than "
            f"break even, {looks.above_by_chance:.1f} would be above it on average by chance alone: a lucky hour is no "
            "edge until it is lucky in another run."
        )
    if 1 < decided < FEW:
        said.append(
            f"With {counted(decided, 'decided trade')} the intervals of the means are narrower than they should be."
        )
    if (
        found.staked
        and found.verdict is not Verdict.UNTOLD
        and (found.net_profit > 0) is (found.verdict is Verdict.BELOW)
    ):
        said.append("Profit and verdict disagree: the stakes differ, and those that won were not those that lost.")
    if result.open_orders:
        said.append(
            f"{counted(result.open_orders, 'order')} had no end when the data ended; no figure has "
            f"{'it' if result.open_orders == 1 else 'them'}."
        )
    other = result.final_balance - result.initial_balance - found.net_profit
    if other:
        said.append(f"The balance changed by {gain(other)} {result.currency} that is not of these trades.")
    return tuple(said)


def drawdown_line(fall: Drawdown | None) -> str:
    """When the deepest drawdown was."""
    if fall is None:
        return "The balance never fell below an earlier close."
    ended = "not recovered" if fall.recovery is None else f"recovered {moment(fall.recovery)}"
    depth = "" if fall.percent is None else f" ({fall.percent:.1f} %)"
    return f"Deepest drawdown: {money(fall.money)}{depth} from {moment(fall.begin)} to {moment(fall.trough)}, {ended}."


def _drawdown(fall: Drawdown | None) -> tuple[str, str]:
    if fall is None:
        return "0.00", "it never fell"
    depth = "" if fall.percent is None else f"{fall.percent:.1f} % of the peak"
    return money(-fall.money), _joined(depth, "not recovered" if fall.recovery is None else "recovered")


def _joined(*parts: str) -> str:
    return ", ".join(part for part in parts if part)


def _signed_percent(part: float | None) -> str:
    return NOTHING if part is None else f"{part * 100:+.1f} %"


def _number(value: float | None, digits: int = 2) -> str:
    return NOTHING if value is None else f"{value:,.{digits}f}"


def _value(estimate: Estimate | None, digits: int = 2) -> str:
    return NOTHING if estimate is None else f"{estimate.value:+,.{digits}f}"


def _range(estimate: Estimate | None, digits: int = 2) -> str:
    if estimate is None or estimate.low is None or estimate.high is None:
        return NOTHING
    return f"{estimate.low:+,.{digits}f} to {estimate.high:+,.{digits}f}"


def _unit_note(estimate: Estimate | None) -> str:
    return f"95 %: {_range(estimate, 3)}"


def _about(number: int) -> str:
    """Rounded to two digits: it is no exact number."""
    size = 10 ** max(0, len(str(number)) - 2)
    return f"{round(number / size) * size:,}"
