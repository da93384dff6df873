"""Measures how many changes of the code the tests notice: the mutation score.

``python -m tests.mutation [--module actors/mailbox.py]`` needs the extra ``mutation``: it uses the operators of mutmut,
and some more (``tests.mutation.operators``). For each module and each group of modules: mutants, killed, timed out,
survived and the score, in which timed out counts as killed; before that each mutant that was not killed, as a place and
a diff. ``--only`` runs the mutants of one module by their numbers, ``--sample`` so many of each, spread over it.
``--tests`` gives test files, also for modules beyond the table. ``--control`` measures a module whose tests are too
weak, and must fail.

Exit codes: 0 every group has 90 % or more, 1 one has less, 2 there is nothing that could be measured.
"""

import argparse
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from tests.mutation.modules import GROUPS
from tests.mutation.mutants import Mutant, mutants_of
from tests.mutation.report import Score, table, together, told
from tests.mutation.trial import NotMeasurable, Outcome, Subject, try_all

WANTED_PERCENT = 90.0

Attempt = Callable[[Subject, Sequence[Mutant]], Iterator[tuple[Mutant, Outcome]]]
"""Tries some mutants of a module."""

WEAK_MODULE = """\
def is_open(hour: int) -> bool:
    return 9 <= hour < 17
"""
WEAK_TESTS = """\
from fence import is_open


def test_at_noon_it_is_open() -> None:
    assert is_open(12)
"""


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("--module", metavar="PATH", help="one module alone")
    parser.add_argument("--tests", metavar="PATH", nargs="+", help="the files that test it")
    parser.add_argument("--only", metavar="NUMBER", type=int, nargs="+", help="some of its mutants alone")
    parser.add_argument("--sample", metavar="N", type=int, help="so many mutants of each module, spread over it")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument(
        "--patience", type=float, default=15.0, metavar="SECONDS", help="beyond several times the usual"
    )
    parser.add_argument("--control", action="store_true", help="a module whose tests are too weak, which must fail")
    options = parser.parse_args()
    if (options.tests or options.only) and options.module is None:
        parser.error("--tests and --only are for one --module")
    if options.sample is not None and options.sample < 1:
        parser.error(f"--sample {options.sample} is none: give at least 1")
    attempt = partial(try_all, jobs=options.jobs, patience_seconds=options.patience)
    try:
        if options.control:
            return _control(attempt)
        groups = _groups(options.module, options.tests)
        if not groups:
            parser.error(f"{options.module} is not in the table: name its --tests")
        return _measure(groups, attempt, _Choice(options.only, options.sample))
    except NotMeasurable as error:
        sys.stderr.write(f"{error}\n")
        return 2


def _groups(module: str | None, tests: Sequence[str] | None) -> Mapping[str, Sequence[Subject]]:
    """What is to be measured."""
    if module is None:
        return GROUPS
    if tests is not None:
        return {module: [Subject(module, tuple(tests))]}
    return {name: [one] for name, subjects in GROUPS.items() for one in subjects if one.path == module}


def _control(attempt: Attempt) -> int:
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        Path("fence.py").write_text(WEAK_MODULE)
        Path("test_fence.py").write_text(WEAK_TESTS)
        return _measure({"control": [Subject("fence.py", ("test_fence.py",))]}, attempt, _Choice())


class _Choice(NamedTuple):
    """Which mutants of a module are tried: all, or those of these numbers; so many of them, evenly spread."""

    only: Collection[int] | None = None
    sample: int | None = None

    def of(self, mutants: Sequence[Mutant]) -> Sequence[Mutant]:
        chosen = [mutant for mutant in mutants if self.only is None or mutant.number in self.only]
        if self.sample is None or self.sample >= len(chosen):
            return chosen
        return [chosen[index * len(chosen) // self.sample] for index in range(self.sample)]


def _measure(groups: Mapping[str, Sequence[Subject]], attempt: Attempt, choice: _Choice) -> int:
    modules, sums = list[Score](), list[Score]()
    for name, subjects in groups.items():
        scores = [_score(subject, attempt, choice) for subject in subjects]
        modules += scores
        sums.append(together(name, scores))
    sums.append(together("all", modules))
    sys.stdout.write(f"\n{table([*modules, *sums])}\n")
    return 1 if any(score.percent < WANTED_PERCENT for score in sums) else 0


def _score(subject: Subject, attempt: Attempt, choice: _Choice) -> Score:
    wanted = choice.of(mutants_of(Path(subject.path).read_text()))
    if not wanted:
        raise NotMeasurable(f"{subject.path}: there is nothing to change")
    outcomes = Counter[Outcome]()
    for mutant, outcome in attempt(subject, wanted):
        outcomes[outcome] += 1
        if outcome is not Outcome.KILLED:
            sys.stdout.write(f"{told(subject.path, mutant, outcome)}\n")
            sys.stdout.flush()
    return Score(subject.path, outcomes)


if __name__ == "__main__":
    sys.exit(main())
