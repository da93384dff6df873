import threading
from collections.abc import Iterator
from contextlib import closing

import pytest

from benchmarks import task
from benchmarks.frames import SYMBOLS
from benchmarks.load import Plan
from benchmarks.load_server import LoadServer
from messages.trading import Direction
from optionbus import Config, PocketOption
from supervisor.settings import SubscriptionSettings

pytestmark = [pytest.mark.sockets, pytest.mark.measures]


@pytest.fixture
def port() -> Iterator[int]:
    over = threading.Event()
    with closing(LoadServer()) as server:

        def serve() -> None:
            while not over.is_set():
                server.step()

        thread = threading.Thread(target=serve)
        thread.start()
        yield server.port
        over.set()
        thread.join()


def client_of(port: int, plan: Plan) -> PocketOption:
    config = Config(subscriptions=SubscriptionSettings(limit=150))
    return PocketOption(task.SSID, url=plan.url(port), config=config)


def test_the_client_logs_in_and_knows_the_assets(port: int) -> None:
    with client_of(port, Plan()) as client:
        client.wait_ready(timeout=10)

        assert {asset.symbol for asset in client.assets().get(timeout=10)} == set(SYMBOLS)


def test_nothing_streams_before_it_is_told_to_begin(port: int) -> None:
    with client_of(port, Plan(ticks=3)) as client:
        client.wait_ready(timeout=10)
        stream = client.subscribe(SYMBOLS[0])
        stream.confirmed.get(timeout=10)
        client.buy(SYMBOLS[0], 1, 60).get(timeout=10)  # whatever was sent before its answer has come too
        assert stream.dropped == 0
        with pytest.raises(TimeoutError):
            stream.get(timeout=0)

        task.begin(port)

        assert [stream.get(timeout=10).price for _ in range(3)] == pytest.approx([1.1, 1.10001, 1.10002])


def test_every_asset_of_a_burst_gets_its_ticks(port: int) -> None:
    with client_of(port, Plan(ticks=450, assets=150)) as client:
        client.wait_ready(timeout=10)
        streams = [client.subscribe(symbol) for symbol in SYMBOLS]
        for stream in streams:
            stream.confirmed.get(timeout=10)

        task.begin(port)

        for stream in streams:
            assert [stream.get(timeout=10).symbol for _ in range(3)] == [stream.symbol] * 3


def test_orders_are_answered_while_ticks_stream(port: int) -> None:
    with client_of(port, Plan(ticks=10_000, rate=10_000)) as client:
        client.wait_ready(timeout=10)
        client.subscribe(SYMBOLS[0]).confirmed.get(timeout=10)
        task.begin(port)

        # All different, or the second would be a duplicate.
        deals = [
            client.trade(SYMBOLS[0], Direction.PUT, 2 + number, 60, request_id=str(number)) for number in range(20)
        ]

        assert [deal.get(timeout=10).order_id for deal in deals] == [str(number) for number in range(20)]


@pytest.mark.parametrize("period", [5, 60])
def test_the_past_is_shown_page_by_page(port: int, period: int) -> None:
    with client_of(port, Plan()) as client:
        client.wait_ready(timeout=10)

        candles = client.candles(SYMBOLS[0], period, count=400).get(timeout=10)

        assert [candle.time for candle in candles] == [candles[0].time + each * period for each in range(400)]
        assert client.server_time().get().time - candles[-1].time < 2 * period + 1


def test_the_past_has_a_tick_in_every_second(port: int) -> None:
    with client_of(port, Plan()) as client:
        client.wait_ready(timeout=10)

        ticks = client.ticks(SYMBOLS[0], lookback_seconds=400).get(timeout=10)

        assert [tick.time for tick in ticks] == [ticks[0].time + each for each in range(len(ticks))]
        assert 399 <= len(ticks) <= 401


def test_several_clients_are_served_each_its_own_plan(port: int) -> None:
    with client_of(port, Plan(ticks=1)) as one, client_of(port, Plan(ticks=2)) as other:
        streams = []
        for client in (one, other):
            client.wait_ready(timeout=10)
            streams.append(client.subscribe(SYMBOLS[0]))
            streams[-1].confirmed.get(timeout=10)

        task.begin(port)

        assert streams[0].get(timeout=10).price == pytest.approx(1.1)
        assert [streams[1].get(timeout=10).price for _ in range(2)] == pytest.approx([1.1, 1.10001])
