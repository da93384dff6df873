"""``python -m benchmarks``: how fast the client is, and whether that is fast enough.

Decides the command line, what is left out of the short form, and the exit code.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
from rich.console import Console

from benchmarks import hops
from benchmarks.contest import Contest, Perform, perform
from benchmarks.plot import plot
from benchmarks.report import Report, report, revised, show
from benchmarks.rows import ROWS, RUNS, is_quick, runs_of
from messages.errors import BusError, UsageError

_ABOUT: Final = """\
Measures this client beside two others, on one machine in one run:

  peer   BinaryOptionsToolsV2 0.2.16, whose core is native (extra bench; without it its rows are not measured)
  bare   websocket-client and msgspec in a loop: what Python can do when everything else is left out

A load server in a process of its own sends frames that it has built beforehand. Every contestant runs in a process of
its own too, one at a time, all in turn, again and again; a ratio is one of neighbours in time, and what is shown is
the median of all repetitions, with the least and the most. CPU is what the contestant's process used, all its threads.
A row below its floor is measured once more and judged by that: it may have been the machine.
"""

_EXAMPLES: Final = """\
examples:
  python -m benchmarks
      everything, five times in turn: some seven minutes on two cores
  python -m benchmarks --quick
      the short form, for CI: a minute or so, judges ratios of the same run, no milliseconds and no p99
  python -m benchmarks --only buy/p50 buy/p99 --repetitions 9
      some rows, more often
  python -m benchmarks --json figures.json --plot figures.png
      the same for machines (- is the standard output), and as a picture (needs matplotlib, extra bench)
  python -m benchmarks --hops
      what a tick costs on each stretch of its way through the client, without threads and sockets

rows (* also in the short form):
{rows}

Exit codes: 0 every row is at its floor or better (what lacks the peer does not count), 1 one is not, 2 it could not
begin.
"""

_WIDTH: Final = 120
_REPETITIONS: Final = 5
_QUICK_REPETITIONS: Final = 5
_BUDGET_SECONDS: Final = (1_800.0, 2_400.0)
_QUICK_BUDGET_SECONDS: Final = (55.0, 110.0)
"""After so long no other repetition begins: of everything, and of what was not good enough."""


def main(arguments: Sequence[str] | None = None, perform: Perform = perform) -> int:
    """Measure and report; the exit code."""
    options = _parser().parse_args(arguments)
    console = Console(stderr=options.json == "-", width=None if sys.stdout.isatty() else _WIDTH)
    try:
        if options.hops:
            hops.show(hops.measure(), console)
            return 0
        result = _measured(options, Contest(RUNS, perform, is_quick=options.quick), console)
        show(result, console)
        _write(result, options)
    except BusError as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return 1 if result.failures else 0


def _parser() -> argparse.ArgumentParser:
    rows = "\n".join(f"  {row.key:<17} {'*' if is_quick(row) else ' '} {row.what}" for row in ROWS)
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=_ABOUT,
        epilog=_EXAMPLES.format(rows=rows),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--quick", action="store_true", help="the short form: a minute or so, ratios alone")
    keys = [row.key for row in ROWS]
    parser.add_argument("--only", nargs="+", choices=keys, default=keys, metavar="ROW", help="measure these rows alone")
    parser.add_argument("--repetitions", type=_count, help=f"default: {_REPETITIONS}, short {_QUICK_REPETITIONS}")
    parser.add_argument(
        "--json", metavar="FILE", help="write every figure of every repetition; - to the standard output"
    )
    parser.add_argument("--plot", metavar="FILE", type=Path, help="draw the rows as PNG")
    parser.add_argument("--hops", action="store_true", help="measure the way of a tick through the client instead")
    return parser


def _measured(options: argparse.Namespace, contest: Contest, console: Console) -> Report:
    rows = [row for row in ROWS if row.key in options.only and (is_quick(row) or not options.quick)]
    if not rows:
        raise UsageError("None of these rows is in the short form: leave --quick out.")
    repetitions = options.repetitions or (_QUICK_REPETITIONS if options.quick else _REPETITIONS)
    began, budget = time.monotonic(), _QUICK_BUDGET_SECONDS if options.quick else _BUDGET_SECONDS
    # The full form also runs what no row needs: what the peer does under the same load.
    names = set(RUNS) if len(rows) == len(ROWS) else runs_of(rows)
    with console.status("beginning") as status:
        contest.hold(names, repetitions, began + budget[0], status.update)
        result = report(rows, contest.repetitions, contest.problems, is_quick=options.quick)
        if result.failures:
            first, doubtful = len(contest.repetitions), [line.row for line in result.failures]
            contest.hold(runs_of(doubtful), repetitions, began + budget[1], status.update)
            again = report(doubtful, contest.repetitions[first:], contest.problems, is_quick=options.quick)
            result = revised(result, again)
    return result


def _write(result: Report, options: argparse.Namespace) -> None:
    if options.json is not None:
        figures = msgspec.json.format(msgspec.json.encode(result)).decode() + "\n"
        if options.json == "-":
            sys.stdout.write(figures)
        else:
            Path(options.json).write_text(figures, encoding="utf-8")
    if options.plot is not None:
        plot(result, options.plot)


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return count


if __name__ == "__main__":
    sys.exit(main())
