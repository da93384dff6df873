"""A bot written for BinaryOptionsToolsV2: nothing but its import has changed.

Run it: ``python examples/moved_bot.py``
"""

import asyncio

from optionbus.compat import PocketOptionAsync  # was: from BinaryOptionsToolsV2 import PocketOptionAsync
from simulator.broker import Broker
from simulator.server import SimulatorServer

SSID = '42["auth",{"session":"of-an-account-of-nobody","isDemo":1,"uid":1,"platform":2}]'


async def bot(url: str) -> None:
    """As it was."""
    async with PocketOptionAsync(SSID, url=url) as client:
        print(await client.balance())
        candles = await client.candles("EURUSD_otc", 60, count=20)
        print(len(candles), sorted(candles[0]))
        trade_id, deal = await client.buy("EURUSD_otc", 10.0, 60)
        print(trade_id in await client.opened_deals(), deal["asset"])


if __name__ == "__main__":
    with SimulatorServer(Broker(seed=7)) as server:  # in place of the platform
        asyncio.run(bot(server.url))
