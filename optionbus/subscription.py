"""A subscription as its holder sees it.

Decides that it can be read at once, that a refusal is raised by ``confirmed`` and by the first read, and that closing
it ends what is delivered. Does not know how candles come to be.
"""

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, Generic, TypeVar

from actors.future import Future
from messages.base import AddressName
from messages.errors import RequestCancelled
from messages.market import Aggregation, Symbol
from optionbus.stream import Stream

T = TypeVar("T")


class Subscription(Generic[T]):
    """Yields ticks (``Direct``) or closed candles of one asset, oldest first, until it is closed.

    ``confirmed`` ends when the platform streams the asset, or in the reason why it does not. Where the items are
    delivered to an actor there is nothing to read here.
    """

    def __init__(
        self,
        symbol: Symbol,
        aggregation: Aggregation,
        deliver_to: AddressName,
        stream: Stream[T],
        close: Callable[["Subscription[Any]"], None],
    ) -> None:
        self.symbol = symbol
        self.aggregation = aggregation
        self.deliver_to = deliver_to
        self.confirmed: Future[None]
        self._stream = stream
        self._close = close

    @property
    def dropped(self) -> int:
        """How many items were lost because they were not read in time."""
        return self._stream.dropped

    def get(self, *, timeout: float | None = None) -> T:
        """The next item.

        Args:
            timeout: seconds to wait at most; None: as long as it takes.

        Raises:
            DeadlineExceeded: nothing came in time.
            StopIteration: it was closed.
            BusError: what ended it, or the system; see Stream.get.
        """
        return self._stream.get(timeout=timeout)

    def close(self) -> None:
        """Want it no more. Who reads it reaches the end."""
        self._close(self)
        self._stream.end()

    def watch(self, confirmed: Future[None]) -> None:
        """Take the answer of the platform: a refusal is the end of the stream."""
        self.confirmed = confirmed
        confirmed.on_done(self._on_answer)

    def _on_answer(self) -> None:
        error = self.confirmed.error
        if error is not None and not isinstance(error, TimeoutError | RequestCancelled):
            self._stream.end(error)

    def __iter__(self) -> Iterator[T]:
        return self._stream

    def __next__(self) -> T:
        return next(self._stream)

    def __aiter__(self) -> AsyncIterator[T]:
        return self._stream

    async def __anext__(self) -> T:
        return await self._stream.__anext__()

    def __repr__(self) -> str:
        return f"<Subscription {self.symbol} {self.aggregation}>"
