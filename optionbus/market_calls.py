"""What a client can ask about prices: assets, subscriptions, candles, history, the platform's clock.

Decides names, argument checks and deadlines. Does not know how ticks arrive.
"""

from collections.abc import Callable, Iterable
from typing import Any, overload

from actors.api.subscriptions import similar
from actors.future import Future
from messages.account import GetServerTime, ServerTime
from messages.base import AddressName
from messages.errors import InvalidDuration, UnknownAsset, UsageError
from messages.market import (
    Aggregation,
    Asset,
    Candle,
    CandleClosed,
    Direct,
    GetAssets,
    GetCandles,
    GetHistory,
    GetSubscriptions,
    History,
    Subscribe,
    Symbol,
    Tick,
    TicksReceived,
    Unsubscribe,
)
from optionbus.arguments import checked
from optionbus.edge import Edge, reply_of
from optionbus.stream import Overflow
from optionbus.subscription import Subscription
from optionbus.trading_calls import SLACK_SECONDS

ASSETS = AddressName("Assets")
SUBSCRIPTIONS = AddressName("Subscriptions")


class MarketCalls:
    """Mixed into the client."""

    _edge: Edge

    def server_time(self) -> Future[ServerTime]:
        """What time it is on the platform: true UTC, its raw clock, and how far that is ahead (seconds)."""
        return self._edge.ask(AddressName("ServerTime"), GetServerTime())

    def assets(self) -> Future[tuple[Asset, ...]]:
        """All assets, once they are known."""
        return self._edge.ask(ASSETS, GetAssets(), convert=reply_of("assets"))

    def active_assets(self) -> Future[tuple[Asset, ...]]:
        """The assets that can be traded now."""
        return self._ask_assets(lambda assets: tuple(asset for asset in assets if asset.is_active))

    @overload
    def payout(self, asset: str) -> Future[int]: ...  # type: ignore[overload-overlap] # a text is one symbol
    @overload
    def payout(self, asset: Iterable[str] | None = None) -> Future[dict[str, int]]: ...
    def payout(self, asset: str | Iterable[str] | None = None) -> Future[Any]:
        """The gain on a win in percent of the stake: of one asset, of some (a dict by symbol), or of all.

        Raises (from the future):
            UnknownAsset: one of them does not exist.
        """
        if isinstance(asset, str):
            return self._ask_assets(lambda assets: _find(assets, asset).payout_percent)
        wanted = None if asset is None else tuple(asset)
        return self._ask_assets(lambda assets: _payouts(assets, wanted))

    def validate_asset(self, asset: str, duration: int) -> Future[Asset]:
        """The asset, if it exists and can be traded for so many seconds.

        Raises (from the future):
            UnknownAsset: it does not exist.
            InvalidDuration: it is not offered so short.
            UsageError: it is closed just now.
        """
        return self._ask_assets(lambda assets: _tradable(_find(assets, asset), duration))

    def subscribe(
        self,
        asset: str,
        aggregation: Aggregation = Direct(),  # noqa: B008 - frozen
        *,
        deliver_to: str | None = None,
        buffer: int | None = None,
        overflow: Overflow = Overflow.DROP_OLDEST,
    ) -> Subscription[Any]:
        """Let an asset stream; returns at once.

        Args:
            asset: the platform's symbol, such as ``EURUSD_otc``.
            aggregation: ``Direct()`` yields Tick; ``Chunk(ticks)``, ``Timed(seconds)`` and ``TimeAligned(seconds)``
                yield Candle when it is closed.
            deliver_to: the name of an actor that is to be told TicksReceived or CandleClosed instead.
            buffer: how many items wait for a slow reader.
            overflow: what becomes of items for which there is no room; ``.dropped`` counts them.

        Raises (from ``.confirmed``, and from the first read):
            UnknownAsset, InvalidAggregation, SubscriptionLimitReached.
        """
        edge, symbol = self._edge, Symbol(asset)
        checked(Subscribe(symbol=symbol, aggregation=aggregation, deliver_to=AddressName(deliver_to or "")))
        unpack = _ticks if isinstance(aggregation, Direct) else _candle
        size = edge.settings.subscriptions.buffer if buffer is None else buffer
        stream = edge.stream(f"Stream-{symbol}", unpack, buffer=size, overflow=overflow)
        name = AddressName(stream.name if deliver_to is None else deliver_to)
        subscription: Subscription[Any] = Subscription(symbol, aggregation, name, stream, self._unsubscribe)
        command = Subscribe(symbol=symbol, aggregation=aggregation, deliver_to=name)
        subscription.watch(edge.ask(SUBSCRIPTIONS, command, convert=lambda _reply: None))
        return subscription

    def unsubscribe(self, what: str | Subscription[Any]) -> None:
        """End one subscription, or everything that is subscribed of an asset."""
        if isinstance(what, Subscription):
            what.close()
        else:
            self._edge.tell(SUBSCRIPTIONS, Unsubscribe(symbol=Symbol(what), deliver_to=AddressName("")))

    def subscriptions(self) -> Future[tuple[tuple[Symbol, Aggregation], ...]]:
        """Everything that is wanted, whether or not it streams just now."""
        return self._edge.ask(SUBSCRIPTIONS, GetSubscriptions(), convert=reply_of("wanted"))

    def candles(
        self, asset: str, period: int, count: int = 100, end: float | None = None, *, timeout: float | None = None
    ) -> Future[tuple[Candle, ...]]:
        """Older candles, oldest first.

        Args:
            asset: the platform's symbol.
            period: seconds a candle lasts.
            count: how many.
            end: UTC seconds at which they end; None: now.
            timeout: seconds to wait at most; many candles take several requests.

        Raises (from the future):
            UnknownAsset: there is no such asset.
        """
        query = checked(GetCandles(symbol=Symbol(asset), period_seconds=period, count=count, end=end))
        if period <= 0 or count <= 0:
            return self._edge.refused("candles", UsageError("period and count are whole numbers above 0."))
        seconds = self._edge.settings.requests.timeout_seconds + SLACK_SECONDS if timeout is None else timeout
        return self._edge.ask(AddressName("GetCandles"), query, seconds, reply_of("candles"))

    def history(self, asset: str, period: int) -> Future[History]:
        """Recent ticks and candles of ``period`` seconds, as the platform gives them on a change of symbol.

        Raises UnknownAsset from the future.
        """
        query = checked(GetHistory(symbol=Symbol(asset), period_seconds=period))
        seconds = self._edge.settings.requests.timeout_seconds + SLACK_SECONDS
        return self._edge.ask(AddressName("HistoricalData"), query, seconds)

    def _unsubscribe(self, subscription: Subscription[Any]) -> None:
        command = Unsubscribe(
            symbol=subscription.symbol,
            aggregation=subscription.aggregation,
            deliver_to=subscription.deliver_to,
        )
        self._edge.tell(SUBSCRIPTIONS, command)

    def _ask_assets(self, convert: Callable[[tuple[Asset, ...]], Any]) -> Future[Any]:
        return self._edge.ask(ASSETS, GetAssets(), convert=lambda reply: convert(reply.assets))


def _find(assets: Iterable[Asset], symbol: str) -> Asset:
    by_symbol = {asset.symbol: asset for asset in assets}
    if symbol not in by_symbol:
        raise UnknownAsset(symbol, similar(Symbol(symbol), frozenset(by_symbol)))
    return by_symbol[Symbol(symbol)]


def _payouts(assets: tuple[Asset, ...], wanted: tuple[str, ...] | None) -> dict[str, int]:
    chosen = assets if wanted is None else [_find(assets, symbol) for symbol in wanted]
    return {asset.symbol: asset.payout_percent for asset in chosen}


def _tradable(asset: Asset, duration: int) -> Asset:
    if not asset.is_active:
        raise UsageError(f"{asset.symbol} is closed just now; active_assets() lists those that are not.")
    if duration < asset.min_duration_seconds:
        raise InvalidDuration(duration, asset.min_duration_seconds, 43_200)
    return asset


def _ticks(event: TicksReceived) -> tuple[Tick, ...]:
    return event.ticks


def _candle(event: CandleClosed) -> tuple[Candle]:
    return (event.candle,)
