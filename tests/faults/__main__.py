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
from typing import Any, Final

from msgspec.structs import asdict

from tests.faults.figure import Figure, Reading
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
      each figure against something broken, none of which may hold
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
        results = [_result(FIGURES[name], options) for name in options.only]
    if options.json:
        sys.stdout.write(json.dumps(results, indent=1) + "\n")
    return 0 if all(result["holds"] is not options.control for result in results) else 1


def _result(figure: Figure, options: argparse.Namespace) -> dict[str, Any]:
    began = time.monotonic()
    try:
        readings = (figure.control if options.control else figure.measure)(options.full)
        problem = ""
    except Exception as error:  # noqa: BLE001 - a figure that cannot be read is one that does not hold
        readings, problem = (), f"{type(error).__name__}: {error}"
    took = time.monotonic() - began
    if not options.json:
        _show(figure, readings, problem, took, is_control=options.control)
    holds = not problem and all(reading.holds for reading in readings)
    shown = [{**asdict(reading), "holds": reading.holds} for reading in readings]
    return {"figure": figure.name, "readings": shown, "problem": problem, "seconds": round(took, 1), "holds": holds}


def _show(figure: Figure, readings: Sequence[Reading], problem: str, took: float, *, is_control: bool) -> None:
    title = f"control, {figure.broken}" if is_control else figure.what
    lines = [f"{figure.name}: {title} ({took:.1f} s)"]
    for reading in readings:
        verdict = "ok" if reading.holds else "MISSED"
        value = f"{reading.value:.6g}{reading.unit}"
        lines.append(f"  {figure.name:<12} {reading.name:<44} {value:>12}  must be {reading.target:<14} {verdict}")
    if problem:
        lines.append(f"  {figure.name:<12} could not be read: {problem}  MISSED")
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
