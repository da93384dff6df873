"""Covers simulator.pending."""

from decimal import Decimal
from typing import Any

import pytest

from simulator.broker import Broker
from simulator.market import Market
from simulator.pending import LONGEST_WAIT_SECONDS
from tests.simulator.world import AHEAD, ASSET, START, Client, World

MARKET = Market(seed=1)
SOON = "2025-11-24 18:01:40"
OPENS = 1_764_000_000.0 + 100
"""Before anybody is hung up on for having nothing to say."""

BY_TIME = {
    "openType": 0,
    "amount": 10,
    "asset": ASSET,
    "openTime": SOON,
    "openPrice": 0,
    "timeframe": 60,
    "minPayout": 60,
    "command": 0,
}


def by_price(price: float, **changes: Any) -> dict[str, Any]:
    return BY_TIME | {"openType": 1, "openTime": "0", "openPrice": price} | changes


def log_in(now: float = START, **options: Any) -> Client:
    client = World(Broker(seed=1, **options), now).log_in()
    client.forget()
    return client


def keep(client: Client, order: dict[str, Any]) -> str:
    """The ticket of an order that is kept."""
    client.say("openPendingOrder", order)
    ticket: str = client.heard("successopenPendingOrder")[-1]["data"]["ticket"]
    client.forget()
    return ticket


def waiting(client: Client) -> list[str]:
    client.say("successupdatePending")
    return [order["ticket"] for order in client.heard("successupdatePending")[-1]]


def test_an_order_opens_when_its_time_comes() -> None:
    client = log_in()
    keep(client, BY_TIME)
    client.world.let_pass(OPENS - START - 0.001)
    before = list(client.events)
    client.world.let_pass(0.001)
    assert before == []
    assert client.event_names == [
        *("successopenOrder", "updateOpenedDeals", "successupdateBalance", "successupdatePending")
    ]
    [deal] = client.heard("successopenOrder")
    assert (deal["openTime"], deal["openMs"], deal["requestId"]) == (SOON, 0, None)
    assert (deal["amount"], deal["openPrice"]) == (10, MARKET.price(ASSET, OPENS))
    assert client.heard("successupdatePending") == [[]]
    assert client.heard("successupdateBalance")[-1]["balance"] == 49_990


def test_what_has_opened_is_settled_like_any_deal() -> None:
    client = log_in()
    keep(client, BY_TIME | {"command": 1})
    client.world.let_pass(OPENS - START + 60)
    [closing] = client.heard("successcloseOrder")
    assert (closing["deals"][0]["command"], closing["deals"][0]["closeTime"]) == (1, "2025-11-24 18:02:40")


@pytest.mark.parametrize("side", [1, -1], ids=["above", "below"])
def test_an_order_opens_on_the_first_tick_that_reaches_its_price(side: int) -> None:
    client = log_in()
    present = MARKET.price(ASSET, START)
    wanted = round(present + side * 0.0001, 5)
    keep(client, by_price(wanted))
    reaching = next(tick for tick in MARKET.ticks_from(ASSET, START) if side * (tick.price - wanted) >= 0)
    client.world.let_pass(reaching.time - START - 0.0005)
    before = list(client.events)
    client.world.let_pass(0.001)
    assert before == []
    assert client.heard("successopenOrder")[0]["openPrice"] == reaching.price
    assert client.heard("successupdatePending") == [[]]


def test_a_price_that_the_market_stands_at_is_reached_at_once() -> None:
    client = log_in()
    keep(client, by_price(MARKET.price(ASSET, START)))
    client.world.let_pass(1)
    assert client.heard("successopenOrder")


def test_a_price_out_of_reach_is_waited_for() -> None:
    client = log_in()
    ticket = keep(client, by_price(2.0))
    client.world.let_pass(170)
    assert waiting(client) == [ticket]


def test_nothing_is_watched_for_orders_that_are_gone() -> None:
    world = World(Broker(seed=1))
    client = world.log_in()
    client.say("cancelPendingOrder", {"ticket": keep(client, by_price(2.0))})
    world.broker.disconnect(client.name)
    world.let_pass(200)
    assert world.broker.due() is None


def test_an_order_waits_though_nobody_is_connected() -> None:
    world = World(Broker(seed=1))
    client = world.log_in()
    keep(client, BY_TIME)
    world.broker.disconnect(client.name)
    world.let_pass(OPENS - START + 1)
    later = world.log_in()
    assert len(later.heard("updateOpenedDeals")[0]) == 1
    assert later.heard("successupdatePending") == [[]]


def test_a_cancelled_order_never_opens() -> None:
    client = log_in()
    client.say("cancelPendingOrder", {"ticket": keep(client, BY_TIME)})
    client.world.let_pass(OPENS - START + 1)
    assert client.heard("successopenOrder") == []


def test_an_order_does_not_open_for_less_than_its_payout() -> None:
    client = log_in()
    ticket = keep(client, BY_TIME | {"minPayout": 93})
    client.world.let_pass(OPENS - START)
    [failure] = client.heard("failopenPendingOrder")
    assert (failure["data"]["data"]["ticket"], failure["data"]["error"]) == (ticket, "MinPayout")
    assert client.heard("successopenOrder") == []
    assert client.heard("successupdatePending") == [[]]


def test_an_order_that_cannot_be_paid_when_its_time_comes_does_not_open() -> None:
    client = log_in(balance=Decimal(15))
    keep(client, BY_TIME)
    keep(client, BY_TIME)
    client.world.let_pass(OPENS - START)
    assert len(client.heard("successopenOrder")) == 1
    assert [failure["data"]["error"] for failure in client.heard("failopenPendingOrder")] == ["InsufficientBalance"]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"openTime": "2025-11-24 18:00:00"}, "OPEN_TIME"),
        ({"openTime": "2125-11-24 18:00:00"}, "OPEN_TIME"),
        ({"openTime": "soon"}, "OPEN_TIME"),
        ({"openTime": 0}, "OPEN_TIME"),
        ({"openTime": 10**18}, "OPEN_TIME"),
        ({"openType": 1, "openPrice": 0}, "OPEN_PRICE"),
        ({"openType": 1, "openPrice": -1}, "OPEN_PRICE"),
        ({"openType": 1, "openPrice": "NaN"}, "OPEN_PRICE"),
        ({"openType": 1, "openPrice": "Infinity"}, "OPEN_PRICE"),
        ({"asset": "NOPE"}, "UnknownAsset"),
        ({"asset": "TWITTER_otc"}, "AssetClosed"),
        ({"amount": 0}, "MinAmount"),
        ({"amount": 20_001}, "MaxAmount"),
        ({"amount": 20_000}, "InsufficientBalance"),
        ({"timeframe": 1}, "InvalidDuration"),
        ({"openType": 2}, "InvalidOrder"),
    ],
)
def test_an_order_that_is_not_kept_says_why(changes: dict[str, Any], error: str) -> None:
    client = log_in(balance=Decimal(100))
    client.say("openPendingOrder", BY_TIME | changes)
    assert client.heard("failopenPendingOrder")[0]["data"]["error"] == error
    client.world.let_pass(100)
    assert waiting(client) == []


def test_with_ten_deals_open_none_is_kept() -> None:
    client = log_in()
    for _ in range(10):
        client.order(seconds=60)
    client.say("openPendingOrder", BY_TIME)
    assert client.heard("failopenPendingOrder")[0]["data"]["error"] == "MaxDemoTrades"


def test_a_time_may_be_given_in_seconds() -> None:
    client = log_in()
    keep(client, BY_TIME | {"openTime": int(OPENS) + AHEAD})
    client.world.let_pass(OPENS - START)
    assert client.heard("successopenOrder")


def test_the_longest_wait_is_a_year() -> None:
    client = log_in()
    keep(client, BY_TIME | {"openTime": int(START) + AHEAD + LONGEST_WAIT_SECONDS})


def test_an_order_is_kept_listed_and_cancelled() -> None:
    client = log_in()
    ticket = keep(client, BY_TIME)
    assert waiting(client) == [ticket]
    client.say("cancelPendingOrder", {"ticket": ticket})
    assert client.heard("successcancelPendingOrder") == [{"ticket": ticket}]
    assert waiting(client) == []


def test_an_order_for_a_price_has_no_time() -> None:
    client = log_in()
    client.say("openPendingOrder", by_price(1.1))
    order = client.heard("successopenPendingOrder")[0]["data"]
    assert (order["openTime"], order["openPrice"]) == ("0000-00-00 00:00:00", 1.1)


def test_unknown_tickets_cannot_be_cancelled() -> None:
    client = log_in()
    ticket = keep(client, BY_TIME)
    client.say("cancelPendingOrder", {"ticket": "none"})
    client.say("cancelPendingOrders", {"tickets": [ticket, "none"]})
    assert client.heard("failcancelPendingOrder") == [{"ticket": "none", "error": "NotFound"}]
    assert client.heard("successcancelPendingOrders") == [{"tickets": [ticket]}]
    assert client.heard("failcancelPendingOrders") == [{"tickets": ["none"], "error": "NotFound"}]


def test_the_answer_goes_to_the_asker_and_the_list_to_the_accounts_others() -> None:
    world = World()
    asker, same, other, real = world.log_in(), world.log_in(), world.log_in(uid=2), world.log_in(is_demo=0)
    for client in (asker, same, other, real):
        client.forget()
    asker.say("openPendingOrder", BY_TIME)
    ticket = asker.heard("successopenPendingOrder")[0]["data"]["ticket"]
    asker.say("cancelPendingOrders", {"tickets": [ticket]})
    assert asker.event_names == ["successopenPendingOrder", "successcancelPendingOrders"]
    assert [len(orders) for orders in same.heard("successupdatePending")] == [1, 0]
    assert other.events == real.events == []


def test_every_connection_of_the_account_hears_of_an_opening_and_no_other() -> None:
    world = World()
    asker, same, other, real = world.log_in(), world.log_in(), world.log_in(uid=2), world.log_in(is_demo=0)
    keep(asker, by_price(MARKET.price(ASSET, START)))
    for client in (asker, same, other, real):
        client.forget()
    world.let_pass(1)
    assert asker.event_names == same.event_names
    assert "successopenOrder" in same.event_names
    assert other.events == real.events == []


def test_the_same_market_opens_the_same_orders_at_whatever_pace_it_is_polled() -> None:
    price = MARKET.price(ASSET, START) + 0.0001

    def deals(pace: float) -> list[Any]:
        client = log_in()
        keep(client, by_price(price))
        while client.world.now < START + 150:
            client.world.now += pace
            client.world.route(client.world.broker.poll(client.world.now))
        [closed] = client.world.log_in().heard("updateClosedDeals")
        return [(deal["openTimestamp"], deal["openMs"], deal["openPrice"], deal["closePrice"]) for deal in closed]

    assert deals(150) == deals(7.3) != []
