"""Covers actors.orders.register."""

from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from actors.orders.journal import SqliteJournal
from actors.orders.ledger import IllegalOrderMove, OrderEvent
from actors.orders.memory_journal import MemoryJournal
from actors.orders.register import Register
from actors.ports import Journal
from messages.order_errors import JournalUnavailable
from messages.orders import OrderState, TradingMode
from messages.trading import OrderId
from tests.actors.api.samples import DEAL, NOW
from tests.actors.orders.samples import FailingJournal, order

S, E = OrderState, OrderEvent
ID = OrderId("o-1")


@pytest.fixture
def journal() -> FailingJournal:
    return FailingJournal()


@pytest.fixture
def register(journal: FailingJournal) -> Register:
    register = Register(journal.opened)
    register.catch_up(NOW)
    return register


# The order of things.


def test_an_intent_is_on_disk_before_it_is_in_the_ledger(journal: FailingJournal, register: Register) -> None:
    intended = register.intend(order(), NOW)

    assert intended.state is S.JOURNALED
    assert journal.order(ID) == intended == register.ledger.get(ID)


def test_an_intent_that_cannot_be_written_is_none(journal: FailingJournal, register: Register) -> None:
    journal.is_broken = True

    with pytest.raises(JournalUnavailable, match="disk full"):
        register.intend(order(), NOW)

    assert list(register.ledger) == []
    assert journal.recent() == ()


def test_what_becomes_of_an_order_is_written_when_it_has_been_told(journal: FailingJournal, register: Register) -> None:
    register.intend(order(), NOW)
    register.move(ID, E.SEND, NOW)
    register.move(ID, E.OPEN, NOW, deal=DEAL)
    written_before = journal.written[:]

    register.flush()
    register.flush()

    assert written_before == [(ID, S.JOURNALED)]
    assert journal.written == [(ID, S.JOURNALED), (ID, S.OPEN)]


def test_that_it_was_sent_is_not_worth_writing(journal: FailingJournal, register: Register) -> None:
    register.intend(order(), NOW)
    register.move(ID, E.SEND, NOW)
    register.flush()

    assert journal.written == [(ID, S.JOURNALED)]


def test_an_illegal_move_is_neither_made_nor_written(journal: FailingJournal, register: Register) -> None:
    register.intend(order(), NOW)

    with pytest.raises(IllegalOrderMove):
        register.move(ID, E.CLOSE, NOW)
    register.flush()

    assert journal.written == [(ID, S.JOURNALED)]
    assert register.ledger.get(ID) == journal.order(ID)


def test_an_order_placed_elsewhere_is_written_as_well(journal: FailingJournal, register: Register) -> None:
    register.adopt(order(8, S.OPEN, deal=DEAL, is_external=True))
    register.flush()

    assert journal.written == [("o-8", S.OPEN)]
    assert register.ledger.of_deal(DEAL.id) is not None


# A journal that fails and recovers.


def test_a_move_is_made_though_it_cannot_be_written(journal: FailingJournal, register: Register) -> None:
    register.intend(order(), NOW)
    register.move(ID, E.SEND, NOW)
    journal.is_broken = True

    register.move(ID, E.OPEN, NOW, deal=DEAL)
    register.flush()

    assert [each.state for each in register.ledger] == [S.OPEN]
    assert journal.written == [(ID, S.JOURNALED)]


def test_what_could_not_be_written_is_caught_up_with_once_each_as_it_is_now(
    journal: FailingJournal, register: Register
) -> None:
    register.intend(order(1), NOW)
    register.intend(order(2), NOW)
    journal.is_broken = True
    register.move(OrderId("o-1"), E.LOSE, NOW)
    register.move(OrderId("o-2"), E.LOSE, NOW)
    register.move(OrderId("o-1"), E.OPEN, NOW, deal=DEAL)
    problem = register.catch_up(NOW)
    journal.is_broken = False

    assert problem == "disk full"
    assert register.catch_up(NOW) is None
    assert register.catch_up(NOW) is None
    assert journal.written[2:] == [("o-1", S.OPEN), ("o-2", S.UNKNOWN)]


def test_a_journal_that_breaks_while_it_is_caught_up_with_loses_nothing(
    journal: FailingJournal, register: Register
) -> None:
    for number in (1, 2):
        register.intend(order(number), NOW)
        register.move(OrderId(f"o-{number}"), E.LOSE, NOW)
    journal.breaks_after = 1
    problem = register.catch_up(NOW)
    journal.is_broken = False

    assert problem == "disk full"
    assert register.catch_up(NOW) is None
    assert journal.written[2:] == [("o-1", S.UNKNOWN), ("o-2", S.UNKNOWN)]


def test_a_journal_that_cannot_be_opened_is_tried_again(journal: FailingJournal) -> None:
    journal.is_broken = True
    register = Register(journal.opened)
    problems = [register.catch_up(NOW), register.catch_up(NOW)]
    journal.is_broken = False

    assert problems == ["disk full", "disk full"]
    assert register.catch_up(NOW) is None
    assert register.intend(order(), NOW).state is S.JOURNALED


def test_without_a_journal_there_are_no_orders(journal: FailingJournal) -> None:
    journal.is_broken = True
    register = Register(journal.opened)

    with pytest.raises(JournalUnavailable):
        register.intend(order(), NOW)
    assert register.order(ID) is None
    assert register.order_of_deal(DEAL.id) is None


# Recovery.


@pytest.mark.parametrize("events", [(), (E.SEND,)], ids=["journaled", "sent"])
def test_after_a_restart_what_was_on_its_way_is_unknown_in_memory_and_then_on_disk(
    journal: FailingJournal, register: Register, events: tuple[OrderEvent, ...]
) -> None:
    register.intend(order(), NOW)
    for event in events:
        register.move(ID, event, NOW)
    register.flush()

    restarted = Register(journal.opened)
    restarted.catch_up(NOW + 9)

    (recalled,) = restarted.ledger.unresolved
    assert (recalled.state, recalled.updated, recalled.incarnation) == (S.UNKNOWN, NOW + 9, 0)
    assert journal.order(ID) == recalled


def test_what_was_never_written_is_unknown_after_a_restart_not_forgotten(
    journal: FailingJournal, register: Register
) -> None:
    register.intend(order(), NOW)
    journal.is_broken = True
    register.move(ID, E.SEND, NOW)
    register.move(ID, E.REFUSE, NOW)
    register.flush()
    journal.is_broken = False

    restarted = Register(journal.opened)
    restarted.catch_up(NOW + 9)

    assert [each.state for each in restarted.ledger] == [S.UNKNOWN]


def test_an_order_is_found_in_the_journal_when_the_ledger_has_shed_it(
    journal: FailingJournal, register: Register
) -> None:
    old = order(1, S.CLOSED, deal=DEAL)
    journal.note(old)

    assert register.ledger.get(ID) is None
    assert register.order(ID) == old
    assert register.order_of_deal(DEAL.id) == old


def test_a_closed_register_lets_another_have_the_journal(tmp_path: Path) -> None:
    first, second = (Register(partial(SqliteJournal, tmp_path)) for _ in range(2))
    first.catch_up(NOW)
    first.intend(order(), NOW)
    problem = second.catch_up(NOW)

    first.close()

    assert problem == "another process trades this account"
    assert second.catch_up(NOW) is None
    assert [each.state for each in second.ledger] == [S.UNKNOWN]
    second.close()
    second.close()


def test_a_journal_that_cannot_be_read_is_let_go_and_tried_again(tmp_path: Path) -> None:
    register = Register(partial(SqliteJournal, tmp_path))
    with closing(SqliteJournal(tmp_path)) as journal:
        journal._log.mode = b"broken"

    problems = [register.catch_up(NOW) for _ in range(2)]
    with closing(SqliteJournal(tmp_path)) as journal:  # a person mends it
        journal.mode = TradingMode.REDUCING

    assert all("kill switch" in str(problem) for problem in problems)
    assert register.catch_up(NOW) is None
    assert register.mode is TradingMode.REDUCING
    register.close()


# The kill switch.


def test_the_kill_switch_survives_a_restart(journal: FailingJournal, register: Register) -> None:
    register.set_mode(TradingMode.HALTED)

    restarted = Register(journal.opened)
    before = restarted.mode
    restarted.catch_up(NOW)

    assert before is TradingMode.ACTIVE
    assert restarted.mode is TradingMode.HALTED


def test_the_kill_switch_holds_though_it_cannot_be_written_and_is_written_later() -> None:
    journal = MemoryJournal()
    journals: list[Journal] = []

    def opened() -> Journal:
        if not journals:
            raise JournalUnavailable("journal", "disk full")
        return journals[0]

    register = Register(opened)
    register.set_mode(TradingMode.REDUCING)
    held = register.mode
    journals.append(journal)
    register.catch_up(NOW)

    assert held is TradingMode.REDUCING
    assert journal.mode is TradingMode.REDUCING


def test_another_process_may_move_the_kill_switch(journal: FailingJournal, register: Register) -> None:
    journal.mode = TradingMode.HALTED

    assert register.mode is TradingMode.HALTED
