"""The calls about prices: assets, candles, ticks and what streams.

Decides which of our calls is behind each, and when a time is the platform's own: always, but for the ``time`` of
candles that are numbers. Does not know how values look.
"""

from collections import deque
from collections.abc import AsyncGenerator, Iterable
from datetime import timedelta

from messages.market import Aggregation, Candle, Chunk, Direct, TimeAligned, Timed
from optionbus.compat import shapes
from optionbus.compat.errors import answer, translated
from optionbus.compat.pocketoption.async_base import AsyncBase
from optionbus.compat.pocketoption.streams import AsyncSubscription
from optionbus.compat.shapes import Shape

ASSETS_SECONDS = 60.0
HOUR_SECONDS = 3600

LiveCandles = tuple[list[Shape], Shape | None]


class AsyncPrices(AsyncBase):
    """Mixed into the client."""

    async def active_assets(self) -> list[Shape]:
        """The assets that can be traded now."""
        return [shapes.asset(found) for found in await answer(self.client.active_assets)]

    async def payouts(self) -> dict[str, int]:
        """The gain on a win of every active asset, percent."""
        return {str(found.symbol): found.payout_percent for found in await answer(self.client.active_assets)}

    async def payout(self, asset: str) -> int | None:
        """The gain on a win of one asset, percent; None where there is no such active asset."""
        return (await self.payouts()).get(asset)

    async def wait_for_assets(self, timeout: float = ASSETS_SECONDS) -> None:  # noqa: ASYNC109 - theirs
        """Wait until the assets are known. Raises TimedOut."""
        await answer(self.client.assets_loaded, timeout)

    async def candles(self, asset: str, period: int, count: int = 100, end_time: int | None = None) -> list[Shape]:
        """Candles, oldest first.

        Args:
            asset: the platform's symbol.
            period: seconds a candle lasts.
            count: how many.
            end_time: when they end, on the platform's clock. None: the last closed ones, and those are numbers with
                ``time`` in true UTC; with an end they are texts with ``timestamp`` on the platform's clock.
        """
        if end_time is None:
            found = await answer(self.client.candles, asset, period, count + 1)
            return [shapes.plain_candle(candle) for candle in found if candle.closed][-count:]
        offset = await self._offset()
        found = await answer(self.client.candles, asset, period, count, end_time - offset)
        return _with_state(found, offset)

    async def get_candles(self, asset: str, period: int, offset: int) -> list[Shape]:
        """The last so many closed candles; as ``candles``."""
        return await self.candles(asset, period, offset)

    async def get_candles_advanced(self, asset: str, period: int, offset: int, time: int) -> list[Shape]:
        """So many candles until then; as ``candles`` with an end."""
        return await self.candles(asset, period, offset, time)

    async def history(self, asset: str, period: int) -> list[Shape]:
        """Recent candles; the last one is forming."""
        return _with_state((await answer(self.client.history, asset, period)).candles, await self._offset())

    async def compile_candles(self, asset: str, custom_period: int, lookback_period: int) -> list[Shape]:
        """Candles of any whole period (seconds), compiled from the ticks of the last seconds; the last one is forming.

        Raises:
            ValueError: one of the two is not a whole number above 0.
        """
        _check_whole(custom_period=custom_period, lookback_period=lookback_period)
        found = await answer(self.client.compile_candles, asset, custom_period, lookback_period)
        return _with_state(found, await self._offset())

    async def ticks(self, asset: str, seconds: int) -> list[tuple[int, float]]:
        """The ticks of the last seconds: time on the platform's clock, and price.

        Raises:
            ValueError: the seconds are not a whole number above 0.
        """
        _check_whole(seconds=seconds)
        return [(int(tick.server_time), tick.price) for tick in await answer(self.client.ticks, asset, seconds)]

    async def get_ticks(self, asset: str, lookback_seconds: int) -> list[tuple[int, float]]:
        """As ``ticks``."""
        _check_whole(lookback_seconds=lookback_seconds)
        return await self.ticks(asset, lookback_seconds)

    async def subscribe_ticks(
        self,
        asset: str,
        *,
        chunk_size: int | None = None,
        interval: timedelta | None = None,
        aligned: bool = False,
    ) -> AsyncSubscription:
        """Let an asset stream.

        Args:
            asset: the platform's symbol.
            chunk_size: a candle of so many ticks each.
            interval: a candle of so long each.
            aligned: whether those begin at multiples of the interval.
        """
        aggregation = _aggregation(chunk_size, interval, aligned=aligned)
        with translated():
            subscription = self.client.subscribe(asset, aggregation)
        await answer(lambda: subscription.confirmed)
        if isinstance(aggregation, Direct):
            return AsyncSubscription(subscription, shapes.tick)
        offset = await self._offset()
        return AsyncSubscription(subscription, lambda candle: shapes.candle(candle, offset, is_closed=False))

    async def subscribe_symbol(self, asset: str) -> AsyncSubscription:
        """Every tick of an asset."""
        return await self.subscribe_ticks(asset)

    async def subscribe_symbol_chunked(self, asset: str, chunk_size: int) -> AsyncSubscription:
        """As ``subscribe_ticks(asset, chunk_size=…)``."""
        return await self.subscribe_ticks(asset, chunk_size=chunk_size)

    async def subscribe_symbol_timed(self, asset: str, time: timedelta) -> AsyncSubscription:
        """As ``subscribe_ticks(asset, interval=…)``."""
        return await self.subscribe_ticks(asset, interval=time)

    async def subscribe_symbol_time_aligned(self, asset: str, time: timedelta) -> AsyncSubscription:
        """As ``subscribe_ticks(asset, interval=…, aligned=True)``."""
        return await self.subscribe_ticks(asset, interval=time, aligned=True)

    async def unsubscribe(self, asset: str) -> None:
        """End everything that is subscribed of an asset."""
        self.client.unsubscribe(asset)

    async def get_candles_live(
        self, asset: str, period: int, hours: float = 2.0, max_rows: int = 100
    ) -> AsyncGenerator[LiveCandles, None]:
        """Candles without gaps: those closed so far, oldest first, and the forming one; again with every tick.

        Args:
            asset: the platform's symbol.
            period: seconds a candle lasts.
            hours: how far back the first ones reach.
            max_rows: how many closed ones are given at most.
        """
        rows: deque[Shape] = deque(maxlen=max_rows)
        with translated():
            live = self.client.live_candles(asset, period, min(max_rows, int(hours * HOUR_SECONDS / period)))
        try:
            while True:
                closed, forming = await answer(live.__anext__)
                rows.extend(map(shapes.plain_candle, closed))
                yield list(rows), None if forming is None else shapes.plain_candle(forming)
        except StopAsyncIteration:  # the client was shut down
            return
        finally:
            live.close()

    async def stream_candles(
        self, asset: str, period: int, *, history: float = 2.0, max_rows: int = 100
    ) -> AsyncGenerator[LiveCandles, None]:
        """As ``get_candles_live``; ``history`` are the hours."""
        async for item in self.get_candles_live(asset, period, history, max_rows):
            yield item


def _aggregation(chunk_size: int | None, interval: timedelta | None, *, aligned: bool) -> Aggregation:
    if chunk_size is not None:
        return Chunk(chunk_size)
    if interval is None:
        return Direct()
    seconds = interval.total_seconds()
    return TimeAligned(int(seconds)) if aligned else Timed(seconds)


def _with_state(found: Iterable[Candle], offset: float) -> list[Shape]:
    return [shapes.candle(candle, offset, is_closed=candle.closed) for candle in found]


def _check_whole(**given: int) -> None:
    for name, value in given.items():
        if not isinstance(value, int) or value <= 0:
            raise ValueError(f"{name} is {value!r}; give a whole number above 0.")
