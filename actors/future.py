"""A value that will come, to be waited for in plain code or awaited in asyncio code.

Decides that the first completion wins, that completing never raises in the completer, and that
nobody waits past the deadline. Does not know how a runtime waits; it is told (``Waiter``).
"""

import asyncio
import math
from collections import deque
from collections.abc import Callable, Generator
from contextlib import suppress
from typing import Any, Generic, Protocol, TypeVar, cast

from msgspec import Struct

from actors.ports import Clock
from messages.errors import BusError, DeadlineExceeded, UsageError

T = TypeVar("T")


class Waiter(Protocol):
    """How a runtime waits for a future."""

    def wait(self, future: "Future[Any]", timeout_seconds: float | None) -> None:
        """Return when it is done or the timeout has passed."""

    def refuse_in_handler(self, what: str) -> None:
        """Raise BlockingInHandler where the caller is inside an actor."""

    @property
    def is_stepped(self) -> bool:
        """Whether waiting is what moves the world on."""

    @property
    def clock(self) -> Clock:
        """By which the waiting is measured."""


class _Outcome(Struct, frozen=True):
    value: Any = None
    error: BaseException | None = None


class Future(Generic[T]):
    """Ends in a value or a typed error, once.

    ``what`` names what is awaited, for the text of DeadlineExceeded; ``timeout_seconds`` is what the
    future itself allows: whoever makes one schedules ``expire`` for then.
    """

    __slots__ = ("_callbacks", "_outcome", "_waiter", "timeout_seconds", "what")

    def __init__(self, waiter: Waiter, what: str, timeout_seconds: float | None = None) -> None:
        self.what = what
        self.timeout_seconds = timeout_seconds
        self._waiter = waiter
        # setdefault and popleft are atomic: no lock is needed for "first completion wins".
        self._outcome: dict[str, _Outcome] = {}
        self._callbacks: deque[Callable[[], None]] = deque()

    @property
    def done(self) -> bool:
        """Whether it has ended."""
        return bool(self._outcome)

    @property
    def error(self) -> BusError | None:
        """What it has ended in, where that is an error of this package."""
        outcome = self._outcome.get("it")
        return outcome.error if outcome is not None and isinstance(outcome.error, BusError) else None

    def get(self, *, timeout: float | None = None) -> T:
        """Wait for the value.

        Args:
            timeout: seconds to wait at most, none if not above 0; the future's own deadline holds besides.

        Raises:
            DeadlineExceeded: nothing came in time. The request itself is not taken back.
            BlockingInHandler: called inside an actor, where nothing may wait, though it were done.
            UsageError: the timeout is not a number.
            BusError: what the request ended in.
        """
        self._waiter.refuse_in_handler(self.what)
        if timeout is not None and math.isnan(timeout):
            raise UsageError("The timeout is not a number. Give seconds, or None to wait as long as it takes.")
        if not self._outcome:
            self._waiter.wait(self, timeout)
        if not self._outcome:
            raise DeadlineExceeded(self.what, timeout or 0.0)
        return self._result()

    def set(self, value: T) -> None:
        """Complete with a value; too late is no error."""
        self._complete(_Outcome(value=value))

    def set_exception(self, error: BaseException) -> None:
        """Complete with an error; too late is no error."""
        self._complete(_Outcome(error=error))

    def expire(self) -> None:
        """Complete with DeadlineExceeded."""
        self.set_exception(DeadlineExceeded(self.what, self.timeout_seconds or 0.0))

    def on_done(self, callback: Callable[[], None]) -> None:
        """Call back once it has ended, in the completer's thread, or now if it already has.

        That thread is often an actor's, where ``get`` is refused: let the callback wake another.
        What the callback raises is lost: it is nothing to the completer, nor to the other callbacks.
        """
        self._callbacks.append(callback)
        if self._outcome:
            self._run_callbacks()

    def __await__(self) -> Generator[Any, None, T]:
        if self._waiter.is_stepped:
            return self.get()
        if not self._outcome:
            loop = asyncio.get_running_loop()
            woken: asyncio.Future[None] = loop.create_future()
            self.on_done(lambda: _wake(loop, woken))
            yield from woken
        return self._result()

    def __repr__(self) -> str:
        return f"<Future of {self.what}: {'done' if self.done else 'pending'}>"

    def _result(self) -> T:
        outcome = self._outcome["it"]
        if outcome.error is None:
            return cast("T", outcome.value)
        # A new traceback each time: the same error may be raised in several threads.
        raise outcome.error.with_traceback(None)

    def _complete(self, outcome: _Outcome) -> None:
        if self._outcome.setdefault("it", outcome) is outcome:
            self._run_callbacks()

    def _run_callbacks(self) -> None:
        while self._callbacks:
            with suppress(Exception):  # also where another thread took the last one
                self._callbacks.popleft()()


def _wake(loop: asyncio.AbstractEventLoop, woken: "asyncio.Future[None]") -> None:
    def finish() -> None:
        if not woken.done():
            woken.set_result(None)

    with suppress(RuntimeError):  # the loop was closed: nobody waits any more
        loop.call_soon_threadsafe(finish)


def failed(waiter: Waiter, what: str, error: BusError) -> "Future[Any]":
    """A future that has already ended in ``error``."""
    future: Future[Any] = Future(waiter, what)
    future.set_exception(error)
    return future
