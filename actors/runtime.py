"""What actors live on: threads and the real clock.

Decides how an actor's loop gets its thread, how timers fire, and how plain code waits. One of two
runtimes; ``actors.stepped`` is the other. This module is an adapter: it may touch threads and time.
"""

import random
import threading
import time
from collections.abc import Callable
from typing import Any, ClassVar, Protocol

from actors.future import Future
from actors.mailbox import Mailbox
from actors.ports import Clock, Scheduler, Timer
from actors.timers import TimerEntry, Timers
from messages.errors import BlockingInHandler


class Loop(Protocol):
    """What a runtime runs: an actor, seen from below."""

    @property
    def thread_name(self) -> str:
        """How its thread is called."""

    @property
    def mailbox(self) -> Mailbox:
        """Where its messages wait."""

    def run(self) -> None:
        """Live a whole life, on a thread of its own."""

    def begin(self) -> bool:
        """Start; whether it is alive then."""

    def step(self, message: Any) -> bool:  # noqa: ANN401 - a message or WAKE
        """Handle one message; whether it is alive then."""

    def finish(self) -> None:
        """End, and report it."""


class ClosingScheduler(Scheduler, Protocol):
    """Timers that can all be taken back."""

    def close(self) -> None:
        """No timer fires any more."""


class Runtime(Protocol):
    """Where a system of actors lives."""

    @property
    def seed(self) -> int:
        """What its chance is drawn from."""

    @property
    def clock(self) -> Clock:
        """What time it is there."""

    @property
    def scheduler(self) -> Scheduler:
        """Lets things happen later there."""

    @property
    def random(self) -> random.Random:
        """Chance, from a seed where one was given."""

    @property
    def is_stepped(self) -> bool:
        """Whether waiting is what moves the world on."""

    def mailbox(self) -> Mailbox:
        """A new mailbox."""

    def start(self, loop: Loop) -> None:
        """Let it run. Raises RuntimeError where there is no thread for it."""

    def wait(self, future: Future[Any], timeout_seconds: float | None) -> None:
        """Return when the future is done or the timeout has passed."""

    def refuse_in_handler(self, what: str) -> None:
        """Raise BlockingInHandler where the caller is inside an actor."""

    def close(self) -> None:
        """No timer fires any more."""


JUMP_SECONDS = 5.0
"""A wall clock that is suddenly off by more than this was set by somebody; by less, it was put right."""
BELIEVED_SECONDS = 600.0
"""One that was set, and still shows it after so long, was set right."""


class SystemClock:
    """The computer's clocks; wall time can be made to run faster, for a simulated market.

    Expiries and candles are in wall time, so one that is set to another hour would end what waits for them, or never.
    It is followed where it is put right by a little; a jump is left out until it has lasted. Sleep is no jump: what
    the wall clock is compared with runs on meanwhile. Any thread may read it: at worst a jump is noticed twice.
    """

    def __init__(self, scale: float = 1.0) -> None:
        self.scale = scale
        self._ahead = time.time() - _since_boot()
        self._doubted: float | None = None
        self._origin = time.time()

    def now(self) -> float:
        """True UTC seconds; at a scale other than 1, so many times as fast since the clock was made."""
        now = self._wall()
        return self._origin + (now - self._origin) * self.scale if self.scale != 1.0 else now

    monotonic = staticmethod(time.monotonic)

    def _wall(self) -> float:
        wall, since_boot = time.time(), _since_boot()
        ahead = wall - since_boot
        if abs(ahead - self._ahead) <= JUMP_SECONDS:
            self._ahead, self._doubted = ahead, None
            return wall
        if self._doubted is None:
            self._doubted = since_boot
        elif since_boot - self._doubted >= BELIEVED_SECONDS:
            self._ahead, self._doubted = ahead, None
        return self._ahead + since_boot


def _since_boot() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class ActorThread(threading.Thread):
    """A thread that keeps actors going: on it nothing may wait for a future."""

    running: ClassVar[set[int]] = set()
    """The identifiers of those that run: to look there costs half of what asking for the thread does."""

    def run(self) -> None:
        """Run, and be known."""
        identifier = threading.get_ident()
        self.running.add(identifier)
        try:
            super().run()
        finally:
            self.running.discard(identifier)


class TimerThread:
    """All timers of one system, on one thread that is started with the first of them."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._timers = Timers()
        self._thread: threading.Thread | None = None
        self._closed = False

    def call_later(self, delay_seconds: float, action: Callable[[], None]) -> Timer:
        """Call ``action`` on the timer thread after the delay."""
        due = time.monotonic() + max(0.0, delay_seconds)
        with self._condition:
            is_first = due < self._timers.next_due
            timer = self._timers.add(due, action)
            self._ensure_thread()
            if is_first:
                self._condition.notify()
        return timer

    def close(self) -> None:
        """End the thread; what was still to come does not."""
        with self._condition:
            self._closed = True
            self._timers.clear()
            self._condition.notify()

    def _ensure_thread(self) -> None:
        if self._thread is None and not self._closed:
            self._thread = ActorThread(target=self._run, name="Timers", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while (entry := self._next()) is not None:
            action = entry.take()
            if action is not None:
                _call(action)

    def _next(self) -> TimerEntry | None:
        with self._condition:
            while not self._closed:
                wait = self._timers.next_due - time.monotonic()
                if wait <= 0:
                    return self._timers.pop()[1]
                self._condition.wait(min(wait, threading.TIMEOUT_MAX))
        return None


def _call(action: Callable[[], None]) -> None:
    try:
        action()
    except BaseException as error:  # noqa: BLE001 - the other timers go on; it is shown as if a thread had died of it
        failure = (type(error), error, error.__traceback__, threading.current_thread())
        threading.excepthook(threading.ExceptHookArgs(failure))


class ThreadedRuntime:
    """A daemon thread for every actor. ``speed`` is that of the wall clock (see SystemClock)."""

    is_stepped = False

    def __init__(self, *, seed: int | None = None, speed: float = 1.0) -> None:
        self.clock: Clock = SystemClock(speed)
        self.scheduler: ClosingScheduler = TimerThread()
        # One that nobody gave is drawn, so that it can be told: with it a recording draws the same ids again.
        self.seed = random.Random(seed).getrandbits(63) if seed is None else seed
        self.random = random.Random(self.seed)

    def mailbox(self) -> Mailbox:
        """A new mailbox."""
        return Mailbox()

    def start(self, loop: Loop) -> None:
        """Run it on a thread of its own; a daemon, so that a handler that hangs cannot hold up the exit."""
        ActorThread(target=loop.run, name=loop.thread_name, daemon=True).start()

    def wait(self, future: Future[Any], timeout_seconds: float | None) -> None:
        """Sleep until the future is done."""
        # A bare lock wakes its waiter in a third of the time that an Event takes.
        latch = threading.Lock()
        latch.acquire()
        future.on_done(latch.release)
        latch.acquire(timeout=-1 if timeout_seconds is None else min(max(0.0, timeout_seconds), threading.TIMEOUT_MAX))

    def refuse_in_handler(self, what: str) -> None:
        """Raise BlockingInHandler on the thread of an actor, of the timers or of a transport."""
        if threading.get_ident() in ActorThread.running:
            raise BlockingInHandler(threading.current_thread().name, f"Waiting for {what}")

    def close(self) -> None:
        """End the timers' thread."""
        self.scheduler.close()
