"""BinaryOptionsToolsV2 0.2.16, a client that nobody here wrote, against the simulator.

The simulator is a program of its own here: the client's constructor waits for its login without letting any other
Python thread run.
"""

import asyncio
import json
import time
import warnings
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

from messages.wire.framing import encode_event
from simulator.assets import LISTINGS
from tests.simulator.program import simulator
from tests.simulator.world import AHEAD, ASSET, session

pytestmark = pytest.mark.sockets

peer_package = pytest.importorskip(
    "BinaryOptionsToolsV2.pocketoption", reason="BinaryOptionsToolsV2 is not installed (extra interop)"
)

Ask = Callable[[Callable[[Any], Awaitable[Any]]], Any]
PATIENCE_SECONDS = 20


@pytest.fixture(scope="module")
def ask() -> Iterator[Ask]:
    """A function that lets the client do something and gives what came of it."""
    ssid = encode_event("auth", json.dumps(session()).encode())
    with simulator("--seed", "1") as (_, url), asyncio.Runner() as runner:

        async def begin() -> Any:
            client = peer_package.PocketOptionAsync(ssid, url=url)
            await client.wait_for_assets()
            return client

        client = runner.run(asyncio.wait_for(begin(), PATIENCE_SECONDS))

        def ask(question: Callable[[Any], Awaitable[Any]]) -> Any:
            async def answer() -> Any:
                return await asyncio.wait_for(question(client), PATIENCE_SECONDS)

            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)
                return runner.run(answer())

        yield ask
        ask(lambda client: client.shutdown())


def test_it_knows_the_balance(ask: Ask) -> None:
    assert ask(lambda client: client.balance()) > 0


def test_it_knows_every_active_asset_and_its_payout(ask: Ask) -> None:
    assets = {asset["symbol"]: asset for asset in ask(lambda client: client.active_assets())}
    assert set(assets) == {symbol for symbol, listing in LISTINGS.items() if listing.is_active}
    assert assets[ASSET]["asset_type"] == LISTINGS[ASSET].kind
    assert ask(lambda client: client.payout(ASSET)) == LISTINGS[ASSET].payout_percent


def test_it_hears_ticks(ask: Ask) -> None:
    async def listen(client: Any) -> list[Any]:
        ticks = await client.subscribe_symbol(ASSET)
        return [await anext(ticks) for _ in range(5)]

    ticks = ask(listen)
    assert {tick["symbol"] for tick in ticks} == {ASSET}
    assert ticks[-1]["timestamp"] == pytest.approx(time.time() + AHEAD, abs=5)


def outcome(deal: Any) -> str:
    move = (float(deal["closePrice"]) - float(deal["openPrice"])) * (1 if deal["command"] == 0 else -1)
    return "win" if move > 0 else "loss" if move < 0 else "draw"


async def result_of(client: Any, deal: str) -> Any:
    """How a deal ended; asked again where the peer drops the question, as it does when the deal closes meanwhile."""
    while True:
        try:
            return await client.check_win(deal)
        except RuntimeError as error:
            if "responder dropped" not in str(error):
                raise


def test_it_buys_and_sells_and_learns_the_results(ask: Ask) -> None:
    async def trade(client: Any) -> list[Any]:
        before = await client.balance()
        bought, _ = await client.buy(ASSET, 10.0, 5)
        sold, _ = await client.sell(ASSET, 10.0, 5)
        open_deals = await client.opened_deals()
        results = [await result_of(client, bought), await result_of(client, sold)]
        expected = pytest.approx(before + sum(float(result["profit"]) for result in results))
        while await client.balance() != expected:  # the news of the balance follows that of the deals
            pass
        return [{bought, sold} <= set(open_deals), results]

    both_are_listed, results = ask(trade)
    assert both_are_listed
    assert [result["result"] for result in results] == [outcome(result) for result in results]


@pytest.mark.parametrize(("asset", "seconds"), [("EURUSD", 5), ("TWITTER_otc", 60)])
def test_it_understands_refused_orders(ask: Ask, asset: str, seconds: int) -> None:
    with pytest.raises(Exception, match=r"InvalidDuration|[Aa]sset"):
        ask(lambda client: client.buy(asset, 2.0, seconds))


@pytest.mark.parametrize("end", [None, 86_400])
def test_it_reads_candles(ask: Ask, end: int | None) -> None:
    end_time = None if end is None else int(time.time()) - end
    candles = ask(lambda client: client.candles(ASSET, 60, 20, end_time))
    assert len(candles) == 20
    for candle in candles:
        values = [float(candle[name]) for name in ("low", "open", "close", "high")]
        assert min(values) == values[0]
        assert max(values) == values[-1]


def test_it_reads_history_and_older_ticks(ask: Ask) -> None:
    assert ask(lambda client: client.history(ASSET, 60))
    ticks = ask(lambda client: client.ticks(ASSET, 120))
    assert len(ticks) > 60
    assert ticks == sorted(ticks)
