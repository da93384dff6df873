"""What may be said of a sweep on the command line, beside what is said of a backtest.

Decides names, defaults and the text that teaches them. Nothing but the standard library is needed to read it. Does not
know what is done with them.
"""

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable
from typing import Any, Final

SWEEP_TEXT: Final = """\
Try many parameters of a strategy on prices of the past, over the cores, and say what of the best is more than luck.

The best of many looks good by chance: give --validate-from, and judge by what comes after it. Trials are kept in a
storage: the same command goes on where it stopped, and several machines can work on one sweep. Needs Optuna:
pip install 'optionbus[research]'.
"""

SWEEP_EXAMPLES: Final = """\
examples:
  %(prog)s --strategy strategies:Breakout --range length=5..50 --data EURUSD.csv --validate-from 2024-05-01 --jobs 4
      100 trials on what is before May; the five best are shown beside what came of them after it
  %(prog)s --strategy strategies:Breakout --range length=5..50:5 --range "mode=a|b" --grid --data simulated:7
      all combinations; a range is 5..50, 5..50:5 (every fifth), 0.1..0.9, or choices a|b|c
  %(prog)s --strategy strategies:Breakout --range length=5..50 --data EURUSD.csv --storage /shared/sweeps.journal
      the same on each machine that sees that file, and the same data: they share the trials

Exit codes: 0 done, 1 failed, 2 called wrongly, 130 interrupted: what was found is shown.
"""

OBJECTIVES: Final = ("profit-low", "rate-low", "profit")


class SweepOptions(Namespace):
    """What was said of a sweep."""

    range: list[str]
    trials: int | None
    jobs: int
    storage: str
    name: str | None
    validate_from: float | None
    objective: str
    least_trades: int
    best: int
    grid: bool


def add_sweep(parser: ArgumentParser, moment: Callable[[str], Any]) -> None:
    """Add the options; ``moment`` reads a time."""
    add = parser.add_argument_group("what is tried").add_argument
    values = "5..50, 5..50:5, 0.1..0.9 or a|b|c for one of its Params; repeatable"
    add("--range", action="append", required=True, metavar="NAME=RANGE", help=values)
    total = "how many in all, with those of earlier runs and other machines (100, or the whole grid)"
    add("--trials", type=_count, metavar="N", help=total)
    add("--grid", action="store_true", help="try all combinations, in their order")
    add("--jobs", type=_count, default=1, metavar="N", help="how many processes run trials (%(default)s)")
    add = parser.add_argument_group("what counts").add_argument
    split = "trials see what is before; the best are then run on the rest"
    add("--validate-from", type=moment, metavar="TIME", help=split)
    worth = (
        "the lower end of the 95 %% interval of the profit per unit staked, that of the win rate less break-even, or "
    )
    worth += "the profit per unit as it is, which chooses the lucky (%(default)s)"
    add("--objective", choices=OBJECTIVES, default=OBJECTIVES[0], help=worth)
    least = "with fewer trades a trial is not judged (%(default)s)"
    add("--min-trades", dest="least_trades", type=_count, default=30, metavar="N", help=least)
    add("--best", type=_count, default=5, metavar="N", help="how many are shown, and validated (%(default)s)")
    add = parser.add_argument_group("where trials are kept").add_argument
    place = "a file that machines may share, or the URL of a database, as postgresql://host/name (%(default)s)"
    add("--storage", default="sweeps.journal", metavar="FILE|URL", help=place)
    add("--name", metavar="NAME", help="of the sweep in the storage (made of what it is)")
    add("--json", action="store_true", help="print the result as JSON, all else to standard error")


def _count(text: str) -> int:
    number = int(text) if text.isascii() and text.isdigit() else 0
    if not number:
        raise ArgumentTypeError(f"{text!r} is no such number: give a whole one from 1 up")
    return number
