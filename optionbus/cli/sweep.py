"""``sweep``: many parameters of a strategy on prices of the past, and which of them are more than luck.

Decides how a sweep is put together of what was said, and how it is ended by a signal: once, and what was found is
shown. Does not know how trials are run and kept (``optionbus.backtest``).
"""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from messages.errors import BusError, UsageError
from optionbus.backtest.score import Objective
from optionbus.backtest.sweep import Sweep, SweepProgress, SweepResult
from optionbus.cli.arguments import Options
from optionbus.cli.backtest import data_source, market_settings
from optionbus.cli.strategies import load_strategies
from optionbus.cli.sweep_table import print_sweep

FAILED, CALLED_WRONGLY, INTERRUPTED = 1, 2, 130
VERSION: Final = 1
"""Of the JSON; changes when a field changes its meaning or goes away."""


def sweep(options: Options) -> int:
    """Run it to its end; gives the exit code."""
    try:
        result = _run(options)
    except BusError as error:
        print(f"optionbus: {error}", file=sys.stderr)
        return CALLED_WRONGLY if isinstance(error, UsageError) else FAILED
    if options.json:
        sys.stdout.write(as_json(result).decode())
    else:
        print_sweep(result, sys.stdout)
    if result.is_stopped:
        print("optionbus: interrupted; the same command goes on from here.", file=sys.stderr)
        return INTERRUPTED
    return 0


def as_json(result: SweepResult) -> bytes:
    """The result for programs; ends with a new line."""
    encoded = msgspec.json.encode({"version": VERSION, **msgspec.to_builtins(result)})
    return msgspec.json.format(encoded, indent=1) + b"\n"


def _run(options: Options) -> SweepResult:
    planned = _planned(options)
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[best]}"),
    )
    with _stoppable() as is_stopped, Progress(*columns, console=console, disable=not console.is_terminal) as shown:
        task = shown.add_task(planned.name, total=None, best="")

        def progress(now: SweepProgress) -> None:
            best = "" if now.worth is None else f"best {now.worth:+.4f}"
            shown.update(task, completed=now.ended, total=now.trials, best=best)

        return planned.run(options.trials, best=options.best, progress=progress, is_stopped=is_stopped)


def _planned(options: Options) -> Sweep:
    if len(options.strategy) != 1:
        raise UsageError("A sweep is of one strategy: give --strategy once.")
    ranges = _ranges(options)
    (kind,) = load_strategies(options, options.own_assets or None)
    source, _begin, _end = data_source(options, list(dict.fromkeys(kind.assets)))
    if not options.own_assets and not set(kind.assets) <= set(source.symbols):
        (kind,) = load_strategies(options, source.symbols)
    return Sweep(
        kind,
        source,
        ranges,
        market=market_settings(options),
        begin=options.begin,
        end=options.end,
        validate_from=options.validate_from,
        storage=options.storage,
        name=options.name,
        seed=options.seed or 0,
        jobs=options.jobs,
        objective=Objective(options.objective),
        least_trades=options.least_trades,
        is_grid=options.grid,
    )


def _ranges(options: Options) -> dict[str, str]:
    fixed = {text.partition("=")[0] for text in options.param}
    found: dict[str, str] = {}
    for text in options.range:
        name, equals, values = text.partition("=")
        if not (name and equals and values):
            raise UsageError(f"--range {text!r}: write NAME=RANGE, such as length=5..50.")
        if name in found or name in fixed:
            raise UsageError(f"{name} is said twice. Give it once, in --range or in --param.")
        found[name] = values
    return found


@contextmanager
def _stoppable() -> Iterator[Callable[[], bool]]:
    """Whether a signal has asked for the end; a second one ends the program at once."""
    asked: list[int] = []
    kept = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)}

    def ask(number: int, _frame: object) -> None:
        asked.append(number)
        for each, handler in kept.items():
            signal.signal(each, handler)

    for each in kept:
        signal.signal(each, ask)
    try:
        yield lambda: bool(asked)
    finally:
        for each, handler in kept.items():
            signal.signal(each, handler)
