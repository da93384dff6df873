import itertools
from typing import Any

import pytest

from simulator.broker import Broker
from simulator.charts import STALE_SECONDS
from simulator.market import Market
from tests.simulator.world import AHEAD, ASSET, START, Client, World

MARKET = Market(seed=1)
SERVER_NOW = START + AHEAD


def show(client: Client, period: int, asset: str = ASSET) -> Any:
    client.say("changeSymbol", {"asset": asset, "period": period})
    return client.heard("updateHistoryNewFast")[-1]


def page(client: Client, period: int, offset: float, time: float = SERVER_NOW) -> Any:
    request = {"asset": ASSET, "index": 171_201_484_810, "time": time, "offset": offset, "period": period}
    client.say("loadHistoryPeriod", request)
    return client.heard("loadHistoryPeriodFast")[-1]


def candle_of_ticks(start: float, end: float) -> list[float]:
    prices = [tick.price for tick in MARKET.ticks(ASSET, start - AHEAD, end - AHEAD)]
    return [prices[0], prices[-1], max(prices), min(prices)]


def test_history_ends_where_the_stream_begins() -> None:
    client = World().log_in()
    client.say("subfor", ASSET)
    history = show(client, 60)["history"]
    client.world.let_pass(5)
    live = [[time, price] for [[_, time, price]] in client.heard("updateStream")]
    ticks = [[round(tick.time + AHEAD, 3), tick.price] for tick in MARKET.ticks(ASSET, START - 600, START + 5)]
    assert history + live == ticks


@pytest.mark.parametrize("period", [1, 5, 15, 60, 90, 300, 3600])
def test_closed_candles_agree_with_their_ticks(period: int) -> None:
    chart = show(World().log_in(), period)
    assert (chart["asset"], chart["period"]) == (ASSET, period)
    for start, *values in chart["candles"][1:100:7]:
        assert start % period == 0
        assert values == candle_of_ticks(start, start + period)


@pytest.mark.parametrize("period", [60, 3600, 14_400])
def test_candles_descend_without_gaps_from_the_forming_one(period: int) -> None:
    now = START + 1000
    chart = show(World(now=now).log_in(), period)
    starts = [candle[0] for candle in chart["candles"]]
    assert starts[0] == (now + AHEAD) // period * period
    assert starts == [starts[0] - period * place for place in range(100)]


@pytest.mark.parametrize("period", [60, 3600])
def test_the_forming_candle_is_fresh_once_history_is_applied(period: int) -> None:
    now = START + 1007
    chart = show(World(now=now).log_in(), period)
    start, first, last, high, low = chart["candles"][0]
    assert candle_of_ticks(start, now + AHEAD) != [first, last, high, low]
    newer = [price for time, price in chart["history"] if time >= max(start, now + AHEAD - STALE_SECONDS)]
    applied = [first, newer[-1], max(high, *newer), min(low, *newer)]
    assert applied == candle_of_ticks(start, now + AHEAD)


def test_a_candle_that_has_just_begun_is_not_there_yet() -> None:
    now = int(START)
    chart = show(World(now=now).log_in(), 60)
    assert chart["candles"][0][0] == now + AHEAD - 60


def test_a_page_has_at_most_150_closed_candles_ascending() -> None:
    reply = page(World().log_in(), 60, 9000)
    times = [row["time"] for row in reply["data"]]
    assert reply["index"] == 171_201_484_810
    assert len(times) == 150
    assert times == sorted(times)
    assert times[-1] + 60 <= SERVER_NOW < times[-1] + 120


def test_pages_follow_one_another_backwards() -> None:
    client = World().log_in()
    newest = page(client, 300, 150)["data"]
    older = page(client, 300, 150, newest[0]["time"])["data"]
    assert older[-1]["time"] == newest[0]["time"] - 300


def test_the_candles_of_a_page_are_those_of_the_chart() -> None:
    client = World().log_in()
    chart = {candle[0]: candle[1:] for candle in show(client, 60)["candles"][1:]}
    rows = page(client, 60, 99)["data"]
    assert {row["time"]: [row["open"], row["close"], row["high"], row["low"]] for row in rows} == chart


def test_offset_counts_candles() -> None:
    assert len(page(World().log_in(), 60, 20)["data"]) == 20


@pytest.mark.parametrize("time", [SERVER_NOW + 10_000, SERVER_NOW * 1000])
def test_the_future_is_not_told(time: float) -> None:
    reply = page(World().log_in(), 60, 5, time)
    assert reply["data"][-1]["time"] + 60 <= SERVER_NOW


def test_period_zero_gives_ticks() -> None:
    reply = page(World().log_in(), 0, 60)
    ticks = MARKET.ticks(ASSET, START - 60, START)
    assert reply["period"] == 0
    assert reply["data"] == [
        {"asset": ASSET, "time": round(tick.time + AHEAD, 3), "price": tick.price} for tick in ticks
    ]


def test_a_page_of_ticks_is_bounded() -> None:
    assert len(page(World().log_in(), 0, 10_000)["data"]) == 3000


def test_beyond_a_year_pages_are_empty() -> None:
    assert page(World().log_in(), 60, 150, SERVER_NOW - 366 * 86_400)["data"] == []


@pytest.mark.parametrize("change", [{"asset": "NOPE"}, {"period": 0}, {"period": -60}, {"period": 10**9}])
def test_a_chart_that_does_not_exist_is_not_answered(change: dict[str, Any]) -> None:
    world = World()
    client = world.log_in()
    client.say("changeSymbol", {"asset": ASSET, "period": 60} | change)
    client.say("loadHistoryPeriod", {"index": 1, "time": 1, "offset": 1, "asset": ASSET, "period": -1} | change)
    assert not client.heard("updateHistoryNewFast")


def test_speed_shortens_candles() -> None:
    client = World(Broker(seed=1, speed=60)).log_in()
    starts = [candle[0] for candle in show(client, 60)["candles"]]
    assert starts[0] - starts[1] == 1
    times = [row["time"] for row in page(client, 300, 10)["data"]]
    assert {later - earlier for earlier, later in itertools.pairwise(times)} == {5}


@pytest.mark.parametrize("period", [1, 5, 15, 60])
def test_a_page_is_what_was_heard_live(period: int) -> None:
    client = World().log_in()
    client.say("subfor", ASSET)
    client.world.let_pass(150)
    heard = [(time, price) for [[_, time, price]] in client.heard("updateStream")]
    rows = page(client, period, 150, SERVER_NOW + 150)["data"]
    whole = [row for row in rows if row["time"] > SERVER_NOW]
    assert len(whole) == 150 // period - 1
    for row in whole:
        prices = [price for time, price in heard if row["time"] <= time < row["time"] + period]
        assert [row["open"], row["close"], row["high"], row["low"]] == [
            *(prices[0], prices[-1], max(prices), min(prices))
        ]


def test_what_is_asked_after_a_reconnect_closes_the_gap_to_the_tick() -> None:
    world = World()
    before = world.log_in()
    before.say("subfor", ASSET)
    world.let_pass(20)
    world.broker.disconnect(before.name)
    world.let_pass(40)
    after = world.log_in()
    after.say("subfor", ASSET)
    history = [(row["time"], row["price"]) for row in page(after, 0, 60, SERVER_NOW + 60)["data"]]
    world.let_pass(20)
    live = [[(time, price) for [[_, time, price]] in client.heard("updateStream")] for client in (before, after)]
    assert sorted({*live[0], *history, *live[1]}) == [
        (round(tick.time + AHEAD, 3), tick.price) for tick in MARKET.ticks(ASSET, START, START + 80)
    ]
    assert live[0] == history[: len(live[0])]
    assert len(history) > len(live[0])
