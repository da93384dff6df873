"""What a client can ask about prices: assets, subscriptions, the platform's clock.

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
    GetSubscriptions,
    Subscribe,
    Symbol,
    Tick,
    TicksReceived,
    Unsubscribe,
)
from optionbus.arguments import checked, checked_kind, checked_text
from optionbus.edge import Edge, reply_of
from optionbus.stream import Overflow
from optionbus.subscription import Subscription

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

        Example:
            >>> with PocketOption.simulated(seed=7) as client:
            ...     client.wait_ready(timeout=10)
            ...     payouts = client.payout(["EURUSD_otc", "#AAPL_otc"]).get()
            >>> sorted(payouts), 0 <= payouts["EURUSD_otc"] <= 100
            (['#AAPL_otc', 'EURUSD_otc'], True)
        """
        if isinstance(asset, str):
            return self._ask_assets(lambda assets: _find(assets, asset).payout_percent)
        wanted = None if asset is None else _symbols(asset)
        return self._ask_assets(lambda assets: _payouts(assets, wanted))

    def validate_asset(self, asset: str, duration: int) -> Future[Asset]:
        """The asset, if it exists and can be traded for so many seconds.

        Raises (from the future):
            UnknownAsset: it does not exist.
            InvalidDuration: it is not offered so short.
            UsageError: it is closed just now.
        """
        checked_text("validate_asset", "asset", asset)
        checked_kind("validate_asset", "duration", duration, int, "whole seconds")
        return self._ask_assets(lambda assets: _tradable(_find(assets, asset), duration))

    def subscribe(
        self,
        asset: str,
        aggregation: Aggregation = Direct(),  # noqa: B008 - frozen
        *,
        deliver_to: str | None = None,
        buffer: int | None = None,
        overflow: Overflow | None = None,
    ) -> Subscription[Any]:
        """Let an asset stream; returns at once.

        Args:
            asset: the platform's symbol, such as ``EURUSD_otc``.
            aggregation: ``Direct()`` yields Tick; ``Chunk(ticks)``, ``Timed(seconds)`` and ``TimeAligned(seconds)``
                yield Candle when it is closed.
            deliver_to: the name of an actor that is to be told TicksReceived or CandleClosed instead.
            buffer: how many items wait for a slow reader.
            overflow: what becomes of items for which there is no room; ``.dropped`` counts them. None: as configured.

        Raises (from ``.confirmed``, and from the first read):
            UnknownAsset, InvalidAggregation, SubscriptionLimitReached.

        Example:
            >>> with PocketOption.simulated(seed=7) as client:
            ...     client.wait_ready(timeout=10)
            ...     candles = client.subscribe("EURUSD_otc", TimeAligned(5))
            ...     candle = next(candles)
            >>> candle.period_seconds, candle.closed
            (5, True)
        """
        edge, symbol = self._edge, Symbol(asset)
        checked(Subscribe(symbol=symbol, aggregation=aggregation, deliver_to=AddressName(deliver_to or "")))
        unpack = _ticks if isinstance(aggregation, Direct) else _candle
        size = edge.settings.subscriptions.buffer if buffer is None else buffer
        policy = Overflow(edge.settings.subscriptions.overflow) if overflow is None else overflow
        stream = edge.stream(f"Stream-{symbol}", unpack, buffer=size, overflow=policy)
        name = AddressName(stream.name if deliver_to is None else deliver_to)
        subscription: Subscription[Any] = Subscription(symbol, aggregation, name, stream, self._unsubscribe)
        command = Subscribe(symbol=symbol, aggregation=aggregation, deliver_to=name)
        subscription.watch(edge.ask(SUBSCRIPTIONS, command, convert=lambda _reply: None))
        return subscription

    def unsubscribe(self, what: str | Subscription[Any]) -> None:
        """End one subscription, or everything that is subscribed of an asset; what is not subscribed is no error.

        Raises InvalidArgument: it is neither.
        """
        if isinstance(what, Subscription):
            what.close()
        else:
            symbol = Symbol(checked_text("unsubscribe", "what", what))
            self._edge.tell(SUBSCRIPTIONS, Unsubscribe(symbol=symbol, deliver_to=AddressName("")))

    def subscriptions(self) -> Future[tuple[tuple[Symbol, Aggregation], ...]]:
        """Everything that is wanted, whether or not it streams just now."""
        return self._edge.ask(SUBSCRIPTIONS, GetSubscriptions(), convert=reply_of("wanted"))

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


def _symbols(given: Iterable[str]) -> tuple[str, ...]:
    checked_kind("payout", "asset", given, Iterable, "a symbol, several, or None")
    return tuple(checked_text("payout", "asset", symbol) for symbol in given)


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
