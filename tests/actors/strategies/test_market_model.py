"""Covers actors.strategies.market_model."""

from decimal import Decimal
from typing import Any

import pytest

from actors.strategies.market_model import Filled, Happening, MarketModel, MarketSettings, Refused, Settled, Wish
from messages.base import AddressName
from messages.market import Symbol, Tick
from messages.trading import Direction, OrderId

EURO, POUND = Symbol("EURUSD_otc"), Symbol("GBPUSD_otc")
NOW = 1_700_000_000.0


def tick(seconds: float, price: float = 1.0, symbol: Symbol = EURO) -> Tick:
    return Tick(symbol, NOW + seconds, price, NOW + seconds)


def wish(decided: float = 0.0, **changes: Any) -> Wish:
    fields: dict[str, Any] = {
        "order_id": OrderId("o-1"),
        "asker": AddressName("Mine"),
        "symbol": EURO,
        "direction": Direction.CALL,
        "stake": Decimal(10),
        "duration_seconds": 60,
        "decided": NOW + decided,
    }
    return Wish(**(fields | changes))


def market(**settings: Any) -> MarketModel:
    return MarketModel(MarketSettings(**({"balance": Decimal(100)} | settings)))


def filled(happenings: list[Happening]) -> Filled:
    [happening] = happenings
    assert isinstance(happening, Filled)
    return happening


def settled(happenings: list[Happening]) -> Settled:
    [happening] = happenings
    assert isinstance(happening, Settled)
    return happening


# Opening.


def test_without_latency_it_is_filled_on_the_tick_that_it_was_decided_on() -> None:
    model = market()
    model.feel(tick(0, 1.5))

    deal = filled(model.place(wish())).deal

    assert (deal.open_price, deal.open_time, deal.close_time) == (1.5, NOW, NOW + 60)
    assert model.balance == 90


@pytest.mark.parametrize(("latency", "price"), [(0.0, 1.0), (0.5, 1.1), (1.0, 1.1), (1.1, 1.2), (2.0, 1.2)])
def test_it_is_filled_at_the_first_tick_at_or_after_the_latency(latency: float, price: float) -> None:
    model = market(latency_seconds=latency)
    model.feel(tick(0, 1.0))
    happenings = model.place(wish())

    for each in (tick(1, 1.1), tick(2, 1.2)):
        happenings += model.feel(each)

    assert filled(happenings).deal.open_price == price


def test_a_tick_of_another_asset_fills_nothing() -> None:
    model = market()
    model.place(wish())

    assert model.feel(tick(1, symbol=POUND)) == []
    assert filled(model.feel(tick(2, 1.3))).deal.open_price == 1.3


@pytest.mark.parametrize(("direction", "price"), [(Direction.CALL, 1.01), (Direction.PUT, 0.99)])
def test_slippage_is_to_the_worse(direction: Direction, price: float) -> None:
    model = market(slippage=0.01)
    model.feel(tick(0, 1.0))

    assert filled(model.place(wish(direction=direction))).deal.open_price == pytest.approx(price)


@pytest.mark.parametrize("stake", ["0.99", "20000.01"])
def test_a_stake_out_of_the_limits_is_refused(stake: str) -> None:
    model = market(balance=Decimal(50_000))
    model.feel(tick(0))

    [happening] = model.place(wish(stake=Decimal(stake)))

    assert isinstance(happening, Refused)
    assert model.balance == 50_000


def test_what_is_not_there_cannot_be_staked() -> None:
    model = market()
    model.feel(tick(0))
    model.place(wish(stake=Decimal(60)))

    [happening] = model.place(wish(order_id=OrderId("o-2"), stake=Decimal(60)))

    assert isinstance(happening, Refused)
    assert model.balance == 40
    assert model.unfinished == 1


# Closing.


@pytest.mark.parametrize(
    ("direction", "price", "profit", "balance"),
    [
        (Direction.CALL, 1.1, "9.20", "109.20"),
        (Direction.CALL, 0.9, "-10.00", "90.00"),
        (Direction.CALL, 1.0, "0", "100"),
        (Direction.PUT, 0.9, "9.20", "109.20"),
        (Direction.PUT, 1.1, "-10.00", "90.00"),
        (Direction.PUT, 1.0, "0", "100"),
    ],
)
def test_a_deal_is_won_lost_or_drawn(direction: Direction, price: float, profit: str, balance: str) -> None:
    model = market()
    model.feel(tick(0, 1.0))
    model.place(wish(direction=direction))
    model.feel(tick(60, price))

    deal = settled(model.feel(tick(60.1, 5.0))).deal

    assert (deal.close_price, deal.profit, model.balance) == (price, Decimal(profit), Decimal(balance))


def test_it_closes_at_the_last_price_at_or_before_its_moment() -> None:
    model = market()
    model.feel(tick(0.7, 1.0))
    model.place(wish(0.7))
    for each in (tick(59.9, 2.0), tick(60.0, 3.0)):
        assert model.feel(each) == []

    deal = settled(model.feel(tick(60.3, 4.0))).deal

    assert (deal.close_time, deal.close_price) == (NOW + 60, 3.0)


def test_a_later_tick_of_any_asset_shows_that_it_is_over() -> None:
    model = market()
    model.feel(tick(0, 1.0))
    model.place(wish())

    assert settled(model.feel(tick(61, 9.0, POUND))).deal.close_price == 1.0


def test_deals_close_in_the_order_of_their_moments() -> None:
    model = market()
    model.feel(tick(0))
    model.place(wish(order_id=OrderId("long"), duration_seconds=90))
    model.place(wish(order_id=OrderId("short"), duration_seconds=30))

    closed = [each.wish.order_id for each in model.settle_before(NOW + 91)]

    assert closed == ["short", "long"]


def test_each_asset_may_have_a_payout_of_its_own() -> None:
    model = market(payout_percent=80, payouts={"GBPUSD_otc": 50})

    assert (model.payout(EURO), model.payout(POUND)) == (80, 50)


# When something may happen.


def test_before_the_moment_that_it_names_nothing_can_happen() -> None:
    model = market(latency_seconds=2.0)
    idle = model.due
    model.place(wish())
    before = model.due
    model.feel(tick(2))

    assert (idle, before, model.due) == (float("inf"), NOW + 2, NOW + 62)


def test_an_order_that_was_taken_back_is_not_filled() -> None:
    model, order = market(), wish()
    model.place(order)

    assert model.withdraw(order.order_id) == order
    assert model.feel(tick(1)) == []
    assert model.unfinished == 0


def test_an_order_that_was_filled_cannot_be_taken_back() -> None:
    model, order = market(), wish()
    model.place(order)
    model.feel(tick(0))

    assert model.withdraw(order.order_id) is None
    assert len(model.opened) == 1
