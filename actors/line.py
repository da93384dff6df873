"""One connection of the account, as the actors of it see it.

Theory of operation. An account has one line or several, each with actors of its own: a router, a keep-alive, a
session and its connection. Line 0 carries the account: its orders, its events, its states. The others carry the ticks
of more assets than one connection takes, and nothing else. What an actor's context reads and sends is that of its own
line. Events of a session are told under a topic of their line: nobody takes the loss of line 1 for the account's.

Decides what the actors of a line are called, and which topics are its own. Does not know which asset is on which line
(``actors.api.placement``).
"""

from collections.abc import Hashable
from typing import Final

from msgspec import Struct

from messages.base import AddressName, Incarnation, Message
from messages.market import Symbol
from messages.session import SessionLost, SessionReady, SessionState, SessionStateChanged

USABLE: Final = (SessionState.RESTORING, SessionState.READY)
"""The states in which the modules may send."""

SESSION_EVENTS: Final = (SessionStateChanged, SessionReady, SessionLost)
"""What is told on its own line only."""


class SessionView(Struct, frozen=True):
    """Where a session stands: written by its supervisor alone, read by anybody."""

    incarnation: Incarnation
    state: SessionState


class Traffic:
    """What went over the sockets of one line so far; each number is written by one thread."""

    def __init__(self) -> None:
        self.frames_received = 0
        self.frames_sent = 0
        self.bytes_received = 0
        """Of the payloads; what WebSocket and TLS put around them is not counted."""
        self.bytes_sent = 0
        self.malformed = 0
        self.payloads_decoded = 0
        self.payloads_rejected = 0
        self.rows_rejected = 0
        self.predicates_failed = 0
        """Rules and validators that raised instead of saying whether they match."""
        self.frames_of_old_incarnations = 0


class OnLine(Struct, frozen=True):
    """The topic of an event of the session of a line that is not line 0."""

    index: int
    kind: type[Message]


class Line:
    """One connection, through all its incarnations."""

    def __init__(self, index: int) -> None:
        self.index = index
        self.session = SessionView(Incarnation(0), SessionState.IDLE)
        self.has_given_up = False
        """Whether there will never be another connection here, though nobody asked for that; as ``session``."""
        self.traffic = Traffic()
        self.last_heard = 0.0
        """When the present connection said anything (monotonic seconds); written by its reader alone."""
        self.latest: dict[Symbol, float] = {}
        """The time (UTC seconds) of each asset's latest tick; written by the line's router alone."""
        self.connection = self.name("Connection")

    def name(self, role: str) -> AddressName:
        """What the line's own actor for this is called."""
        return AddressName(f"{role}-{self.index}" if self.index else role)

    def topic(self, wanted: Hashable) -> Hashable:
        """Under which topic an actor of this line hears what it wants to hear, and tells it."""
        return OnLine(self.index, wanted) if self.index and wanted in SESSION_EVENTS else wanted
