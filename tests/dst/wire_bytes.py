"""The bytes of one connection: the client's own framing reads what the simulated network cut into pieces.

Theory of operation. Each message becomes one WebSocket frame, or two with a ping in between. The bytes are handed over
in pieces of any size to the client's own ``MessageStream``, which gives back the messages that are complete; the rest
waits there, as it does on a socket.

Decides how messages are framed and where the bytes are cut. Does not know when they travel.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import pairwise
from random import Random

from actors.websocket_link import Link
from actors.websocket_stream import Batch, MessageStream

_TEXT, _BINARY, _PING, _END = 0x01, 0x02, 0x09, 0x80
_SHORT, _MEDIUM = 125, 65_535
_FRAGMENTED = 0.1
"""How many of all messages come in two frames with a ping in between."""
_MOST_CUTS = 4


class _DryError(Exception):
    """Nothing more is there yet; on a socket the reader would wait."""


class _Pieces(Link):
    """What was received and is not read yet; what is sent (the answers to pings) is nobody's concern."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting: deque[bytes] = deque()

    def receive(self, until: float | None = None, size: int = 0) -> bytes:  # noqa: ARG002 - as on a socket
        if not self.waiting:
            raise _DryError
        return self.waiting.popleft()

    def receive_now(self, size: int = 0) -> bytes:  # noqa: ARG002 - as on a socket
        return self.waiting.popleft() if self.waiting else b""

    def send(self, data: bytes, until: float) -> None:
        pass


class WireBytes:
    """Messages in, the same messages out, by way of their bytes."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._pieces = _Pieces()
        self._stream = MessageStream(self._pieces, 1.0)

    def carry(self, messages: Iterable[str | bytes]) -> Iterator[Batch]:
        """The batches in which a reader finds them."""
        return self._read(b"".join(map(self._framed, messages)))

    def tear(self, message: str | bytes) -> Iterator[Batch]:
        """Nothing, as it should be: the connection ends within the message."""
        framed = self._framed(message)
        return self._read(framed[: self._random.randrange(len(framed))])

    def _read(self, data: bytes) -> Iterator[Batch]:
        self._pieces.waiting.extend(self._cut(data))
        while True:
            batch: Batch = []
            try:
                self._stream.gather(batch)
            except _DryError:
                break
            finally:
                if batch:
                    yield batch

    def _cut(self, data: bytes) -> Iterator[bytes]:
        cuts = sorted(self._random.randrange(len(data) + 1) for _ in range(self._random.randrange(_MOST_CUTS)))
        return (data[start:end] for start, end in pairwise((0, *cuts, len(data))) if end > start)

    def _framed(self, message: str | bytes) -> bytes:
        data, kind = (message.encode(), _TEXT) if isinstance(message, str) else (message, _BINARY)
        if self._random.random() >= _FRAGMENTED:
            return _frame(_END | kind, data)
        middle = self._random.randrange(len(data) + 1)
        return _frame(kind, data[:middle]) + _frame(_END | _PING, b"") + _frame(_END, data[middle:])


def _frame(first: int, data: bytes) -> bytes:
    size = len(data)
    if size <= _SHORT:
        return bytes((first, size)) + data
    if size <= _MEDIUM:
        return bytes((first, 126)) + size.to_bytes(2) + data
    return bytes((first, 127)) + size.to_bytes(8) + data
