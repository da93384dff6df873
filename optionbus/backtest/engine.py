"""A backtest: a supervisor, a player and strategies on the stepped runtime, until the ticks are over.

Theory of operation. It is the tree that there always is, with a player in the place of the modules that speak to the
platform: the strategies are the same classes, started and restarted by the same supervisor. Nothing in it has a clock
of its own, and what is drawn at random is drawn from the seed: the same inputs give the same result.

Decides what a run is put together of. Does not know what is played, nor how the result is told.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import chain
from math import inf
from typing import Any

from msgspec.structs import asdict

from actors.candles.builder import aligned_builder
from actors.log import LogActor
from actors.orders.answers import result_of
from actors.orders.gate import RiskSettings
from actors.ports import LogSink
from actors.stepped import SteppedRuntime
from actors.strategies.market_model import MarketModel, MarketSettings, Refused, Settled
from actors.strategies.player import PlayerActor, PlayerMemory, Reel
from actors.strategies.strategy import Strategy
from actors.strategies.virtual_market import MARKET
from actors.system import System
from messages.base import AddressName
from messages.errors import SystemFailed, UsageError
from messages.market import Asset, AssetKind, Candle, Symbol, Tick
from messages.supervision import StopSystem
from optionbus.backtest.chart import ChartKeeper
from optionbus.data.source import TickSource
from optionbus.report.result import Refusal, RunResult, Trade
from supervisor.settings import Settings
from supervisor.spec import ChildSpec
from supervisor.tree import name_of, plant

_STEPS_AT_ONCE = 5_000

Progress = Callable[[float, int], None]
"""Told up to when the run has come (UTC seconds), and how many ticks were played."""


class Failures:
    """A log that keeps what has failed: how often, and the last time."""

    def __init__(self) -> None:
        self.count = 0
        self.last = ""

    def write(self, level: str, source: str, text: str) -> None:
        """Keep a failure; whatever else is said, the report says too."""
        if level in ("ERROR", "CRITICAL"):
            self.count += 1
            self.last = f"{source}: {text}"

    def close(self) -> None:
        """There is nothing to close."""


class Backtest:
    """One run of some strategies. ``begin`` and ``end`` are UTC seconds; None: as far as the source goes."""

    def __init__(
        self,
        strategies: Sequence[type[Strategy]],
        source: TickSource,
        *,
        begin: float | None = None,
        end: float | None = None,
        market: MarketSettings | None = None,
        risk: RiskSettings | None = None,
        seed: int = 0,
        log_sink: LogSink | None = None,
    ) -> None:
        _check(strategies, source)
        self._strategies, self._source = tuple(strategies), source
        self._end = end
        first, ticks = _first(source.batches(begin, end))
        self.begin = first if begin is None else begin
        self._market = market or MarketSettings()
        self._memory = PlayerMemory(self._market, risk or RiskSettings())
        self._charts = ChartKeeper(source.symbols)
        reel = Reel(_assets(source.symbols, self._memory.model), self._charts.watch(ticks), self._history, self.begin)
        self._runtime = SteppedRuntime(seed, start=self.begin)
        self._system = System(self._runtime, log_level="WARNING")
        self._children = self._specs(reel, log_sink or Failures())

    def run(self, progress: Progress = lambda _time, _ticks: None) -> RunResult:
        """Play all ticks.

        Raises:
            SystemFailed: a strategy failed more often than its supervisor lets it.
        """
        plant(self._system, self._children, Settings(), watches_hangs=False)
        while not self._memory.is_over:
            before = self._runtime.steps
            self._runtime.run_until(self._enough(), inf)
            if self._system.failed is not None:
                raise self._system.failed
            if self._runtime.steps == before and not self._memory.is_over:
                raise SystemFailed("Every strategy waits, and nothing is left that could be told to one.")
            progress(self._memory.time, self._memory.played)
        self._stop()
        return self._result()

    def _enough(self) -> Callable[[], bool]:
        last, memory, system, runtime = self._runtime.steps + _STEPS_AT_ONCE, self._memory, self._system, self._runtime
        return lambda: memory.is_over or runtime.steps >= last or system.failed is not None

    def _stop(self) -> None:
        future, reply_to, request_id = self._system.expect("the strategies to stop", 60.0, lambda reply: reply)
        stop = StopSystem(reply_to=reply_to, request_id=request_id)
        self._system.directory.tell(AddressName("Supervisor"), stop)
        future.get()
        self._system.close()

    def _specs(self, reel: Reel, log_sink: LogSink) -> tuple[ChildSpec, ...]:
        names = tuple(name_of(kind) for kind in self._strategies)
        player = partial(PlayerActor, memory=self._memory, reel=reel, strategies=names)
        strategies = zip(names, self._strategies, strict=True)
        return (
            ChildSpec(name=AddressName("Log"), factory=partial(LogActor, sink=log_sink)),
            ChildSpec(name=MARKET, factory=player),
            *(ChildSpec(name=name, factory=kind.maker(is_played=True)) for name, kind in strategies),
        )

    def _history(self, symbol: Symbol, period: int, count: int, end: float) -> tuple[Candle, ...]:
        """The last so many candles that are over at a time, as far as the source goes back."""
        start = (end // period - count - 1) * period
        ticks = (tick for tick in chain.from_iterable(self._source.batches(start, end)) if tick.symbol == symbol)
        first = next(ticks, None)
        if first is None:
            return ()
        builder = aligned_builder(symbol, period, saw_beginning=first.time % period == 0)
        candles = [candle for tick in chain((first,), ticks) for candle in builder.add(tick)]
        candles.extend(builder.close_until(end))
        return tuple(candle for candle in candles if candle.complete)[-count:]

    def _result(self) -> RunResult:
        memory = self._memory
        parameters = {str(name_of(kind)): kind.parameters() for kind in self._strategies}
        return RunResult(
            strategies=tuple(parameters),
            parameters={**parameters, "market": {key: _plain(value) for key, value in asdict(self._market).items()}},
            source=self._source.name,
            begin=self.begin,
            end=memory.time,
            ticks=memory.played,
            initial_balance=self._market.balance,
            final_balance=memory.model.balance + sum(deal.stake for deal in memory.model.opened.values()),
            trades=tuple(map(_trade, memory.settled)),
            refusals=tuple(map(_refusal, memory.refused)),
            open_orders=memory.model.unfinished,
            charts=self._charts.charts(),
        )


def _check(strategies: Sequence[type[Strategy]], source: TickSource) -> None:
    if not strategies:
        raise UsageError("Give a backtest one strategy or more.")
    names = [name_of(kind) for kind in strategies]
    taken = {*[name for name in names if names.count(name) > 1], *({"Market", "Log", "Supervisor"} & {*names})}
    if taken:
        raise UsageError(f"More than one is called {taken.pop()!r}. Give each a name: configured(name=...).")
    for kind in strategies:
        missing = [asset for asset in kind.assets if asset not in source.symbols]
        if missing:
            there = ", ".join(source.symbols) or "nothing"
            raise UsageError(f"{name_of(kind)} wants {missing[0]}, and {source.name} has {there}.")


def _first(batches: Iterator[tuple[Tick, ...]]) -> tuple[float, Iterator[tuple[Tick, ...]]]:
    batch = next(batches, ())
    if not batch:
        raise UsageError("There are no ticks in that time. Look at --from and --to, and at the data.")
    return batch[0].time, chain((batch,), batches)


def _assets(symbols: Sequence[Symbol], model: MarketModel) -> tuple[Asset, ...]:
    return tuple(
        Asset(
            id=number,
            symbol=symbol,
            name=symbol,
            kind=AssetKind.OTHER,
            digits=5,
            payout_percent=model.payout(symbol),
            is_otc=symbol.endswith("_otc"),
            is_active=True,
            default_duration_seconds=60,
            min_duration_seconds=1,
            duration_step_seconds=1,
            timeframes_seconds=(),
        )
        for number, symbol in enumerate(symbols, 1)
    )


def _trade(settled: Settled) -> Trade:
    wish, deal = settled.wish, settled.deal
    assert deal.close_price is not None  # noqa: S101 - it has closed
    return Trade(
        order_id=wish.order_id,
        strategy=wish.asker,
        symbol=deal.symbol,
        direction=deal.direction,
        stake=deal.stake,
        payout_percent=deal.payout_percent,
        duration_seconds=wish.duration_seconds,
        decided=wish.decided,
        open_time=deal.open_time,
        open_price=deal.open_price,
        close_time=deal.close_time,
        close_price=deal.close_price,
        outcome=result_of(deal).outcome,
        profit=deal.profit,
    )


def _refusal(refused: Refused) -> Refusal:
    wish = refused.wish
    return Refusal(
        order_id=wish.order_id,
        strategy=wish.asker,
        symbol=wish.symbol,
        decided=wish.decided,
        reason=str(refused.error),
    )


def _plain(value: Any) -> object:  # noqa: ANN401 - of any settings
    return value if isinstance(value, str | int | float | dict) else str(value)
