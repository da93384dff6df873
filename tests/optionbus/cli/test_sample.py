"""Covers optionbus.cli.sample: the strategy trades as candles go, and survives what may be answered."""

import pytest

from messages.market import Symbol
from optionbus import Candle, CandleClosed, Direction, TimeAligned
from optionbus.cli.sample import STAKE, SampleStrategy
from tests.optionbus.stepped_client import SteppedClient


def candle(open_: float, close: float, symbol: str = "EURUSD_otc") -> CandleClosed:
    high, low = max(open_, close), min(open_, close)
    made = Candle(symbol=Symbol(symbol), time=0.0, period_seconds=5, open=open_, high=high, low=low, close=close)
    return CandleClosed(aggregation=TimeAligned(5), candle=made)


@pytest.fixture
def stepped() -> SteppedClient:
    return SteppedClient(actors=[SampleStrategy])


@pytest.mark.parametrize(("close", "direction"), [(1.1, Direction.CALL), (0.9, Direction.PUT)])
def test_it_bets_on_the_direction_of_the_candle(stepped: SteppedClient, close: float, direction: Direction) -> None:
    stepped.client.address("SampleStrategy").tell(candle(1.0, close))
    stepped.runtime.advance(1)

    (deal,) = stepped.client.opened_deals().get()
    assert (deal.symbol, deal.direction, deal.stake) == ("EURUSD_otc", direction, STAKE)
    assert deal.close_time - deal.open_time == 5


def test_it_does_not_bet_on_a_flat_candle(stepped: SteppedClient) -> None:
    stepped.client.address("SampleStrategy").tell(candle(1.0, 1.0))
    stepped.runtime.advance(1)

    assert stepped.client.opened_deals().get() == ()


def test_it_trades_as_short_as_the_asset_is_offered(stepped: SteppedClient) -> None:
    offered = {str(asset.symbol): asset for asset in stepped.client.assets().get()}["EURUSD"]
    assert offered.min_duration_seconds > 5

    stepped.client.address("SampleStrategy").tell(candle(1.0, 1.1, offered.symbol))
    stepped.runtime.advance(1)

    (deal,) = stepped.client.opened_deals().get()
    assert deal.close_time - deal.open_time == offered.min_duration_seconds


def test_it_survives_a_refusal(stepped: SteppedClient) -> None:
    stepped.client.disconnect_and_hold().get()
    stepped.client.address("SampleStrategy").tell(candle(1.0, 1.1))
    stepped.runtime.advance(1)

    (strategy,) = [actor for actor in stepped.client.health() if actor.name == "SampleStrategy"]
    assert (strategy.state, strategy.incarnation, stepped.client.errors) == ("running", 1, 0)


def test_a_denied_order_is_logged_with_its_rule_and_costs_nothing_else(stepped: SteppedClient) -> None:
    records = stepped.client.logs("WARNING", timeout=10)
    strategy = stepped.client.address("SampleStrategy")
    stepped.client.set_trading_mode("halted").get()
    strategy.tell(candle(1.0, 1.1))
    stepped.runtime.advance(1)
    assert stepped.client.opened_deals().get() == ()
    stepped.client.set_trading_mode("active").get()
    strategy.tell(candle(1.0, 1.1))
    stepped.runtime.advance(20)

    (denied,) = [record.text for record in records if record.source == "SampleStrategy"]
    assert "by the rule 'trading mode': it is halted, allowed is active" in denied
    assert len(stepped.client.closed_deals().get()) == 1
    (health,) = [actor for actor in stepped.client.health() if actor.name == "SampleStrategy"]
    assert (health.state, health.incarnation, stepped.client.errors) == ("running", 1, 0)


def test_it_lives_on_what_it_is_subscribed_to(stepped: SteppedClient) -> None:
    stepped.client.subscribe("EURUSD_otc", TimeAligned(5), deliver_to="SampleStrategy")
    stepped.runtime.advance(60)

    assert len(stepped.client.closed_deals().get()) > 5
