from decimal import Decimal
from itertools import count
from typing import Any

import pytest

from simulator.broker import Broker
from simulator.market import Market
from tests.simulator.world import AHEAD, ASSET, START, Client, World

MARKET = Market(seed=1)


def moment_of(move: int) -> float:
    """The next moment at which a deal of five seconds will see the price move up (1), down (-1) or not at all."""
    for step in count():
        now = START + step
        before, after = MARKET.price(ASSET, now), MARKET.price(ASSET, int(now) + 5)
        if (after > before) - (after < before) == move:
            return now
    raise AssertionError


def log_in_at(now: float) -> Client:
    client = World(now=now).log_in()
    client.forget()
    return client


def balance(client: Client) -> Any:
    return client.heard("successupdateBalance")[-1]["balance"]


def test_an_order_opens_a_deal_at_the_price_last_streamed() -> None:
    client = log_in_at(START)
    client.order(requestId="7d5a-text")
    [deal] = client.heard("successopenOrder")
    assert deal["requestId"] == "7d5a-text"
    assert deal["openPrice"] == MARKET.price(ASSET, START)
    assert (deal["closePrice"], deal["amount"], deal["profit"]) == (0, 10, 9.2)
    assert deal["command"] == 0
    assert client.event_names == ["successopenOrder", "updateOpenedDeals", "successupdateBalance"]
    assert balance(client) == 49_990


def test_a_deal_has_its_times_on_the_platforms_clock() -> None:
    client = log_in_at(START)
    client.order(seconds=60)
    [deal] = client.heard("successopenOrder")
    assert deal["openTimestamp"] == int(START) + AHEAD
    assert deal["closeTimestamp"] == deal["openTimestamp"] + 60
    assert (deal["openTime"], deal["closeTime"]) == ("2025-11-24 18:00:00", "2025-11-24 18:01:00")
    assert deal["openMs"] == 250


@pytest.mark.parametrize("request_id", [5, "5", None, "0f4c1b2e-0000-4000-8000-000000000000"])
def test_the_request_id_comes_back_as_it_was_sent(request_id: object) -> None:
    client = log_in_at(START)
    client.order(requestId=request_id)
    assert client.heard("successopenOrder")[0]["requestId"] == request_id


@pytest.mark.parametrize(
    ("move", "action", "profit", "gross", "after"),
    [
        (1, "call", 9.2, 19.2, 50_009.2),
        (1, "put", -10, 0, 49_990),
        (-1, "call", -10, 0, 49_990),
        (-1, "put", 9.2, 19.2, 50_009.2),
        (0, "call", 0, 10, 50_000),
        (0, "put", 0, 10, 50_000),
    ],
)
def test_a_deal_wins_loses_or_draws_by_its_prices(
    move: int, action: str, profit: float, gross: float, after: float
) -> None:
    client = log_in_at(moment_of(move))
    client.order(action)
    client.forget()
    client.world.let_pass(4)
    assert client.events == []
    client.world.let_pass(1)
    assert client.event_names == ["successcloseOrder", "updateClosedDeals", "successupdateBalance"]
    [closing] = client.heard("successcloseOrder")
    [deal] = closing["deals"]
    assert (closing["profit"], deal["profit"]) == (gross, profit)
    assert deal["closePrice"] == MARKET.price(ASSET, deal["closeTimestamp"] - AHEAD)
    assert balance(client) == after


def test_deals_that_close_together_are_told_together() -> None:
    client = log_in_at(START)
    for amount in (1, 2, 3):
        client.order(amount=amount)
    client.world.let_pass(5)
    [closing] = client.heard("successcloseOrder")
    assert [deal["amount"] for deal in closing["deals"]] == [1, 2, 3]
    assert closing["profit"] == pytest.approx(sum(deal["amount"] + deal["profit"] for deal in closing["deals"]))


def test_the_lists_follow_the_deals_and_have_no_request_id() -> None:
    client = log_in_at(START)
    client.order()
    client.world.let_pass(5)
    [opened], [closed] = client.heard("updateOpenedDeals"), client.heard("updateClosedDeals")
    assert opened[0]["id"] == closed[0]["id"]
    assert "requestId" not in opened[0] | closed[0]
    client.forget()
    client.say("updateOpenedDeals")
    assert client.heard("updateOpenedDeals") == [[]]


def test_the_last_twenty_closed_deals_are_kept() -> None:
    client = log_in_at(START)
    ids = []
    for _ in range(25):
        client.order(amount=1)
        ids.append(client.heard("successopenOrder")[-1]["id"])
        client.world.let_pass(5)
    assert [deal["id"] for deal in client.heard("updateClosedDeals")[-1]] == ids[5:]


@pytest.mark.parametrize(
    ("changes", "error", "amount"),
    [
        ({"asset": "NOPE"}, "UnknownAsset", 10),
        ({"asset": "TWITTER_otc"}, "AssetClosed", 10),
        ({"amount": 0.99}, "MinAmount", 1),
        ({"amount": -5}, "MinAmount", 1),
        ({"amount": 20_000.01}, "MaxAmount", 20_000),
        ({"time": 4}, "InvalidDuration", 10),
        ({"time": 43_201}, "InvalidDuration", 10),
        ({"asset": "EURUSD", "time": 29}, "InvalidDuration", 10),
        ({"amount": "NaN"}, "InvalidOrder", 0),
        ({"amount": None}, "InvalidOrder", 0),
        ({"amount": "0E+999999999"}, "InvalidOrder", 0),
        ({"action": "buy"}, "InvalidOrder", 0),
    ],
)
def test_an_order_that_is_not_taken_says_why(changes: dict[str, Any], error: str, amount: float) -> None:
    client = log_in_at(START)
    client.order(**changes)
    [failure] = client.heard("failopenOrder")
    assert (failure["error"], failure["amount"]) == (error, amount)
    assert failure["asset"] == ("" if error == "InvalidOrder" else changes.get("asset", ASSET))
    assert "requestId" not in failure
    assert client.event_names == ["failopenOrder"]


@pytest.mark.parametrize("changes", [{"amount": 1}, {"amount": "20000"}, {"time": 43_200}, {"time": "5"}])
def test_an_order_at_the_limits_is_taken(changes: dict[str, Any]) -> None:
    client = log_in_at(START)
    client.order(**changes)
    assert client.heard("successopenOrder")


def test_an_eleventh_deal_on_demo_names_the_limit_as_amount() -> None:
    client = log_in_at(START)
    for _ in range(11):
        client.order(amount=2)
    assert len(client.heard("successopenOrder")) == 10
    assert client.heard("failopenOrder") == [{"error": "MaxDemoTrades", "amount": 10, "asset": ASSET}]


def test_a_real_account_may_have_more_deals() -> None:
    client = World().log_in(is_demo=0)
    for _ in range(11):
        client.order(amount=2)
    assert len(client.heard("successopenOrder")) == 11


def test_what_is_not_there_cannot_be_staked() -> None:
    client = World(Broker(seed=1, balance=Decimal(15))).log_in()
    client.order()
    client.order()
    assert client.heard("failopenOrder") == [{"error": "InsufficientBalance", "amount": 10, "asset": ASSET}]


def test_money_is_exact_to_the_cent() -> None:
    client = log_in_at(moment_of(1))
    for amount in (1.1, "1.1", 1.1000000000000001):
        client.order(amount=amount)
    client.world.let_pass(5)
    # 92 % of 1.10 is 1.012, that is 1.01.
    assert balance(client) == 50_003.03


def test_deals_survive_the_connection() -> None:
    world = World()
    first = world.log_in()
    first.order()
    world.broker.disconnect(first.name)
    world.let_pass(2)
    second = world.log_in()
    [[deal]] = second.heard("updateOpenedDeals")
    assert balance(second) == 49_990
    world.let_pass(3)
    assert second.heard("successcloseOrder")[0]["deals"][0]["id"] == deal["id"]


def test_deals_settle_while_nobody_is_connected() -> None:
    world = World()
    first = world.log_in()
    first.order()
    world.broker.disconnect(first.name)
    world.let_pass(60)
    second = world.log_in()
    assert len(second.heard("updateClosedDeals")[0]) == 1
    assert second.heard("updateOpenedDeals") == [[]]


def test_every_connection_of_an_account_hears_of_it_and_no_other() -> None:
    world = World()
    asker, same, other, real = world.log_in(), world.log_in(), world.log_in(uid=2), world.log_in(is_demo=0)
    for client in (asker, same, other, real):
        client.forget()
    asker.order()
    world.let_pass(5)
    assert same.event_names == [name for name in asker.event_names if name != "successopenOrder"]
    assert other.events == real.events == []


@pytest.mark.parametrize(("seconds", "lasts"), [(60, 1.0), (5, 5 / 60)])
def test_speed_shortens_expiries(seconds: int, lasts: float) -> None:
    world = World(Broker(seed=1, speed=60))
    client = world.log_in()
    client.order(seconds=seconds)
    world.let_pass(lasts - 0.01)
    assert not client.heard("successcloseOrder")
    world.let_pass(0.02)
    assert client.heard("successcloseOrder")


def test_a_late_poll_settles_at_the_moment_it_was_due() -> None:
    client = log_in_at(START)
    client.order()
    client.world.now += 100
    client.say("getBalance")
    [closing] = client.heard("successcloseOrder")
    assert closing["deals"][0]["closePrice"] == MARKET.price(ASSET, int(START) + 5)
