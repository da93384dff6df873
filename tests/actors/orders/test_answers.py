"""Covers actors.orders.answers."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from actors.orders.answers import answer_of, news_of, result_of
from messages.errors import BusError, NotConnected
from messages.order_errors import OrderNotPlaced, OrderRefused, OrderUnconfirmed
from messages.orders import OrderState, OrderStateChanged
from messages.trading import DealResult, Outcome
from tests.actors.api.samples import DEAL
from tests.actors.orders.samples import CLOSED_DEAL, order

S = OrderState


@pytest.mark.parametrize("state", [S.CREATED, S.JOURNALED, S.SENT])
def test_of_an_order_on_its_way_there_is_nothing_to_tell_yet(state: OrderState) -> None:
    assert answer_of(order(1, state)) is None


@pytest.mark.parametrize(("state", "deal"), [(S.OPEN, DEAL), (S.CLOSED, CLOSED_DEAL)])
def test_of_an_order_that_was_carried_out_its_deal_is_told(state: OrderState, deal: object) -> None:
    assert answer_of(order(1, state, deal=deal)) == deal


@pytest.mark.parametrize(
    ("state", "error", "text"),
    [
        (S.DENIED, NotConnected, "backing off"),
        (S.REJECTED, OrderRefused, r"backing off \(limit 10\)"),
        (S.NOT_PLACED, OrderNotPlaced, "o-1.*not carried out"),
        (S.UNKNOWN, OrderUnconfirmed, "o-1.*may have been placed"),
        (S.MANUAL, OrderUnconfirmed, "o-1"),
        (S.CLOSED, OrderUnconfirmed, "o-1"),
    ],
)
def test_each_end_without_a_deal_has_its_own_error(state: OrderState, error: type[BusError], text: str) -> None:
    answer = answer_of(order(1, state, reason="backing off", limit=Decimal(10)))

    with pytest.raises(error, match=text):
        raise answer if isinstance(answer, BusError) else AssertionError


@pytest.mark.parametrize(
    ("profit", "outcome"),
    [("0.01", Outcome.WIN), ("0", Outcome.DRAW), ("0.00", Outcome.DRAW), ("-1", Outcome.LOSS)],
)
def test_the_profit_tells_how_a_deal_ended(profit: str, outcome: Outcome) -> None:
    deal = replace(CLOSED_DEAL, profit=Decimal(profit))

    assert result_of(deal) == DealResult(outcome=outcome, profit=Decimal(profit), deal=deal)


# What an operator is told.


def test_an_order_that_exists_after_all_is_news() -> None:
    change = OrderStateChanged(order=order(1, S.OPEN), before=S.NOT_PLACED, is_alarm=True)

    assert news_of(change) == "order o-1 was not placed, and is open after all"


def test_an_order_that_a_person_has_to_settle_is_news_that_says_what_to_do() -> None:
    news = news_of(OrderStateChanged(order=order(1, S.MANUAL, reason="no list has it"), before=S.UNKNOWN))

    assert news is not None
    assert "o-1 on EURUSD_otc: no list has it." in news
    assert "run.py orders" in news
    assert "no order is placed on EURUSD_otc" in news


@pytest.mark.parametrize("state", [state for state in S if state is not S.MANUAL])
def test_all_else_is_none(state: OrderState) -> None:
    assert news_of(OrderStateChanged(order=order(1, state), before=S.SENT)) is None
