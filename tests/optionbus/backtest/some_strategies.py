"""Strategies that the tests of this folder let trade."""

from decimal import Decimal
from typing import Any, ClassVar

from msgspec import Struct
from talipp.indicators import EMA

from messages.errors import BusError
from messages.market import Candle, Tick
from messages.trading import Deal, DealResult, Direction, OrderId
from optionbus import Strategy


class Diary(Strategy):
    """Writes down whatever it hears of; what it does is up to who derives from it."""

    heard: ClassVar[list[tuple[Any, ...]]]

    def __init_subclass__(cls) -> None:
        cls.heard = []

    def on_tick(self, tick: Tick) -> None:
        self.heard.append(("tick", tick.symbol, tick.time, tick.price))

    def on_candle(self, candle: Candle) -> None:
        self.heard.append(("candle", candle.symbol, candle.time, candle.open, candle.high, candle.low, candle.close))

    def on_deal_opened(self, deal: Deal) -> None:
        self.heard.append(("opened", self.context.time, deal.open_price, deal.stake))

    def on_deal_closed(self, result: DealResult) -> None:
        self.heard.append(("closed", self.context.time, result.outcome, result.profit))

    def on_order_failed(self, _order_id: OrderId, error: BusError) -> None:
        self.heard.append(("failed", self.context.time, type(error).__name__))

    def on_balance_update(self, balance: Decimal) -> None:
        self.heard.append(("balance", self.context.time, balance))

    @classmethod
    def of(cls, *kinds: str) -> list[tuple[Any, ...]]:
        """What it heard of these kinds."""
        return [entry for entry in cls.heard if entry[0] in kinds]


class Restless(Diary):
    """Decides on ticks, candles, indicators and results."""

    class Params(Struct, frozen=True, kw_only=True):
        every: int = 301
        """Ticks between two orders."""

    def on_start(self) -> None:
        self.average = self.context.indicator(EMA(9))
        self.stake, self.count = Decimal(5), 0

    def on_tick(self, tick: Tick) -> None:
        super().on_tick(tick)
        self.count += 1
        if self.count % self.params.every == 0:
            self.go("tick")

    def on_candle(self, candle: Candle) -> None:
        super().on_candle(candle)
        self.heard.append(("average", self.average[-1]))
        if self.average[-1] is not None and candle.close > self.average[-1]:
            self.go("candle")

    def on_deal_closed(self, result: DealResult) -> None:
        super().on_deal_closed(result)
        self.stake = Decimal(5) if result.profit > 0 else min(self.stake + 1, Decimal(9))

    def go(self, why: str) -> None:
        direction = Direction.CALL if self.count % 2 else Direction.PUT
        self.heard.append(("order", why, self.context.time, direction, self.stake))
        self.context.trade(self.assets[0], direction, self.stake, 30)
