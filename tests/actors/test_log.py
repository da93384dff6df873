"""Covers actors.log."""

import pytest

from actors.context import Context
from actors.log import SHOWN_CHARACTERS, LogActor
from actors.stepped import START
from actors.system import LEVELS, LOG, System
from messages.base import NOBODY, AddressName, Incarnation, Message
from messages.errors import BusError, ConnectionLost, SessionRejected
from messages.secret import HIDDEN, Secret
from messages.session import Frame, FrameReceived, FrameSent, SessionState, SessionStateChanged
from messages.supervision import (
    ActorExited,
    ActorHung,
    ActorRestarted,
    DeadLetter,
    ExitReason,
    LogRecorded,
)
from optionbus.testing import Probe, SteppedRuntime
from supervisor.child import Child
from supervisor.spec import ChildSpec

TRADES = AddressName("Trades")
SECRET = Secret("s3cr3t-of-the-session")


class Sink:
    """Keeps lines, and breaks where it is told to."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.is_broken = False

    def write(self, level: str, source: str, text: str) -> None:
        if self.is_broken:
            raise OSError("disk full")
        self.lines.append(f"{level} {source}: {text}")

    def close(self) -> None:
        pass


class World:
    """The log's actor and its sink."""

    def __init__(self, level: str = "TRACE") -> None:
        self.runtime = SteppedRuntime()
        self.system = System(self.runtime, secrets=[SECRET], log_level=level)
        self.sink = Sink()
        spec = ChildSpec(name=LOG, factory=lambda context: LogActor(context, self.sink))
        self.child = Child(self.system, spec, NOBODY)
        self.child.start()
        self.runtime.run_until_idle()

    def publish(self, event: Message) -> list[str]:
        """What is written of an event."""
        self.system.publish(event)
        return self.run()

    def tap(self, frame: FrameReceived | FrameSent) -> list[str]:
        """What is written of a frame."""
        for tap in self.system.routes.taps:
            tap.tell(frame)
        return self.run()

    def run(self) -> list[str]:
        self.runtime.run_until_idle()
        return self.sink.lines


@pytest.fixture
def world() -> World:
    return World()


def _changed(
    state: SessionState, error: BusError | None = None, retry_in_seconds: float | None = None
) -> SessionStateChanged:
    return SessionStateChanged(
        incarnation=Incarnation(1),
        before=SessionState.IDLE,
        state=state,
        error=error,
        retry_in_seconds=retry_in_seconds,
    )


def _exited(reason: ExitReason, failure: str = "", error: BusError | None = None) -> ActorExited:
    return ActorExited(
        name=TRADES, incarnation=Incarnation(3), reason=reason, failure=failure, error=error, messages_left=2
    )


def _received(payload: bytes) -> FrameReceived:
    return FrameReceived(
        incarnation=Incarnation(1), received=START, frame=Frame(event="ps", payload=payload, text=b'42["ps"]')
    )


def test_a_record_is_written_as_it_is(world: World) -> None:
    world.system.log("SUCCESS", TRADES, "hello")

    assert world.run() == ["SUCCESS Trades: hello"]


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (_changed(SessionState.READY), "INFO Log: session ready"),
        (_changed(SessionState.CONNECTING), "DEBUG Log: session connecting"),
        (
            _changed(SessionState.BACKING_OFF, retry_in_seconds=1.5),
            "INFO Log: session backing off; next attempt in 1.50 s",
        ),
        (
            _changed(SessionState.BACKING_OFF, ConnectionLost("cut"), 0.0),
            "WARNING Log: session backing off: Network: cut; next attempt in 0.00 s",
        ),
        (_exited(ExitReason.STOPPED), "DEBUG Log: Trades stopped, 2 messages left"),
        (
            _exited(ExitReason.FAILED, "ValueError: no"),
            "WARNING Log: Trades failed (ValueError: no), 2 messages left",
        ),
        (
            _exited(ExitReason.FAILED, "ConnectionLost: Network: cut", ConnectionLost("cut")),
            "DEBUG Log: Trades failed (ConnectionLost: Network: cut), 2 messages left",
        ),
        (_exited(ExitReason.ABANDONED), "WARNING Log: Trades abandoned, 2 messages left"),
        (
            ActorHung(name=TRADES, incarnation=Incarnation(1), message="PlaceTrade", seconds=1.25),
            "WARNING Log: Trades has been busy with PlaceTrade for 1.2 s",
        ),
        (ActorRestarted(name=TRADES, incarnation=Incarnation(4)), "INFO Log: Trades lives again, life 4"),
        (
            DeadLetter(to=TRADES, message="PlaceTrade", reason="nobody has this name"),
            "DEBUG Log: PlaceTrade reached nobody at Trades: nobody has this name",
        ),
    ],
)
def test_an_event_is_worth_a_line(world: World, event: Message, line: str) -> None:
    assert world.publish(event) == [line]


def test_a_refusal_is_not_said_twice_as_a_warning(world: World) -> None:
    (line,) = world.publish(_changed(SessionState.REJECTED, SessionRejected("NotAuthorized")))

    assert line.startswith("DEBUG Log: session rejected: The platform refused the session")


@pytest.mark.parametrize("level", LEVELS)
def test_events_below_the_level_are_not_written(level: str) -> None:
    world = World(level)

    lines = world.publish(ActorRestarted(name=TRADES, incarnation=Incarnation(4)))

    assert bool(lines) == (LEVELS[level] <= LEVELS["INFO"])


# Frames.


def test_frames_are_tapped_at_trace(world: World) -> None:
    world.tap(FrameSent(incarnation=Incarnation(1), text='42["ps"]'))
    world.tap(_received(b"[1]"))

    assert world.sink.lines == ['TRACE Log: sent 42["ps"]', 'TRACE Log: received 42["ps"] [1]']


def test_frames_are_tapped_at_no_other_level() -> None:
    assert World("DEBUG").system.routes.taps == ()


def test_of_a_long_frame_the_beginning_and_the_size_are_shown(world: World) -> None:
    world.tap(_received(b"x" * (SHOWN_CHARACTERS + 1)))

    assert world.sink.lines == [f'TRACE Log: received 42["ps"] {"x" * SHOWN_CHARACTERS}… (501 bytes)']


def test_what_is_no_text_is_shown_as_far_as_it_is(world: World) -> None:
    assert world.tap(_received(b"\xff[]")) == ['TRACE Log: received 42["ps"] \ufffd[]']


# Secrets.


def test_no_secret_is_shown_of_a_frame(world: World) -> None:
    world.tap(_received(b'{"echo":"s3cr3t-of-the-session"}'))

    assert world.sink.lines == [f'TRACE Log: received 42["ps"] {{"echo":"{HIDDEN}"}}']


@pytest.mark.parametrize("cut", range(1, len(SECRET.reveal())))
def test_no_part_of_a_secret_is_shown_where_a_frame_is_cut(world: World, cut: int) -> None:
    padding = "x" * (SHOWN_CHARACTERS - cut)

    world.tap(_received(f"{padding}{SECRET.reveal()}".encode()))

    shown = world.sink.lines[0].removeprefix('TRACE Log: received 42["ps"] ').partition("…")[0]
    assert shown == f"{padding}{HIDDEN}"[:SHOWN_CHARACTERS]


def test_no_login_is_shown_of_what_was_sent(world: World) -> None:
    world.tap(FrameSent(incarnation=Incarnation(1), text='42["auth",{"session":"other"}]'))

    assert world.sink.lines == [f'TRACE Log: sent 42["auth",{HIDDEN}']


def test_no_secret_is_shown_of_a_failure(world: World) -> None:
    world.publish(_exited(ExitReason.FAILED, f"ValueError: {SECRET.reveal()}"))

    assert world.sink.lines == [f"WARNING Log: Trades failed (ValueError: {HIDDEN}), 2 messages left"]


# Life and death.


def test_last_words_are_written(world: World) -> None:
    def last_words() -> None:
        world.system.log("INFO", TRADES, "one")
        world.system.log("INFO", TRADES, "two")

    world.child.request_stop()
    last_words()
    world.run()

    assert world.sink.lines == ["INFO Trades: one", "INFO Trades: two"]
    assert world.system.address(LOG).vitals.state == "stopped"
    assert len(world.system.address(LOG).mailbox) == 0


def test_after_a_crash_of_the_sink_lines_go_on(world: World) -> None:
    world.sink.is_broken = True
    world.system.log("INFO", TRADES, "lost")
    world.system.log("INFO", TRADES, "kept")
    world.run()
    world.sink.is_broken = False

    world.child.start()
    world.run()

    assert world.sink.lines[0] == "INFO Trades: kept"
    assert world.sink.lines[1].startswith("ERROR Log: failed\nTraceback")


def test_a_message_it_does_not_know_ends_it(world: World) -> None:
    actor = LogActor(Context(world.system, world.system.address(LOG), Incarnation(9), NOBODY), world.sink)

    with pytest.raises(AssertionError):
        actor.on_receive("nonsense")  # type: ignore[arg-type]


def test_slow_writing_costs_bounded_memory_and_nobody_any_time(world: World) -> None:
    mailbox = world.system.address(LOG).mailbox

    for number in range(10_100):
        mailbox.put(LogRecorded(time=START, level="INFO", source=TRADES, text=str(number)))

    assert len(mailbox) == 10_000
    assert mailbox.dropped == 100
    assert world.run()[0] == "INFO Trades: 100"


# Who follows.


class Follower(Probe):
    """Is told what is logged, and that there is no more."""

    has_ended = False

    def end(self) -> None:
        self.has_ended = True

    @property
    def texts(self) -> list[str]:
        return [record.text for record in self.of(LogRecorded)]


@pytest.fixture
def quiet() -> World:
    """A log that is to be written from WARNING up."""
    return World("WARNING")


def test_who_follows_is_told_what_is_written(quiet: World) -> None:
    follower = Follower()
    quiet.system.follow_log("WARNING", follower)

    quiet.system.log("INFO", TRADES, "too low")
    quiet.system.log("ERROR", TRADES, f"it was {SECRET.reveal()}")
    quiet.run()

    assert follower.of(LogRecorded) == [LogRecorded(time=START, level="ERROR", source=TRADES, text=f"it was {HIDDEN}")]


def test_what_one_follows_is_written_no_more_than_it_was(quiet: World) -> None:
    leave = quiet.system.follow_log("TRACE", follower := Follower())

    quiet.tap(_received(b"[1]"))
    leave()
    quiet.tap(_received(b"[2]"))
    quiet.system.log("DEBUG", TRADES, "too low again")

    assert quiet.run() == []
    assert follower.texts == ['received 42["ps"] [1]']
    assert quiet.system.routes.taps == ()


def test_each_who_follows_has_a_level_of_his_own(quiet: World) -> None:
    low, high = Follower(), Follower()
    quiet.system.follow_log("DEBUG", low)
    quiet.system.follow_log("ERROR", high)

    for level in ("DEBUG", "ERROR"):
        quiet.system.log(level, TRADES, level)
    quiet.run()

    assert (low.texts, high.texts) == (["DEBUG", "ERROR"], ["ERROR"])


def test_who_follows_hears_the_last_words_and_that_they_are_the_last(quiet: World) -> None:
    quiet.system.follow_log("INFO", follower := Follower())

    quiet.child.request_stop()
    quiet.system.log("INFO", TRADES, "farewell")
    quiet.run()
    quiet.system.follow_log("INFO", late := Follower())

    assert follower.texts == ["farewell"]
    assert follower.has_ended
    assert late.has_ended


def test_a_sink_that_breaks_keeps_nobody_from_following(quiet: World) -> None:
    quiet.system.follow_log("INFO", follower := Follower())
    quiet.sink.is_broken = True

    quiet.system.log("ERROR", TRADES, "heard")
    quiet.run()

    assert follower.texts == ["heard"]
