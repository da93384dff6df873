"""Covers actors.strategies.strategy: what it does where the market is live. Backtests have the rest."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace
from talipp.indicators import SMA

from messages.account import Balance, BalanceChanged, GetBalance
from messages.base import AddressName, Message, RequestFailed
from messages.errors import NotConnected
from messages.market import (
    Assets,
    Candle,
    Candles,
    GetAssets,
    GetCandles,
    StreamStale,
    Subscribe,
    Symbol,
    Tick,
    TicksReceived,
)
from messages.order_errors import OrderUnconfirmed
from messages.orders import OrderRecord, OrderState, OrderStateChanged
from messages.trading import Deal, DealClosed, DealResult, Direction, OrderId, Outcome, PlaceTrade, TradePlaced
from optionbus.testing import Probe
from tests.actors.api.samples import DEAL, EURO, POUND
from tests.actors.stage import Stage
from tests.optionbus.backtest.some_strategies import Diary

NAME = "Mine"
BEGIN = 1_700_000_040.0
"""A full minute."""


class Live:
    """A strategy on a stage where the test is everybody else."""

    def __init__(self, stage: Stage, kind: type[Diary]) -> None:
        kind.heard = []
        self.stage, self.kind = stage, kind
        self.others = {
            name: stage.probe(name) for name in ("Trades", "Deals", "GetCandles", "Balance", "Assets", "Subscriptions")
        }
        stage.start(NAME, kind.maker())

    def asked(self, name: str, kind: type[Any]) -> list[Any]:
        """What it has asked of somebody."""
        found: list[Any] = self.others[name].of(kind)
        return found

    def tell(self, message: Message) -> None:
        self.stage.tell(NAME, message)

    def ticks(self, *seconds: float, price: float = 1.0, symbol: Symbol = EURO) -> None:
        ticks = tuple(Tick(symbol, BEGIN + each, price, BEGIN + each) for each in seconds)
        self.tell(TicksReceived(symbol=symbol, ticks=ticks))

    def history(self, *starts: float) -> None:
        """Answer the last question for candles with those that begin so long after BEGIN."""
        query = self.asked("GetCandles", GetCandles)[-1]
        candles = tuple(
            Candle(symbol=query.symbol, time=BEGIN + start, period_seconds=60, open=1, high=1, low=1, close=start)
            for start in starts
        )
        self.tell(Candles(request_id=query.request_id, symbol=query.symbol, candles=candles))

    def candles(self) -> list[float]:
        """When the candles began that it was told, after BEGIN."""
        return [entry[2] - BEGIN for entry in self.kind.of("candle")]

    def seconds(self) -> list[float]:
        """The ticks that it was told."""
        return [entry[2] - BEGIN for entry in self.kind.of("tick")]


class Mine(Diary):
    def on_tick(self, tick: Tick) -> None:
        super().on_tick(tick)
        if tick.price == 2:
            self.context.buy(EURO, 10, 60)

    def on_stale(self, symbol: Symbol) -> None:
        self.heard.append(("stale", symbol))

    def on_restart(self, failure: str) -> None:
        self.heard.append(("restart", failure))


@pytest.fixture
def live(stage: Stage) -> Live:
    stage.make_ready()
    return Live(stage, Mine)


# Beginning.


def test_it_subscribes_its_assets_and_asks_what_is_known(live: Live) -> None:
    [wanted] = live.asked("Subscriptions", Subscribe)

    assert (wanted.symbol, wanted.deliver_to) == (EURO, NAME)
    assert len(live.asked("Balance", GetBalance)) == len(live.asked("Assets", GetAssets)) == 1


def test_what_it_is_told_it_knows(live: Live) -> None:
    live.tell(Balance(request_id=live.asked("Balance", GetBalance)[0].request_id, is_demo=True, amount=Decimal(7)))
    live.tell(Assets(request_id=live.asked("Assets", GetAssets)[0].request_id, assets=()))
    live.stage.publish(BalanceChanged(is_demo=True, amount=Decimal(8), before=Decimal(7)))

    assert [entry[2] for entry in Mine.of("balance")] == [Decimal(8)]


class Warm(Mine):
    def on_start(self) -> None:
        self.mean = self.context.indicator(SMA(2), warm_up=5)

    def on_candle(self, candle: Candle) -> None:
        super().on_candle(candle)
        self.heard.append(("mean", self.mean[-1]))


def test_ticks_wait_until_indicators_are_warm(stage: Stage) -> None:
    stage.make_ready()
    live = Live(stage, Warm)
    live.ticks(1, 2)
    before = live.seconds()

    live.history(-120, -60)

    assert before == []
    assert live.seconds() == [1, 2]
    assert live.asked("GetCandles", GetCandles)[0].count == 5


def test_indicators_are_warmed_up_when_there_is_a_session(stage: Stage) -> None:
    live = Live(stage, Warm)
    before = live.asked("GetCandles", GetCandles)

    stage.make_ready()

    assert before == []
    assert len(live.asked("GetCandles", GetCandles)) == 1


def test_where_history_cannot_be_had_it_goes_on_without(stage: Stage) -> None:
    stage.make_ready()
    live = Live(stage, Warm)
    live.ticks(1)
    [query] = live.asked("GetCandles", GetCandles)

    live.tell(RequestFailed(request_id=query.request_id, error=NotConnected("lost")))

    assert live.seconds() == [1]
    assert any("lost" in line for line in stage.logged)


# Candles.


def test_a_candle_whose_beginning_it_missed_is_fetched_before_the_tick_after_it(live: Live) -> None:
    live.ticks(30, 59, 61, 62)
    [query] = live.asked("GetCandles", GetCandles)
    before = [*live.candles(), *live.seconds()]

    live.history(0)

    assert (query.count, query.end) == (1, BEGIN + 60)
    assert before == [30, 59]
    assert [*live.candles(), *live.seconds()] == [0, 30, 59, 61, 62]
    assert [entry[0] for entry in Mine.heard] == ["tick", "tick", "candle", "tick", "tick"]


def test_after_a_gap_all_that_was_missed_is_fetched(live: Live) -> None:
    live.ticks(30, 61)
    live.history(0)
    live.ticks(90)
    live.stage.lose_session()
    live.stage.make_ready(2)
    live.ticks(250, 301)
    live.history(60)

    query = live.asked("GetCandles", GetCandles)[-1]
    live.history(120, 180, 240)

    assert (query.count, query.end) == (3, BEGIN + 300)
    assert live.candles() == [0, 60, 120, 180, 240]


def test_a_candle_is_told_once(live: Live) -> None:
    live.ticks(30, 61)
    live.history(-60, 0)
    live.ticks(121)
    live.stage.lose_session()
    live.stage.make_ready(2)
    live.ticks(181)

    live.history(0, 60, 120)

    assert live.candles() == [-60, 0, 60, 120]


def test_ticks_of_other_assets_are_not_its(live: Live) -> None:
    live.ticks(1, symbol=POUND)

    assert live.seconds() == []


def test_it_is_told_when_its_asset_is_stale(live: Live) -> None:
    live.stage.publish(StreamStale(symbol=EURO, silent_seconds=20.0), StreamStale(symbol=POUND, silent_seconds=20.0))

    assert Mine.of("stale") == [("stale", EURO)]


# Orders.


def placed(live: Live) -> PlaceTrade:
    live.ticks(1, price=2)
    [order] = live.asked("Trades", PlaceTrade)
    assert isinstance(order, PlaceTrade)
    return order


def deal_of(order: PlaceTrade, **changes: Any) -> Deal:
    return replace(DEAL, symbol=order.symbol, order_id=order.order_id, **changes)


def test_an_order_is_placed_under_an_id_of_its_own(live: Live) -> None:
    order = placed(live)

    assert (order.symbol, order.direction, order.duration_seconds) == (EURO, Direction.CALL, 60)
    assert order.stake == 10
    assert UUID(order.order_id).version == 4


def test_ticks_that_come_meanwhile_do_not_wait_for_the_answer(live: Live) -> None:
    placed(live)

    live.ticks(2, 3)

    assert live.seconds() == [1, 2, 3]


def test_it_hears_of_its_own_deals_alone(live: Live) -> None:
    order = placed(live)
    deal = deal_of(order)
    live.tell(TradePlaced(request_id=order.request_id, deal=deal))
    closed = DealResult(outcome=Outcome.WIN, profit=Decimal(9), deal=replace(deal, close_price=1.5))
    other = replace(closed, deal=replace(closed.deal, id=DEAL.id + "-other"))

    live.stage.publish(DealClosed(result=other), DealClosed(result=closed), DealClosed(result=closed))

    assert len(Mine.of("opened")) == 1
    assert [entry[2:] for entry in Mine.of("closed")] == [(Outcome.WIN, Decimal(9))]


def record(order: PlaceTrade, state: OrderState, deal: Deal | None) -> OrderRecord:
    return OrderRecord(
        order_id=order.order_id,
        symbol=order.symbol,
        direction=order.direction,
        stake=order.stake,
        duration_seconds=order.duration_seconds,
        created=BEGIN,
        state=state,
        deal=deal,
    )


@pytest.mark.parametrize("state", [OrderState.OPEN, OrderState.CLOSED])
def test_an_unconfirmed_order_that_is_found_later_is_its_deal_after_all(live: Live, state: OrderState) -> None:
    order = placed(live)
    live.tell(RequestFailed(request_id=order.request_id, error=OrderUnconfirmed(EURO, order.order_id)))
    found = record(order, state, deal_of(order, close_price=1.5))

    live.stage.publish(OrderStateChanged(order=found, before=OrderState.UNKNOWN))

    assert [entry[0] for entry in Mine.of("failed", "opened", "closed")] == [
        "failed",
        "opened",
        *(["closed"] if state is OrderState.CLOSED else []),
    ]


def test_an_order_of_somebody_else_is_not_its(live: Live) -> None:
    order = placed(live)
    other = replace(record(order, OrderState.OPEN, DEAL), order_id=OrderId("other"))

    live.stage.publish(OrderStateChanged(order=other, before=OrderState.SENT))

    assert Mine.of("opened") == []


# Dying.


def test_after_a_crash_it_is_told_so_and_its_orders_are_still_its_own(live: Live) -> None:
    order = placed(live)

    live.stage.crash(NAME)
    live.tell(TradePlaced(request_id=order.request_id, deal=deal_of(order)))

    assert len(Mine.of("restart")) == 1
    assert len(Mine.of("opened")) == 1


def test_nobody_else_is_told_anything_of_it(live: Live) -> None:
    bystander: Probe = live.stage.probe("Bystander", DealClosed)
    placed(live)

    assert bystander.messages == []
    assert live.stage.system.directory.get(AddressName("Market")) is None
    assert live.stage.system.dead_letters == 0
