"""Covers supervisor.child."""

import pykka
import pytest

from actors.base import Actor, Context
from actors.system import LOG, System
from messages.base import AddressName
from messages.errors import ActorCrashed, NotConnected
from messages.secret import Secret
from messages.session import SessionLost, SessionReady
from messages.supervision import ActorExited, ExitReason, LogRecorded
from optionbus.testing import Probe, SteppedRuntime
from supervisor.child import Child
from supervisor.spec import ChildSpec, Factory
from tests.supervisor.troupe import SUPERVISOR, Greet, Hang, Leave, Player

NAME = AddressName("A")
SECRET = Secret("the-session-itself")


class World:
    """A system with somebody in the supervisor's place."""

    def __init__(self) -> None:
        self.runtime = SteppedRuntime()
        self.system = System(self.runtime, secrets=[SECRET], connections=2)
        self.supervisor = Probe()
        self.log = Probe()
        self.system.directory.enter(SUPERVISOR, self.supervisor)
        self.system.directory.enter(LOG, self.log)

    def child(self, factory: Factory, line: int = 0) -> Child:
        return Child(self.system, ChildSpec(name=NAME, factory=factory, line=line), SUPERVISOR)

    @property
    def exits(self) -> list[ActorExited]:
        return self.supervisor.of(ActorExited)


@pytest.fixture
def world() -> World:
    return World()


def _player(context: Context) -> Player:
    return Player(context, [], {})


def test_a_child_is_not_up_before_it_is_started(world: World) -> None:
    child = world.child(_player)

    assert (child.is_up, child.asked_to_stop) == (False, False)
    assert child.incarnation == 0
    child.request_stop()  # asking is no error


def test_each_start_is_the_next_incarnation_at_the_same_address(world: World) -> None:
    child = world.child(_player)
    address = child.address
    child.start()
    world.runtime.run_until_idle()
    child.request_stop()
    world.runtime.run_until_idle()
    child.exited()

    child.start()
    world.runtime.run_until_idle()

    assert child.incarnation == 2
    assert world.system.address(NAME) is address
    assert address.vitals.thread == "A-2"


def test_a_start_tells_the_address_what_its_actor_takes(world: World) -> None:
    child = world.child(_player)

    child.start()

    assert child.address.accepts is not None
    assert {Leave, Greet, Hang} < set(child.address.accepts)


def test_a_child_is_starting_until_its_actor_runs(world: World) -> None:
    child = world.child(_player)

    child.start()

    assert child.address.vitals.state == "starting"


class Listening(Player):
    listens = (Greet, SessionLost)
    overhears = (Leave, SessionReady)


@pytest.mark.parametrize("line", [0, 1])
def test_a_start_lets_the_address_hear_what_its_actor_listens_to_on_its_line(world: World, line: int) -> None:
    contexts: list[Context] = []

    def factory(context: Context) -> Listening:
        contexts.append(context)
        return Listening(context, [], {})

    child = world.child(factory, line)

    child.start()

    of_the_line = world.system.lines[line].topic
    of_another = world.system.lines[1 - line].topic
    assert contexts[0].line is world.system.lines[line]
    assert contexts[0].parent == SUPERVISOR
    assert world.system.routes.listeners(Greet) == (child.address,)
    assert world.system.routes.listeners(of_the_line(SessionLost)) == (child.address,)
    assert world.system.routes.listeners(of_another(SessionLost)) == ()
    assert world.system.routes.listeners(Leave) == (child.address.unhurried,)
    assert world.system.routes.listeners(of_the_line(SessionReady)) == (child.address.unhurried,)
    assert world.system.routes.listeners(of_another(SessionReady)) == ()


def test_a_stop_is_asked_for_and_reported_by_the_actor(world: World) -> None:
    child = world.child(_player)
    child.start()

    child.request_stop()
    world.runtime.run_until_idle()

    assert child.asked_to_stop
    assert [(exit_.name, exit_.incarnation, exit_.reason) for exit_ in world.exits] == [(NAME, 1, ExitReason.STOPPED)]
    assert child.is_up, "until its supervisor has heard the report"


def test_a_new_incarnation_has_not_been_asked_to_stop(world: World) -> None:
    child = world.child(_player)
    child.start()
    child.request_stop()
    world.runtime.run_until_idle()
    child.exited()

    child.start()

    assert not child.asked_to_stop
    assert child.is_up


@pytest.mark.parametrize("error", [ValueError("no"), SystemExit(3), KeyboardInterrupt()])
def test_a_factory_that_raises_is_an_exit_like_any_other(world: World, error: BaseException) -> None:
    def factory(_context: Context) -> Actor[object]:
        raise error

    child = world.child(factory)

    child.start()

    (exit_,) = world.exits
    assert (exit_.name, exit_.incarnation, exit_.reason) == (NAME, 1, ExitReason.FAILED_TO_START)
    assert exit_.error is None
    assert type(error).__name__ in exit_.failure
    (line,) = world.log.of(LogRecorded)
    assert (line.level, line.source) == ("ERROR", NAME)
    assert line.text.startswith("failed to start\nTraceback")
    assert type(error).__name__ in line.text
    assert child.address.vitals.state == "failed to start"


def test_a_child_for_which_there_is_no_thread_is_stillborn(monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    def start(_loop: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(world.runtime, "start", start)
    child = world.child(_player)

    child.start()

    assert [exit_.failure for exit_ in world.exits] == ["RuntimeError: can't start new thread"]
    assert not any(_context_of(ref).system is world.system for ref in pykka.ActorRegistry.get_by_class(Player))


def test_what_waits_for_a_stillborn_child_is_kept_or_reported(world: World) -> None:
    def factory(_context: Context) -> Actor[object]:
        raise ValueError

    child = world.child(factory)
    future, reply_to, request_id = world.system.expect("Leave", 60.0, lambda reply: reply)
    child.address.tell(Leave(reply_to=reply_to, request_id=request_id))
    child.address.tell(Greet())

    child.start()

    assert isinstance(future.error, ActorCrashed)
    assert future.error.reason == "the actor crashed in front of it: ValueError"
    assert world.exits[0].messages_left == 1


def test_an_error_of_ours_is_reported_whole(world: World) -> None:
    error = NotConnected("idle")

    def factory(_context: Context) -> Actor[object]:
        raise error

    world.child(factory).start()

    assert world.exits[0].error is error
    assert world.log.messages == [], "it is expected, and told"


def test_a_stillborn_childs_report_shows_no_secret(world: World) -> None:
    def factory(_context: Context) -> Actor[object]:
        raise ValueError(SECRET.reveal())

    world.child(factory).start()

    assert SECRET.reveal() not in world.exits[0].failure


def test_an_abandoned_child_is_down_and_may_live_again(world: World) -> None:
    child = world.child(_player)
    child.start()
    child.address.tell(Greet())

    exit_ = child.abandon()

    assert (exit_.name, exit_.reason) == (NAME, ExitReason.ABANDONED)
    assert (exit_.incarnation, exit_.messages_left) == (1, 1)
    assert not child.is_up
    assert child.address.vitals.state == "abandoned"
    child.start()
    assert child.incarnation == 2


def test_pykkas_registry_knows_those_who_live_and_no_others(world: World) -> None:
    child = world.child(_player)
    child.start()
    world.runtime.run_until_idle()
    (reference,) = [ref for ref in pykka.ActorRegistry.get_by_class(Player) if _context_of(ref).system is world.system]

    reference.stop(block=False)
    world.runtime.run_until_idle()

    assert reference not in pykka.ActorRegistry.get_all()
    assert world.exits[0].reason is ExitReason.STOPPED


def _context_of(reference: "pykka.ActorRef[Player]") -> Context:
    actor = reference._actor_weakref()
    assert actor is not None
    return actor.context
