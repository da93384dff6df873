"""Where messages wait: first in, first out, kept while the actor behind it dies and lives again.

Theory of operation. One queue keeps the order. What may be shed (ticks, frames for taps) waits
beside it in a bounded lane, of which the oldest go first, and leaves a ticket in the queue, so
that a reader who stalls costs a bounded amount of memory and nobody else any time. What is put without
hurry wakes nobody: the reader finds it before whatever wakes him next. Any thread may put; only the
owner takes.

Decides what is kept, shed, retained after a crash and handed back on closing. Does not know
what messages mean nor who reads them.
"""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Lock
from typing import Any, Final

from messages.base import Delivery, Message

SHEDDABLE_CAPACITY: Final = 10_000

WAKE: Final = object()
"""Taken from a mailbox it says only: look whether you are still to go on."""

_TICKET: Final = object()


class Mailbox:
    """An unbounded queue with a bounded lane for what may be shed."""

    __slots__ = ("_closed", "_lock", "_queue", "_retained", "_sheddable", "_unhurried", "dropped", "is_wake_due")

    def __init__(self, sheddable_capacity: int = SHEDDABLE_CAPACITY) -> None:
        self._queue: SimpleQueue[Any] = SimpleQueue()
        self._retained: deque[Message] = deque()
        self._sheddable: deque[Message] = deque(maxlen=sheddable_capacity)
        self._unhurried: deque[Message] = deque()
        self._lock = Lock()
        self._closed: Callable[[Message], None] | None = None
        self.dropped = 0
        self.is_wake_due = False
        """Whether the reader will be woken for what was put without hurry."""

    def put(self, message: Message) -> None:
        """Add a message; never blocks, never raises."""
        if message.sheddable:
            self._put_sheddable(message)
        else:
            self._queue.put(message)
        if self._closed is not None:
            self._hand_back(self._closed)

    def put_unhurried(self, message: Message) -> None:
        """Add a message that the reader gets when he wakes anyway; it may overtake what waits, and is never shed."""
        self._unhurried.append(message)
        if self._closed is not None:
            self._hand_back(self._closed)

    def wake(self) -> None:
        """Let the reader return from ``get`` with WAKE."""
        self._queue.put(WAKE)

    def get(self, *, block: bool = True) -> Any:  # noqa: ANN401 - a message or WAKE
        """The oldest message, or WAKE; raises queue.Empty where there is none and ``block`` is False."""
        if self._retained:
            with suppress(IndexError):  # another thread hands back what came after closing
                return self._retained.popleft()
        item = self._queue.get(block)
        if item is _TICKET:
            with self._lock:
                item = self._sheddable.popleft()
        if not self._unhurried:
            return item
        self._retained.extend(_emptied(self._unhurried))  # goes before what has woken the reader
        if item is WAKE:
            return item
        self._retained.append(item)
        return self.get(block=block)

    def retain(self) -> list[Message]:
        """After a crash: keep for the next reader what may be redelivered, give back the rest."""
        waiting = self._take_all()
        self._retained.extend(message for message in waiting if message.delivery is Delivery.REDELIVER)
        return [message for message in waiting if message.delivery is not Delivery.REDELIVER]

    def settle(self) -> None:
        """After a stop: keep everything for the next reader, but for what was to wake this one."""
        self._retained.extend(self._take_all())

    def close(self, hand_back: Callable[[Message], None]) -> None:
        """Let everything that waits, and everything that still comes, go to ``hand_back``."""
        self._closed = hand_back
        self._hand_back(hand_back)

    def __len__(self) -> int:
        """How many wait to be taken; what was put without hurry does not count until the reader wakes."""
        return len(self._retained) + self._queue.qsize()

    def _put_sheddable(self, message: Message) -> None:
        # The ticket goes in under the lock, or a reader might find more tickets than messages.
        with self._lock:
            if len(self._sheddable) == self._sheddable.maxlen:
                self.dropped += 1
            else:
                self._queue.put(_TICKET)
            self._sheddable.append(message)

    def _take_all(self) -> list[Message]:
        taken = [*_emptied(self._retained), *_emptied(self._unhurried)]
        for _ in range(self._queue.qsize()):
            try:
                item = self._queue.get(block=False)
            except Empty:  # another thread hands back what came after closing
                break
            if item is _TICKET:
                with self._lock:
                    item = self._sheddable.popleft()
            if item is not WAKE:
                taken.append(item)
        return taken

    def _hand_back(self, hand_back: Callable[[Message], None]) -> None:
        for message in self._take_all():
            hand_back(message)


def _emptied(lane: deque[Message]) -> Iterator[Message]:
    with suppress(IndexError):  # another thread takes too
        while lane:
            yield lane.popleft()
