"""A strategy written for BinaryOptionsToolsV2: nothing but its import has changed. Its handlers may wait.

Run it: ``python examples/moved_strategy.py``
"""

import asyncio
import json

from optionbus import PocketOption
from optionbus.compat import Action, PyBot, PyContext, PyStrategy  # was: from BinaryOptionsToolsV2 import ...


class Contrarian(PyStrategy):
    """Bets that the next candle goes the other way, as it did."""

    def on_balance(self, _ctx: PyContext, balance: float) -> None:
        """Called after the start, and when it has changed."""
        print("balance", balance)

    def on_candle(self, ctx: PyContext, asset: str, candle_json: str) -> None:
        """Called with each candle; those that come while it waits are told afterwards."""
        candle = json.loads(candle_json)
        action = Action.Put if float(candle["close"]) > float(candle["open"]) else Action.Call
        deal_id, _deal = self.trade(ctx, asset, 10.0, 15, action)
        print(action, json.loads(self.result(ctx, deal_id))["profit"])


async def main() -> None:
    """Let it trade for two minutes of a market sixty times as fast as a real one."""
    async with PocketOption.simulated(seed=7, speed=60) as client:  # was: PocketOptionAsync(ssid).client
        await client.ready(timeout=10)
        bot = PyBot(client, Contrarian())
        bot.add_asset("EURUSD_otc", 15)
        await asyncio.wait([asyncio.ensure_future(bot.run())], timeout=2)


if __name__ == "__main__":
    asyncio.run(main())
