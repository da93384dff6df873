"""Covers supervisor.supervisor, on stepped time."""

import pytest
from msgspec.structs import replace

from actors.context import Context
from actors.future import Future
from actors.line import Line
from actors.system import LOG
from messages.base import AddressName, Done, Incarnation, Reply, Request, RequestId
from messages.errors import ActorCrashed, BusError, DeadlineExceeded, SystemFailed
from messages.supervision import (
    ActorExited,
    ActorHung,
    ActorRestarted,
    DeadLetter,
    ExitReason,
    GetHealth,
    Health,
    LogRecorded,
    Restart,
    StartChild,
    StopChild,
    StopSystem,
    SystemStopped,
)
from optionbus.testing import Probe, SteppedRuntime
from supervisor.spec import ChildSpec, Intensity, Strategy
from supervisor.strategy import is_restarted
from supervisor.supervisor import SupervisorActor
from tests.supervisor.troupe import SUPERVISOR, Fail, Greet, Leave, Player, Troupe, names, names_in

BOOM = Fail(error=RuntimeError("boom"))
DEATHS = {
    ExitReason.STOPPED: (Leave(), {}),
    ExitReason.FAILED: (BOOM, {}),
    ExitReason.FAILED_TO_START: (None, {"on_start": {1}}),
    ExitReason.FAILED_TO_STOP: (Leave(), {"on_stop": {1}}),
}
"""How a child dies by itself: what it is told, and which hook raises. ABANDONED are only those asked to stop."""


@pytest.fixture
def troupe() -> Troupe:
    return Troupe().start()


class Deaf(Player):
    """Does not stop when it is asked to."""

    def request_stop(self) -> None:
        self._write("asked")


def deaf(troupe: Troupe, name: str, shutdown_seconds: float) -> ChildSpec:
    return ChildSpec(
        name=AddressName(name),
        factory=lambda context: Deaf(context, troupe.diary, {}),
        shutdown_seconds=shutdown_seconds,
    )


def logged(troupe: Troupe) -> Probe:
    """Who is told what is logged from now on."""
    log = Probe()
    troupe.system.directory.enter(LOG, log)
    return log


def lines(log: Probe) -> list[tuple[str, str, str]]:
    return [(line.level, line.source, line.text.partition("\n")[0]) for line in log.of(LogRecorded)]


def test_a_supervisor_says_what_it_takes_and_listens_to_nothing() -> None:
    inbox = set(SupervisorActor.inbox() or ())

    assert inbox > {ActorExited, StartChild, StopChild, StopSystem, GetHealth}
    assert SupervisorActor.listens == ()


def test_children_are_started_in_the_order_of_their_specs(troupe: Troupe) -> None:
    assert troupe.diary == ["A made", "B made", "C made", "D made"]
    assert all(troupe.lives(name) for name in "ABCD")


def test_children_are_stopped_in_reverse_each_when_the_one_before_has_ended(troupe: Troupe) -> None:
    troupe.diary.clear()

    stopped = troupe.stop()

    assert stopped.done
    assert troupe.diary == ["D stopped", "C stopped", "B stopped", "A stopped"]
    assert [exit_.reason for exit_ in troupe.said.of(ActorExited)] == [ExitReason.STOPPED] * 4
    assert troupe.said.messages[-1] == SystemStopped()


@pytest.mark.parametrize("reason", DEATHS, ids=lambda reason: reason.name)
@pytest.mark.parametrize("restart", Restart, ids=lambda restart: restart.name)
def test_who_died_lives_again_if_its_spec_says_so(restart: Restart, reason: ExitReason) -> None:
    message, faults = DEATHS[reason]
    troupe = Troupe()
    spec = troupe.spec("A", restart)
    troupe.faults["A"].update(faults)
    troupe.start(spec)

    if message is not None:
        troupe.tell("A", message)

    lives_again = is_restarted(restart, reason)
    assert [(exit_.name, exit_.reason) for exit_ in troupe.said.of(ActorExited)] == [("A", reason)]
    assert troupe.lives("A") is lives_again
    assert troupe.incarnation("A") == (2 if lives_again else 0), "who is forgotten has no address any more"
    assert troupe.said.of(ActorRestarted) == (
        [ActorRestarted(name=AddressName("A"), incarnation=Incarnation(2))] if lives_again else []
    )


@pytest.mark.parametrize("error", [ValueError("no"), SystemExit(1), KeyboardInterrupt()], ids=type)
def test_whatever_a_handler_raises_ends_one_child_only(troupe: Troupe, error: BaseException) -> None:
    troupe.tell("B", Fail(error=error))

    assert names(troupe.said.of(ActorExited)) == ["B"]
    assert [troupe.incarnation(name) for name in "ABCD"] == [1, 2, 1, 1]


RESTARTS = {
    Strategy.ONE_FOR_ONE: ["B failed", "B made"],
    Strategy.ONE_FOR_ALL: [
        *("B failed", "D stopped", "C stopped", "A stopped"),
        *("A made", "B made", "C made", "D made"),
    ],
    Strategy.REST_FOR_ONE: ["B failed", "D stopped", "C stopped", "B made", "C made", "D made"],
}


@pytest.mark.parametrize("strategy", RESTARTS, ids=lambda strategy: strategy.name)
def test_siblings_are_stopped_in_reverse_and_started_in_order(strategy: Strategy) -> None:
    troupe = Troupe(strategy=strategy).start()
    troupe.diary.clear()

    troupe.tell("B", BOOM)

    assert troupe.diary == RESTARTS[strategy]
    assert all(troupe.lives(name) for name in "ABCD")


def test_the_deadline_of_one_life_does_not_end_the_next() -> None:
    troupe = Troupe(strategy=Strategy.ONE_FOR_ALL).start()
    troupe.tell("A", BOOM)
    troupe.advance(0.5)
    troupe.tell("Supervisor", troupe.stop_child("D"))

    troupe.advance(5.0)

    assert [troupe.incarnation(name) for name in "ABC"] == [2, 2, 2]
    assert ExitReason.ABANDONED not in {exit_.reason for exit_ in troupe.said.of(ActorExited)}


def test_a_temporary_sibling_is_stopped_with_the_others_and_forgotten() -> None:
    troupe = Troupe(strategy=Strategy.ONE_FOR_ALL)
    troupe.start(troupe.spec("A"), troupe.spec("B", Restart.TEMPORARY), troupe.spec("C"))

    troupe.tell("A", BOOM)

    assert [troupe.lives(name) for name in "ABC"] == [True, False, True]
    assert troupe.diary.count("B made") == 1


def test_siblings_that_die_together_are_restarted_once() -> None:
    troupe = Troupe(strategy=Strategy.ONE_FOR_ALL, intensity=Intensity(max_restarts=1))
    troupe.start()
    for name in "ABC":
        troupe.system.directory.tell(AddressName(name), BOOM)

    troupe.settle()

    assert sorted(names(troupe.said.of(ActorRestarted))) == ["A", "B", "C", "D"]
    assert all(troupe.lives(name) for name in "ABCD")


def test_an_address_taken_before_a_crash_is_good_after_it(troupe: Troupe) -> None:
    address = troupe.system.address(AddressName("A"))
    troupe.tell("A", BOOM)

    address.tell(BOOM)
    troupe.settle()

    assert address is troupe.system.address(AddressName("A"))
    assert troupe.incarnation("A") == 3


def test_what_waits_behind_a_crash_is_handled_or_reported(troupe: Troupe) -> None:
    futures = [_queued(troupe, message) for message in (BOOM, Greet(), Leave(), Greet())]

    troupe.settle()

    assert [type(future.error) for future in futures] == [ActorCrashed, type(None), ActorCrashed, type(None)]
    assert troupe.incarnation("A") == 2


def _queued(troupe: Troupe, message: Fail | Greet | Leave) -> "Future[object]":
    """Tell A something while nobody moves."""
    future, reply_to, request_id = troupe.system.expect("A", 60.0, lambda reply: reply)
    fields = {"error": message.error} if isinstance(message, Fail) else {}
    troupe.system.directory.tell(AddressName("A"), type(message)(reply_to=reply_to, request_id=request_id, **fields))
    return future


def _step(troupe: Troupe) -> None:
    assert isinstance(troupe.runtime, SteppedRuntime)
    assert troupe.runtime.step(), "nobody has anything to do any more"


def test_an_exit_tells_how_much_was_left_waiting(troupe: Troupe) -> None:
    for message in (BOOM, Greet(), Greet()):
        troupe.system.directory.tell(AddressName("A"), message)

    troupe.settle()

    assert troupe.said.of(ActorExited)[0].messages_left == 2


def test_too_many_restarts_end_everything_with_a_typed_error() -> None:
    troupe = Troupe(intensity=Intensity(max_restarts=2, period_seconds=10.0)).start()
    future = troupe.system.promise("something", None)
    ended: list[BusError] = []
    troupe.system.on_failure(ended.append)
    troupe.diary.clear()

    for _ in range(3):
        troupe.tell("B", BOOM)

    assert isinstance(future.error, SystemFailed)
    assert "B kept failing" in str(future.error)
    assert ended == [future.error]
    assert troupe.diary[-4:] == ["B failed", "D stopped", "C stopped", "A stopped"]
    assert troupe.said.messages[-1] == SystemStopped(error=future.error)


@pytest.mark.parametrize("count", [1, 2])
def test_the_end_is_told_once_also_where_nobody_is_left_to_stop(count: int) -> None:
    troupe = Troupe(intensity=Intensity(max_restarts=0))
    troupe.start(*(troupe.spec(name) for name in "AB"[:count]))
    supervisor = troupe.system.address(SUPERVISOR)

    troupe.tell("A", BOOM)

    assert troupe.said.of(SystemStopped) == [SystemStopped(error=troupe.system.failed)]
    assert supervisor.vitals.state == "stopped"


def test_giving_up_is_logged_with_who_failed_and_how() -> None:
    troupe = Troupe(intensity=Intensity(max_restarts=0)).start()
    log = logged(troupe)

    troupe.tell("B", BOOM)

    assert ("CRITICAL", "Supervisor", f"giving up: {troupe.system.failed}") in lines(log)
    assert "B kept failing (RuntimeError: boom)" in str(troupe.system.failed)


def test_unless_told_otherwise_five_restarts_in_ten_seconds_are_borne() -> None:
    troupe = Troupe().start()

    for _ in range(5):
        troupe.tell("A", BOOM)
    borne = troupe.system.failed
    troupe.tell("A", BOOM)

    assert borne is None
    assert isinstance(troupe.system.failed, SystemFailed)


def test_nothing_can_be_awaited_after_the_end() -> None:
    troupe = Troupe(intensity=Intensity(max_restarts=0)).start()
    troupe.tell("A", BOOM)

    later = troupe.system.promise("something", None)

    assert isinstance(later.error, SystemFailed)


def test_restarts_that_are_far_apart_never_add_up() -> None:
    troupe = Troupe(intensity=Intensity(max_restarts=1, period_seconds=10.0)).start()

    for _ in range(5):
        troupe.tell("A", BOOM)
        troupe.advance(10.0)

    assert troupe.incarnation("A") == 6


def test_restarts_of_all_children_count_together() -> None:
    troupe = Troupe(intensity=Intensity(max_restarts=2)).start()

    for name in "ABC":
        troupe.tell(name, BOOM)

    assert isinstance(troupe.system.failed, SystemFailed)


def test_a_child_that_never_starts_is_given_up() -> None:
    troupe = Troupe(intensity=Intensity(max_restarts=3))
    spec = troupe.spec("A")
    troupe.faults["A"]["on_start"] = set(range(100))

    troupe.start(spec)

    assert troupe.diary.count("A made") == 4
    assert isinstance(troupe.system.failed, SystemFailed)


def test_a_child_that_crashes_while_everything_stops_stays_dead(troupe: Troupe) -> None:
    troupe.system.directory.tell(SUPERVISOR, StopSystem())
    troupe.system.directory.tell(AddressName("A"), BOOM)
    troupe.settle()

    assert troupe.said.of(ActorRestarted) == []
    assert troupe.said.messages[-1] == SystemStopped()


def test_a_restart_under_way_is_not_gone_on_with_when_everything_stops() -> None:
    troupe = Troupe(strategy=Strategy.ONE_FOR_ALL).start()
    troupe.system.directory.tell(AddressName("A"), BOOM)
    while troupe.said.of(ActorExited) == []:
        _step(troupe)

    stopped = troupe.stop()

    assert stopped.done
    assert troupe.diary[4:] == ["A failed", "D stopped", "C stopped", "B stopped"]
    assert troupe.said.messages[-1] == SystemStopped()


def test_everybody_who_asks_for_the_end_is_told_of_it(troupe: Troupe) -> None:
    futures = []
    for _ in range(2):
        future, reply_to, request_id = troupe.system.expect("the end", 60.0, lambda reply: reply)
        troupe.system.directory.tell(SUPERVISOR, StopSystem(reply_to=reply_to, request_id=request_id))
        futures.append(future)

    troupe.settle()

    assert [future.done for future in futures] == [True, True]
    assert [future.error for future in futures] == [None, None]


def test_after_the_end_nobody_can_be_reached(troupe: Troupe) -> None:
    address = troupe.system.address(AddressName("A"))
    letters = Probe()
    troupe.system.routes.add(DeadLetter, letters)
    troupe.stop()

    address.tell(Greet())
    troupe.tell("B", Greet())
    troupe.tell("Supervisor", StopSystem())

    assert [letter.to for letter in letters.of(DeadLetter)] == ["A", "B", "Supervisor"]


# Children that do not stop.


def test_a_child_that_does_not_stop_in_its_time_is_abandoned_and_told_of() -> None:
    troupe = Troupe()
    troupe.start(troupe.spec("A"), deaf(troupe, "B", 2.5))
    log = logged(troupe)
    troupe.tell("Supervisor", troupe.stop_child("B"))
    troupe.advance(2.4)
    before = troupe.said.of(ActorExited)

    troupe.advance(0.1)

    assert before == []
    assert [(exit_.name, exit_.reason) for exit_ in troupe.said.of(ActorExited)] == [("B", ExitReason.ABANDONED)]
    assert lines(log) == [("ERROR", "Supervisor", "B did not stop within 2.5 s")]
    assert names_in(troupe.ask("Supervisor", GetHealth()).get()) == ["Supervisor", "A"]


def test_the_end_waits_for_each_that_does_not_stop_as_long_as_its_spec_says() -> None:
    troupe = Troupe()
    troupe.start(troupe.spec("A"), deaf(troupe, "B", 3.0), deaf(troupe, "C", 2.0))
    stopped = troupe.stop()
    troupe.advance(2.0)
    after_c = names(troupe.said.of(ActorExited))
    troupe.advance(2.9)
    before_b = names(troupe.said.of(ActorExited))

    troupe.advance(0.1)

    assert (after_c, before_b) == (["C"], ["C"])
    assert names(troupe.said.of(ActorExited)) == ["C", "B", "A"]
    assert stopped.done
    assert troupe.diary == ["A made", "B made", "C made", "C asked", "B asked", "A stopped"]


def test_a_child_is_asked_to_stop_once_however_often_that_is_wanted() -> None:
    troupe = Troupe()
    troupe.start(deaf(troupe, "A", 2.0))

    troupe.tell("Supervisor", troupe.stop_child("A"), troupe.stop_child("A"), StopSystem())

    assert troupe.diary == ["A made", "A asked"]


def test_a_child_that_is_being_let_go_is_not_restarted_with_the_others() -> None:
    troupe = Troupe(strategy=Strategy.ONE_FOR_ALL)
    troupe.start(troupe.spec("A"), deaf(troupe, "B", 2.0))
    troupe.tell("Supervisor", troupe.stop_child("B"))

    troupe.tell("A", BOOM)
    troupe.advance(2.0)

    assert troupe.diary == ["A made", "B made", "B asked", "A failed", "A made"]
    assert names_in(troupe.ask("Supervisor", GetHealth()).get()) == ["Supervisor", "A"]


def test_a_child_wanted_again_during_a_restart_takes_nobodys_place_in_it() -> None:
    troupe = Troupe(strategy=Strategy.ONE_FOR_ALL)
    troupe.start(troupe.spec("A"), deaf(troupe, "B", 2.0), troupe.spec("C"))
    troupe.tell("Supervisor", troupe.stop_child("B"))
    troupe.tell("A", BOOM)

    troupe.tell("Supervisor", troupe.start_child(troupe.spec("B")))
    troupe.advance(2.0)

    assert [troupe.lives(name) for name in "ABC"] == [True, True, True]
    assert [troupe.incarnation(name) for name in "ABC"] == [2, 2, 2]
    assert troupe.diary[3:] == ["B asked", "A failed", "C stopped", "A made", "B made", "C made"]
    troupe.stop()
    assert troupe.diary[-3:] == ["C stopped", "B stopped", "A stopped"], "it lives by its new spec"


# Children that come and go.


def test_a_child_can_be_added_and_is_kept_like_the_others(troupe: Troupe) -> None:
    added = troupe.ask("Supervisor", troupe.start_child(troupe.spec("E")))
    troupe.tell("E", BOOM)

    assert added.done
    assert troupe.incarnation("E") == 2
    assert troupe.lives("E")


def test_a_child_that_is_added_is_kept_as_the_command_says() -> None:
    troupe = Troupe().start()
    troupe.system.lines = (*troupe.system.lines, Line(1))
    contexts: list[Context] = []

    def factory(context: Context) -> Deaf:
        contexts.append(context)
        return Deaf(context, troupe.diary, {})

    command = StartChild(
        name=AddressName("E"), factory=factory, restart=Restart.TEMPORARY, shutdown_seconds=3.5, line=1
    )
    troupe.ask("Supervisor", command)
    troupe.tell("Supervisor", troupe.stop_child("E"))
    troupe.advance(3.4)
    before = names(troupe.said.of(ActorExited))
    troupe.advance(0.1)

    assert contexts[0].line.index == 1
    assert (before, names(troupe.said.of(ActorExited))) == ([], ["E"])


def test_a_child_that_is_added_for_one_life_has_one() -> None:
    troupe = Troupe().start()
    troupe.ask("Supervisor", troupe.start_child(troupe.spec("E", Restart.TEMPORARY)))

    troupe.tell("E", BOOM)

    assert not troupe.lives("E")
    assert troupe.diary.count("E made") == 1


@pytest.mark.parametrize(
    "command",
    [
        StartChild(name=AddressName("A"), factory=lambda context: Player(context, [], {})),
        StopChild(name=AddressName("A")),
        StopChild(name=AddressName("Nobody")),
        StopSystem(),
        GetHealth(),
    ],
    ids=lambda command: type(command).__name__,
)
def test_an_answer_names_what_it_answers(troupe: Troupe, command: Request) -> None:
    asker = Probe()
    troupe.system.directory.enter(AddressName("Asker"), asker)

    troupe.tell("Supervisor", replace(command, reply_to=AddressName("Asker"), request_id=RequestId(7)))

    kind: type[Reply] = Health if isinstance(command, GetHealth) else Done
    assert [answer.request_id for answer in asker.of(kind)] == [7]
    assert len(asker.messages) == 1


def test_adding_a_child_that_is_there_changes_nothing(troupe: Troupe) -> None:
    command = troupe.start_child(troupe.spec("E"))

    answers = [troupe.ask("Supervisor", command) for _ in range(3)]

    assert [answer.error for answer in answers] == [None] * 3
    assert troupe.diary.count("E made") == 1


def test_letting_a_child_go_stops_and_forgets_it(troupe: Troupe) -> None:
    answer = troupe.ask("Supervisor", troupe.stop_child("B"))

    assert answer.error is None
    assert not troupe.lives("B")
    assert "B" not in names_in(troupe.ask("Supervisor", GetHealth()).get())
    assert [troupe.incarnation(name) for name in "ACD"] == [1, 1, 1]


def test_a_child_that_is_gone_can_be_wanted_again_and_is_kept_like_the_others(troupe: Troupe) -> None:
    troupe.tell("Supervisor", troupe.stop_child("B"))

    troupe.tell("Supervisor", troupe.start_child(troupe.spec("B")))
    troupe.tell("B", BOOM)

    assert troupe.lives("B")
    assert troupe.incarnation("B") == 2
    assert troupe.diary[4:] == ["B stopped", "B made", "B failed", "B made"]


def test_a_child_that_is_gone_listens_no_more(troupe: Troupe) -> None:
    for name in "AB":
        troupe.system.routes.add(Greet, troupe.system.address(AddressName(name)))
    troupe.system.routes.overhear([Greet], troupe.system.address(AddressName("B")).unhurried)

    troupe.tell("Supervisor", troupe.stop_child("B"))

    assert troupe.system.routes.listeners(Greet) == (troupe.system.address(AddressName("A")),)


@pytest.mark.parametrize("name", ["B", "Nobody"])
def test_letting_a_child_go_twice_is_no_error(troupe: Troupe, name: str) -> None:
    answers = [troupe.ask("Supervisor", troupe.stop_child(name)) for _ in range(2)]

    assert [answer.error for answer in answers] == [None, None]


def test_who_waits_for_a_child_that_is_let_go_is_told(troupe: Troupe) -> None:
    supervisor = troupe.system.address(SUPERVISOR)
    supervisor.tell(troupe.stop_child("A"))
    while len(supervisor.mailbox):
        _step(troupe)

    futures = [_queued(troupe, Greet()) for _ in range(3)]
    troupe.settle()

    assert all(future.done for future in futures)
    assert isinstance(futures[-1].error, ActorCrashed)


def test_a_child_that_dies_while_it_is_let_go_stays_dead(troupe: Troupe) -> None:
    troupe.system.directory.tell(SUPERVISOR, troupe.stop_child("A"))
    troupe.system.directory.tell(AddressName("A"), BOOM)

    troupe.settle()

    assert troupe.said.of(ActorRestarted) == []
    assert not troupe.lives("A")


@pytest.mark.parametrize("seed", range(20))
def test_a_child_let_go_and_wanted_again_in_one_breath_lives(seed: int) -> None:
    troupe = Troupe(runtime=SteppedRuntime(seed)).start()
    command = troupe.start_child(troupe.spec("B"))

    troupe.tell("Supervisor", troupe.stop_child("B"), command)

    assert troupe.lives("B")


@pytest.mark.parametrize("seed", range(20))
def test_a_child_wanted_and_let_go_in_one_breath_is_gone(seed: int) -> None:
    troupe = Troupe(runtime=SteppedRuntime(seed)).start()

    troupe.tell("Supervisor", troupe.start_child(troupe.spec("E")), troupe.stop_child("E"))

    assert not troupe.lives("E")


def test_a_child_let_go_during_a_restart_of_all_is_not_started_again() -> None:
    troupe = Troupe(strategy=Strategy.ONE_FOR_ALL).start()
    troupe.system.directory.tell(AddressName("A"), BOOM)
    while troupe.said.of(ActorExited) == []:
        _step(troupe)

    troupe.tell("Supervisor", troupe.stop_child("B"))

    assert [troupe.lives(name) for name in "ABCD"] == [True, False, True, True]
    assert troupe.diary.count("B made") == 1


def test_a_child_that_is_gone_already_can_be_let_go_during_a_restart() -> None:
    troupe = Troupe(strategy=Strategy.ONE_FOR_ALL).start()
    troupe.system.directory.tell(AddressName("A"), BOOM)
    while troupe.said.of(ActorExited) == []:
        _step(troupe)

    troupe.tell("Supervisor", troupe.stop_child("A"))

    assert [troupe.lives(name) for name in "ABCD"] == [False, True, True, True]
    assert troupe.diary.count("A made") == 1


def test_no_child_is_added_once_everything_stops(troupe: Troupe) -> None:
    troupe.system.directory.tell(SUPERVISOR, StopSystem())
    answer = troupe.ask("Supervisor", troupe.start_child(troupe.spec("E")))

    assert answer.done
    assert "E made" not in troupe.diary


# What is seen of it.


def test_health_names_everybody_in_the_order_of_their_starts(troupe: Troupe) -> None:
    troupe.tell("B", BOOM)

    health = troupe.ask("Supervisor", GetHealth()).get()

    assert names_in(health) == ["Supervisor", "A", "B", "C", "D"]
    assert [actor.thread for actor in health.actors] == ["Supervisor-1", "A-1", "B-2", "C-1", "D-1"]
    assert [actor.restarts for actor in health.actors] == [0, 0, 1, 0, 0]


def test_handlers_that_hang_are_looked_for_twice_a_second(troupe: Troupe) -> None:
    vitals = troupe.system.address(AddressName("B")).vitals
    vitals.message, vitals.since = Greet(), troupe.runtime.clock.monotonic()
    troupe.advance(0.99)
    before = troupe.said.of(ActorHung)

    troupe.advance(0.01)
    hung = troupe.said.of(ActorHung)
    troupe.advance(5.0)
    vitals.since = troupe.runtime.clock.monotonic()
    troupe.advance(1.5)

    assert before == []
    assert [(each.name, each.message, each.seconds) for each in hung] == [("B", "Greet", 1.0)]
    assert [each.name for each in troupe.said.of(ActorHung)] == ["B", "B"]


def test_a_supervisor_may_leave_the_hanging_to_another() -> None:
    troupe = Troupe()
    troupe._options["watches_hangs"] = False
    troupe.start()
    vitals = troupe.system.address(AddressName("B")).vitals
    vitals.message, vitals.since = Greet(), troupe.runtime.clock.monotonic()

    troupe.advance(5.0)

    assert troupe.said.of(ActorHung) == []


def test_health_tells_how_long_ago_each_was_told_something(troupe: Troupe) -> None:
    troupe.tell("A", Greet())
    troupe.advance(3.0)

    health = troupe.ask("Supervisor", GetHealth()).get()

    ages = {actor.name: actor.last_message_age_seconds for actor in health.actors}
    assert ages["A"] == 3.0


def test_health_goes_by_the_starts_whoever_was_spoken_to_before() -> None:
    troupe = Troupe()
    for name in ("Other", "D", "B"):
        troupe.system.address(AddressName(name)).vitals.incarnation = Incarnation(1)

    troupe.start()

    assert names_in(troupe.ask("Supervisor", GetHealth()).get()) == ["Supervisor", "A", "B", "C", "D", "Other"]


def test_health_names_the_children_of_other_supervisors_too(troupe: Troupe) -> None:
    other = troupe.system.address(AddressName("Other"))
    other.vitals.incarnation = Incarnation(1)
    troupe.system.address(AddressName("Unborn"))

    health = troupe.ask("Supervisor", GetHealth()).get()

    assert names_in(health)[-1] == "Other"
    assert "Unborn" not in names_in(health)


@pytest.mark.parametrize(
    "exit_",
    [
        ActorExited(name=AddressName("Stranger"), incarnation=Incarnation(1), reason=ExitReason.FAILED),
        ActorExited(name=AddressName("A"), incarnation=Incarnation(7), reason=ExitReason.FAILED),
    ],
    ids=["a stranger", "another life"],
)
def test_a_report_about_somebody_else_is_not_acted_on(troupe: Troupe, exit_: ActorExited) -> None:
    troupe.tell("Supervisor", exit_)

    assert troupe.said.messages == []
    assert troupe.lives("A")


def test_a_supervisor_that_fails_itself_ends_everything(monkeypatch: pytest.MonkeyPatch, troupe: Troupe) -> None:
    def fail(*_arguments: object) -> None:
        raise RuntimeError("its own fault")

    monkeypatch.setattr(SupervisorActor, "_on_get_health", fail)
    waiting = troupe.system.promise("something", None)

    asked = troupe.ask("Supervisor", GetHealth())

    assert isinstance(waiting.error, SystemFailed)
    assert "its own fault" in str(waiting.error)
    assert asked.done
    assert not isinstance(asked.error, DeadlineExceeded)
    assert troupe.diary[4:].count("A stopped") == 1
    assert sorted(troupe.diary[4:]) == ["A stopped", "B stopped", "C stopped", "D stopped"]
    later = troupe.ask("Supervisor", StopSystem())
    assert isinstance(later.error, SystemFailed)
    assert troupe.system.directory.get(AddressName("Supervisor")) is None
