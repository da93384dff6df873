"""``python -m tests.faults``: real faults, and whether the client bears them.

Decides the command line, what is printed, and the exit code. What is done to the client is in the figures' modules.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from tempfile import TemporaryDirectory
from typing import Any, Final, NamedTuple

from msgspec.structs import asdict

from tests.faults.figure import Control, Figure, Measure, Reading
from tests.faults.figures import FIGURES

_ABOUT: Final = """\
Does to a real client what networks, brokers, machines and programmers do, with real sockets and processes on the
loopback, and holds what it reads against its targets: one line a reading. Brokers, proxies and servers are processes of
their own. Where another program loads the machine, times say little; counts and ratios of one run stand.
"""

_EXAMPLES: Final = """\
examples:
  python -m tests.faults
      every figure in its short form: a minute or so
  python -m tests.faults --only reconnect pong --full
      two of them with the numbers that docs/reliability.md tells
  python -m tests.faults --control
      what is broken on purpose, each of which has to be caught by its reading
  python -m tests.faults --json --full > figures.json
      the same for machines

figures:
{figures}

Exit codes: 0 every target is met (with --control: every control is caught), 1 one is not, 2 it could not begin.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; the exit code."""
    options = _parser().parse_args(arguments)
    with TemporaryDirectory(prefix="faults-") as folder:
        os.environ["XDG_STATE_HOME"] = folder  # no account of the user's is touched
        results = [_result(run, options) for name in options.only for run in _runs(FIGURES[name], options.control)]
    if options.json:
        sys.stdout.write(json.dumps(results, indent=1) + "\n")
    return 0 if all(result["caught" if options.control else "holds"] for result in results) else 1


class _Run(NamedTuple):
    """What is done and read, and the control that has to catch it, if it is one."""

    figure: str
    title: str
    measure: Measure
    control: Control | None = None


def _runs(figure: Figure, is_control: bool) -> list[_Run]:  # noqa: FBT001
    if not is_control:
        return [_Run(figure.name, figure.what, figure.measure)]
    return [_Run(figure.name, f"control, {each.broken}", each.measure, each) for each in figure.controls]


def _result(run: _Run, options: argparse.Namespace) -> dict[str, Any]:
    began = time.monotonic()
    try:
        readings = run.measure(options.full)
        problem = ""
    except Exception as error:  # noqa: BLE001 - a figure that cannot be read is one that does not hold
        readings, problem = (), f"{type(error).__name__}: {error}"
    took = time.monotonic() - began
    if not options.json:
        _show(run, readings, problem, took)
    told = {
        "figure": run.figure,
        "title": run.title,
        "readings": [{**asdict(reading), "holds": reading.holds} for reading in readings],
        "problem": problem,
        "seconds": round(took, 1),
        "holds": not problem and all(reading.holds for reading in readings),
    }
    return told if run.control is None else told | {"caught": run.control.catches(readings)}


def _show(run: _Run, readings: Sequence[Reading], problem: str, took: float) -> None:
    lines = [f"{run.figure}: {run.title} ({took:.1f} s)"]
    for reading in readings:
        verdict = "ok" if reading.holds else "MISSED"
        value = f"{reading.value:.6g}{reading.unit}"
        lines.append(f"  {run.figure:<12} {reading.name:<44} {value:>12}  must be {reading.target:<14} {verdict}")
    if problem:
        lines.append(f"  {run.figure:<12} could not be read: {problem}  MISSED")
    if run.control is not None:
        verdict = "caught" if run.control.catches(readings) else "NOT CAUGHT"
        lines.append(f"  {run.figure:<12} {verdict} by {run.control.misses!r}")
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


def _parser() -> argparse.ArgumentParser:
    figures = "\n".join(f"  {figure.name:<12} {figure.what}" for figure in FIGURES.values())
    parser = argparse.ArgumentParser(
        prog="python -m tests.faults",
        description=_ABOUT,
        epilog=_EXAMPLES.format(figures=figures),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    names = list(FIGURES)
    parser.add_argument("--only", nargs="+", choices=names, default=names, metavar="NAME", help="these figures alone")
    parser.add_argument("--full", action="store_true", help="the numbers of the documentation: hours, all together")
    parser.add_argument("--control", action="store_true", help="the negative controls, each of which must fail")
    parser.add_argument("--json", action="store_true", help="print every reading as JSON")
    return parser


if __name__ == "__main__":
    sys.exit(main())
