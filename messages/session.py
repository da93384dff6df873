"""The words for one session with the platform: its states, its frames, its beginnings and ends.

Decides what is said between transport, connection, router and supervisor.
Knows nothing of how a frame is framed (``messages.wire``) or what is inside one.
"""

from enum import Enum
from typing import ClassVar

from msgspec import Struct

from messages.base import Command, Delivery, Event, Incarnation, Query, Reply
from messages.errors import BusError


class SessionState(Enum):
    """Where a session stands; the table of moves is in ``supervisor.lifecycle``."""

    IDLE = "idle"
    CONNECTING = "connecting"
    HANDSHAKING = "handshaking"
    AUTHENTICATING = "authenticating"
    RESTORING = "restoring"
    READY = "ready"
    BACKING_OFF = "backing off"
    HELD = "held"
    REJECTED = "rejected"
    CLOSED = "closed"


class Frame(Struct, frozen=True, gc=False):
    """One event as it travelled, its attachments joined.

    ``payload`` is the JSON of the first argument (UTF-8), empty where there is none; ``text`` is the
    message that announced it; ``attachments`` are the binary messages that belonged to it.
    """

    event: str
    payload: bytes
    text: bytes
    attachments: tuple[bytes, ...] = ()


class FrameBatch(Event, frozen=True, kw_only=True):
    """The frames that were there at once, oldest first."""

    sheddable: ClassVar[bool] = False
    incarnation: Incarnation
    received: float
    """Wall clock, UTC seconds, at which the batch was read."""
    frames: tuple[Frame, ...]


class FrameReceived(Event, frozen=True, kw_only=True):
    """One inbound frame, for taps and for whoever registered a Rule it satisfies."""

    sheddable: ClassVar[bool] = True
    incarnation: Incarnation
    received: float
    frame: Frame


class FrameSent(Event, frozen=True, kw_only=True):
    """One outbound message, for taps; an authentication is shown redacted."""

    sheddable: ClassVar[bool] = True
    incarnation: Incarnation
    text: str


class SendFrame(Command, frozen=True, kw_only=True):
    """Send this message on the connection of that incarnation, or not at all."""

    incarnation: Incarnation
    data: str | bytes


class HostsMeasured(Event, frozen=True, kw_only=True):
    """How many seconds connecting took, by URL, the nearest first; those that did not answer in time are missing."""

    delivery: ClassVar[Delivery] = Delivery.REPORT
    incarnation: Incarnation
    seconds: tuple[tuple[str, float], ...]


class TransportOpened(Event, frozen=True, kw_only=True):
    """The WebSocket is open; the platform has not spoken yet."""

    delivery: ClassVar[Delivery] = Delivery.REPORT
    incarnation: Incarnation


class TransportClosed(Event, frozen=True, kw_only=True):
    """The WebSocket could not be opened or has ended."""

    delivery: ClassVar[Delivery] = Delivery.REPORT
    incarnation: Incarnation
    error: BusError


class SessionAdvanced(Event, frozen=True, kw_only=True):
    """The connection has reached this state."""

    incarnation: Incarnation
    state: SessionState


class SessionStateChanged(Event, frozen=True, kw_only=True):
    """The session has moved; ``reason`` names the error where one moved it."""

    incarnation: Incarnation
    before: SessionState
    state: SessionState
    error: BusError | None = None
    retry_in_seconds: float | None = None


class SessionReady(Event, frozen=True, kw_only=True):
    """Logged in and restored: requests may be sent on this incarnation."""

    incarnation: Incarnation


class SessionLost(Event, frozen=True, kw_only=True):
    """The connection of this incarnation is gone; nothing may be sent on it."""

    incarnation: Incarnation
    error: BusError


class RestoreSession(Command, frozen=True, kw_only=True):
    """A reconnect callback: bring back on the new connection what you had on the old one of the same line."""

    delivery: ClassVar[Delivery] = Delivery.REDELIVER
    incarnation: Incarnation
    line: int = 0


class SessionRestored(Reply, frozen=True, kw_only=True):
    """The callback is done."""

    incarnation: Incarnation


class Connect(Command, frozen=True, kw_only=True):
    """Connect, also after a hold."""


class Disconnect(Command, frozen=True, kw_only=True):
    """Drop the connection; the supervisor makes the next one by itself."""


class DisconnectAndHold(Command, frozen=True, kw_only=True):
    """Drop the connection and stay away until Connect."""


class Reconnect(Command, frozen=True, kw_only=True):
    """Drop the connection, if there is one, and connect at once."""


class Shutdown(Command, frozen=True, kw_only=True):
    """Drop the connection and never make another."""


class GetSession(Query, frozen=True, kw_only=True):
    """Ask where the session stands."""


class Session(Reply, frozen=True, kw_only=True):
    """Where the session stands."""

    incarnation: Incarnation
    state: SessionState
    error: BusError | None


class Latency(Struct, frozen=True, kw_only=True):
    """How long something took, in seconds: the last time and on average; None where it never happened."""

    last_seconds: float | None = None
    mean_seconds: float | None = None


class ConnectionEvent(Struct, frozen=True, kw_only=True):
    """Something that happened to the connection, and when: UTC seconds."""

    time: float
    what: str


class ConnectionStatistics(Struct, frozen=True, kw_only=True):
    """How the connection has been so far.

    An attempt that was taken back by a command is neither a success nor a failure. Rates are per second of uptime;
    bytes are those of messages, without what WebSocket and TLS put around them.
    """

    attempts: int
    successes: int
    """Attempts that came to a login."""
    failures: int
    disconnections: int
    """Ends of sessions that had been logged in, also those that were asked for."""
    connecting: Latency
    """Until the WebSocket was open."""
    login: Latency
    """From the login that was sent to its answer: one way to the platform and back."""
    uptime_seconds: float
    """Of the present session, since it was READY; 0 where there is none."""
    total_uptime_seconds: float
    frames_received: int
    frames_sent: int
    bytes_received: int
    bytes_sent: int
    frames_received_per_second: float
    frames_sent_per_second: float
    bytes_received_per_second: float
    bytes_sent_per_second: float
    events: tuple[ConnectionEvent, ...]
    """The last ones, oldest first."""


LifecycleCommand = Connect | Disconnect | DisconnectAndHold | Reconnect | Shutdown
