"""Covers optionbus.compat.strategies.virtual_market: by itself, on a clock that stands still until it is moved."""

import asyncio
import json
import math
from typing import Any

import pytest

from actors.stepped import ManualClock
from optionbus.compat import (
    Action,
    InvalidParameterError,
    NotAllowedError,
    PocketOptionError,
    PyContext,
    PyStrategy,
    PyVirtualMarket,
    TradeNotFoundError,
)

ASSET = "EURUSD_otc"


class Desk:
    """A strategy on a virtual market, as its handlers see it."""

    def __init__(self, balance: float = 1000.0) -> None:
        self.clock = ManualClock(1_700_000_000.25)
        self.market = PyVirtualMarket(balance)
        self.market.now = self.clock.now
        self.context = PyContext(self.market)
        self.strategy = PyStrategy()

    def price(self, price: float, asset: str = ASSET) -> None:
        asyncio.run(self.market.update_price(asset, price))

    def trade(self, action: Action = Action.Call, amount: float = 10.0, seconds: int = 60) -> dict[str, Any]:
        deal_id, deal = self.strategy.trade(self.context, ASSET, amount, seconds, action)
        found: dict[str, Any] = json.loads(deal)
        assert found["id"] == deal_id
        return found

    def result(self, deal: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.strategy.result(self.context, deal["id"]))
        return found

    @property
    def balance(self) -> float:
        async def asked() -> float:
            return await self.context.balance()

        return asyncio.run(asked())


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.price(1.5)
    return desk


@pytest.mark.parametrize(
    ("action", "price", "profit", "balance"),
    [
        (Action.Call, 1.6, "8", 1008),
        (Action.Call, 1.4, "-10", 990),
        (Action.Put, 1.4, "8", 1008),
        (Action.Put, 1.6, "-10", 990),
        (Action.Call, 1.5, "0", 1000),
    ],
)
def test_a_deal_is_settled_at_the_price_of_its_expiry(
    desk: Desk, action: Action, price: float, profit: str, balance: float
) -> None:
    deal = desk.trade(action)
    assert desk.balance == 990
    desk.clock.move_to(30)
    desk.price(price)
    desk.clock.move_to(61)
    desk.price(7.0)  # too late to matter

    assert desk.balance == balance
    assert desk.result(deal)["profit"] == profit
    assert desk.result(deal)["closePrice"] == str(price)


def test_an_open_deal_is_told_as_it_stands(desk: Desk) -> None:
    deal = desk.trade()

    assert deal == desk.result(deal)
    assert (deal["profit"], deal["closePrice"], deal["percentProfit"]) == ("0", "0", 80)
    assert (deal["openTimestamp"], deal["closeTimestamp"]) == (1_700_000_000, 1_700_000_060)
    assert deal["openPrice"] == "1.5"


def test_an_order_is_filled_at_the_moment_it_is_placed(desk: Desk) -> None:
    desk.clock.move_to(500)

    assert desk.trade()["openTimestamp"] == 1_700_000_500


def test_the_context_buys_and_is_awaited(desk: Desk) -> None:
    async def buy() -> list[str]:
        return await desk.context.buy(ASSET, 5.0, 60)

    deal_id, deal = asyncio.run(buy())

    assert json.loads(deal)["id"] == deal_id
    assert json.loads(deal)["command"] == 0


def test_each_asset_has_a_price_of_its_own(desk: Desk) -> None:
    desk.price(150.0, "USDJPY_otc")

    assert desk.trade()["openPrice"] == "1.5"


def test_an_asset_without_a_price_is_refused() -> None:
    with pytest.raises(PocketOptionError, match="Price not found for asset: EURUSD_otc"):
        Desk().trade()


@pytest.mark.parametrize(
    ("amount", "seconds", "error"),
    [
        (-1.0, 60, InvalidParameterError),
        (0.0, 60, InvalidParameterError),
        (math.nan, 60, InvalidParameterError),
        (10.0, 0, InvalidParameterError),
        (1001.0, 60, PocketOptionError),
        (0.5, 60, PocketOptionError),
    ],
)
def test_an_order_that_cannot_be_is_refused(
    desk: Desk, amount: float, seconds: int, error: type[PocketOptionError]
) -> None:
    with pytest.raises(error):
        desk.trade(amount=amount, seconds=seconds)

    assert desk.balance == 1000


def test_a_deal_that_never_was_is_not_found(desk: Desk) -> None:
    with pytest.raises(TradeNotFoundError):
        desk.strategy.result(desk.context, "7")


def test_what_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="Invalid initial balance"):
        PyVirtualMarket(math.nan)
    with pytest.raises(TypeError):
        PyVirtualMarket("much")  # type: ignore[arg-type]
    with pytest.raises(NotAllowedError, match="Invalid price"):
        Desk().price(math.inf)


def test_it_has_a_clock_of_its_own_where_no_bot_gives_one() -> None:
    market = PyVirtualMarket(100.0)
    asyncio.run(market.update_price(ASSET, 1.5))

    PyStrategy().trade(PyContext(market), ASSET, 10.0, 3600, Action.Call)

    assert market.balance().get() == 90
