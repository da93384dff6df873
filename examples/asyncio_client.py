"""In asyncio: every future can be awaited, and every stream is an async iterator. The loop is never blocked.

Run it: ``python examples/asyncio_client.py``
"""

import asyncio

from optionbus import PocketOption, Tick, TimeAligned


async def first_tick(client: PocketOption, asset: str) -> Tick:
    """The next price of an asset."""
    tick: Tick = await anext(client.subscribe(asset))
    return tick


async def main() -> None:
    """Several things at once, on one thread."""
    async with PocketOption.simulated(seed=7, speed=60) as client:
        await asyncio.gather(client.ready(timeout=10), client.assets_loaded(timeout=10))
        for tick in await asyncio.gather(first_tick(client, "EURUSD_otc"), first_tick(client, "USDJPY_otc")):
            print(tick.symbol, tick.price)

        async for candle in client.subscribe("EURUSD_otc", TimeAligned(5)):
            print(f"a candle of {candle.period_seconds} s")
            break
        deal = await client.buy("EURUSD_otc", 10, duration=30)
        result = await client.result(deal.id)
        print(f"{result.outcome.value} {result.profit:+}")

        client.disconnect_and_hold()
        await client.disconnected(timeout=10)
        print(f"connected: {client.is_connected}")


if __name__ == "__main__":
    asyncio.run(main())
