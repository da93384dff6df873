"""What came of a sweep, on a terminal.

Decides what is shown of it: the best, beside what came of them after the split, how many they were chosen from, and
what the best of so many would look like by luck. Colours only where the stream is a terminal, and only for what the
best was not chosen by. Does not know how it was run.
"""

from typing import Final, TextIO

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from optionbus.backtest.score import Luck, Objective, Score
from optionbus.backtest.sweep import Candidate, SweepResult, as_words
from optionbus.report.intervals import Estimate, Verdict, verdict
from optionbus.report.table import STYLES, show
from optionbus.report.words import counted, moment, percent, percent_range, printable

MOST_REASONS: Final = 5

_JUDGED_BY: Final = {
    Objective.PROFIT_LOW: "the lower end of the 95 % interval of the profit per unit staked",
    Objective.RATE_LOW: "the lower end of the 95 % interval of the win rate, less break-even",
    Objective.PROFIT: "the profit per unit staked, however few the trades",
}


def print_sweep(result: SweepResult, stream: TextIO) -> None:
    """Show it."""
    show(as_table(result), stream)


def as_table(result: SweepResult) -> RenderableType:
    """All that is shown."""
    upto = result.end if result.validate_from is None else result.validate_from
    ranges = ", ".join(f"{name}={text}" for name, text in result.ranges.items())
    parts: list[RenderableType] = [
        Text(printable(f"{result.strategy} on {result.source}: {ranges}"), "bold"),
        Text(f"Trials are of {moment(result.begin)} to {moment(upto)} UTC, judged by {_JUDGED_BY[result.objective]}."),
        Text(_counts(result)),
        *(Text(printable(line), "dim") for line in _reasons(result)),
        Text(),
    ]
    if not result.best:
        return Group(*parts, Text("No trial could be judged.", "bold yellow"))
    parts += [_best(result), Text(), *(Text(line) for line in _warnings(result))]
    return Group(*parts, Text(printable(f"The sweep is called {result.name}."), "dim"))


def _counts(result: SweepResult) -> str:
    parts = [
        f"{counted(result.trials, 'trial')}, {counted(result.looked_at, 'combination')} to choose the best from",
        *([f"{result.repeated} repeated"] if result.repeated else []),
        *([f"{result.unjudged} not judged"] if result.unjudged else []),
        *([f"{result.failed} failed"] if result.failed else []),
        *([f"{result.elsewhere} still run elsewhere"] if result.elsewhere else []),
    ]
    return "; ".join(parts) + "."


def _reasons(result: SweepResult) -> list[str]:
    return [f"  {number:,} x {reason}" for reason, number in list(result.reasons.items())[:MOST_REASONS]]


def _best(result: SweepResult) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("the best", overflow="fold")
    headings = ["trades", "win rate", "95 %", "break-even", "per unit", "95 % of it"]
    if result.validate_from is not None:
        headings += [f"after: {each}" if each == "trades" else each for each in headings if each != "break-even"]
    for heading in headings:
        table.add_column(heading, justify="right")
    for each in result.best:
        table.add_row(*_row(each, is_split=result.validate_from is not None))
    return table


def _row(candidate: Candidate, *, is_split: bool) -> list[Text]:
    score, later = candidate.score, candidate.validated
    words = Text(printable(as_words(candidate.parameters)))
    row = [words, *_rates(score, ""), Text(percent(score.break_even)), *_units(score)]
    if not is_split:
        return row
    return [*row, *([Text("-")] * 5 if later is None else [*_rates(later, _style(later)), *_units(later)])]


def _style(score: Score) -> str:
    found = verdict(score.win_rate, score.break_even)
    return "" if found is Verdict.UNTOLD else STYLES[found]


def _rates(score: Score, style: str) -> list[Text]:
    rate = percent(None if score.win_rate is None else score.win_rate.value)
    return [Text(f"{score.trades:,}"), Text(rate, style), Text(percent_range(score.win_rate))]


def _units(score: Score) -> list[Text]:
    return [Text(_value(score.per_unit)), Text(_range(score.per_unit))]


def _value(estimate: Estimate | None) -> str:
    return "-" if estimate is None else f"{estimate.value:+.3f}"


def _range(estimate: Estimate | None) -> str:
    if estimate is None or estimate.low is None or estimate.high is None:
        return "-"
    return f"{estimate.low:+.3f} to {estimate.high:+.3f}"


def _warnings(result: SweepResult) -> list[str]:
    lines = [] if result.luck is None else _luck(result.luck)
    if result.validate_from is None:
        return [*lines, "Nothing was kept aside to check the best with: split the time (--validate-from)."]
    since = f"What is after {moment(result.validate_from)} UTC no trial has seen"
    return [*lines, f"{since}: judge by that, and look at it once. Who chooses by it has nothing left to check with."]


def _luck(luck: Luck) -> list[str]:
    usual = f"{percent(luck.win_rate)} of {luck.trades:,} trades ({luck.per_unit:+.3f} per unit)"
    rare = f"{percent(luck.rare_win_rate)} ({luck.rare_per_unit:+.3f})"
    compared = "has won more often than that" if luck.is_exceeded else "has not won more often than that"
    many = f"Luck: the best of {counted(luck.trials, 'combination')} that all just break even"
    return [
        f"{many} would win about {usual}, and in one sweep of twenty {rare}.",
        f"The best here {compared}: it {'may be more than' if luck.is_exceeded else 'cannot be told from'} luck.",
    ]
