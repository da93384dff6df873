"""The blocking client: each call waits for its answer, and what it opens is closed."""

import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice

import pytest

from optionbus.compat import PocketOption, PocketOptionError, UninitializedError, Validator
from simulator.broker import Broker
from simulator.server import SimulatorServer

pytestmark = pytest.mark.sockets

SSID = '42["auth",{"session":"abcdefghijklmnopqrstuvwxyz","isDemo":1,"uid":12345,"platform":2}]'
ASSET = "EURUSD_otc"


@pytest.fixture(scope="module")
def server() -> Iterator[SimulatorServer]:
    with SimulatorServer(Broker(seed=1)) as server:
        yield server


@pytest.fixture(scope="module")
def client(server: SimulatorServer) -> Iterator[PocketOption]:
    with PocketOption(SSID, url=server.url, config={"timeout_secs": 5}) as client:
        yield client


def test_calls_return_what_they_ask_for(client: PocketOption) -> None:
    deal, trade = client.buy(ASSET, 10.0, 60)

    assert client.is_connected()
    assert client.is_demo()
    assert client.is_ssid_valid()
    assert client.balance() > 0
    assert trade.id == deal
    assert client.get_opened_deal(deal) == client.opened_deals()[deal]
    assert client.get_closed_deal(deal) is None
    assert client.get_deal_end_time(deal) == trade.closeTimestamp


def test_streams_are_read_in_plain_code(client: PocketOption) -> None:
    ticks = list(islice(client.subscribe_symbol(ASSET), 2))
    live = client.get_candles_live(ASSET, 60, 0.1, 3)
    closed, forming = next(live)
    live.close()

    assert [tick["symbol"] for tick in ticks] == [ASSET, ASSET]
    assert len(closed) == 3
    assert forming is not None
    assert forming["time"] == closed[-1]["time"] + 60


def test_raw_messages_are_read_in_plain_code(client: PocketOption) -> None:
    handler = client.raw_handler(Validator.contains('"balance"'))
    answer = handler.send_and_wait('42["getBalance"]')
    handler.send_text('42["getBalance"]')
    handler.send_binary(b"nothing")

    assert '"uid"' in answer
    assert '"uid"' in next(handler.subscribe())
    assert handler.id()
    handler.close()
    with pytest.raises(PocketOptionError, match="closed"):
        handler.wait_next()


def test_a_raw_stream_yields_what_matches_and_ends_in_silence(client: PocketOption) -> None:
    answers = list(client.raw_stream('42["getBalance"]', Validator.contains('"balance"'), timedelta(seconds=0.3)))

    assert len(answers) == 1


def test_orders_that_wait_are_kept_listed_and_cancelled(client: PocketOption) -> None:
    terms = {"amount": 5.0, "asset": ASSET, "timeframe": 60, "min_payout": 10, "command": 0}
    moment = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(time.time() + 600))
    by_price = client.open_pending_order(open_type=1, open_time="0", open_price=9.5, **terms)  # type: ignore[arg-type]
    by_time = client.open_pending_order(open_type=0, open_time=moment, open_price=0, **terms)  # type: ignore[arg-type]

    tickets = [by_price["ticket"], by_time["ticket"]]
    assert {order["ticket"] for order in client.get_pending_deals()} == {*tickets}
    assert client.cancel_pending_order(tickets[0]) == {"ticket": tickets[0], "status": "cancelled"}
    assert client.cancel_pending_orders([tickets[1], "nope"]) == {"cancelled": [tickets[1]], "failed": ["nope"]}


def test_it_is_connected_again_when_reconnect_returns(client: PocketOption) -> None:
    client.disconnect()
    client.connect()
    assert client.is_connected()
    client.reconnect()
    assert client.is_connected()


def test_a_client_that_was_closed_says_so(server: SimulatorServer) -> None:
    client = PocketOption(SSID, url=server.url)
    client.close()
    client.shutdown()

    assert not client.is_connected()
    with pytest.raises(UninitializedError, match="shut down"):
        client.balance()


def test_a_client_that_nobody_holds_closes_itself(server: SimulatorServer) -> None:
    client = PocketOption(SSID, url=server.url)
    loop = client.loop
    del client

    assert loop.is_closed()
