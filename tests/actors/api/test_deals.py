"""Covers actors.api.deals."""

from decimal import Decimal
from functools import partial
from typing import ClassVar

import pytest
from msgspec.structs import replace

from actors.api.deals import GRACE_SECONDS, TRADES, DealBook, DealsActor
from actors.orders.ledger import KEPT_FINAL
from messages.base import AddressName, Done, Message, RequestId
from messages.errors import DeadlineExceeded
from messages.order_errors import ResultUnknown
from messages.orders import OrdersRecalled, OrderState, OrderStateChanged
from messages.trading import (
    AwaitResult,
    ClearClosedDeals,
    ClosedDealsReported,
    Deal,
    DealClosed,
    DealId,
    DealOpened,
    DealResult,
    DealsSettled,
    GetDeals,
    OpenedDealsReported,
    OrderId,
    Outcome,
    TradeAccepted,
    TradeResult,
)
from tests.actors.api.samples import DEAL
from tests.actors.orders.samples import order as ordered
from tests.actors.stage import Probe, Stage

NAME = "Deals"
DURATION = DEAL.close_time - DEAL.open_time
CLOSED = replace(DEAL, close_price=1.2)
ACCEPTED = TradeAccepted(deal=DEAL)
SETTLED = DealsSettled(gross_profit=None, deals=(CLOSED,))
RESULT = DealResult(outcome=Outcome.WIN, profit=DEAL.profit, deal=CLOSED)
QUERY = AwaitResult(deal_id=DEAL.id)

opening = pytest.mark.parametrize("sighting", [ACCEPTED, OpenedDealsReported(deals=(DEAL,))], ids=["answer", "list"])
closing = pytest.mark.parametrize("sighting", [SETTLED, ClosedDealsReported(deals=(CLOSED,))], ids=["event", "list"])


class _Awake(DealsActor):
    """Woken by what it otherwise only overhears (``test_news_of_deals``)."""

    listens: ClassVar = (*DealsActor.listens, *DealsActor.overhears)
    overhears: ClassVar = ()


@pytest.fixture
def deals(stage: Stage) -> Stage:
    stage.start(NAME, partial(_Awake, book=DealBook()))
    return stage


@pytest.fixture
def listener(deals: Stage) -> Probe:
    return deals.probe("Listener", DealOpened, DealClosed)


def known(stage: Stage) -> tuple[list[str], list[str]]:
    """The ids of the deals that are open, and of those that have closed."""
    reply = stage.ask(NAME, GetDeals()).get()
    return [deal.id for deal in reply.opened], [deal.id for deal in reply.closed]


def other(number: int, *, opened: float = DEAL.open_time) -> Deal:
    return replace(DEAL, id=DealId(f"d-{number}"), open_time=opened)


# What is news.


@opening
def test_a_deal_that_is_seen_for_the_first_time_is_opened(deals: Stage, listener: Probe, sighting: Message) -> None:
    deals.publish(sighting)

    assert listener.messages == [DealOpened(deal=DEAL)]
    assert known(deals) == (["d-1"], [])


@closing
def test_a_deal_that_was_open_closes(deals: Stage, listener: Probe, sighting: Message) -> None:
    deals.publish(ACCEPTED, sighting)

    assert listener.messages[1:] == [DealClosed(result=RESULT)]
    assert known(deals) == ([], ["d-1"])


@closing
def test_a_deal_never_seen_open_is_told_of_all_the_same(deals: Stage, listener: Probe, sighting: Message) -> None:
    deals.publish(sighting)

    assert listener.messages == [DealClosed(result=RESULT)]


def test_each_deal_is_told_once_however_often_it_is_sighted(deals: Stage, listener: Probe) -> None:
    sightings = [
        ACCEPTED,
        OpenedDealsReported(deals=(DEAL, DEAL)),
        SETTLED,
        ClosedDealsReported(deals=(CLOSED, CLOSED)),
    ]

    deals.publish(*[sighting for sighting in sightings for _ in range(3)])

    assert [type(event) for event in listener.messages] == [DealOpened, DealClosed]


@opening
def test_a_deal_that_has_closed_does_not_open_again(deals: Stage, listener: Probe, sighting: Message) -> None:
    deals.publish(SETTLED, sighting)

    assert listener.of(DealOpened) == []
    assert known(deals) == ([], ["d-1"])


def test_several_deals_close_at_once(deals: Stage, listener: Probe) -> None:
    deals.publish(DealsSettled(gross_profit=Decimal(4), deals=(other(1), other(2))))

    assert [event.result.deal.id for event in listener.of(DealClosed)] == ["d-1", "d-2"]


@pytest.mark.parametrize(
    ("profit", "outcome"),
    [("0.92", Outcome.WIN), ("0.01", Outcome.WIN), ("0", Outcome.DRAW), ("0.00", Outcome.DRAW), ("-1", Outcome.LOSS)],
)
def test_the_profit_tells_how_a_deal_ended(deals: Stage, listener: Probe, profit: str, outcome: Outcome) -> None:
    deals.publish(ACCEPTED, DealsSettled(gross_profit=None, deals=(replace(CLOSED, profit=Decimal(profit)),)))

    (closed,) = listener.of(DealClosed)
    assert (closed.result.outcome, closed.result.profit) == (outcome, Decimal(profit))


def test_what_is_news_survives_a_crash(deals: Stage, listener: Probe) -> None:
    deals.publish(ACCEPTED)
    deals.crash(NAME)
    deals.publish(ACCEPTED, SETTLED)
    deals.crash(NAME)
    deals.publish(SETTLED)

    assert [type(event) for event in listener.messages] == [DealOpened, DealClosed]


# Whose order it was.


def test_a_closed_deal_keeps_the_order_of_the_open_one(deals: Stage, listener: Probe) -> None:
    deals.publish(TradeAccepted(deal=replace(DEAL, order_id=OrderId("o-1"))), SETTLED)

    (closed,) = listener.of(DealClosed)
    assert closed.result.deal == replace(CLOSED, order_id=OrderId("o-1"))


def test_an_acknowledgement_adds_its_order_to_a_deal_from_a_list(deals: Stage) -> None:
    deals.publish(OpenedDealsReported(deals=(DEAL,)), TradeAccepted(deal=replace(DEAL, order_id=OrderId("o-1"))))

    assert deals.ask(NAME, GetDeals()).get().opened[0].order_id == "o-1"


def test_a_list_takes_no_order_away(deals: Stage) -> None:
    deals.publish(TradeAccepted(deal=replace(DEAL, order_id=OrderId("o-1"))), OpenedDealsReported(deals=(DEAL,)))

    assert deals.ask(NAME, GetDeals()).get().opened[0].order_id == "o-1"


# Results.


@closing
def test_a_result_asked_for_before_expiry_comes_when_the_deal_closes(deals: Stage, sighting: Message) -> None:
    deals.publish(ACCEPTED)
    answers = [deals.ask(NAME, QUERY) for _ in range(2)]
    done_before = [answer.done for answer in answers]

    deals.publish(sighting)

    assert done_before == [False, False]
    assert isinstance(answers[0].get(), TradeResult)
    assert [answer.get().result for answer in answers] == [RESULT, RESULT]


@pytest.mark.parametrize("late", [0.0, GRACE_SECONDS - 1, GRACE_SECONDS, 1000.0])
def test_a_result_asked_for_at_expiry_or_later_waits_for_it(deals: Stage, late: float) -> None:
    deals.publish(ACCEPTED)
    deals.advance(DURATION + late)

    answer = deals.ask(NAME, QUERY)
    deals.advance(GRACE_SECONDS - 0.1)
    done_before = answer.done
    deals.publish(SETTLED)

    assert not done_before
    assert answer.get().result == RESULT


def test_the_result_of_a_closed_deal_is_there_at_once_and_for_good(deals: Stage) -> None:
    deals.publish(ACCEPTED, SETTLED)

    first = deals.ask(NAME, QUERY)
    deals.advance(86_400.0)
    later = deals.ask(NAME, QUERY)

    assert first.done
    assert later.done
    assert first.get().result == later.get().result == RESULT


def test_the_result_of_a_deal_that_is_not_in_the_book_is_asked_of_the_journal(deals: Stage) -> None:
    journal = deals.probe(TRADES)

    deals.ask(NAME, QUERY)

    assert [query.deal_id for query in journal.of(AwaitResult)] == [DEAL.id]


def test_one_deal_closing_answers_nobody_who_waits_for_another(deals: Stage) -> None:
    deals.publish(ACCEPTED)
    answer = deals.ask(NAME, QUERY)

    deals.publish(TradeAccepted(deal=other(2)), DealsSettled(gross_profit=None, deals=(other(2),)))

    assert not answer.done


def test_the_grace_can_be_set(stage: Stage) -> None:
    stage.start(NAME, partial(_Awake, book=DealBook(), grace_seconds=2.5))
    stage.publish(ACCEPTED)
    answer = stage.ask(NAME, QUERY)

    stage.advance(DURATION + 2.5)

    with pytest.raises(DeadlineExceeded, match=r"2\.5 s"):
        answer.get()
    assert stage.runtime.clock.monotonic() == DURATION + 2.5


def test_a_result_that_does_not_come_is_overdue_after_expiry_and_grace(deals: Stage) -> None:
    deals.publish(ACCEPTED)
    answer = deals.ask(NAME, QUERY)

    deals.advance(DURATION + GRACE_SECONDS - 0.1)
    done_before = answer.done
    deals.advance(0.1)

    assert not done_before
    with pytest.raises(DeadlineExceeded, match=r"d-1.* 10 s"):
        answer.get()


@pytest.mark.parametrize("seconds", [0.0, 3.0, DURATION + 1000])
def test_a_deadline_of_the_askers_own_is_kept(deals: Stage, seconds: float) -> None:
    deals.publish(ACCEPTED)
    answer = deals.ask(NAME, replace(QUERY, deadline_seconds=seconds))

    deals.advance(seconds - 0.1)
    done_before = answer.done
    deals.advance(0.1)

    assert done_before is False or seconds == 0
    with pytest.raises(DeadlineExceeded, match=f" {seconds:g} s"):
        answer.get()


def test_a_result_is_still_told_after_somebody_gave_it_up(deals: Stage, listener: Probe) -> None:
    deals.publish(ACCEPTED)
    impatient = deals.ask(NAME, replace(QUERY, deadline_seconds=1.0))
    deals.advance(DURATION + GRACE_SECONDS + 1)

    deals.publish(SETTLED)

    assert impatient.done
    assert listener.of(DealClosed) == [DealClosed(result=RESULT)]
    assert deals.ask(NAME, QUERY).get().result == RESULT


def test_who_was_answered_hears_nothing_of_the_deadline(deals: Stage) -> None:
    asker = deals.probe("Asker")
    deals.publish(ACCEPTED)
    deals.tell(NAME, replace(QUERY, reply_to=AddressName("Asker"), request_id=RequestId(7)))

    deals.publish(SETTLED)
    deals.advance(DURATION + GRACE_SECONDS + 1)

    assert asker.messages == [TradeResult(request_id=RequestId(7), result=RESULT)]


# Crashing.


def test_who_waits_for_a_result_gets_it_even_after_a_crash(deals: Stage) -> None:
    deals.publish(ACCEPTED)
    answer = deals.ask(NAME, QUERY)

    deals.crash(NAME)
    deals.publish(SETTLED)

    assert answer.get().result == RESULT


def test_a_deal_that_closes_while_nobody_is_there_has_its_result(deals: Stage) -> None:
    deals.publish(ACCEPTED)
    answer = deals.ask(NAME, QUERY)

    deals.crash(NAME, lambda: deals.publish(SETTLED))

    assert answer.get().result == RESULT


@pytest.mark.parametrize("seconds", [None, 70.0])
def test_who_waits_does_not_wait_for_ever_after_a_crash(deals: Stage, seconds: float | None) -> None:
    deals.publish(ACCEPTED)
    answer = deals.ask(NAME, replace(QUERY, deadline_seconds=seconds))

    deals.crash(NAME)
    deals.advance(DURATION + GRACE_SECONDS)

    with pytest.raises(DeadlineExceeded, match="result of deal d-1"):
        answer.get()


# Knowing, and forgetting.


def test_deals_are_listed_oldest_first(deals: Stage) -> None:
    newest, oldest, twin = other(1, opened=30.0), other(2, opened=10.0), other(3, opened=10.0)

    deals.publish(OpenedDealsReported(deals=(newest, twin, oldest)))
    opened = known(deals)
    deals.publish(ClosedDealsReported(deals=(newest, twin, oldest)))

    assert opened == (["d-2", "d-3", "d-1"], [])
    assert known(deals) == ([], ["d-2", "d-3", "d-1"])


def test_closed_deals_can_be_forgotten_and_open_ones_stay(deals: Stage) -> None:
    deals.publish(ACCEPTED, TradeAccepted(deal=other(2)), SETTLED)

    answer = deals.ask(NAME, ClearClosedDeals())

    assert isinstance(answer.get(), Done)
    assert known(deals) == (["d-2"], [])


@pytest.mark.parametrize(
    "sighting", [ACCEPTED, SETTLED, ClosedDealsReported(deals=(CLOSED,))], ids=["answer", "event", "list"]
)
def test_a_forgotten_deal_is_not_told_again(deals: Stage, listener: Probe, sighting: Message) -> None:
    deals.publish(ACCEPTED, SETTLED)
    deals.ask(NAME, ClearClosedDeals())

    deals.publish(sighting)

    assert len(listener.messages) == 2
    assert known(deals) == ([], [])


def closed_deals(*numbers: int) -> tuple[Deal, ...]:
    return tuple(replace(CLOSED, id=DealId(f"d-{number}"), open_time=float(number)) for number in numbers)


def settle(stage: Stage, *numbers: int) -> None:
    for deal in closed_deals(*numbers):
        stage.publish(DealsSettled(gross_profit=None, deals=(deal,)))


def test_the_book_holds_as_many_closed_deals_as_the_ledger_orders(deals: Stage) -> None:
    settle(deals, *range(1, KEPT_FINAL + 3))

    _, closed = known(deals)
    assert len(closed) == KEPT_FINAL
    assert (closed[0], closed[-1]) == ("d-3", f"d-{KEPT_FINAL + 2}")


def test_the_journal_is_asked_for_a_result_that_the_book_holds_no_longer(deals: Stage) -> None:
    trades = deals.probe(TRADES)
    settle(deals, *range(1, KEPT_FINAL + 2))

    deals.tell(NAME, QUERY)

    assert trades.messages == [QUERY]


def test_recalled_deals_are_bounded_too(deals: Stage) -> None:
    count = KEPT_FINAL + 1
    orders = [ordered(number, OrderState.CLOSED, deal=deal) for number, deal in enumerate(closed_deals(*range(count)))]

    deals.publish(OrdersRecalled(orders=tuple(orders)))

    assert len(known(deals)[1]) == KEPT_FINAL


@pytest.mark.parametrize("length", [20, KEPT_FINAL + 500])
def test_no_deal_of_a_list_is_told_twice_however_long_it_is(deals: Stage, listener: Probe, length: int) -> None:
    listed = ClosedDealsReported(deals=closed_deals(*range(length)))
    deals.publish(listed)

    for begin in range(3):
        settle(deals, *range(10_000 + begin * 500, 10_000 + (begin + 1) * 500))
        deals.publish(listed)

    assert len(listener.of(DealClosed)) == length + 3 * 500


def test_what_a_book_holds_does_not_grow_with_its_deals() -> None:
    book = DealBook()
    for deal in closed_deals(*range(3 * KEPT_FINAL)):
        book.settle(replace(RESULT, deal=deal))

    assert (len(book.closed), len(book.settled)) == (KEPT_FINAL, KEPT_FINAL)


# What the journal knew.


def recalled(state: OrderState, deal: Deal | None) -> OrdersRecalled:
    """The journal held this order."""
    return OrdersRecalled(orders=(ordered(1, state, deal=deal),))


def test_a_deal_that_an_earlier_process_saw_close_has_its_result_and_is_not_told_again(
    deals: Stage, listener: Probe
) -> None:
    deals.publish(recalled(OrderState.CLOSED, CLOSED), ClosedDealsReported(deals=(CLOSED,)), SETTLED)

    assert listener.messages == []
    assert known(deals) == ([], ["d-1"])
    assert deals.ask(NAME, QUERY).get().result == RESULT


def test_a_deal_that_an_earlier_process_opened_is_waited_for_and_not_told_again(deals: Stage, listener: Probe) -> None:
    deals.publish(recalled(OrderState.OPEN, DEAL), OpenedDealsReported(deals=(DEAL,)))
    answer = deals.ask(NAME, QUERY)

    deals.publish(SETTLED)

    assert answer.get().result == RESULT
    assert listener.messages == [DealClosed(result=RESULT)]


def test_a_deal_whose_end_was_settled_by_hand_has_no_result(deals: Stage) -> None:
    deals.publish(recalled(OrderState.CLOSED, DEAL))

    assert known(deals) == ([], [])


@pytest.mark.parametrize("state", [state for state in OrderState if state is not OrderState.MANUAL])
def test_other_moves_of_its_order_end_no_wait(deals: Stage, state: OrderState) -> None:
    deals.publish(ACCEPTED)
    answer = deals.ask(NAME, QUERY)

    deals.tell(NAME, OrderStateChanged(order=ordered(1, state, deal=DEAL), before=OrderState.SENT))

    assert not answer.done
    assert known(deals) == (["d-1"], [])


def test_a_deal_whose_end_nobody_can_tell_is_waited_for_no_longer(deals: Stage) -> None:
    deals.publish(ACCEPTED, TradeAccepted(deal=other(2)))
    answers = [deals.ask(NAME, QUERY), deals.ask(NAME, replace(QUERY, deal_id=DealId("d-2")))]

    manual = ordered(1, OrderState.MANUAL, deal=DEAL)
    deals.tell(NAME, OrderStateChanged(order=manual, before=OrderState.OPEN))

    assert [answer.done for answer in answers] == [True, False]
    with pytest.raises(ResultUnknown, match="d-1"):
        answers[0].get()


def test_an_order_without_a_deal_is_nothing_to_the_book(deals: Stage) -> None:
    deals.publish(recalled(OrderState.UNKNOWN, None), recalled(OrderState.MANUAL, None))

    assert known(deals) == ([], [])
