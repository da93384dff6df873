"""Streams: bounded buffers between an actor that tells and a user who reads when he likes.

Theory of operation. Whoever tells never waits: it adds to a deque and wakes whoever waits. When the buffer is full the
policy decides what goes. Reading takes from the deque, which is atomic, so that any number of threads may read.

Decides what a slow reader loses, and counts it. Does not know where items come from.
"""

from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from enum import Enum
from typing import Any, Generic, TypeVar

from actors.future import Future, Waiter, check_timeout
from messages.errors import BusError, StreamOverflow, UsageError

T = TypeVar("T")


class Overflow(Enum):
    """What becomes of items for which there is no room."""

    DROP_OLDEST = "drop oldest"
    CONFLATE = "conflate"  # only the newest is kept
    FAIL = "fail"  # the stream ends in StreamOverflow


class Stream(Generic[T]):
    """An iterator and async iterator over what was told, oldest first.

    ``unpack`` takes the items out of a message. ``dropped`` counts what was lost to a slow reader.
    """

    def __init__(
        self,
        name: str,
        waiter: Waiter,
        unpack: Callable[[Any], Iterable[T]],
        *,
        buffer: int = 10_000,
        overflow: Overflow = Overflow.DROP_OLDEST,
    ) -> None:
        if not isinstance(buffer, int) or isinstance(buffer, bool) or buffer < 1:
            raise UsageError(f"A stream cannot hold {buffer!r} items. Give a whole number, 1 or more.")
        if not isinstance(overflow, Overflow):
            raise UsageError(f"A stream cannot treat what overflows by {overflow!r}. Give an Overflow.")
        self.name = name
        self.dropped = 0
        self._what = f"The next item of {name}"
        self._waiter = waiter
        self._unpack = unpack
        self._capacity = 1 if overflow is Overflow.CONFLATE else buffer
        self._overflow = overflow
        self._items: deque[T] = deque()
        self._readers: deque[Future[None]] = deque()
        self._endings: deque[Callable[[], None]] = deque()
        self._error: BusError | None = None
        self._has_ended = False

    def tell(self, message: Any) -> None:  # noqa: ANN401 - whatever the topic brings
        """Add what the message holds."""
        if self._has_ended:
            return
        self._items.extend(self._unpack(message))
        if len(self._items) > self._capacity:
            self._shed()
        if self._readers:
            self._wake()

    def end(self, error: BusError | None = None) -> None:
        """Let the stream end once what it holds has been read: in the error, or by stopping."""
        if not self._has_ended:
            self._error, self._has_ended = error, True
            self._wake()
            self._run_endings()

    def close(self) -> None:
        """Want no more of it; who reads it reaches the end."""
        self.end()

    def on_end(self, callback: Callable[[], None]) -> None:
        """Call back when it ends, or now if it has."""
        self._endings.append(callback)
        if self._has_ended:
            self._run_endings()

    def get(self, *, timeout: float | None = None) -> T:
        """The next item.

        Args:
            timeout: seconds to wait at most; None: as long as it takes.

        Raises:
            DeadlineExceeded: nothing came in time.
            StopIteration: the stream was closed.
            BlockingInHandler: called inside an actor.
            StreamOverflow: it was not read in time, and may lose nothing.
            BusError: what ended the system.
        """
        self._waiter.refuse_in_handler(self._what)
        check_timeout(timeout)
        clock = self._waiter.clock
        began, left = clock.monotonic(), timeout
        while not (taken := self._take()):
            self._raise_if_over(StopIteration)
            with self._waiting() as reader:
                reader.get(timeout=left)
            if timeout is not None:  # another reader was quicker
                left = max(0.0, began + timeout - clock.monotonic())
        return taken[0]

    def __iter__(self) -> Iterator[T]:
        return self

    def __next__(self) -> T:
        self._waiter.refuse_in_handler(self._what)
        try:
            return self._items.popleft()
        except IndexError:
            return self.get()

    def __aiter__(self) -> AsyncIterator[T]:
        return self

    async def __anext__(self) -> T:
        while not (taken := self._take()):
            self._raise_if_over(StopAsyncIteration)
            with self._waiting() as reader:
                await reader
        return taken[0]

    def __len__(self) -> int:
        return len(self._items)

    def _take(self) -> tuple[T] | None:
        try:
            return (self._items.popleft(),)
        except IndexError:
            return None

    @contextmanager
    def _waiting(self) -> Iterator[Future[None]]:
        """A future that ends when there is something to look at; it is not kept where its reader gives up."""
        reader: Future[None] = Future(self._waiter, self._what)
        self._readers.append(reader)
        if self._items or self._has_ended:  # told between the look and the entry
            reader.set(None)
        try:
            yield reader
        finally:
            with suppress(ValueError):
                self._readers.remove(reader)

    def _raise_if_over(self, end: type[Exception]) -> None:
        if self._has_ended and not self._items:
            raise end if self._error is None else self._error.with_traceback(None)

    def _wake(self) -> None:
        while self._readers:
            with suppress(IndexError):
                self._readers.popleft().set(None)

    def _run_endings(self) -> None:
        while self._endings:
            try:
                callback = self._endings.popleft()
            except IndexError:  # another thread calls the last one
                return
            callback()

    def _shed(self) -> None:
        if self._overflow is Overflow.FAIL:
            self.end(StreamOverflow(self.name, self._capacity))
            return
        with suppress(IndexError):  # read meanwhile
            while len(self._items) > self._capacity:
                self._items.popleft()
                self.dropped += 1
