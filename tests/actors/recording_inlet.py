"""An inlet that keeps what a transport tells it, for a test to wait for."""

from collections.abc import Sequence
from queue import SimpleQueue

from messages.base import Incarnation
from messages.errors import BusError

PATIENCE_SECONDS = 5.0
"""How long a test waits for what must happen; it fails with ``queue.Empty``."""

OPENED, PONGED = "opened", "ponged"

Heard = str | list[tuple[bool, bytes]] | BusError


class RecordingInlet:
    """Keeps everything in the order it came."""

    incarnation = Incarnation(7)

    def __init__(self) -> None:
        self.heard: SimpleQueue[Heard] = SimpleQueue()
        self.batches: list[list[tuple[bool, bytes]]] = []

    def opened(self) -> None:
        self.heard.put(OPENED)

    def received(self, messages: Sequence[tuple[bool, bytes]]) -> None:
        self.heard.put(list(messages))

    def has_room(self) -> bool:
        return True

    def ponged(self) -> None:
        self.heard.put(PONGED)

    def closed(self, error: BusError) -> None:
        self.heard.put(error)

    def wait_opened(self) -> None:
        """Return when it is open; nothing else may have come before."""
        heard = self._next()
        assert heard == OPENED, heard

    def wait_messages(self, count: int) -> list[tuple[bool, bytes]]:
        """That many messages, whatever batches they come in; see ``batches``."""
        messages: list[tuple[bool, bytes]] = []
        while len(messages) < count:
            heard = self._next()
            assert isinstance(heard, list), heard
            self.batches.append(heard)
            messages += heard
        return messages

    def wait_ponged(self) -> None:
        """Return when a ping was answered; nothing else may have come before."""
        heard = self._next()
        assert heard == PONGED, heard

    def wait_closed(self) -> BusError:
        """The error it ended with, skipping what came before."""
        while not isinstance(heard := self._next(), BusError):
            pass
        return heard

    def _next(self) -> Heard:
        return self.heard.get(timeout=PATIENCE_SECONDS)
