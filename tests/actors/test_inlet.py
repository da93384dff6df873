"""Covers actors.inlet."""

import pytest

from actors.context import Context
from actors.inlet import MAX_WAITING_BYTES, MAX_WAITING_MESSAGES, ConnectionInlet, SessionPacketReceived
from actors.stepped import START
from actors.system import LOG, System
from messages.base import NOBODY, AddressName, Incarnation, Message
from messages.errors import ConnectionLost
from messages.session import FrameBatch, TransportClosed, TransportOpened
from messages.supervision import LogRecorded
from messages.wire.framing import encode_binary_event, encode_open
from messages.wire.handshake import Input
from optionbus.testing import Probe, SteppedRuntime

HEADER, PAYLOAD = encode_binary_event("updateStream", b'[["EURUSD_otc",1700007200.5,1.25]]')

CONNECTION = AddressName("Connection")


class World:
    """An inlet, and what it tells the connection, the router and the log."""

    def __init__(self) -> None:
        self.runtime = SteppedRuntime()
        self.system = System(self.runtime)
        self.log = Probe()
        self.system.directory.enter(LOG, self.log)
        self.connection = self.system.address(CONNECTION)
        self.router = self.system.address(AddressName("Router"))
        context = Context(self.system, self.connection, Incarnation(3), NOBODY)
        self.inlet = ConnectionInlet(context, self.router)

    def receive(self, *messages: str | bytes) -> None:
        """Let these come in at once."""
        self.inlet.received(
            [(isinstance(data, str), data.encode() if isinstance(data, str) else data) for data in messages]
        )

    @property
    def told_connection(self) -> list[Message]:
        """What the connection was told since the last look."""
        return [self.connection.mailbox.get(block=False) for _ in range(len(self.connection.mailbox))]

    @property
    def batches(self) -> list[FrameBatch]:
        """What the router was told since the last look."""
        return [self.router.mailbox.get(block=False) for _ in range(len(self.router.mailbox))]


@pytest.fixture
def world() -> World:
    return World()


def test_the_connection_is_told_that_the_socket_is_open(world: World) -> None:
    world.inlet.opened()

    assert world.told_connection == [TransportOpened(incarnation=Incarnation(3))]


def test_the_connection_is_told_how_the_socket_ended(world: World) -> None:
    error = ConnectionLost("cut")

    world.inlet.closed(error)

    assert world.told_connection == [TransportClosed(incarnation=Incarnation(3), error=error)]


def test_events_go_to_the_router_in_one_batch_and_in_order(world: World) -> None:
    world.runtime.advance(5.0)

    world.receive(HEADER, PAYLOAD, '42["updateClosedDeals",[]]', HEADER, b"[]")

    (batch,) = world.batches
    assert (batch.incarnation, batch.received) == (3, START + 5.0)
    assert [(frame.event, frame.payload) for frame in batch.frames] == [
        ("updateStream", PAYLOAD),
        ("updateClosedDeals", b"[]"),
        ("updateStream", b"[]"),
    ]
    assert world.told_connection == []


def test_what_comes_later_is_another_batch(world: World) -> None:
    world.receive('42["one"]')
    world.receive('42["two"]')

    assert [[frame.event for frame in batch.frames] for batch in world.batches] == [["one"], ["two"]]


def test_a_header_and_its_attachment_may_come_apart(world: World) -> None:
    world.receive(HEADER)
    before = world.batches

    world.receive(PAYLOAD)

    assert before == []
    assert [frame.payload for batch in world.batches for frame in batch.frames] == [PAYLOAD]


@pytest.mark.parametrize(
    ("message", "packet", "data"),
    [
        (encode_open("sid", 25_000, 20_000), Input.OPEN, encode_open("sid", 25_000, 20_000)[1:].encode()),
        ('40{"sid":"x"}', Input.CONNECT, b'{"sid":"x"}'),
        ('44{"message":"no"}', Input.CONNECT_ERROR, b'{"message":"no"}'),
        ("41", Input.DISCONNECT, b""),
        ("1", Input.CLOSE, b""),
        ("2", Input.PING, b""),
    ],
)
def test_what_concerns_the_session_goes_to_the_connection_alone(
    world: World, message: str, packet: Input, data: bytes
) -> None:
    world.receive(message)

    assert world.told_connection == [SessionPacketReceived(incarnation=Incarnation(3), packet=packet, data=data)]
    assert world.batches == []


@pytest.mark.parametrize(
    ("event", "packet"),
    [
        ("successauth", Input.SUCCESS_AUTH),
        ("NotAuthorized", Input.NOT_AUTHORIZED),
        ("notAuthorized", Input.NOT_AUTHORIZED),
        ("auth_error", Input.NOT_AUTHORIZED),
    ],
)
def test_events_of_the_login_go_to_both(world: World, event: str, packet: Input) -> None:
    world.receive(*encode_binary_event(event, b'{"id":"1"}'))

    told = SessionPacketReceived(incarnation=Incarnation(3), packet=packet, data=b'{"id":"1"}')
    assert world.told_connection == [told]
    assert [frame.event for batch in world.batches for frame in batch.frames] == [event]


@pytest.mark.parametrize("message", ["3", "6", '40/other,{"sid":"x"}', "41/other,", "430[]"])
def test_what_concerns_nobody_goes_to_nobody(world: World, message: str) -> None:
    world.receive(message)

    assert (world.told_connection, world.batches) == ([], [])
    assert world.system.traffic.malformed == 0


def test_messages_are_counted(world: World) -> None:
    world.receive(HEADER, PAYLOAD, "2")
    world.receive('42["one"]')

    assert world.system.traffic.frames_received == 4


def test_the_unreadable_is_counted_and_what_is_around_it_is_not_lost(world: World) -> None:
    world.receive('42["one"]', "42[", b"nobody announced this", '42["two"]')

    assert world.system.traffic.malformed == 2
    assert [frame.event for batch in world.batches for frame in batch.frames] == ["one", "two"]


def test_the_log_says_why_a_message_was_unreadable_and_not_what_was_in_it(world: World) -> None:
    world.receive('42["s3cr3t"')

    (record,) = world.log.of(LogRecorded)
    assert (record.level, record.source) == ("WARNING", CONNECTION)
    assert record.text == "unreadable frame of 11 bytes: not the JSON of its type of packet"


def test_the_log_is_not_flooded_by_unreadable_messages(world: World) -> None:
    for _ in range(100):
        world.receive("42[", b"nobody announced this")
    world.runtime.advance(10.0)
    world.receive("42[")

    texts = [record.text for record in world.log.of(LogRecorded)]
    assert len(texts) == 3
    assert texts[2].endswith("(and 99 more)")
    assert world.system.traffic.malformed == 201


def test_a_pong_is_a_sign_of_life_and_nothing_to_the_actors(world: World) -> None:
    before = world.inlet.has_ponged
    world.runtime.advance(7.0)

    world.inlet.ponged()

    assert (before, world.inlet.has_ponged) == (False, True)
    assert world.system.lines[0].last_heard == 7.0
    assert world.told_connection == []
    assert world.batches == []


def test_anything_that_is_heard_is_a_sign_of_life(world: World) -> None:
    before = world.system.lines[0].last_heard
    world.runtime.advance(7.0)

    world.receive("42[")

    assert (before, world.system.lines[0].last_heard) == (0.0, 7.0)


def test_there_is_room_while_little_waits(world: World) -> None:
    world.receive(HEADER, PAYLOAD, "2")

    assert world.inlet.has_room()


def test_there_is_no_room_behind_a_heap_until_the_router_has_taken_it(world: World) -> None:
    world.receive('42["x","' + "x" * MAX_WAITING_BYTES + '"]')
    has_room = world.inlet.has_room()

    assert not has_room
    assert world.batches
    assert world.inlet.has_room()


def test_small_frames_are_counted_with_what_each_takes_besides(world: World) -> None:
    for _ in range(MAX_WAITING_BYTES // 200 // 100):
        world.receive(*['42["x"]'] * 100)

    assert not world.inlet.has_room()


def test_there_is_no_room_behind_packets_that_the_connection_has_not_answered(world: World) -> None:
    world.receive(*["2"] * (MAX_WAITING_MESSAGES + 1))
    has_room = world.inlet.has_room()

    assert not has_room
    assert world.told_connection
    assert world.inlet.has_room()
