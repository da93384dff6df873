"""A market of a bot's own: prices are what ``update_price`` says, orders are filled and settled on them.

Decides that it moves when it is looked at, by the clock of whoever runs it, and what is told of a deal. Prices, moments
and money are ``actors.strategies.market_model``'s. Any thread may look at it. Does not know any price but those that
it was told: the platform's have to be handed on.
"""

from collections.abc import Callable
from concurrent.futures import Future
from decimal import Decimal
from math import isfinite
from threading import Lock
from typing import Any, Final

from msgspec.structs import replace

from actors.runtime import SystemClock
from actors.strategies.market_model import Filled, Happening, MarketModel, MarketSettings, Refused, Settled, Wish
from messages.base import NOBODY
from messages.market import Symbol, Tick
from messages.trading import Deal, DealId, Direction, OrderId
from optionbus.compat.errors import (
    NotAllowedError,
    PocketOptionError,
    TradeNotFoundError,
)
from optionbus.compat.strategies.handlers import Answer
from optionbus.compat.strategies.questions import name_of, seconds_of, stake_of, text_of

PAYOUT_PERCENT: Final = 80
"""The gain on a win, as there."""

_NOBODYS = 0
"""The user of its deals."""


class PyVirtualMarket:
    """An account that is nowhere.

    ``result`` of a strategy does not wait here: of a deal that is open it gives the deal as it stands, its profit 0.

    Args:
        initial_balance: what the account begins with.

    Raises:
        ValueError: that is no number.
    """

    def __init__(self, initial_balance: float) -> None:
        if not isfinite(initial_balance):
            raise ValueError(f"Invalid initial balance: {initial_balance}")
        settings = MarketSettings(balance=Decimal(str(initial_balance)), payout_percent=PAYOUT_PERCENT)
        self._model = MarketModel(settings)
        self._prices: dict[Symbol, float] = {}
        self._closed: dict[DealId, Deal] = {}
        self._count = 0
        self._lock = Lock()
        self.now: Callable[[], float] = SystemClock().now
        """The time: UTC seconds. A bot on a virtual clock gives its own."""

    async def update_price(self, asset: str, price: float) -> None:
        """Tell it a price. Raises NotAllowedError where that is no number."""
        if not isfinite(price):
            raise NotAllowedError(f"Invalid price: {price}")
        with self._lock:
            symbol = Symbol(name_of(asset))
            self._prices[symbol] = price
            self._feel(symbol)

    def trade(self, asset: str, direction: Direction, amount: float, seconds: int) -> Answer[list[str]]:
        """Place an order; it is filled at once."""
        with self._lock:
            deal = self._filled(Symbol(name_of(asset)), direction, stake_of(amount), seconds)
        return _answered([str(deal.id), text_of(deal, _NOBODYS)])

    def result(self, deal_id: str) -> Answer[str]:
        """The deal as it stands."""
        with self._lock:
            self._settle(self._model.settle_before(self.now()))
            number = DealId(name_of(deal_id))
            deal = self._closed.get(number) or self._model.opened.get(number)
        if deal is None:
            raise TradeNotFoundError(f"Trade {deal_id} not found")
        return _answered(text_of(_as_told(deal), _NOBODYS))

    def balance(self) -> Answer[float]:
        """The balance; what is staked is not in it."""
        with self._lock:
            self._settle(self._model.settle_before(self.now()))
            return _answered(float(self._model.balance))

    def _filled(self, symbol: Symbol, direction: Direction, stake: Decimal, seconds: int) -> Deal:
        if symbol not in self._prices:
            raise PocketOptionError(f"Price not found for asset: {symbol}. Hand its prices to update_price first.")
        self._count += 1
        wish = Wish(
            order_id=OrderId(f"virtual-order-{self._count}"),
            asker=NOBODY,
            symbol=symbol,
            direction=direction,
            stake=stake,
            duration_seconds=seconds_of(seconds),
            decided=self._feel(symbol),
        )
        (happening,) = self._model.place(wish)
        if isinstance(happening, Refused):
            raise PocketOptionError(str(happening.error))
        assert isinstance(happening, Filled)  # noqa: S101 - there is a price of this moment
        return _as_told(happening.deal)

    def _feel(self, symbol: Symbol) -> float:
        """Let the latest price be that of this moment too; gives the moment."""
        now = self.now()
        self._settle(self._model.feel(Tick(symbol, now, self._prices[symbol], now)))
        return now

    def _settle(self, happenings: list[Happening]) -> None:
        for happening in happenings:
            if isinstance(happening, Settled):
                self._closed[happening.deal.id] = happening.deal


def _as_told(deal: Deal) -> Deal:
    return deal if deal.close_price is not None else replace(deal, profit=Decimal(0), currency="USD")


def _answered(value: Any) -> Answer[Any]:  # noqa: ANN401 - whatever was asked for
    asked: Future[Any] = Future()
    asked.set_result(value)
    return Answer(None, asked)
