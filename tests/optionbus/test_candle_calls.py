"""Covers optionbus.candle_calls and optionbus.live_candles, with the simulated broker."""

from collections.abc import Callable, Iterator
from itertools import pairwise
from math import inf, nan
from typing import Any, ClassVar

import pytest

from actors.base import Actor
from messages.errors import (
    InvalidAggregation,
    InvalidArgument,
    UnexpectedMessage,
    UnknownAsset,
    UsageError,
)
from messages.market import (
    Candle,
    CandlesRefilled,
    Chunk,
    LiveCandlesChanged,
    Symbol,
    TicksReceived,
    TimeAligned,
    Timed,
)
from optionbus.client import PocketOption
from optionbus.live_candles import LiveStream
from optionbus.testing import Probe, SteppedRuntime
from simulator.market import Market
from supervisor.settings import Settings, SubscriptionSettings
from tests.optionbus.stepped_client import SteppedClient

ASSET = "EURUSD_otc"
SEED = 1
MARKET = Market(SEED)
NOW = 1_700_000_000


class TickKeeper(Actor[TicksReceived]):
    """Keeps what it is told."""

    kept: ClassVar[list[TicksReceived]] = []

    def on_receive(self, message: TicksReceived) -> None:
        TickKeeper.kept.append(message)


@pytest.fixture
def stepped() -> Iterator[SteppedClient]:
    stepped = SteppedClient(SEED, actors=[TickKeeper])
    yield stepped
    stepped.client.stop()


@pytest.fixture
def client(stepped: SteppedClient) -> PocketOption:
    return stepped.client


def read(subscription: Any) -> list[Any]:
    """What waits to be read."""
    return [subscription.get(timeout=1) for _ in range(len(subscription._stream))]


def brokers(candle: Candle) -> tuple[float, float, float, float]:
    """What the broker's own ticks make of the candle's period."""
    bar = MARKET.bar(ASSET, candle.time, candle.time + candle.period_seconds)
    assert bar is not None
    return bar.open, bar.high, bar.low, bar.close


def prices(candle: Candle) -> tuple[float, float, float, float]:
    return candle.open, candle.high, candle.low, candle.close


def test_many_candles_are_fetched_within_the_default_deadline(client: PocketOption) -> None:
    candles = client.candles(ASSET, 60, 1000).get()

    assert len(candles) == 1000
    assert all(candle.closed and candle.complete and prices(candle) == brokers(candle) for candle in candles)


def test_candles_at_a_time_are_those_of_so_many_seconds_before_it(client: PocketOption) -> None:
    time = NOW - 86_400 + 40  # a full minute

    candles = client.candles_at(ASSET, 60, 600, time).get()

    assert [candle.time - time for candle in candles] == list(range(-600, 0, 60))


def test_ticks_are_those_of_the_broker_across_pages(client: PocketOption) -> None:
    now = client._edge.runtime.clock.now()

    ticks = client.ticks(ASSET, 7200).get()

    expected = [quote for quote in MARKET.ticks(ASSET, now - 7200, now + 1) if quote.time <= ticks[-1].time + 0.0005]
    assert [tick.price for tick in ticks] == [quote.price for quote in expected]
    assert now - ticks[-1].time < 1


@pytest.mark.parametrize("period", [1, 7, 60, 61, 3601])
def test_compiled_candles_of_any_period_are_the_brokers(client: PocketOption, period: int) -> None:
    candles = client.compile_candles(ASSET, period, 7300).get()

    assert all(candle.time % period == 0 for candle in candles)
    assert all(prices(candle) == brokers(candle) for candle in candles if candle.closed and candle.complete)
    assert [candle.closed for candle in candles] == [True] * (len(candles) - 1) + [False]
    assert all(candle.complete for candle in candles[1:])


@pytest.mark.parametrize(
    "ask",
    [
        lambda client: client.candles(ASSET, 0),
        lambda client: client.candles(ASSET, 60, 0),
        lambda client: client.candles_at(ASSET, 60, 0, NOW),
        lambda client: client.candles_at(ASSET, 60, 600, nan),
        lambda client: client.ticks(ASSET, 0),
        lambda client: client.ticks(ASSET, nan),
        lambda client: client.ticks(ASSET, inf),
        lambda client: client.compile_candles(ASSET, 0, 60),
        lambda client: client.compile_candles(ASSET, 60, -1),
        lambda client: client.history(ASSET, 0),
    ],
)
def test_what_cannot_be_is_refused(client: PocketOption, ask: Callable[[PocketOption], Any]) -> None:
    with pytest.raises(UsageError):
        ask(client).get()


@pytest.mark.parametrize(
    "ask",
    [
        lambda client: client.candles_at(ASSET, 60, "600", NOW),
        lambda client: client.candles_at(ASSET, 60, 600, None),
        lambda client: client.ticks(ASSET, "60"),
        lambda client: client.ticks(None, 60),
        lambda client: client.compile_candles(ASSET, 1.5, 60),
        lambda client: client.compile_candles(ASSET, 60, None),
        lambda client: client.live_candles(ASSET, "60"),
        lambda client: client.live_candles(7, 60),
        lambda client: client.live_candles(ASSET, 60, 1.5),
        lambda client: client.subscribe_with_history(ASSET, "Direct"),
        lambda client: client.subscribe_with_history(ASSET, deliver_to=7),
    ],
)
def test_what_is_of_the_wrong_type_is_refused_at_once(client: PocketOption, ask: Callable[[PocketOption], Any]) -> None:
    with pytest.raises(InvalidArgument):
        ask(client)


@pytest.mark.parametrize(("period", "history"), [(0, 10), (-60, 10), (86_401, 10), (60, -1), (60, 10_001)])
def test_live_candles_that_cannot_be_are_refused_at_once(client: PocketOption, period: int, history: int) -> None:
    with pytest.raises(UsageError):
        client.live_candles(ASSET, period, history)


@pytest.mark.parametrize("ask", [lambda c: c.ticks("EURUSD_ot", 60), lambda c: c.compile_candles("EURUSD_ot", 5, 60)])
def test_an_unknown_asset_is_named(client: PocketOption, ask: Callable[[PocketOption], Any]) -> None:
    client.wait_for_assets(timeout=10)
    with pytest.raises(UnknownAsset, match=ASSET):
        ask(client).get()


@pytest.mark.parametrize(("period", "seconds"), [(5, 13), (7, 20), (60, 150), (3600, 2850)])
def test_live_candles_begin_with_their_history_and_go_on_without_a_gap(
    stepped: SteppedClient, period: int, seconds: float
) -> None:
    live = stepped.client.live_candles(ASSET, period, history=3)
    history, forming = live.get(timeout=10)
    stepped.runtime.advance(seconds)
    closed, _ = live.get(timeout=10)

    candles = [*history, *closed]
    assert [later.time - candle.time for candle, later in pairwise(candles)] == [period] * (len(candles) - 1)
    assert (len(history), forming is not None) == (3, True)
    assert all(candle.complete and candle.closed and prices(candle) == brokers(candle) for candle in candles)


FORMS = (
    *("volume", "null-column", "no-candles", "empty-candles", "columns", "bare-columns", "history-new", "history-old"),
    *("page-old", "no-row-asset", "no-period", "offset-seconds", "unsolicited", "strings", "inline"),
)


@pytest.mark.parametrize("form", FORMS)
def test_the_past_is_the_same_in_every_form_of_the_platforms_answers(form: str) -> None:
    runtime = SteppedRuntime(SEED)
    client = PocketOption.simulated(seed=SEED, runtime=runtime, variants=[form])
    client.start()
    client.wait_ready(timeout=10)

    candles = client.candles(ASSET, 60, 200).get()
    ticks = client.ticks(ASSET, 600).get()
    recent = client.history(ASSET, 60).get()
    (closed, _) = client.live_candles(ASSET, 60, history=50).get(timeout=10)
    client.stop()

    assert (len(candles), len(ticks), len(closed)) == (200, 1800, 50)
    whole = [candle for candle in (*candles, *closed, *recent.candles) if candle.closed and candle.complete]
    assert all(prices(candle) == brokers(candle) for candle in whole)
    assert recent.candles[-1].close == recent.ticks[-1].price
    assert not recent.candles[-1].closed


def test_an_unread_live_chart_holds_one_item_with_all_that_closed(stepped: SteppedClient) -> None:
    live = stepped.client.live_candles(ASSET, 5, history=1)
    stepped.runtime.advance(60)

    closed, forming = live.get(timeout=1)

    assert (len(closed), live.dropped) == (12, 0)
    assert forming is not None
    assert forming.time == closed[-1].time + 5


def test_a_live_chart_that_is_closed_ends_and_leaves_nothing(stepped: SteppedClient) -> None:
    client = stepped.client
    live = client.live_candles(ASSET, 5)
    live.confirmed.get(timeout=10)
    actors = {actor.name for actor in client.health()}
    live.close()
    stepped.runtime.advance(1)

    assert any(name.startswith("LiveCandles") for name in actors)
    assert not any(actor.name.startswith("LiveCandles") for actor in client.health())
    assert client.subscriptions().get() == ()
    read(live)
    with pytest.raises(StopIteration):
        live.get(timeout=1)


def test_a_live_chart_of_an_unknown_asset_says_so(stepped: SteppedClient) -> None:
    client = stepped.client
    client.wait_for_assets(timeout=10)
    live = client.live_candles("EURUSD_ot", 60)

    with pytest.raises(UnknownAsset):
        live.confirmed.get(timeout=5)
    with pytest.raises(UnknownAsset):
        live.get(timeout=5)
    stepped.runtime.advance(1)
    assert not any(actor.name.startswith("LiveCandles") for actor in client.health())


def test_a_lost_connection_is_refilled_and_actors_hear_it(stepped: SteppedClient) -> None:
    probe = Probe()
    stepped.client._edge.system.routes.listen((CandlesRefilled,), probe)
    live = stepped.client.live_candles(ASSET, 60, history=1)
    live.get(timeout=10)
    stepped.network.is_reachable = False
    stepped.network.cut()
    stepped.runtime.advance(100)
    stepped.network.is_reachable = True
    stepped.runtime.advance(100)

    closed, _ = live.get(timeout=1)
    assert all(candle.complete and prices(candle) == brokers(candle) for candle in closed)
    (event,) = probe.of(CandlesRefilled)
    assert (event.symbol, event.aggregation, live.missing) == (ASSET, TimeAligned(60), ())
    assert event.end - event.start > 60


def test_an_asset_on_a_line_of_its_own_is_refilled_when_that_line_is_lost() -> None:
    stepped = SteppedClient(SEED, config=Settings(subscriptions=SubscriptionSettings(limit=1, connections=2)))
    charts = [stepped.client.live_candles(asset, 5, history=1) for asset in ("AUDCAD_otc", ASSET)]
    for chart in charts:
        chart.get(timeout=10)
    stepped.network.is_reachable = False
    stepped.network.cut()
    stepped.runtime.advance(20)
    stepped.network.is_reachable = True
    stepped.runtime.advance(60)

    closed, _ = charts[1].get(timeout=1)
    stepped.client.stop()

    assert stepped.client._edge.system.routes.homes == {"AUDCAD_otc": 0, ASSET: 1}
    assert [later.time - candle.time for candle, later in pairwise(closed)] == [5] * (len(closed) - 1)
    assert all(candle.complete and prices(candle) == brokers(candle) for candle in closed)


def test_ticks_with_history_are_the_brokers_without_gap_or_repetition(stepped: SteppedClient) -> None:
    subscription = stepped.client.subscribe_with_history(ASSET)
    stepped.runtime.advance(30)
    stepped.network.cut()
    stepped.runtime.advance(30)

    ticks = read(subscription)

    expected = MARKET.ticks(ASSET, ticks[0].time - 0.0005, ticks[-1].time + 0.0005)
    assert [tick.price for tick in ticks] == [quote.price for quote in expected]
    assert ticks[-1].time - ticks[0].time > 650


@pytest.mark.parametrize("aggregation", [TimeAligned(5), Timed(5), Chunk(20)])
def test_candles_with_history_go_on_where_the_history_ends(stepped: SteppedClient, aggregation: Any) -> None:
    subscription = stepped.client.subscribe_with_history(ASSET, aggregation)
    stepped.runtime.advance(60)

    candles = read(subscription)

    gaps = [later.time - candle.time for candle, later in pairwise(candles)]
    assert len(candles) > 90
    assert (min(gaps) > 0, max(gaps) < 10) == (True, True)
    assert all(candle.closed and candle.complete for candle in candles)


def test_history_can_be_delivered_to_an_actor(stepped: SteppedClient) -> None:
    TickKeeper.kept.clear()
    subscription = stepped.client.subscribe_with_history(ASSET, deliver_to="TickKeeper")
    stepped.runtime.advance(10)
    subscription.close()

    assert len(TickKeeper.kept[0].ticks) > 1000
    assert len(TickKeeper.kept) > 10


def test_an_actor_that_does_not_take_it_is_refused(client: PocketOption) -> None:
    with pytest.raises(UnexpectedMessage):
        client.subscribe_with_history(ASSET, TimeAligned(5), deliver_to="TickKeeper")


def test_an_aggregation_that_cannot_be_is_refused(client: PocketOption) -> None:
    with pytest.raises(InvalidAggregation):
        client.subscribe_with_history(ASSET, TimeAligned(7))


def changed(*times: float) -> LiveCandlesChanged:
    candles = tuple(
        Candle(symbol=Symbol(ASSET), time=time, period_seconds=5, open=1.0, high=1.0, low=1.0, close=1.0)
        for time in times
    )
    return LiveCandlesChanged(symbol=Symbol(ASSET), period_seconds=5, closed=candles, forming=None)


def test_of_candles_that_nobody_reads_the_oldest_go_and_are_counted() -> None:
    stream = LiveStream("Live", SteppedRuntime(), buffer=3)
    for time in range(5):
        stream.tell(changed(time))

    closed, _ = stream.get(timeout=1)

    assert ([candle.time for candle in closed], stream.dropped) == ([2, 3, 4], 2)


def test_a_live_stream_that_has_ended_takes_nothing() -> None:
    stream = LiveStream("Live", SteppedRuntime(), buffer=3)
    stream.end()
    stream.tell(changed(1))

    assert len(stream) == 0
