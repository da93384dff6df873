"""What tests of your own actors need: virtual time, a network that is not there, and somebody who listens.

``SteppedRuntime`` runs actors in the test's own thread, one message at a time, on a ``ManualClock`` that moves only
when it is told to. ``FakeTransport`` keeps what is sent and says what the test lets it say. ``Probe`` stands in for
anybody and keeps what it is told.

Decides nothing of its own. Does not know the platform's answers: ``PocketOption.simulated(runtime=…)`` has those.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from actors.ports import Channel, Endpoint, Inlet
from actors.stepped import ManualClock, SteppedRuntime
from messages.base import Message
from messages.errors import BusError, ConnectionLost, TransportError
from messages.wire.framing import encode_binary_event, encode_connect, encode_event, encode_open

__all__ = ["FakeChannel", "FakeTransport", "ManualClock", "Probe", "SteppedRuntime"]

M = TypeVar("M", bound=Message)


class Probe:
    """Keeps what it is told: enter it in a directory in an actor's place, or in the routes as a listener.

    Example:
        >>> probe = Probe()
        >>> probe.tell(Message())
        >>> probe.messages
        [Message()]
    """

    def __init__(self) -> None:
        self.messages: list[Message] = []

    def tell(self, message: Message) -> None:
        """Keep the message."""
        self.messages.append(message)

    def of(self, kind: type[M]) -> list[M]:
        """The messages of a kind, in order."""
        return [message for message in self.messages if isinstance(message, kind)]


class FakeTransport:
    """A network of which the test is the other end.

    ``channels`` are the connections that were begun, oldest first. Nothing happens on them by itself. ``distances``
    are what measuring says: seconds by URL.
    """

    def __init__(self) -> None:
        self.channels: list[FakeChannel] = []
        self.distances: dict[str, float] = {}
        self.measured: list[tuple[str, ...]] = []
        """The URLs of each measuring."""

    def open(self, endpoint: Endpoint, inlet: Inlet) -> Channel:
        """Begin a connection; the test says how it goes."""
        self.channels.append(FakeChannel(endpoint, inlet))
        return self.channels[-1]

    def measure(self, endpoints: Sequence[Endpoint], report: Callable[[Mapping[str, float]], None]) -> None:
        """Report ``distances``, at once."""
        self.measured.append(tuple(endpoint.url for endpoint in endpoints))
        report(self.distances)

    @property
    def channel(self) -> "FakeChannel":
        """The latest connection."""
        return self.channels[-1]


class FakeChannel:
    """One connection. ``sent`` is what the actors have sent, ``has_ended`` whether it is over.

    The other methods are the test's: they are what the platform does.
    """

    def __init__(self, endpoint: Endpoint, inlet: Inlet) -> None:
        self.endpoint = endpoint
        self.sent: list[str | bytes] = []
        self.pings = 0
        """How often the actors asked for a sign of life."""
        self.has_ended = False
        self._inlet = inlet
        self._is_open = False

    def send(self, data: str | bytes) -> None:
        """Keep the message. Raises TransportError before the connection is open and after its end."""
        if not self._is_open or self.has_ended:
            raise TransportError("not connected")
        self.sent.append(data)

    def ping(self) -> None:
        """Count it; the test says whether it is answered. Raises as ``send`` does."""
        if not self._is_open or self.has_ended:
            raise TransportError("not connected")
        self.pings += 1

    def abort(self) -> None:
        """End it."""
        self.lose(ConnectionLost("it was aborted"))

    def open(self) -> None:
        """Let the WebSocket be open."""
        self._is_open = True
        self._inlet.opened()

    def accept(self, *, ping_interval_seconds: float = 25.0, ping_timeout_seconds: float = 20.0) -> None:
        """Let the WebSocket be open, and the platform take any login."""
        self.open()
        opened = encode_open("sid", round(ping_interval_seconds * 1000), round(ping_timeout_seconds * 1000))
        self.push(opened, encode_connect("sid"), encode_event("successauth", b'{"id":"1"}'))

    def pong(self) -> None:
        """Let the platform answer a ping."""
        self._inlet.ponged()

    def push(self, *messages: str | bytes) -> None:
        """Let these WebSocket messages come in at once."""
        self._inlet.received(
            [(isinstance(data, str), data.encode() if isinstance(data, str) else data) for data in messages]
        )

    def push_event(self, event: str, payload: bytes) -> None:
        """Let an event come in as the platform sends it: a header, and its JSON as an attachment."""
        self.push(*encode_binary_event(event, payload))

    def lose(self, error: BusError | None = None) -> None:
        """Let the connection fail, or end."""
        if not self.has_ended:
            self.has_ended = True
            self._inlet.closed(error or ConnectionLost("the network was cut"))
