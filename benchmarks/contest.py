"""Runs the contestants: each in a process of its own, one at a time, all in turn, repetition after repetition.

Decides what a run may take and what becomes of one that fails: it counts as not measured, with the reason kept. Does not know
what the figures mean.
"""

import importlib.metadata
import importlib.util
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

from benchmarks.rows import Run
from benchmarks.task import PATIENCE_SECONDS, Figures, Task

PEER: Final = "BinaryOptionsToolsV2"
PEER_VERSION: Final = "0.2.16"

ROOT: Final = Path(__file__).parents[1]


class Contest:
    """The runs of one invocation, and what they came to."""

    def __init__(self, runs: Mapping[str, Run], *, is_quick: bool) -> None:
        self._runs = {name: run for name, run in runs.items() if not is_quick or run.quick is not None}
        self._is_quick = is_quick
        self.measured: dict[str, list[Figures | None]] = {name: [] for name in self._runs}
        self.problems: dict[str, str] = {}
        """Why a run came to nothing, by its name."""

    def hold(self, repetitions: int, until: float, tell: Callable[[str], None]) -> None:
        """Run everything so many times; no repetition begins after ``until`` (monotonic seconds), but for the first."""
        skip = peer_problem()
        with tempfile.TemporaryDirectory() as bytecode, load_server(_environment(bytecode)) as port:
            self._prepare(_environment(bytecode))
            for repetition in range(1, repetitions + 1):
                if repetition > 1 and time.monotonic() > until:
                    return
                for name, run in self._runs.items():
                    tell(f"{repetition} of {repetitions}: {name}")
                    if run.contestant == "peer" and skip is not None:
                        self._note(name, None, skip)
                    else:
                        self._measure(name, run, port, _environment(bytecode))

    def _prepare(self, environment: Mapping[str, str]) -> None:
        """Let the bytecode of everything be written, so that nobody is measured while it is."""
        subprocess.run([sys.executable, "-c", "import benchmarks.ours, benchmarks.bare"], cwd=ROOT, env=environment)

    def _measure(self, name: str, run: Run, port: int, environment: Mapping[str, str]) -> None:
        task = run.quick if self._is_quick and run.quick is not None else run.task
        try:
            self._note(name, perform(run.contestant, msgspec.structs.replace(task, port=port), environment))
        except (subprocess.SubprocessError, msgspec.MsgspecError) as error:
            self._note(name, None, _reason(error))

    def _note(self, name: str, figures: Figures | None, problem: str | None = None) -> None:
        self.measured[name].append(figures)
        if problem is not None:
            self.problems[name] = problem


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
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


def peer_problem() -> str | None:
    """Why the peer cannot take part, if it cannot."""
    if importlib.util.find_spec(PEER) is None:
        return f"{PEER} is not installed (extra bench)"
    version = importlib.metadata.version(PEER)
    return None if version == PEER_VERSION else f"{PEER} is {version}; the peer is {PEER_VERSION}"


def needed(runs: Mapping[str, Run], names: Iterable[str]) -> dict[str, Run]:
    """Those of the runs, in their order."""
    wanted = set(names)
    return {name: run for name, run in runs.items() if name in wanted}


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
        case _:
            return f"its figures cannot be read: {error}"
