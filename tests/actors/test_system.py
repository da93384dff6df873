"""Covers actors.system; what involves waiting is tried on both runtimes."""

import sys
import threading
from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from actors.runtime import Runtime
from actors.stepped import START
from actors.system import LEVELS, LOG, System
from messages.base import AddressName, Reply, RequestFailed, RequestId
from messages.errors import ActorCrashed, DeadlineExceeded, NotConnected, SystemFailed
from messages.secret import HIDDEN, Secret
from messages.supervision import DeadLetter, LogRecorded
from optionbus.testing import Probe, SteppedRuntime
from tests.actors.ground import PATIENCE_SECONDS, Ground, Witness
from tests.actors.puppet import Answer, Note, Order, Puppet, Question, nothing

NAME = AddressName("Trades")
NOTE = Note(number=1)
ERROR = SystemFailed("the supervisor gave up")


@pytest.fixture
def system() -> Iterator[System]:
    system = System(SteppedRuntime())
    yield system
    system.close()


def _enter(system: System, name: str) -> Probe:
    probe = Probe()
    system.directory.enter(AddressName(name), probe)
    return probe


def _listen(system: System, kind: type) -> Probe:
    probe = Probe()
    system.routes.add(kind, probe)
    return probe


# Addresses.


def test_a_name_has_one_address(system: System) -> None:
    assert system.address(NAME) is system.address(NAME)
    assert system.directory.get(NAME) is system.address(NAME)


def test_a_name_has_one_address_though_many_ask_at_once(system: System) -> None:
    names = [AddressName(f"Actor-{number}") for number in range(200)]
    start, found = threading.Barrier(8), list[list[object]]()

    def ask() -> None:
        start.wait(PATIENCE_SECONDS)
        found.append([system.address(name) for name in names])

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)
    sys.setswitchinterval(interval)

    assert all(len(set(addresses)) == 1 for addresses in zip(*found, strict=True))


def test_an_address_may_be_told_things_before_anybody_lives_there(system: System) -> None:
    system.directory.tell(system.address(NAME).name, NOTE)

    assert system.address(NAME).mailbox.get(block=False) == NOTE


def test_closing_an_address_buries_what_waits_and_tells_its_askers(system: System) -> None:
    asker, dead = _enter(system, "Asker"), _listen(system, DeadLetter)
    system.address(NAME).tell(NOTE)
    system.address(NAME).tell(Order(act=nothing, reply_to=AddressName("Asker"), request_id=RequestId(5)))

    system.close_address(NAME)

    assert [letter.message for letter in dead.of(DeadLetter)] == ["Note", "Order"]
    assert dead.of(DeadLetter)[0].reason == "the actor was stopped"
    (reply,) = asker.of(RequestFailed)
    assert reply.request_id == 5
    assert isinstance(reply.error, ActorCrashed)


def test_who_still_holds_a_closed_address_may_tell_it_things(system: System) -> None:
    address, asker = system.address(NAME), _enter(system, "Asker")
    system.close_address(NAME)

    address.tell(Order(act=nothing, reply_to=AddressName("Asker"), request_id=RequestId(5)))

    assert system.dead_letters == 1
    assert len(asker.of(RequestFailed)) == 1


# Dead letters.


def test_a_dead_letter_keeps_the_type_of_a_message_alone(system: System) -> None:
    dead = _listen(system, DeadLetter)

    system.directory.tell(NAME, NOTE)

    assert system.dead_letters == 1
    assert dead.messages == [DeadLetter(to=NAME, message="Note", reason="nobody has this name")]


@pytest.mark.parametrize(
    "message",
    [
        DeadLetter(to=NAME, message="Note", reason="nobody has this name"),
        LogRecorded(time=0.0, level="INFO", source=NAME, text="hello"),
    ],
)
def test_nobody_is_told_of_dead_letters_about_dead_letters(system: System, message: DeadLetter | LogRecorded) -> None:
    dead = _listen(system, DeadLetter)

    system.directory.tell(NAME, message)

    assert system.dead_letters == 1
    assert dead.messages == []


def test_who_asks_somebody_who_is_not_there_is_told_at_once(ground: Ground) -> None:
    answer = ground.ask("Nobody", Question(act=nothing))

    assert isinstance(answer.error, ActorCrashed)
    assert answer.error.reason == "nobody has this name"


def test_who_wants_no_answer_is_told_none(system: System) -> None:
    system.refuse(NAME, Order(act=nothing), "it was too late")

    assert system.dead_letters == 1


def test_once_the_system_has_failed_that_is_why_a_request_is_refused(system: System) -> None:
    asker = _enter(system, "Asker")
    system.fail(ERROR)

    system.refuse(NAME, Order(act=nothing, reply_to=AddressName("Asker")), "it was too late")

    assert [reply.error for reply in asker.of(RequestFailed)] == [ERROR]


def test_an_event_reaches_everybody_who_listens_to_its_class(system: System) -> None:
    first, second, other = _listen(system, Note), _listen(system, Note), _listen(system, Order)

    system.publish(NOTE)

    assert (first.messages, second.messages, other.messages) == ([NOTE], [NOTE], [])
    assert system.dead_letters == 0


# The log.


def test_a_line_is_told_to_the_log_with_the_time(system: System) -> None:
    log = _enter(system, LOG)

    system.log("WARNING", NAME, "hello")

    assert log.messages == [LogRecorded(time=START, level="WARNING", source=NAME, text="hello")]


@pytest.mark.parametrize("threshold", LEVELS)
def test_lines_below_the_threshold_are_not_made(threshold: str) -> None:
    system = System(SteppedRuntime(), log_level=threshold)
    log = _enter(system, LOG)

    for level in LEVELS:
        system.log(level, NAME, "hello")

    expected = [level for level in LEVELS if LEVELS[level] >= LEVELS[threshold]]
    assert [record.level for record in log.of(LogRecorded)] == expected
    assert [level for level in LEVELS if system.logs(level)] == expected


def test_errors_are_counted_whether_or_not_they_are_logged() -> None:
    system = System(SteppedRuntime(), log_level="CRITICAL")

    for level in LEVELS:
        system.log(level, NAME, "hello")

    assert system.errors == 2


def test_no_secret_gets_into_the_log() -> None:
    system = System(SteppedRuntime(), secrets=[Secret("s3cr3t")])
    log = _enter(system, LOG)

    system.log("INFO", NAME, "logging in with s3cr3t")

    assert log.of(LogRecorded)[0].text == f"logging in with {HIDDEN}"
    assert system.redact('42["auth",{"session":"x"}]') == f'42["auth",{HIDDEN}'


def test_middleware_that_raises_is_an_error_in_the_log(system: System) -> None:
    log = _enter(system, LOG)

    system.middleware._on_error("Mine.on_send", ValueError("no"))

    assert [record.text for record in log.of(LogRecorded)] == ["Mine.on_send raised ValueError: no"]
    assert system.errors == 1


# Asking.


def test_ids_are_given_once(system: System) -> None:
    assert len({system.new_id() for _ in range(100)}) == 100


def test_an_answer_is_converted_in_front_of_the_asker(ground: Ground) -> None:
    ground.start("Puppet", Puppet)
    future, reply_to, request_id = ground.system.expect("the answer", PATIENCE_SECONDS, lambda reply: reply.value * 2)

    ground.tell("Puppet", Question(act=lambda _puppet: 21, reply_to=reply_to, request_id=request_id))

    assert future.get() == 42


def test_what_the_conversion_raises_is_the_askers_affair(ground: Ground) -> None:
    ground.start("Puppet", Puppet)
    future, reply_to, request_id = ground.system.expect("the answer", PATIENCE_SECONDS, lambda reply: reply.value / 0)

    ground.tell("Puppet", Question(act=lambda _puppet: 21, reply_to=reply_to, request_id=request_id))

    with pytest.raises(ZeroDivisionError):
        future.get()
    assert ground.ask("Puppet", Question(act=lambda _puppet: 1)).get().value == 1


def test_a_request_that_failed_raises_its_error(system: System) -> None:
    future, reply_to, request_id = system.expect("the answer", 1.0, lambda reply: reply)

    system.directory.tell(reply_to, RequestFailed(request_id=request_id, error=NotConnected("held")))

    with pytest.raises(NotConnected):
        future.get()


def test_an_asker_has_a_name_until_the_answer_has_come(system: System) -> None:
    _, reply_to, request_id = system.expect("the answer", 1.0, lambda reply: reply)
    reply = Answer(request_id=request_id, value=1)

    system.directory.tell(reply_to, reply)
    system.directory.tell(reply_to, reply)

    assert system.directory.get(reply_to) is None
    assert system.dead_letters == 1


def test_each_asker_has_a_name_and_an_id_of_his_own(system: System) -> None:
    asked = [system.expect("the answer", 1.0, lambda reply: reply)[1:] for _ in range(3)]

    assert len({name for name, _ in asked}) == len({request_id for _, request_id in asked}) == 3


def test_an_answer_that_never_comes_is_given_up_at_the_deadline(runtime: Runtime) -> None:
    system = System(runtime)
    future, reply_to, _ = system.expect("Trades for Order", 0.02, lambda reply: reply)

    with pytest.raises(DeadlineExceeded, match=r"Trades for Order: no answer within 0\.02 s\."):
        future.get(timeout=PATIENCE_SECONDS)

    assert system.directory.get(reply_to) is None
    system.close()


def test_in_virtual_time_the_deadline_is_exact(system: System) -> None:
    future = system.promise("the answer", 7.0)

    with pytest.raises(DeadlineExceeded):
        future.get()

    assert system.runtime.clock.monotonic() == 7.0


def test_who_asks_may_wait_shorter_than_the_deadline(system: System) -> None:
    future = system.promise("the answer", 7.0)

    with pytest.raises(DeadlineExceeded, match="within 2 s"):
        future.get(timeout=2.0)

    assert not future.done


def test_an_answer_in_time_cancels_the_deadline(system: System) -> None:
    future = system.promise("the answer", 7.0)
    future.set(None)

    assert isinstance(system.runtime, SteppedRuntime)
    assert system.runtime.run_until(lambda: False, 100.0) is False
    future.get()


# The end.


def test_who_waits_is_told_when_nothing_will_come_any_more(ground: Ground) -> None:
    futures = [ground.system.promise("the answer", seconds) for seconds in (None, 1.0)]

    ground.system.fail(ERROR)

    assert [future.error for future in futures] == [ERROR, ERROR]


def test_who_asks_after_the_end_is_told_at_once(system: System) -> None:
    system.fail(ERROR)

    future, reply_to, _ = system.expect("the answer", 1.0, lambda reply: reply)

    assert future.error is ERROR
    assert system.directory.get(reply_to) is None


def test_the_first_reason_is_the_one_that_counts(system: System) -> None:
    system.fail(ERROR)
    system.fail(SystemFailed("it was stopped"))

    assert system.failed is ERROR
    assert system.promise("the answer", None).error is ERROR


def test_who_no_longer_cares_for_the_end_is_not_told(system: System) -> None:
    told: list[object] = []
    forget = system.on_failure(told.append)

    forget()
    system.fail(ERROR)

    assert told == []


def test_futures_that_have_ended_are_not_kept(system: System) -> None:
    for _ in range(3):
        system.promise("the answer", 1.0).set(None)

    assert system._ends == {}


def test_one_callback_that_raises_keeps_nobody_from_hearing_of_the_end(system: System) -> None:
    first, second = system.promise("one", None), system.promise("two", None)
    nothing_left: list[int] = []
    first.on_done(lambda: nothing_left.remove(1))
    first.on_done(lambda: nothing_left.__delitem__(0))

    system.fail(ERROR)

    assert second.error is ERROR


def test_after_closing_nobody_waits_and_no_timer_fires(runtime: Runtime) -> None:
    system, fired = System(runtime), list[int]()
    future = system.promise("the answer", None)
    runtime.scheduler.call_later(1000.0, lambda: fired.append(1))

    system.close()
    runtime.scheduler.call_later(0.0, lambda: fired.append(2))
    with pytest.raises(SystemFailed, match="it was stopped"):
        future.get()
    if isinstance(runtime, SteppedRuntime):
        runtime.advance(2000.0)

    assert fired == []


def test_two_systems_of_one_process_do_not_share_names(runtime: Runtime) -> None:
    mine, other = System(runtime), System(runtime)
    witness = Witness(runtime)
    mine.directory.enter(NAME, witness)

    other.directory.tell(NAME, NOTE)

    assert witness.messages == []
    assert (mine.dead_letters, other.dead_letters) == (0, 1)


def test_a_reply_is_what_it_was(system: System) -> None:
    future, reply_to, request_id = system.expect("the answer", 1.0, lambda reply: reply)
    reply: Reply = Answer(request_id=RequestId(0), value="x")

    system.directory.tell(reply_to, replace(reply, request_id=request_id))

    assert future.get() == Answer(request_id=request_id, value="x")
