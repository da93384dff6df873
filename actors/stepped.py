"""What actors live on in tests and backtests: one thread, a virtual clock, an order drawn from a seed.

Theory of operation. Actors with messages are *ready*; a step takes one of them, drawn from the seed, and
lets it handle one message. When nobody is ready, the clock jumps to the next timer. Waiting for a
future from outside is what makes the steps happen. The same seed gives the same trace.

Decides order and time. Does not know what the actors do; a handler that waits is refused here
just as on threads.
"""

import math
import random
from collections.abc import Callable
from queue import Empty
from typing import Any

from actors.future import Future
from actors.mailbox import WAKE, Mailbox
from actors.ports import Timer
from actors.runtime import Loop
from actors.timers import TimerEntry, Timers
from messages.base import Message
from messages.errors import BlockingInHandler

START = 1_700_000_000.0
"""Where virtual time begins unless told otherwise: 2023-11-14 22:13:20 UTC."""


class TimeStandsStill(RuntimeError):
    """Actors and timers go on without end, and time does not: somebody always has something more to do at once."""

    def __init__(self, elapsed_seconds: float, turns: int, whose: str) -> None:
        self.elapsed_seconds = elapsed_seconds
        super().__init__(
            f"{turns} steps and timers within a virtual second, {elapsed_seconds:.6f} s after the start; "
            f"the last was that of {whose}. Look for what is told, or timed, again and again at one moment."
        )


class ManualClock:
    """A clock that stands still until it is moved."""

    scale = 1.0

    def __init__(self, start: float = START) -> None:
        self._start = start
        self._elapsed = 0.0

    def now(self) -> float:
        """UTC seconds."""
        return self._start + self._elapsed

    def monotonic(self) -> float:
        """Seconds since the clock was made."""
        return self._elapsed

    def move_to(self, elapsed_seconds: float) -> None:
        """Let it be so long since the clock was made; it never goes back."""
        self._elapsed = max(self._elapsed, elapsed_seconds)


class _SteppedMailbox(Mailbox):
    """A mailbox that makes its reader ready when something comes."""

    __slots__ = ("life",)

    def __init__(self) -> None:
        super().__init__()
        self.life: _Life | None = None

    def put(self, message: Message) -> None:
        Mailbox.put(self, message)
        life = self.life
        if life is not None and not life.is_ready:
            life.get_ready()

    def wake(self) -> None:
        super().wake()
        if self.life is not None:
            self.life.get_ready()


class _Life:
    """A loop, held strongly: nothing else holds an actor, and a collected one swallows what it is told."""

    __slots__ = ("has_begun", "is_over", "is_ready", "loop", "mailbox", "ready")

    def __init__(self, loop: Loop, ready: "list[_Life]") -> None:
        self.loop = loop
        self.mailbox = loop.mailbox
        self.ready = ready
        self.has_begun = self.is_ready = self.is_over = False

    def get_ready(self) -> None:
        """Have it take a step, unless it is going to or has ended."""
        if not (self.is_ready or self.is_over):
            self.is_ready = True
            self.ready.append(self)


class SteppedRuntime:
    """Runs the same actor classes as ThreadedRuntime, one message at a time.

    Args:
        seed: draws the order; also the ``random`` that actors see.
        start: UTC seconds at which the virtual clock starts.
        on_step: called before each message with the virtual time, the actor's name and the message.
        most_turns_a_second: raises TimeStandsStill where more steps and timers than this pass in a virtual second.
    """

    is_stepped = True

    def __init__(
        self,
        seed: int = 0,
        *,
        start: float = START,
        on_step: Callable[[float, str, Message], None] | None = None,
        most_turns_a_second: float = math.inf,
    ) -> None:
        self.scheduler = self
        self.on_step = on_step
        self.steps = 0
        self.restart_as(seed, start)
        self._timers = Timers()
        self._ready: list[_Life] = []
        self._lives: dict[int, _Life] = {}
        self._handling: Loop | None = None
        self._closed = False
        self._most_turns_a_second = self._turns_left = most_turns_a_second
        self._counted_from = 0.0

    def restart_as(self, seed: int, start: float) -> None:
        """Be as one made with this seed and start: only before anything has happened on it."""
        self.seed = seed
        self.clock = ManualClock(start)
        self.random = random.Random(seed)
        self._order = random.Random(seed ^ 0x5EED)

    @property
    def is_fresh(self) -> bool:
        """Whether nothing has happened on it."""
        return not (self.steps or self._lives or self._timers or self.clock.monotonic())

    def mailbox(self) -> Mailbox:
        """A new mailbox."""
        return _SteppedMailbox()

    def start(self, loop: Loop) -> None:
        """Let it begin at its first step."""
        life = self._lives[id(loop)] = _Life(loop, self._ready)
        assert isinstance(life.mailbox, _SteppedMailbox)  # noqa: S101 - made above; no other kind exists here
        life.mailbox.life = life
        life.get_ready()  # its first step: begin

    def call_later(self, delay_seconds: float, action: Callable[[], None]) -> Timer:
        """Call ``action`` when the virtual clock has moved so far."""
        return self.call_at(self.clock.monotonic() + max(0.0, delay_seconds), action)

    def call_at(self, due: float, action: Callable[[], None]) -> Timer:
        """Call ``action`` when the monotonic clock stands at that very moment, or now if it has passed."""
        if self._closed:
            return TimerEntry(action)
        return self._timers.add(max(due, self.clock.monotonic()), action)

    def step(self) -> bool:
        """Let one actor handle one message; False where nobody had any."""
        ready = self._ready
        if not ready:
            return False
        index = int(self._order.random() * len(ready))
        life, ready[index] = ready[index], ready[-1]
        ready.pop()
        life.is_ready = False
        if life.is_over:  # it ended after it was told something
            return True
        self.steps += 1
        self._turns_left -= 1
        if self._turns_left < 0:
            self._count_anew(life.loop.thread_name)
        self._handling = life.loop
        try:
            if not self._step_of(life):
                life.is_over = True
                del self._lives[id(life.loop)]
                life.loop.finish()
            elif len(life.mailbox):
                life.get_ready()
        finally:
            self._handling = None
        return True

    def run_until_idle(self) -> None:
        """Step until nobody has a message; the clock stands still."""
        while self.step():
            pass

    def advance(self, seconds: float) -> None:
        """Let so much virtual time pass, and everything happen that is due in it."""
        end = self.clock.monotonic() + seconds
        self.run_until_idle()
        timers, ready = self._timers, self._ready
        while timers.next_due <= end:
            self._fire_next()
            while ready:
                self.step()
        self.clock.move_to(end)

    def run_until(self, condition: Callable[[], bool], timeout_seconds: float) -> bool:
        """Step, and let time pass, until the condition holds; False where it did not in that time."""
        end = self.clock.monotonic() + timeout_seconds
        while not condition():
            if self.step():
                continue
            if self._timers.next_due > end or not self._timers:
                if end != math.inf:
                    self.clock.move_to(end)
                return condition()
            self._fire_next()
        return True

    def wait(self, future: Future[Any], timeout_seconds: float | None) -> None:
        """Step until the future is done or virtual time has run out."""
        self.run_until(lambda: future.done, math.inf if timeout_seconds is None else timeout_seconds)

    def refuse_in_handler(self, what: str) -> None:
        """Raise BlockingInHandler while an actor handles a message."""
        if self._handling is not None:
            raise BlockingInHandler(self._handling.thread_name, f"Waiting for {what}")

    def close(self) -> None:
        """No timer fires any more."""
        self._closed = True
        self._timers.clear()

    def _step_of(self, life: _Life) -> bool:
        if not life.has_begun:
            life.has_begun = True
            return life.loop.begin()
        try:
            message = life.mailbox.get(block=False)
        except Empty:  # its mailbox was closed meanwhile
            return True
        if self.on_step is not None and message is not WAKE:
            self.on_step(self.clock.now(), life.loop.thread_name, message)
        return life.loop.step(message)

    def _fire_next(self) -> None:
        due, entry = self._timers.pop()
        action = entry.take()
        if action is not None:
            self.clock.move_to(due)
            self._turns_left -= 1
            if self._turns_left < 0:
                self._count_anew("a timer")
            action()

    def _count_anew(self, whose: str) -> None:
        """As many turns have passed as may in a second: has it?"""
        now = self.clock.monotonic()
        if now < self._counted_from + 1.0:
            raise TimeStandsStill(now, int(self._most_turns_a_second), whose)
        self._counted_from, self._turns_left = now, self._most_turns_a_second
