"""Covers supervisor.supervisor where handlers hang, which takes threads."""

import threading
from collections.abc import Iterator

import pytest

from actors.runtime import ThreadedRuntime
from messages.base import AddressName
from messages.supervision import (
    ActorExited,
    ActorHung,
    ActorRestarted,
    ExitReason,
    GetHealth,
    Restart,
    SystemStopped,
)
from supervisor import health, supervisor
from supervisor.spec import Strategy
from tests.supervisor.troupe import WAIT_SECONDS, Fail, Greet, Hang, Leave, Troupe, Watcher, names

SHORT_SECONDS = 0.02
"""How long a child may take to stop, and a handler to come back, where it is not going to."""

BOOM = Fail(error=RuntimeError("boom"))


class Threads:
    """A troupe on threads, and handlers that hang until the test ends."""

    def __init__(self) -> None:
        self.released = threading.Event()
        self.watcher = Watcher()
        self.troupe = Troupe(runtime=ThreadedRuntime(seed=0), listener=self.watcher)

    def start(self, *hanging: str, impatience: str = "", strategy: Strategy = Strategy.ONE_FOR_ONE) -> Troupe:
        """Start A to D, of whom some are hanging when it returns; for those and some others nobody waits long."""
        self.troupe._options["strategy"] = strategy
        short = {*hanging, *impatience}
        patience = {name: SHORT_SECONDS if name in short else WAIT_SECONDS for name in "ABCD"}
        self.troupe.start(*(self.troupe.spec(name, Restart.PERMANENT, patience[name]) for name in "ABCD"))
        for name in hanging:
            self.hang(name)
        return self.troupe

    def hang(self, name: str, *, until: threading.Event | None = None, error: BaseException | None = None) -> None:
        entered = threading.Event()
        self.troupe.tell(name, Hang(entered=entered, until=until or self.released, error=error))
        assert entered.wait(WAIT_SECONDS)

    def answers(self, name: str) -> None:
        """Raises DeadlineExceeded if it does not."""
        self.troupe.ask(name, Greet()).get(timeout=WAIT_SECONDS)


@pytest.fixture
def threads() -> Iterator[Threads]:
    threads = Threads()
    yield threads
    threads.released.set()
    if not any(isinstance(message, SystemStopped) for message in threads.watcher.messages):
        threads.troupe.stop().get(timeout=WAIT_SECONDS)
    threads.troupe.system.close()


def test_a_child_that_hangs_is_abandoned_and_the_others_still_stop(threads: Threads) -> None:
    troupe = threads.start("C")

    troupe.stop().get(timeout=WAIT_SECONDS)

    ends = [(exit_.name, exit_.reason) for exit_ in threads.watcher.of(ActorExited)]
    assert ends == [
        ("D", ExitReason.STOPPED),
        ("C", ExitReason.ABANDONED),
        ("B", ExitReason.STOPPED),
        ("A", ExitReason.STOPPED),
    ]


def test_every_child_may_hang_and_the_end_still_comes(threads: Threads) -> None:
    troupe = threads.start("A", "B", "C", "D")

    troupe.stop().get(timeout=WAIT_SECONDS)

    reasons = {exit_.reason for exit_ in threads.watcher.of(ActorExited)}
    assert reasons == {ExitReason.ABANDONED}


def test_a_handler_that_hangs_is_reported(threads: Threads, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "HANG_SECONDS", SHORT_SECONDS)
    monkeypatch.setattr(supervisor, "HANG_CHECK_SECONDS", SHORT_SECONDS / 2)
    threads.start("B")

    hung = threads.watcher.wait_for(ActorHung)

    assert (hung.name, hung.incarnation, hung.message) == ("B", 1, "Hang")
    assert hung.seconds >= SHORT_SECONDS


def test_a_handler_that_hangs_delays_nobody_else(threads: Threads) -> None:
    troupe = threads.start("B")

    for name in "ACD":
        threads.answers(name)
    troupe.tell("C", BOOM)
    threads.watcher.wait_for(ActorRestarted, lambda restarted: restarted.name == "C")
    threads.answers("C")
    health = troupe.ask("Supervisor", GetHealth()).get(timeout=WAIT_SECONDS)

    (of_b,) = [actor for actor in health.actors if actor.name == "B"]
    assert of_b.busy_seconds is not None
    assert not threads.released.is_set()


def test_a_child_that_hangs_while_it_is_let_go_holds_up_no_restart(threads: Threads) -> None:
    troupe = threads.troupe
    troupe.start(*(troupe.spec(name, Restart.PERMANENT, WAIT_SECONDS) for name in "AB"))
    threads.hang("B")
    troupe.ask("Supervisor", troupe.stop_child("B")).get(timeout=WAIT_SECONDS)

    troupe.tell("A", BOOM)
    troupe.ask("Supervisor", troupe.start_child(troupe.spec("E"))).get(timeout=WAIT_SECONDS)

    threads.watcher.wait_for(ActorRestarted, lambda restarted: restarted.name == "A")
    threads.answers("E")
    assert names(threads.watcher.of(ActorExited)) == ["A"], "B still hangs"


def test_a_child_that_hangs_is_restarted_with_the_others_and_its_old_life_is_ignored(threads: Threads) -> None:
    troupe = threads.start("C", strategy=Strategy.ONE_FOR_ALL)
    old_thread = _thread("C-1")

    troupe.tell("A", BOOM)
    threads.watcher.wait_for(ActorRestarted, lambda restarted: restarted.name == "D")
    threads.answers("C")
    threads.released.set()
    old_thread.join(WAIT_SECONDS)

    assert not old_thread.is_alive()
    threads.answers("C")
    ends = [(exit_.incarnation, exit_.reason) for exit_ in threads.watcher.of(ActorExited) if exit_.name == "C"]
    assert ends == [(1, ExitReason.ABANDONED)]
    assert troupe.incarnation("C") == 2


def test_an_old_life_that_fails_in_the_end_takes_nothing_from_the_new_one(threads: Threads) -> None:
    troupe = threads.start(impatience="C", strategy=Strategy.ONE_FOR_ALL)
    first, old_thread = threading.Event(), _thread("C-1")
    threads.hang("C", until=first, error=RuntimeError("at last"))
    troupe.tell("A", BOOM)
    threads.watcher.wait_for(ActorRestarted, lambda restarted: restarted.name == "D")
    threads.hang("C")
    troupe.tell("C", Leave(), Leave())

    first.set()
    old_thread.join(WAIT_SECONDS)

    assert not old_thread.is_alive()
    assert len(troupe.system.address(AddressName("C")).mailbox) == 2


def test_an_exit_of_the_interpreter_in_a_handler_is_an_exit_of_one_actor(threads: Threads) -> None:
    troupe = threads.start()
    other = Troupe(runtime=ThreadedRuntime(seed=1)).start()

    troupe.tell("B", Fail(error=SystemExit(1)))
    threads.watcher.wait_for(ActorRestarted)

    for name in "ABCD":
        threads.answers(name)
        other.ask(name, Greet()).get(timeout=WAIT_SECONDS)
    assert [other.incarnation(name) for name in "ABCD"] == [1, 1, 1, 1]
    other.stop().get(timeout=WAIT_SECONDS)
    other.system.close()


def test_a_child_that_hangs_can_be_let_go_and_wanted_again(threads: Threads) -> None:
    troupe = threads.start("B")
    address = troupe.system.address(AddressName("B"))

    troupe.tell("Supervisor", troupe.stop_child("B"), troupe.start_child(troupe.spec("B")))
    threads.watcher.wait_for(ActorRestarted, lambda restarted: restarted.name == "B")

    threads.answers("B")
    assert troupe.system.address(AddressName("B")) is address


def _thread(name: str) -> threading.Thread:
    (thread,) = [thread for thread in threading.enumerate() if thread.name == name]
    return thread
