"""Runs the contestants: each in a process of its own, one at a time, all in turn, repetition after repetition.

Decides how long a run may take, and that one that fails is not measured and its reason kept. Does not know what the
figures mean.
"""

import importlib.metadata
import importlib.util
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Protocol

import msgspec

from benchmarks.rows import Run
from benchmarks.task import PATIENCE_SECONDS, Figures, Task
from messages.errors import UsageError

PEER: Final = "BinaryOptionsToolsV2"
PEER_VERSION: Final = "0.2.16"

ROOT: Final = Path(__file__).parents[1]

_EVERYTHING: Final = "import benchmarks.bare, benchmarks.imports, benchmarks.ours; from optionbus import PocketOption"


class Perform(Protocol):
    """Somebody who lets a contestant do a task; see ``perform``."""

    def __call__(self, contestant: str, task: Task, environment: Mapping[str, str] | None = None) -> Figures:
        """The figures of one run."""


class Contest:
    """The runs of one invocation, and what they came to."""

    def __init__(self, runs: Mapping[str, Run], perform: Perform, *, is_quick: bool) -> None:
        self._runs = runs
        self._perform = perform
        self._is_quick = is_quick
        self.repetitions: list[dict[str, Figures]] = []
        self.problems: dict[str, str] = {}
        """Why a run came to nothing the last time that it did, by its name."""

    def hold(self, names: Collection[str], repetitions: int, until: float, tell: Callable[[str], None]) -> None:
        """Run these so many times in turn; after ``until`` (monotonic seconds) none begins but the first."""
        with tempfile.TemporaryDirectory() as bytecode:
            environment = _environment(bytecode)
            # The bytecode of everything is written first, so that nobody is measured while it is.
            subprocess.run([sys.executable, "-c", _EVERYTHING], cwd=ROOT, env=environment, check=True)
            with load_server(environment) as port:
                for repetition in range(1, repetitions + 1):
                    if repetition > 1 and time.monotonic() > until:
                        return
                    self.repetitions.append({})
                    for name in (name for name in self._runs if name in names):
                        tell(f"{repetition} of {repetitions}: {name}")
                        self._measure(name, port, environment)

    def _measure(self, name: str, port: int, environment: Mapping[str, str]) -> None:
        run = self._runs[name]
        task = run.quick if self._is_quick and run.quick is not None else run.task
        try:
            if run.contestant == "peer":
                check_peer()
            figures = self._perform(run.contestant, msgspec.structs.replace(task, port=port), environment)
        except (subprocess.SubprocessError, msgspec.MsgspecError, UsageError) as error:
            self.problems[name] = _reason(error)
        else:
            self.repetitions[-1][name] = figures


def perform(contestant: str, task: Task, environment: Mapping[str, str] | None = None) -> Figures:
    """The figures of one run.

    Raises:
        CalledProcessError, TimeoutExpired: the contestant failed, or hung.
        MsgspecError: it printed something else.
    """
    command = [sys.executable, "-m", f"benchmarks.{contestant}", msgspec.json.encode(task).decode()]
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, timeout=PATIENCE_SECONDS + 10, cwd=ROOT, env=environment
    )
    return msgspec.json.decode(done.stdout.splitlines()[-1] if done.stdout else b"", type=Figures)


@contextmanager
def load_server(environment: Mapping[str, str] | None = None) -> Iterator[int]:
    """A load server in a process of its own; gives its port."""
    command = [sys.executable, "-m", "benchmarks.load_server"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment) as process:
        try:
            yield int(next(iter(process.stdout or ())))
        finally:
            process.kill()


def check_peer(package: str = PEER, wanted: str = PEER_VERSION) -> None:
    """Raises UsageError, with the reason, where the peer cannot take part."""
    if importlib.util.find_spec(package) is None:
        raise UsageError(f"{package} is not installed (extra bench)")
    version = importlib.metadata.version(package)
    if version != wanted:
        raise UsageError(f"{package} is {version} here, and {wanted} is what is compared with (extra bench)")


def _environment(bytecode: str) -> dict[str, str]:
    # Bytecode lies in a folder of this invocation: the checkout stays as it is, and no import is timed that compiles.
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPYCACHEPREFIX": bytecode}


def _reason(error: Exception) -> str:
    match error:
        case subprocess.TimeoutExpired():
            return f"it took longer than {error.timeout:.0f} s"
        case subprocess.CalledProcessError():
            lines = (error.stderr or "").strip().splitlines()
            return lines[-1] if lines else f"it ended with code {error.returncode}"
        case UsageError():
            return str(error)
        case _:
            return f"its figures cannot be read: {error}"
