"""The picture of a report: how many times better than its goal each row is, and where its floor lies.

Decides the drawing. Needs matplotlib (extra bench), and says so where that is missing.
"""

from pathlib import Path
from typing import Any, Final

from benchmarks.report import Line, Report, Spread
from benchmarks.rows import Row, Verdict
from messages.errors import UsageError

_COLOURS: Final = {
    Verdict.GOAL: "#2a9d4a",
    Verdict.FLOOR: "#e0a100",
    Verdict.BELOW: "#c0392b",
    Verdict.FAILED: "#c0392b",
}


def plot(report: Report, file: Path) -> None:
    """Write it as PNG. Raises UsageError where it cannot be drawn."""
    try:
        from matplotlib.figure import Figure  # noqa: PLC0415 - an extra
    except ImportError:
        raise UsageError("A plot needs matplotlib: install the extra bench, or leave --plot out.") from None
    measured = [(line, line.value) for line in reversed(report.lines) if line.value is not None]
    figure = Figure(figsize=(9, 1.4 + 0.32 * len(measured)), layout="constrained")
    axes = figure.subplots()
    for place, (line, value) in enumerate(measured):
        _draw(axes, place, line, value)
    axes.set_xscale("log")
    axes.axvline(1, color="black", linewidth=1)
    axes.set_yticks(range(len(measured)), [line.row.what for line, _ in measured], fontsize=8)
    axes.grid(axis="x", which="both", alpha=0.2)
    axes.set_xlabel("times better than the goal; ticks: the floor; whiskers: the least and the most", fontsize=8)
    axes.set_title(f"{report.machine}; medians of {report.repetitions}", fontsize=9)
    figure.savefig(file, format="png", dpi=130)


def score(row: Row, value: float) -> float:
    """How many times better than the goal."""
    return value / row.goal if row.at_least else row.goal / value


def _draw(axes: Any, place: int, line: Line, value: Spread) -> None:  # noqa: ANN401 - matplotlib may be missing
    row, middle = line.row, score(line.row, value.median)
    low, high = sorted((score(row, value.least), score(row, value.most)))
    whiskers = [[middle - low], [high - middle]]
    axes.errorbar(middle, place, xerr=whiskers, fmt="o", markersize=5, capsize=2, color=_COLOURS[line.verdict])
    axes.plot(score(row, row.floor), place, marker="|", markersize=9, color="#777777")
