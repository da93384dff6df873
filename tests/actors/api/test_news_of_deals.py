"""Covers how Deals hears of what Trades has placed: without holding the answer up, and before anybody can ask."""

from functools import partial

import pytest
from msgspec.structs import replace

from actors.api.deals import DealBook, DealsActor
from actors.api.trades import DEALS
from actors.context import SOON_SECONDS
from actors.orders.memory import OrderMemory
from messages.trading import AwaitResult, DealOpened, GetDeals, OpenedDealsReported
from optionbus.testing import Probe
from tests.actors.api.test_trades import ACCEPTED, COMMAND, NAME, new_register, trades_actor
from tests.actors.stage import Stage

DEAL = ACCEPTED.deal


@pytest.fixture
def tree(stage: Stage) -> Stage:
    """Trades and Deals."""
    stage.start(DEALS, partial(DealsActor, book=DealBook()))
    stage.start(NAME, trades_actor(OrderMemory(new_register())))
    stage.make_ready()
    return stage


@pytest.fixture
def listener(tree: Stage) -> Probe:
    return tree.probe("Listener", DealOpened)


def test_who_has_the_answer_can_ask_for_the_result(tree: Stage, listener: Probe) -> None:
    answer = tree.ask(NAME, COMMAND)
    tree.publish(ACCEPTED)
    heard_before = list(listener.messages)

    result = tree.ask(DEALS, AwaitResult(deal_id=DEAL.id))
    deals = tree.ask(DEALS, GetDeals())

    assert answer.get().deal == DEAL
    assert heard_before == []  # Deals sleeps until it is asked
    assert deals.get().opened == (DEAL,)
    assert not result.done  # it is waited for, and not unknown


def test_nobody_has_to_ask(tree: Stage, listener: Probe) -> None:
    tree.ask(NAME, COMMAND)
    tree.publish(ACCEPTED)

    tree.advance(SOON_SECONDS)

    assert listener.messages == [DealOpened(deal=DEAL)]


def test_what_follows_the_acceptance_at_once_comes_after_it(tree: Stage, listener: Probe) -> None:
    tree.ask(NAME, COMMAND)

    tree.publish(ACCEPTED, OpenedDealsReported(deals=(replace(DEAL, order_id=None),)))

    assert listener.messages == [DealOpened(deal=DEAL)]


def test_who_hears_of_the_deal_otherwise_can_ask_for_the_result(tree: Stage) -> None:
    tree.tell(NAME, COMMAND)
    tree.system.publish(ACCEPTED)

    result = tree.ask(DEALS, AwaitResult(deal_id=DEAL.id))

    assert not result.done
