"""What a client can ask about the past of prices, and how the past is joined to what streams.

Decides names, argument checks and deadlines. Does not know how pages are fetched (``actors.api.get_candles``), nor how
gaps are filled (``actors.candles.live``).
"""

from collections.abc import Callable
from math import ceil
from typing import Any

from msgspec.structs import replace

from actors.api.get_candles import LONGEST_TICKS_SECONDS
from actors.candles.boundaries import DAY_SECONDS
from actors.candles.builder import builder_for
from actors.candles.compiled import compiled
from actors.candles.download import PAGE_CANDLES, WITNESS_SECONDS
from actors.candles.following import Following, LiveMemory
from actors.candles.live import LiveCandlesActor
from actors.future import Future
from messages.base import AddressName, Message
from messages.errors import UsageError
from messages.market import (
    Aggregation,
    Candle,
    CandleClosed,
    Direct,
    GetCandles,
    GetHistory,
    GetTicks,
    History,
    Subscribe,
    Symbol,
    Tick,
    Ticks,
    TicksReceived,
    TimeAligned,
    Unsubscribe,
)
from messages.supervision import StartChild, StopChild
from optionbus.arguments import checked
from optionbus.edge import SUPERVISOR, Edge, reply_of
from optionbus.live_candles import LiveCandles, LiveStream
from optionbus.stream import Overflow, Stream
from optionbus.subscription import Subscription
from optionbus.trading_calls import SLACK_SECONDS

GET_CANDLES = AddressName("GetCandles")
SUBSCRIPTIONS = AddressName("Subscriptions")

TICKS_SECONDS_A_PAGE = 1000
"""How many seconds of ticks a page may be expected to have."""

SECONDS_A_PAGE = 1.0
"""How much longer than one request each further page may take before the default deadline."""

HISTORY_CANDLES = 100
"""How many closed candles a stream with history begins with."""

MOST_HISTORY = 10_000
"""More closed candles than that a live chart does not begin with: ``candles`` fetches them."""

_NO_CANDLES = "period and count are whole numbers above 0."
_NO_SPAN = "Ask for more than 0 seconds, in periods of whole seconds, 1 or more."


class Lookback(Message, frozen=True, kw_only=True):
    """How far back a user wants to look."""

    symbol: Symbol
    period_seconds: int = 1
    lookback_seconds: float
    end: float = 0.0


class CandleCalls:
    """Mixed into the client."""

    _edge: Edge

    def candles(
        self, asset: str, period: int, count: int = 100, end: float | None = None, *, timeout: float | None = None
    ) -> Future[tuple[Candle, ...]]:
        """The platform's candles, oldest first, fetched in as many requests as it takes.

        They begin at multiples of their period on the platform's clock, which for half an hour and its divisors is the
        same as in UTC. One that is not over is neither ``closed`` nor ``complete``. A period without a price has none.

        Args:
            asset: the platform's symbol.
            period: seconds a candle lasts.
            count: how many.
            end: UTC seconds at which they end; None: now.
            timeout: seconds to wait at most; None: as configured, and a second more for each further page.

        Raises (from the future):
            UnknownAsset: there is no such asset.

        Example:
            >>> with PocketOption.simulated(seed=7) as client:
            ...     client.wait_ready(timeout=10)
            ...     candles = client.candles("EURUSD_otc", 60, count=200).get()
            >>> len(candles), candles[1].time - candles[0].time
            (200, 60.0)
        """
        query = checked(GetCandles(symbol=Symbol(asset), period_seconds=period, count=count, end=end))
        if period <= 0 or count is None or count <= 0:
            return self._edge.refused("candles", UsageError(_NO_CANDLES))
        return self._ask_candles(query, count, timeout)

    def candles_at(self, asset: str, period: int, offset: int, time: float) -> Future[tuple[Candle, ...]]:
        """The platform's candles that begin in the ``offset`` seconds before ``time`` (UTC seconds), oldest first.

        Raises (from the future):
            UnknownAsset: there is no such asset.
        """
        checked(Lookback(symbol=Symbol(asset), period_seconds=period, lookback_seconds=offset, end=time))
        if period <= 0 or offset <= 0:
            return self._edge.refused("candles_at", UsageError(_NO_SPAN))
        query = GetCandles(symbol=Symbol(asset), period_seconds=period, since=time - offset, end=time)
        return self._ask_candles(query, offset // period)

    def history(self, asset: str, period: int) -> Future[History]:
        """Recent ticks and candles of ``period`` seconds, as the platform gives them on a change of symbol.

        The last candle is the forming one, brought up to date with the ticks. Raises UnknownAsset from the future.
        """
        query = checked(GetHistory(symbol=Symbol(asset), period_seconds=period))
        return self._edge.ask(AddressName("HistoricalData"), query, self._seconds_for(1))

    def ticks(self, asset: str, lookback_seconds: float) -> Future[tuple[Tick, ...]]:
        """Every tick of the last ``lookback_seconds``, oldest first, fetched in as many requests as it takes.

        Raises (from the future):
            UnknownAsset: there is no such asset.
        """
        checked(Lookback(symbol=Symbol(asset), lookback_seconds=lookback_seconds))
        return self._ask_ticks("ticks", asset, lookback_seconds, 0.0, reply_of("ticks"))

    def compile_candles(self, asset: str, period: int, lookback_seconds: float) -> Future[tuple[Candle, ...]]:
        """Candles of any whole period, oldest first, compiled from the ticks of the last ``lookback_seconds``.

        They begin at multiples of the period since 1970, UTC. The first one is not ``complete`` unless a tick before it
        is known; the last one is forming, and not ``closed``. A period without a tick has none.

        Raises (from the future):
            UnknownAsset: there is no such asset.
        """
        checked(Lookback(symbol=Symbol(asset), period_seconds=period, lookback_seconds=lookback_seconds))
        if period < 1:
            return self._edge.refused("compile_candles", UsageError(_NO_SPAN))
        since = self._edge.runtime.clock.now() - lookback_seconds

        def compile_reply(reply: Ticks) -> tuple[Candle, ...]:
            return compiled(reply.symbol, reply.ticks, period, since)

        return self._ask_ticks("compile_candles", asset, lookback_seconds, WITNESS_SECONDS, compile_reply)

    def subscribe_with_history(
        self,
        asset: str,
        aggregation: Aggregation = Direct(),  # noqa: B008 - frozen
        *,
        deliver_to: str | None = None,
        buffer: int | None = None,
        overflow: Overflow | None = None,
    ) -> Subscription[Any]:
        """Let an asset stream, as ``subscribe`` does, with the recent past first and without gaps.

        The first items are the last ten minutes of ticks, or what closed in them, or 100 candles where they are
        ``TimeAligned``; what streams follows on them, with nothing left out and nothing twice. What a lost connection
        has cost is fetched and delivered in its place (CandlesRefilled), or missing for good (CandlesMissing).

        Args:
            asset: the platform's symbol, such as ``EURUSD_otc``.
            aggregation: as for ``subscribe``.
            deliver_to: the name of an actor that is to be told TicksReceived or CandleClosed instead.
            buffer: how many items wait for a slow reader.
            overflow: what becomes of items for which there is no room; None: as configured.

        Raises (from ``.confirmed``, and from the first read):
            UnknownAsset, SubscriptionLimitReached.
        """
        symbol, is_direct = Symbol(asset), isinstance(aggregation, Direct)
        checked(Subscribe(symbol=symbol, aggregation=aggregation, deliver_to=AddressName(deliver_to or "")))
        self._edge.require_started()
        if not is_direct:
            builder_for(symbol, aggregation)
        if deliver_to is not None:
            self._edge.address(AddressName(deliver_to)).refuse_strange(TicksReceived if is_direct else CandleClosed)
        stream = self._stream(symbol, is_direct=is_direct, buffer=buffer, overflow=overflow)
        follower = AddressName(stream.name if deliver_to is None else deliver_to)
        subscription: Subscription[Any] = Subscription(symbol, aggregation, follower, stream, _ends_with_its_stream)
        following = Following(
            symbol=symbol, aggregation=aggregation, follower=follower, history=HISTORY_CANDLES, shows_forming=False
        )
        self._follow(following, stream, subscription)
        return subscription

    def live_candles(self, asset: str, period: int, history: int = HISTORY_CANDLES) -> LiveCandles:
        """The candles of an asset as they form and close, with their history, and without gaps.

        Yields ``(closed, forming)``: the candles that have closed since the last item (the first time: the history),
        and the forming one or None. They begin at multiples of the period since 1970, UTC. A lost connection leaves no
        gap: what it has cost is fetched (CandlesRefilled). What cannot be fetched is marked, never made up: the stretch
        is in ``.missing`` (and told as CandlesMissing), candles partly in it are not ``complete``.

        Args:
            asset: the platform's symbol, such as ``EURUSD_otc``.
            period: any whole number of seconds a candle lasts, up to a day.
            history: how many closed candles to begin with, up to 10 000.

        Raises:
            UsageError: there are no such candles.
            UnknownAsset, SubscriptionLimitReached: from ``.confirmed``, and from the first read.

        Example:
            >>> with PocketOption.simulated(seed=7) as client:
            ...     client.wait_ready(timeout=10)
            ...     live = client.live_candles("EURUSD_otc", 60, history=3)
            ...     closed, forming = live.get(timeout=10)
            >>> len(closed), forming.closed
            (3, False)
        """
        checked(GetCandles(symbol=Symbol(asset), period_seconds=period, count=history))
        if not 1 <= period <= DAY_SECONDS or history is None or not 0 <= history <= MOST_HISTORY:
            raise UsageError(f"period is 1 to {DAY_SECONDS} seconds, history 0 to {MOST_HISTORY} candles.")
        edge, symbol = self._edge, Symbol(asset)
        edge.require_started()
        name = edge.new_name(f"Live-{symbol}")
        stream = edge.adopt(LiveStream(name, edge.runtime, edge.settings.subscriptions.buffer))
        live = LiveCandles(symbol, period, stream, _ends_with_its_stream)
        following = Following(
            symbol=symbol, aggregation=TimeAligned(period), follower=name, history=history, shows_forming=True
        )
        self._follow(following, stream, live)
        return live

    def _stream(self, symbol: Symbol, *, is_direct: bool, buffer: int | None, overflow: Overflow | None) -> Stream[Any]:
        streams = self._edge.settings.subscriptions
        return self._edge.stream(
            f"Stream-{symbol}",
            (lambda event: event.ticks) if is_direct else (lambda event: (event.candle,)),
            buffer=streams.buffer if buffer is None else buffer,
            overflow=Overflow(streams.overflow) if overflow is None else overflow,
        )

    def _follow(self, following: Following, stream: Stream[Any], subscription: Subscription[Any]) -> None:
        """Have an actor of its own follow the asset until the stream ends."""
        edge, memory, symbol = self._edge, LiveMemory(), following.symbol
        name = edge.new_name(f"LiveCandles-{symbol}")
        tell = edge.system.directory.tell

        def stop() -> None:
            tell(SUBSCRIPTIONS, Unsubscribe(symbol=symbol, aggregation=Direct(), deliver_to=name))
            tell(SUPERVISOR, StopChild(name=name))

        edge.system.address(name)  # there before the actor is: it is subscribed at once
        tell(SUPERVISOR, StartChild(name=name, factory=lambda context: LiveCandlesActor(context, following, memory)))
        stream.on_end(stop)
        command = Subscribe(symbol=symbol, aggregation=Direct(), deliver_to=name)
        subscription.watch(edge.ask(SUBSCRIPTIONS, command, convert=lambda _reply: None))

    def _ask_candles(self, query: GetCandles, count: int, timeout: float | None = None) -> Future[tuple[Candle, ...]]:
        seconds = self._seconds_for(ceil(count / PAGE_CANDLES)) if timeout is None else timeout
        return self._edge.ask(GET_CANDLES, replace(query, within_seconds=seconds), seconds, reply_of("candles"))

    def _ask_ticks(
        self, what: str, asset: str, lookback_seconds: float, margin_seconds: float, convert: Callable[[Any], Any]
    ) -> Future[Any]:
        if not lookback_seconds > 0:
            return self._edge.refused(what, UsageError(_NO_SPAN))
        query = GetTicks(symbol=Symbol(asset), since=self._edge.runtime.clock.now() - lookback_seconds - margin_seconds)
        pages = ceil(min(lookback_seconds, LONGEST_TICKS_SECONDS) / TICKS_SECONDS_A_PAGE)
        seconds = self._seconds_for(pages)
        return self._edge.ask(GET_CANDLES, replace(query, within_seconds=seconds), seconds, convert)

    def _seconds_for(self, pages: int) -> float:
        return self._edge.settings.requests.timeout_seconds + SLACK_SECONDS + SECONDS_A_PAGE * (pages - 1)


def _ends_with_its_stream(_subscription: Subscription[Any]) -> None:
    """What follows an asset stops when its stream ends, whatever ended that."""
