"""The scoreboard: an actor that counts what happens, and tells whoever asks.

Ticks and candles are delivered to it by the subscriptions of whoever runs it; all else it listens to. Deals count that
were opened since it began: on login the platform also lists older ones.

Decides what is counted. Does not know how it is shown (``optionbus.cli.view``).
"""

from collections import deque
from decimal import Decimal
from typing import ClassVar, assert_never

from msgspec import Struct
from msgspec.structs import replace

from messages.account import BalanceChanged
from messages.base import RequestId
from messages.market import Symbol
from messages.session import SessionStateChanged
from messages.trading import DealClosed, DealId, DealOpened
from optionbus import (
    Actor,
    CandleClosed,
    Context,
    Deal,
    DealResult,
    Outcome,
    Query,
    Reply,
    SessionState,
    TicksReceived,
)

CLOCK_SLACK_SECONDS = 2.0
"""Moments of deals are whole seconds of another clock."""

SHOWN_RESULTS = 5


class AssetScore(Struct, frozen=True, kw_only=True):
    """One asset; prices are None before the first tick."""

    symbol: Symbol
    price: float | None = None
    before: float | None = None
    ticks: int = 0
    candles: int = 0


class GetScore(Query, frozen=True, kw_only=True):
    """Ask for the score."""


class Score(Reply, frozen=True, kw_only=True):
    """All that was counted. ``time`` is the clock of the market, UTC seconds; ``results`` are the last ones."""

    time: float = 0.0
    state: SessionState = SessionState.IDLE
    logins: int = 0
    balance: Decimal | None = None
    assets: tuple[AssetScore, ...] = ()
    open_deals: tuple[Deal, ...] = ()
    results: tuple[DealResult, ...] = ()
    trades_opened: int = 0
    won: int = 0
    lost: int = 0
    drawn: int = 0
    profit: Decimal = Decimal(0)

    @property
    def ticks(self) -> int:
        """Of all assets."""
        return sum(asset.ticks for asset in self.assets)

    @property
    def candles(self) -> int:
        """Closed ones, of all assets."""
        return sum(asset.candles for asset in self.assets)

    @property
    def trades_settled(self) -> int:
        """However they ended."""
        return self.won + self.lost + self.drawn

    @property
    def reconnects(self) -> int:
        """Logins after the first."""
        return max(0, self.logins - 1)


Inbox = TicksReceived | CandleClosed | SessionStateChanged | BalanceChanged | DealOpened | DealClosed | GetScore


class Scoreboard(Actor[Inbox]):
    """Keeps the score."""

    listens: ClassVar = (SessionStateChanged, BalanceChanged, DealOpened, DealClosed)

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._began = context.clock.now() - CLOCK_SLACK_SECONDS
        self._score = Score(request_id=RequestId(0))
        self._assets: dict[Symbol, AssetScore] = {}
        self._open: dict[DealId, Deal] = {}
        self._results: deque[DealResult] = deque(maxlen=SHOWN_RESULTS)

    def on_receive(self, message: Inbox) -> None:
        """Handle one message."""
        match message:
            case TicksReceived():
                self._on_ticks_received(message)
            case CandleClosed():
                asset = self._asset(message.candle.symbol)
                self._assets[asset.symbol] = replace(asset, candles=asset.candles + 1)
            case SessionStateChanged():
                logins = self._score.logins + (message.state is SessionState.READY)
                self._score = replace(self._score, state=message.state, logins=logins)
            case BalanceChanged():
                self._score = replace(self._score, balance=message.amount)
            case DealOpened():
                self._on_deal_opened(message.deal)
            case DealClosed():
                self._on_deal_closed(message.result)
            case GetScore():
                self._on_get_score(message)
            case _:
                assert_never(message)

    def _asset(self, symbol: Symbol) -> AssetScore:
        return self._assets.get(symbol) or AssetScore(symbol=symbol)

    def _on_ticks_received(self, event: TicksReceived) -> None:
        asset = self._asset(event.symbol)
        self._assets[event.symbol] = replace(
            asset, before=asset.price, price=event.ticks[-1].price, ticks=asset.ticks + len(event.ticks)
        )

    def _on_deal_opened(self, deal: Deal) -> None:
        if deal.open_time >= self._began:
            self._open[deal.id] = deal
            self._score = replace(self._score, trades_opened=self._score.trades_opened + 1)

    def _on_deal_closed(self, result: DealResult) -> None:
        if result.deal.open_time < self._began:
            return
        if self._open.pop(result.deal.id, None) is None:  # it opened and closed while we were away
            self._on_deal_opened(result.deal)
            del self._open[result.deal.id]
        self._results.append(result)
        score = self._score
        self._score = replace(
            score,
            won=score.won + (result.outcome is Outcome.WIN),
            lost=score.lost + (result.outcome is Outcome.LOSS),
            drawn=score.drawn + (result.outcome is Outcome.DRAW),
            profit=score.profit + result.profit,
        )

    def _on_get_score(self, query: GetScore) -> None:
        score = replace(
            self._score,
            request_id=query.request_id,
            time=self.context.clock.now(),
            assets=tuple(self._assets.values()),
            open_deals=tuple(self._open.values()),
            results=tuple(self._results),
        )
        self.context.reply(query, score)
