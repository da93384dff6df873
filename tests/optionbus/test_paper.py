"""Covers trading on paper: the platform's prices, and orders that never go to it."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from actors.base import Actor
from actors.orders.gate import RiskSettings
from actors.stepped import SteppedRuntime
from messages.errors import DeadlineExceeded, InvalidArgument, UsageError
from messages.order_errors import OrderDenied, OrderRefused, UnknownDeal
from messages.orders import TradingMode
from messages.session import FrameSent
from optionbus import Config, MarketSettings, Outcome, PendingTrigger, PocketOption
from tests.optionbus.backtest.some_strategies import Diary, Restless

ASSET = "EURUSD_otc"
MARKET = MarketSettings(balance=Decimal(100))


class Trader:
    """A client that trades on paper, on virtual time."""

    def __init__(self, *actors: type[Actor[object]], market: MarketSettings = MARKET, **risk: Any) -> None:
        self.runtime = SteppedRuntime(7)
        config = Config(risk=RiskSettings(**risk))
        self.client = PocketOption.simulated(seed=7, runtime=self.runtime, paper=market, actors=actors, config=config)
        self.sent: list[FrameSent] = []
        self.client.start()
        self.client.wait_ready(timeout=10)
        self.client.add_tap(lambda frame: self.sent.append(frame) if isinstance(frame, FrameSent) else None)
        self.client.subscribe(ASSET)
        self.runtime.advance(5)

    def orders_sent(self) -> list[FrameSent]:
        return [frame for frame in self.sent if "openOrder" in str(frame)]


@pytest.fixture
def trader() -> Iterator[Trader]:
    trader = Trader()
    yield trader
    trader.client.stop()


def test_a_deal_is_opened_settled_and_never_sent(trader: Trader) -> None:
    deal = trader.client.buy(ASSET, 10, 60).get()
    opened = trader.client.opened_deals().get()
    result = trader.client.result(deal.id).get()

    assert opened == (deal,)
    assert result.outcome in Outcome
    assert trader.client.balance().get() == 100 + result.profit
    assert trader.client.closed_deals().get() == (result.deal,)
    assert trader.orders_sent() == []


def test_it_closes_also_where_no_tick_comes_any_more(trader: Trader) -> None:
    deal = trader.client.buy(ASSET, 10, 60).get()
    assert trader.client.simulation is not None
    trader.client.simulation.broker.mute(ASSET)

    trader.runtime.advance(62)

    assert [closed.id for closed in trader.client.closed_deals().get()] == [deal.id]


def test_the_payout_is_the_platforms(trader: Trader) -> None:
    assert trader.client.buy(ASSET, 10, 60).get().payout_percent == trader.client.payout(ASSET).get()


def test_an_asset_that_nobody_listens_to_can_be_traded(trader: Trader) -> None:
    order = trader.client.buy("GBPUSD_otc", 10, 60)
    trader.runtime.advance(5)

    assert order.get().symbol == "GBPUSD_otc"


def test_an_order_that_finds_no_price_in_time_is_never_filled(trader: Trader) -> None:
    assert trader.client.simulation is not None
    trader.client.simulation.broker.mute("GBPUSD_otc")
    order = trader.client.buy("GBPUSD_otc", 10, 60, timeout=10)
    trader.runtime.advance(11)

    with pytest.raises(DeadlineExceeded, match="nothing was placed"):
        order.get()
    trader.client.simulation.broker.unmute("GBPUSD_otc")
    trader.runtime.advance(30)
    assert trader.client.opened_deals().get() == ()
    assert trader.client.balance().get() == 100


def test_what_is_not_there_cannot_be_staked(trader: Trader) -> None:
    with pytest.raises(OrderRefused, match="balance"):
        trader.client.buy(ASSET, 101, 60).get()


def test_orders_pass_the_gate_and_the_kill_switch() -> None:
    trader = Trader(max_stake=Decimal(5))
    with pytest.raises(OrderDenied, match="max_stake"):
        trader.client.buy(ASSET, 10, 60).get()

    trader.client.set_trading_mode(TradingMode.HALTED).get()

    with pytest.raises(OrderDenied, match="trading mode"):
        trader.client.buy(ASSET, 1, 60).get()
    trader.client.stop()


def test_a_lost_connection_comes_back_and_deals_stay(trader: Trader) -> None:
    deal = trader.client.buy(ASSET, 10, 600).get()
    assert trader.client.simulation is not None

    trader.client.simulation.cut()
    trader.runtime.advance(1)
    trader.client.wait_ready(timeout=60)

    assert trader.client.opened_deals().get() == (deal,)


def test_what_cannot_be_done_on_paper_says_so(trader: Trader) -> None:
    with pytest.raises(UsageError, match="pending"):
        trader.client.open_pending_order(
            PendingTrigger.PRICE, 1, ASSET, open_price=1.5, timeframe=60, min_payout=10, command="call"
        ).get()
    assert trader.client.pending_orders().get() == ()
    with pytest.raises(UnknownDeal):
        trader.client.result("no-such").get()


def test_the_market_is_one_that_can_be_read() -> None:
    with pytest.raises(InvalidArgument, match="paper"):
        PocketOption.simulated(paper=True)  # type: ignore[arg-type]


def test_nobody_takes_the_name_of_one_that_the_market_stands_for() -> None:
    class Trades(Diary):
        pass

    with pytest.raises(UsageError, match="Trades"):
        PocketOption.simulated(runtime=SteppedRuntime(), paper=MARKET, actors=[Trades]).start()


def test_a_strategy_decides_the_same_on_paper_and_at_the_broker() -> None:
    class OnPaper(Restless):
        pass

    class AtTheBroker(Restless):
        pass

    for kind, market in ((OnPaper, MarketSettings()), (AtTheBroker, None)):
        runtime = SteppedRuntime(3)
        with PocketOption.simulated(seed=3, runtime=runtime, actors=[kind], paper=market) as client:
            client.wait_ready(timeout=10)
            runtime.advance(1200)

    assert OnPaper.of("order") == AtTheBroker.of("order")
    assert len(OnPaper.of("order")) > 5
    # On paper the next tick shows that a deal is over, at the broker the clock does.
    assert [entry[2:] for entry in OnPaper.of("closed")] == [entry[2:] for entry in AtTheBroker.of("closed")]
