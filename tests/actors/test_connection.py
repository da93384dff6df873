"""Covers actors.connection, over a fake transport."""

from typing import NoReturn

import pytest

from actors.connection import LASTING_SECONDS, ConnectionActor
from actors.middleware import Middleware
from actors.ports import Endpoint, Inlet
from actors.route import Route
from messages.base import AddressName, Incarnation, Message, RequestFailed, RequestId
from messages.errors import (
    BusError,
    ConnectionLost,
    SessionEnded,
    SessionRejected,
    TransportError,
    WireError,
)
from messages.secret import Secret
from messages.session import FrameBatch, FrameSent, HostsMeasured, SendFrame, SessionAdvanced, SessionState
from messages.supervision import ActorExited, DeadLetter, ExitReason
from messages.wire.commands import LOGIN_FRAMES
from messages.wire.framing import PING, encode_open
from optionbus.testing import FakeChannel, FakeTransport, Probe
from tests.actors.puppet import Note
from tests.actors.stage import Stage

LOGIN = '42["auth",{"session":"s3cr3t","isDemo":1}]'
URL = "wss://host.example/socket.io/"
OPENED = encode_open("sid", 25_000, 20_000)  # silence is death after 45 s
SUCCESS = '42["successauth",{"id":"1"}]'
PS = '42["ps"]'

CONNECTION = AddressName("Connection")


class Overseer(Middleware):
    """Writes down what it sees, and may change what is sent."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.replacement: str | bytes | None = ""

    def on_connection_attempt(self, url: str) -> None:
        self.seen.append(f"attempt {url}")

    def on_connect(self) -> None:
        self.seen.append("connect")

    def on_connection_failure(self, error: BusError) -> None:
        self.seen.append(f"failure: {error}")

    def on_disconnect(self, error: BusError | None) -> None:
        self.seen.append(f"disconnect: {error}")

    def on_send(self, data: str | bytes) -> str | bytes | None:
        self.seen.append(f"send {data!r}")
        return data if self.replacement == "" else self.replacement


class Broken:
    """A transport that cannot even begin."""

    def open(self, _endpoint: Endpoint, _inlet: Inlet) -> NoReturn:
        raise TransportError("no such host")

    def measure(self, _endpoints: object, _report: object) -> NoReturn:
        raise TransportError("no such host")


class World:
    """A connection's actor between a fake network and its supervisor."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.transport = FakeTransport()
        self.route = Route([Endpoint(url=URL)])
        self.overseer = Overseer()
        self.session = stage.probe("Session")
        stage.system.middleware.add(self.overseer)
        self.router = stage.system.address(AddressName("Router"))

    def start(self, transport: FakeTransport | Broken | None = None) -> None:
        """Let a connection begin."""
        used = self.transport if transport is None else transport
        self.stage.start(
            CONNECTION,
            lambda context: ConnectionActor(
                context, used, self.route, Secret(LOGIN), self.router, login_timeout_seconds=10.0
            ),
        )

    def push(self, *messages: str | bytes) -> None:
        """Let the platform say these things at once."""
        self.channel.push(*messages)
        self.stage.advance(0.0)

    def accept(self) -> None:
        """Let the platform take the login."""
        self.channel.accept()
        self.stage.advance(0.0)

    def send(self, data: str | bytes, incarnation: int = 1, reply_to: str = "") -> None:
        """Have something sent."""
        command = SendFrame(
            incarnation=Incarnation(incarnation),
            data=data,
            reply_to=AddressName(reply_to),
            request_id=RequestId(5),
        )
        self.stage.tell(CONNECTION, command)

    @property
    def channel(self) -> FakeChannel:
        return self.transport.channel

    @property
    def sent(self) -> list[str | bytes]:
        return self.channel.sent

    @property
    def states(self) -> list[SessionState]:
        return [advanced.state for advanced in self.session.of(SessionAdvanced)]

    @property
    def exits(self) -> list[ActorExited]:
        return self.stage.supervisor.of(ActorExited)

    @property
    def error(self) -> BusError | None:
        """What the connection died of, once."""
        (exit_,) = self.exits
        assert exit_.reason is not ExitReason.STOPPED
        return exit_.error


@pytest.fixture
def world(stage: Stage) -> World:
    world = World(stage)
    world.start()
    return world


@pytest.fixture
def open_world(world: World) -> World:
    """The WebSocket is open, and the platform has not spoken."""
    world.channel.open()
    world.stage.advance(0.0)
    return world


@pytest.fixture
def accepted(world: World) -> World:
    world.accept()
    return world


# The login.


def test_it_begins_to_connect_at_once(world: World) -> None:
    assert [channel.endpoint.url for channel in world.transport.channels] == [URL]
    assert world.stage.logged == [f"INFO connecting to {URL}"]
    assert world.states == []


def test_each_step_of_the_login_is_answered_and_told(open_world: World) -> None:
    seen = []
    for message in (OPENED, '40{"sid":"x"}', SUCCESS):
        open_world.push(message)
        seen.append((list(open_world.sent), list(open_world.states)))
        open_world.sent.clear()

    handshaking, authenticating = SessionState.HANDSHAKING, SessionState.AUTHENTICATING
    assert seen == [
        (["40"], [handshaking]),
        ([LOGIN], [handshaking, authenticating]),
        (list(LOGIN_FRAMES), [handshaking, authenticating, SessionState.RESTORING]),
    ]


def test_a_login_that_comes_in_one_piece_is_the_same(accepted: World) -> None:
    assert accepted.sent == ["40", LOGIN, *LOGIN_FRAMES]
    assert accepted.states == [SessionState.HANDSHAKING, SessionState.AUTHENTICATING, SessionState.RESTORING]
    assert accepted.stage.system.traffic.frames_sent == len(accepted.sent)


def test_what_comes_out_of_turn_changes_nothing_and_is_counted(open_world: World) -> None:
    open_world.push(SUCCESS)
    open_world.push(OPENED)

    assert open_world.sent == ["40"]
    assert open_world.stage.system.traffic.malformed == 1
    assert "WARNING successauth cannot be read: it cannot come while awaiting open" in open_world.stage.logged
    assert open_world.exits == []


def test_an_open_packet_that_makes_no_sense_ends_the_connection(open_world: World) -> None:
    open_world.push('0{"sid":"x","pingInterval":-1,"pingTimeout":20000}')

    assert isinstance(open_world.error, WireError)


@pytest.mark.parametrize("messages", [[], [OPENED], [OPENED, "40"], [OPENED, "40", SUCCESS]])
def test_a_ping_is_answered_at_every_stage(open_world: World, messages: list[str]) -> None:
    open_world.push(*messages)
    open_world.sent.clear()

    open_world.push("2")

    assert open_world.sent == ["3"]


def test_events_go_to_the_router(accepted: World) -> None:
    accepted.channel.push_event("updateStream", b"[]")

    batches = [accepted.router.mailbox.get(block=False) for _ in range(len(accepted.router.mailbox))]
    assert all(isinstance(batch, FrameBatch) for batch in batches)
    assert [frame.event for batch in batches for frame in batch.frames] == ["successauth", "updateStream"]


# Refusals and ends.


@pytest.mark.parametrize("messages", [[], [OPENED], [OPENED, "40"]])
def test_a_disconnect_before_the_login_is_answered_is_a_refusal(open_world: World, messages: list[str]) -> None:
    open_world.push(*messages)

    open_world.push("41")

    assert isinstance(open_world.error, SessionRejected)
    assert "before the login was answered" in str(open_world.error)


@pytest.mark.parametrize("event", ["NotAuthorized", "notAuthorized", "auth_error"])
@pytest.mark.parametrize("messages", [[], [OPENED], [OPENED, "40"], [OPENED, "40", SUCCESS]])
def test_not_authorized_is_a_refusal_at_any_time(open_world: World, messages: list[str], event: str) -> None:
    open_world.push(*messages)

    open_world.channel.push_event(event, b"{}")
    open_world.stage.advance(0.0)

    assert isinstance(open_world.error, SessionRejected)
    assert "NotAuthorized" in str(open_world.error)


def test_a_refusal_followed_by_a_disconnect_is_one_refusal(open_world: World) -> None:
    open_world.push(OPENED, "40", '42["NotAuthorized"]', "41")

    assert isinstance(open_world.error, SessionRejected)


def test_a_disconnect_after_the_login_ends_the_session(accepted: World) -> None:
    accepted.push("41")

    assert isinstance(accepted.error, SessionEnded)


@pytest.mark.parametrize("messages", [[], [OPENED], [OPENED, "40"], [OPENED, "40", SUCCESS]])
def test_a_closed_engine_is_a_lost_connection(open_world: World, messages: list[str]) -> None:
    open_world.push(*messages)

    open_world.push("1")

    assert type(open_world.error) is ConnectionLost


def test_a_namespace_that_cannot_be_had_is_a_lost_connection(open_world: World) -> None:
    open_world.push(OPENED, '44{"message":"no"}')

    assert type(open_world.error) is ConnectionLost


def test_it_dies_of_what_the_transport_dies_of(world: World) -> None:
    error = TransportError("connection refused")

    world.channel.lose(error)
    world.stage.advance(0.0)

    assert world.error is error


def test_a_transport_that_cannot_begin_is_an_exit_like_any_other(stage: Stage) -> None:
    world = World(stage)

    world.start(Broken())

    assert isinstance(world.error, TransportError)
    assert world.overseer.seen[1:] == ["failure: Network: no such host"]


def test_its_socket_does_not_outlive_it(accepted: World) -> None:
    accepted.push("41")

    assert accepted.channel.has_ended


def test_a_message_it_does_not_know_ends_it_and_its_socket(accepted: World) -> None:
    accepted.stage.tell(CONNECTION, Note(number=1))

    assert accepted.exits[0].reason is ExitReason.FAILED
    assert accepted.channel.has_ended
    assert accepted.overseer.seen[-1] == "disconnect: Network: the connection's actor failed"


# Deadlines.


def test_a_silent_peer_is_dead_after_its_interval_and_timeout(accepted: World) -> None:
    accepted.stage.advance(44.999)
    before = list(accepted.exits)
    accepted.stage.advance(0.001)

    assert before == []
    assert str(accepted.error) == "Network: the server has been silent for 45.0 s"


@pytest.mark.parametrize("heard", [26.969, 35.255, 40.469, 44.5])
def test_a_moment_that_rounding_puts_too_early_is_late_enough(accepted: World, heard: float) -> None:
    accepted.stage.advance(heard)
    accepted.push(PING)
    accepted.stage.advance(45.001)

    assert str(accepted.error) == "Network: the server has been silent for 45.0 s"


@pytest.fixture
def answering(accepted: World) -> World:
    """A peer that has answered the ping after the login."""
    accepted.stage.advance(1.0)
    accepted.channel.pong()
    accepted.stage.advance(1.0)
    return accepted


def test_a_peer_is_asked_for_a_sign_of_life_after_the_login(accepted: World) -> None:
    assert accepted.channel.pings == 1


def test_a_peer_that_owes_an_answer_is_asked_and_then_dead(answering: World) -> None:
    answering.send("42[1]")
    answering.stage.advance(3.999)
    asked_before = answering.channel.pings
    answering.stage.advance(0.001)
    asked = answering.channel.pings
    answering.stage.advance(3.999)
    before = list(answering.exits)
    answering.stage.advance(0.001)

    assert (asked_before, asked, before) == (1, 2, [])
    assert str(answering.error) == "Network: the server has not answered for 8.0 s"


@pytest.mark.parametrize("message", ["2", "6", PS, "42["])
def test_anything_at_all_is_an_answer(answering: World, message: str) -> None:
    answering.send("42[1]")
    answering.stage.advance(7.0)
    answering.push(message)
    answering.stage.advance(1.0)

    assert answering.exits == []


def test_a_pong_is_an_answer(answering: World) -> None:
    answering.send("42[1]")
    answering.stage.advance(4.0)
    answering.channel.pong()
    answering.stage.advance(30.0)

    assert answering.channel.pings == 2
    assert answering.exits == []


def test_a_peer_that_owes_nothing_is_asked_nothing(answering: World) -> None:
    answering.stage.advance(40.0)

    assert answering.channel.pings == 1
    assert answering.exits == []


def test_a_peer_that_streams_is_asked_nothing_however_much_is_sent(answering: World) -> None:
    for _ in range(20):
        answering.send("42[1]")
        answering.stage.advance(0.5)
        answering.push(PS)
        answering.stage.advance(0.5)

    assert answering.channel.pings == 1


def test_a_peer_that_has_never_answered_a_ping_may_be_quiet(accepted: World) -> None:
    accepted.send("42[1]")
    accepted.stage.advance(44.0)

    assert accepted.channel.pings == 1
    assert accepted.exits == []


@pytest.mark.parametrize("message", ["2", "6", PS, "42["])
def test_anything_at_all_proves_that_the_peer_lives(accepted: World, message: str) -> None:
    accepted.stage.advance(30.0)
    accepted.push(message)
    accepted.stage.advance(44.999)
    before = list(accepted.exits)
    accepted.stage.advance(0.001)

    assert before == []
    assert isinstance(accepted.error, ConnectionLost)


def test_a_peer_that_pings_lives_for_ever(accepted: World) -> None:
    for _ in range(100):
        accepted.stage.advance(25.0)
        accepted.push("2")

    assert accepted.exits == []
    assert accepted.sent.count("3") == 100


def test_a_second_open_packet_sets_no_second_deadline(accepted: World) -> None:
    accepted.push(encode_open("sid", 1, 1))
    accepted.stage.advance(44.0)

    assert accepted.exits == []


def test_a_login_that_is_not_answered_in_time_is_given_up(open_world: World) -> None:
    open_world.push(OPENED, "40")
    open_world.stage.advance(9.999)
    before = list(open_world.exits)
    open_world.stage.advance(0.001)

    assert before == []
    assert str(open_world.error) == "Network: no login within 10 s"


def test_the_deadline_of_the_login_is_over_with_the_login(accepted: World) -> None:
    accepted.stage.advance(20.0)

    assert accepted.exits == []


@pytest.mark.parametrize("messages", [[], [OPENED, "40"], [OPENED, "40", SUCCESS]])
def test_no_deadline_of_one_connection_ends_the_next(open_world: World, messages: list[str]) -> None:
    open_world.push(*messages)

    open_world.stage.crash(CONNECTION, meanwhile=lambda: open_world.stage.advance(300.0))
    open_world.channel.open()
    open_world.stage.advance(9.0)

    assert len(open_world.transport.channels) == 2
    assert len(open_world.exits) == 1


# Sending.


def test_what_is_to_be_sent_is_sent_in_order(accepted: World) -> None:
    accepted.sent.clear()

    accepted.send(PS)
    accepted.send(b"binary")

    assert accepted.sent == [PS, b"binary"]


@pytest.mark.parametrize("incarnation", [0, 2])
def test_what_was_meant_for_another_connection_is_refused(accepted: World, incarnation: int) -> None:
    asker, dead = accepted.stage.probe("Asker"), accepted.stage.probe("Cemetery", DeadLetter)
    accepted.sent.clear()

    accepted.send(PS, incarnation, reply_to="Asker")

    assert accepted.sent == []
    assert [letter.message for letter in dead.of(DeadLetter)] == ["SendFrame"]
    assert [reply.request_id for reply in asker.of(RequestFailed)] == [5]
    assert accepted.exits == []


def test_sending_on_a_broken_connection_ends_it(accepted: World) -> None:
    accepted.channel.has_ended = True

    accepted.send(PS)

    assert isinstance(accepted.error, TransportError)


def test_what_the_transport_says_for_another_connection_is_ignored(accepted: World) -> None:
    first = accepted.channel
    accepted.stage.crash(CONNECTION)
    first.has_ended = False

    first.accept()
    first.push("41")
    first.lose()
    accepted.stage.advance(0.0)

    assert accepted.sent == []
    assert len(accepted.exits) == 1


def test_sending_before_there_is_a_socket_ends_it(world: World) -> None:
    world.send(PS)

    assert isinstance(world.error, TransportError)


# Middleware and taps.


def test_middleware_sees_the_attempt_the_login_and_the_end(accepted: World) -> None:
    accepted.push("1")

    assert accepted.overseer.seen == [
        f"attempt {URL}",
        "connect",
        *(f"send {frame!r}" for frame in LOGIN_FRAMES),
        "disconnect: Network: the server closed the connection",
    ]


def test_middleware_sees_an_attempt_that_failed(open_world: World) -> None:
    open_world.push("41")

    assert len(open_world.overseer.seen) == 2
    assert open_world.overseer.seen[1].startswith("failure: The platform refused the session")


def test_an_end_that_was_asked_for_has_no_error(accepted: World) -> None:
    accepted.stage.close()

    assert accepted.overseer.seen[-1] == "disconnect: None"
    assert accepted.channel.has_ended


def test_an_attempt_that_was_called_off_did_not_fail(open_world: World) -> None:
    open_world.stage.close()

    assert open_world.overseer.seen == [f"attempt {URL}"]
    assert open_world.channel.has_ended


def test_middleware_may_change_what_is_sent(accepted: World) -> None:
    accepted.sent.clear()
    accepted.overseer.replacement = b"changed"

    accepted.send(PS)

    assert accepted.sent == [b"changed"]


def test_middleware_may_drop_what_is_sent(accepted: World) -> None:
    accepted.sent.clear()
    accepted.overseer.replacement = None

    accepted.send(PS)

    assert accepted.sent == []


def test_taps_see_what_is_sent_but_the_size_of_what_is_binary(stage: Stage) -> None:
    world, tap = World(stage), Probe()
    stage.system.routes.add_tap(tap)
    world.start()
    world.accept()
    world.push("2")
    world.send(b"binary")

    texts = [frame.text for frame in tap.of(FrameSent)]
    assert texts == ["40", '42["auth",[hidden]]', *LOGIN_FRAMES, "3", "<6 bytes>"]
    assert {frame.incarnation for frame in tap.of(FrameSent)} == {1}


def test_the_login_reaches_neither_middleware_nor_taps_nor_the_log(stage: Stage) -> None:
    world, tap = World(stage), Probe()
    stage.system.routes.add_tap(tap)
    world.start()

    world.accept()
    world.push("41")

    shown: list[Message | str] = [*tap.messages, *world.overseer.seen, *stage.logged, *world.session.messages]
    assert LOGIN in world.sent
    assert "s3cr3t" not in repr(shown)
    assert "s3cr3t" not in repr(stage.supervisor.messages)


# The route.

NEAR, FAR = "ws://near", "ws://far"


class Routed(World):
    """A connection that may go to two places."""

    def __init__(self, stage: Stage, *, by_distance: bool = False) -> None:
        super().__init__(stage)
        self.route = Route([Endpoint(url=FAR), Endpoint(url=NEAR)], by_distance=by_distance)

    def goes_to(self) -> str:
        """Where the next connection goes."""
        self.start()
        return self.channel.endpoint.url

    def lose(self) -> None:
        """Let the connection be lost."""
        self.channel.lose()
        self.stage.advance(0.0)


@pytest.fixture
def routed(stage: Stage) -> Routed:
    return Routed(stage)


def test_an_attempt_that_fails_moves_on_to_the_next_place(routed: Routed) -> None:
    places = []
    for _ in range(3):
        places.append(routed.goes_to())
        routed.lose()

    assert places == [FAR, NEAR, FAR]


def test_a_place_where_a_session_lasted_is_gone_back_to(routed: Routed) -> None:
    routed.goes_to()
    routed.accept()
    for _ in range(6):
        routed.stage.advance(LASTING_SECONDS / 6)
        routed.channel.push(PING)
    routed.lose()

    assert routed.goes_to() == FAR


def test_a_place_where_a_session_did_not_last_is_left(routed: Routed) -> None:
    routed.goes_to()
    routed.accept()
    routed.lose()

    assert routed.goes_to() == NEAR


def test_what_was_asked_for_is_no_reason_to_leave_a_place(routed: Routed) -> None:
    routed.goes_to()

    routed.stage.close()

    assert routed.route.endpoint.url == FAR


def test_all_places_are_measured_before_the_first_attempt_and_the_nearest_is_taken(stage: Stage) -> None:
    routed, told = Routed(stage, by_distance=True), stage.probe("Told", HostsMeasured)
    routed.transport.distances = {FAR: 0.2, NEAR: 0.1}

    assert routed.goes_to() == NEAR
    assert routed.transport.measured == [(FAR, NEAR)]
    assert told.of(HostsMeasured)[0].seconds == ((NEAR, 0.1), (FAR, 0.2))
    assert len(routed.transport.channels) == 1


def test_a_measure_that_comes_after_the_end_starts_nothing(stage: Stage) -> None:
    routed = Routed(stage, by_distance=True)
    routed.transport.distances = {NEAR: 0.1}
    routed.start()
    late = HostsMeasured(incarnation=Incarnation(0), seconds=((FAR, 0.1),))

    stage.tell(CONNECTION, late)

    assert [channel.endpoint.url for channel in routed.transport.channels] == [NEAR]


def test_what_comes_out_of_turn_all_the_time_is_one_line(accepted: World) -> None:
    before = len(accepted.stage.logged)
    for _ in range(100):
        accepted.push('40{"sid":"x"}')

    assert accepted.stage.system.traffic.malformed == 100
    assert len(accepted.stage.logged) == before + 1


def test_an_open_packet_out_of_turn_is_not_read(accepted: World) -> None:
    accepted.push('0{"sid":1}')

    assert accepted.stage.system.traffic.malformed == 1
    assert accepted.exits == []
