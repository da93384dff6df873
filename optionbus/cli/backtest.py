"""``backtest``: strategies on prices of the past, and the report of what came of it.

Decides where the prices come from and where the report goes. Does not know how a run goes (``optionbus.backtest``).
"""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal, InvalidOperation
from typing import Final

from rich.console import Console
from rich.progress import Progress

from messages.errors import BusError, UsageError
from optionbus import MarketSettings
from optionbus.backtest.engine import Backtest, Failures
from optionbus.backtest.source import DEFAULT_BEGIN, DEFAULT_SECONDS, SimulatedSource
from optionbus.cli.arguments import Options
from optionbus.cli.strategies import load_strategies
from optionbus.data.checks import check
from optionbus.data.columns import Columns
from optionbus.data.data_file import read_data
from optionbus.data.source import TickSource
from optionbus.report.json_report import as_json
from optionbus.report.result import RunResult
from optionbus.report.table import print_report
from optionbus.report.writing import write_report

FAILED, CALLED_WRONGLY = 1, 2

_SIMULATED: Final = "simulated:"


def backtest(options: Options) -> int:
    """Run it to its end; gives the exit code."""
    try:
        result = _run(options)
        written = () if options.report is None else write_report(result, options.report)
    except BusError as error:
        print(f"optionbus: {error}", file=sys.stderr)
        return CALLED_WRONGLY if isinstance(error, UsageError) else FAILED
    if options.json:
        sys.stdout.write(as_json(result).decode())
    else:
        print_report(result, sys.stdout)
    for file in written:
        print(f"The report is in {file}.", file=options.progress)
    return 0


def _run(options: Options) -> RunResult:
    strategies = load_strategies(options, options.own_assets or None)
    wanted = list(dict.fromkeys(asset for kind in strategies for asset in kind.assets))
    source, begin, end = data_source(options, wanted)
    if not options.own_assets and not set(wanted) <= set(source.symbols):
        strategies = load_strategies(options, source.symbols)
    failures = Failures()
    run = Backtest(
        strategies,
        source,
        begin=options.begin,
        end=options.end,
        market=market_settings(options),
        seed=options.seed or 0,
        log_sink=failures,
    )
    result = _played(run, source.name, begin, end)
    if failures.count:
        print(f"optionbus: failures: {failures.count}, the last one of {failures.last}", file=sys.stderr)
    return result


def _played(run: Backtest, name: str, begin: float, end: float) -> RunResult:
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal) as progress, _noted() as interrupts:
        task = progress.add_task(name, total=max(end - begin, 1.0))

        def show(time: float, _ticks: int) -> None:
            if interrupts:
                raise KeyboardInterrupt
            progress.update(task, completed=time - begin)

        return run.run(show)


@contextmanager
def _noted() -> Iterator[list[int]]:
    """Ctrl-C is noted, and not raised within whatever a strategy is doing, which would count as its failure."""
    interrupts: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _frame: interrupts.append(number))
    try:
        yield interrupts
    finally:
        signal.signal(signal.SIGINT, before)


def data_source(options: Options, wanted: list[str]) -> tuple[TickSource, float, float]:
    """The prices, and between which times there are any."""
    if options.data.startswith(_SIMULATED):
        begin = DEFAULT_BEGIN if options.begin is None else options.begin
        end = begin + DEFAULT_SECONDS if options.end is None else options.end
        return SimulatedSource(_seed(options.data), wanted), begin, end
    columns = None if options.columns is None else Columns.parse(options.columns)
    symbol = options.own_assets[0] if len(options.own_assets) == 1 else None
    data = read_data(options.data, columns, symbol)
    print(data.reading, file=sys.stderr)
    findings = check(data, max_gap_seconds=options.max_gap)
    for remark in findings.remarks:
        print(remark, file=sys.stderr)
    findings.raise_errors()
    begin = options.begin if options.begin is not None else findings.begin or 0.0
    return data, begin, options.end if options.end is not None else findings.end or 0.0


def _seed(text: str) -> int:
    try:
        return int(text.removeprefix(_SIMULATED))
    except ValueError:
        raise UsageError(f"{text!r} names no seed: write simulated:7, or any other whole number.") from None


def market_settings(options: Options) -> MarketSettings:
    """The market that was said."""
    try:
        balance = Decimal(options.balance)
    except InvalidOperation:
        balance = Decimal("NaN")
    if not (balance.is_finite() and balance > 0):
        raise UsageError(f"--balance {options.balance!r} is no amount: give one above 0, such as 1000.")
    if not 0 <= options.payout <= 1000 or not 0 <= options.slippage < 1:  # noqa: PLR2004 - percent, and a part
        raise UsageError("--payout is percent of the stake, such as 92, and --slippage a part of the price, as 0.0001.")
    return MarketSettings(
        balance=balance,
        payout_percent=options.payout,
        latency_seconds=options.latency,
        slippage=options.slippage,
    )
