import pytest

from simulator.broker import Broker
from simulator.market import Market
from tests.simulator.world import AHEAD, ASSET, START, Client, World

FIVE = ["EURUSD_otc", "GBPUSD_otc", "BTCUSD_otc", "#AAPL_otc", "XAUUSD_otc"]


def streaming(client: Client) -> set[str]:
    client.forget()
    client.world.let_pass(2)
    return {row[0] for rows in client.heard("updateStream") for row in rows}


@pytest.mark.parametrize("event", ["subfor", "subscribeSymbol"])
def test_a_subscribed_asset_streams_every_tick_once_and_in_order(event: str) -> None:
    client = World().log_in()
    client.say(event, ASSET)
    client.world.let_pass(30)
    ticks = Market(seed=1).ticks(ASSET, START, START + 30)
    expected = [[[ASSET, round(tick.time + AHEAD, 3), tick.price]] for tick in ticks]
    assert client.heard("updateStream") == expected


def test_nothing_streams_unasked() -> None:
    client = World().log_in()
    client.say("changeSymbol", {"asset": ASSET, "period": 60})
    assert streaming(client) == set()


def test_only_the_last_four_subscribed_stream() -> None:
    client = World().log_in()
    for symbol in FIVE:
        client.say("subfor", symbol)
    assert streaming(client) == set(FIVE[1:])


def test_a_renewed_subscription_counts_as_the_latest() -> None:
    client = World().log_in()
    for symbol in (*FIVE[:4], FIVE[0], FIVE[4]):
        client.say("subfor", symbol)
    assert streaming(client) == {FIVE[0], *FIVE[2:]}


@pytest.mark.parametrize("event", ["unsubfor", "unSubscribeSymbol"])
def test_an_unsubscribed_asset_streams_no_more(event: str) -> None:
    client = World().log_in()
    client.say("subfor", FIVE[0])
    client.say("subfor", FIVE[1])
    client.say(event, FIVE[0])
    assert streaming(client) == {FIVE[1]}


def test_a_stream_goes_on_after_it_was_interrupted() -> None:
    client = World().log_in()
    client.say("subfor", ASSET)
    client.say("unsubfor", ASSET)
    client.say("subfor", ASSET)
    client.world.let_pass(10)
    assert len(client.heard("updateStream")) == len(Market(seed=1).ticks(ASSET, START, START + 10))
    client.say("unsubfor", ASSET)
    client.world.let_pass(10)
    client.say("subfor", ASSET)
    assert streaming(client) == {ASSET}


def test_two_connections_hear_the_same_ticks() -> None:
    world = World()
    first, second = world.log_in(), world.log_in(uid=2)
    first.say("subfor", ASSET)
    second.say("subfor", ASSET)
    world.let_pass(10)
    assert first.heard("updateStream") == second.heard("updateStream") != []


def test_the_limit_is_per_connection() -> None:
    world = World()
    first, second = world.log_in(), world.log_in()
    for symbol in FIVE:
        first.say("subfor", symbol)
        second.say("subfor", symbol)
    second.say("unsubfor", FIVE[4])
    assert streaming(first) == set(FIVE[1:])


def test_the_limit_can_be_raised() -> None:
    client = World(Broker(streams_per_connection=5)).log_in()
    for symbol in FIVE:
        client.say("subfor", symbol)
    assert streaming(client) == set(FIVE)


def test_an_unknown_asset_does_not_stream() -> None:
    client = World().log_in()
    client.say("subfor", "NOPE")
    assert streaming(client) == set()
    assert client.world.broker.ignored == 1


def test_a_late_poll_loses_no_tick() -> None:
    world = World()
    client = world.log_in()
    client.say("subfor", ASSET)
    world.now += 20
    world.route(world.broker.poll(world.now))
    assert len(client.heard("updateStream")) == len(Market(seed=1).ticks(ASSET, START, START + 20))


def test_a_muted_asset_is_silent_while_its_market_goes_on() -> None:
    client = World().log_in()
    for symbol in FIVE[:2]:
        client.say("subfor", symbol)
    client.world.broker.mute(FIVE[0])
    muted = streaming(client)
    client.world.broker.unmute(FIVE[0])
    client.world.let_pass(2)
    ticks = Market(seed=1).ticks(FIVE[0], START + 2, START + 4)
    assert muted == {FIVE[1]}
    assert [row[1:] for [row] in client.heard("updateStream") if row[0] == FIVE[0]] == [
        [round(tick.time + AHEAD, 3), tick.price] for tick in ticks
    ]
