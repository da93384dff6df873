"""The time of a replay on threads: clocks and timers that stand where they stood when it was recorded.

Theory of operation. Everything the client does by the clock it does by the recorded one, so that a deadline means the
same as it did. Recorded time goes from timer to timer: before one fires, so much real time has passed as the speed asks
for, and every actor has done what it was told. So time stands still for a client that cannot keep up, and nothing is
late because of the speed; what was lost in small delays is caught up. At full speed there is no other waiting.

Decides how recorded time passes. Does not know what is replayed.
"""

import time
from collections.abc import Callable
from threading import Condition
from typing import Final

from actors.ports import Timer
from actors.runtime import ActorThread, ThreadedRuntime
from actors.timers import TimerEntry, Timers

_LOOK_SECONDS: Final = 0.0002
_LOOKS: Final = 2
_UNSETTLED_SECONDS: Final = 1.0
"""How long time stands still for an actor that does not get done."""

_CAUGHT_UP_SECONDS: Final = 0.1
"""How much delay is made good; what is more stays lost."""


class RecordedTime:
    """Clock and timers; they stand until ``begin``.

    ``speed`` is how many times as fast as then they run, 0 is as fast as possible. ``is_settled`` says whether every
    actor has done what it was told.
    """

    def __init__(self, started: float, scale: float, speed: float) -> None:
        self._started, self._speed = started, speed
        self._condition = Condition()
        self._timers = Timers()
        self._elapsed = 0.0
        self._real: float | None = None
        """When it should have been ``_elapsed``, on the real clock."""
        self._is_closed = False
        self.is_settled: Callable[[], bool] = lambda: True
        self.scale = scale

    def now(self) -> float:
        """UTC seconds, as it was."""
        return self._started + self.monotonic() * self.scale

    def monotonic(self) -> float:
        """Seconds since the beginning, as they passed then."""
        real, elapsed = self._real, self._elapsed
        if real is None or not self._speed:
            return elapsed
        passed = (time.monotonic() - real) * self._speed
        return max(elapsed, min(self._timers.next_due, elapsed + passed))  # no clock goes past a timer

    def begin(self) -> None:
        """Let it pass."""
        self._real = time.monotonic()
        ActorThread(target=self._run, name="Timers", daemon=True).start()

    def call_later(self, delay_seconds: float, action: Callable[[], None]) -> Timer:
        """Call ``action`` when so much of the recorded time has passed."""
        with self._condition:
            if self._is_closed:
                return TimerEntry(action)
            timer = self._timers.add(self.monotonic() + max(0.0, delay_seconds), action)
            self._condition.notify()
        return timer

    def close(self) -> None:
        """No timer fires any more."""
        with self._condition:
            self._is_closed = True
            self._timers.clear()
            self._condition.notify()

    def _run(self) -> None:
        while self._wait():
            self._settle()
            action = self._pop()
            if action is not None:
                action()

    def _wait(self) -> bool:
        """Return when a timer is due; False where none will ever be."""
        with self._condition:
            while not self._is_closed:
                left = self._left() if self._timers else None
                if left is not None and left <= 0:
                    return True
                self._condition.wait(left)
        return False

    def _left(self) -> float:
        if not self._speed or self._real is None:
            return 0.0
        return self._real + (self._timers.next_due - self._elapsed) / self._speed - time.monotonic()

    def _settle(self) -> None:
        """Wait until all is done. What was taken from a mailbox is seen nowhere for a moment: look twice."""
        until, settled = time.monotonic() + _UNSETTLED_SECONDS, 0
        while settled < _LOOKS and time.monotonic() < until:
            settled = settled + 1 if self.is_settled() else 0
            time.sleep(_LOOK_SECONDS)

    def _pop(self) -> Callable[[], None] | None:
        with self._condition:
            if not self._timers or self._left() > 0:  # meanwhile it was closed
                return None
            self._go_to(max(self._elapsed, self._timers.next_due))  # first: until then no clock goes past it
            return self._timers.pop()[1].take()

    def _go_to(self, moment: float) -> None:
        if self._real is not None and self._speed:
            meant = self._real + (moment - self._elapsed) / self._speed
            self._real = max(meant, time.monotonic() - _CAUGHT_UP_SECONDS)
        self._elapsed = moment


class ReplayRuntime(ThreadedRuntime):
    """Threads that live in recorded time; ``speed`` 0 is as fast as possible."""

    def __init__(self, seed: int, started: float, scale: float, speed: float) -> None:
        super().__init__(seed=seed)
        self.time = self.clock = self.scheduler = RecordedTime(started, scale, speed)
