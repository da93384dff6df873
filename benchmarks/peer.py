"""The peer: BinaryOptionsToolsV2, whose core is native (Rust), in asyncio as its documentation shows it.

A contestant. Decides how the same is asked of it as of ours. Where it hangs, it says so by a figure of its own and no
others.
"""

import asyncio
import os
import time
import warnings
from collections.abc import Awaitable, Callable
from typing import Any

from benchmarks import task
from benchmarks.frames import SYMBOLS, stamp
from benchmarks.task import PATIENCE_SECONDS, SSID, Figures, Task

ORDER_SECONDS = 5.0
"""An order unanswered for so long counts as hanging."""


def _asked(ask: Callable[[Any, Task], Awaitable[Figures]]) -> Callable[[Task], Figures]:
    async def run(given: Task) -> Figures:
        from BinaryOptionsToolsV2.pocketoption import PocketOptionAsync  # noqa: PLC0415 - only where it is installed

        client = PocketOptionAsync(SSID, url=given.url)
        await client.wait_for_assets(timeout=PATIENCE_SECONDS)
        return await ask(client, given)

    def measure(given: Task) -> Figures:
        warnings.simplefilter("ignore", DeprecationWarning)
        return asyncio.run(asyncio.wait_for(run(given), PATIENCE_SECONDS))

    return measure


async def ticks(client: Any, given: Task) -> Figures:  # noqa: ANN401 - it has no types
    """Ticks a second, from the socket to the loop."""
    stream = await client.subscribe_symbol(SYMBOLS[0])
    task.begin(given.port)
    cpu = task.cpu_seconds()
    left, begin = given.plan.ticks, 0.0
    async for _tick in stream:
        begin = begin or time.perf_counter()
        left -= 1
        if left == 0:
            break
    return task.throughput(given.plan.ticks, time.perf_counter() - begin, task.cpu_seconds() - cpu)


async def latency(client: Any, given: Task) -> Figures:  # noqa: ANN401
    """How long a tick is under way at a steady rate."""
    stream = await client.subscribe_symbol(SYMBOLS[0])
    task.begin(given.port)
    waits: list[float] = []
    async for tick in stream:
        waits.append(stamp() - float(tick["close"]))
        if len(waits) == given.plan.ticks:
            break
    return task.latencies(waits)


async def buy(client: Any, given: Task) -> Figures:  # noqa: ANN401
    """From an order to its deal, one order after the other."""
    waits: list[float] = []
    for _ in range(task.WARM_UP_ORDERS + given.orders):
        begin = time.perf_counter()
        try:
            await asyncio.wait_for(client.buy(SYMBOLS[0], 1.0, 60), ORDER_SECONDS)
        except TimeoutError:
            return {"answered": float(len(waits))}
        waits.append(time.perf_counter() - begin)
    return task.latencies(waits[task.WARM_UP_ORDERS :])


async def buy_streaming(client: Any, given: Task) -> Figures:  # noqa: ANN401
    """The same while ticks stream to a loop."""
    stream = await client.subscribe_symbol(SYMBOLS[0])

    async def consume() -> None:
        async for _tick in stream:
            pass

    reader = asyncio.create_task(consume())
    task.begin(given.port)
    figures = await buy(client, given)
    reader.cancel()
    return figures


async def buy_stuck(client: Any, given: Task) -> Figures:  # noqa: ANN401
    """The same while nobody reads a subscription that streams."""
    _stream = await client.subscribe_symbol(SYMBOLS[0])
    task.begin(given.port)
    return await buy(client, given)


async def fetch(client: Any, given: Task) -> Figures:  # noqa: ANN401
    """1 000 candles as the platform has them: page by page, since one question brings one page."""
    end = int(time.time()) // task.FETCHED_SECONDS * task.FETCHED_SECONDS

    async def download() -> list[Any]:
        candles: list[Any] = []
        until = end
        while len(candles) < task.CANDLES:
            page = await client.candles(SYMBOLS[0], task.FETCHED_SECONDS, task.CANDLES - len(candles), until)
            until -= len(page) * task.FETCHED_SECONDS
            candles = page + candles
        return candles

    return await _downloads(download, given)


async def compile_ticks(client: Any, given: Task) -> Figures:  # noqa: ANN401
    """1 000 candles that it compiles from the prices of the past, which it fetches as candles of a second."""
    seconds = task.CANDLES * task.COMPILED_SECONDS
    return await _downloads(lambda: client.compile_candles(SYMBOLS[0], task.COMPILED_SECONDS, seconds), given)


async def _downloads(download: Callable[[], Awaitable[list[Any]]], given: Task) -> Figures:
    waits: list[float] = []
    for _ in range(task.WARM_UP_DOWNLOADS + given.downloads):
        begin = time.perf_counter()
        candles = await download()
        waits.append(time.perf_counter() - begin)
        task.check_candles(len(candles))
    return task.latencies(waits[task.WARM_UP_DOWNLOADS :])


if __name__ == "__main__":
    task.main(
        {ask.__name__: _asked(ask) for ask in (ticks, latency, buy, buy_streaming, buy_stuck, fetch, compile_ticks)}
    )
    os._exit(0)  # its native threads may crash while the interpreter ends, which is not what is measured
