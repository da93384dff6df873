"""The ports: what actors need of the world, said without saying how it is done.

Decides the shape of clocks, timers, transports, journals and log sinks. Only their adapters
(``actors.runtime``, ``actors.websocket_transport``, the stepped runtime and the fakes in
``optionbus.testing``) touch time, threads or sockets.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from msgspec import Struct

from messages.base import Incarnation
from messages.errors import BusError
from messages.orders import OrderRecord, TradingMode
from messages.secret import Secret
from messages.trading import DealId, OrderId


class Clock(Protocol):
    """What time it is. ``scale`` is how many times as fast as the monotonic clock the wall clock runs."""

    @property
    def scale(self) -> float:
        """1, but in a simulated market."""

    def now(self) -> float:
        """Wall clock: true UTC, seconds."""

    def monotonic(self) -> float:
        """Seconds since some moment; never goes back."""


class Timer(Protocol):
    """Something that will happen."""

    def cancel(self) -> None:
        """Let it not happen; too late is no error."""


class Scheduler(Protocol):
    """Lets things happen later."""

    def call_later(self, delay_seconds: float, action: Callable[[], None]) -> Timer:
        """Call ``action`` after the delay; it must neither block nor raise."""


class Endpoint(Struct, frozen=True, kw_only=True):
    """Where to connect, and how."""

    url: str
    origin: str = "https://pocketoption.com"
    user_agent: str = ""
    connect_timeout_seconds: float = 10.0
    ca_file: str | None = None
    minimum_tls: str = "1.2"
    proxy: Secret | None = None
    """Its URL, which may hold a password; None: that of the environment, empty: none."""


class Inlet(Protocol):
    """Where a transport puts what it hears; called from the transport's own thread."""

    incarnation: Incarnation

    def opened(self) -> None:
        """The WebSocket is open."""

    def received(self, messages: Sequence[tuple[bool, bytes]]) -> None:
        """Messages that were there at once, oldest first: whether it is text, and its bytes."""

    def has_room(self) -> bool:
        """Whether more can be taken: what was received is not waiting in heaps."""

    def ponged(self) -> None:
        """The peer has answered a ping."""

    def closed(self, error: BusError) -> None:
        """It could not be opened or has ended; nothing more will come. Called once."""


class Channel(Protocol):
    """One WebSocket, opening or open."""

    def send(self, data: str | bytes) -> None:
        """Hand one message to the network. Raises TransportError where it cannot be; then the channel is over."""

    def ping(self) -> None:
        """Ask the peer for a sign of life, below all messages: the inlet hears ``ponged``. Raises as ``send`` does."""

    def abort(self) -> None:
        """End it now, from any thread; the inlet hears ``closed``."""


class Transport(Protocol):
    """Makes channels."""

    def open(self, endpoint: Endpoint, inlet: Inlet) -> Channel:
        """Begin to connect and return at once; ``inlet`` hears how it goes."""

    def measure(self, endpoints: Sequence[Endpoint], report: Callable[[Mapping[str, float]], None]) -> None:
        """Begin to connect to all at once, only to see how long it takes, and return at once.

        ``report`` is called once, from another thread: with the seconds that it took, by URL, of those that answered
        in time.
        """


class LogSink(Protocol):
    """Where log lines go."""

    def write(self, level: str, source: str, text: str) -> None:
        """Write one redacted line."""

    def close(self) -> None:
        """Nothing more will be written."""


class Journal(Protocol):
    """Where orders are written down. Every method raises JournalUnavailable where it cannot do what it says."""

    mode: TradingMode
    """Where the kill switch was left."""

    def intend(self, order: OrderRecord) -> None:
        """Write down an order that is to go out; it is durable when this returns."""

    def note(self, order: OrderRecord) -> None:
        """Write down what has become of an order."""

    def recent(self) -> Sequence[OrderRecord]:
        """All orders without an end and the last ones with one, oldest first."""

    def order(self, order_id: OrderId) -> OrderRecord | None:
        """The order of that id."""

    def order_of_deal(self, deal_id: DealId) -> OrderRecord | None:
        """The order whose deal it is."""

    def close(self) -> None:
        """Let others have it; twice is no error."""
