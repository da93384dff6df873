"""A raw handler as its holder sees it: frames picked by a predicate, and ways to send.

Theory of operation. The router tells the handler's stream, never the handler: what is routed holds nothing that a user
holds, so a handler that nobody holds any more is collected, and that removes it.

Decides what can be done with a handler, and when it is gone. Does not know which frames match, nor who gets which
(``optionbus.raw_stream``).
"""

import weakref
from collections.abc import AsyncIterator, Callable, Iterator
from types import TracebackType
from typing import Any, Self

from actors.future import Future
from messages.base import AddressName
from messages.errors import InvalidArgument, StreamClosed
from messages.raw import RemoveRawHandler, SendRaw
from optionbus.arguments import checked_frame, checked_seconds
from optionbus.edge import Edge
from optionbus.raw_frame import RawFrame
from optionbus.raw_stream import RawStream

RAW = AddressName("Raw")


class RawHandler:
    """Yields the frames that match (RawFrame), oldest first, until it is closed or nobody holds it any more.

    Each frame goes to one reader: to a future of ``wait_next`` or ``send_and_wait``, else to the iterator. While such a
    future is pending the handler lives. A user's own thread may read one handler while others send through it.

    Example:
        >>> with PocketOption.simulated(seed=7) as client:
        ...     client.wait_ready(timeout=10)
        ...     with client.raw_handler(Validator.contains("updateBalance")) as handler:
        ...         handler.send_and_wait('42["getBalance"]').get().json()["balance"]
        50000
    """

    def __init__(self, edge: Edge, stream: RawStream) -> None:
        self._edge = edge
        self._stream = stream
        self._remove = weakref.finalize(self, _remover(edge, stream))
        self._remove.atexit = False

    @property
    def id(self) -> str:
        """Its name, unlike that of any other handler of the client."""
        return self._stream.name

    @property
    def dropped(self) -> int:
        """How many frames were lost because they were not read in time."""
        return self._stream.dropped

    def send_text(self, text: str) -> Future[None]:
        """Send a text message as it is; the future ends once it was handed to the connection.

        Raises:
            InvalidArgument: it is no text.
            RawOrderRefused: it is an order.
            NotConnected: from the future; there is no session.
            StreamClosed: from the future; the handler was closed.
        """
        if not isinstance(text, str):
            raise InvalidArgument("send_text", f"Expected text, got {type(text).__name__}")
        return self.send(text)

    def send_binary(self, data: bytes) -> Future[None]:
        """Send a binary message as it is; raises as ``send_text`` does."""
        if not isinstance(data, bytes):
            raise InvalidArgument("send_binary", f"Expected bytes, got {type(data).__name__}")
        return self.send(data)

    def send_and_wait(self, message: str | bytes, timeout: float | None = None) -> Future[RawFrame]:
        """Send a message; the future ends in the first matching frame that comes from now on.

        Frames that came before stay where they are. The protocol does not say what answers what: let the handler match
        the answer alone.

        Args:
            message: text or bytes, sent once.
            timeout: seconds; None: ``requests.timeout_seconds``.

        Raises:
            InvalidArgument, RawOrderRefused: at once.
            DeadlineExceeded, NotConnected, StreamClosed: from the future.
        """
        message = checked_frame(message)
        seconds = checked_seconds("send_and_wait", timeout)
        seconds = self._edge.settings.requests.timeout_seconds if seconds is None else seconds
        answer = self._await(seconds, only_new=True)
        if not answer.done:
            pass_error(self.send(message), answer)
        return answer

    def wait_next(self, timeout: float | None = None) -> Future[RawFrame]:
        """A future that ends in the next frame: the oldest unread one, or the next that comes.

        Args:
            timeout: seconds; None: as long as it takes.

        Raises (from the future):
            DeadlineExceeded: nothing came in time.
            StreamClosed: the handler was closed.
            BusError: what ended the system.
        """
        return self._await(checked_seconds("wait_next", timeout))

    def get(self, *, timeout: float | None = None) -> RawFrame:
        """The next frame.

        Args:
            timeout: seconds to wait at most; None: as long as it takes.

        Raises:
            DeadlineExceeded: nothing came in time.
            StopIteration: it was closed.
            BusError: what ended it, or the system; see Stream.get.
        """
        return self._stream.get(timeout=timeout)

    def iterate(self) -> Self:
        """An iterator and async iterator over the frames: the handler itself."""
        return self

    def close(self) -> None:
        """Want no more frames; what was not read can still be. Twice is no error."""
        self._remove()

    def _await(self, seconds: float | None, *, only_new: bool = False) -> Future[RawFrame]:
        future: Future[RawFrame] = self._edge.system.promise(f"The next frame of {self.id}", seconds)
        future.on_done(self._let_go)
        self._stream.give(future, only_new=only_new)
        return future

    def _let_go(self) -> None:
        """Nothing to do: by this a pending future holds the handler, which would be collected meanwhile."""

    def send(self, data: str | bytes) -> Future[None]:
        """Send a message of either kind as it is; raises as ``send_text`` does."""
        checked_frame(data)
        if not self._remove.alive:
            return self._edge.refused(f"Sending through {self.id}", StreamClosed(self.id))
        return self._edge.ask(RAW, SendRaw(data=data), convert=lambda _reply: None)

    def __iter__(self) -> Iterator[RawFrame]:
        return self

    def __next__(self) -> RawFrame:
        return next(self._stream)

    def __aiter__(self) -> AsyncIterator[RawFrame]:
        return self

    async def __anext__(self) -> RawFrame:
        return await self._stream.__anext__()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<RawHandler {self.id}>"


def pass_error(sent: Future[None], answer: Future[Any]) -> None:
    """Let the answer end in the error in which the sending ended: none will come."""

    def look() -> None:
        if sent.error is not None:
            answer.set_exception(sent.error)

    sent.on_done(look)


def _remover(edge: Edge, stream: RawStream) -> Callable[[], None]:
    """What removes a handler.

    Where the handler is collected this runs in the midst of anything, of what holds a lock too: the routes are changed
    by an actor, not here.
    """

    def remove() -> None:
        stream.end()
        if edge.system.failed is None:
            edge.system.directory.tell(RAW, RemoveRawHandler(name=AddressName(stream.name)))

    return remove
