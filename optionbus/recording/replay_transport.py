"""A transport that plays a recording: what came in comes in again, and what is sent goes nowhere.

Theory of operation. The connections of each of the client's lines are those that the line had when it was recorded, in
their order. Messages come at their recorded times, but none before the client has opened its connection; and where
threads take their time, none before the client has sent as many as it had then, or has been given a moment to. A
connection that the client itself ended then, by a command that nobody gives now, is lost in the replay; the last one of
each line stays, and after the end of the recording nothing comes.

Decides what a client hears of a recording. What it sends is counted, and compared with nothing but for
the ids that answers echo (``echoes``). Does not know files.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from actors.ports import Channel, Clock, Endpoint, Inlet, Scheduler
from messages.errors import BusError, ConnectionLost, SessionEnded, TransportError
from optionbus.recording.echoes import Echoes
from optionbus.recording.recording import Recording, is_order
from optionbus.recording.recording_transport import line_of
from optionbus.recording.records import Closed, Heard, Opened, Opening, Received, Record, Sent
from optionbus.recording.timetable import Timetable

URL: Final = "replay://recording"
DISTANCE_SECONDS: Final = 0.001

_ERRORS: Final[dict[str, type[TransportError]]] = {
    kind.__name__: kind for kind in (TransportError, ConnectionLost, SessionEnded)
}

Place = tuple[int, int]
"""A line, and the number of a connection among those of the line."""


class ReplayTransport:
    """The network of a recording. ``patience_seconds`` is how long it waits for what the client sent then."""

    def __init__(self, recording: Recording, clock: Clock, scheduler: Scheduler, patience_seconds: float) -> None:
        self._recording, self._scheduler = recording, scheduler
        self._patience_seconds = patience_seconds
        self._timetable = Timetable(recording.records(), clock, scheduler, self._is_ready, self._take)
        self._opened: Counter[int] = Counter()
        self._recorded: Counter[int] = Counter()
        self._places: dict[int, Place] = {}
        self._channels: dict[Place, _ReplayChannel] = {}
        self._owed: defaultdict[int, int] = defaultdict(int)
        self._echoes = Echoes()
        self.played = self.sent = self.orders = 0
        """Messages that came in; messages that the client sent, and how many of these were orders."""
        self.is_over = False
        self.on_heard: Callable[[Heard], None] = lambda _heard: None
        """Called with what a strategy heard then, when it is due."""
        self.on_end: Callable[[], None] = lambda: None
        """Called once, on the scheduler's thread, when the recording has been played."""

    def begin(self) -> None:
        """Play from now on."""
        self._timetable.begin(self._recording.header.begun)

    def stop(self) -> None:
        """Play no more."""
        self._timetable.stop()

    def open(self, endpoint: Endpoint, inlet: Inlet) -> Channel:  # noqa: ARG002 - there is one recording
        """Wait for the moment at which the connection was open."""
        line = line_of(inlet)
        place = line, self._opened[line]
        self._opened[line] += 1
        channel = self._channels[place] = _ReplayChannel(self, inlet)
        self._timetable.resume()
        return channel

    def measure(self, endpoints: Sequence[Endpoint], report: Callable[[Mapping[str, float]], None]) -> None:
        """Everything is equally near."""
        report({endpoint.url: DISTANCE_SECONDS for endpoint in endpoints})

    def count(self, data: str | bytes) -> None:
        """The client has sent something, which goes nowhere."""
        content = data.encode(errors="replace") if isinstance(data, str) else data
        self.sent += 1
        self.orders += is_order(content)
        self._echoes.is_sent(content)
        if self._patience_seconds:
            self._timetable.resume()

    def _channel(self, number: int) -> "_ReplayChannel | None":
        place = self._places.get(number)
        return None if place is None else self._channels.get(place)

    def _is_ready(self, record: Record) -> bool:
        if not isinstance(record, Opened | Received | Closed) or record.channel not in self._places:
            return True
        channel = self._channel(record.channel)
        if channel is None:
            return False
        if not self._patience_seconds or not isinstance(record, Received):
            return True
        return self._has_sent(channel, record)

    def _has_sent(self, channel: "_ReplayChannel", record: Received) -> bool:
        owed = self._owed[record.channel]
        if channel.has_ended or channel.sent + channel.forgiven >= owed:
            channel.awaited = None
            return True
        if channel.awaited is not record:
            channel.awaited = record
            self._scheduler.call_later(self._patience_seconds, lambda: self._forgive(channel, record, owed))
        return False

    def _forgive(self, channel: "_ReplayChannel", record: Received, owed: int) -> None:
        if channel.awaited is record:
            channel.forgiven = max(channel.forgiven, owed - channel.sent)
            self._timetable.resume()

    def _take(self, record: Record | None) -> None:
        match record:
            case None:
                self.is_over = True
                self.on_end()
            case Opening():
                self._places[record.channel] = record.line, self._recorded[record.line]
                self._recorded[record.line] += 1
            case Sent():
                self._owed[record.channel] += 1
                self._echoes.was_sent(record.data)
            case Heard():
                self.on_heard(record)
            case Opened() | Received() | Closed():
                self._hand(record, self._channel(record.channel))
            case _:
                pass

    def _hand(self, record: Opened | Received | Closed, channel: "_ReplayChannel | None") -> None:
        if channel is None or channel.has_ended:
            return
        match record:
            case Opened():
                channel.open()
            case Received():
                self.played += len(record.messages)
                translated = self._echoes.translated
                channel.inlet.received([(is_text, translated(data)) for is_text, data in record.messages])
            case Closed() if not self._is_last_word(record):
                channel.end(_error(record))
            case _:
                pass

    def _is_last_word(self, record: Closed) -> bool:
        """Whether it is the client's own stop, which whoever replays decides anew."""
        line, _ = self._places[record.channel]
        return record.is_own and self._recording.contents.last_channels.get(line) == record.channel


def _error(record: Closed) -> BusError:
    if record.is_own:
        return ConnectionLost("the recorded client ended the connection here")
    return _ERRORS.get(record.error, ConnectionLost)(record.reason)


class _ReplayChannel:
    """One connection of a recording."""

    def __init__(self, transport: ReplayTransport, inlet: Inlet) -> None:
        self._transport = transport
        self._is_open = False
        self.inlet = inlet
        self.has_ended = False
        self.sent = self.forgiven = 0
        self.awaited: Received | None = None

    def open(self) -> None:
        self._is_open = True
        self.inlet.opened()

    def send(self, data: str | bytes) -> None:
        if not self._is_open or self.has_ended:
            raise TransportError("not connected")
        self.sent += 1
        self._transport.count(data)

    def ping(self) -> None:
        """Nobody is there who could answer: what was recorded is all there is."""

    def abort(self) -> None:
        self.end(ConnectionLost("it was aborted"))

    def end(self, error: BusError) -> None:
        if not self.has_ended:
            self.has_ended = True
            self.inlet.closed(error)
