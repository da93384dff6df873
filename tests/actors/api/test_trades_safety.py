"""Covers actors.api.trades: what it does when answers, connections, processes or the journal are lost."""

from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from actors.orders.evidence import GRACE_SECONDS, PATIENCE_SECONDS
from actors.orders.gate import RiskSettings
from actors.orders.lookout import LISTS_SECONDS
from actors.orders.memory import OrderMemory
from actors.orders.register import Register
from messages.account import ServerTimeMeasured
from messages.errors import UsageError
from messages.order_errors import (
    JournalUnavailable,
    OrderDenied,
    OrderNotPlaced,
    OrderUnconfirmed,
    ResultUnknown,
    UnknownDeal,
    UnknownOrder,
)
from messages.orders import (
    GetOrders,
    GetTrading,
    OrderRecord,
    OrdersRecalled,
    OrderState,
    OrderStateChanged,
    SettleOrder,
    SetTradingMode,
    TradingMode,
    TradingModeChanged,
)
from messages.session import SessionRestored
from messages.trading import (
    AwaitResult,
    ClosedDealsReported,
    DealId,
    OpenedDealsReported,
    OrderId,
    Outcome,
    PlaceTrade,
)
from messages.wire.commands import ACCOUNT_QUERIES
from tests.actors.api.samples import DEAL, NOW, POUND
from tests.actors.api.test_trades import ACCEPTED, COMMAND, DEADLINE, NAME, accepted, order, sent, told, trades_actor
from tests.actors.orders.samples import CLOSED_DEAL, FailingJournal
from tests.actors.orders.samples import order as ordered
from tests.actors.stage import Stage

S = OrderState


class Account:
    """A journal that outlives whoever writes to it."""

    def __init__(self, *orders: OrderRecord) -> None:
        self.journal = FailingJournal()
        for each in orders:
            self.journal.note(each)

    def enter(self, stage: Stage, risk: RiskSettings | None = None) -> None:
        """Let a new process begin."""
        memory = OrderMemory(Register(self.journal.opened))
        stage.start(NAME, trades_actor(memory, risk=risk or RiskSettings()))

    def state(self, number: int = 1) -> OrderState:
        found = self.journal.order(OrderId(f"o-{number}"))
        assert found is not None
        return found.state


@pytest.fixture
def account() -> Account:
    return Account()


@pytest.fixture
def trades(stage: Stage, account: Account) -> Stage:
    account.enter(stage)
    stage.make_ready()
    return stage


def asked(stage: Stage) -> int:
    """How often the platform was asked for its lists."""
    counts = {stage.sent.count(query) for query in ACCOUNT_QUERIES}
    assert len(counts) == 1
    return counts.pop()


def orders(stage: Stage, *, unresolved: bool = False) -> list[tuple[str, OrderState]]:
    reply = stage.ask(NAME, GetOrders(unresolved=unresolved)).get()
    return [(each.order_id, each.state) for each in reply.orders]


def denied_rule(stage: Stage, command: PlaceTrade) -> str:
    with pytest.raises(OrderDenied) as denied:
        stage.ask(NAME, command).get()
    return denied.value.rule


# Journal, then send.


def test_an_intent_is_written_before_its_frame_leaves(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    account = Account()
    frames_before: list[int] = []
    intend = account.journal.intend

    def noting(intended: OrderRecord) -> None:
        frames_before.append(len(sent(stage)))
        intend(intended)

    monkeypatch.setattr(account.journal, "intend", noting)
    account.enter(stage)
    stage.make_ready()

    stage.ask(NAME, COMMAND)

    assert frames_before == [0]
    assert sent(stage) == ["o-1"]
    assert account.state() is S.JOURNALED


def test_a_journal_that_cannot_be_written_denies_orders_until_it_can(trades: Stage, account: Account) -> None:
    account.journal.is_broken = True
    with pytest.raises(OrderDenied, match=r"'journal': it is disk full.*Nothing was sent"):
        trades.ask(NAME, COMMAND).get()
    sent_before = sent(trades)

    account.journal.is_broken = False
    trades.ask(NAME, COMMAND)

    assert (sent_before, sent(trades)) == ([], ["o-1"])


def test_a_journal_that_breaks_costs_no_answer(trades: Stage, account: Account) -> None:
    answer = trades.ask(NAME, COMMAND)
    account.journal.is_broken = True
    trades.publish(ACCEPTED)
    rule = denied_rule(trades, order(2))
    account.journal.is_broken = False
    state_before = account.state()

    trades.ask(NAME, order(3))

    assert answer.get().deal == ACCEPTED.deal
    assert rule == "journal"
    assert (state_before, account.state()) == (S.JOURNALED, S.OPEN)


def test_a_journal_that_cannot_even_be_read_is_said_to_who_asks(
    trades: Stage, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_key: str) -> None:
        raise JournalUnavailable("journal", "a bad block")

    monkeypatch.setattr(account.journal, "order", broken)
    monkeypatch.setattr(account.journal, "order_of_deal", broken)

    for request in (COMMAND, AwaitResult(deal_id=DEAL.id)):
        with pytest.raises(JournalUnavailable, match="a bad block"):
            trades.ask(NAME, request).get()
    assert trades.sent == []


def test_while_another_process_has_the_journal_orders_are_denied_and_then_its_orders_are_taken_up(
    stage: Stage,
) -> None:
    account = Account(ordered(7, S.JOURNALED))
    account.journal.is_broken = True
    account.enter(stage)
    stage.make_ready()
    recalled = stage.probe("Recalled", OrdersRecalled)
    rule_before = denied_rule(stage, COMMAND)

    account.journal.is_broken = False
    rule_then = denied_rule(stage, replace(COMMAND, symbol=POUND))
    with pytest.raises(OrderUnconfirmed):
        stage.ask(NAME, replace(COMMAND, order_id=OrderId("o-7"))).get()
    asked_then = asked(stage)
    stage.publish(*told(replace(DEAL, order_id=OrderId("o-7"))))
    stage.ask(NAME, COMMAND)

    assert (rule_before, rule_then) == ("journal", "reconciliation")
    assert any("the journal cannot be used" in line for line in stage.logged)
    assert [each.state for event in recalled.of(OrdersRecalled) for each in event.orders] == [S.UNKNOWN]
    assert asked_then == 1
    assert sent(stage) == ["o-1"]


def test_an_order_over_which_the_actor_crashed_is_unknown_not_forgotten(
    trades: Stage, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("actors.api.trades.open_order", None)
        trades.ask(NAME, COMMAND)
    left_behind = account.state()

    trades._children[NAME].start()
    trades.runtime.run_until_idle()

    assert left_behind is S.JOURNALED
    assert orders(trades) == [("o-1", S.UNKNOWN)]
    assert asked(trades) >= 1


# After a restart.


@pytest.mark.parametrize("state", [S.JOURNALED, S.SENT])
def test_what_was_on_its_way_when_the_process_died_is_unknown_and_never_sent_again(
    stage: Stage, state: OrderState
) -> None:
    account = Account(ordered(1, state))
    account.enter(stage)
    stage.make_ready()

    with pytest.raises(OrderUnconfirmed):
        stage.ask(NAME, COMMAND).get()

    assert sent(stage) == []
    assert orders(stage) == [("o-1", S.UNKNOWN)]


def test_the_id_of_an_order_of_an_earlier_process_is_answered_with_its_deal(stage: Stage) -> None:
    Account(ordered(1, S.CLOSED, deal=CLOSED_DEAL)).enter(stage)
    stage.make_ready()

    assert stage.ask(NAME, COMMAND).get().deal == CLOSED_DEAL
    assert sent(stage) == []


def test_what_the_journal_holds_is_told_at_the_start(stage: Stage) -> None:
    recalled = stage.probe("Recalled", OrdersRecalled)

    Account(ordered(1, S.CLOSED, deal=CLOSED_DEAL), ordered(2, S.OPEN)).enter(stage)

    assert [(each.order_id, each.state) for each in recalled.of(OrdersRecalled)[0].orders] == [
        ("o-1", S.CLOSED),
        ("o-2", S.OPEN),
    ]


# Restoring.


@pytest.mark.parametrize("state", [S.DENIED, S.REJECTED, S.NOT_PLACED, S.CLOSED, None])
def test_where_every_order_has_its_end_nothing_is_waited_for(stage: Stage, state: OrderState | None) -> None:
    Account(*(() if state is None else (ordered(1, state),))).enter(stage)

    restored = stage.restore(NAME)

    assert isinstance(restored.get(), SessionRestored)
    assert asked(stage) == 0
    stage.make_ready()
    stage.ask(NAME, order(2))
    assert sent(stage) == ["o-2"]


@pytest.mark.parametrize("state", [S.JOURNALED, S.SENT, S.UNKNOWN, S.OPEN, S.MANUAL])
def test_where_one_has_none_the_lists_and_the_balance_are_waited_for(stage: Stage, state: OrderState) -> None:
    Account(ordered(1, state, symbol=POUND)).enter(stage)
    restored = stage.restore(NAME)
    done = [restored.done]

    for word in told():
        stage.publish(word)
        done.append(restored.done)
    stage.make_ready()
    stage.ask(NAME, order(2))

    assert done == [False, False, False, True]
    assert asked(stage) >= 1
    assert sent(stage) == ["o-2"]


def test_if_the_lists_do_not_come_the_session_goes_on_and_the_gate_stays_shut_until_they_do(stage: Stage) -> None:
    Account(ordered(1, S.UNKNOWN, symbol=POUND)).enter(stage)
    restored = stage.restore(NAME)
    stage.advance(LISTS_SECONDS - 0.1)
    done_before = restored.done
    stage.advance(0.1)
    done_then = restored.done
    stage.make_ready()
    rule = denied_rule(stage, order(2))

    stage.publish(*told())
    stage.ask(NAME, order(3))

    assert (done_before, done_then) == (False, True)
    assert any("no order is placed until it does" in line for line in stage.logged)
    assert rule == "reconciliation"
    assert sent(stage) == ["o-3"]


def test_lists_with_rows_that_cannot_be_read_open_no_gate(stage: Stage) -> None:
    Account(ordered(1, S.UNKNOWN, symbol=POUND)).enter(stage)
    restored = stage.restore(NAME)

    stage.publish(*told(), OpenedDealsReported(deals=(), rejected=1))
    stage.publish(*told()[1:])

    assert restored.done  # told in full once
    other = Stage()
    Account(ordered(1, S.UNKNOWN, symbol=POUND)).enter(other)
    restored = other.restore(NAME)
    other.publish(OpenedDealsReported(deals=(), rejected=1), *told()[1:])
    assert not restored.done
    other.close()


def test_each_connection_is_reconciled_anew(stage: Stage) -> None:
    Account(ordered(1, S.UNKNOWN, symbol=POUND)).enter(stage)
    stage.restore(NAME)
    stage.publish(*told())
    stage.make_ready()

    stage.lose_session()
    restored = stage.restore(NAME, 2)
    done_before = restored.done
    stage.publish(*told())

    assert not done_before
    assert restored.done


def test_an_order_whose_answer_was_lost_with_the_connection_is_found_on_the_next(trades: Stage) -> None:
    answer = trades.ask(NAME, COMMAND)
    trades.lose_session()
    trades.restore(NAME, 2)

    trades.publish(*told(DEAL))

    assert answer.get().deal == ACCEPTED.deal
    assert orders(trades) == [("o-1", S.OPEN)]


@pytest.mark.parametrize("crashes", [False, True])
def test_so_it_is_by_a_clock_that_was_measured_to_be_off_also_after_a_crash(trades: Stage, *, crashes: bool) -> None:
    trades.publish(ServerTimeMeasured(offset_seconds=7200.0, skew_seconds=-30.0))
    if crashes:
        trades.crash(NAME)
    answer = trades.ask(NAME, COMMAND)
    trades.lose_session()
    trades.restore(NAME, 2)

    trades.publish(*told(replace(DEAL, open_time=DEAL.open_time - 30, close_time=DEAL.close_time - 30)))

    assert answer.get().deal.id == DEAL.id
    assert orders(trades) == [("o-1", S.OPEN)]


# Looking again.


def look_moments(stage: Stage, seconds: int) -> list[int]:
    """After how many seconds the platform was asked again, to the second."""
    moments, before = [], asked(stage)
    for second in range(1, seconds + 1):
        stage.advance(1)
        moments += [second] * (asked(stage) - before)
        before = asked(stage)
    return moments


def test_an_order_nobody_has_a_word_of_is_looked_for_at_once_on_a_schedule_and_when_it_is_due(trades: Stage) -> None:
    trades.ask(NAME, replace(COMMAND, duration_seconds=120))
    trades.advance(DEADLINE)
    at_once = asked(trades)

    moments = look_moments(trades, 300)

    due = 120 + int(GRACE_SECONDS - DEADLINE)
    assert at_once == 1
    assert moments == [5, 15, 60, due, due + 5, due + 10, due + int(PATIENCE_SECONDS)]
    assert orders(trades) == [("o-1", S.MANUAL)]


def test_a_deal_whose_end_is_not_told_is_asked_for_when_it_is_due_and_then_given_up(trades: Stage) -> None:
    trades.ask(NAME, COMMAND)
    trades.publish(ACCEPTED)

    moments = look_moments(trades, 300)

    assert moments == [80, 85, 90, 95]
    assert orders(trades) == [("o-1", S.MANUAL)]


def test_without_a_connection_nobody_is_asked_and_nothing_given_up(trades: Stage) -> None:
    trades.ask(NAME, COMMAND)
    trades.lose_session()

    trades.advance(1000)

    assert orders(trades) == [("o-1", S.UNKNOWN)]


def test_an_order_that_cost_nothing_and_is_in_no_list_was_not_placed(trades: Stage, account: Account) -> None:
    trades.publish(*told())
    answer = trades.ask(NAME, replace(COMMAND, deadline_seconds=200))
    trades.lose_session()
    trades.restore(NAME, 2)
    trades.publish(*told())
    trades.make_ready(2)
    trades.advance(COMMAND.duration_seconds + GRACE_SECONDS)
    trades.publish(*told())
    done_before = answer.done

    trades.publish(*told())

    assert not done_before  # lists that were told once may be short of a row
    with pytest.raises(OrderNotPlaced, match="o-1"):
        answer.get()
    assert account.state() is S.NOT_PLACED


def test_money_that_is_missing_proves_that_something_happened(trades: Stage) -> None:
    trades.publish(*told())
    trades.ask(NAME, COMMAND)
    trades.advance(DEADLINE)
    trades.advance(COMMAND.duration_seconds + GRACE_SECONDS - DEADLINE)

    trades.publish(*told(balance=99))
    before = orders(trades)
    trades.publish(*told(balance=99))

    assert before == [("o-1", S.UNKNOWN)]
    assert orders(trades) == [("o-1", S.MANUAL)]


@pytest.mark.parametrize("is_demo", [True, None, False])
def test_the_balance_of_the_account_that_is_not_used_proves_nothing(*, trades: Stage, is_demo: bool | None) -> None:
    trades.publish(*told())
    trades.ask(NAME, COMMAND)
    trades.advance(COMMAND.duration_seconds + GRACE_SECONDS)
    *lists, balance = told()

    trades.publish(*lists, *lists, replace(balance, is_demo=is_demo))

    assert orders(trades) == [("o-1", S.UNKNOWN if is_demo is False else S.NOT_PLACED)]


# What a person has to settle.


@pytest.fixture
def manual(stage: Stage) -> Stage:
    """With one order that nobody could resolve."""
    Account(ordered(1, S.MANUAL, reason="lost")).enter(stage)
    stage.restore(NAME)
    stage.publish(*told())
    stage.make_ready()
    return stage


def test_an_order_that_is_given_up_is_said_with_what_to_do(trades: Stage) -> None:
    trades.ask(NAME, COMMAND)

    trades.advance(200)

    (line,) = [line for line in trades.logged if "o-1" in line]
    assert line.startswith("ERROR")
    assert "run.py orders" in line


def test_it_blocks_its_asset_and_no_other(manual: Stage) -> None:
    with pytest.raises(OrderDenied, match=r"'manual order': it is o-1.*run\.py orders"):
        manual.ask(NAME, order(2)).get()

    manual.ask(NAME, order(3, POUND))

    assert sent(manual) == ["o-3"]


@pytest.mark.parametrize("state", [S.CLOSED, S.NOT_PLACED])
def test_settled_by_hand_it_blocks_nothing(manual: Stage, state: OrderState) -> None:
    changes = manual.probe("Changes", OrderStateChanged)

    manual.ask(NAME, SettleOrder(order_id=OrderId("o-1"), state=state, reason="seen in the browser")).get()
    manual.ask(NAME, order(2))

    assert orders(manual)[0] == ("o-1", state)
    assert sent(manual) == ["o-2"]
    (change,) = [each for each in changes.of(OrderStateChanged) if each.order.order_id == "o-1"]
    assert (change.before, change.order.reason, change.is_alarm) == (S.MANUAL, "seen in the browser", False)


def test_what_is_not_there_or_may_still_end_by_itself_cannot_be_settled_by_hand(trades: Stage) -> None:
    trades.ask(NAME, COMMAND)

    with pytest.raises(UnknownOrder, match="o-9"):
        trades.ask(NAME, SettleOrder(order_id=OrderId("o-9"), state=S.CLOSED)).get()
    for state in (S.CLOSED, S.NOT_PLACED):
        with pytest.raises(UsageError, match="Only an order that is manual"):
            trades.ask(NAME, SettleOrder(order_id=OrderId("o-1"), state=state)).get()


def test_a_deal_of_an_order_that_was_believed_not_to_exist_alarms(stage: Stage) -> None:
    Account(ordered(1, S.NOT_PLACED)).enter(stage)
    changes = stage.probe("Changes", OrderStateChanged)
    stage.make_ready()

    stage.publish(*told(ACCEPTED.deal))

    assert [change.is_alarm for change in changes.of(OrderStateChanged)] == [True]
    assert "ERROR order o-1 was not placed, and is open after all" in stage.logged


# The kill switch.


@pytest.mark.parametrize("mode", [TradingMode.REDUCING, TradingMode.HALTED])
def test_the_kill_switch_denies_orders_until_it_is_moved_back(trades: Stage, mode: TradingMode) -> None:
    changes = trades.probe("Changes", TradingModeChanged)
    trades.ask(NAME, SetTradingMode(mode=mode, reason="lunch")).get()
    with pytest.raises(OrderDenied, match=f"'trading mode': it is {mode.value}, allowed is active"):
        trades.ask(NAME, COMMAND).get()

    trades.ask(NAME, SetTradingMode(mode=TradingMode.ACTIVE)).get()
    trades.ask(NAME, COMMAND)

    assert sent(trades) == ["o-1"]
    assert changes.of(TradingModeChanged) == [
        TradingModeChanged(mode=mode, before=TradingMode.ACTIVE, reason="lunch"),
        TradingModeChanged(mode=TradingMode.ACTIVE, before=mode, reason=""),
    ]
    assert f"WARNING trading is {mode.value} lunch" in trades.logged


def test_an_order_that_waits_is_denied_by_the_kill_switch_when_its_turn_comes(trades: Stage) -> None:
    trades.ask(NAME, order(1))
    waiting = trades.ask(NAME, order(2))

    trades.ask(NAME, SetTradingMode(mode=TradingMode.HALTED)).get()
    trades.publish(accepted(1))

    assert sent(trades) == ["o-1"]
    with pytest.raises(OrderDenied, match="trading mode"):
        waiting.get()


@pytest.mark.parametrize("restart", ["crash", "process"])
def test_the_kill_switch_stays_where_it_was(trades: Stage, account: Account, restart: str) -> None:
    trades.ask(NAME, SetTradingMode(mode=TradingMode.HALTED)).get()

    if restart == "crash":
        trades.crash(NAME)
        assert trades.ask(NAME, GetTrading()).get().mode is TradingMode.HALTED
    else:
        assert Register(account.journal.opened).catch_up(NOW) is None
        assert account.journal.mode is TradingMode.HALTED


# The gate.


def test_the_same_twice_in_a_moment_is_denied_unless_it_is_meant(trades: Stage) -> None:
    trades.ask(NAME, order(1))
    trades.publish(accepted(1))

    rule = denied_rule(trades, replace(order(2), allow_duplicate=False))
    trades.ask(NAME, order(3))
    trades.publish(accepted(3))
    trades.advance(2)
    trades.ask(NAME, replace(order(4), allow_duplicate=False))

    assert rule == "duplicate"
    assert sent(trades) == ["o-1", "o-3", "o-4"]


@pytest.mark.parametrize(
    ("risk", "rule"),
    [
        (RiskSettings(max_stake=Decimal("0.5")), "max_stake"),
        (RiskSettings(max_open_deals=1), "max_open_deals"),
        (RiskSettings(max_orders_per_minute=1), "max_orders_per_minute"),
        (RiskSettings(max_loss_per_day=Decimal("1.99")), "max_loss_per_day"),
        (RiskSettings(require_fresh_tick=True), "require_fresh_tick"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_limit_denies_and_nothing_is_sent(stage: Stage, risk: RiskSettings, rule: str) -> None:
    account = Account()
    account.enter(stage, risk)
    stage.make_ready()

    found = ""
    for number in (1, 2):
        answer = stage.ask(NAME, order(number))
        stage.publish(accepted(number))
        try:
            answer.get()
        except OrderDenied as denied:
            found = denied.rule

    assert found == rule
    assert len(sent(stage)) == (0 if rule in {"max_stake", "require_fresh_tick"} else 1)


def test_a_denied_order_gives_its_id_back(trades: Stage) -> None:
    trades.ask(NAME, SetTradingMode(mode=TradingMode.HALTED)).get()
    denied_rule(trades, COMMAND)
    trades.ask(NAME, SetTradingMode(mode=TradingMode.ACTIVE)).get()

    trades.ask(NAME, COMMAND)

    assert sent(trades) == ["o-1"]


# Results of which only the journal knows.


def result_of(stage: Stage, number: int = 1) -> Any:
    return stage.ask(NAME, AwaitResult(deal_id=DealId(f"d-{number}"))).get().result


def test_the_result_of_a_deal_of_an_earlier_process_is_in_the_journal(stage: Stage) -> None:
    account = Account()
    account.enter(stage)
    account.journal.note(ordered(1, S.CLOSED, deal=replace(CLOSED_DEAL, profit=Decimal(-1))))

    result = result_of(stage)

    assert (result.outcome, result.profit) == (Outcome.LOSS, -1)


@pytest.mark.parametrize(
    "known", [ordered(1, S.MANUAL, deal=DEAL), ordered(1, S.CLOSED, deal=DEAL)], ids=["manual", "settled by hand"]
)
def test_where_nobody_can_tell_the_end_that_is_said(stage: Stage, known: OrderRecord) -> None:
    Account(known).enter(stage)

    with pytest.raises(ResultUnknown, match="d-1"):
        result_of(stage)


def test_a_deal_that_is_nowhere_is_unknown(trades: Stage) -> None:
    with pytest.raises(UnknownDeal, match="d-1"):
        result_of(trades)


# Listing.


def test_orders_are_listed_oldest_first_all_or_those_without_an_end(stage: Stage) -> None:
    Account(
        ordered(2, S.CLOSED, created=NOW - 5),
        ordered(1, S.OPEN, created=NOW - 3),
        ordered(3, S.UNKNOWN, created=NOW - 9),
    ).enter(stage)

    assert [name for name, _ in orders(stage)] == ["o-3", "o-2", "o-1"]
    assert sorted(name for name, _ in orders(stage, unresolved=True)) == ["o-1", "o-3"]


def test_a_deal_that_was_placed_elsewhere_is_listed(trades: Stage) -> None:
    trades.publish(OpenedDealsReported(deals=(DEAL,)))
    opened = orders(trades)
    trades.publish(ClosedDealsReported(deals=(CLOSED_DEAL,)))

    assert opened == [("deal-d-1", S.OPEN)]
    assert orders(trades) == [("deal-d-1", S.CLOSED)]
