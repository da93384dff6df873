"""The player: a market whose ticks are played to strategies, as fast as they handle them.

Theory of operation. It plays as many ticks at once as cannot matter to any order or deal, then waits until every
strategy has handled them. A strategy that has asked for something stops at that tick, and the rest is played again once
it was answered: no answer knows a tick that its asker has not handled. Whatever was told, an answer or a deal, is
followed by no ticks at all, and these are waited for too: what a strategy decides on an answer is decided at that time.
With several strategies one tick is played at a time, so that none is ahead of another.

Decides when ticks are played. Does not know where they come from, nor what an order costs.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator
from math import inf
from operator import attrgetter

from msgspec import Struct

from actors.base import Actor, Context
from actors.strategies.market_model import Settled
from actors.strategies.virtual_market import STANDS_FOR, MarketMemory, TradingAnswers, TradingRequest, stand_in
from messages.base import AddressName, Message
from messages.market import (
    Asset,
    Assets,
    Candle,
    Candles,
    GetAssets,
    GetCandles,
    Subscribe,
    Subscribed,
    Symbol,
    Tick,
)
from messages.strategies import TicksConsumed, TicksPlayed

AT_ONCE = 256
"""How many ticks are played at once, at most, to a strategy that is alone."""

_CLOCK_SECONDS = 1.0
"""How far the clock may be behind the ticks."""

_time = attrgetter("time")

History = Callable[[Symbol, int, int, float], tuple[Candle, ...]]
"""The last so many closed candles of an asset and a period that are over at a time."""


class Reel(Struct, frozen=True):
    """What is played: the assets, their ticks in the order of time, and what was before."""

    assets: tuple[Asset, ...]
    ticks: Iterator[tuple[Tick, ...]]
    history: History
    begin: float


class PlayerMemory(MarketMemory):
    """What outlives a crash, the place in the reel included."""

    number = 0
    batch: tuple[Tick, ...] = ()
    place = 0
    played = 0
    """How many ticks were handled."""
    time = 0.0
    """Up to when everything was handled: UTC seconds."""
    is_over = False


class _PlayDue(Message, frozen=True, kw_only=True):
    """The clock has come to the next tick."""


Asked = TradingRequest | GetAssets | GetCandles | Subscribe
Inbox = Asked | TicksConsumed | _PlayDue


class PlayerActor(Actor[Inbox]):
    """Plays a reel to these strategies, and is the market that they trade on."""

    def __init__(self, context: Context, memory: PlayerMemory, reel: Reel, strategies: tuple[AddressName, ...]) -> None:
        super().__init__(context)
        self._memory, self._model, self._reel = memory, memory.model, reel
        self._answers = TradingAnswers(context, memory)
        self._strategies = strategies
        self._at_once = AT_ONCE if len(strategies) == 1 else 1
        self._owing = set(strategies)
        self._count = 0
        self._asked: list[Asked] = []
        self._has_told = False
        memory.time = memory.time or reel.begin
        memory.known = frozenset(asset.symbol for asset in reel.assets)
        stand_in(context, (*STANDS_FOR, "Assets", "GetCandles", "Subscriptions"))

    def on_receive(self, message: Inbox) -> None:
        """Handle one message."""
        match message:
            case TicksConsumed():
                self._on_ticks_consumed(message)
            case _PlayDue():
                self._play_next()
            case _:
                self._asked.append(message)
                if not self._owing:  # else it was asked on a tick of which is not known yet which one it was
                    self._answer_all()

    def _answer_all(self) -> None:
        asked, self._asked = self._asked, []
        for request in asked:
            self._has_told = True
            self._answer(request)

    def _answer(self, request: Asked) -> None:
        match request:
            case GetAssets():
                self.context.reply(request, Assets(request_id=request.request_id, assets=self._reel.assets))
            case GetCandles():
                self._on_get_candles(request)
            case Subscribe():
                self.context.reply(request, Subscribed(request_id=request.request_id, symbol=request.symbol))
            case _:
                self._answers.answer(request, self._memory.time)

    def _on_get_candles(self, query: GetCandles) -> None:
        candles = self._reel.history(query.symbol, query.period_seconds, query.count or 1, self._known(query.end))
        self.context.reply(query, Candles(request_id=query.request_id, symbol=query.symbol, candles=candles))

    def _known(self, end: float | None) -> float:
        """Up to when candles may be told: nobody is told what is still to come."""
        return self._memory.time if end is None else min(end, self._memory.time)

    def _on_ticks_consumed(self, consumed: TicksConsumed) -> None:
        if consumed.number != self._memory.number or consumed.strategy not in self._owing:
            return
        self._owing.discard(consumed.strategy)
        self._count = max(self._count, consumed.count)
        if not self._owing:
            self._take_note()
            self._play_next()

    def _take_note(self) -> None:
        """Everybody has handled what was played: that is how far time has come, and what was ordered is ordered now."""
        memory, count = self._memory, self._count
        if count:
            handled = memory.batch[memory.place : memory.place + count]
            self._model.advance(handled)
            memory.place += count
            memory.played += count
            memory.time = handled[-1].time
        self._answer_all()

    def _has_felt(self, tick: Tick) -> bool:
        """Whether the tick has brought about anything, of which strategies have to hear before it."""
        happenings = self._answers.tell(self._model.feel(tick))
        for happening in happenings:
            if isinstance(happening, Settled):
                self._memory.time = max(self._memory.time, happening.deal.close_time)
        return bool(happenings)

    def _play_next(self) -> None:
        memory, model = self._memory, self._model
        if self._has_told:
            self._play(())
            return
        while memory.place == len(memory.batch):
            following = next(self._reel.ticks, None)
            if following is None:
                memory.is_over = True
                return
            memory.batch, memory.place = following, 0
        tick = memory.batch[memory.place]
        if tick.time - self.context.clock.now() >= _CLOCK_SECONDS:
            self.context.at(tick.time, _PlayDue())
        elif tick.time < model.due:
            end = len(memory.batch)
            if model.due < inf:
                end = bisect_left(memory.batch, model.due, memory.place, key=_time)
            self._play(memory.batch[memory.place : min(end, memory.place + self._at_once)])
        else:
            self._play(() if self._has_felt(tick) else (tick,))

    def _play(self, ticks: tuple[Tick, ...]) -> None:
        self._memory.number += 1
        self._count, self._has_told, self._owing = 0, False, set(self._strategies)
        played = TicksPlayed(number=self._memory.number, ticks=ticks)
        for strategy in self._strategies:
            self.context.tell(strategy, played)
