"""Covers actors.api.pending_trades."""

from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from msgspec.structs import replace

from actors.api.pending_trades import PendingTradesActor, PendingTradesMemory
from actors.future import Future
from actors.orders.gate import RiskSettings
from actors.orders.memory import OrderMemory
from actors.orders.memory_journal import MemoryJournal
from actors.orders.register import Register
from messages.account import ServerTimeMeasured
from messages.base import Done, Incarnation
from messages.errors import ActorCrashed, ConnectionLost, DeadlineExceeded, NotConnected, UsageError
from messages.market import Symbol
from messages.order_errors import OrderDenied, OrderRefused, OrderUnconfirmed, PendingNotCancelled, UnknownOrder
from messages.orders import GetOrders, OrderRecord, OrderState, OrderStateChanged, SettleOrder
from messages.session import SessionLost, SessionState
from messages.trading import (
    CancelPendingOrders,
    Direction,
    GetPendingOrders,
    OpenPendingOrder,
    OrderId,
    PendingAccepted,
    PendingCancelled,
    PendingCancelRefused,
    PendingOrder,
    PendingOrderEnded,
    PendingOrderOpened,
    PendingRefused,
    PendingReported,
    PendingTrigger,
    Ticket,
)
from messages.wire.commands import PENDING_QUERY
from tests.actors.api.samples import NOW
from tests.actors.api.test_trades import COMMAND as TRADE
from tests.actors.api.test_trades import trades_actor
from tests.actors.orders.samples import FailingJournal, order
from tests.actors.orders.test_pending_reconciliation import ours, told
from tests.actors.stage import Stage

S = OrderState
NAME = "PendingTrades"
EURO = Symbol("EURUSD_otc")
POUND = Symbol("GBPUSD_otc")
OPENS = 1_700_000_100.0

COMMAND = OpenPendingOrder(
    order_id=OrderId("p-0"),
    trigger=PendingTrigger.TIME,
    symbol=EURO,
    direction=Direction.CALL,
    stake=Decimal(1),
    open_time=OPENS,
    open_price=None,
    duration_seconds=60,
    min_payout_percent=60,
    allow_duplicate=True,
)
ORDER = PendingOrder(
    ticket=Ticket("t-1"),
    trigger=PendingTrigger.TIME,
    symbol=EURO,
    direction=Direction.CALL,
    stake=Decimal("1.00"),
    open_time=OPENS,
    open_price=None,
    duration_seconds=60,
    min_payout_percent=60,
)
ACCEPTED = PendingAccepted(order=ORDER)
REFUSED = PendingRefused(symbol=EURO, reason="OPEN_TIME")
CANCEL = CancelPendingOrders(tickets=(ORDER.ticket,))


@pytest.fixture
def pending(stage: Stage) -> Stage:
    stage.start(NAME, partial(PendingTradesActor, memory=PendingTradesMemory()))
    stage.start("Trades", trades_actor(OrderMemory(Register(MemoryJournal))))
    stage.make_ready()
    return stage


def enter(stage: Stage, journal: FailingJournal, *, ready: bool = True) -> Stage:
    """Let a new process begin with this journal."""
    stage.start(NAME, partial(PendingTradesActor, memory=PendingTradesMemory()))
    stage.start("Trades", trades_actor(OrderMemory(Register(journal.opened))))
    if ready:
        stage.make_ready()
    return stage


def lists(stage: Stage) -> int:
    """How often the list was asked for."""
    return stage.sent.count(PENDING_QUERY)


def opened(stage: Stage) -> list[str]:
    """The assets of the orders that were sent, in order."""
    return [request["asset"] for request in stage.requests("openPendingOrder")]


def wish(stage: Stage, **changes: Any) -> Future[Any]:
    """Give an order, under an id of its own."""
    changes.setdefault("order_id", OrderId(f"p-{stage.system.new_id()}"))
    return stage.ask(NAME, replace(COMMAND, **changes))


def known(stage: Stage) -> tuple[PendingOrder, ...]:
    orders: tuple[PendingOrder, ...] = stage.ask(NAME, GetPendingOrders()).get().orders
    return orders


# Opening.


def test_an_order_is_sent_in_the_platforms_time(pending: Stage) -> None:
    wish(pending)

    assert pending.requests("openPendingOrder") == [
        {
            "openType": 0,
            "amount": 1,
            "asset": EURO,
            "openTime": "2023-11-15 00:15:00",
            "openPrice": 0,
            "timeframe": 60,
            "minPayout": 60,
            "command": 0,
        }
    ]


def test_a_measured_offset_is_used_also_after_a_crash(pending: Stage) -> None:
    pending.publish(ServerTimeMeasured(offset_seconds=0.0, skew_seconds=0.0))
    pending.crash(NAME)

    wish(pending)

    assert pending.requests("openPendingOrder")[0]["openTime"] == "2023-11-14 22:15:00"


def test_an_accepted_order_is_the_answer(pending: Stage) -> None:
    answer = wish(pending)

    pending.publish(ACCEPTED)

    assert isinstance(answer.get(), PendingOrderOpened)
    assert answer.get().order == ORDER


def test_a_refusal_is_the_answer_in_the_platforms_words(pending: Stage) -> None:
    answer = wish(pending)

    pending.publish(REFUSED)

    with pytest.raises(OrderRefused, match="OPEN_TIME"):
        answer.get()


@pytest.mark.parametrize("state", [state for state in SessionState if state is not SessionState.READY])
def test_unless_the_session_is_ready_nothing_is_sent(pending: Stage, state: SessionState) -> None:
    pending.set_session(state)

    answer = wish(pending)

    assert pending.sent == []
    with pytest.raises(NotConnected, match=state.value):
        answer.get()


@pytest.mark.parametrize("answer", [ACCEPTED, REFUSED], ids=["accepted", "refused"])
def test_the_next_order_of_an_asset_waits_for_the_answer(
    pending: Stage, answer: PendingAccepted | PendingRefused
) -> None:
    wish(pending)
    wish(pending)
    sent_before = opened(pending)

    pending.publish(answer)

    assert sent_before == [EURO]
    assert opened(pending) == [EURO, EURO]


def test_orders_of_an_asset_are_sent_and_answered_in_their_order(pending: Stage) -> None:
    stakes = (Decimal(1), Decimal(2), Decimal(3))
    answers = [wish(pending, stake=stake) for stake in stakes]

    for stake in stakes:
        pending.publish(PendingAccepted(order=replace(ORDER, stake=stake, ticket=Ticket(f"t-{stake}"))))

    assert [request["amount"] for request in pending.requests("openPendingOrder")] == [1, 2, 3]
    assert [answer.get().order.ticket for answer in answers] == ["t-1", "t-2", "t-3"]


def test_orders_of_other_assets_do_not_wait(pending: Stage) -> None:
    euro = wish(pending)
    pound = wish(pending, symbol=POUND)

    pending.publish(PendingAccepted(order=replace(ORDER, symbol=POUND)))

    assert opened(pending) == [EURO, POUND]
    assert (euro.done, pound.done) == (False, True)


@pytest.mark.parametrize(
    "other",
    [
        replace(ORDER, symbol=POUND),
        replace(ORDER, direction=Direction.PUT),
        replace(ORDER, stake=Decimal(2)),
        replace(ORDER, trigger=PendingTrigger.PRICE),
    ],
    ids=["asset", "direction", "stake", "trigger"],
)
def test_an_order_that_was_given_elsewhere_is_no_answer(pending: Stage, other: PendingOrder) -> None:
    answer = wish(pending)

    pending.publish(PendingAccepted(order=other))

    assert not answer.done
    assert known(pending) == (other,)


def test_a_refusal_for_another_asset_is_no_answer(pending: Stage) -> None:
    answer = wish(pending)

    pending.publish(replace(REFUSED, symbol=POUND))

    assert not answer.done


def test_a_refusal_without_an_asset_belongs_to_the_only_order(pending: Stage) -> None:
    answer = wish(pending)
    waiting = wish(pending)

    pending.publish(replace(REFUSED, symbol=None))

    assert (answer.done, waiting.done) == (True, False)


def test_a_refusal_without_an_asset_is_nobodys_where_it_is_in_doubt(pending: Stage) -> None:
    answers = [wish(pending), wish(pending, symbol=POUND)]

    pending.publish(replace(REFUSED, symbol=None))

    assert [answer.done for answer in answers] == [False, False]


def test_an_order_without_an_answer_is_unconfirmed(pending: Stage) -> None:
    answer = wish(pending)

    pending.advance(9.9)
    was_done = answer.done
    pending.advance(0.2)

    assert not was_done
    with pytest.raises(OrderUnconfirmed):
        answer.get()


def test_the_next_order_is_sent_when_the_one_before_is_known_again(pending: Stage) -> None:
    wish(pending)
    pending.advance(5.0)
    following = wish(pending, stake=Decimal(2))
    pending.advance(5.1)
    sent = len(opened(pending))

    pending.publish(PendingReported(orders=(ORDER,)))

    assert sent == 1
    assert opened(pending) == [EURO, EURO]
    assert not following.done


def test_an_order_whose_turn_does_not_come_in_time_is_never_sent(pending: Stage) -> None:
    wish(pending)
    late = wish(pending)
    pending.advance(1.0)
    in_time = wish(pending)

    pending.advance(9.5)

    assert opened(pending) == [EURO]
    with pytest.raises(DeadlineExceeded, match="not sent"):
        late.get()
    assert not in_time.done


# Losing the session.


def test_a_lost_session_leaves_a_sent_order_unconfirmed(pending: Stage) -> None:
    answer = wish(pending)

    pending.lose_session()

    with pytest.raises(OrderUnconfirmed):
        answer.get()


def test_an_order_that_waits_when_the_session_is_lost_is_never_sent(pending: Stage) -> None:
    wish(pending)
    waiting = wish(pending)

    pending.lose_session()
    pending.make_ready(2)
    pending.advance(60.0)

    assert opened(pending) == []
    with pytest.raises(NotConnected):
        waiting.get()


def test_an_order_that_waits_is_not_sent_on_a_session_that_is_gone(pending: Stage) -> None:
    wish(pending)
    waiting = [wish(pending) for _ in range(3)]

    pending.set_session(SessionState.BACKING_OFF)
    pending.publish(ACCEPTED)

    for answer in waiting:
        with pytest.raises(NotConnected):
            answer.get()


def test_the_loss_of_an_older_session_leaves_a_sent_order_alone(pending: Stage) -> None:
    pending.make_ready(2)
    answer = wish(pending)

    pending.publish(SessionLost(incarnation=Incarnation(1), error=ConnectionLost("pulled")))

    assert not answer.done


# Being written down.


def test_an_order_is_on_disk_before_it_is_sent(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = FailingJournal()
    enter(stage, journal)
    written: list[tuple[str, OrderState]] = []
    monkeypatch.setattr(stage.connection, "tell", lambda _frame: written.extend(journal.written))

    wish(stage, order_id=OrderId("p-1"))

    assert written == [("p-1", S.JOURNALED)]


def test_without_a_journal_nothing_is_sent(stage: Stage) -> None:
    journal = FailingJournal()
    journal.is_broken = True
    enter(stage, journal)

    denied = wish(stage)

    with pytest.raises(OrderDenied, match="journal"):
        denied.get()
    assert opened(stage) == []


@pytest.mark.parametrize(
    ("risk", "rule"),
    [
        (RiskSettings(max_stake=Decimal("0.5")), "max_stake"),
        (RiskSettings(max_orders_per_minute=1), "max_orders_per_minute"),
        (RiskSettings(max_open_deals=1), "max_open_deals"),
        (RiskSettings(max_loss_per_day=Decimal("1.5")), "max_loss_per_day"),
    ],
)
def test_a_pending_order_passes_the_gate(stage: Stage, risk: RiskSettings, rule: str) -> None:
    stage.start(NAME, partial(PendingTradesActor, memory=PendingTradesMemory()))
    stage.start("Trades", trades_actor(OrderMemory(Register(MemoryJournal)), risk=risk))
    stage.make_ready()
    answers = [wish(stage), wish(stage, symbol=POUND)]

    with pytest.raises(OrderDenied) as denied:
        answers[-1].get()

    assert denied.value.rule == rule


def test_the_same_order_twice_is_a_mistake_unless_it_says_that_it_is_none(pending: Stage) -> None:
    first = wish(pending, allow_duplicate=False)
    pending.publish(ACCEPTED)
    second = wish(pending, allow_duplicate=False)

    assert first.get().order == ORDER
    with pytest.raises(OrderDenied, match="duplicate"):
        second.get()


def test_the_same_id_is_the_same_order(pending: Stage) -> None:
    before = wish(pending, order_id=OrderId("p-1"))
    meanwhile = wish(pending, order_id=OrderId("p-1"))
    pending.publish(ACCEPTED)
    after = wish(pending, order_id=OrderId("p-1"))

    assert [answer.get().order for answer in (before, meanwhile, after)] == [ORDER] * 3
    assert opened(pending) == [EURO]


def test_an_id_is_not_that_of_a_pending_order_and_of_another(pending: Stage) -> None:
    wish(pending, order_id=OrderId("p-1"))
    pending.publish(ACCEPTED)

    other = pending.ask("Trades", replace(TRADE, order_id=OrderId("p-1")))

    with pytest.raises(UsageError, match="pending"):
        other.get()
    assert pending.requests("openOrder") == []


def test_what_became_of_it_is_written_down_and_told(stage: Stage) -> None:
    journal = FailingJournal()
    enter(stage, journal)
    watch = stage.probe("Watch", OrderStateChanged)
    wish(stage, order_id=OrderId("p-1"))

    stage.publish(ACCEPTED, PendingReported(orders=()))

    assert journal.written == [("p-1", S.JOURNALED), ("p-1", S.WAITING), ("p-1", S.ENDED)]
    assert [change.order.state for change in watch.of(OrderStateChanged)] == [S.WAITING, S.ENDED]


class FatalJournal(FailingJournal):
    """Kills whoever writes an intent, once it is written."""

    def intend(self, order: OrderRecord) -> None:
        super().intend(order)
        raise RuntimeError("after the write")


def test_an_order_over_which_trades_died_was_not_sent(stage: Stage) -> None:
    """The order is denied in the journal too: no later process takes it for one that may be there."""
    journal = FatalJournal()
    enter(stage, journal)

    answer = wish(stage, order_id=OrderId("p-1"))
    stage.crash("Trades")

    with pytest.raises(ActorCrashed):
        answer.get()
    found = journal.order(OrderId("p-1"))
    assert found is not None
    assert found.state is S.DENIED
    assert opened(stage) == []


# Being found again.


def test_an_unanswered_order_is_looked_for(pending: Stage) -> None:
    wish(pending)
    pending.advance(10.1)
    first = lists(pending)

    pending.advance(60.0)

    assert first == 1
    assert lists(pending) == 4  # at once, then 5, 15 and 60 s later


def test_an_order_that_is_found_before_its_deadline_is_the_answer(pending: Stage) -> None:
    answer = wish(pending)
    pending.lose_session()
    pending.make_ready(2)

    pending.publish(PendingReported(orders=(ORDER,)))

    assert answer.get().order == ORDER


@pytest.mark.parametrize("crashes", [False, True])
def test_so_it_is_by_a_clock_that_was_measured_to_be_off_also_after_a_crash(pending: Stage, *, crashes: bool) -> None:
    pending.publish(ServerTimeMeasured(offset_seconds=7200.0, skew_seconds=-30.0))
    if crashes:
        pending.crash(NAME)
    answer = wish(pending)
    pending.lose_session()
    pending.make_ready(2)

    pending.publish(PendingReported(orders=(replace(ORDER, created=NOW - 30),)))

    assert answer.get().order.ticket == ORDER.ticket


def test_an_order_that_was_not_kept_leaves_the_asset_free(pending: Stage) -> None:
    first = wish(pending)
    pending.advance(26.0)
    pending.publish(PendingReported(orders=()), PendingReported(orders=()))

    second = wish(pending)
    pending.publish(ACCEPTED)

    with pytest.raises(OrderUnconfirmed):
        first.get()
    assert second.get().order == ORDER


def test_a_list_without_an_order_is_asked_for_again_at_once(pending: Stage) -> None:
    wish(pending)
    pending.advance(26.0)
    asked = [lists(pending)]

    for orders in ((), ()):
        pending.publish(PendingReported(orders=orders))
        asked.append(lists(pending))

    assert [later - asked[0] for later in asked] == [0, 1, 1]


def test_an_order_that_nobody_can_tell_of_blocks_its_asset_until_a_person_settles_it(pending: Stage) -> None:
    price = {"trigger": PendingTrigger.PRICE, "open_time": None, "open_price": 1.5}
    wish(pending, order_id=OrderId("p-1"), **price)
    pending.advance(26.0)
    pending.publish(PendingReported(orders=()), PendingReported(orders=()))
    blocked = [wish(pending), pending.ask("Trades", TRADE)]

    settled = pending.ask("Trades", SettleOrder(order_id=OrderId("p-1"), state=S.NOT_PLACED))
    wish(pending)

    for answer in blocked:
        with pytest.raises(OrderDenied, match="manual order"):
            answer.get()
    assert isinstance(settled.get(), Done)
    assert opened(pending) == [EURO, EURO]
    assert any("p-1" in line and "settle it" in line for line in pending.logged)


@pytest.mark.parametrize(("end", "state"), [(S.CLOSED, S.ENDED), (S.NOT_PLACED, S.NOT_PLACED)])
def test_a_person_says_that_it_waits_no_longer_or_never_did(stage: Stage, end: OrderState, state: OrderState) -> None:
    journal = FailingJournal()
    journal.note(ours(1, S.MANUAL))
    enter(stage, journal)

    stage.ask("Trades", SettleOrder(order_id=OrderId("o-1"), state=end)).get()

    found = journal.order(OrderId("o-1"))
    assert found is not None
    assert found.state is state


def test_only_what_is_manual_is_settled(pending: Stage) -> None:
    wish(pending, order_id=OrderId("p-1"))

    with pytest.raises(UsageError, match="sent"):
        pending.ask("Trades", SettleOrder(order_id=OrderId("p-1"), state=S.CLOSED)).get()
    with pytest.raises(UnknownOrder):
        pending.ask(NAME, SettleOrder(order_id=OrderId("p-9"), state=S.CLOSED)).get()


# Another process.


@pytest.mark.parametrize("state", [S.JOURNALED, S.SENT, S.UNKNOWN])
def test_what_an_earlier_process_may_have_sent_is_not_sent_and_looked_for(stage: Stage, state: OrderState) -> None:
    journal = FailingJournal()
    journal.note(ours(1, state))
    enter(stage, journal)
    again = stage.ask(NAME, replace(COMMAND, order_id=OrderId("o-1")))

    stage.publish(PendingReported(orders=(told(1),)))

    with pytest.raises(OrderUnconfirmed):
        again.get()
    found = journal.order(OrderId("o-1"))
    assert found is not None
    assert found.state is S.WAITING
    assert opened(stage) == []


def test_an_order_of_an_earlier_process_is_the_answer_to_its_id(stage: Stage) -> None:
    journal = FailingJournal()
    journal.note(ours(1, S.WAITING))
    enter(stage, journal)

    again = stage.ask(NAME, replace(COMMAND, order_id=OrderId("o-1")))

    assert again.get().order.ticket == "t-1"
    assert opened(stage) == []


def test_orders_of_both_kinds_are_told_oldest_first(stage: Stage) -> None:
    journal = FailingJournal()
    for each in (ours(1, S.WAITING, created=NOW - 1), order(2, S.CLOSED, created=NOW - 2), ours(3, S.ENDED)):
        journal.note(each)
    enter(stage, journal)

    every = stage.ask("Trades", GetOrders()).get().orders
    unresolved = stage.ask("Trades", GetOrders(unresolved=True)).get().orders

    assert [each.order_id for each in every] == ["o-2", "o-1", "o-3"]
    assert [each.order_id for each in unresolved] == ["o-1"]


# Crashing.


def test_a_crash_before_it_is_written_down_sends_it_once(stage: Stage) -> None:
    enter(stage, FailingJournal())
    answers: list[Future[Any]] = []

    def crash_while_trades_is_away() -> None:
        answers.append(wish(stage))
        stage.crash(NAME)

    stage.crash("Trades", crash_while_trades_is_away)
    stage.publish(ACCEPTED)

    assert opened(stage) == [EURO]
    assert answers[0].get().order == ORDER


def test_a_crash_does_not_send_an_order_again(pending: Stage) -> None:
    answer = wish(pending)

    pending.crash(NAME)
    pending.publish(ACCEPTED)

    assert opened(pending) == [EURO]
    assert answer.get().order == ORDER


def test_deadlines_survive_a_crash(pending: Stage) -> None:
    order, cancel = wish(pending), pending.ask(NAME, CANCEL)

    pending.crash(NAME)
    pending.advance(10.1)

    with pytest.raises(OrderUnconfirmed):
        order.get()
    with pytest.raises(DeadlineExceeded, match="Cancelling"):
        cancel.get()


# Cancelling.


def test_a_cancelled_order_is_known_no_longer(pending: Stage) -> None:
    pending.publish(ACCEPTED)

    answer = pending.ask(NAME, CANCEL)
    pending.publish(PendingCancelled(tickets=(ORDER.ticket,)))

    assert pending.requests("cancelPendingOrder") == [{"ticket": "t-1"}]
    assert answer.get().tickets == (ORDER.ticket,)
    assert known(pending) == ()


def test_a_refused_cancel_is_an_error_and_the_order_stays(pending: Stage) -> None:
    pending.publish(ACCEPTED)

    answer = pending.ask(NAME, CANCEL)
    pending.publish(PendingCancelRefused(tickets=(ORDER.ticket,), reason="NotFound"))

    with pytest.raises(PendingNotCancelled, match=r"t-1.*NotFound"):
        answer.get()
    assert known(pending) == (ORDER,)


def test_cancels_are_answered_by_their_tickets(pending: Stage) -> None:
    tickets = [Ticket(f"t-{number}") for number in range(4)]
    answers = [pending.ask(NAME, CancelPendingOrders(tickets=(ticket,))) for ticket in tickets]

    pending.publish(
        PendingCancelled(tickets=(tickets[2], tickets[0])), PendingCancelRefused(tickets=(tickets[1],), reason="no")
    )

    assert [answer.done for answer in answers] == [True, True, True, False]


def test_an_answer_without_tickets_belongs_to_the_only_cancel(pending: Stage) -> None:
    pending.publish(ACCEPTED)
    answer = pending.ask(NAME, CANCEL)

    pending.publish(PendingCancelled(tickets=()))

    assert answer.get().tickets == (ORDER.ticket,)
    assert known(pending) == ()


def test_an_answer_without_tickets_is_nobodys_where_it_is_in_doubt(pending: Stage) -> None:
    answers = [pending.ask(NAME, CANCEL), pending.ask(NAME, CancelPendingOrders(tickets=(Ticket("t-2"),)))]

    pending.publish(PendingCancelRefused(tickets=(), reason="no"))

    assert [answer.done for answer in answers] == [False, False]


def test_a_cancel_without_an_answer_ends_in_its_deadline(pending: Stage) -> None:
    answer = pending.ask(NAME, CANCEL)

    pending.advance(10.1)

    with pytest.raises(DeadlineExceeded, match=r"Cancelling .* t-1"):
        answer.get()


def test_a_cancel_ends_with_the_session(pending: Stage) -> None:
    answer = pending.ask(NAME, CANCEL)

    pending.lose_session(ConnectionLost("pulled"))

    with pytest.raises(ConnectionLost, match="pulled"):
        answer.get()


def test_without_a_session_nothing_is_cancelled(pending: Stage) -> None:
    pending.set_session(SessionState.BACKING_OFF)

    answer = pending.ask(NAME, CANCEL)

    assert pending.sent == []
    with pytest.raises(NotConnected):
        answer.get()


MANY = CancelPendingOrders(tickets=(Ticket("t-1"), Ticket("t-2"), Ticket("t-3")))


def test_several_cancels_are_one_message_and_one_answer(pending: Stage) -> None:
    answer = pending.ask(NAME, MANY)

    pending.publish(PendingCancelled(tickets=MANY.tickets[1:]))
    was_done = answer.done
    pending.publish(PendingCancelled(tickets=MANY.tickets[:1]))

    assert pending.requests("cancelPendingOrders") == [{"tickets": ["t-1", "t-2", "t-3"]}]
    assert not was_done
    assert answer.get().tickets == MANY.tickets


def test_a_refused_one_among_several_is_told_with_the_others(pending: Stage) -> None:
    answer = pending.ask(NAME, MANY)

    pending.publish(
        PendingCancelRefused(tickets=MANY.tickets[:1], reason="NotFound"), PendingCancelled(tickets=MANY.tickets[1:])
    )

    with pytest.raises(PendingNotCancelled) as caught:
        answer.get()
    assert (caught.value.refused, caught.value.cancelled) == ({"t-1": "NotFound"}, ("t-2", "t-3"))


def test_a_refusal_without_tickets_is_for_those_that_were_not_cancelled(pending: Stage) -> None:
    answer = pending.ask(NAME, MANY)

    pending.publish(PendingCancelled(tickets=MANY.tickets[:2]), PendingCancelRefused(tickets=(), reason="no"))

    with pytest.raises(PendingNotCancelled, match=r"t-3 \(no\)\. It did cancel t-1, t-2\."):
        answer.get()


def test_of_several_cancels_the_deadline_names_the_unanswered(pending: Stage) -> None:
    answer = pending.ask(NAME, MANY)

    pending.publish(PendingCancelled(tickets=MANY.tickets[:2]))
    pending.advance(10.1)

    with pytest.raises(DeadlineExceeded, match=r"orders t-3:"):
        answer.get()


def test_to_cancel_nothing_is_done_without_a_word(pending: Stage) -> None:
    answer = pending.ask(NAME, CancelPendingOrders(tickets=()))

    assert answer.get().tickets == ()
    assert pending.sent == []


# Ending.


def test_an_order_that_left_the_list_has_ended(pending: Stage) -> None:
    watch = pending.probe("Watch", PendingOrderEnded)
    pending.publish(ACCEPTED)

    pending.publish(PendingReported(orders=()), PendingReported(orders=()))

    assert watch.of(PendingOrderEnded) == [PendingOrderEnded(order=ORDER)]


def test_a_cancelled_order_has_not_ended_by_itself(pending: Stage) -> None:
    watch = pending.probe("Watch", PendingOrderEnded)
    pending.publish(ACCEPTED)

    pending.publish(PendingCancelled(tickets=(ORDER.ticket,)), PendingReported(orders=()))

    assert watch.of(PendingOrderEnded) == []


def test_the_refusal_of_an_order_that_waited_answers_no_other(pending: Stage) -> None:
    watch = pending.probe("Watch", PendingOrderEnded)
    pending.publish(ACCEPTED)
    answer = wish(pending)

    pending.publish(replace(REFUSED, reason="MinPayout", ticket=ORDER.ticket))

    assert not answer.done
    assert known(pending) == ()
    assert watch.of(PendingOrderEnded) == [PendingOrderEnded(order=ORDER, refusal="MinPayout")]


# Knowing.


def test_accepted_orders_are_known(pending: Stage) -> None:
    pending.publish(ACCEPTED, PendingAccepted(order=replace(ORDER, ticket=Ticket("t-2"))))

    assert [order.ticket for order in known(pending)] == ["t-1", "t-2"]


def test_the_platforms_list_replaces_what_was_known(pending: Stage) -> None:
    pending.publish(ACCEPTED)
    other = replace(ORDER, ticket=Ticket("t-9"))

    pending.publish(PendingReported(orders=(other,)))

    assert known(pending) == (other,)


def test_what_is_known_survives_a_crash(pending: Stage) -> None:
    pending.publish(ACCEPTED)

    pending.crash(NAME)

    assert known(pending) == (ORDER,)
