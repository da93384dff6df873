"""A value that will come, to be waited for in plain code or awaited in asyncio code.

Decides that the first completion wins, that completing never raises in the completer, and that
nobody waits past the deadline. Does not know how a runtime waits; it is told (``Waiter``).
"""

import asyncio
import math
from collections import deque
from collections.abc import Callable, Generator
from contextlib import suppress
from functools import partial
from typing import Any, Generic, Protocol, TypeVar, cast

from msgspec import Struct

from actors.ports import Clock
from messages.errors import BusError, DeadlineExceeded, RequestCancelled, UsageError

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
    future itself allows: whoever makes one schedules ``expire`` for then. Where the only await is cancelled the answer
    is given up: it ends in RequestCancelled and nothing is kept for it, but what was sent is not taken back.
    """

    __slots__ = ("_callbacks", "_outcome", "_waiter", "_waiting", "timeout_seconds", "what")

    def __init__(self, waiter: Waiter, what: str, timeout_seconds: float | None = None) -> None:
        self.what = what
        self.timeout_seconds = timeout_seconds
        self._waiter = waiter
        # setdefault and popleft are atomic: no lock is needed for "first completion wins".
        self._outcome: dict[str, _Outcome] = {}
        self._callbacks: deque[Callable[[], None]] = deque()
        self._waiting: list[None] = []  # an entry for each who does

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
        check_timeout(timeout)
        if not self._outcome:
            self._waiting.append(None)
            try:
                self._waiter.wait(self, timeout)
            finally:
                self._waiting.pop()
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
        What the callback raises is lost: it is nothing to the completer, nor to the other callbacks. Raises
        UsageError: it cannot be called.
        """
        if not callable(callback):
            raise UsageError(f"Nothing to call back: expected a function, got {type(callback).__name__}.")
        self._callbacks.append(callback)
        if self._outcome:
            self._run_callbacks()

    def __await__(self) -> Generator[Any, None, T]:
        if self._waiter.is_stepped:
            return self.get()
        if not self._outcome:
            yield from self._wait_in(asyncio.get_running_loop())
        return self._result()

    def __repr__(self) -> str:
        return f"<Future of {self.what}: {'done' if self.done else 'pending'}>"

    def _wait_in(self, loop: asyncio.AbstractEventLoop) -> Generator[Any, None, None]:
        woken: asyncio.Future[None] = loop.create_future()
        callback = partial(_wake, loop, woken)
        self.on_done(callback)
        self._waiting.append(None)
        is_cancelled = True
        try:
            yield from woken
            is_cancelled = False
        finally:
            self._waiting.pop()
            if is_cancelled:
                self._give_up(callback)

    def _give_up(self, callback: Callable[[], None]) -> None:
        with suppress(ValueError, IndexError):  # the completer is just calling them
            self._callbacks.remove(callback)
        if not self._waiting:
            self.set_exception(RequestCancelled(self.what))

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
            try:
                self._callbacks.popleft()()
            except Exception:  # noqa: BLE001, S112 - as on_done says; also where another thread took the last one
                continue


def _wake(loop: asyncio.AbstractEventLoop, woken: "asyncio.Future[None]") -> None:
    def finish() -> None:
        if not woken.done():
            woken.set_result(None)

    with suppress(RuntimeError):  # the loop was closed: nobody waits any more
        loop.call_soon_threadsafe(finish)


def check_timeout(timeout: object) -> None:
    """Raises UsageError unless it is a number of seconds, or None."""
    if timeout is not None and not (isinstance(timeout, int | float) and not math.isnan(timeout)):
        raise UsageError("The timeout is not a number. Give seconds, or None to wait as long as it takes.")


def failed(waiter: Waiter, what: str, error: BusError) -> "Future[Any]":
    """A future that has already ended in ``error``."""
    future: Future[Any] = Future(waiter, what)
    future.set_exception(error)
    return future
