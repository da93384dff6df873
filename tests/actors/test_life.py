"""Covers actors.life: every way of dying, on both runtimes."""

import threading
from collections.abc import Callable, Iterator
from typing import NoReturn

import pykka
import pytest

from actors.context import Context, Reminder
from actors.life import Life
from actors.mailbox import WAKE
from actors.runtime import Loop, Runtime, ThreadedRuntime
from messages.base import AddressName, Incarnation, Message, RequestFailed, RequestId
from messages.errors import ActorCrashed, NotConnected
from messages.secret import HIDDEN, Secret
from messages.supervision import ActorExited, DeadLetter, ExitReason
from optionbus.testing import SteppedRuntime
from tests.actors.ground import PARENT, PATIENCE_SECONDS, Ground, see_threads_end
from tests.actors.puppet import Act, Answer, Do, Note, Order, Puppet, Question, nothing, raising

NAME = "Puppet"

ERRORS = [ValueError("no"), NotConnected("held"), SystemExit(1), KeyboardInterrupt(), GeneratorExit()]
every_error = pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)


class _Unspeakable(Exception):
    def __str__(self) -> str:
        raise RuntimeError("there are no words")


@pytest.fixture
def noted() -> list[int]:
    return []


def _start(ground: Ground, noted: list[int], **hooks: Act) -> Callable[[], None]:
    """Start a puppet; what is returned starts its next life."""
    return ground.start(NAME, lambda context: Puppet(context, noted, **hooks)).start


def _once(act: Act) -> Act:
    """Do it in the first life alone."""
    return lambda puppet: act(puppet) if puppet.context.incarnation == 1 else None


def _tell_itself(*messages: Note | Do | Order | Question, then: Act) -> Do:
    """Have these messages wait behind what comes then."""

    def act(puppet: Puppet) -> None:
        for message in messages:
            puppet.context.address.tell(message)
        then(puppet)

    return Do(act=act)


# Ways of dying. Each is reported once: the next report is that of the next life.


@every_error
def test_an_actor_that_fails_to_start_is_reported_once(ground: Ground, noted: list[int], error: BaseException) -> None:
    start_again = _start(ground, noted, on_start=_once(raising(error)))

    (exit_,) = ground.exits(1)
    start_again()
    ground.tell(NAME, Do(act=Puppet.request_stop))

    assert (exit_.name, exit_.incarnation, exit_.reason) == (NAME, 1, ExitReason.FAILED_TO_START)
    assert type(error).__name__ in exit_.failure
    assert [(each.incarnation, each.reason) for each in ground.exits(2)[1:]] == [(2, ExitReason.STOPPED)]


@every_error
def test_an_actor_that_fails_over_what_it_was_told_is_reported_once(
    ground: Ground, noted: list[int], error: BaseException
) -> None:
    start_again = _start(ground, noted)
    ground.tell(NAME, Do(act=raising(error)))

    (exit_,) = ground.exits(1)
    start_again()
    ground.tell(NAME, Do(act=Puppet.request_stop))

    assert (exit_.name, exit_.incarnation, exit_.reason) == (NAME, 1, ExitReason.FAILED)
    assert type(error).__name__ in exit_.failure
    assert exit_.error is (error if isinstance(error, NotConnected) else None)
    assert [(each.incarnation, each.reason) for each in ground.exits(2)[1:]] == [(2, ExitReason.STOPPED)]


@every_error
def test_an_actor_that_fails_over_what_it_was_asked_tells_the_asker(
    ground: Ground, noted: list[int], error: BaseException
) -> None:
    start_again = _start(ground, noted)

    answer = ground.ask(NAME, Question(act=raising(error)))
    with pytest.raises(ActorCrashed) as raised:
        answer.get()
    ground.exits(1)
    start_again()
    ground.tell(NAME, Do(act=Puppet.request_stop))

    assert raised.value.actor == NAME
    assert type(error).__name__ in raised.value.reason
    assert [each.reason for each in ground.exits(2)] == [ExitReason.FAILED, ExitReason.STOPPED]


@every_error
def test_an_actor_that_fails_to_stop_is_reported_once(ground: Ground, noted: list[int], error: BaseException) -> None:
    start_again = _start(ground, noted, on_stop=_once(raising(error)))
    ground.tell(NAME, Do(act=Puppet.request_stop))

    (exit_,) = ground.exits(1)
    start_again()
    ground.tell(NAME, Do(act=Puppet.request_stop))

    assert (exit_.name, exit_.incarnation, exit_.reason) == (NAME, 1, ExitReason.FAILED_TO_STOP)
    assert type(error).__name__ in exit_.failure
    assert [(each.incarnation, each.reason) for each in ground.exits(2)[1:]] == [(2, ExitReason.STOPPED)]


@every_error
def test_an_actor_that_fails_in_its_last_hook_is_reported_once_for_what_came_first(
    ground: Ground, noted: list[int], error: BaseException
) -> None:
    start_again = _start(ground, noted, on_failure=raising(error))
    ground.tell(NAME, Do(act=raising(ZeroDivisionError("first"))))

    (exit_,) = ground.exits(1)
    start_again()
    ground.tell(NAME, Do(act=Puppet.request_stop))

    assert (exit_.reason, exit_.failure) == (ExitReason.FAILED, "ZeroDivisionError: first")
    assert [(each.incarnation, each.reason) for each in ground.exits(2)[1:]] == [(2, ExitReason.STOPPED)]


@every_error
def test_an_actor_that_cannot_be_made_is_reported_once(ground: Ground, error: BaseException) -> None:
    def make(context: Context) -> Puppet:
        if context.incarnation == 1:
            raise error
        return Puppet(context)

    child = ground.start(NAME, make)

    (exit_,) = ground.exits(1)
    child.start()
    ground.tell(NAME, Do(act=Puppet.request_stop))

    assert (exit_.name, exit_.incarnation, exit_.reason) == (NAME, 1, ExitReason.FAILED_TO_START)
    assert type(error).__name__ in exit_.failure
    assert [(each.incarnation, each.reason) for each in ground.exits(2)[1:]] == [(2, ExitReason.STOPPED)]


def test_an_actor_for_which_there_is_no_thread_is_reported_once(
    ground: Ground, noted: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_loop: Loop) -> NoReturn:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(ground.runtime, "start", refuse)
        start_again = _start(ground, noted)
    (exit_,) = ground.exits(1)
    registered = [ref for ref in pykka.ActorRegistry.get_by_class(Puppet) if ref.is_alive()]
    start_again()
    ground.tell(NAME, Do(act=Puppet.request_stop))

    assert (exit_.name, exit_.incarnation, exit_.reason) == (NAME, 1, ExitReason.FAILED_TO_START)
    assert exit_.failure == "RuntimeError: can't start new thread"
    assert registered == []
    assert [(each.incarnation, each.reason) for each in ground.exits(2)[1:]] == [(2, ExitReason.STOPPED)]


def test_an_actor_that_was_asked_to_stop_is_reported_once(ground: Ground, noted: list[int]) -> None:
    stopped: list[str] = []
    start_again = _start(ground, noted, on_stop=lambda puppet: stopped.append(puppet.context.name))
    ground.tell(NAME, Do(act=Puppet.request_stop))

    (exit_,) = ground.exits(1)
    start_again()
    ground.tell(NAME, Do(act=Puppet.request_stop))

    assert (exit_.incarnation, exit_.reason, exit_.failure, exit_.messages_left) == (1, ExitReason.STOPPED, "", 0)
    assert [each.incarnation for each in ground.exits(2)] == [1, 2]
    assert stopped == [NAME, NAME]


def test_an_actor_stopped_before_it_began_still_begins_and_ends(ground: Ground) -> None:
    acts: list[str] = []

    def make(context: Context) -> Puppet:
        puppet = Puppet(
            context, on_start=lambda _puppet: acts.append("start"), on_stop=lambda _puppet: acts.append("stop")
        )
        puppet.request_stop()
        return puppet

    ground.start(NAME, make)

    assert [exit_.reason for exit_ in ground.exits(1)] == [ExitReason.STOPPED]
    assert acts == ["start", "stop"]


def test_a_failure_calls_the_failure_hook_and_not_the_stop_hook(ground: Ground, noted: list[int]) -> None:
    _start(ground, noted, on_failure=lambda _puppet: noted.append(-1), on_stop=lambda _puppet: noted.append(-2))

    ground.tell(NAME, Do(act=raising(ValueError())))

    ground.exits(1)
    assert noted == [-1]


def test_an_error_that_cannot_be_put_into_words_is_reported_by_its_type(ground: Ground, noted: list[int]) -> None:
    _start(ground, noted)

    answer = ground.ask(NAME, Question(act=raising(_Unspeakable())))

    assert [(exit_.reason, exit_.failure) for exit_ in ground.exits(1)] == [(ExitReason.FAILED, "_Unspeakable")]
    assert isinstance(answer.error, ActorCrashed)


def test_without_a_parent_an_end_is_told_to_nobody(ground: Ground, noted: list[int]) -> None:
    _start(ground, noted)
    dead = ground.witness("Cemetery", DeadLetter)
    ground.tell(NAME, Do(act=lambda puppet: setattr(puppet.context, "parent", AddressName(""))))
    ground.tell(NAME, Do(act=raising(ValueError())))
    ground.log.wait_for(1)

    assert ground.parent.messages == []
    assert dead.messages == []


# What waits behind a crash.


def test_what_may_be_redelivered_is_handled_by_the_next_life_in_order(ground: Ground, noted: list[int]) -> None:
    start_again = _start(ground, noted)
    waiting = [Note(number=number) for number in range(1, 6)]
    ground.tell(NAME, _tell_itself(*waiting, then=raising(ValueError())))

    (exit_,) = ground.exits(1)
    ground.tell(NAME, Note(number=6))
    start_again()
    ground.ask(NAME, Question(act=nothing)).get()

    assert exit_.messages_left == 5
    assert noted == [1, 2, 3, 4, 5, 6]


def test_the_message_that_was_being_handled_is_not_redelivered(ground: Ground, noted: list[int]) -> None:
    start_again = _start(ground, noted)

    def note_and_die(puppet: Puppet) -> NoReturn:
        puppet.noted.append(1)
        raise ValueError

    ground.tell(NAME, Do(act=note_and_die))
    ground.exits(1)
    start_again()
    ground.ask(NAME, Question(act=nothing)).get()

    assert noted == [1]


def test_what_may_only_be_reported_is_a_dead_letter_and_its_asker_is_told(ground: Ground, noted: list[int]) -> None:
    start_again = _start(ground, noted)
    asker, dead = ground.witness("Asker"), ground.witness("Cemetery", DeadLetter)
    order = Order(act=lambda puppet: puppet.noted.append(99), reply_to=AddressName("Asker"), request_id=RequestId(7))
    ground.tell(NAME, _tell_itself(Note(number=1), order, Note(number=2), then=raising(ValueError("no"))))

    (exit_,) = ground.exits(1)
    start_again()
    ground.ask(NAME, Question(act=nothing)).get()

    assert noted == [1, 2]
    assert exit_.messages_left == 2
    reason = "the actor crashed in front of it: ValueError: no"
    assert dead.messages == [DeadLetter(to=AddressName(NAME), message="Order", reason=reason)]
    (reply,) = asker.of(RequestFailed)
    assert reply.request_id == 7
    assert isinstance(reply.error, ActorCrashed)
    assert (reply.error.actor, reply.error.reason) == (NAME, reason)


def test_a_question_that_waited_behind_a_crash_is_answered_by_the_next_life(ground: Ground, noted: list[int]) -> None:
    start_again = _start(ground, noted)
    asker = ground.witness("Asker")
    question = Question(act=lambda puppet: puppet.context.incarnation, reply_to=AddressName("Asker"))
    ground.tell(NAME, _tell_itself(question, then=raising(ValueError())))

    ground.exits(1)
    start_again()
    asker.wait_for(1)

    assert [answer.value for answer in asker.of(Answer)] == [2]


@pytest.mark.parametrize("hook", ["on_start", "on_stop"])
def test_it_is_the_same_for_what_waits_behind_a_failing_hook(ground: Ground, noted: list[int], hook: str) -> None:
    asker = ground.witness("Asker")

    def be_told_and_die(puppet: Puppet) -> None:
        puppet.context.address.tell(Note(number=1))
        puppet.context.address.tell(Order(act=nothing, reply_to=AddressName("Asker")))
        raise ValueError

    start_again = _start(ground, noted, **{hook: _once(be_told_and_die)})
    if hook == "on_stop":
        ground.tell(NAME, Do(act=Puppet.request_stop))

    (exit_,) = ground.exits(1)
    start_again()
    ground.ask(NAME, Question(act=nothing)).get()

    assert exit_.messages_left == 1
    assert noted == [1]
    assert len(asker.of(RequestFailed)) == 1


def test_it_is_the_same_for_what_waits_for_an_actor_that_cannot_be_made(ground: Ground, noted: list[int]) -> None:
    asker = ground.witness("Asker")
    ground.system.address(AddressName(NAME))
    ground.tell(NAME, Note(number=1))
    ground.tell(NAME, Order(act=nothing, reply_to=AddressName("Asker")))

    def make(context: Context) -> Puppet:
        if context.incarnation == 1:
            raise ValueError
        return Puppet(context, noted)

    child = ground.start(NAME, make)
    (exit_,) = ground.exits(1)
    child.start()
    ground.ask(NAME, Question(act=nothing)).get()

    assert exit_.messages_left == 1
    assert noted == [1]
    assert len(asker.of(RequestFailed)) == 1


def test_what_waits_behind_a_stop_stays_for_the_next_life_whatever_it_is(ground: Ground, noted: list[int]) -> None:
    start_again = _start(ground, noted)
    order = Order(act=lambda puppet: puppet.noted.append(2))
    ground.tell(NAME, _tell_itself(Note(number=1), order, then=Puppet.request_stop))

    (exit_,) = ground.exits(1)
    before = list(noted)
    start_again()
    ground.ask(NAME, Question(act=nothing)).get()

    assert exit_.messages_left == 2
    assert (before, noted) == ([], [1, 2])


def test_an_address_taken_before_a_crash_still_works(ground: Ground, noted: list[int]) -> None:
    start_again = _start(ground, noted)
    address = ground.system.address(AddressName(NAME))
    ground.tell(NAME, Do(act=raising(ValueError())))

    ground.exits(1)
    address.tell(Note(number=1))
    start_again()
    address.tell(Note(number=2))
    ground.ask(NAME, Question(act=nothing)).get()

    assert noted == [1, 2]


# What can be seen of a life.


def test_a_life_has_a_thread_named_after_it(ground: Ground, noted: list[int]) -> None:
    _start(ground, noted)
    vitals = ground.system.address(AddressName(NAME)).vitals

    thread = ground.ask(NAME, Question(act=lambda _puppet: threading.current_thread().name)).get().value

    assert (vitals.thread, vitals.state) == ("Puppet-1", "running")
    assert thread == "Puppet-1" or ground.runtime.is_stepped


def test_what_is_being_handled_can_be_seen_from_outside(ground: Ground, noted: list[int]) -> None:
    _start(ground, noted)
    vitals = ground.system.address(AddressName(NAME)).vitals
    question = Question(act=lambda _puppet: (type(vitals.message).__name__, vitals.since is not None, vitals.handled))

    ground.ask(NAME, question).get()
    answer = ground.ask(NAME, question).get()

    assert answer.value == ("Question", True, 1)


def test_the_end_of_a_life_can_be_seen_from_outside(ground: Ground, noted: list[int]) -> None:
    _start(ground, noted)
    ground.tell(NAME, Do(act=raising(ValueError())))

    ground.exits(1)

    vitals = ground.system.address(AddressName(NAME)).vitals
    assert (vitals.state, vitals.message, vitals.handled) == ("failed", None, 1)


def test_an_unforeseen_error_is_logged_with_where_it_came_from(ground: Ground, noted: list[int]) -> None:
    _start(ground, noted)

    ground.tell(NAME, Do(act=raising(ValueError("no"))))

    ground.exits(1)
    (line,) = ground.logged
    assert line.startswith("ERROR failed\nTraceback")
    assert "puppet.py" in line
    assert line.endswith("ValueError: no")


def test_an_error_of_our_own_is_told_and_not_traced(ground: Ground, noted: list[int]) -> None:
    _start(ground, noted)

    ground.tell(NAME, Do(act=raising(NotConnected("held"))))

    ground.exits(1)
    assert ground.logged == []


def test_a_constructor_that_raises_is_traced_too(ground: Ground) -> None:
    ground.start(NAME, lambda context: Puppet(context, no_such_argument=1))  # type: ignore[call-arg]

    ground.exits(1)
    assert ground.logged[0].startswith("ERROR failed to start\nTraceback")


def test_no_secret_gets_into_the_report(ground: Ground, noted: list[int]) -> None:
    ground.system.secrets = (Secret("s3cr3t"),)
    _start(ground, noted)

    answer = ground.ask(NAME, Question(act=raising(ValueError("s3cr3t"))))

    (exit_,) = ground.exits(1)
    assert exit_.failure == f"ValueError: {HIDDEN}"
    assert "s3cr3t" not in f"{answer.error} {ground.logged}"


# Step by step.


class Walk:
    """A life that a test takes step by step; it has begun at 100 s."""

    def __init__(self, **hooks: Act) -> None:
        self.runtime = SteppedRuntime()
        self.ground = Ground(self.runtime)
        self.noted: list[int] = []
        self.runtime.advance(100.0 - self.runtime.clock.monotonic())
        address = self.ground.system.address(AddressName(NAME))
        address.vitals.incarnation = Incarnation(3)
        self.vitals = address.vitals
        self.puppet = Puppet(Context(self.ground.system, address, Incarnation(3), PARENT), self.noted, **hooks)
        self.life = Life(self.puppet)
        self.begun = self.life.begin()

    def remind(self, incarnation: int) -> bool:
        return self.life.step(Reminder(incarnation=Incarnation(incarnation), message=Note(number=1)))


def test_who_has_begun_runs_and_is_busy_with_nothing() -> None:
    walk = Walk()

    assert walk.begun is True
    assert (walk.vitals.thread, walk.vitals.state) == ("Puppet-3", "running")
    assert (walk.vitals.since, walk.vitals.message, walk.vitals.handled) == (100.0, None, 0)


def test_who_fails_to_begin_does_not_go_on_and_is_busy_with_it_until_the_end() -> None:
    walk = Walk(on_start=raising(ValueError()))
    busy_with = walk.vitals.message

    walk.life.finish()

    assert walk.begun is False
    assert type(busy_with).__name__ == "OnStart"
    assert (walk.vitals.state, walk.vitals.message) == ("failed to start", None)


def test_who_has_handled_a_message_is_busy_with_nothing() -> None:
    walk = Walk()
    walk.runtime.advance(5.0)

    goes_on = [walk.life.step(Note(number=number)) for number in (7, 8)]

    assert goes_on == [True, True]
    assert walk.noted == [7, 8]
    assert (walk.vitals.since, walk.vitals.message, walk.vitals.handled) == (105.0, None, 2)


def test_who_fails_over_a_message_does_not_go_on_and_is_busy_with_it_until_the_end() -> None:
    walk = Walk()
    message = Do(act=raising(ValueError()))

    goes_on = walk.life.step(message)
    busy_with = walk.vitals.message
    walk.life.finish()

    assert goes_on is False
    assert busy_with is message
    assert (walk.vitals.state, walk.vitals.message, walk.vitals.handled) == ("failed", None, 1)


def test_a_reminder_of_this_life_is_its_message() -> None:
    walk = Walk()

    assert walk.remind(3) is True
    assert (walk.noted, walk.vitals.handled) == ([1], 1)


@pytest.mark.parametrize("incarnation", [2, 4])
def test_a_reminder_of_another_life_is_passed_over(incarnation: int) -> None:
    walk = Walk()
    walk.runtime.advance(5.0)

    assert walk.remind(incarnation) is True
    assert (walk.noted, walk.vitals.handled, walk.vitals.since) == ([], 0, 100.0)


def test_a_wake_is_no_message() -> None:
    walk = Walk()
    walk.runtime.advance(5.0)

    assert walk.life.step(WAKE) is True
    assert (walk.vitals.handled, walk.vitals.since) == (0, 100.0)


@pytest.mark.parametrize("message", [WAKE, Note(number=1)])
def test_who_is_stopped_is_woken_and_goes_on_no_more(message: Message) -> None:
    walk = Walk()

    walk.life.stop()

    assert walk.life.mailbox.get(block=False) is WAKE
    assert walk.life.step(message) is False


def test_an_end_is_reported_with_name_life_reason_and_what_is_left() -> None:
    walk = Walk()
    walk.puppet.context.address.tell(Note(number=1))

    walk.life.finish()

    (exit_,) = walk.ground.parent.of(ActorExited)
    assert (exit_.name, exit_.incarnation, exit_.reason) == (NAME, 3, ExitReason.STOPPED)
    assert (exit_.error, exit_.failure, exit_.messages_left) == (None, "", 1)
    assert walk.life.step(WAKE) is False


def test_the_end_of_a_life_that_is_not_the_present_one_is_not_reported() -> None:
    walk = Walk()
    walk.vitals.incarnation = Incarnation(4)
    walk.vitals.state = "starting"
    walk.puppet.context.address.tell(Order(act=nothing))

    walk.life.finish()

    assert walk.ground.parent.messages == []
    assert (walk.vitals.state, len(walk.life.mailbox)) == ("starting", 1)


def test_the_end_of_a_life_whose_name_is_anothers_is_not_reported() -> None:
    walk = Walk()
    walk.ground.witness(NAME)

    walk.life.finish()

    assert walk.ground.parent.messages == []
    assert walk.vitals.state == "running"


def test_the_end_of_a_life_whose_name_is_nobodys_is_reported() -> None:
    walk = Walk()
    walk.ground.system.directory.leave(AddressName(NAME))

    walk.life.finish()

    assert [exit_.reason for exit_ in walk.ground.parent.of(ActorExited)] == [ExitReason.STOPPED]
    assert walk.vitals.state == "stopped"


def test_the_failure_hook_is_told_of_the_failure() -> None:
    error, told = ValueError("no"), list[object]()

    class Patient(Puppet):
        def on_failure(self, *failure: object) -> None:
            told.extend(failure)

    walk = Walk()
    life = Life(Patient(walk.puppet.context))
    life.step(Do(act=raising(error)))

    life.finish()

    assert told == [ValueError, error, error.__traceback__]
    assert error.__traceback__ is not None


def test_an_error_of_our_own_is_reported_without_its_traceback() -> None:
    walk = Walk()
    walk.life.step(Do(act=raising(NotConnected("held"))))

    walk.life.finish()

    (exit_,) = walk.ground.parent.of(ActorExited)
    assert exit_.error is not None
    assert exit_.error.__traceback__ is None


# Others.


@pytest.fixture
def neighbours(ground: Ground) -> Iterator[Ground]:
    """Another account's actors in the same process."""
    runtime: Runtime = SteppedRuntime() if ground.runtime.is_stepped else ThreadedRuntime()
    neighbours = Ground(runtime)
    neighbours.start(NAME, Puppet)
    yield neighbours
    neighbours.close()


@every_error
def test_another_systems_actors_notice_nothing(
    ground: Ground, noted: list[int], neighbours: Ground, error: BaseException
) -> None:
    neighbours.ask(NAME, Question(act=nothing)).get()
    _start(ground, noted)
    ground.start("Other", Puppet)
    ground.tell(NAME, Do(act=raising(error)))
    ground.exits(1)

    # Both answer, and neither has been reported to have ended.
    assert ground.ask("Other", Question(act=lambda _puppet: 1)).get().value == 1
    assert neighbours.ask(NAME, Question(act=lambda _puppet: 1)).get().value == 1
    assert neighbours.parent.messages == []
    assert [exit_.name for exit_ in ground.exits(1)] == [NAME]


def test_pykka_can_stop_ours_and_they_go_gracefully(ground: Ground, noted: list[int], neighbours: Ground) -> None:
    others = set(pykka.ActorRegistry.get_all())
    _start(ground, noted, on_stop=lambda _puppet: noted.append(-1))
    ground.ask(NAME, Question(act=nothing)).get()
    neighbours.ask(NAME, Question(act=nothing)).get()

    pykka.ActorRegistry.stop_all()

    assert [exit_.reason for exit_ in ground.exits(1)] == [ExitReason.STOPPED]
    assert [exit_.reason for exit_ in neighbours.exits(1)] == [ExitReason.STOPPED]
    assert noted == [-1]
    assert set(pykka.ActorRegistry.get_all()) <= others


def test_an_actor_that_was_abandoned_ends_without_a_word() -> None:
    ground, noted = Ground(ThreadedRuntime()), list[int]()
    hangs, release = threading.Event(), threading.Event()

    def hang(_puppet: Puppet) -> None:
        hangs.set()
        release.wait(PATIENCE_SECONDS)

    child = ground.start(NAME, lambda context: Puppet(context, noted))
    ground.tell(NAME, Do(act=hang))
    ground.tell(NAME, Note(number=1))
    assert hangs.wait(PATIENCE_SECONDS)

    child.request_stop()
    child.abandon()
    child.start()
    answer = ground.ask(NAME, Question(act=lambda puppet: puppet.context.incarnation)).get()
    release.set()
    child.request_stop()

    assert answer.value == 2
    assert [exit_.incarnation for exit_ in ground.exits(1)] == [2]
    ground.close()
    see_threads_end()
    assert [exit_.incarnation for exit_ in ground.exits(1)] == [2]
    assert noted == [1]


def test_what_takes_long_in_on_start_can_be_seen(ground: Ground, noted: list[int]) -> None:
    seen: list[str] = []

    def look(puppet: Puppet) -> None:
        seen.append(type(puppet.context.address.vitals.message).__name__)

    _start(ground, noted, on_start=look)
    ground.ask(NAME, Question(act=nothing)).get(timeout=PATIENCE_SECONDS)

    assert seen == ["OnStart"]
