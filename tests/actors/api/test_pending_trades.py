"""Covers actors.api.pending_trades."""

from decimal import Decimal
from functools import partial

import pytest
from msgspec.structs import replace

from actors.api.pending_trades import PendingTradesActor, PendingTradesMemory
from messages.account import ServerTimeMeasured
from messages.base import Incarnation
from messages.errors import ConnectionLost, DeadlineExceeded, NotConnected
from messages.market import Symbol
from messages.order_errors import OrderRefused, OrderUnconfirmed, PendingNotCancelled
from messages.session import SessionLost, SessionState
from messages.trading import (
    CancelPendingOrders,
    Direction,
    GetPendingOrders,
    OpenPendingOrder,
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
from tests.actors.stage import Stage

NAME = "PendingTrades"
EURO = Symbol("EURUSD_otc")
POUND = Symbol("GBPUSD_otc")
OPENS = 1_700_000_100.0

COMMAND = OpenPendingOrder(
    trigger=PendingTrigger.TIME,
    symbol=EURO,
    direction=Direction.CALL,
    stake=Decimal(1),
    open_time=OPENS,
    open_price=None,
    duration_seconds=60,
    min_payout_percent=60,
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
    stage.make_ready()
    return stage


def opened(stage: Stage) -> list[str]:
    """The assets of the orders that were sent, in order."""
    return [request["asset"] for request in stage.requests("openPendingOrder")]


def known(stage: Stage) -> tuple[PendingOrder, ...]:
    orders: tuple[PendingOrder, ...] = stage.ask(NAME, GetPendingOrders()).get().orders
    return orders


# Opening.


def test_an_order_is_sent_in_the_platforms_time(pending: Stage) -> None:
    pending.ask(NAME, COMMAND)

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

    pending.ask(NAME, COMMAND)

    assert pending.requests("openPendingOrder")[0]["openTime"] == "2023-11-14 22:15:00"


def test_an_accepted_order_is_the_answer(pending: Stage) -> None:
    answer = pending.ask(NAME, COMMAND)

    pending.publish(ACCEPTED)

    assert isinstance(answer.get(), PendingOrderOpened)
    assert answer.get().order == ORDER


def test_a_refusal_is_the_answer_in_the_platforms_words(pending: Stage) -> None:
    answer = pending.ask(NAME, COMMAND)

    pending.publish(REFUSED)

    with pytest.raises(OrderRefused, match="OPEN_TIME"):
        answer.get()


@pytest.mark.parametrize("state", [state for state in SessionState if state is not SessionState.READY])
def test_unless_the_session_is_ready_nothing_is_sent(pending: Stage, state: SessionState) -> None:
    pending.set_session(state)

    answer = pending.ask(NAME, COMMAND)

    assert pending.sent == []
    with pytest.raises(NotConnected, match=state.value):
        answer.get()


@pytest.mark.parametrize("answer", [ACCEPTED, REFUSED], ids=["accepted", "refused"])
def test_the_next_order_of_an_asset_waits_for_the_answer(
    pending: Stage, answer: PendingAccepted | PendingRefused
) -> None:
    pending.ask(NAME, COMMAND)
    pending.ask(NAME, COMMAND)
    sent_before = opened(pending)

    pending.publish(answer)

    assert sent_before == [EURO]
    assert opened(pending) == [EURO, EURO]


def test_orders_of_an_asset_are_sent_and_answered_in_their_order(pending: Stage) -> None:
    stakes = (Decimal(1), Decimal(2), Decimal(3))
    answers = [pending.ask(NAME, replace(COMMAND, stake=stake)) for stake in stakes]

    for stake in stakes:
        pending.publish(PendingAccepted(order=replace(ORDER, stake=stake, ticket=Ticket(f"t-{stake}"))))

    assert [request["amount"] for request in pending.requests("openPendingOrder")] == [1, 2, 3]
    assert [answer.get().order.ticket for answer in answers] == ["t-1", "t-2", "t-3"]


def test_orders_of_other_assets_do_not_wait(pending: Stage) -> None:
    euro = pending.ask(NAME, COMMAND)
    pound = pending.ask(NAME, replace(COMMAND, symbol=POUND))

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
    answer = pending.ask(NAME, COMMAND)

    pending.publish(PendingAccepted(order=other))

    assert not answer.done
    assert known(pending) == (other,)


def test_a_refusal_for_another_asset_is_no_answer(pending: Stage) -> None:
    answer = pending.ask(NAME, COMMAND)

    pending.publish(replace(REFUSED, symbol=POUND))

    assert not answer.done


def test_a_refusal_without_an_asset_belongs_to_the_only_order(pending: Stage) -> None:
    answer = pending.ask(NAME, COMMAND)
    waiting = pending.ask(NAME, COMMAND)

    pending.publish(replace(REFUSED, symbol=None))

    assert (answer.done, waiting.done) == (True, False)


def test_a_refusal_without_an_asset_is_nobodys_where_it_is_in_doubt(pending: Stage) -> None:
    answers = [pending.ask(NAME, COMMAND), pending.ask(NAME, replace(COMMAND, symbol=POUND))]

    pending.publish(replace(REFUSED, symbol=None))

    assert [answer.done for answer in answers] == [False, False]


def test_an_order_without_an_answer_is_unconfirmed(pending: Stage) -> None:
    answer = pending.ask(NAME, COMMAND)

    pending.advance(9.9)
    was_done = answer.done
    pending.advance(0.2)

    assert not was_done
    with pytest.raises(OrderUnconfirmed):
        answer.get()


def test_the_next_order_is_sent_when_the_one_before_is_unconfirmed(pending: Stage) -> None:
    pending.ask(NAME, COMMAND)
    pending.advance(5.0)
    following = pending.ask(NAME, COMMAND)

    pending.advance(5.1)
    pending.publish(ACCEPTED)

    assert opened(pending) == [EURO, EURO]
    assert following.get().order == ORDER


def test_an_order_whose_turn_does_not_come_in_time_is_never_sent(pending: Stage) -> None:
    pending.ask(NAME, COMMAND)
    late = pending.ask(NAME, COMMAND)
    pending.advance(1.0)
    in_time = pending.ask(NAME, COMMAND)

    pending.advance(9.5)

    assert opened(pending) == [EURO, EURO]
    with pytest.raises(DeadlineExceeded, match="not sent"):
        late.get()
    assert not in_time.done


# Losing the session.


def test_a_lost_session_leaves_a_sent_order_unconfirmed(pending: Stage) -> None:
    answer = pending.ask(NAME, COMMAND)

    pending.lose_session()

    with pytest.raises(OrderUnconfirmed):
        answer.get()


def test_an_order_that_waits_when_the_session_is_lost_is_never_sent(pending: Stage) -> None:
    pending.ask(NAME, COMMAND)
    waiting = pending.ask(NAME, COMMAND)

    pending.lose_session()
    pending.make_ready(2)
    pending.advance(60.0)

    assert pending.sent == []
    with pytest.raises(NotConnected):
        waiting.get()


def test_an_order_that_waits_is_not_sent_on_a_session_that_is_gone(pending: Stage) -> None:
    pending.ask(NAME, COMMAND)
    waiting = [pending.ask(NAME, COMMAND) for _ in range(3)]

    pending.set_session(SessionState.BACKING_OFF)
    pending.publish(ACCEPTED)

    for answer in waiting:
        with pytest.raises(NotConnected):
            answer.get()


def test_the_loss_of_an_older_session_leaves_a_sent_order_alone(pending: Stage) -> None:
    pending.make_ready(2)
    answer = pending.ask(NAME, COMMAND)

    pending.publish(SessionLost(incarnation=Incarnation(1), error=ConnectionLost("pulled")))

    assert not answer.done


# Crashing.


def test_a_crash_does_not_send_an_order_again(pending: Stage) -> None:
    answer = pending.ask(NAME, COMMAND)

    pending.crash(NAME)
    pending.publish(ACCEPTED)

    assert opened(pending) == [EURO]
    assert answer.get().order == ORDER


def test_deadlines_survive_a_crash(pending: Stage) -> None:
    order, cancel = pending.ask(NAME, COMMAND), pending.ask(NAME, CANCEL)

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
    answer = pending.ask(NAME, COMMAND)

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
