"""Covers actors.context."""

from collections.abc import Iterator

import pytest

from actors.context import SOON_SECONDS, Context
from actors.line import USABLE, SessionView
from actors.mailbox import WAKE
from actors.stepped import START
from actors.system import System
from messages.base import NOBODY, AddressName, Incarnation, RequestFailed, RequestId
from messages.errors import NotConnected
from messages.session import SendFrame, SessionState
from messages.supervision import LogRecorded
from optionbus.testing import Probe, SteppedRuntime
from tests.actors.ground import Ground
from tests.actors.puppet import Answer, Do, Note, Puppet, Question, nothing
from tests.actors.stage import Stage

NAME = AddressName("Trades")
NOTE = Note(number=1)
ASKER = AddressName("Asker")


class _FastClock:
    """Ten times as fast on the wall as in the hand."""

    scale = 10.0

    def __init__(self, runtime: SteppedRuntime) -> None:
        self._clock = runtime.clock

    def now(self) -> float:
        return START + 10.0 * self._clock.monotonic()

    def monotonic(self) -> float:
        return self._clock.monotonic()


@pytest.fixture
def runtime() -> SteppedRuntime:
    return SteppedRuntime()


@pytest.fixture
def system(runtime: SteppedRuntime) -> Iterator[System]:
    system = System(runtime)
    yield system
    system.close()


@pytest.fixture
def context(system: System) -> Context:
    address = system.address(NAME)
    address.vitals.incarnation = Incarnation(3)
    return Context(system, address, Incarnation(3), NOBODY)


def _enter(system: System, name: str) -> Probe:
    probe = Probe()
    system.directory.enter(AddressName(name), probe)
    return probe


def test_telling_reaches_whoever_has_the_name(system: System, context: Context) -> None:
    probe = _enter(system, "Deals")

    context.tell(AddressName("Deals"), NOTE)

    assert probe.messages == [NOTE]


def test_who_is_to_wake_soon_is_woken_soon_and_once(runtime: SteppedRuntime, system: System, context: Context) -> None:
    mailbox = system.address(AddressName("Deals")).mailbox

    context.wake_soon(AddressName("Deals"))
    context.wake_soon(AddressName("Deals"))
    before = len(mailbox)
    runtime.advance(SOON_SECONDS)

    assert (before, len(mailbox)) == (0, 1)
    assert mailbox.get() is WAKE


def test_who_has_been_woken_can_be_woken_again(runtime: SteppedRuntime, system: System, context: Context) -> None:
    mailbox = system.address(AddressName("Deals")).mailbox

    for _ in range(2):
        context.wake_soon(AddressName("Deals"))
        runtime.advance(SOON_SECONDS)

    assert [mailbox.get() for _ in range(2)] == [WAKE, WAKE]


def test_whoever_does_not_sleep_is_not_woken(runtime: SteppedRuntime, system: System, context: Context) -> None:
    probe = _enter(system, "Deals")

    context.wake_soon(AddressName("Deals"))
    context.wake_soon(AddressName("Nobody"))
    runtime.advance(SOON_SECONDS)

    assert probe.messages == []
    assert system.dead_letters == 0


def test_publishing_reaches_whoever_listens(system: System, context: Context) -> None:
    probe = Probe()
    system.routes.add(Note, probe)

    context.publish(NOTE)

    assert probe.messages == [NOTE]


@pytest.mark.parametrize("state", USABLE)
def test_on_a_usable_session_a_message_goes_to_its_connection(
    system: System, context: Context, state: SessionState
) -> None:
    connection = _enter(system, "Connection")
    system.lines[0].session = SessionView(Incarnation(7), state)

    assert context.send('42["ps"]')
    assert connection.messages == [SendFrame(incarnation=Incarnation(7), data='42["ps"]')]
    assert context.session is system.session


@pytest.mark.parametrize("state", [state for state in SessionState if state not in USABLE])
def test_without_a_usable_session_nothing_is_sent(system: System, context: Context, state: SessionState) -> None:
    connection = _enter(system, "Connection")
    system.lines[0].session = SessionView(Incarnation(7), state)

    assert not context.send('42["ps"]')
    assert connection.messages == []


def test_a_reply_goes_to_whoever_asked(system: System, context: Context) -> None:
    asker = _enter(system, ASKER)
    question = Question(act=nothing, reply_to=ASKER, request_id=RequestId(5))

    context.reply(question, Answer(request_id=question.request_id, value=1))
    context.fail(question, NotConnected("held"))

    answer, failure = asker.messages
    assert answer == Answer(request_id=RequestId(5), value=1)
    assert isinstance(failure, RequestFailed)
    assert (failure.request_id, str(failure.error)) == (5, str(NotConnected("held")))


def test_who_wants_no_answer_gets_none(system: System, context: Context) -> None:
    question = Question(act=nothing)

    context.reply(question, Answer(request_id=question.request_id, value=1))
    context.fail(question, NotConnected("held"))

    assert system.dead_letters == 0


def test_a_line_is_logged_under_the_actors_name(system: System, context: Context) -> None:
    log = _enter(system, "Log")

    context.log("INFO", "hello")

    assert log.messages == [LogRecorded(time=START, level="INFO", source=NAME, text="hello")]


def test_chance_and_time_are_those_of_the_runtime(runtime: SteppedRuntime, context: Context) -> None:
    assert context.random is runtime.random
    assert context.clock is runtime.clock


# Reminders.


def test_an_actor_can_tell_itself_something_later(stage: Stage) -> None:
    noted: list[int] = []
    stage.start("Puppet", lambda context: Puppet(context, noted, on_start=lambda p: p.context.after(5.0, NOTE)))

    stage.advance(4.999)
    before = list(noted)
    stage.advance(0.001)

    assert (before, noted) == ([], [1])


def test_a_reminder_that_was_cancelled_does_not_come(stage: Stage) -> None:
    noted: list[int] = []
    stage.start(
        "Puppet", lambda context: Puppet(context, noted, on_start=lambda p: p.context.after(5.0, NOTE).cancel())
    )

    stage.advance(10.0)

    assert noted == []


def test_a_later_life_does_not_hear_the_reminders_of_the_one_before(stage: Stage) -> None:
    noted: list[int] = []
    stage.start("Puppet", lambda context: Puppet(context, noted, on_start=_remind_once))
    stage.crash("Puppet")

    stage.advance(10.0)

    assert noted == []


def test_a_reminder_that_comes_between_two_lives_is_for_neither(stage: Stage) -> None:
    noted: list[int] = []
    stage.start("Puppet", lambda context: Puppet(context, noted, on_start=_remind_once))

    stage.crash("Puppet", meanwhile=lambda: stage.advance(10.0))

    assert noted == []


def test_a_reminder_that_waited_behind_a_crash_is_not_redelivered(ground: Ground) -> None:
    noted: list[int] = []
    child = ground.start("Puppet", lambda context: Puppet(context, noted))

    def be_reminded_and_die(puppet: Puppet) -> None:
        puppet.context._remind(Note(number=1))  # what the timer does, while a handler is busy
        puppet.context.address.tell(Note(number=2))
        raise ValueError

    ground.tell("Puppet", Do(act=be_reminded_and_die))
    ground.exits(1)
    child.start()
    ground.ask("Puppet", Question(act=nothing)).get()

    assert noted == [2]
    assert ground.system.dead_letters == 0


def test_a_moment_on_the_wall_clock_is_met(runtime: SteppedRuntime, system: System) -> None:
    address = system.address(NAME)
    context = Context(system, address, Incarnation(0), NOBODY)
    context.clock = _FastClock(runtime)

    context.at(START + 60.0, NOTE)
    runtime.advance(5.999)
    before = len(address.mailbox)
    runtime.advance(0.001)

    assert (before, len(address.mailbox)) == (0, 1)


def _remind_once(puppet: Puppet) -> None:
    if puppet.context.incarnation == 1:
        puppet.context.after(5.0, NOTE)
