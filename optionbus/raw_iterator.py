"""An iterator over what matches after a message was sent.

Decides when it ends: by a silence, by being closed, or in the error that kept the message from being sent. Does not
know how frames come to the handler it reads.
"""

from collections.abc import AsyncIterator, Iterator

from actors.future import Future
from messages.errors import DeadlineExceeded, StreamClosed
from optionbus.raw_frame import RawFrame
from optionbus.raw_handler import RawHandler, pass_error


class RawIterator:
    """Yields what matches after a message was sent; ends when nothing has come for a while, or when it is closed."""

    def __init__(self, handler: RawHandler, sent: Future[None], seconds: float | None) -> None:
        self._handler = handler
        self._sent = sent
        self._seconds = seconds

    @property
    def dropped(self) -> int:
        """How many frames were lost because they were not read in time."""
        return self._handler.dropped

    def close(self) -> None:
        """Want no more frames; twice is no error."""
        self._handler.close()

    def __iter__(self) -> Iterator[RawFrame]:
        return self

    def __next__(self) -> RawFrame:
        try:
            return self._next().get()
        except (DeadlineExceeded, StreamClosed):
            self.close()
            raise StopIteration from None

    def __aiter__(self) -> AsyncIterator[RawFrame]:
        return self

    async def __anext__(self) -> RawFrame:
        try:
            return await self._next()
        except (DeadlineExceeded, StreamClosed):
            self.close()
            raise StopAsyncIteration from None

    def _next(self) -> Future[RawFrame]:
        if self._sent.error is not None:
            self.close()
            raise self._sent.error.with_traceback(None)
        future = self._handler.wait_next(self._seconds)
        pass_error(self._sent, future)
        return future
