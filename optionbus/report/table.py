"""The report on a terminal.

Decides what is shown of it there: the verdict, the key figures, the groups and the reasons of refusals. Colours only
where the stream is a terminal. The trades themselves are in the other reports. Does not know where the run came from.
"""

from itertools import chain
from typing import Final, TextIO

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from optionbus.report import tally
from optionbus.report.figures import Figures, figures
from optionbus.report.intervals import Verdict
from optionbus.report.result import RunResult
from optionbus.report.tally import Breakdown
from optionbus.report.words import (
    HEADINGS,
    because,
    drawdown_line,
    gain,
    headline,
    key_figures,
    moment,
    percent,
    percent_range,
    printable,
    remarks,
)

STYLES: Final = {Verdict.ABOVE: "green", Verdict.BELOW: "red", Verdict.UNTOLD: "yellow"}
MOST_REASONS: Final = 10

_UNBOUNDED: Final = 10_000
"""Columns of what is no terminal: whatever reads it wants whole lines."""


def print_report(result: RunResult, stream: TextIO) -> None:
    """Show the report of a run."""
    show(as_table(result), stream)


def show(shown: RenderableType, stream: TextIO) -> None:
    """Print it, with colours on a terminal alone."""
    is_terminal = stream.isatty()
    console = Console(
        file=stream,
        highlight=False,
        width=None if is_terminal else _UNBOUNDED,
        color_system="auto" if is_terminal else None,
        force_terminal=is_terminal,
    )
    console.print(shown)


def as_table(result: RunResult) -> RenderableType:
    """All that is shown."""
    found = figures(result)
    parts: list[RenderableType] = [
        _key_figures(found),
        Text(drawdown_line(found.drawdown)),
        *(_breakdown(each) for each in found.breakdowns if each.groups),
        *([_refusals(found)] if found.refusals else []),
        *(Text(printable(each)) for each in remarks(result, found)),
    ]
    return Group(
        Text(headline(found), f"bold {STYLES[found.verdict]}"),
        Text(because(found)),
        Text(printable(", ".join(result.strategies)), "dim"),
        Text(f"{moment(result.begin)} to {moment(result.end)} UTC, money in {printable(result.currency)}", "dim"),
        *chain.from_iterable((Text(), part) for part in parts),
    )


def _key_figures(found: Figures) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column()
    table.add_column(justify="right")
    table.add_column(style="dim")
    for each in key_figures(found):
        table.add_row(each.name, Text(each.value, "bold"), each.note)
    return table


def _breakdown(breakdown: Breakdown) -> Table:
    table = _table(HEADINGS[breakdown.by], "trades", "win rate", "95 %", "break-even", "profit")
    for group in breakdown.groups:
        table.add_row(
            Text(printable(group.name)),
            f"{group.trades:,}",
            Text(percent(group.win_rate.value if group.win_rate else None), _style(group)),
            percent_range(group.win_rate),
            percent(group.break_even),
            Text(gain(group.profit), "green" if group.profit > 0 else "red" if group.profit < 0 else ""),
        )
    return table


def _style(group: tally.Group) -> str:
    """Only what can be told apart has a colour."""
    return "" if group.verdict is Verdict.UNTOLD else STYLES[group.verdict]


def _refusals(found: Figures) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("orders that came to nothing", justify="right")
    table.add_column("reason", overflow="fold")
    for each in found.refusals[:MOST_REASONS]:
        table.add_row(f"{each.orders:,}", Text(printable(each.reason)))
    rest = found.refusals[MOST_REASONS:]
    if rest:
        table.add_row(f"{sum(each.orders for each in rest):,}", Text("other reasons", "dim"))
    return table


def _table(first: str, *others: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column(first, min_width=20, overflow="fold")
    for other in others:
        table.add_column(other, justify="right", min_width=8)
    return table
