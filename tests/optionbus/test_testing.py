"""Covers optionbus.testing: every fake keeps the contract of what it stands for."""

import contextlib
from collections.abc import Callable, Iterator

import pytest
from websocket import ABNF

from actors.ports import Channel, Endpoint, Transport
from actors.websocket_transport import WebSocketTransport
from messages.base import Message
from messages.errors import BusError, TransportError
from optionbus.simulated import SimulatedTransport
from optionbus.testing import FakeTransport, ManualClock, Probe, SteppedRuntime
from simulator.broker import Broker
from tests.actors.puppet import Do, Note, nothing
from tests.actors.raw_server import Peer, RawServer, frame
from tests.actors.recording_inlet import RecordingInlet

GREETING = b'0{"sid":"x"}'


class Line:
    """A transport, where to connect, and how its server is made to open and to greet, and to answer a ping."""

    def __init__(
        self,
        transport: Transport,
        url: str,
        let_open_and_greet: Callable[[], None],
        let_pong: Callable[[], None] = lambda: None,
    ) -> None:
        self.transport = transport
        self.let_open_and_greet = let_open_and_greet
        self.let_pong = let_pong
        self._url = url

    def open(self, inlet: RecordingInlet) -> Channel:
        """Begin to connect."""
        return self.transport.open(Endpoint(url=self._url), inlet)


@contextlib.contextmanager
def fake() -> Iterator[Line]:
    transport = FakeTransport()

    def let_open_and_greet() -> None:
        transport.channel.open()
        transport.channel.push(GREETING.decode())

    def let_pong() -> None:
        transport.channel.pong()

    yield Line(transport, "wss://host.example/", let_open_and_greet, let_pong)


@contextlib.contextmanager
def simulated() -> Iterator[Line]:
    runtime = SteppedRuntime()
    transport = SimulatedTransport(Broker(1), runtime.clock, runtime)
    yield Line(transport, "simulated://broker", lambda: runtime.advance(1.0), lambda: runtime.advance(1.0))


@contextlib.contextmanager
def real() -> Iterator[Line]:
    def act(peer: Peer) -> None:
        peer.upgrade()
        peer.send(frame(GREETING))
        with contextlib.suppress(ConnectionError):
            opcode, payload = peer.read_frame()
            assert opcode == ABNF.OPCODE_PING
            peer.send(frame(payload, ABNF.OPCODE_PONG))
        peer.await_end()

    with RawServer(act) as server:
        yield Line(WebSocketTransport(), server.url(), lambda: None)


@pytest.fixture(params=[fake, simulated, pytest.param(real, marks=pytest.mark.sockets)])
def line(request: pytest.FixtureRequest) -> Iterator[Line]:
    with request.param() as line:
        yield line


@pytest.fixture
def inlet() -> RecordingInlet:
    return RecordingInlet()


# The contract of transports.


def test_an_inlet_hears_that_it_is_open_before_anything_else(line: Line, inlet: RecordingInlet) -> None:
    channel = line.open(inlet)
    line.let_open_and_greet()

    inlet.wait_opened()
    ((is_text, data),) = inlet.wait_messages(1)

    assert is_text
    assert data.startswith(b"0{")
    channel.abort()
    inlet.wait_closed()


def test_aborting_closes_once_however_often_it_is_done(line: Line, inlet: RecordingInlet) -> None:
    channel = line.open(inlet)
    line.let_open_and_greet()
    inlet.wait_opened()

    channel.abort()
    channel.abort()

    assert isinstance(inlet.wait_closed(), BusError)
    channel.abort()
    assert inlet.heard.empty()


def test_what_is_sent_after_the_end_is_an_error(line: Line, inlet: RecordingInlet) -> None:
    channel = line.open(inlet)
    line.let_open_and_greet()
    inlet.wait_opened()
    channel.abort()
    inlet.wait_closed()

    for data in ("3", b"3"):
        with pytest.raises(TransportError):
            channel.send(data)
    with pytest.raises(TransportError):
        channel.ping()


def test_a_ping_is_answered_below_all_messages(line: Line, inlet: RecordingInlet) -> None:
    channel = line.open(inlet)
    line.let_open_and_greet()
    inlet.wait_opened()
    inlet.wait_messages(1)

    channel.ping()
    line.let_pong()

    inlet.wait_ponged()
    channel.abort()
    assert isinstance(inlet.wait_closed(), BusError)


@pytest.mark.parametrize("opening", [fake, simulated])
def test_opening_returns_before_anything_is_heard_and_nothing_can_be_sent_yet(
    opening: Callable[[], contextlib.AbstractContextManager[Line]], inlet: RecordingInlet
) -> None:
    with opening() as line:
        channel = line.open(inlet)

        assert inlet.heard.empty()
        with pytest.raises(TransportError):
            channel.send("3")
        with pytest.raises(TransportError):
            channel.ping()


# What the fake has besides.


def test_it_keeps_every_connection_and_what_was_sent_on_it(inlet: RecordingInlet) -> None:
    transport = FakeTransport()
    first = transport.open(Endpoint(url="wss://one/"), inlet)
    transport.channel.open()
    first.send("40")
    first.send(b"binary")

    transport.open(Endpoint(url="wss://two/"), inlet)

    assert [(channel.endpoint.url, channel.sent) for channel in transport.channels] == [
        ("wss://one/", ["40", b"binary"]),
        ("wss://two/", []),
    ]
    assert transport.channel is transport.channels[1]


def test_what_is_pushed_at_once_is_heard_at_once(inlet: RecordingInlet) -> None:
    transport = FakeTransport()
    transport.open(Endpoint(url="wss://one/"), inlet)

    transport.channel.push("2", b"[]")
    transport.channel.push_event("updateStream", b"[]")

    assert inlet.heard.get() == [(True, b"2"), (False, b"[]")]
    assert inlet.heard.get() == [(True, b'451-["updateStream",{"_placeholder":true,"num":0}]'), (False, b"[]")]


def test_a_login_that_is_accepted_says_how_often_it_pings(inlet: RecordingInlet) -> None:
    transport = FakeTransport()
    transport.open(Endpoint(url="wss://one/"), inlet)

    transport.channel.accept(ping_interval_seconds=0.5, ping_timeout_seconds=0.25)

    inlet.wait_opened()
    opened, connected, logged_in = inlet.wait_messages(3)
    assert opened == (True, b'0{"sid":"sid","upgrades":[],"pingInterval":500,"pingTimeout":250}')
    assert (connected, logged_in) == ((True, b'40{"sid":"sid"}'), (True, b'42["successauth",{"id":"1"}]'))


def test_a_connection_is_lost_with_the_error_that_was_wanted(inlet: RecordingInlet) -> None:
    transport, error = FakeTransport(), TransportError("connection refused")
    transport.open(Endpoint(url="wss://one/"), inlet)

    transport.channel.lose(error)
    transport.channel.lose()

    assert inlet.wait_closed() is error
    assert inlet.heard.empty()
    assert transport.channel.has_ended


def test_a_probe_keeps_what_it_is_told_and_sorts_it() -> None:
    probe = Probe()
    messages: list[Message] = [Note(number=1), Do(act=nothing), Note(number=2)]

    for message in messages:
        probe.tell(message)

    assert probe.messages == messages
    assert probe.of(Note) == [Note(number=1), Note(number=2)]


def test_the_clock_of_a_stepped_runtime_is_a_manual_one() -> None:
    assert isinstance(SteppedRuntime().clock, ManualClock)
