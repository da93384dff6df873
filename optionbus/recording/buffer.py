"""What waits to be written: a bounded buffer between those who notice something and the one who writes it.

Theory of operation. Any thread puts, one takes. What does not fit is counted, and so is all that comes after it until
the buffer was emptied: what is missing is missing in one place. Whoever puts waits for nobody, unless the buffer is
patient: then it waits for room, which is for virtual time, where waiting costs nobody anything.

Decides what is kept. Does not know what it is, nor what becomes of it.
"""

from threading import Condition
from typing import Final

from msgspec import Struct

from messages.market import Tick
from optionbus.recording.records import Record

CAPACITY_BYTES: Final = 32 << 20
BLOCK_BYTES: Final = 64 << 10
"""So much is worth waking the writer for."""

FLUSH_SECONDS: Final = 1.0
"""Nothing waits longer."""

_OVERHEAD_BYTES: Final = 100

Item = Record | tuple[Tick, ...]


class Load(Struct):
    """What was taken at once, and how many records were lost after it."""

    items: list[Item]
    lost: int
    is_last: bool


class Buffer:
    """Bounded by bytes."""

    def __init__(self, *, is_patient: bool = False, capacity_bytes: int = CAPACITY_BYTES) -> None:
        self._is_patient = is_patient
        self._capacity_bytes = capacity_bytes
        self._condition = Condition()
        self._items: list[Item] = []
        self._size = self._lost = 0
        self._is_closed = False
        self.lost = 0
        """How many were lost so far."""

    def put(self, item: Item, size: int) -> None:
        """Have it written, if there is room for it."""
        size += _OVERHEAD_BYTES
        with self._condition:
            if self._is_patient:
                self._condition.wait_for(lambda: self._has_room(size) or self._is_closed)
            if self._is_closed:
                return
            if self._lost or not self._has_room(size):
                self._lost += 1
                self.lost += 1
                return
            self._items.append(item)
            before, self._size = self._size, self._size + size
            if before < BLOCK_BYTES <= self._size:
                self._condition.notify_all()

    def take(self, seconds: float = FLUSH_SECONDS) -> Load:
        """What there is, once it is a block's worth, or the time is up, or nothing more will come."""
        with self._condition:
            self._condition.wait_for(lambda: self._size >= BLOCK_BYTES or self._is_closed, seconds)
            load = Load(self._items, self._lost, self._is_closed)
            self._items, self._size, self._lost = [], 0, 0
            self._condition.notify_all()
        return load

    def close(self) -> None:
        """From now on nothing is taken in; what is there is still given out."""
        with self._condition:
            self._is_closed = True
            self._condition.notify_all()

    def _has_room(self, size: int) -> bool:
        return not self._size or self._size + size <= self._capacity_bytes
