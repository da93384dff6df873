"""The blocking client of BinaryOptionsToolsV2: the asyncio one, in a loop and a thread of its own.

Decides that each call waits for its answer. Does not know what the calls mean: their text and arguments are those of
the asyncio client.
"""

import asyncio
from asyncio import AbstractEventLoop
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator
from functools import wraps
from threading import Thread
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

from optionbus.compat.config import Config
from optionbus.compat.errors import NotAllowedError, UninitializedError
from optionbus.compat.not_offered import NOT_OFFERED
from optionbus.compat.pocketoption.async_prices import LiveCandles
from optionbus.compat.pocketoption.asynchronous import PocketOptionAsync
from optionbus.compat.pocketoption.models import Trade, TradeResult
from optionbus.compat.pocketoption.streams import AsyncRawSubscription, AsyncSubscription, RawHandler
from optionbus.compat.validator import Validator

__all__ = [
    "Config",
    "PocketOption",
    "PocketOptionAsync",
    "RawHandlerSync",
    "SyncCandleLiveIterator",
    "SyncRawSubscription",
    "SyncSubscription",
    "Trade",
    "TradeResult",
    "Validator",
]

P = ParamSpec("P")
T = TypeVar("T")

SyncSubscription = AsyncSubscription
SyncRawSubscription = AsyncRawSubscription
"""Both are read in plain code as well."""


def _run(coroutine: Coroutine[Any, Any, T], loop: AbstractEventLoop) -> T:
    """What comes of it in the loop of another thread."""
    if loop.is_closed():
        coroutine.close()
        raise UninitializedError("The client was shut down; make another one.")
    return asyncio.run_coroutine_threadsafe(coroutine, loop).result()


def _blocking(
    call: Callable[Concatenate[PocketOptionAsync, P], Coroutine[Any, Any, T]],
) -> "Callable[Concatenate[PocketOption, P], T]":
    @wraps(call)
    def wait(self: "PocketOption", /, *arguments: P.args, **named: P.kwargs) -> T:
        return _run(call(self.client, *arguments, **named), self.loop)

    return wait


class SyncCandleLiveIterator:
    """Live candles: those closed so far, and the forming one."""

    def __init__(self, async_gen: AsyncGenerator[LiveCandles, None], loop: AbstractEventLoop) -> None:
        self._candles = async_gen
        self._loop = loop

    def __iter__(self) -> Iterator[LiveCandles]:
        return self

    def __next__(self) -> LiveCandles:
        try:
            return _run(self._next(), self._loop)
        except StopAsyncIteration:
            raise StopIteration from None

    def close(self) -> None:
        """Want no more."""
        _run(self._candles.aclose(), self._loop)

    async def _next(self) -> LiveCandles:
        return await anext(self._candles)


class RawHandlerSync:
    """Raw messages that pass a validator, and ways to send; see ``raw_handler`` of the client."""

    def __init__(self, async_handler: RawHandler, loop: AbstractEventLoop) -> None:
        self._handler = async_handler
        self._loop = loop

    def send_text(self, message: str) -> None:
        """Send a text message as it is."""
        _run(self._handler.send_text(message), self._loop)

    def send_binary(self, data: bytes) -> None:
        """Send a binary message as it is."""
        _run(self._handler.send_binary(data), self._loop)

    def send_and_wait(self, message: str) -> str:
        """Send a message; the first part that passes of what comes from now on."""
        return _run(self._handler.send_and_wait(message), self._loop)

    def wait_next(self) -> str:
        """The next part that passes."""
        return _run(self._handler.wait_next(), self._loop)

    def subscribe(self) -> SyncRawSubscription:
        """An iterator over the parts that pass."""
        return _run(self._handler.subscribe(), self._loop)

    def id(self) -> str:
        """Its name."""
        return self._handler.id()

    def close(self) -> None:
        """Want no more."""
        _run(self._handler.close(), self._loop)


class PocketOption:
    """A session with the platform, in plain code; see PocketOptionAsync. The constructor waits for the assets, too."""

    def __init__(
        self,
        ssid: str,
        url: str | None = None,
        config: Config | dict[str, Any] | str | None = None,
        *,
        allow_real: bool = False,
        **_: Any,  # noqa: ANN401 - whatever other versions took
    ) -> None:
        self._client = PocketOptionAsync(ssid, url, config, allow_real=allow_real)
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="PocketOption", daemon=True)
        self._thread.start()
        try:
            self.wait_for_assets()
        except BaseException:
            self.close()
            raise

    @classmethod
    def try_demo(cls, token: str | None = None) -> Self:  # noqa: ARG003 - theirs
        """Refused; the text says what there is instead."""
        raise NotAllowedError(NOT_OFFERED["PocketOption.try_demo"])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def __del__(self) -> None:
        if "_thread" in vars(self):  # else it was refused
            self.close()

    @property
    def loop(self) -> AbstractEventLoop:
        """The loop that its calls run in."""
        return self._loop

    @property
    def client(self) -> PocketOptionAsync:
        """The asyncio client behind it."""
        return self._client

    @property
    def config(self) -> Config:
        """Its settings."""
        return self._client.config

    def close(self) -> None:
        """End everything; twice is no error."""
        if self._loop.is_closed():
            return
        self._client.client.stop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    shutdown = close

    def is_demo(self) -> bool:
        """Whether it is a demo account."""
        return self._client.is_demo()

    def is_connected(self) -> bool:
        """Whether the session is logged in."""
        return self._client.is_connected()

    def is_ssid_valid(self) -> bool:
        """False once the platform has refused the session."""
        return self._client.is_ssid_valid()

    wait_for_assets = _blocking(PocketOptionAsync.wait_for_assets)
    balance = _blocking(PocketOptionAsync.balance)
    get_server_time = _blocking(PocketOptionAsync.get_server_time)
    connect = _blocking(PocketOptionAsync.connect)
    disconnect = _blocking(PocketOptionAsync.disconnect)
    reconnect = _blocking(PocketOptionAsync.reconnect)

    buy = _blocking(PocketOptionAsync.buy)
    sell = _blocking(PocketOptionAsync.sell)
    check_win = _blocking(PocketOptionAsync.check_win)
    get_deal_end_time = _blocking(PocketOptionAsync.get_deal_end_time)
    opened_deals = _blocking(PocketOptionAsync.opened_deals)
    closed_deals = _blocking(PocketOptionAsync.closed_deals)
    clear_closed_deals = _blocking(PocketOptionAsync.clear_closed_deals)

    def get_opened_deal(self, trade_id: str) -> Trade | None:
        """One open deal; None where it is not known."""
        return _run(self._client.get_opened_deal(trade_id), self._loop)

    def get_closed_deal(self, trade_id: str) -> Trade | None:
        """One closed deal; None where it is not known."""
        return _run(self._client.get_closed_deal(trade_id), self._loop)

    open_pending_order = _blocking(PocketOptionAsync.open_pending_order)
    get_pending_deals = _blocking(PocketOptionAsync.get_pending_deals)
    cancel_pending_order = _blocking(PocketOptionAsync.cancel_pending_order)
    cancel_pending_orders = _blocking(PocketOptionAsync.cancel_pending_orders)

    active_assets = _blocking(PocketOptionAsync.active_assets)
    payout = _blocking(PocketOptionAsync.payout)
    payouts = _blocking(PocketOptionAsync.payouts)
    candles = _blocking(PocketOptionAsync.candles)
    get_candles = _blocking(PocketOptionAsync.get_candles)
    get_candles_advanced = _blocking(PocketOptionAsync.get_candles_advanced)
    history = _blocking(PocketOptionAsync.history)
    compile_candles = _blocking(PocketOptionAsync.compile_candles)
    ticks = _blocking(PocketOptionAsync.ticks)
    get_ticks = _blocking(PocketOptionAsync.get_ticks)

    subscribe_ticks = _blocking(PocketOptionAsync.subscribe_ticks)
    subscribe_symbol = _blocking(PocketOptionAsync.subscribe_symbol)
    subscribe_symbol_chunked = _blocking(PocketOptionAsync.subscribe_symbol_chunked)
    subscribe_symbol_timed = _blocking(PocketOptionAsync.subscribe_symbol_timed)
    subscribe_symbol_time_aligned = _blocking(PocketOptionAsync.subscribe_symbol_time_aligned)
    unsubscribe = _blocking(PocketOptionAsync.unsubscribe)

    def get_candles_live(
        self, asset: str, period: int, hours: float = 2.0, max_rows: int = 100
    ) -> SyncCandleLiveIterator:
        """Candles without gaps; see the asyncio client."""
        return SyncCandleLiveIterator(self._client.get_candles_live(asset, period, hours, max_rows), self._loop)

    def stream_candles(
        self, asset: str, period: int, *, history: float = 2.0, max_rows: int = 100
    ) -> SyncCandleLiveIterator:
        """As ``get_candles_live``; ``history`` are the hours."""
        return self.get_candles_live(asset, period, history, max_rows)

    send_raw = _blocking(PocketOptionAsync.send_raw)
    send_raw_message = _blocking(PocketOptionAsync.send_raw_message)
    subscribe_raw = _blocking(PocketOptionAsync.subscribe_raw)
    raw_request = _blocking(PocketOptionAsync.raw_request)
    raw_stream = _blocking(PocketOptionAsync.raw_stream)
    create_raw_order = _blocking(PocketOptionAsync.create_raw_order)
    create_raw_order_with_timeout = _blocking(PocketOptionAsync.create_raw_order_with_timeout)
    create_raw_order_with_timeout_and_retry = _blocking(PocketOptionAsync.create_raw_order_with_timeout_and_retry)
    create_raw_iterator = _blocking(PocketOptionAsync.create_raw_iterator)

    def raw_handler(self, validator: Validator, keep_alive: str | None = None) -> RawHandlerSync:
        """Pick messages; see the asyncio client."""
        return RawHandlerSync(_run(self._client.raw_handler(validator, keep_alive), self._loop), self._loop)

    def create_raw_handler(self, validator: Validator, keep_alive: str | None = None) -> RawHandlerSync:
        """As ``raw_handler``."""
        return self.raw_handler(validator, keep_alive)
