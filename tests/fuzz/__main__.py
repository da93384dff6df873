"""Fuzzes what reads the wire, and what reads what a user pastes.

``python -m tests.fuzz --executions 10000000 [--target framing] [--seed 1]``: executions and seconds of each target, and
what was found with the input to find it by; exit code 1 where something was. The same seed makes the same inputs.
``--replay HEX`` runs one input. ``--control`` plants a bug in each target, which must be found. ``--atheris`` lets
coverage guide it instead, where atheris is installed.
"""

import argparse
import contextlib
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import NoReturn

from tests.fuzz.hunt import attempt, hunt
from tests.fuzz.targets import PLANTED, TARGETS


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--executions", type=int, default=100_000, help="of each target")
    parser.add_argument("--target", choices=TARGETS, nargs="+", default=list(TARGETS))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--replay", type=bytes.fromhex, metavar="HEX", help="one input of one target")
    parser.add_argument("--control", action="store_true", help="with a bug in each target, which must be found")
    parser.add_argument("--atheris", action="store_true", help="guided by coverage, one target, until it is stopped")
    options = parser.parse_args()
    if options.replay is not None or options.atheris:
        if len(options.target) != 1:
            parser.error("--replay and --atheris take one --target")
        (target,) = options.target
        return _replay(target, options.replay) if options.replay is not None else _follow_coverage(parser, target)
    return _hunt_all(options.target, options.executions, options.seed, is_control=options.control)


def _hunt_all(targets: Sequence[str], executions: int, seed: int, *, is_control: bool) -> int:
    found = 0
    for name in targets:
        with PLANTED[name]() if is_control else contextlib.nullcontext():
            result = hunt(name, TARGETS[name].run, TARGETS[name].mutator(seed).next, executions, is_loud=True)
        rate = result.executions / max(result.seconds, 1e-9)
        sys.stdout.write(
            f"\n{name}: {result.executions} executions with seed {seed} in {result.seconds:.1f} s, "
            f"{rate:.0f} a second, {len(result.findings)} findings\n"
        )
        for finding in result.findings:
            sys.stdout.write(f"{finding}\n")
        sys.stdout.flush()
        found += len(result.findings)
    return 1 if found else 0


def _replay(target: str, data: bytes) -> int:
    finding = attempt(target, TARGETS[target].run, data)
    sys.stdout.write(f"{finding or f'{target}: nothing found'}\n")
    return 1 if finding else 0


def _follow_coverage(parser: argparse.ArgumentParser, target: str) -> NoReturn:
    if find_spec("atheris") is None:
        parser.error("atheris is not installed: pip install atheris, or leave --atheris out")
    atheris = import_module("atheris")
    atheris.instrument_all()
    atheris.Setup([sys.argv[0]], TARGETS[target].run)
    atheris.Fuzz()
    raise SystemExit(0)


if __name__ == "__main__":
    sys.exit(main())
