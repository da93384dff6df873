"""The time of a replay on threads: clocks and timers that stand where they stood when it was recorded.

Theory of operation. Everything the client does by the clock it does by the recorded one: at twice the speed its timers
come after half the time, so that a deadline means the same as it did. At full speed there is no waiting: the clock
jumps to whatever is due next, once every actor has done what it was told.

Decides how recorded time passes. Does not know what is replayed.
"""

import heapq
import itertools
import time
from collections.abc import Callable
from threading import Condition
from typing import Final

from actors.ports import Timer
from actors.runtime import ActorThread, ThreadedRuntime, TimerThread

_LOOK_SECONDS: Final = 0.0002
_UNSETTLED_SECONDS: Final = 1.0
"""How long full speed waits for an actor that does not get done."""


class RecordedClock:
    """The recorded clocks; they stand until ``begin``. ``speed`` is how many times as fast they run."""

    def __init__(self, started: float, scale: float, speed: float) -> None:
        self._started, self._speed = started, speed
        self._origin: float | None = None
        self.scale = scale

    def now(self) -> float:
        """UTC seconds, as it was."""
        return self._started + self.monotonic() * self.scale

    def monotonic(self) -> float:
        """Seconds since the beginning, as they passed then."""
        return 0.0 if self._origin is None else (time.monotonic() - self._origin) * self._speed

    def begin(self) -> None:
        """Let them run."""
        self._origin = time.monotonic()


class RecordedTimers:
    """Timers by the recorded clock."""

    def __init__(self, speed: float) -> None:
        self._timers = TimerThread()
        self._speed = speed

    def call_later(self, delay_seconds: float, action: Callable[[], None]) -> Timer:
        """Call ``action`` after so much of the recorded time."""
        return self._timers.call_later(delay_seconds / self._speed, action)

    def close(self) -> None:
        """No timer fires any more."""
        self._timers.close()


class _Entry:
    __slots__ = ("action",)

    def __init__(self, action: Callable[[], None]) -> None:
        self.action: Callable[[], None] | None = action

    def cancel(self) -> None:
        self.action = None


class JumpingTime(RecordedClock):
    """Clock and timers at full speed; ``is_settled`` says whether every actor has done what it was told."""

    def __init__(self, started: float, scale: float) -> None:
        super().__init__(started, scale, 1.0)
        self._condition = Condition()
        self._due: list[tuple[float, int, _Entry]] = []
        self._order = itertools.count()
        self._elapsed = 0.0
        self._is_closed = False
        self.is_settled: Callable[[], bool] = lambda: True

    def monotonic(self) -> float:
        """The moment of the latest timer."""
        return self._elapsed

    def begin(self) -> None:
        """Let it jump."""
        ActorThread(target=self._run, name="Timers", daemon=True).start()

    def call_later(self, delay_seconds: float, action: Callable[[], None]) -> Timer:
        """Call ``action`` when so much of the recorded time has passed."""
        entry = _Entry(action)
        with self._condition:
            if not self._is_closed:
                heapq.heappush(self._due, (self._elapsed + max(0.0, delay_seconds), next(self._order), entry))
                self._condition.notify()
        return entry

    def close(self) -> None:
        """No timer fires any more."""
        with self._condition:
            self._is_closed = True
            self._due.clear()
            self._condition.notify()

    def _run(self) -> None:
        while self._has_one():
            self._settle()
            with self._condition:
                if not self._due:
                    continue
                due, _, entry = heapq.heappop(self._due)
                self._elapsed = max(self._elapsed, due)
            action, entry.action = entry.action, None
            if action is not None:
                action()

    def _has_one(self) -> bool:
        with self._condition:
            self._condition.wait_for(lambda: self._due or self._is_closed)
            return not self._is_closed

    def _settle(self) -> None:
        """Wait until all is done. What was taken from a mailbox is seen nowhere for a moment: look twice."""
        until, settled = time.monotonic() + _UNSETTLED_SECONDS, 0
        while settled < _LOOKS and time.monotonic() < until:
            settled = settled + 1 if self.is_settled() else 0
            time.sleep(_LOOK_SECONDS)


_LOOKS: Final = 2


class ReplayRuntime(ThreadedRuntime):
    """Threads that live in recorded time; ``speed`` 0 is as fast as possible."""

    def __init__(self, seed: int, started: float, scale: float, speed: float) -> None:
        super().__init__(seed=seed)
        self.time: RecordedClock = RecordedClock(started, scale, speed) if speed else JumpingTime(started, scale)
        self.clock = self.time
        self.scheduler = self.time if isinstance(self.time, JumpingTime) else RecordedTimers(speed)
