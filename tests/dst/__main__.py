"""Plays episodes of the deterministic simulation: ten virtual minutes of trading, faults and healing from each seed.

  python -m tests.dst --seeds 0..99           plays a hundred, prints what was injected, checked and found
  python -m tests.dst --seed 7 --trace        plays one, and prints every message that was handled, and their digest
  python -m tests.dst --seeds 0..9 --control resend    plays a client that is broken, which must be caught

Prints JSON; to stderr go failures as they come, and progress where that is a terminal. Ctrl-C ends it with the
report of what was played so far.

Exit codes: 0 everything held, and of a hundred episodes or more 1 000 virtual seconds passed in one; 1 something did
not, or it was slower; 130 Ctrl-C. With --control: 0 its invariant caught it, 1 it did not.
"""

import argparse
import json
import re
import sys
from collections.abc import Collection, Mapping, Sequence
from contextlib import closing, suppress
from typing import Any

from messages.base import Message
from tests.dst.controls import CONTROLS
from tests.dst.report import Played, Report, play, play_all
from tests.virtual_hour import PLACE_IN_MEMORY, Trace

_RANGE = re.compile(r"(\d+)(?:\.\.(\d+))?")


class PrintedTrace(Trace):
    """Prints what it digests."""

    def __call__(self, now: float, actor: str, message: Message) -> None:
        super().__call__(now, actor, message)
        shown = PLACE_IN_MEMORY.sub("", repr(message))
        sys.stdout.write(f"{now:.6f} {actor} {shown}\n")


def seeds_of(text: str) -> range:
    """The seeds of ``A..B``, both included, or of ``A`` alone."""
    match = _RANGE.fullmatch(text)
    if match is None:
        problem = f"{text!r} is no range of seeds: give one such as 0..99"
        raise argparse.ArgumentTypeError(problem)
    first, last = int(match[1]), int(match[2] or match[1])
    if last < first:
        problem = f"{text!r} holds no seed: {last} comes before {first}"
        raise argparse.ArgumentTypeError(problem)
    return range(first, last + 1)


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    if options.trace:
        return _trace(options.seeds, options.control)
    report, is_over = Report(), False
    with suppress(KeyboardInterrupt), closing(play_all(options.seeds, options.jobs, options.control)) as all_played:
        for played in all_played:
            report.add(played)
            _show_progress(played, report, len(options.seeds))
        is_over = True
    shown = report.shown(options.jobs)
    sys.stdout.write(json.dumps(shown, indent=1) + "\n")
    return _exit_code(shown, options.control) if is_over else 130


def _exit_code(shown: Mapping[str, Any], control: str | None) -> int:
    return _code(shown["invariants_broken"], control) or int(control is None and shown["is_fast_enough"] is False)


def _code(broken: Collection[str], control: str | None) -> int:
    return int(bool(broken)) if control is None else int(CONTROLS[control].breaks not in broken)


def _show_progress(played: Played, report: Report, expected: int) -> None:
    if played.outcome.broken:
        sys.stderr.write(f"seed {played.outcome.seed}: {'; '.join(played.outcome.texts)}\n")
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{report.episodes} of {expected}, {len(report.failures)} failed ")


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.dst", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", "--seed", type=seeds_of, default=range(100), help="A..B, or one; 0..99 unless given")
    parser.add_argument("--jobs", type=int, default=1, help="on so many processes")
    parser.add_argument("--trace", action="store_true", help="print every message handled, and the digest of all")
    controls = "; ".join(f"{name}: {control.says}" for name, control in CONTROLS.items())
    parser.add_argument("--control", choices=CONTROLS, help=f"a broken client. {controls}")
    return parser.parse_args(arguments)


def _trace(seeds: range, control: str | None) -> int:
    broken = set[str]()
    for seed in seeds:
        trace = PrintedTrace()
        outcome = play(seed, control, trace=trace)
        broken.update(outcome.broken)
        sys.stdout.write("".join(f"{text}\n" for text in outcome.texts) + f"digest {trace.digest()}\n")
    return _code(broken, control)


if __name__ == "__main__":
    sys.exit(main())
