"""A market that nobody moves: orders are filled and deals settled on the ticks of another.

Theory of operation. An order decided at T is filled at the first tick of its asset at or after T plus the latency; the
tick on which it was decided counts where there is no latency. Slippage makes the opening price worse. A deal closes
on the full second its duration after the one it opened in, at the last price at or before that moment, which is known
once a tick of any asset is later. The stake leaves the balance when the deal opens; stake and gain come back when it
closes.

Decides prices, moments and money. Has no clock and no actor: time is what ticks carry. Has no gate: what may be risked
is ``actors.orders.gate``'s.
"""

from decimal import ROUND_HALF_UP, Decimal
from heapq import heappop, heappush
from math import inf
from typing import Annotated, Final

from msgspec import Meta, Struct
from msgspec.structs import replace

from actors.api.limits import OrderLimits
from messages.base import AddressName
from messages.errors import BusError
from messages.market import Symbol, Tick
from messages.order_errors import OrderRefused
from messages.trading import Deal, DealId, Direction, OrderId

_CENT: Final = Decimal("0.01")
_LIMITS: Final = OrderLimits()
"""What may be staked: as on the platform."""


class MarketSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a market is like that is not there. Money is in the account's currency."""

    balance: Decimal = Decimal(50_000)
    """What the account begins with."""
    payout_percent: Annotated[int, Meta(ge=0)] = 92
    """The gain on a win, of the stake, for assets that are not named."""
    payouts: dict[str, int] = {}
    """The gain on a win by asset, percent of the stake."""
    latency_seconds: Annotated[float, Meta(ge=0)] = 0.0
    """How long an order is on its way."""
    slippage: Annotated[float, Meta(ge=0, lt=1)] = 0.0
    """How much worse than the tick an order is filled, as a part of the price."""


class Wish(Struct, frozen=True, kw_only=True):
    """An order that is on its way. ``decided``: UTC seconds."""

    order_id: OrderId
    asker: AddressName
    symbol: Symbol
    direction: Direction
    stake: Decimal
    duration_seconds: int
    decided: float


class Filled(Struct, frozen=True):
    """An order has become a deal."""

    wish: Wish
    deal: Deal


class Refused(Struct, frozen=True):
    """An order has come to nothing."""

    wish: Wish
    error: BusError


class Settled(Struct, frozen=True):
    """A deal has closed."""

    wish: Wish
    deal: Deal


Happening = Filled | Refused | Settled


class MarketModel:
    """The orders, the deals and the money of one account."""

    def __init__(self, settings: MarketSettings) -> None:
        self._settings = settings
        self.balance = settings.balance
        self.payouts = dict(settings.payouts)
        self.opened: dict[DealId, Deal] = {}
        self._wishes: list[Wish] = []
        self._closing: list[tuple[float, int, Wish, Deal]] = []
        self._prices: dict[Symbol, Tick] = {}
        self._count = 0

    def payout(self, symbol: Symbol) -> int:
        """The gain on a win, percent of the stake."""
        return self.payouts.get(symbol, self._settings.payout_percent)

    def latest(self, symbol: Symbol) -> float | None:
        """The time of the asset's last tick; None where there was none."""
        tick = self._prices.get(symbol)
        return None if tick is None else tick.time

    @property
    def due(self) -> float:
        """Before this time nothing can happen to an order or a deal; a tick at it may matter."""
        fill = min((wish.decided for wish in self._wishes), default=inf) + self._settings.latency_seconds
        return min(fill, self._closing[0][0] if self._closing else inf)

    @property
    def unfinished(self) -> int:
        """How many orders have no end yet."""
        return len(self._wishes) + len(self._closing)

    def place(self, wish: Wish) -> list[Happening]:
        """Take an order; it may be filled on a tick that was seen already."""
        if not _LIMITS.min_stake <= wish.stake <= _LIMITS.max_stake:
            return [Refused(wish, OrderRefused(wish.symbol, "the stake is out of the limits", _LIMITS.max_stake))]
        tick = self._prices.get(wish.symbol)
        if tick is not None and tick.time >= wish.decided + self._settings.latency_seconds:
            return [self._fill(wish, tick)]
        self._wishes.append(wish)
        return []

    def withdraw(self, order_id: OrderId) -> Wish | None:
        """Take back an order that was not filled; None where it was."""
        wish = next((wish for wish in self._wishes if wish.order_id == order_id), None)
        self._wishes = [each for each in self._wishes if each is not wish]
        return wish

    def advance(self, ticks: tuple[Tick, ...]) -> None:
        """Take in ticks, none of which matters to an order or a deal: all are before ``due``."""
        for tick in ticks:
            self._prices[tick.symbol] = tick

    def feel(self, tick: Tick) -> list[Happening]:
        """Take in one tick; what it brings about, in the order of time."""
        happenings = self.settle_before(tick.time)
        self._prices[tick.symbol] = tick
        if self._wishes:
            happenings += self._fill_on(tick)
        return happenings

    def settle_before(self, time: float) -> list[Happening]:
        """Close the deals whose moment is past at this time."""
        happenings: list[Happening] = []
        while self._closing and self._closing[0][0] < time:
            happenings.append(self._settle())
        return happenings

    def _fill_on(self, tick: Tick) -> list[Happening]:
        latest = tick.time - self._settings.latency_seconds
        ripe = [wish for wish in self._wishes if wish.symbol == tick.symbol and wish.decided <= latest]
        if ripe:
            self._wishes = [wish for wish in self._wishes if wish not in ripe]
        return [self._fill(wish, tick) for wish in ripe]

    def _fill(self, wish: Wish, tick: Tick) -> Happening:
        if wish.stake > self.balance:
            return Refused(wish, OrderRefused(wish.symbol, "the balance is too small", self.balance))
        self._count += 1
        opened = max(tick.time, wish.decided + self._settings.latency_seconds)
        closes = float(int(opened) + wish.duration_seconds)
        payout = self.payout(wish.symbol)
        worse = self._settings.slippage * (1 if wish.direction is Direction.CALL else -1)
        deal = Deal(
            id=DealId(f"virtual-{self._count}"),
            symbol=wish.symbol,
            direction=wish.direction,
            stake=wish.stake,
            profit=(wish.stake * payout / 100).quantize(_CENT, ROUND_HALF_UP),
            payout_percent=payout,
            open_price=tick.price * (1 + worse) if worse else tick.price,
            close_price=None,
            open_time=opened,
            close_time=closes,
            server_open_time=opened,
            server_close_time=closes,
            is_demo=True,
            order_id=wish.order_id,
        )
        self.balance -= deal.stake
        self.opened[deal.id] = deal
        heappush(self._closing, (closes, self._count, wish, deal))
        return Filled(wish, deal)

    def _settle(self) -> Settled:
        _closes, _number, wish, deal = heappop(self._closing)
        del self.opened[deal.id]
        price = self._prices[deal.symbol].price
        closed = replace(deal, close_price=price, profit=_profit(deal, price))
        self.balance += closed.stake + closed.profit
        return Settled(wish, closed)


def _profit(deal: Deal, price: float) -> Decimal:
    """The net gain: minus the stake on a loss, nothing on a draw."""
    move = price - deal.open_price
    if move == 0:
        return Decimal(0)
    return deal.profit if (move > 0) == (deal.direction is Direction.CALL) else -deal.stake.quantize(_CENT)
