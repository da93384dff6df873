"""Covers actors.api.balance."""

from decimal import Decimal
from functools import partial

import pytest

from actors.api.balance import BalanceActor, BalanceMemory
from messages.account import Balance, BalanceChanged, BalanceReported, GetBalance
from tests.actors.stage import Probe, Stage

NAME = "Balance"
REPORT = BalanceReported(is_demo=True, amount=Decimal("100.00"))


@pytest.fixture
def balance(stage: Stage) -> Stage:
    stage.start(NAME, partial(BalanceActor, memory=BalanceMemory(), is_demo=True))
    return stage


@pytest.fixture
def listener(balance: Stage) -> Probe:
    return balance.probe("Listener", BalanceChanged)


def changed(amount: str, before: str | None) -> BalanceChanged:
    return BalanceChanged(is_demo=True, amount=Decimal(amount), before=None if before is None else Decimal(before))


def test_the_first_balance_is_news(balance: Stage, listener: Probe) -> None:
    balance.publish(REPORT)

    assert listener.messages == [changed("100", None)]


def test_the_same_balance_again_is_no_news(balance: Stage, listener: Probe) -> None:
    balance.publish(REPORT, REPORT)

    assert len(listener.messages) == 1


def test_another_balance_is_news_with_the_one_before(balance: Stage, listener: Probe) -> None:
    balance.publish(REPORT, BalanceReported(is_demo=True, amount=Decimal(0)))

    assert listener.messages[1:] == [changed("0", "100")]


@pytest.mark.parametrize(
    ("ours", "reported", "counts"),
    [
        (True, True, True),
        (True, False, False),
        (True, None, True),
        (False, True, False),
        (False, False, True),
        (False, None, True),
    ],
)
def test_only_the_account_that_is_used_counts(*, stage: Stage, ours: bool, reported: bool | None, counts: bool) -> None:
    stage.start(NAME, partial(BalanceActor, memory=BalanceMemory(), is_demo=ours))
    listener = stage.probe("Listener", BalanceChanged)
    answer = stage.ask(NAME, GetBalance())

    stage.publish(BalanceReported(is_demo=reported, amount=Decimal(5)))

    assert answer.done is counts
    assert [event.is_demo for event in listener.of(BalanceChanged)] == ([ours] if counts else [])


def test_who_asks_before_the_balance_is_known_waits(balance: Stage) -> None:
    answers = [balance.ask(NAME, GetBalance()) for _ in range(2)]
    known_before = [answer.done for answer in answers]

    balance.publish(REPORT)

    assert known_before == [False, False]
    assert [answer.get().amount for answer in answers] == [Decimal(100), Decimal(100)]


def test_the_platform_is_asked_for_a_balance_that_it_has_not_told(balance: Stage) -> None:
    balance.make_ready()

    answer = balance.ask(NAME, GetBalance())
    asked = list(balance.sent)
    balance.publish(REPORT)
    balance.ask(NAME, GetBalance())

    assert asked == ['42["getBalance"]']
    assert answer.get().amount == Decimal(100)
    assert balance.sent == asked


def test_the_platform_is_asked_once_a_second_however_many_wait(balance: Stage) -> None:
    balance.make_ready()
    for _ in range(20):
        balance.ask(NAME, GetBalance())
    at_once = len(balance.sent)

    balance.advance(1.0)
    balance.ask(NAME, GetBalance())

    assert (at_once, len(balance.sent)) == (1, 2)


def test_the_platform_is_asked_on_each_connection_for_who_waits(balance: Stage) -> None:
    balance.ask(NAME, GetBalance())
    sent = [list(balance.sent)]
    balance.make_ready()
    sent.append(list(balance.sent))
    balance.lose_session()
    balance.make_ready(2)
    sent.append(list(balance.sent))
    balance.publish(REPORT)
    balance.make_ready(3)
    sent.append(list(balance.sent))

    assert sent == [[], ['42["getBalance"]'], ['42["getBalance"]'], []]


def test_who_asks_later_is_told_the_latest_at_once(balance: Stage) -> None:
    balance.publish(REPORT, BalanceReported(is_demo=True, amount=Decimal("99.5")))

    answer = balance.ask(NAME, GetBalance())

    assert answer.done
    assert isinstance(answer.get(), Balance)
    assert (answer.get().amount, answer.get().is_demo) == (Decimal("99.5"), True)


def test_who_gave_up_is_forgotten_and_no_dead_letter_follows(stage: Stage) -> None:
    memory = BalanceMemory()
    stage.start(NAME, partial(BalanceActor, memory=memory, is_demo=True))
    given_up = [stage.ask(NAME, GetBalance()) for _ in range(100)]
    for answer in given_up[:-1]:
        answer.expire()

    answer = stage.ask(NAME, GetBalance())
    waiting = len(memory.waiting)
    given_up[-1].expire()
    stage.publish(REPORT)

    assert waiting == 2
    assert answer.done
    assert stage.system.dead_letters == 0


def test_who_waits_is_answered_even_after_a_crash(balance: Stage) -> None:
    answer = balance.ask(NAME, GetBalance())

    balance.crash(NAME)
    balance.publish(REPORT)

    assert answer.get().amount == Decimal(100)


def test_what_is_known_survives_a_crash(balance: Stage, listener: Probe) -> None:
    balance.publish(REPORT)

    balance.crash(NAME)
    balance.publish(REPORT)

    assert balance.ask(NAME, GetBalance()).done
    assert len(listener.messages) == 1
