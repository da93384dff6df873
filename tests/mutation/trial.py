"""Runs the tests of a module against each of its mutants, each in a process of its own.

The process is forked after pytest has been imported, and the mutant takes the module's place when it is imported: no
file is changed. Hypothesis draws few examples, the same each time, keeps none and does not shrink. A mutant is killed
when a test fails or cannot be collected, or when the process dies; it has timed out when it is not done after several
times as long as the tests of the unchanged module take.

Does not know how mutants are made.
"""

import os
import resource
import signal
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

import hypothesis
import pytest

from tests.mutation.mutants import Mutant

EXAMPLES = 20
"""Of each property: fewer than in the tests themselves, so that a score is rather too low than too high."""

PATIENCE_FACTOR = 6.0
LIMIT_BYTES = 4 << 30
"""Of memory: a mutant may loop."""

_QUIET = ("-W", "ignore::pytest.PytestAssertRewriteWarning")
"""Hypothesis was imported before pytest could rewrite its asserts, which is nothing to us."""

_UNTOUCHED = 99
"""The exit code where no test imported the module."""


class Outcome(Enum):
    """What became of a mutant."""

    KILLED = "killed"
    TIMED_OUT = "timed out"
    SURVIVED = "survived"


class NotMeasurable(Exception):
    """The tests do not pass without a change, or do not import the module."""


@dataclass(frozen=True)
class Subject:
    """A module, and the files that test it, the best first; paths from the folder in which the tests run."""

    path: str
    tests: tuple[str, ...]

    @property
    def name(self) -> str:
        """By which it is imported."""
        return self.path.removesuffix(".py").replace("/", ".")


@dataclass(frozen=True)
class _Running:
    mutant: Mutant
    started: float


class _Planted(MetaPathFinder, Loader):
    """Finds one module, whose source is given."""

    def __init__(self, subject: Subject, source: str) -> None:
        self._subject = subject
        self._source = source
        self.was_used = False

    def find_spec(self, fullname: str, _path: object, _target: object = None) -> ModuleSpec | None:
        """Its spec, if it is that module."""
        if fullname != self._subject.name:
            return None
        self.was_used = True
        return ModuleSpec(fullname, self, origin=self._subject.path)

    def create_module(self, _spec: ModuleSpec) -> ModuleType | None:
        """An ordinary one."""

    def exec_module(self, module: ModuleType) -> None:
        """Run the source."""
        path = Path(self._subject.path).absolute()
        module.__file__ = str(path)
        exec(compile(self._source, path, "exec"), module.__dict__)  # noqa: S102


def try_all(
    subject: Subject, mutants: Iterable[Mutant], jobs: int, patience_seconds: float
) -> Iterator[tuple[Mutant, Outcome]]:
    """The mutants as they end. Raises NotMeasurable.

    Args:
        subject: The module, and where its tests are.
        mutants: Of that module.
        jobs: How many processes at a time.
        patience_seconds: How much longer than several times the usual the tests may take.
    """
    patience = PATIENCE_FACTOR * _seconds_unchanged(subject) + patience_seconds
    waiting, running = iter(mutants), dict[int, _Running]()
    while True:
        while len(running) < jobs and (mutant := next(waiting, None)) is not None:
            running[_fork(subject, mutant.source)] = _Running(mutant, time.monotonic())
        if not running:
            return
        for pid, code in _ended(running, patience):
            yield running.pop(pid).mutant, _outcome(code)


def _seconds_unchanged(subject: Subject) -> float:
    started = time.monotonic()
    _pid, status = os.waitpid(_fork(subject, Path(subject.path).read_text()), 0)
    code = os.waitstatus_to_exitcode(status)
    if code == _UNTOUCHED:
        raise NotMeasurable(f"{subject.path}: none of {', '.join(subject.tests)} imports it.")
    if code != 0:
        raise NotMeasurable(f"{subject.path}: its tests do not pass as they are (pytest ended with {code}).")
    return time.monotonic() - started


def _ended(running: dict[int, _Running], patience: float) -> Sequence[tuple[int, int | None]]:
    """Those that have ended, with their exit codes, None of those that were ended here; waits a moment."""
    ended: list[tuple[int, int | None]] = []
    for pid, one in running.items():
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            ended.append((pid, os.waitstatus_to_exitcode(status)))
            _end_group(pid)
        elif time.monotonic() - one.started > patience:
            _end_group(pid)
            os.waitpid(pid, 0)
            ended.append((pid, None))
    if not ended:
        time.sleep(0.02)
    return ended


def _end_group(pid: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _outcome(code: int | None) -> Outcome:
    if code is None:
        return Outcome.TIMED_OUT
    if code in (_UNTOUCHED, pytest.ExitCode.NO_TESTS_COLLECTED):
        raise NotMeasurable("No test was run.")
    return Outcome.SURVIVED if code == 0 else Outcome.KILLED


def _fork(subject: Subject, source: str) -> int:
    pid = os.fork()
    if pid:
        with suppress(ProcessLookupError, PermissionError):
            os.setpgid(pid, pid)
        return pid
    code = 1
    try:
        os.setpgid(0, 0)
        code = _test(subject, source)
    finally:
        os._exit(code)


def _test(subject: Subject, source: str) -> int:
    """In the child: run the tests."""
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in range(3):
        os.dup2(null, descriptor)
    resource.setrlimit(resource.RLIMIT_AS, (LIMIT_BYTES, LIMIT_BYTES))
    hypothesis.settings.register_profile(
        "mutation",
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        phases=(hypothesis.Phase.explicit, hypothesis.Phase.generate),
    )
    hypothesis.settings.load_profile("mutation")
    planted = _Planted(subject, source)
    sys.meta_path.insert(0, planted)
    sys.path.insert(0, str(Path.cwd()))
    code = pytest.main(["-n", "0", "-x", "-q", "-p", "no:cacheprovider", *_QUIET, *subject.tests])
    return int(code) if code or planted.was_used else _UNTOUCHED
