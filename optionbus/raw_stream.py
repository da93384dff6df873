"""The stream of a raw handler: frames for who waits for the next one, a buffer for the rest.

Theory of operation. A frame goes to whoever waits for one, in the order they began to wait; what nobody waits for stays
until it is read. Several threads tell it, one for each connection, and any may wait.

Decides who gets a frame. Does not know which frames match.
"""

from collections import deque
from contextlib import suppress
from threading import RLock
from typing import Any

from actors.future import Future
from messages.errors import BusError, StreamClosed
from messages.session import FrameReceived
from optionbus.raw_frame import RawFrame, unpack
from optionbus.stream import Stream


class RawStream(Stream[RawFrame]):
    """A stream whose frames go first to who waits for the next one."""

    def __init__(self, name: str, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - those of a Stream
        super().__init__(name, *arguments, **options)
        # Reentrant: a collection may end a stream wherever its own thread just is.
        self._lock = RLock()
        self._awaiting: deque[Future[RawFrame]] = deque()

    def tell(self, message: Any) -> None:  # noqa: ANN401 - a FrameReceived
        """Give the frame to who waits, or keep it."""
        while (waiter := self._next_waiter(message)) is not None:
            waiter.set(unpack(message)[0])
            if waiter.error is None:  # else it gave up in this very moment
                return

    def give(self, future: Future[RawFrame], *, only_new: bool = False) -> None:
        """Let the future end in the next frame: of those that are kept, or only of those that come."""
        with self._lock:
            taken = None if only_new else self._take()
            if taken is None and not self._has_ended:
                self._awaiting.append(future)
        if taken is not None:
            future.set(taken[0])
        elif self._has_ended:
            future.set_exception(self._ending())
        future.on_done(lambda: self._forget(future))

    def end(self, error: BusError | None = None) -> None:
        """Let it end; who waits for a frame is told."""
        super().end(error)
        with self._lock:
            waiting = tuple(self._awaiting)
        for future in waiting:
            future.set_exception(self._ending())

    def _next_waiter(self, message: FrameReceived) -> Future[RawFrame] | None:
        with self._lock:
            if self._awaiting:
                return self._awaiting.popleft()
            super().tell(message)
            return None

    def _forget(self, future: Future[RawFrame]) -> None:
        with self._lock, suppress(ValueError):
            self._awaiting.remove(future)

    def _ending(self) -> BusError:
        return self._error or StreamClosed(self.name)
