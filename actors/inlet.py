"""The reader's side of a connection: sorts what comes in, on the transport's own thread.

Decides what goes where: events to the router, in the batches they came in; what concerns the session itself to
the connection. Events of the login go to both. Does not know sockets, nor what is inside a payload.
"""

from collections import deque
from collections.abc import Sequence
from itertools import islice
from typing import Final

from actors.address import Address
from actors.base import Context
from actors.ration import Ration
from messages.base import Delivery, Event, Incarnation
from messages.errors import BusError
from messages.session import Frame, FrameBatch, TransportClosed, TransportOpened
from messages.wire.framing import Control, FrameDecoder, Malformed
from messages.wire.handshake import Input, input_of

MAX_WAITING_BYTES: Final = 512 * 1024
MAX_WAITING_MESSAGES: Final = 1_000
"""So much may wait for the router, and so many messages for it or for the connection, before more is read."""

_FRAME_BYTES: Final = 200
"""What a frame takes besides its content."""


class SessionPacketReceived(Event, frozen=True, kw_only=True):
    """Something that concerns the session itself."""

    delivery = Delivery.REPORT
    incarnation: Incarnation
    packet: Input
    data: bytes


class ConnectionInlet:
    """Where the transport of one connection puts what it hears."""

    def __init__(self, context: Context, router: Address[FrameBatch]) -> None:
        self.incarnation = context.incarnation
        self.line_index = context.line.index
        self._line = context.line
        self._line.last_heard = context.clock.monotonic()
        self._context = context
        self._clock = context.clock
        self._connection = context.address
        self._router = router
        self._traffic = context.line.traffic
        self._decoder = FrameDecoder()
        self._ration = Ration()
        self._sizes: deque[int] = deque(maxlen=MAX_WAITING_MESSAGES)  # of the latest batches, the newest first
        self.has_ponged = False
        """Whether the peer is one that answers pings; written by the transport's thread alone."""

    def opened(self) -> None:
        """The WebSocket is open."""
        self._connection.tell(TransportOpened(incarnation=self.incarnation))

    def received(self, messages: Sequence[tuple[bool, bytes]]) -> None:
        """Messages that were there at once."""
        self._line.last_heard = self._clock.monotonic()
        feed = self._decoder.feed
        frames: list[Frame] = []
        size = 0
        for is_text, data in messages:
            size += len(data)
            part = feed(data, is_text)
            if part is None:
                continue
            if type(part) is Frame:
                frames.append(part)
            if type(part) is not Frame or part.event in _LOGIN_EVENTS:
                self._sort(part)
        self._traffic.frames_received += len(messages)
        self._traffic.bytes_received += size
        if frames:
            batch = FrameBatch(incarnation=self.incarnation, received=self._clock.now(), frames=tuple(frames))
            self._sizes.appendleft(size + _FRAME_BYTES * len(frames))
            self._router.tell(batch)

    def has_room(self) -> bool:
        """Whether router and connection keep up; asked by the reader, which waits until it is so."""
        waiting = len(self._router.mailbox)
        if max(waiting, len(self._connection.mailbox)) > MAX_WAITING_MESSAGES:
            return False
        return sum(islice(self._sizes, waiting)) <= MAX_WAITING_BYTES

    def ponged(self) -> None:
        """The peer has answered a ping."""
        self.has_ponged = True
        self._line.last_heard = self._clock.monotonic()

    def closed(self, error: BusError) -> None:
        """It is over."""
        self._connection.tell(TransportClosed(incarnation=self.incarnation, error=error))

    def _sort(self, part: Frame | Control | Malformed) -> None:
        if isinstance(part, Malformed):
            self._complain(part)
            return
        packet = input_of(part)
        if packet is not None:
            data = part.data if isinstance(part, Control) else part.payload
            self._connection.tell(SessionPacketReceived(incarnation=self.incarnation, packet=packet, data=data))

    def _complain(self, malformed: Malformed) -> None:
        self._traffic.malformed += 1
        more = self._ration.take(malformed.reason, self._clock.monotonic())
        if more is not None:
            self._context.log("WARNING", f"unreadable frame of {malformed.size} bytes: {malformed.reason}{more}")


_LOGIN_EVENTS = frozenset({"successauth", "NotAuthorized", "notAuthorized", "auth_error"})
