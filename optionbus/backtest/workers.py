"""Where the trials of a sweep are run: in this process, or in several of their own.

Theory of operation. A worker is a process that was started anew and has one pipe: it is sent what was chosen, and sends
back a score. Only the process that started it speaks to the storage. When a worker dies its pipe ends, so that it is
known at once, and another is started for the next trial.

Decides how processes are started, told and ended. Does not know which trials there are, nor what a lost one means.
"""

import pickle
import signal
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Final, Protocol

from messages.errors import SystemFailed, UsageError
from optionbus.backtest.experiment import Experiment, Span
from optionbus.backtest.ranges import Chosen
from optionbus.backtest.score import Score

MOST_STILLBORN: Final = 3
"""How many workers in a row may die before they have begun."""

_END_SECONDS: Final = 5.0


class Lost:
    """What comes of a trial whose process died."""


class Runner(Protocol):
    """Runs trials, some at a time."""

    @property
    def has_room(self) -> bool:
        """Whether one more can be started."""
        ...

    def start(self, key: int, chosen: Chosen, span: Span) -> None:
        """Begin one; it is known by its key."""
        ...

    def wait(self, seconds: float) -> list[tuple[int, Score | Lost]]:
        """Those that have ended; after so many seconds there may be none."""
        ...

    def close(self) -> None:
        """End whatever still runs."""
        ...


class Here:
    """Runs one trial at a time in this process. ``progress`` is called meanwhile."""

    def __init__(self, experiment: Experiment, progress: Callable[[], None] = lambda: None) -> None:
        self._experiment, self._progress = experiment, progress
        self._next: tuple[int, Chosen, Span] | None = None

    @property
    def has_room(self) -> bool:
        """There is one place."""
        return self._next is None

    def start(self, key: int, chosen: Chosen, span: Span) -> None:
        """It is run when it is waited for."""
        self._next = key, chosen, span

    def wait(self, seconds: float) -> list[tuple[int, Score | Lost]]:  # noqa: ARG002 - it takes what it takes
        """Run it."""
        if self._next is None:
            return []
        (key, chosen, span), self._next = self._next, None
        return [(key, self._experiment.run(chosen, span, self._progress))]

    def close(self) -> None:
        """Nothing runs."""
        self._next = None


class _Worker:
    """A process and our end of its pipe; ``key`` is the trial that it runs."""

    def __init__(self, packed: bytes) -> None:
        context = get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.process: BaseProcess = context.Process(target=work, args=(theirs, packed), daemon=True)
        self.process.start()
        theirs.close()
        self.key: int | None = None
        self.has_begun = False


class Workers:
    """Runs trials in as many processes as there are jobs."""

    def __init__(self, experiment: Experiment, jobs: int) -> None:
        self._packed, self._jobs = experiment.packed(), jobs
        self._workers: list[_Worker] = []
        self._stillborn = 0

    @property
    def has_room(self) -> bool:
        """Whether a process is idle, or there may be one more."""
        return len(self._workers) < self._jobs or any(worker.key is None for worker in self._workers)

    def start(self, key: int, chosen: Chosen, span: Span) -> None:
        """Send it to an idle process, or start one for it."""
        worker = next((worker for worker in self._workers if worker.key is None), None)
        if worker is None:
            worker = _Worker(self._packed)
            self._workers.append(worker)
        worker.key = key
        with suppress(OSError):  # it may have died since; what it was sent is lost, as wait() will say
            worker.connection.send((dict(chosen), span))

    def wait(self, seconds: float) -> list[tuple[int, Score | Lost]]:
        """Those whose processes have answered, or died."""
        busy = {worker.connection: worker for worker in self._workers if worker.key is not None}
        found = [self._heard(busy[each]) for each in wait(list(busy), seconds) if isinstance(each, Connection)]
        return [each for each in found if each is not None]

    def close(self) -> None:
        """End all processes."""
        for worker in self._workers:
            worker.process.terminate()
        for worker in self._workers:
            self._buried(worker)
        self._workers = []

    def _heard(self, worker: _Worker) -> tuple[int, Score | Lost] | None:
        assert worker.key is not None  # noqa: S101 - only those that are busy are heard
        key = worker.key
        try:
            said = worker.connection.recv()
        except (EOFError, OSError):
            self._stillborn = 0 if worker.has_begun else self._stillborn + 1
            self._workers.remove(worker)
            self._buried(worker)
            if self._stillborn >= MOST_STILLBORN:
                raise SystemFailed(
                    "The processes that run trials die as they start. A program that starts them needs "
                    'if __name__ == "__main__": around what it does.'
                ) from None
            return key, Lost()
        if isinstance(said, str):
            raise UsageError(said)
        worker.has_begun = True
        if said is None:
            return None
        worker.key = None
        return key, said

    @staticmethod
    def _buried(worker: _Worker) -> None:
        worker.process.join(_END_SECONDS)
        if worker.process.is_alive():
            worker.process.kill()
            worker.process.join()
        worker.process.close()
        worker.connection.close()


def work(connection: Connection, packed: bytes) -> None:
    """What a worker does: it says that it has begun (None) or cannot (a text), and then one score for each trial."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all; who started us ends us
    try:
        experiment: Experiment = pickle.loads(packed)  # noqa: S301 - of the process that started us
    except Exception as error:  # noqa: BLE001 - whatever a module does when it is imported
        connection.send(f"The strategy cannot be had in another process: {type(error).__name__}: {error}.")
        return
    with suppress(EOFError, OSError):  # whoever started us is gone
        connection.send(None)
        while True:
            chosen, span = connection.recv()
            connection.send(experiment.run(chosen, span))
