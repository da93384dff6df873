"""Covers optionbus.order_calls, with the simulated broker: orders, the kill switch, settling by hand."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from messages.errors import InvalidArgument, UsageError
from messages.order_errors import OrderDenied, OrderUnconfirmed, UnknownOrder
from messages.orders import OrderState, TradingMode
from optionbus.client import PocketOption
from tests.optionbus.stepped_client import SteppedClient

ASSET, OTHER = "EURUSD_otc", "GBPUSD_otc"
DEAF = ("acknowledgement-lost=1", "news-absent=1", "snapshot-absent=1")
"""Nobody ever tells what became of an order."""


@pytest.fixture
def stepped() -> Iterator[SteppedClient]:
    stepped = SteppedClient()
    yield stepped
    stepped.client.stop()


@pytest.fixture
def client(stepped: SteppedClient) -> PocketOption:
    return stepped.client


@pytest.fixture
def deaf() -> Iterator[SteppedClient]:
    """With an order of the id ``lost``, sent and not answered."""
    stepped = SteppedClient(hardships=DEAF)
    with pytest.raises(OrderUnconfirmed):
        stepped.client.buy(ASSET, 1, 60, request_id="lost").get()
    yield stepped
    stepped.client.stop()


@pytest.fixture
def manual(deaf: SteppedClient) -> PocketOption:
    """With an order that nobody could resolve."""
    deaf.runtime.advance(120)
    return deaf.client


def states(client: PocketOption, **what: Any) -> list[tuple[str, OrderState]]:
    return [(order.order_id, order.state) for order in client.orders(**what).get()]


def test_orders_are_told_oldest_first_with_what_became_of_them(stepped: SteppedClient) -> None:
    stepped.client.buy(ASSET, 1, 5, request_id="first").get()
    stepped.runtime.advance(10)
    stepped.client.buy(OTHER, 2, 60, request_id="second").get()

    assert states(stepped.client) == [("first", OrderState.CLOSED), ("second", OrderState.OPEN)]
    assert states(stepped.client, unresolved=True) == [("second", OrderState.OPEN)]


def test_without_orders_there_are_none(client: PocketOption) -> None:
    assert client.orders().get() == ()


def test_trading_is_active_until_it_is_said_otherwise(client: PocketOption) -> None:
    assert client.trading_mode().get() is TradingMode.ACTIVE


@pytest.mark.parametrize("mode", ["halted", TradingMode.REDUCING])
def test_the_kill_switch_denies_orders_until_it_is_lifted(client: PocketOption, mode: TradingMode | str) -> None:
    client.set_trading_mode(mode, "enough").get()
    with pytest.raises(OrderDenied) as denied:
        client.buy(ASSET, 1, 60).get()
    stood = client.trading_mode().get()
    client.set_trading_mode("active").get()

    assert stood is TradingMode(mode)
    assert stood.value in str(denied.value)
    assert client.buy(ASSET, 1, 60).get().symbol == ASSET


def test_an_order_without_an_answer_is_settled_by_hand(manual: PocketOption) -> None:
    with pytest.raises(OrderDenied, match="lost"):
        manual.buy(ASSET, 2, 60).get()

    manual.settle_order("lost", "not placed", "seen in the browser").get()

    (order,) = manual.orders().get()
    assert (order.state, order.reason) == (OrderState.NOT_PLACED, "seen in the browser")
    with pytest.raises(OrderUnconfirmed):  # its asset is free again: the next one goes out
        manual.buy(ASSET, 2, 60).get()


def test_settled_by_hand_it_says_so(manual: PocketOption) -> None:
    manual.settle_order("lost", "closed").get()

    (order,) = manual.orders().get()
    assert (order.state, order.reason) == (OrderState.CLOSED, "settled by hand")


@pytest.mark.parametrize("outcome", ["closed", "not placed"])
def test_while_the_end_may_still_come_nobody_settles_it(deaf: SteppedClient, outcome: str) -> None:
    with pytest.raises(UsageError, match=r"manual.*this one is unknown"):
        deaf.client.settle_order("lost", outcome).get()

    assert states(deaf.client) == [("lost", OrderState.UNKNOWN)]


@pytest.mark.parametrize("outcome", ["closed", "not placed"])
def test_an_open_deal_cannot_be_settled_by_hand(client: PocketOption, outcome: str) -> None:
    client.buy(ASSET, 1, 60, request_id="open").get()

    with pytest.raises(UsageError, match="this one is open"):
        client.settle_order("open", outcome).get()

    assert states(client) == [("open", OrderState.OPEN)]


def test_an_order_is_settled_once(manual: PocketOption) -> None:
    manual.settle_order("lost", "not placed").get()

    with pytest.raises(UsageError, match="this one is not placed"):
        manual.settle_order("lost", "closed").get()


def test_an_order_that_is_not_there_cannot_be_settled(client: PocketOption) -> None:
    with pytest.raises(UnknownOrder, match="o-9"):
        client.settle_order("o-9", "closed").get()


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda client: client.orders(unresolved="yes"), "bool"),
        (lambda client: client.set_trading_mode("off"), "active, reducing, halted"),
        (lambda client: client.set_trading_mode(["halted"]), "active, reducing, halted"),
        (lambda client: client.set_trading_mode("halted", 5), "reason"),
        (lambda client: client.settle_order("o-1", "won"), "closed, not placed"),
        (lambda client: client.settle_order("o-1", ["closed"]), "text"),
        (lambda client: client.settle_order(5, "closed"), "order_id"),
    ],
)
def test_what_makes_no_sense_is_refused_at_once(client: PocketOption, ask: Callable[[Any], object], says: str) -> None:
    with pytest.raises(InvalidArgument, match=says):
        ask(client)
