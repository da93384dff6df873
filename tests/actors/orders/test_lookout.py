"""Covers actors.orders.lookout, spoken to directly; how an actor uses it is in test_trades_safety."""

from typing import Any

import pytest

from actors.base import Actor
from actors.context import Context
from actors.orders.lookout import LISTS_SECONDS, ListsOverdue, LookDue, Lookout
from actors.orders.reconciliation import Reconciliation
from actors.orders.register import Register
from messages.market import Symbol
from messages.orders import OrderState
from messages.session import RestoreSession, SessionRestored, SessionState
from messages.wire.commands import ACCOUNT_QUERIES
from tests.actors.api.samples import NOW
from tests.actors.api.test_trades import told
from tests.actors.orders.samples import FailingJournal, order
from tests.actors.stage import Stage

S = OrderState
NAME = "Watch"


class Watch(Actor[RestoreSession | LookDue | ListsOverdue]):
    """Hands the lookout what it is told."""

    def __init__(self, context: Context, register: Register) -> None:
        super().__init__(context)
        self.reconciliation = Reconciliation(register, 15.0)
        self.lookout = Lookout(context, register, self.reconciliation)
        self.looks: list[float] = []

    def on_receive(self, message: RestoreSession | LookDue | ListsOverdue) -> None:
        """Handle one message."""
        match message:
            case RestoreSession():
                self.lookout.restore(message)
            case ListsOverdue():
                self.lookout.give_up(message)
            case LookDue():
                self.looks.append(self.context.clock.now() - NOW)
                self.lookout.plan()


class Scene:
    """A lookout on a stage."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.register = Register(FailingJournal().opened)
        self.register.catch_up(NOW)
        self.watches: list[Watch] = []
        stage.start(NAME, self._make)

    def _make(self, context: Context) -> Watch:
        self.watches.append(Watch(context, self.register))
        return self.watches[-1]

    @property
    def watch(self) -> Watch:
        return self.watches[-1]

    @property
    def lookout(self) -> Lookout:
        return self.watch.lookout

    @property
    def asked(self) -> int:
        return len(self.stage.sent) // len(ACCOUNT_QUERIES)

    def hear(self, *words: Any) -> None:
        for word in words:
            self.watch.reconciliation.hear(word, self.stage.runtime.clock.now())
            self.lookout.note_word()

    def connect(self) -> None:
        self.stage.set_session(SessionState.READY)
        self.lookout.ready()


@pytest.fixture
def scene(stage: Stage) -> Scene:
    return Scene(stage)


def test_nothing_is_asked_where_nothing_is_in_doubt(scene: Scene) -> None:
    restored = scene.stage.restore(NAME)

    assert isinstance(restored.get(), SessionRestored)
    assert scene.lookout.is_reconciled
    assert scene.asked == 0


def test_all_three_are_asked_and_waited_for_where_an_order_has_no_end(scene: Scene) -> None:
    scene.register.adopt(order(1, S.OPEN))
    restored = scene.stage.restore(NAME)
    done_before = restored.done

    scene.hear(*told())

    assert scene.stage.sent == list(ACCOUNT_QUERIES)
    assert not done_before
    assert restored.get().incarnation == 1
    assert scene.lookout.is_reconciled


def test_the_wait_ends_and_the_account_is_not_reconciled(scene: Scene) -> None:
    scene.register.adopt(order(1, S.OPEN))
    restored = scene.stage.restore(NAME)

    scene.stage.advance(LISTS_SECONDS)

    assert restored.done
    assert not scene.lookout.is_reconciled
    scene.hear(*told())
    assert scene.lookout.is_reconciled


def test_the_deadline_of_an_earlier_wait_ends_no_later_one(scene: Scene) -> None:
    scene.register.adopt(order(1, S.OPEN))
    scene.stage.restore(NAME)
    scene.stage.advance(LISTS_SECONDS - 1)
    scene.lookout.lose()
    later = scene.stage.restore(NAME, 2)

    scene.stage.advance(2)

    assert not later.done


def test_a_lost_connection_takes_what_was_told_with_it(scene: Scene) -> None:
    scene.register.adopt(order(1, S.OPEN))
    scene.stage.restore(NAME)
    scene.hear(*told())

    scene.lookout.lose()

    assert not scene.lookout.is_reconciled
    assert scene.lookout.connected_since is None
    assert not scene.watch.reconciliation.told.is_complete


def test_what_was_told_before_the_register_was_read_does_not_count(scene: Scene) -> None:
    scene.hear(*told())
    scene.stage.set_session(SessionState.READY)
    scene.register.adopt(order(1, S.UNKNOWN))

    scene.lookout.recall()

    assert not scene.lookout.is_reconciled
    assert scene.asked == 1


# Looking again.


def test_the_next_look_is_for_the_order_that_is_due_first(scene: Scene) -> None:
    scene.register.adopt(order(1, S.OPEN, duration_seconds=300))
    scene.connect()
    scene.register.adopt(order(2, S.UNKNOWN, updated=NOW))
    (_, late) = scene.register.ledger.unresolved

    scene.lookout.watch(late)
    scene.stage.advance(400)

    assert scene.watch.looks == [5.0, 15.0, 60.0, 80.0, 85.0, 90.0, 95.0, 320.0, 325.0, 330.0, 335.0]


@pytest.mark.parametrize("state", [state for state in S if state not in {S.UNKNOWN, S.OPEN}])
def test_nothing_else_is_looked_for(scene: Scene, state: OrderState) -> None:
    scene.register.adopt(order(1, state, symbol=Symbol("X")))
    scene.connect()

    scene.stage.advance(400)

    assert scene.watch.looks == []


def test_without_a_connection_nothing_is_looked_for(scene: Scene) -> None:
    scene.register.adopt(order(1, S.UNKNOWN, updated=NOW))

    scene.lookout.plan()
    scene.stage.advance(400)

    assert scene.watch.looks == []
