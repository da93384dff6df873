"""A transport that lets another do the work, and tells a recorder of all that goes over it.

Decides what is a record. The login is replaced before anybody else sees it. Does not know what messages mean, nor what
becomes of a record.
"""

import itertools
from collections.abc import Callable, Mapping, Sequence

from actors.inlet import ConnectionInlet
from actors.ports import Channel, Clock, Endpoint, Inlet, Transport
from messages.errors import BusError, TransportError
from optionbus.recording.recorder import Recorder
from optionbus.recording.records import Closed, Opened, Opening, Received, Sent
from optionbus.recording.redaction import HIDDEN_LOGIN, is_login


class RecordingTransport:
    """Makes the channels of another transport, and listens to them."""

    def __init__(self, transport: Transport, recorder: Recorder, clock: Clock) -> None:
        self._transport, self._recorder, self._clock = transport, recorder, clock
        self._numbers = itertools.count()

    def open(self, endpoint: Endpoint, inlet: Inlet) -> Channel:
        """Begin to connect and return at once."""
        number = next(self._numbers)
        line = line_of(inlet)
        self._recorder.note(Opening(self._clock.monotonic(), number, line, endpoint.url))
        listener = _Listener(number, inlet, self._recorder, self._clock)
        return _RecordedChannel(self._transport.open(endpoint, listener), listener)

    def measure(self, endpoints: Sequence[Endpoint], report: Callable[[Mapping[str, float]], None]) -> None:
        """Nothing of it is recorded: a replay has one host."""
        self._transport.measure(endpoints, report)


def line_of(inlet: Inlet) -> int:
    """For which of the client's lines a channel is made."""
    return inlet.line_index if isinstance(inlet, ConnectionInlet) else 0


class _Listener:
    """Stands between the transport and the inlet; called from the transport's own thread."""

    def __init__(self, number: int, inlet: Inlet, recorder: Recorder, clock: Clock) -> None:
        self.incarnation = inlet.incarnation
        self.is_aborted = False
        self._number, self._inlet = number, inlet
        self._recorder, self._clock = recorder, clock

    def opened(self) -> None:
        self._recorder.note(Opened(self._clock.monotonic(), self._number))
        self._inlet.opened()

    def received(self, messages: Sequence[tuple[bool, bytes]]) -> None:
        record = Received(self._clock.monotonic(), self._number, tuple(messages))
        self._recorder.note(record, sum(len(data) for _, data in messages))
        self._inlet.received(messages)

    def has_room(self) -> bool:
        """Whether more can be taken."""
        return self._inlet.has_room()

    def ponged(self) -> None:
        """The peer has answered a ping."""
        self._inlet.ponged()

    def closed(self, error: BusError) -> None:
        reason = error.reason if isinstance(error, TransportError) else str(error)
        kind = type(error).__name__
        self._recorder.note(Closed(self._clock.monotonic(), self._number, kind, reason, self.is_aborted))
        self._inlet.closed(error)

    def sends(self, data: str | bytes) -> None:
        """The client is about to send this: noted before it can be answered."""
        if is_login(data):
            data = HIDDEN_LOGIN
        is_text = isinstance(data, str)
        content = data.encode(errors="replace") if isinstance(data, str) else data
        self._recorder.note(Sent(self._clock.monotonic(), self._number, is_text, content), len(content))


class _RecordedChannel:
    def __init__(self, channel: Channel, listener: _Listener) -> None:
        self._channel, self._listener = channel, listener

    def send(self, data: str | bytes) -> None:
        """Hand one message to the network; what is raised holds nothing of it, as the channel below sees to."""
        self._listener.sends(data)
        try:
            self._channel.send(data)
        finally:
            del data  # a traceback shows the locals of its frames to whoever asks

    def ping(self) -> None:
        """Ask the peer for a sign of life; that is no message, and not recorded."""
        self._channel.ping()

    def abort(self) -> None:
        """End it now."""
        self._listener.is_aborted = True
        self._channel.abort()
