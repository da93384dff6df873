"""The main thread: waits for errands, for the time to be up, or for whoever wants to end the program.

Theory of operation. Other threads, and the handlers of signals, leave errands in a queue; the main thread alone runs
them. What an errand raises is raised there, and ends the program in good order.

Decides what SIGINT and SIGTERM do: the first ends the waiting, the second the process; and that SIGUSR1 and SIGUSR2
leave an errand, each its own. Does not know what the errands are.
"""

import os
import signal
import sys
import time
from collections.abc import Callable
from functools import partial
from math import inf
from queue import Empty, SimpleQueue
from types import FrameType, TracebackType
from typing import Any, Final, Self

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
ERRAND_SIGNALS: Final = (signal.SIGUSR1, signal.SIGUSR2)
_SHOW_CURSOR: Final = b"\x1b[?25h"
_LOOK_SECONDS: Final = 0.2
"""A signal that comes just before the queue begins to wait wakes nobody: its handler runs when the wait ends."""

_LEFT_BY_SIGNAL: Final = 128
"""What shells add to the number of the signal that ended a program."""


class MainLoop:
    """Handles the signals while it is entered."""

    def __init__(self) -> None:
        # Of all queues this one alone may be used in the handler of a signal.
        self._errands: SimpleQueue[Callable[[], object]] = SimpleQueue()
        self._handlers: dict[signal.Signals, Any] = {}
        self.is_interrupted = False
        self.on_signal: dict[int, Callable[[], object]] = {}
        """The errands of the signals. One that comes before its errand is named waits for it: nothing is lost."""

    def post(self, errand: Callable[[], object]) -> None:
        """Have it done on the main thread; any thread may ask."""
        self._errands.put(errand)

    def end(self) -> None:
        """Let it wait no more, as an interrupt does; any thread may ask."""
        self.is_interrupted = True
        self.post(_nothing)

    def wait(self, seconds: float | None) -> None:
        """Do what is posted until the time is up or it is interrupted; None waits for the interrupt alone.

        Raises:
            Exception: what an errand raises.
        """
        until = inf if seconds is None else time.monotonic() + seconds
        while not self.is_interrupted:
            left = until - time.monotonic()
            try:
                errand = self._errands.get(timeout=min(_LOOK_SECONDS, max(0.0, left)))
            except Empty:
                if left <= _LOOK_SECONDS:
                    return
            else:
                errand()

    def __enter__(self) -> Self:
        self._handlers = {
            **{number: signal.signal(number, self._on_end) for number in SIGNALS},
            **{number: signal.signal(number, self._on_errand) for number in ERRAND_SIGNALS},
        }
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        for number, handler in self._handlers.items():
            signal.signal(number, handler)

    def _on_errand(self, number: int, _frame: FrameType | None) -> None:
        self.post(partial(self._run_errand, number))

    def _run_errand(self, number: int) -> None:
        self.on_signal.get(number, _nothing)()

    def _on_end(self, number: int, _frame: FrameType | None) -> None:
        if self.is_interrupted:
            _leave(number)
        self.is_interrupted = True
        self.post(_nothing)


def _nothing() -> None:
    """Wakes whoever waits."""


def _leave(number: int) -> None:
    """End the process now, whatever hangs; the table may have hidden the terminal's cursor."""
    for stream in (sys.stdout, sys.stderr):
        if stream.isatty():
            os.write(stream.fileno(), _SHOW_CURSOR)
    os._exit(_LEFT_BY_SIGNAL + number)
