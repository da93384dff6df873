"""What a strategy has of the market.

Theory of operation. Nothing here waits: what is asked is answered by a call of the strategy's own methods, or of the
function given with ``then``. Time is that of the event at hand, as its source told it: the same live, on paper and in a
backtest.

Decides how a strategy speaks. Does not know who answers.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from heapq import heappop, heappush
from typing import Any

from msgspec.structs import replace

from actors.context import Context
from actors.orders.ids import new_order_id
from actors.strategies.indicators import WARM_UP, Indicator, Indicators, Reading, close
from actors.strategies.memory import StrategyMemory
from messages.base import AddressName, Message, Request, RequestId
from messages.errors import UsageError
from messages.market import Asset, Candle, GetCandles, Symbol
from messages.trading import AwaitResult, Deal, DealId, DealResult, Direction, OrderId, PlaceTrade

TRADES, DEALS, CANDLES = AddressName("Trades"), AddressName("Deals"), AddressName("GetCandles")

ORDER_SECONDS = 10.0
"""How long an order may go unanswered."""


class StrategyContext(Context):
    """The market, as one strategy sees it."""

    def __init__(self, context: Context, memory: StrategyMemory, symbols: tuple[Symbol, ...], period: int) -> None:
        vars(self).update(vars(context))
        self._memory = memory
        self._period_seconds = period
        self._symbols = symbols
        self._timers: list[tuple[float, int, Callable[[], object]]] = []
        self.callbacks: dict[RequestId, Callable[[Any], None]] = {}
        self.time = 0.0
        """The time of the event at hand: UTC seconds."""
        self.balance: Decimal | None = None
        """As last told; None before it was."""
        self.assets: Mapping[Symbol, Asset] = {}
        """As last told."""
        self.indicators: dict[tuple[Symbol, int], Indicators] = {}
        self.has_asked = False
        """Whether something was asked since this was last put back."""

    # What is known.

    @property
    def open_deals(self) -> tuple[Deal, ...]:
        """The strategy's own deals that are open."""
        return tuple(self._memory.deals.values())

    @property
    def unanswered(self) -> int:
        """How many of its orders were not answered yet."""
        return len(self._memory.placed)

    def payout(self, symbol: str) -> int | None:
        """The gain on a win, percent of the stake; None where the asset is not known, or closed."""
        asset = self.assets.get(Symbol(symbol))
        return asset.payout_percent if asset is not None and asset.is_active else None

    # What can be done.

    def buy(
        self, symbol: str, stake: Decimal | float | str, duration_seconds: int, *, allow_duplicate: bool = False
    ) -> OrderId:
        """Place a call; see ``trade``."""
        return self.trade(symbol, Direction.CALL, stake, duration_seconds, allow_duplicate=allow_duplicate)

    def sell(
        self, symbol: str, stake: Decimal | float | str, duration_seconds: int, *, allow_duplicate: bool = False
    ) -> OrderId:
        """Place a put; see ``trade``."""
        return self.trade(symbol, Direction.PUT, stake, duration_seconds, allow_duplicate=allow_duplicate)

    def trade(
        self,
        symbol: str,
        direction: Direction,
        stake: Decimal | float | str,
        duration_seconds: int,
        *,
        allow_duplicate: bool = False,
    ) -> OrderId:
        """Place an order; answered by ``on_deal_opened`` or ``on_order_failed``.

        Args:
            symbol: The asset.
            direction: CALL or PUT.
            stake: In the account's currency; Decimal or text is exact.
            duration_seconds: From its opening until its expiry.
            allow_duplicate: Place it though the same was placed in the last two seconds.
        """
        order_id = new_order_id(self.random)
        command = PlaceTrade(
            order_id=order_id,
            symbol=Symbol(symbol),
            direction=direction,
            stake=Decimal(str(stake)),
            duration_seconds=duration_seconds,
            deadline_seconds=ORDER_SECONDS,
            allow_duplicate=allow_duplicate,
            is_new=True,
            reply_to=self.name,
            request_id=RequestId(self.system.new_id()),
        )
        self._memory.orders.add(order_id)
        self._memory.placed[command.request_id] = order_id
        self._say(TRADES, command)
        return order_id

    def result(self, deal_id: str, then: Callable[[DealResult], None]) -> None:
        """Ask how a deal ended, also one of another; ``then`` is told when it has."""
        self.ask(DEALS, AwaitResult(deal_id=DealId(deal_id)), lambda reply: then(reply.result))

    def history(
        self, symbol: str, count: int, then: Callable[[tuple[Candle, ...]], None], period_seconds: int | None = None
    ) -> None:
        """Ask for the last closed candles; ``then`` is told them, oldest first."""
        period = period_seconds or self._period_seconds
        query = GetCandles(symbol=Symbol(symbol), period_seconds=period, count=count, end=self._now)
        self.ask(CANDLES, query, lambda reply: then(reply.candles))

    def call_at(self, time: float, action: Callable[[], object]) -> None:
        """Call a function before the first event at or after that time (UTC seconds)."""
        heappush(self._timers, (time, self.system.new_id(), action))

    def call_later(self, delay_seconds: float, action: Callable[[], object]) -> None:
        """Call a function before the first event that is so much later than this one."""
        self.call_at(self.time + delay_seconds, action)

    def indicator(
        self,
        indicator: Indicator,
        symbol: str | None = None,
        *,
        of: Reading = close,
        warm_up: int = WARM_UP,
    ) -> Any:  # noqa: ANN401 - the same indicator, whatever its type
        """Have an indicator fed with each closed candle, and with so many before the first; gives it back.

        Args:
            indicator: One of talipp's, or anything that has ``add``.
            symbol: The asset; may be left out where the strategy has one.
            of: What of a candle it is fed with: the closing price, or ``ohlcv`` for indicators of highs and lows.
            warm_up: How many candles of the past it is given.
        """
        if symbol is None and len(self._symbols) != 1:
            raise UsageError("Say which asset the indicator is of: this strategy has several.")
        key = Symbol(symbol or self._symbols[0]), self._period_seconds
        self.indicators.setdefault(key, Indicators(*key)).add(indicator, of, warm_up)
        return indicator

    def ask(self, name: AddressName, request: Request, then: Callable[[Any], None]) -> None:
        """Ask any actor; ``then`` is told the reply. An error ends in ``on_error``."""
        self.callbacks[self.put(name, request)] = then

    def put(self, name: AddressName, request: Request) -> RequestId:
        """Ask any actor; gives the number that the reply will have."""
        request_id = RequestId(self.system.new_id())
        self._say(name, replace(request, reply_to=self.name, request_id=request_id))
        return request_id

    @property
    def has_timers(self) -> bool:
        """Whether a function waits for its time."""
        return bool(self._timers)

    def run_timers(self) -> None:
        """Call what is due at the time of the event at hand."""
        while self._timers and self._timers[0][0] <= self.time:
            heappop(self._timers)[2]()

    @property
    def _now(self) -> float | None:
        return self.time or None

    def _say(self, name: AddressName, message: Message) -> None:
        self.has_asked = True
        self.tell(name, message)
