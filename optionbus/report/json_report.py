"""The report for programs: all figures, trades and refusals as JSON.

Decides its shape: money is text, times are UTC seconds, rates go from 0 to 1, and what has no meaning is null. The same
run gives the same bytes, on any machine and on any day. The candles are not in it. Does not know where it is kept.
"""

from typing import Final

import msgspec
from msgspec import Struct

from optionbus.report.figures import Figures, figures
from optionbus.report.parameters import plain, without_folders
from optionbus.report.result import Refusal, RunResult, Trade

VERSION: Final = 1


class RunDescription(Struct, frozen=True, kw_only=True):
    """What was run, and on what."""

    strategies: tuple[str, ...]
    parameters: dict[str, object]
    source: str
    begin: float
    end: float
    ticks: int
    currency: str


class JsonReport(Struct, frozen=True, kw_only=True):
    """The whole document. ``version`` changes when a field changes its meaning or goes away."""

    version: int
    run: RunDescription
    figures: Figures
    trades: tuple[Trade, ...]
    refusals: tuple[Refusal, ...]


def as_json(result: RunResult) -> bytes:
    """The report of a run; ends with a new line."""
    report = JsonReport(
        version=VERSION,
        run=RunDescription(
            strategies=result.strategies,
            parameters={name: plain(result.parameters[name]) for name in sorted(result.parameters)},
            source=without_folders(result.source),
            begin=result.begin,
            end=result.end,
            ticks=result.ticks,
            currency=result.currency,
        ),
        figures=figures(result),
        trades=result.trades,
        refusals=result.refusals,
    )
    return msgspec.json.format(msgspec.json.encode(report, order="deterministic"), indent=1) + b"\n"
