"""What is shown of a contest: a table for people, an object for machines, and whether it was good enough.

Decides what counts: in the full form every row, in the short one ratios alone. Does not measure anything.
"""

import os
import platform
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Final

from msgspec import Struct
from msgspec.structs import replace
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from benchmarks.rows import RUNS, Repetition, Row, Verdict
from benchmarks.task import Figures

_COLOURS: Final = {
    Verdict.GOAL: "green",
    Verdict.FLOOR: "yellow",
    Verdict.BELOW: "bold red",
    Verdict.FAILED: "bold red",
    Verdict.UNKNOWN: "dim",
}


class Spread(Struct, frozen=True):
    """Many values of one thing."""

    median: float
    least: float
    most: float
    values: tuple[float, ...]

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread | None":
        """None where there are no values."""
        return cls(median(values), min(values), max(values), tuple(values)) if values else None


class Line(Struct, frozen=True, kw_only=True):
    """One row, measured."""

    row: Row
    value: Spread | None
    verdict: Verdict


class Report(Struct, frozen=True, kw_only=True):
    """All of it. ``figures`` are the medians and spreads of every run, as measured."""

    is_quick: bool
    repetitions: int
    machine: str
    lines: tuple[Line, ...]
    figures: dict[str, dict[str, Spread]]
    problems: dict[str, str]

    @property
    def failures(self) -> tuple[Line, ...]:
        """What is not good enough."""
        return tuple(line for line in self.lines if line.verdict in (Verdict.BELOW, Verdict.FAILED))


def report(
    rows: Sequence[Row], repetitions: Sequence[Repetition], problems: Mapping[str, str], *, is_quick: bool
) -> Report:
    """Set out what was measured."""
    runs = dict.fromkeys(run for repetition in repetitions for run in repetition)
    return Report(
        is_quick=is_quick,
        repetitions=len(repetitions),
        machine=f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        lines=tuple(_line(row, repetitions, problems) for row in rows),
        figures={run: _figures_of([each[run] for each in repetitions if run in each]) for run in runs},
        problems=dict(problems),
    )


def revised(report: Report, again: Report) -> Report:
    """The report, with the lines of those rows that were measured once more."""
    newer = {line.row.key: line for line in again.lines}
    return replace(report, lines=tuple(newer.get(line.row.key, line) for line in report.lines))


def _line(row: Row, repetitions: Sequence[Repetition], problems: Mapping[str, str]) -> Line:
    values = row.values(repetitions)
    failed = [run for run in row.runs if run in problems and RUNS[run].contestant != "peer"]
    return Line(row=row, value=Spread.of(values), verdict=Verdict.FAILED if failed else row.verdict(values))


def _figures_of(measured: Sequence[Figures]) -> dict[str, Spread]:
    names = dict.fromkeys(name for figures in measured for name in figures)
    spreads = {name: Spread.of([figures[name] for figures in measured if name in figures]) for name in names}
    return {name: spread for name, spread in spreads.items() if spread is not None}


def show(report: Report, console: Console) -> None:
    """Print it."""
    console.print(_targets(report))
    console.print(_figures(report))
    for name, problem in report.problems.items():
        console.print(f"[yellow]{name}[/]: {escape(problem)}")
    if report.failures:
        console.print(f"[bold red]not good enough:[/] {', '.join(line.row.key for line in report.failures)}")


def _targets(report: Report) -> Table:
    form = "short form, ratios only" if report.is_quick else "full form"
    table = Table(title=f"{report.machine}; medians of {report.repetitions}, {form}", title_justify="left")
    for heading in ("row", "what"):
        table.add_column(heading, no_wrap=heading == "row")
    for heading in ("median", "least … most", "goal", "floor"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("verdict")
    for line in report.lines:
        row, colour = line.row, _COLOURS[line.verdict]
        sign = "≥" if row.at_least else "≤"
        table.add_row(
            row.key,
            row.what,
            "-" if line.value is None else f"{_number(line.value.median)} {row.unit}",
            "" if line.value is None else f"{_number(line.value.least)} … {_number(line.value.most)}",
            f"{sign} {row.goal:g}",
            f"{sign} {row.floor:g}",
            f"[{colour}]{line.verdict.value}[/]",
        )
    return table


def _figures(report: Report) -> Table:
    table = Table(title="As measured", title_justify="left")
    table.add_column("run")
    table.add_column("figure")
    for heading in ("median", "least … most"):
        table.add_column(heading, justify="right")
    for name, figures in report.figures.items():
        for figure, spread in figures.items():
            table.add_row(name, figure, _number(spread.median), f"{_number(spread.least)} … {_number(spread.most)}")
    return table


def _number(value: float) -> str:
    return f"{value:,.0f}".replace(",", " ") if abs(value) >= 1_000 else f"{value:.3g}"  # noqa: PLR2004 - four digits
